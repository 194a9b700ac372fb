//! Files that the user asks for.
//!
//! In come the model and a folder, out go a file of a name that there was not yet, and a word about it. This file must
//! not know how a picture is drawn or a format is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use datasets::file;
use datasets::recording::{Details, Recording};

use super::model::{Met, Model, Shown};
use super::picture;
use super::scope::Samples;
use crate::header::{self, Header, Origin};

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
    let Shown { met: Some(met), samples, .. } = model.shown() else { return "there are no samples yet".into() };
    if samples.is_empty() {
        return "there are no samples yet".into();
    }
    let seconds = samples.len() as f64 / samples.rate_hz;
    let done = free(folder, "samples", "csv").and_then(|path| {
        file::write(&recording(met, samples)?, &path, None, false)?;
        Ok(path)
    });
    told(done, &format!(" ({seconds:.3} s)"))
}

/// The samples with the header of their meter: the codes come back exactly.
///
/// # Errors
/// A setting is beyond what a file can tell.
fn recording(met: &Met, samples: &Samples) -> Result<Recording> {
    let note = format!("saved by hil monitor, signal {}", met.signal);
    let origin = Origin {
        board: format!("{} {}", met.board, met.firmware),
        first_frame: samples.first_frame,
        ..Origin::default()
    };
    let codes = samples.channels().iter().map(|kept| kept.codes.iter().map(|&code| f64::from(code)).collect());
    let details = Details { notes: vec![note], ..Details::default() };
    header::recording(&Header::new(met.config.clone(), origin), codes.collect(), details)
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
        // With what their meter was told, so that they are metered in the same way.
        let header = Header::read(&read.details.information).unwrap().unwrap();
        assert_eq!(Some(header.config), model.shown().met.as_ref().map(|met| met.config.clone()));
        assert_eq!(
            (header.origin.first_frame, header.origin.board.as_str()),
            (8_000, concat!("virtual ", env!("CARGO_PKG_VERSION")))
        );
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
