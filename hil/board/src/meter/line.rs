//! Samples from the link, plain or compressed, to the meter.
//!
//! In come packed codes, out go the windows that end with them. This file must not know an ADC or a signal.

use heapless::Vec;
use hil_link::compressed::Decompressor;
use hil_link::{Config, Error, MAX_CURRENTS, Response};
use metering_core::reading::Reading;

use super::{CHUNK, Metering, ROOM};
use crate::platform::Platform;

impl Metering {
    /// The configuration that samples from this frame on are for.
    #[expect(clippy::result_large_err, reason = "the answer to the bench; there is no heap to put it on")]
    fn expects(&self, first_frame: u64) -> Result<&Config, Error> {
        let config = self.config().ok_or(Error::NotConfigured)?;
        if first_frame != self.frames {
            return Err(Error::Gap { expected: self.frames });
        }
        Ok(config)
    }

    /// Feeds the meter; `heard` gets each window that ends.
    pub(crate) fn samples<P: Platform>(
        &mut self,
        platform: &mut P,
        first_frame: u64,
        data: &[u8],
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let config = match self.expects(first_frame) {
            Ok(config) => config,
            Err(error) => return Response::Error(error),
        };
        // As many bytes as there are fit `max_data`: what is left of the limit is the half second.
        let most = config.max_frames(u32::MAX) as usize;
        if !data.len().is_multiple_of(config.frame_bytes()) || data.len() / config.frame_bytes() > most {
            return Response::Error(Error::Length);
        }
        self.stop_sampling(platform);
        let mut completed = Vec::new();
        // Half a second never completes more windows than there is room for.
        self.take(platform, 0, data, heard, &mut |window| drop(completed.push(window)));
        Response::Readings(completed)
    }

    /// Feeds the meter with compressed samples; `heard` gets each window that ends.
    pub(crate) fn compressed<P: Platform>(
        &mut self,
        platform: &mut P,
        first_frame: u64,
        frames: u32,
        data: &[u8],
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let config = match self.expects(first_frame) {
            Ok(config) => config,
            Err(error) => return Response::Error(error),
        };
        if frames > config.max_frames(u32::MAX) {
            return Response::Error(Error::Length);
        }
        let (channels, width) = (config.channels(), config.code_bytes());
        let Ok(mut decompressor) = Decompressor::new(data, channels, width) else {
            return Response::Error(Error::Unknown);
        };
        // To the end before the meter gets anything: what cannot be read is not executed in part.
        let mut trial = decompressor.clone();
        if (0..frames).any(|_| trial.frame(|_code| {}).is_err()) || !trial.is_done() {
            return Response::Error(Error::Unknown);
        }
        self.stop_sampling(platform);
        let mut completed = Vec::new();
        let mut room = [0; ROOM];
        let mut left = frames as usize;
        while left > 0 {
            let piece = left.min(CHUNK);
            left -= piece;
            let plain = room.get_mut(..piece * channels * width).unwrap_or_default();
            for frame in plain.chunks_exact_mut(channels * width) {
                let mut places = frame.chunks_exact_mut(width);
                // Read before, so it can be read again.
                let _read = decompressor.frame(|code| {
                    let place = places.next().unwrap_or_default();
                    place.iter_mut().zip(code.to_le_bytes()).for_each(|(to, byte)| *to = byte);
                });
            }
            self.take(platform, 0, plain, heard, &mut |window| drop(completed.push(window)));
        }
        Response::Readings(completed)
    }
}
