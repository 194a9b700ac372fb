//! The reader of WAV: any bytes, and headers that are nearly right.

use datasets::recording::Recording;
use datasets::wav;

/// Survives all bytes in bounded memory; what is read comes back from what is written.
pub fn wav(bytes: &[u8]) {
    check(bytes);
    // The rest takes its numbers from the bytes: a header of the plainest kind before data of any length.
    let Some((numbers, data)) = bytes.split_at_checked(8) else { return };
    let header = [
        b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0".as_slice(),
        &[numbers[0] % 4, 0, numbers[1] % 5, 0],
        &[numbers[2], numbers[3], 0, 0],
        &(u32::from(numbers[4])).to_le_bytes(),
        &[numbers[5] % 33, 0, numbers[6] % 65, 0],
        b"data",
        &(data.len() as u32).wrapping_add(u32::from(numbers[7])).to_le_bytes(),
        data,
    ];
    check(&header.concat());
}

fn check(bytes: &[u8]) {
    let Ok(recording) = wav::parse(bytes) else { return };
    let values = |recording: &Recording| recording.channels.iter().map(|channel| channel.raw.len()).sum::<usize>();
    assert!(values(&recording) <= bytes.len() && recording.frames > 0);
    let made = wav::make(&recording, None).expect("what was read can be written");
    let again = wav::parse(made.bytes.as_slice()).expect("what was written can be read");
    assert_eq!(values(&again), values(&recording));
    for (channel, expected) in again.channels.iter().zip(&recording.channels) {
        let same = |(a, b): (&f64, &f64)| (a - b).abs() == 0.0 || (a.is_nan() && b.is_nan());
        assert!(channel.raw.iter().zip(&expected.raw).all(same), "{channel:?} {expected:?}");
    }
}
