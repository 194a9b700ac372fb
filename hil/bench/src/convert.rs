//! `hil convert`: one recording into another format.
//!
//! In come two names of files, out go a file and what it does not hold. This file must not know formats.

use anyhow::{Context, Result, bail, ensure};
use datasets::file;
use datasets::recording::{Section, Times};

use crate::cli::Convert;
use crate::terminal::{print, say};

/// Runs the command.
///
/// # Errors
/// A file is at fault, or cannot be written, or exists already.
pub fn command(arguments: &Convert) -> Result<()> {
    let (from, to) = (arguments.from.display(), arguments.to.display());
    let mut recording = file::read(&arguments.from)?;
    if let Some(rate_hz) = arguments.rate {
        recording.sections = vec![Section { rate_hz, end: recording.frames }];
        recording.times = Times::Untold;
    }
    ensure!(!is_same(arguments), "{to}: is the file to be read");
    for remark in &recording.remarks {
        say(&format!("{from}: {remark}"));
    }
    let written = match file::write(&recording, &arguments.to, arguments.data.map(Into::into), arguments.force) {
        Ok(written) => written,
        Err(error) if recording.sections.is_empty() && recording.times == Times::Untold => {
            bail!("{error}; --rate HZ tells the rate");
        }
        Err(error) => return Err(error).with_context(|| format!("{from} cannot be converted")),
    };
    for lost in &written.lost {
        say(&format!("{to}: not kept: {lost}"));
    }
    let files: Vec<String> = written.files.iter().map(|file| file.display().to_string()).collect();
    let (channels, states) = (recording.channels.len(), recording.status.len());
    print(&format!("{}: {} samples of {channels} channels, {states} states\n", files.join(", "), recording.frames))
}

/// Whether the files are one, or parts of one pair.
fn is_same(arguments: &Convert) -> bool {
    let stem = |path: &std::path::Path| {
        let format = file::Format::told(path);
        let path = if format == Some(file::Format::Comtrade) { path.with_extension("cfg") } else { path.to_owned() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
        folder.canonicalize().ok().map(|folder| folder.join(path.file_name().unwrap_or_default()))
    };
    stem(&arguments.from).is_some_and(|from| Some(from) == stem(&arguments.to))
}
