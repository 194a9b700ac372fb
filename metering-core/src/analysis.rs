//! The harmonics of one channel on request: who asked, and which frames the analyser gets.
//!
//! In come the meter's cycles and frames, out goes a spectrum. Off, it costs one branch per stretch of frames. This file
//! must not know how a spectrum is computed.

use crate::config::ChannelName;
use crate::frames::Frames;
use crate::harmonics::{Harmonics, Spectrum};
use crate::sample::Sample;

#[derive(Clone, Debug)]
pub(crate) struct Analysis {
    harmonics: Harmonics,
    /// Asked for and not delivered.
    channel: Option<ChannelName>,
}

impl Analysis {
    pub(crate) const fn new() -> Self {
        Self { harmonics: Harmonics::new(), channel: None }
    }

    pub(crate) fn request(&mut self, channel: ChannelName) {
        self.harmonics.cancel();
        self.channel = Some(channel);
    }

    /// Whether a spectrum was asked for and not delivered.
    pub(crate) const fn is_open(&self) -> bool {
        self.channel.is_some()
    }

    /// The window cannot be used: begins anew with the next one.
    pub(crate) fn restart(&mut self) {
        self.harmonics.cancel();
    }

    /// A cycle begins with the next frame; `window` says whether a window of so many cycles does.
    pub(crate) fn cycle(&mut self, window: Option<u32>, code_bits: u32, phase: u32, step: u32) {
        if let Some(cycles) = window
            && self.channel.is_some()
            && !self.harmonics.is_busy()
        {
            self.harmonics.begin(cycles as u8, code_bits);
        }
        self.harmonics.cycle(phase, step);
    }

    pub(crate) fn frames<S: Sample, const N: usize>(&mut self, frames: &Frames<'_, S, N>) {
        let codes = match self.channel {
            None => return,
            Some(ChannelName::Voltage) => frames.voltage(),
            Some(ChannelName::Current(number)) => frames.current(number),
            Some(ChannelName::Residual) => frames.residual(),
        };
        match codes {
            Some(codes) => self.harmonics.samples(codes),
            None => self.silence(frames.count()),
        }
    }

    /// Frames of a channel that is not there.
    #[cold]
    fn silence(&mut self, frames: usize) {
        const NOTHING: [i16; 16] = [0; 16];
        let mut left = frames;
        while left > 0 {
            let codes = NOTHING.get(..left).unwrap_or(&NOTHING);
            self.harmonics.samples(codes);
            left -= codes.len();
        }
    }

    /// The spectrum, once it is complete.
    pub(crate) fn take(&mut self) -> Option<(ChannelName, Spectrum)> {
        let channel = self.channel?;
        let spectrum = self.harmonics.spectrum()?;
        self.harmonics.cancel();
        self.channel = None;
        Some((channel, spectrum))
    }
}
