//! Frames of the board's own to the meter: of its ADC, or of the signal that was set in place of one.
//!
//! In come numbers of frames, out go the windows that end with them, or the codes. This file must not know the link.

use heapless::Vec;
use hil_link::{Block as Codes, Error, MAX_CURRENTS, Response, Signal};
use metering_core::reading::Reading;

use super::config::refusal;
use super::{CHUNK, Metering, ROOM};
use crate::adc::{self, Piece, Refusal};
use crate::platform::Platform;

/// No mains that the meter follows is faster.
const FASTEST_HZ: usize = 72;

impl Metering {
    /// Sets the board's own signal; an ADC is not looked at any more.
    pub(crate) fn set_signal<P: Platform>(&mut self, platform: &mut P, signal: &Signal) -> Response {
        if signal.channels.iter().flat_map(|channel| &channel.tones).any(|tone| tone.order == 0) {
            return Response::Error(refusal("signal", &"the order of a tone is 0"));
        }
        self.stop_sampling(platform);
        self.has_signal = true;
        let rate = self.running.as_ref().map_or(0, |(config, ..)| config.sample_rate);
        self.signal.set(signal, rate);
        Response::SignalSet
    }

    pub(super) fn stop_sampling<P: Platform>(&mut self, platform: &mut P) {
        if let Some(adc) = platform.adc().filter(|_| self.is_sampling) {
            adc.stop();
        }
        self.is_sampling = false;
    }

    /// The next frames of the ADC, or of the signal where there is one or no ADC; `is_first`: of a request.
    fn sample<P: Platform>(&mut self, platform: &mut P, is_first: bool, out: &mut [u8]) -> Result<Piece, Refusal> {
        let Some((config, ..)) = &self.running else { return Ok(Piece::default()) };
        let (channels, width) = (config.channels(), config.code_bytes());
        let Some(adc) = platform.adc().filter(|_| !self.has_signal) else {
            self.signal.fill(channels, config.adc_bits.into(), width, out);
            return Ok(Piece { lost: 0, length: out.len() });
        };
        if !self.is_sampling {
            adc.start(config)?;
            self.is_sampling = true;
        }
        adc::fill(adc, (channels, width), is_first, out)
    }

    /// Feeds the meter with frames of the board's own; `heard` gets each window that ends.
    pub(crate) fn run<P: Platform>(
        &mut self,
        platform: &mut P,
        frames: u32,
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        if frames > config.max_frames(u32::MAX) {
            return Response::Error(Error::Length);
        }
        let frame_bytes = config.frame_bytes();
        let mut completed = Vec::new();
        let mut room = [0; ROOM];
        let mut left = frames as usize;
        while left > 0 {
            let piece = left.min(CHUNK);
            let data = room.get_mut(..piece * frame_bytes).unwrap_or_default();
            let Piece { lost, length } = match self.sample(platform, left == frames as usize, data) {
                Ok(piece) => piece,
                Err(refused) => return Response::Error(refusal(refused.field, &refused.reason)),
            };
            // A loss may end a window, and in the half second behind it no more than three can end.
            let data = data.get(..length).unwrap_or_default();
            self.take(platform, lost, data, heard, &mut |window| drop(completed.push(window)));
            if length < piece * frame_bytes {
                break;
            }
            left -= piece;
        }
        Response::Readings(completed)
    }

    /// The same, and gives the codes.
    pub(crate) fn block<P: Platform>(
        &mut self,
        platform: &mut P,
        frames: u32,
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        let mut block = Codes { first_frame: self.frames, windows: Vec::new(), data: Vec::new() };
        // Not multiplied before it is known to be small.
        let fits = frames <= config.block_frames();
        if !fits || block.data.resize(frames as usize * config.frame_bytes(), 0).is_err() {
            return Response::Error(Error::Length);
        }
        // Shorter than a cycle, in which no two windows end, a loss before it not counted. So the block is full in time.
        let most = CHUNK.min((config.sample_rate >> 32) as usize / FASTEST_HZ).max(1) * config.frame_bytes();
        let mut filled = 0;
        while filled < block.data.len() && !block.windows.is_full() {
            let end = block.data.len().min(filled + most);
            let out = block.data.get_mut(filled..end).unwrap_or_default();
            let Piece { lost, length } = match self.sample(platform, filled == 0, out) {
                Ok(piece) => piece,
                Err(refused) => return Response::Error(refusal(refused.field, &refused.reason)),
            };
            if filled == 0 {
                block.first_frame += u64::from(lost);
            }
            let data = block.data.get(filled..filled + length).unwrap_or_default();
            self.take(platform, lost, data, heard, &mut |window| drop(block.windows.push(window)));
            filled += length;
            if filled < end {
                break;
            }
        }
        block.data.truncate(filled);
        Response::Block(block)
    }
}
