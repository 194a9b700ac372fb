//! The sample stream of a board while it is captured.
//!
//! In comes a session, out go the frames that were asked for. This file must not know files or what is told to the user.
//!
//! A board's signal source samples when it is asked, and each block carries the number of its first frame: a block that is
//! lost on the line is asked for again and answered from the board's store, so no frame is lost. It is looked at all the same.
//! An ADC does not wait: where the line is too slow, or away, a block begins behind the frames that the board had no room for.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Error, Result, ensure};
use hil_link::{Block, Digest, Signal, Window};

use super::arguments::Source;
use super::frames::Frames;
use super::trigger::{Trigger, Watch};
use crate::header::{Header, rate_hz};
use crate::session::Session;

/// How much more than the pre-trigger is kept while a trigger is waited for, in seconds: events and alarms are told after
/// they began.
const SLACK_S: f64 = 2.0;

/// What is asked for, in frames.
pub struct Wanted<'a> {
    /// The meter.
    pub header: &'a Header,
    /// What the board samples.
    pub source: Source,
    /// The board's signal from these frames on, in their order; the first from 0 on. None with its ADC.
    pub signals: Vec<(u64, Signal)>,
    /// Length, pre-trigger included.
    pub length: u64,
    /// What is waited for; `None`: begin at once.
    pub trigger: Option<&'a Trigger>,
    /// Frames before the trigger.
    pub pre_trigger: u64,
    /// For how many frames a trigger is waited for.
    pub timeout: Option<u64>,
}

/// Why a capture has ended.
#[derive(Debug)]
pub enum End {
    /// All that was asked for is there.
    Whole,
    /// The user has had enough.
    Interrupted,
    /// The board was lost, or what it gives cannot be.
    Lost(Error),
    /// No trigger came in time.
    TimedOut,
}

/// What was captured.
pub struct Captured {
    /// The frames.
    pub frames: Frames,
    /// Number of the frame that was waited for.
    pub trigger: Option<u64>,
    /// Windows of the board since its first frame; none with a trigger, behind which the metering begins anew.
    pub windows: Vec<Window>,
    /// Why it has ended.
    pub end: End,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// So many frames were sampled and no trigger came.
    Waiting(u64),
    /// So many frames of those asked for are there.
    Taking(u64),
}

/// What the board must have counted.
#[derive(Default)]
struct Counted {
    frames: u64,
    /// Those of them that it had no room for.
    lost: u64,
    digest: Digest,
}

impl Captured {
    /// Whether what was waited for has come.
    pub fn has_begun(&self, wanted: &Wanted<'_>) -> bool {
        wanted.trigger.is_none() || self.trigger.is_some()
    }
}

/// Captures until all is there, `stop` is set or the board is lost; `progress` is told how far it is and how many frames were
/// lost so far.
///
/// # Errors
/// The board refuses what it is told before it samples.
pub fn capture(
    session: &mut Session,
    wanted: &Wanted<'_>,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(Progress, u64),
) -> Result<Captured> {
    let config = &wanted.header.config;
    let most = u64::from(config.block_frames());
    ensure!(most > 0, "not even one frame fits a block of the board");
    session.configure(config)?;
    let watch = wanted.trigger.map(|trigger| Watch::new(trigger, wanted.header, wanted.pre_trigger)).transpose()?;
    let frames = Frames::new(config);
    let mut capture = Captured { frames, trigger: None, windows: Vec::new(), end: End::Interrupted };
    match take(&mut capture, session, wanted, watch, most, stop, progress) {
        Ok(end) => capture.end = end,
        // A request that is under way fails by it, and what runs an emulated board hears a Ctrl-C as well.
        Err(_) if stop.load(Ordering::Relaxed) => {}
        Err(error) => capture.end = End::Lost(error),
    }
    if let Some(trigger) = capture.trigger {
        let begin = trigger.saturating_sub(wanted.pre_trigger);
        capture.frames.forget_before(begin);
        capture.frames.cut(begin.saturating_add(wanted.length));
    }
    Ok(capture)
}

fn take(
    capture: &mut Captured,
    session: &mut Session,
    wanted: &Wanted<'_>,
    mut watch: Option<Watch>,
    most: u64,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(Progress, u64),
) -> Result<End> {
    let slack = wanted.pre_trigger + (rate_hz(&wanted.header.config) * SLACK_S) as u64;
    let mut signals = wanted.signals.iter().peekable();
    let mut counted = Counted::default();
    loop {
        let next = counted.frames;
        while let Some((_, signal)) = signals.next_if(|(from, _)| *from <= next) {
            session.set_signal(signal)?;
        }
        let until = match (capture.trigger, watch.is_some()) {
            (Some(trigger), _) => trigger.saturating_sub(wanted.pre_trigger).saturating_add(wanted.length),
            (None, false) => wanted.length,
            (None, true) => wanted.timeout.unwrap_or(u64::MAX),
        };
        if next >= until {
            return if watch.is_some() { Ok(End::TimedOut) } else { proved(session, &counted) };
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(End::Interrupted);
        }
        let change = signals.peek().map_or(u64::MAX, |(from, _)| *from);
        let count = most.min(until - next).min(change.saturating_sub(next)).max(1);
        let block = session.sample(count as u32)?;
        let end = end(&block, wanted, next, count)?;
        counted.frames = end;
        counted.lost += block.first_frame - next;
        for window in &block.windows {
            counted.digest.update(window);
        }
        // What lies beyond stands behind a gap: the capture ends before that.
        if end <= until {
            capture.frames.push(block.first_frame, &block.data);
            if wanted.trigger.is_none() {
                capture.windows.extend(block.windows);
            }
        }
        if let Some(looking) = &mut watch {
            capture.trigger = looking.look(session, &capture.frames)?;
            if capture.trigger.is_some() {
                watch = None;
            } else {
                forget(&mut capture.frames, slack);
            }
        }
        let how_far = match (&watch, capture.trigger) {
            (Some(_), _) => Progress::Waiting(end),
            (None, Some(trigger)) => Progress::Taking(end - trigger.saturating_sub(wanted.pre_trigger).min(end)),
            (None, None) => Progress::Taking(end),
        };
        progress(how_far, counted.lost);
    }
}

/// Number of the frame behind a block of which `count` frames from `next` on were asked for.
fn end(block: &Block, wanted: &Wanted<'_>, next: u64, count: u64) -> Result<u64> {
    let Block { first_frame, data, .. } = block;
    let (frames, rest) =
        (data.len() / wanted.header.config.frame_bytes(), data.len() % wanted.header.config.frame_bytes());
    let is_right = match wanted.source {
        Source::Signal => *first_frame == next,
        Source::Adc => *first_frame >= next,
    };
    let is_right = is_right && (1..=count).contains(&(frames as u64));
    let end = first_frame.checked_add(frames as u64).filter(|_| is_right && rest == 0);
    end.with_context(|| {
        format!(
            "the board gave {} bytes from frame {first_frame} on, {count} frames from {next} on were asked for",
            data.len()
        )
    })
}

/// Keeps the newest frames; seldom, since those behind have to move.
fn forget(frames: &mut Frames, kept: u64) {
    if frames.len() > 2 * kept {
        frames.forget_before(frames.end() - kept);
    }
}

/// The end of a capture for which the board has counted the same frames and given the same readings.
fn proved(session: &mut Session, counted: &Counted) -> Result<End> {
    let status = session.status()?;
    let (frames, digest) = (counted.frames, counted.digest.value());
    ensure!(
        (status.frames, status.digest) == (frames, digest),
        "the board counts {} frames with digest {:016x}, {frames} with {digest:016x} have come: something is lost",
        status.frames,
        status.digest
    );
    Ok(End::Whole)
}
