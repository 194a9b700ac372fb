//! What `hil measure` takes from a file: a voltage, currents and a residual current in volt and ampere, the rate, and the
//! header of a meter where there is one.
//!
//! In come the arguments, out go samples. This file must not know what is done with them.
//!
//! A channel that is not named is the one that the header names. Without a header it is taken by its name (`voltage_v`,
//! `current_a`, `residual_a`), or else the first whose unit is one of voltage, and the first whose unit is one of current.
//! A residual current is never guessed by its unit.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use datasets::Channels;
use datasets::file::{self, Column, Format, Listing, Selection};
use datasets::recording::{Kind, Unit};

use crate::cli::Measure;
use crate::cli::shared::Columns;
use crate::cli::value::RATES;
use crate::header::Header;

/// Channels and rate of a recording.
pub(super) struct Taken {
    /// In volt and ampere.
    pub columns: Channels<Column>,
    /// The meter that took the samples, where the file tells of it.
    pub header: Option<Header>,
    /// How much later than its frame each channel is sampled, in 256ths of a sample.
    pub delays: Channels<i16>,
    /// In hertz, one that the meter takes.
    pub rate_hz: f64,
    /// What was chosen or left out, one line each.
    pub remarks: Vec<String>,
}

/// Names of the channels and whether each was given by the user.
struct Names {
    voltage: Option<String>,
    currents: Vec<String>,
    residual: Option<String>,
    /// Chosen by their units.
    guessed: Vec<String>,
}

/// Reads the channels of the recording.
pub(super) fn read(arguments: &Measure) -> Result<Taken> {
    ensure!(
        arguments.columns.current.len() <= hil_link::MAX_CURRENTS,
        "--current: at most {} times",
        hil_link::MAX_CURRENTS
    );
    let path = &arguments.file;
    // What is no file on a disk, a pipe for one, can be read but once.
    let head = if path.is_file() || path.is_dir() { Some(file::head(path)?) } else { None };
    let header = |information: &[String]| Header::read(information).with_context(|| path.display().to_string());
    let known = header(head.as_ref().map_or(&[], |head| &head.information))?;
    let listing = head.map(|head| head.channels);
    let names = choose(arguments, listing.as_deref(), known.as_ref());
    let wanted = || names.voltage.iter().chain(&names.currents).chain(&names.residual).map(String::as_str);
    let given = |name: &&str| {
        arguments.columns.voltage.as_deref() == Some(name)
            || arguments.columns.residual.as_deref() == Some(name)
            || arguments.columns.current.iter().any(|current| current == name)
    };
    let required: Vec<&str> = wanted().filter(given).collect();
    let optional: Vec<&str> = wanted().filter(|name| !given(name)).collect();
    let side = arguments.side.map(Into::into);
    let has_gaps = known.as_ref().is_some_and(|header| header.origin.lost_frames > 0);
    let select = if has_gaps { file::select_with_gaps } else { file::select };
    let selection = select(path, &required, &optional, arguments.columns.rate, side)?;
    ensure_any(path, listing.as_deref().unwrap_or_default(), &selection)?;
    let rate_hz = rate(path, selection.rate_hz)?;
    let mut remarks = selection.remarks.clone();
    if !names.guessed.is_empty() {
        remarks.push(format!("taken by their units: {}", names.guessed.join(", ")));
    }
    let (voltage, ampere) = (Kind::Voltage, Kind::Current);
    let header = match known {
        None => header(&selection.information)?,
        known => known,
    };
    let columns = Channels {
        voltage: column(path, &selection, names.voltage.as_ref(), voltage, arguments.voltage_range)?,
        currents: names
            .currents
            .iter()
            .filter_map(|name| column(path, &selection, Some(name), ampere, arguments.current_range).transpose())
            .collect::<Result<_>>()?,
        residual: column(path, &selection, names.residual.as_ref(), ampere, arguments.residual_range)?,
    };
    let delay = |column: &Column| delay(path, column.skew_us, rate_hz);
    let voltage = columns.voltage.as_ref().map(delay).transpose()?;
    let currents = columns.currents.iter().map(delay).collect::<Result<_>>()?;
    let delays = Channels { voltage, currents, residual: None };
    if selection.is_relative {
        remarks.push("full scale of the file is 1 V, 1 A, or the range given".to_owned());
    }
    Ok(Taken { columns, header, delays, rate_hz, remarks })
}

/// Without a list of the channels they are taken by their names where they exist.
fn choose(arguments: &Measure, listing: Option<&[Listing]>, header: Option<&Header>) -> Names {
    let Columns { voltage, current, residual, .. } = &arguments.columns;
    if let Some(Header { names, .. }) = header {
        return Names {
            voltage: voltage.clone().or_else(|| names.voltage.clone()),
            currents: if current.is_empty() { names.currents.clone() } else { current.clone() },
            residual: residual.clone().or_else(|| names.residual.clone()),
            guessed: Vec::new(),
        };
    }
    let mut guessed = Vec::new();
    let exists = |name: &str| listing.is_none_or(|listing| listing.iter().any(|listed| listed.name == name));
    let mut choose = |default: &str, kind: Kind| {
        if exists(default) {
            return Some(default.to_owned());
        }
        let of_kind = |listed: &&Listing| Unit::parse(&listed.unit).is_some_and(|unit| unit.kind == kind);
        let name = listing?.iter().find(of_kind)?.name.clone();
        guessed.push(format!("{} {name:?}", if kind == Kind::Voltage { "voltage" } else { "current" }));
        Some(name)
    };
    let voltage = voltage.clone().or_else(|| choose("voltage_v", Kind::Voltage));
    let currents = match current.as_slice() {
        [] => choose("current_a", Kind::Current).into_iter().collect(),
        given => given.to_vec(),
    };
    let residual = residual.clone().or_else(|| exists("residual_a").then(|| "residual_a".to_owned()));
    Names { voltage, currents, residual, guessed }
}

fn ensure_any(path: &Path, listing: &[Listing], selection: &Selection) -> Result<()> {
    let names = listing.iter().map(|listed| listed.name.as_str()).collect::<Vec<_>>().join(", ");
    ensure!(
        !selection.columns.is_empty(),
        "{}: none of the columns voltage_v, current_a, residual_a exists, and no unit tells; name yours with --voltage, \
         --current or --residual, there are: {names}",
        path.display()
    );
    Ok(())
}

fn rate(path: &Path, told: Option<f64>) -> Result<f64> {
    let file = path.display();
    let (what, place) = match Format::of(path) {
        Format::Csv => (": no column time_s", ": column \"time_s\""),
        _ => ("", ""),
    };
    let rate_hz = told.with_context(|| format!("{file}: the sampling rate is not known{what}; give --rate HZ"))?;
    ensure!(
        RATES.contains(&rate_hz),
        "{file}{place}: a sampling rate of {rate_hz} Hz, the meter takes 2000 to 64000 Hz"
    );
    Ok(rate_hz)
}

/// A skew as the meter takes it. That of a residual current makes no difference to its RMS.
fn delay(path: &Path, skew_us: f64, rate_hz: f64) -> Result<i16> {
    let delay = (skew_us * 1e-6 * rate_hz * 256.0).round();
    ensure!(
        delay.abs() <= 2560.0,
        "{}: a skew of {skew_us} us, the meter corrects up to 10 samples of {rate_hz} Hz",
        path.display()
    );
    Ok(delay as i16)
}

/// A channel of the selection in volt or ampere, which must not be of another kind.
fn column(
    path: &Path,
    selection: &Selection,
    name: Option<&String>,
    kind: Kind,
    full_scale: Option<f64>,
) -> Result<Option<Column>> {
    let Some(column) = selection.columns.iter().find(|column| Some(&column.name) == name) else { return Ok(None) };
    if let Some(unit) = column.unit {
        let (has, wants) = if unit.kind == Kind::Voltage { ("voltage", "current") } else { ("current", "voltage") };
        ensure!(kind == unit.kind, "{}: channel {:?} is a {has}, not a {wants}", path.display(), column.name);
    }
    let scale = if selection.is_relative { full_scale.unwrap_or(1.0) } else { 1.0 };
    Ok(Some(Column { samples: column.samples.iter().map(|sample| sample * scale).collect(), ..column.clone() }))
}
