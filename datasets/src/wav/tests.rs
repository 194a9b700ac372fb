//! Files made by hand, byte by byte, and what is refused.
#![allow(clippy::float_cmp, reason = "numbers of a file are read exactly")]

use super::*;

/// A file of one kind: 1 is whole numbers, 3 floats.
fn file(kind: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let align = channels * bits / 8;
    let head = [
        &kind.to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(align)).to_le_bytes(),
        &align.to_le_bytes(),
        &bits.to_le_bytes(),
    ]
    .concat();
    let size = (36 + data.len() as u32).to_le_bytes();
    [b"RIFF", &size[..], b"WAVEfmt ", &16_u32.to_le_bytes(), &head, b"data", &(data.len() as u32).to_le_bytes(), data]
        .concat()
}

#[test]
fn codes_of_16_bits() {
    let data: Vec<u8> = [1_i16, -32768, 16_384, 32_767].iter().flat_map(|code| code.to_le_bytes()).collect();
    let recording = parse(&file(1, 2, 8000, 16, &data)[..]).unwrap();
    assert_eq!((recording.channels[0].name.as_str(), recording.channels[1].name.as_str()), ("ch1", "ch2"));
    assert_eq!(recording.channels[0].raw, [1.0, 16_384.0]);
    assert_eq!(recording.channels[0].values().collect::<Vec<_>>(), [1.0 / 32_768.0, 0.5]);
    assert_eq!(recording.channels[1].values().collect::<Vec<_>>(), [-1.0, 32_767.0 / 32_768.0]);
    assert_eq!(recording.sections, [Section { rate_hz: 8000.0, end: 2 }]);
}

#[test]
fn codes_of_24_bits_and_floats() {
    let recording = parse(&file(1, 1, 48_000, 24, &[0, 0, 0x40, 0xff, 0xff, 0xff])[..]).unwrap();
    assert_eq!(recording.channels[0].values().collect::<Vec<_>>(), [0.5, -f64::powi(2.0, -23)]);
    let data: Vec<u8> = [325.25_f32, f32::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
    let recording = parse(&file(3, 1, 4000, 32, &data)[..]).unwrap();
    assert!(recording.channels[0].raw[0] == 325.25 && recording.channels[0].raw[1].is_nan());
}

#[test]
fn damaged_files() {
    let refused = |bytes: &[u8], expected: &str| {
        let fault = parse(bytes).unwrap_err().to_string();
        assert!(fault.contains(expected) && !fault.contains('\n'), "{fault}");
    };
    refused(b"", "byte 1: not a WAV file");
    refused(b"RIFF....WAVEfmt ", "byte 1: not a WAV file");
    refused(&file(1, 0, 8000, 16, &[]), "byte 1");
    refused(&file(1, 1, 0, 16, &[0; 4]), "rate of 0");
    refused(&file(85, 1, 8000, 16, &[0; 4]), "byte 1");
    refused(&file(1, 1, 8000, 16, &[]), "sample 1: ");
    let mut claim = file(1, 1, 8000, 16, &[0; 4]);
    claim[40..44].copy_from_slice(&0x7fff_fffe_u32.to_le_bytes());
    refused(&claim, "sample 3: ");
}

#[test]
fn what_wav_does_not_hold_is_told() {
    let mut recording = parse(&file(1, 1, 8000, 16, &[1, 0, 2, 0])[..]).unwrap();
    assert_eq!(make(&recording, None).unwrap().lost, [""; 0]);
    let status = crate::recording::Status { name: "Trip".into(), states: vec![0, 1], ..Default::default() };
    recording.status.push(status);
    recording.details.station = "S".into();
    recording.sections[0].rate_hz = 8000.5;
    let channel = &mut recording.channels[0];
    (channel.name, channel.unit, channel.a) = ("Ua".into(), "V".into(), 2.0);
    channel.raw[1] = f64::NAN;
    let lost = make(&recording, Some(Format::Codes(16))).unwrap().lost.join("; ");
    for part in [
        "fraction of the rate of 8000.5",
        "names, units",
        "factors",
        "status channels: 1",
        "station",
        "1 samples are missing",
    ] {
        assert!(lost.contains(part), "{part} is not in {lost}");
    }
    // Values that are no codes are scaled to the peak.
    recording.channels[0] = Channel::new("ch1", "V", vec![-200.5, 100.25]);
    let made = make(&recording, Some(Format::Codes(16))).unwrap();
    assert!(made.lost.iter().any(|lost| lost.contains("full scale is 200.5 V")), "{:?}", made.lost);
    assert_eq!(parse(&made.bytes[..]).unwrap().channels[0].raw, [-32_768.0, 16_384.0]);
}

#[test]
fn only_a_span_of_one_rate_is_written() {
    let sections = vec![Section { rate_hz: 1000.0, end: 1 }, Section { rate_hz: 8000.0, end: 4 }];
    let channels = vec![Channel::new("ch1", "", vec![1.0, 2.0, 3.0, 4.0])];
    let recording = Recording { channels, frames: 4, sections, ..Recording::default() };
    let made = make(&recording, None).unwrap();
    assert!(made.lost[0].contains("all but samples 2 to 4 of 4"), "{:?}", made.lost);
    assert_eq!(parse(&made.bytes[..]).unwrap().channels[0].raw, [2.0, 3.0, 4.0]);
    let untold = Recording { sections: vec![], ..recording };
    assert!(make(&untold, None).unwrap_err().contains("rate is not known"));
}
