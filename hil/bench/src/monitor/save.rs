//! Files that the user asks for.
//!
//! In come the model and a folder, out go a file of a name that there was not yet, and a word about it. This file must
//! not know how a picture is drawn or a format is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use datasets::file;
use datasets::recording::{Channel, Details, Recording, Section, Times};

use super::model::{Model, Shown};
use super::picture;
use super::scope::Kind;

/// Most files of one kind in a folder.
const MOST: u32 = 9_999;

/// Saves the picture of the page as SVG; tells where, or why not.
pub fn picture(model: &Model, folder: &Path) -> String {
    let Some((name, svg)) = picture::draw(model) else { return "there is nothing to draw yet".into() };
    let done = free(folder, name, "svg").and_then(|path| {
        let mut file = std::fs::File::create_new(&path).with_context(|| path.display().to_string())?;
        file.write_all(svg.as_bytes()).with_context(|| path.display().to_string())?;
        Ok(path)
    });
    told(done, "")
}

/// Saves the samples as CSV; tells where, or why not.
pub fn samples(model: &Model, folder: &Path) -> String {
    if model.shown().samples.is_empty() {
        return "there are no samples yet".into();
    }
    let recording = recording(model.shown());
    let seconds = recording.frames as f64 / model.shown().samples.rate_hz;
    let done = free(folder, "samples", "csv").and_then(|path| {
        file::write(&recording, &path, None, false)?;
        Ok(path)
    });
    told(done, &format!(" ({seconds:.3} s)"))
}

/// The samples as `hil measure` takes them; the codes come back exactly.
pub fn recording(shown: &Shown) -> Recording {
    let samples = &shown.samples;
    let frames = samples.len();
    let channels = samples.channels().iter().map(|kept| {
        let name = match kept.kind {
            Kind::Voltage => "voltage_v".to_owned(),
            Kind::Current(0) => "current_a".to_owned(),
            Kind::Current(number) => format!("current{number}_a"),
            Kind::Residual => "residual_a".to_owned(),
        };
        let codes = kept.codes.iter().map(|&code| f64::from(code)).collect();
        Channel { a: kept.step, ..Channel::new(name, kept.kind.unit(), codes) }
    });
    let notes = shown.met.iter().map(|met| {
        format!(
            "board {} {}, signal {}, {} bits, from frame {}",
            met.board, met.firmware, met.signal, met.config.adc_bits, samples.first_frame
        )
    });
    Recording {
        channels: channels.collect(),
        frames,
        sections: vec![Section { rate_hz: samples.rate_hz, end: frames }],
        times: Times::Untold,
        details: Details { device: "hil monitor".into(), notes: notes.collect(), ..Details::default() },
        ..Recording::default()
    }
}

/// The first name of its kind that is free.
fn free(folder: &Path, name: &str, extension: &str) -> Result<PathBuf> {
    let path = |number: u32| folder.join(format!("hil-{name}-{number:03}.{extension}"));
    match (1..=MOST).map(path).find(|path| !path.exists()) {
        Some(path) => Ok(path),
        None => bail!("{}: holds {MOST} files of that kind", folder.display()),
    }
}

fn told(done: Result<PathBuf>, more: &str) -> String {
    match done {
        Ok(path) => format!("saved {}{more}", path.display()),
        Err(error) => format!("not saved: {error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn saved_samples_are_the_codes_that_were_metered() {
        let folder = tempfile::tempdir().unwrap();
        let model = sample::model().unwrap();
        for number in 1..3 {
            let said = samples(&model, folder.path());
            assert!(
                said.starts_with("saved ") && said.ends_with(&format!("hil-samples-00{number}.csv (2.000 s)")),
                "{said}"
            );
        }
        let read = file::read(&folder.path().join("hil-samples-001.csv")).unwrap();
        let shown = &model.shown().samples;
        assert_eq!((read.frames, read.channels.len()), (8_000, 10));
        assert!((read.seconds().unwrap()[4_000] - 1.0).abs() < 1e-9);
        let full = 32_768.0;
        for (channel, kept) in read.channels.iter().zip(shown.channels()) {
            for (value, code) in channel.values().zip(&kept.codes) {
                assert!((value / kept.range * full - f64::from(*code)).abs() < 1e-6, "{}", channel.name);
            }
        }
    }

    #[test]
    fn what_cannot_be_saved_is_told() {
        let model = sample::model().unwrap();
        let said = picture(&model, Path::new("/nonexistent/folder"));
        assert!(said.starts_with("not saved: /nonexistent/folder/hil-scope-001.svg"), "{said}");
        assert!(samples(&model, Path::new("/nonexistent/folder")).starts_with("not saved: "));
        assert_eq!(samples(&Model::default(), Path::new(".")), "there are no samples yet");
    }
}
