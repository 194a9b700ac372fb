//! Compressed samples: what an encoder of this file's own makes of codes comes back, what the link's makes of them as well
//! and is never much longer than the codes, and bytes that are none are refused.
//!
//! The encoder here is written from `PROTOCOL.md`: bits are characters, differences are sums with binomial coefficients.

use hil_link::compressed::{Decompressor, Malformed, compress};
use proptest::prelude::*;

/// Orders of differences there are; 7 stands for the codes themselves.
const PLAIN: u32 = 7;

fn binomial(n: u32, k: u32) -> i64 {
    (0..k).fold(1, |product, i| product * i64::from(n - i) / i64::from(i + 1))
}

/// The lowest bits of a number as characters.
fn bits(value: i64, count: u32) -> String {
    (0..count).rev().map(|bit| if value >> bit & 1 == 1 { '1' } else { '0' }).collect()
}

/// Frames as `PROTOCOL.md` says, each channel with its order and the start of its mean.
fn encode(channels: &[Vec<i32>], heads: &[(u32, u32)], code_bytes: usize) -> Vec<u8> {
    let mut out: Vec<u8> = heads.iter().map(|(order, start)| (order * 32 + start) as u8).collect();
    let mut sums: Vec<u64> = heads.iter().map(|(_, start)| 8 << start).collect();
    let mut text = String::new();
    for n in 0..channels[0].len() {
        for (number, codes) in channels.iter().enumerate() {
            let (order, _) = heads[number];
            if order == PLAIN || n < order as usize {
                text += &bits(codes[n].into(), 8 * code_bytes as u32);
                continue;
            }
            let term = |k: u32| {
                (if k.is_multiple_of(2) { 1 } else { -1 }) * binomial(order, k) * i64::from(codes[n - k as usize])
            };
            let difference: i64 = (0..=order).map(term).sum();
            let value = if difference < 0 { -2 * difference - 1 } else { 2 * difference };
            let mean = sums[number] / 8;
            let low = (1..40).take_while(|&k| 1 << k <= mean).count() as u32;
            let quotient = value >> low;
            if quotient < 20 {
                text += &"1".repeat(quotient as usize);
                text += "0";
                text += &bits(value, low);
            } else {
                text += &"1".repeat(20);
                text += &bits(value, 32);
            }
            sums[number] = sums[number] - sums[number] / 8 + (value as u64).min(16 << low);
        }
    }
    let byte = |byte: &[u8]| byte.iter().enumerate().map(|(n, bit)| (bit - b'0') << (7 - n)).sum::<u8>();
    out.extend(text.as_bytes().chunks(8).map(byte));
    out
}

/// All frames that there are, and that nothing is behind them.
fn decode(data: &[u8], channels: usize, code_bytes: usize, frames: usize) -> Result<Vec<Vec<i32>>, Malformed> {
    let mut decompressor = Decompressor::new(data, channels, code_bytes)?;
    let mut codes = vec![Vec::new(); channels];
    for _ in 0..frames {
        let mut places = codes.iter_mut();
        decompressor.frame(|code| places.next().expect("no more codes than channels").push(code))?;
    }
    if decompressor.is_done() { Ok(codes) } else { Err(Malformed) }
}

/// What the link's own makes of the first frames, and how many those are.
fn compressed(channels: &[Vec<i32>], code_bytes: usize, room: usize) -> (Vec<u8>, usize) {
    let slices: Vec<&[i32]> = channels.iter().map(Vec::as_slice).collect();
    let mut out = vec![0xa5; room];
    let (frames, bytes) = compress(&slices, code_bytes, usize::MAX, &mut out);
    out.truncate(bytes);
    (out, frames)
}

/// Worked by hand: 5, 4, 6, 7 as first differences (order 1, start 1) beside 1, -1, 0, 0 as they are (order 7).
#[test]
fn golden_bytes() {
    let channels = [vec![5, 4, 6, 7], vec![1, -1, 0, 0]];
    // 0000000000000101 0000000000000001
    // -1 -> 1: mean 2, one low bit: 0 1; 1111111111111111
    //  2 -> 4: sum 16 - 2 + 1 = 15, mean 1, no low bit: 11110; 0000000000000000
    //  1 -> 2: sum 15 - 1 + 4 = 18, mean 2, one low bit: 10 0; 0000000000000000; six zeros
    let expected = [0x21, 0xe0, 0x00, 0x05, 0x00, 0x01, 0x7f, 0xff, 0xfc, 0x00, 0x01, 0x00, 0x00, 0x00];
    let bytes = encode(&channels, &[(1, 1), (PLAIN, 0)], 2);
    assert_eq!(bytes, expected);
    assert_eq!(decode(&bytes, 2, 2, 4), Ok(channels.to_vec()));
}

#[test]
fn an_edge_is_an_escape() {
    // 400 -> 800: mean 1, no low bits, 800 ones are too many: 20 ones and 32 bits.
    let bytes = encode(&[vec![400]], &[(0, 0)], 2);
    assert_eq!(bytes, [0x00, 0xff, 0xff, 0xf0, 0x00, 0x00, 0x32, 0x00]);
    assert_eq!(decode(&bytes, 1, 2, 1), Ok(vec![vec![400]]));
}

#[test]
fn what_is_no_frame_is_refused() {
    let channels = [vec![5, 4, 6, 7], vec![1, -1, 0, 0]];
    let bytes = encode(&channels, &[(1, 1), (PLAIN, 0)], 2);
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end], 2, 2, 4), Err(Malformed), "{end} bytes");
    }
    assert_eq!(decode(&bytes, 2, 2, 5), Err(Malformed), "a frame more");
    assert_eq!(decode(&bytes, 2, 2, 3), Err(Malformed), "a frame less");
    assert_eq!(decode(&[&bytes[..], &[0]].concat(), 2, 2, 4), Err(Malformed), "a byte more");
    let mut filled = bytes.clone();
    filled[13] |= 1;
    assert_eq!(decode(&filled, 2, 2, 4), Err(Malformed), "a bit in what fills the last byte");
    assert_eq!(decode(&[0; 11], 11, 2, 0), Err(Malformed), "more channels than a board has");
    // 32 767 as it is, then a first difference of 1.
    let beyond = encode(&[vec![32_767, 32_768]], &[(1, 0)], 2);
    assert_eq!(decode(&beyond, 1, 2, 2), Err(Malformed), "a code that two bytes do not hold");
    let least = encode(&[vec![-8_388_608, -8_388_609]], &[(1, 0)], 3);
    assert_eq!(decode(&least, 1, 3, 2), Err(Malformed), "a code that three bytes do not hold");
}

/// Full scale, code by code from end to end: the largest difference of each order there can be.
#[test]
fn the_largest_differences_come_back() {
    for (code_bytes, end) in [(2, 1 << 15), (3, 1 << 23)] {
        let codes: Vec<i32> = (0..40).map(|n| if n % 2 == 0 { -end } else { end - 1 }).collect();
        for order in 0..=PLAIN {
            for start in 0..32 {
                let bytes = encode(std::slice::from_ref(&codes), &[(order, start)], code_bytes);
                assert_eq!(decode(&bytes, 1, code_bytes, 40), Ok(vec![codes.clone()]), "{order} {start}");
            }
        }
    }
}

/// A mains of 50 Hz at 8 kHz, as the suites play it: two to twenty times as many frames. Noise and codes that go from end to
/// end each time: no more than a byte per channel longer.
#[test]
fn smooth_is_short_and_noise_is_not_long() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as i32
    };
    for code_bytes in [2, 3] {
        let shift = 32 - 8 * code_bytes as u32;
        let full = f64::from(i32::MAX >> shift);
        let wave = |of: &dyn Fn(f64) -> f64| -> Vec<i32> {
            (0..4_000).map(|n| (full * of(f64::from(n) * std::f64::consts::TAU / 160.0)).round() as i32).collect()
        };
        let random: Vec<i32> = (0..4_000).map(|_| noise() >> shift).collect();
        let end = full as i32;
        let cases = [
            ("sine", wave(&|x| 0.8 * x.sin()), 4.5),
            ("half wave", wave(&|x| 0.5 * x.sin().max(0.0)), 4.0),
            ("square wave", wave(&|x| if x.sin() > 0.01 { 1.0 } else { -1.0 }), 8.0),
            ("nothing", vec![0; 4_000], 11.0),
            ("noise", random, 1.0),
            ("from end to end", (0..4_000).map(|n| if n % 2 == 0 { -end - 1 } else { end }).collect(), 1.0),
        ];
        for (name, codes, least) in cases {
            let channels = vec![codes; 3];
            let (data, frames) = compressed(&channels, code_bytes, 2_000);
            let plain = frames * 3 * code_bytes;
            let gain = plain as f64 / data.len() as f64;
            println!("{name}, {code_bytes} bytes a code: {frames} frames in {} bytes, {gain:.2} to one", data.len());
            assert!(data.len() as f64 <= plain as f64 / least + 3.0, "{name}: {} bytes for {plain}", data.len());
            let whole: Vec<Vec<i32>> = channels.iter().map(|codes| codes[..frames].to_vec()).collect();
            assert_eq!(decode(&data, 3, code_bytes, frames), Ok(whole), "{name}");
        }
    }
}

/// Codes that wander, jump and stand still, within the width.
fn codes(code_bytes: usize) -> impl Strategy<Value = Vec<i32>> {
    let end = 1_i32 << (8 * code_bytes - 1);
    let step = prop_oneof![-3..4_i32, -2_000..2_000_i32, Just(0), -end..end];
    prop::collection::vec(step, 0..120).prop_map(move |steps| {
        steps
            .iter()
            .scan(0, |at, step| {
                *at = (*at + step).clamp(-end, end - 1);
                Some(*at)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_codes_of_any_heads_come_back(
        (code_bytes, codes) in (2_usize..4).prop_flat_map(|code_bytes| (Just(code_bytes), codes(code_bytes))),
        heads in prop::collection::vec((0..=PLAIN, 0..32_u32), 1..11),
    ) {
        // The same codes in each channel, later and later.
        let channels: Vec<Vec<i32>> =
            (0..heads.len()).map(|n| codes.iter().skip(n).chain(codes.iter().take(n)).copied().collect()).collect();
        let bytes = encode(&channels, &heads, code_bytes);
        prop_assert_eq!(decode(&bytes, heads.len(), code_bytes, codes.len()), Ok(channels));
    }

    #[test]
    fn what_the_link_compresses_comes_back(
        (code_bytes, codes) in (2_usize..4).prop_flat_map(|code_bytes| (Just(code_bytes), codes(code_bytes))),
        count in 1_usize..11,
        room in 0_usize..1_500,
    ) {
        let channels = vec![codes.clone(); count];
        let (data, frames) = compressed(&channels, code_bytes, room);
        prop_assert!(data.len() <= room && frames <= codes.len());
        if frames > 0 {
            let whole = vec![codes[..frames].to_vec(); count];
            prop_assert_eq!(decode(&data, count, code_bytes, frames), Ok(whole));
        } else {
            prop_assert!(data.is_empty());
        }
    }

    #[test]
    fn any_bytes_give_codes_or_an_error(
        data in prop::collection::vec(any::<u8>(), 0..300),
        channels in 0_usize..20,
        code_bytes in 2_usize..4,
    ) {
        let end = 1_i32 << (8 * code_bytes - 1);
        let Ok(mut decompressor) = Decompressor::new(&data, channels, code_bytes) else { return Ok(()) };
        let mut codes = 0;
        while channels > 0 && decompressor.frame(|code| { assert!((-end..end).contains(&code)); codes += 1; }).is_ok() {}
        // Each takes a bit at least.
        prop_assert!(codes <= 8 * data.len());
    }
}
