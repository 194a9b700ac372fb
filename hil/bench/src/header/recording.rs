//! Codes of a board as a recording that a file can hold.
//!
//! In come codes and the header of their meter, out goes a recording whose values are in volt and ampere. This file must
//! not know who took the codes.

use anyhow::Result;
use datasets::recording::{Channel, Details, Recording, Section, Times};

use super::{Header, full_scale, rate_hz, scale};

/// A recording of codes in the order of a frame, all channels of one length. `notes` are for readers; of `details` the
/// dates are used.
///
/// # Errors
/// A setting is beyond what a file can tell.
pub fn recording(header: &Header, codes: Vec<Vec<f64>>, details: Details) -> Result<Recording> {
    let config = &header.config;
    let rate_hz = rate_hz(config);
    let full_scale = full_scale(config.adc_bits);
    let settings = header.channels();
    let units = std::iter::repeat_n("V", usize::from(config.voltage.is_some())).chain(std::iter::repeat("A"));
    let frames = codes.iter().map(Vec::len).min().unwrap_or(0);
    let channels =
        header.names.iter().zip(units).zip(settings.iter()).zip(codes).map(|(((name, unit), channel), raw)| {
            let (a, b) = scale(channel, config.adc_bits);
            Channel {
                a,
                b,
                skew_us: f64::from(channel.delay) / 256.0 / rate_hz * 1e6,
                range: Some((-full_scale, full_scale - 1.0)),
                ..Channel::new(name, unit, raw)
            }
        });
    Ok(Recording {
        channels: channels.collect(),
        frames,
        sections: vec![Section { rate_hz, end: frames }],
        times: Times::Untold,
        details: Details { device: header.origin.board.clone(), information: header.lines()?, ..details },
        ..Recording::default()
    })
}
