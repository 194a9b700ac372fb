//! The reader of COMTRADE: any bytes as a single file and as a pair, and configurations that are nearly right before any
//! data.

use arbitrary::{Result, Unstructured};
use datasets::comtrade::{self, DataType, Form};
use datasets::recording::Recording;
use datasets::{csv, wav};

/// Survives all bytes; keeps no more numbers than there are bytes; what is read comes back from what is written.
pub fn comtrade(bytes: &[u8]) {
    let Some((mode, bytes)) = bytes.split_first() else { return };
    match mode % 4 {
        0 => check(comtrade::parse_cff(bytes).ok(), bytes.len()),
        1 => {
            let Some((cut, bytes)) = bytes.split_first() else { return };
            let (cfg, dat) = bytes.split_at((usize::from(*cut) * 8).min(bytes.len()));
            check(comtrade::parse(cfg, dat).ok(), bytes.len());
        }
        _ => {
            let mut u = Unstructured::new(bytes);
            let Ok(cfg) = config(&mut u) else { return };
            let dat = u.take_rest();
            check(comtrade::parse(cfg.as_bytes(), dat).ok(), dat.len());
        }
    }
}

/// A number as a file may have it.
fn number(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0 => String::new(),
        1 => u.arbitrary::<f64>()?.to_string(),
        2 => u.arbitrary::<i32>()?.to_string(),
        3 => (*u.choose(&["1e308", "-1e-320", "99999", "-0", "4294967295", "18446744073709551616", "x"])?).to_owned(),
        _ => u.int_in_range(0..=50)?.to_string(),
    })
}

fn config(u: &mut Unstructured<'_>) -> Result<String> {
    let year = *u.choose(&["", ",1991", ",1999", ",2013", ",2000", ",x"])?;
    let (analogs, states) = (u.int_in_range(0..=4)?, u.int_in_range(0..=20)?);
    let claimed = if u.ratio(1, 20)? { 999_999_999 } else { analogs };
    let mut text = vec![format!("s,d{year}\n{},{claimed}A,{states}D\n", analogs + states)];
    for n in 0..analogs {
        let (a, b) = if u.arbitrary()? { ("0.5".to_owned(), "1".to_owned()) } else { (number(u)?, number(u)?) };
        let side = *u.choose(&["P", "s", "", "q"])?;
        text.push(format!("{n},c{n},A,x,V,{a},{b},0,{},9,{},1,{side}\n", number(u)?, number(u)?));
    }
    for n in 0..states {
        text.push(format!("{n},s{n},,,0\n"));
    }
    let rates = u.int_in_range(0..=3)?;
    text.push(format!("50\n{rates}\n"));
    for n in 0..rates.max(1) {
        let rate = if u.arbitrary()? { "1000".to_owned() } else { number(u)? };
        let end = if u.ratio(1, 8)? { number(u)? } else { (2 * (n + 1)).to_string() };
        text.push(format!("{rate},{end}\n"));
    }
    let fraction = *u.choose(&["5", "123456", "123456789", ""])?;
    let data = *u.choose(&["ASCII", "BINARY", "BINARY32", "FLOAT32", "binary", "?"])?;
    text.push(format!("01/02/2003,04:05:06.{fraction}\n01/02/03,04:05:06.5\n{data}\n{}\n0,0\n0,0\n", number(u)?));
    Ok(text.concat())
}

fn check(recording: Option<Recording>, bytes: usize) {
    let Some(recording) = recording else { return };
    // A number takes a byte at least, sixteen states take two.
    let words = recording.status.len().div_ceil(16);
    assert!(recording.frames * (recording.channels.len() + words) <= bytes, "more numbers than bytes");
    for channel in &recording.channels {
        assert_eq!(channel.raw.len(), recording.frames);
    }
    let _span = recording.span();
    if let Some(seconds) = recording.seconds() {
        assert_eq!(seconds.len(), recording.frames);
    }
    for (n, data) in [None].into_iter().chain(DataType::ALL.map(Some)).enumerate() {
        let Ok(made) = comtrade::make(&recording, Form { data, single: n % 2 == 0 }) else { continue };
        let again = match made.files.as_slice() {
            [(_, single)] => comtrade::parse_cff(single),
            [(_, cfg), (_, dat), ..] => comtrade::parse(cfg, dat),
            [] => panic!("no file"),
        };
        let again = again.expect("what was written can be read");
        // Names lose their control characters.
        let states =
            |recording: &Recording| recording.status.iter().map(|status| status.states.clone()).collect::<Vec<_>>();
        assert_eq!((again.frames, &again.sections), (recording.frames, &recording.sections));
        assert_eq!(states(&again), states(&recording));
        if n == 0 {
            same(&again, &recording);
        }
    }
    let _csv = csv::Sheet::of(&recording).map(|sheet| sheet.write(&mut std::io::sink()));
    let _wav = wav::make(&recording, None);
    let _codes = wav::make(&recording, Some(wav::Format::Codes(16)));
}

/// Without a type asked for nothing is rounded.
fn same(again: &Recording, recording: &Recording) {
    for (channel, expected) in again.channels.iter().zip(&recording.channels) {
        let same = |(a, b): (f64, f64)| a.total_cmp(&b).is_eq() || (a - b).abs() == 0.0 || (a.is_nan() && b.is_nan());
        assert!(channel.values().zip(expected.values()).all(same), "{channel:?} {expected:?}");
    }
}
