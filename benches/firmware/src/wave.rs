//! A cycle of voltage, current and residual current, as codes of each width. This file must not know what reads them.

use metering_core::Sample;

include!(concat!(env!("OUT_DIR"), "/wave.rs"));

/// Frames in a cycle: 50 Hz at 8 kHz.
pub const CYCLE: usize = 160;

/// Frames in 10 cycles.
pub const WINDOW: usize = 10 * CYCLE;

/// `frames` frames from `at` on, without a way to panic.
#[inline(always)]
pub fn part<S>(codes: &'static [S], at: usize, frames: usize) -> &'static [S] {
    codes.get(at..at + frames).unwrap_or_default()
}

/// Hands `frames` frames over in blocks, each with its place in the cycle.
#[inline(always)]
pub fn play(frames: usize, block: usize, push: impl FnMut(usize, usize)) {
    play_over(CYCLE, frames, block, push);
}

/// The same, with the place in a period of so many frames.
#[inline(always)]
pub fn play_over(period: usize, frames: usize, block: usize, mut push: impl FnMut(usize, usize)) {
    let mut at = 0;
    for _ in 0..frames / block {
        push(at, block);
        at += block;
        while at >= period {
            at -= period;
        }
    }
}

/// Codes of a width.
pub trait Codes: Sample {
    /// A cycle and the longest block more.
    fn voltage() -> &'static [Self];
    /// A window of a voltage whose frequency wanders, and the longest block more.
    fn wandering() -> &'static [Self];
    /// A cycle of a current and the longest block more.
    fn current() -> &'static [Self];
    /// The same of the residual current.
    fn residual() -> &'static [Self];
}

impl Codes for i16 {
    fn voltage() -> &'static [Self] {
        &VOLTAGE_16
    }

    fn wandering() -> &'static [Self] {
        &WANDERING_16
    }

    fn current() -> &'static [Self] {
        &CURRENT_16
    }

    fn residual() -> &'static [Self] {
        &RESIDUAL_16
    }
}

impl Codes for i32 {
    fn voltage() -> &'static [Self] {
        &VOLTAGE_24
    }

    fn wandering() -> &'static [Self] {
        &WANDERING_24
    }

    fn current() -> &'static [Self] {
        &CURRENT_24
    }

    fn residual() -> &'static [Self] {
        &RESIDUAL_24
    }
}
