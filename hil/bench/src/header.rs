//! What a file of a board's codes carries of the meter that took them: with it the codes come back exactly and are metered
//! as the board did.
//!
//! In come a configuration and where the codes are from, out go lines for programs (`.inf` of COMTRADE, `# inf:` of CSV) and
//! recordings with such lines, and the way back. This file must not know boards, nor formats of files.
//!
//! The lines are TOML under the name `hil`, in units that people read. Lines of other programs may stand around them.

mod recording;
mod text;

use anyhow::{Context, Result, ensure};
use datasets::Channels;
use hil_link::{Channel, Config};

pub use recording::recording;

/// A meter and where its codes are from.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// What the meter was told.
    pub config: Config,
    /// Names of its channels in the file.
    pub names: Channels<String>,
    /// Where the codes are from.
    pub origin: Origin,
}

/// Where codes are from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Name and firmware of the board.
    pub board: String,
    /// Frames that the board had sampled before these, since it was configured.
    pub first_frame: u64,
    /// What the capture waited for, and the number of its frame in the file, from 0.
    pub trigger: Option<(String, u64)>,
    /// Frames that are missing among these: the board had no room for them.
    pub lost_frames: u64,
    /// Digest of the readings that the board gave of these frames, if its metering began with the first of them.
    pub digest: Option<u64>,
}

impl Header {
    /// With the names that [`crate::measure`] looks for.
    pub fn new(config: Config, origin: Origin) -> Self {
        let current = |n| if n == 0 { "current_a".to_owned() } else { format!("current{n}_a") };
        let names = Channels {
            voltage: config.voltage.map(|_| "voltage_v".to_owned()),
            currents: (0..config.currents.len()).map(current).collect(),
            residual: config.residual.map(|_| "residual_a".to_owned()),
        };
        Self { config, names, origin }
    }

    /// The channels in the order of a frame.
    pub fn channels(&self) -> Channels<Channel> {
        let Config { voltage, currents, residual, .. } = &self.config;
        let residual = residual.map(|residual| residual.channel);
        Channels { voltage: *voltage, currents: currents.iter().copied().collect(), residual }
    }

    /// The lines.
    ///
    /// # Errors
    /// A setting is beyond what the lines can tell.
    pub fn lines(&self) -> Result<Vec<String>> {
        let lines: Vec<String> = text::write(self)?.lines().map(str::to_owned).collect();
        ensure!(Self::read(&lines)?.as_ref() == Some(self), "a setting of the meter is beyond what a file can tell");
        Ok(lines)
    }

    /// What lines tell; `None` where no line is one of these.
    ///
    /// # Errors
    /// The lines cannot be understood, or a value is out of its range.
    pub fn read(lines: &[String]) -> Result<Option<Self>> {
        let own = own(lines);
        if own.is_empty() {
            return Ok(None);
        }
        text::read(&own).map(Some).context("the lines of [hil], which tell of its meter")
    }
}

/// The lines under the name `hil`.
fn own(lines: &[String]) -> String {
    let mut is_own = false;
    let mut own = String::new();
    for line in lines.iter().map(|line| line.trim()) {
        if line.starts_with('[') {
            let name = line.trim_start_matches('[');
            is_own = name.starts_with("hil]") || name.starts_with("hil.");
        }
        if is_own {
            own += line;
            own.push('\n');
        }
    }
    own
}

/// Unit per code and value of code 0 of a channel, its gain, sign and zero corrected. Its phase, delay and noise, and a DC
/// that is no signal, are left to the meter.
pub fn scale(channel: &Channel, adc_bits: u8) -> (f64, f64) {
    let gain = 1.0 + f64::from(channel.gain_ppm) * 1e-6;
    let sign = if channel.inverted { -1.0 } else { 1.0 };
    let step = sign * gain * range(channel) / full_scale(adc_bits);
    let zero = channel.zero.unwrap_or(0);
    (step, if zero == 0 { 0.0 } else { -step * f64::from(zero) / 256.0 })
}

/// Frames per second of a configuration.
pub fn rate_hz(config: &Config) -> f64 {
    config.sample_rate as f64 / 2f64.powi(32)
}

/// Full-scale peak of a channel in volt or ampere.
pub fn range(channel: &Channel) -> f64 {
    channel.range as f64 / 2f64.powi(32)
}

/// Code that would stand for the full-scale peak.
pub fn full_scale(adc_bits: u8) -> f64 {
    2f64.powi(i32::from(adc_bits) - 1)
}

#[cfg(test)]
mod tests;
