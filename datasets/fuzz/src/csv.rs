//! The reader of CSV as a recording: any bytes, with and without comments that describe it.

use datasets::csv;
use std::io::Cursor;

/// Survives all bytes; keeps no more numbers than there are bytes; what is read comes back from what is written.
pub fn csv(bytes: &[u8]) {
    check(bytes);
    let comments = "# cfg: s,d,2013\n# cfg: 2,1A,1D\n# cfg: 1,u,,,V,0.5,1,0,-9,9,1,1,P\n# cfg: 1,s,,,0\n# cfg: 50\n# cfg: 1\n\
                    # cfg: 1000,2\n# cfg: ,\n# cfg: ,\n# cfg: ASCII\n# cfg: 1\n# time_s: stamps of the recorder\n";
    check(&[comments.as_bytes(), b"time_s,u,s\n", bytes].concat());
    // A line of the configuration is replaced by the first line of the bytes.
    let Some((&line, bytes)) = bytes.split_first() else { return };
    let cut = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let mut lines: Vec<&[u8]> = comments.lines().map(str::as_bytes).collect();
    let own = [b"# cfg: ", &bytes[..cut]].concat();
    let at = usize::from(line) % lines.len();
    lines[at] = &own;
    check(&[lines.join(&b'\n').as_slice(), b"\ntime_s,u,s\n0,1.5,0\n0.001,,1\n", &bytes[cut..]].concat());
}

fn check(bytes: &[u8]) {
    let Ok(recording) = csv::parse_whole(Cursor::new(bytes.to_vec())) else { return };
    let values: usize = recording.channels.iter().map(|channel| channel.raw.len()).sum();
    let states: usize = recording.status.iter().map(|status| status.states.len()).sum();
    assert!(values + states <= bytes.len() && recording.frames > 0);
    let _span = recording.span();
    let Ok(sheet) = csv::Sheet::of(&recording) else { return };
    let mut written = Vec::new();
    sheet.write(&mut written).expect("memory can be written");
    let again = csv::parse_whole(Cursor::new(written)).expect("what was written can be read");
    assert_eq!(again.frames, recording.frames);
    assert_eq!(again.details.information, recording.details.information);
    for (channel, expected) in again.channels.iter().zip(&recording.channels) {
        let same = |(a, b): (f64, f64)| (a - b).abs() == 0.0 || (a.is_nan() && b.is_nan());
        assert!(channel.values().zip(expected.values()).all(same), "{channel:?} {expected:?}");
    }
}
