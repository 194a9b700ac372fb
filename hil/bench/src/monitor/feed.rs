//! Where samples come from while a board is watched.
//!
//! In comes a session, out go the samples that the board meters and the windows that they completed. This file must not
//! know screens. Whatever the source, readings are those of the board.

use std::time::{Duration, Instant};

use anyhow::Result;
use datasets::Channels;
use hil_link::{Config, Window};

use crate::header;
use crate::plan::Plan;
use crate::session::Session;

/// A source of samples.
pub trait Feed {
    /// Configures the board and begins anew.
    ///
    /// # Errors
    /// The board refuses or is lost.
    fn begin(&mut self, session: &mut Session) -> Result<Config>;

    /// The next stretch; comes back when the board has metered it, at the latest after some tenths of a second.
    ///
    /// # Errors
    /// The board refuses or is lost.
    fn step(&mut self, session: &mut Session) -> Result<Stretch>;

    /// Seconds of samples per second since the begin; 1 is real time.
    fn pace(&self) -> f64;
}

/// What one step brought.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    /// Codes of every channel.
    pub codes: Channels<Vec<i32>>,
    /// Windows that ended.
    pub windows: Vec<Window>,
}

/// Samples that the bench plays, again and again, no faster than real time.
pub struct Played {
    plan: Plan,
    most: usize,
    /// Frames sent since the begin.
    sent: u64,
    begun: Instant,
    rate_hz: f64,
}

impl Played {
    /// Plays a plan with at least one frame.
    pub fn new(plan: Plan) -> Self {
        let rate_hz = header::rate_hz(&plan.config);
        Self { plan, most: 0, sent: 0, begun: Instant::now(), rate_hz }
    }

    /// Waits until the samples sent so far would have been taken.
    fn keep_time(&self) {
        let due = Duration::from_secs_f64(self.sent as f64 / self.rate_hz);
        std::thread::sleep(due.saturating_sub(self.begun.elapsed()).min(Duration::from_millis(200)));
    }
}

impl Feed for Played {
    fn begin(&mut self, session: &mut Session) -> Result<Config> {
        let tenth = (self.rate_hz / 10.0) as usize;
        self.most = session.configure(&self.plan.config)?.min(tenth).max(1);
        (self.sent, self.begun) = (0, Instant::now());
        Ok(self.plan.config.clone())
    }

    fn step(&mut self, session: &mut Session) -> Result<Stretch> {
        self.keep_time();
        let frames = self.plan.frames();
        let from = (self.sent % frames.max(1) as u64) as usize;
        let to = (from + self.most).min(frames);
        let windows = session.samples(self.sent, &self.plan.packed(from, to))?;
        self.sent += (to - from) as u64;
        Ok(Stretch { codes: self.plan.codes.map(|codes| codes[from..to].to_vec()), windows })
    }

    fn pace(&self) -> f64 {
        self.sent as f64 / self.rate_hz / self.begun.elapsed().as_secs_f64().max(1e-3)
    }
}
