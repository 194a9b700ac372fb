//! What a bad line does to a frame: each damage is seen, none is taken for a message, and the next frame is read.

use hil_link::{Damage, Decoder, Kind, Request, encode, samples_frame};
use proptest::prelude::*;

const ROOM: usize = samples_frame(600);

/// A frame of samples long enough for several COBS runs.
fn frame(seq: u16, length: usize) -> Vec<u8> {
    let data: Vec<u8> = (0..length).map(|i| (i * 7 % 253) as u8).collect();
    let mut out = vec![0; ROOM];
    let end = encode(Kind::Request, seq, &Request::Samples { first_frame: 9, data: &data }, &mut out).unwrap();
    out.truncate(end);
    out
}

/// Sequence numbers of the good frames in the bytes, and the number of damaged ones.
fn read(bytes: &[u8]) -> (Vec<u16>, u32) {
    let mut decoder = Decoder::<ROOM>::new();
    let mut good = Vec::new();
    for &byte in bytes {
        if let Some(Ok(frame)) = decoder.push(byte) {
            good.push(frame.seq);
        }
    }
    (good, decoder.damaged())
}

#[test]
fn each_flipped_bit() {
    let [first, next] = [frame(1, 600), frame(2, 30)];
    for bit in 0..first.len() * 8 {
        let mut bytes = first.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // Whatever happened to the closing zero, the one a repeated frame starts with ends the damage.
        bytes.push(0);
        bytes.extend_from_slice(&next);
        let (good, damaged) = read(&bytes);
        assert_eq!(good, [2], "bit {bit}");
        assert!(damaged >= 1, "bit {bit}");
    }
}

#[test]
fn each_cut() {
    let [first, next] = [frame(1, 300), frame(2, 30)];
    for cut in 0..first.len() - 1 {
        // The end is lost: the next frame goes with it, its repetition does not.
        let joined = [&first[..cut], &next, &next].concat();
        let expected = if cut == 0 { (vec![2, 2], 0) } else { (vec![2], 1) };
        assert_eq!(read(&joined), expected, "cut after {cut}");
        // The beginning is lost.
        let tail = [&first[cut + 1..], &next].concat();
        let damaged = u32::from(cut + 2 < first.len());
        assert_eq!(read(&tail), (vec![2], damaged), "cut before {cut}");
    }
}

#[test]
fn each_missing_byte_and_each_doubled_byte() {
    let [first, next] = [frame(1, 300), frame(2, 30)];
    for place in 0..first.len() - 1 {
        let mut missing = [&first[..], &next].concat();
        missing.remove(place);
        assert_eq!(read(&missing), (vec![2], 1), "without byte {place}");
        let mut doubled = [&first[..], &next].concat();
        doubled.insert(place, first[place]);
        assert_eq!(read(&doubled), (vec![2], 1), "byte {place} twice");
    }
}

#[test]
fn swapped_neighbours() {
    let first = frame(1, 300);
    for place in 0..first.len() - 2 {
        let mut swapped = first.clone();
        swapped.swap(place, place + 1);
        let expected = if swapped == first { (vec![1], 0) } else { (vec![], 1) };
        assert_eq!(read(&swapped), expected, "bytes {place} and the next");
    }
}

#[test]
fn too_long_and_too_short() {
    let mut decoder = Decoder::<8>::new();
    for _ in 0..100 {
        assert_eq!(decoder.push(1), None);
    }
    assert_eq!(decoder.push(0), Some(Err(Damage::Long)));
    assert_eq!(decoder.push(0), None, "an empty frame is no damage");
    assert_eq!(decoder.push_slice(&[2, 1, 0]), (3, Some(Err(Damage::Short))));
    assert_eq!(decoder.push_slice(&[9, 1, 0]), (3, Some(Err(Damage::Stuffing))));
    assert_eq!(decoder.damaged(), 3);
}

#[test]
fn unknown_kind() {
    // Kind 3, number 1, no message, right checksum.
    let body = [3, 1, 0];
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&body).to_le_bytes();
    let mut stuffed = [0; 16];
    let length = cobs::encode(&[&body[..], &sum].concat(), &mut stuffed);
    assert_eq!(Decoder::<16>::new().push_slice(&stuffed[..=length]), (length + 1, Some(Err(Damage::Kind))));
}

proptest! {
    #[test]
    fn noise_is_no_message(noise in proptest::collection::vec(any::<u8>(), 0..4000)) {
        let mut bytes = noise;
        bytes.push(0);
        bytes.extend(frame(2, 30));
        prop_assert_eq!(read(&bytes).0, [2]);
    }

    #[test]
    fn any_data_comes_back(data in proptest::collection::vec(any::<u8>(), 0..600), seq: u16, piece in 1usize..100) {
        let mut out = [0; ROOM];
        let request = Request::Samples { first_frame: 1, data: &data };
        let end = encode(Kind::Request, seq, &request, &mut out).unwrap();
        prop_assert_eq!(out[..end].iter().position(|&byte| byte == 0), Some(end - 1));
        let mut decoder = Decoder::<ROOM>::new();
        let mut seen = 0;
        for mut bytes in out[..end].chunks(piece) {
            while !bytes.is_empty() {
                let (taken, frame) = decoder.push_slice(bytes);
                bytes = &bytes[taken..];
                if let Some(frame) = frame {
                    let frame = frame.unwrap();
                    prop_assert_eq!(frame.seq, seq);
                    prop_assert_eq!(postcard::from_bytes::<Request<'_>>(frame.message).unwrap(), request.clone());
                    seen += 1;
                }
            }
        }
        prop_assert_eq!(seen, 1);
    }
}
