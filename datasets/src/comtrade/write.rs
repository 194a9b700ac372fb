//! Writer of the revision 2013.
//!
//! In comes a recording and the form wanted, out go the bytes of each file and what they cannot hold. This file must not
//! know the names of files.

mod codes;
mod config;
mod stamps;

pub(crate) use config::{config, plain_cell};

use super::DataType;
use crate::recording::{Recording, Status};
use codes::Codes;
use stamps::Stamps;

/// How a recording is to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// How samples are stored; without it as they were read, or else in the smallest type that holds them exactly.
    pub data: Option<DataType>,
    /// A single file instead of a pair.
    pub single: bool,
}

/// What was made of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// Extension and bytes of each file.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// What of the recording they do not hold, one line each.
    pub lost: Vec<String>,
}

/// Makes the bytes of the files.
///
/// # Errors
/// One line: what makes it impossible.
pub fn make(recording: &Recording, form: Form) -> Result<Made, String> {
    if recording.channels.len() + recording.status.len() > super::MAX_CHANNELS {
        return Err(format!("more than {} channels", super::MAX_CHANNELS));
    }
    if recording.frames == 0 {
        return Err("there is no sample to write".to_owned());
    }
    let mut lost = Vec::new();
    let data = form.data.unwrap_or_else(|| codes::smallest(recording));
    let codes: Vec<Codes<'_>> = recording.channels.iter().map(|channel| codes::fit(channel, data, &mut lost)).collect();
    let stamps = stamps::fit(recording, data, &mut lost)?;
    let config = config::text(recording, data, &codes, &stamps, &mut lost);
    let bytes = if data == DataType::Ascii {
        ascii(recording, &codes, &stamps)
    } else {
        binary(recording, data, &codes, &stamps)
    };
    let (header, information) = (&recording.details.notes, &recording.details.information);
    if !form.single {
        let mut files = vec![("cfg", config.into_bytes()), ("dat", bytes)];
        for (extension, lines) in [("hdr", header), ("inf", information)] {
            if !lines.is_empty() {
                files.push((extension, block(lines, str::to_owned)));
            }
        }
        return Ok(Made { files, lost });
    }
    let kind = match data {
        DataType::Ascii => "ASCII".to_owned(),
        _ => format!("{}: {}", data.name(), bytes.len()),
    };
    // A line that looks like the beginning of another part would cut this one; a space before a cell is no part of it.
    let guarded = |line: &str| if line.starts_with("---") { format!(" {line}") } else { line.to_owned() };
    let single = [
        b"--- file type: CFG ---\r\n".to_vec(),
        block(&config.lines().map(str::to_owned).collect::<Vec<_>>(), guarded),
        b"--- file type: INF ---\r\n".to_vec(),
        block(information, guarded),
        b"--- file type: HDR ---\r\n".to_vec(),
        block(header, guarded),
        format!("--- file type: DAT {kind} ---\r\n").into_bytes(),
        bytes,
    ];
    Ok(Made { files: vec![("cff", single.concat())], lost })
}

fn block(lines: &[String], edit: impl Fn(&str) -> String) -> Vec<u8> {
    let text: String = lines.iter().map(|line| edit(&line.replace(['\r', '\n'], " ")) + "\r\n").collect();
    text.into_bytes()
}

fn ascii(recording: &Recording, codes: &[Codes<'_>], stamps: &Stamps) -> Vec<u8> {
    let mut out = String::new();
    for frame in 0..recording.frames {
        out += &(frame + 1).to_string();
        out.push(',');
        if let Some(tick) = stamps.ticks[frame] {
            out += &tick.to_string();
        }
        for channel in codes {
            out.push(',');
            let raw = channel.raw[frame];
            out += &match config::number(raw) {
                _ if raw.is_nan() => "99999".to_owned(),
                // A number like any other: with decimals it is not the marker.
                number if number == "99999" => "99999.0".to_owned(),
                number => number,
            };
        }
        for status in &recording.status {
            out += if status.states[frame] == 0 { ",0" } else { ",1" };
        }
        out += "\r\n";
    }
    out.into_bytes()
}

fn binary(recording: &Recording, data: DataType, codes: &[Codes<'_>], stamps: &Stamps) -> Vec<u8> {
    let mut out = Vec::new();
    for frame in 0..recording.frames {
        out.extend((frame as u32).wrapping_add(1).to_le_bytes());
        // `stamps::fit` leaves no stamp that does not fit.
        out.extend(stamps.ticks[frame].map_or(u32::MAX, |tick| tick as u32).to_le_bytes());
        for channel in codes {
            let raw = channel.raw[frame];
            match data {
                DataType::Binary if raw.is_nan() => out.extend(i16::MIN.to_le_bytes()),
                DataType::Binary => out.extend((raw as i16).to_le_bytes()),
                DataType::Binary32 if raw.is_nan() => out.extend(i32::MIN.to_le_bytes()),
                DataType::Binary32 => out.extend((raw as i32).to_le_bytes()),
                _ if raw.is_nan() => out.extend(f32::MIN.to_le_bytes()),
                _ => out.extend((raw as f32).to_le_bytes()),
            }
        }
        for word in recording.status.chunks(16) {
            let bit = |(n, status): (usize, &Status)| u16::from(status.states[frame] != 0) << n;
            out.extend(word.iter().enumerate().map(bit).sum::<u16>().to_le_bytes());
        }
    }
    out
}
