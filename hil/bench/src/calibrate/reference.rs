//! What is connected while a board is calibrated: the loads and their true values.
//!
//! In come the catalogue, a file or typed numbers, out go loads that are fit for calibrating, or what is wrong with them.
//! This file must not know boards or corrections.
//!
//! A file is TOML or JSON, told by its extension:
//!
//! ```toml
//! [gain]               # a resistive load
//! voltage_v = 230.0
//! current_a = 5.0
//! residual_a = 0.03    # where the residual current is calibrated
//! frequency_hz = 50.0
//!
//! [[phase]]            # PF about 0.5; two frequencies tell a delay from a phase
//! voltage_v = 230.0
//! current_a = 5.0
//! frequency_hz = 50.0
//! phase_deg = 60.0     # or power_factor = 0.5 (lagging) and, where it leads, leading = true
//! ```

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use datasets::Channels;
use datasets::catalogue;
use datasets::synthesis::{Course, Signal, Waveform};
use serde::Deserialize;

use crate::bounded;

/// Most bytes of a file that are read: some hundred loads.
const MOST: u64 = 64 << 10;

/// A load and the reference values of it. All currents carry the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// RMS of the voltage.
    pub voltage_v: f64,
    /// RMS of each current.
    pub current_a: f64,
    /// RMS of the residual current, where there is one.
    pub residual_a: Option<f64>,
    /// Frequency of the mains.
    pub frequency_hz: f64,
    /// By how much the currents lag the voltage.
    pub phase_deg: f64,
}

/// The loads of a calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct References {
    /// PF 1: gains, and the sample clock.
    pub gain: Load,
    /// PF 0.5: phase, and with two frequencies delay.
    pub phase: Vec<Load>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    gain: Entry,
    phase: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    voltage_v: f64,
    current_a: f64,
    residual_a: Option<f64>,
    frequency_hz: f64,
    phase_deg: Option<f64>,
    power_factor: Option<f64>,
    #[serde(default)]
    leading: bool,
}

impl References {
    /// Points of the suite `sine`: PF 1 with a residual current at 50 Hz, PF 0.5 at its lowest and highest frequency.
    ///
    /// # Errors
    /// The suite has no such points.
    pub fn catalogue() -> Result<Self> {
        let loads: Vec<Load> = catalogue::sine().points.iter().filter_map(|point| load(&point.expected)).collect();
        let near = |value: f64, wanted: f64| (value - wanted).abs() < 1e-3;
        let gain = loads
            .iter()
            .rfind(|load| load.residual_a.is_some() && near(load.phase_deg, 0.0) && near(load.frequency_hz, 50.0));
        let gain = gain.context("the suite sine has no point with a residual current at PF 1 and 50 Hz")?.clone();
        let mut phase: Vec<Load> = loads
            .into_iter()
            .filter(|load| near(load.phase_deg, 60.0) && near(load.current_a / gain.current_a, 1.0))
            .collect();
        phase.sort_by(|a, b| a.frequency_hz.total_cmp(&b.frequency_hz));
        ensure!(phase.len() >= 2, "the suite sine has no points at PF 0.5");
        phase.drain(1..phase.len() - 1);
        Ok(Self { gain, phase })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is not as the head of this module says.
    pub fn read(path: &Path) -> Result<Self> {
        let told = || format!("reference values {}", path.display());
        let bytes = bounded::read(path, MOST).with_context(told)?;
        let text = String::from_utf8(bytes).with_context(told)?;
        let file: File = match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => toml::from_str(&text).map_err(|error| anyhow!("{}", error.to_string().trim())),
            Some("json") => serde_json::from_str(&text).map_err(|error| anyhow!("{error}")),
            _ => bail!("{}: a file .toml or .json is expected", told()),
        }
        .with_context(told)?;
        let phase = file.phase.into_iter().enumerate().map(|(n, entry)| {
            ensure!(entry.residual_a.is_none(), "{}: residual_a belongs to gain, no other load is read for it", at(n));
            entry.load().with_context(|| at(n))
        });
        let all = phase.collect::<Result<_>>().and_then(|phase| Ok(Self { gain: file.gain.load()?, phase }));
        all.with_context(told)
    }

    /// Whether the loads are fit for calibrating channels of these full-scale peaks.
    ///
    /// # Errors
    /// Names the load and the value that is not.
    pub fn check(&self, ranges: &Channels<f64>) -> Result<()> {
        self.gain.check(ranges).context("gain")?;
        ensure!(self.gain.phase_deg.abs() <= 10.0, "gain: a phase of {} degrees is not PF 1", self.gain.phase_deg);
        if let Some(range) = ranges.residual {
            let residual = self.gain.residual_a.context(
                "gain: residual_a is missing (or --no-residual, which leaves the residual current as it is)",
            )?;
            fits("residual_a", residual, range).context("gain")?;
        }
        ensure!(!self.phase.is_empty(), "phase: there is no load");
        for (n, load) in self.phase.iter().enumerate() {
            load.check(ranges).with_context(|| at(n))?;
            let angle = load.phase_deg.abs();
            ensure!(
                (30.0..=80.0).contains(&angle),
                "{}: phase_deg {} is not within 30 to 80 (or -80 to -30): at PF 0.5 it is 60",
                at(n),
                load.phase_deg
            );
        }
        Ok(())
    }
}

fn at(n: usize) -> String {
    format!("phase, load {}", n + 1)
}

impl Entry {
    fn load(self) -> Result<Load> {
        ensure!(
            !self.leading || self.power_factor.is_some(),
            "leading goes with power_factor; beside phase_deg the sign tells: minus is leading"
        );
        let phase_deg = match (self.phase_deg, self.power_factor) {
            (Some(_), Some(_)) => bail!("phase_deg and power_factor say the same: give one of them"),
            (Some(phase_deg), None) => phase_deg,
            (None, Some(factor)) if factor > 0.0 && factor <= 1.0 => {
                let angle = factor.acos().to_degrees();
                if self.leading { -angle } else { angle }
            }
            (None, Some(factor)) => bail!("power_factor {factor} is not within 0 to 1"),
            (None, None) => 0.0,
        };
        let Self { voltage_v, current_a, residual_a, frequency_hz, .. } = self;
        ensure!(residual_a.is_none_or(f64::is_finite), "residual_a is no number");
        Ok(Load { voltage_v, current_a, residual_a, frequency_hz, phase_deg })
    }
}

impl Load {
    /// What a source plays that is set to this load.
    pub fn course(&self, currents: usize) -> Course {
        let channels = Channels {
            voltage: Some(Signal::sine(self.voltage_v, 0.0)),
            currents: vec![Signal::sine(self.current_a, -self.phase_deg); currents],
            residual: Some(Signal::sine(self.residual_a.unwrap_or(0.0), 0.0)),
        };
        Course::steady(Waveform { fundamental_hz: self.frequency_hz, channels })
    }

    /// The load in words.
    pub fn words(&self) -> String {
        let residual =
            self.residual_a.map_or_else(String::new, |residual| format!(", {} mA residual", short(residual * 1e3)));
        let factor = self.phase_deg.to_radians().cos();
        let way = match self.phase_deg {
            deg if deg.abs() < 0.01 => "",
            deg if deg > 0.0 => " lagging",
            _ => " leading",
        };
        let [volt, ampere, hertz] = [self.voltage_v, self.current_a, self.frequency_hz].map(short);
        format!("{volt} V, {ampere} A, {hertz} Hz, PF {}{way}{residual}", short(factor))
    }

    fn check(&self, ranges: &Channels<f64>) -> Result<()> {
        if let Some(range) = ranges.voltage {
            fits("voltage_v", self.voltage_v, range)?;
        }
        for range in &ranges.currents {
            fits("current_a", self.current_a, *range)?;
        }
        let hertz = self.frequency_hz;
        ensure!((42.5..=69.0).contains(&hertz), "frequency_hz {hertz} is not within 42.5 to 69");
        ensure!(self.phase_deg.abs() <= 180.0, "phase_deg {} is not within -180 to 180", self.phase_deg);
        Ok(())
    }
}

/// As somebody would write it: without what a double adds in its last digits.
pub(super) fn short(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// A calibration at less than a twentieth of the range would carry its noise into the gain; a peak beyond it clips.
fn fits(name: &str, rms: f64, range: f64) -> Result<()> {
    let (least, most) = (0.05 * range, range / 2f64.sqrt());
    ensure!(
        rms >= least && rms <= most,
        "{name} {rms} is not within {least:.4} to {most:.4}, 5 to 71 % of a range of {range}"
    );
    Ok(())
}

fn load(truth: &datasets::reference::Truth) -> Option<Load> {
    let current = truth.currents.first()?;
    Some(Load {
        voltage_v: truth.voltage_v?,
        current_a: current.current_a,
        residual_a: truth.residual_a,
        frequency_hz: truth.frequency_hz?,
        phase_deg: current.power?.phase_deg,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges() -> Channels<f64> {
        Channels { voltage: Some(400.0), currents: vec![24.89], residual: Some(0.1) }
    }

    fn read(name: &str, text: &str) -> Result<References> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let references = References::read(&path)?;
        references.check(&ranges())?;
        Ok(references)
    }

    #[test]
    fn the_catalogue_has_the_loads() {
        let references = References::catalogue().unwrap();
        references.check(&ranges()).unwrap();
        let Load { voltage_v, current_a, residual_a, frequency_hz, phase_deg } = references.gain;
        assert!((voltage_v - 230.0).abs() < 1e-9 && (current_a - 3.2).abs() < 1e-9 && phase_deg.abs() < 1e-9);
        assert!((residual_a.unwrap() - 0.05).abs() < 1e-9 && (frequency_hz - 50.0).abs() < 1e-9);
        let hertz: Vec<f64> = references.phase.iter().map(|load| load.frequency_hz).collect();
        assert_eq!(hertz, [45.0, 65.0]);
        assert!(references.phase.iter().all(|load| (load.phase_deg - 60.0).abs() < 1e-9));
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "[gain]\nvoltage_v = 231.5\ncurrent_a = 5\nresidual_a = 0.03\nfrequency_hz = 50.01\n\
                    [[phase]]\nvoltage_v = 229\ncurrent_a = 4.9\nfrequency_hz = 50\npower_factor = 0.5\nleading = true\n";
        let json = r#"{"gain": {"voltage_v": 231.5, "current_a": 5, "residual_a": 0.03, "frequency_hz": 50.01},
                       "phase": [{"voltage_v": 229, "current_a": 4.9, "frequency_hz": 50, "phase_deg": -60}]}"#;
        let (toml, json) = (read("a.toml", toml).unwrap(), read("a.json", json).unwrap());
        assert_eq!(toml.gain, json.gain);
        assert!((toml.phase[0].phase_deg - json.phase[0].phase_deg).abs() < 1e-9);
        assert!((toml.gain.voltage_v - 231.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_fit_is_named() {
        let gain = "[gain]\nvoltage_v = 230\ncurrent_a = 5\nresidual_a = 0.03\nfrequency_hz = 50\n";
        let phase = "[[phase]]\nvoltage_v = 230\ncurrent_a = 5\nfrequency_hz = 50\nphase_deg = 60\n";
        read("a.toml", &format!("{gain}{phase}")).unwrap();
        for (text, parts) in [
            (gain.into(), ["missing field", "phase"]),
            (format!("{gain}{phase}").replace("voltage_v = 230", "voltage_v = 300"), ["gain", "voltage_v 300"]),
            (format!("{gain}{phase}").replace("current_a = 5", "current_a = 0.1"), ["gain", "current_a 0.1"]),
            (format!("{gain}{phase}").replace("current_a = 5", "current_a = nan"), ["gain", "current_a NaN"]),
            (format!("{gain}{phase}").replace("residual_a = 0.03", ""), ["residual_a is missing", "--no-residual"]),
            (format!("{gain}{phase}").replace("phase_deg = 60", "phase_deg = 5"), ["phase, load 1", "phase_deg 5"]),
            (
                format!("{gain}{phase}").replace("phase_deg = 60", "power_factor = -1"),
                ["phase, load 1", "power_factor"],
            ),
            (format!("{gain}{phase}").replace("frequency_hz = 50", "frequency_hz = 16"), ["gain", "frequency_hz 16"]),
            (format!("{gain}phase_deg = 30\n{phase}"), ["gain", "not PF 1"]),
            (format!("{gain}{phase}volt = 3"), ["unknown field", "volt"]),
        ] {
            let refused = format!("{:#}", read("a.toml", &text).unwrap_err());
            assert!(parts.iter().all(|part| refused.contains(part)), "{parts:?}: {refused}");
        }
        let other = format!("{:#}", read("a.csv", gain).unwrap_err());
        assert!(other.contains("a.csv") && other.contains(".toml or .json"), "{other}");
    }
}
