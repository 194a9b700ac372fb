//! Where samples come from while a board is watched.
//!
//! In comes a session, out go the samples that the board meters and the windows that they completed. This file must not
//! know screens. Whatever the source, readings are those of the board.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use datasets::Channels;
use hil_link::{Config, Window};

use crate::capture::frames::Frames;
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

/// What a board meters while it is watched.
#[derive(Clone, Debug)]
pub enum Metered {
    /// What the bench plays, at least one frame.
    Played(Plan),
    /// What the board's own source gives of this signal.
    Own(Config, Box<hil_link::Signal>),
}

impl Metered {
    /// A source of it that was not begun.
    pub fn feed(&self) -> Box<dyn Feed> {
        match self {
            Self::Played(plan) => Box::new(Played { plan: plan.clone(), most: 0, pace: Pace::begin(&plan.config) }),
            Self::Own(config, signal) => {
                let (config, signal) = (config.clone(), signal.clone());
                Box::new(Own { most: config.block_frames(), pace: Pace::begin(&config), config, signal })
            }
        }
    }
}

/// Frames against the clock.
struct Pace {
    /// Frames since the begin.
    frames: u64,
    begun: Instant,
    rate_hz: f64,
}

impl Pace {
    fn begin(config: &Config) -> Self {
        Self { frames: 0, begun: Instant::now(), rate_hz: header::rate_hz(config) }
    }

    /// Waits until the frames so far would have been taken.
    fn keep_time(&self) {
        let due = Duration::from_secs_f64(self.frames as f64 / self.rate_hz);
        std::thread::sleep(due.saturating_sub(self.begun.elapsed()).min(Duration::from_millis(200)));
    }

    fn value(&self) -> f64 {
        self.frames as f64 / self.rate_hz / self.begun.elapsed().as_secs_f64().max(1e-3)
    }
}

/// Samples that the bench plays, again and again, no faster than real time.
struct Played {
    plan: Plan,
    most: usize,
    pace: Pace,
}

impl Feed for Played {
    fn begin(&mut self, session: &mut Session) -> Result<Config> {
        let tenth = (self.pace.rate_hz / 10.0) as usize;
        self.most = session.configure(&self.plan.config)?.min(tenth).max(1);
        self.pace = Pace::begin(&self.plan.config);
        Ok(self.plan.config.clone())
    }

    fn step(&mut self, session: &mut Session) -> Result<Stretch> {
        self.pace.keep_time();
        let frames = self.plan.frames();
        let from = (self.pace.frames % frames.max(1) as u64) as usize;
        let to = (from + self.most).min(frames);
        let windows = session.samples(self.pace.frames, &self.plan.packed(from, to))?;
        self.pace.frames += (to - from) as u64;
        Ok(Stretch { codes: self.plan.codes.map(|codes| codes[from..to].to_vec()), windows })
    }

    fn pace(&self) -> f64 {
        self.pace.value()
    }
}

/// Samples of the board's own source, which the board sends as it meters them; no faster than real time.
struct Own {
    config: Config,
    signal: Box<hil_link::Signal>,
    most: u32,
    pace: Pace,
}

impl Feed for Own {
    fn begin(&mut self, session: &mut Session) -> Result<Config> {
        session.configure(&self.config)?;
        session.set_signal(&self.signal)?;
        self.pace = Pace::begin(&self.config);
        Ok(self.config.clone())
    }

    fn step(&mut self, session: &mut Session) -> Result<Stretch> {
        self.pace.keep_time();
        let block = session.sample(self.most)?;
        let expected = self.pace.frames;
        ensure!(block.first_frame == expected, "the board goes on with frame {}, not {expected}", block.first_frame);
        let mut frames = Frames::new(&self.config);
        frames.push(expected, &block.data);
        self.pace.frames += frames.len();
        // In the order of a frame.
        let mut channels = (0..).map(|channel| frames.codes(channel, 0).map(|(_, code)| code).collect());
        let codes = Channels {
            voltage: self.config.voltage.and_then(|_| channels.next()),
            currents: channels.by_ref().take(self.config.currents.len()).collect(),
            residual: self.config.residual.and_then(|_| channels.next()),
        };
        Ok(Stretch { codes, windows: block.windows.into_iter().collect() })
    }

    fn pace(&self) -> f64 {
        self.pace.value()
    }
}
