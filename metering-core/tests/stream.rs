//! The stream: block cuts, hostile codes, and the way into the lock.
#![cfg(feature = "residual")]

mod common;

use common::{AMPERE, Mains, VOLT};
use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::{Flags, Reading};
use metering_core::residual::Residual;
use metering_core::{Block, Meter, Sample};
use proptest::prelude::*;

fn cut<S: Sample>(config: Config<S, 1>, v: &[S], i: &[S], cuts: &[usize]) -> Vec<Reading<1>> {
    let (mut out, mut at) = (vec![], 0);
    let mut meter = Meter::new(config);
    for &length in cuts.iter().cycle() {
        let end = (at + length).min(v.len());
        let block = Block { voltage: &v[at..end], currents: [&i[at..end]], residual: &v[at..end] };
        meter.push(&block, &mut |reading: &Reading<1>| out.push(*reading));
        at = end;
        if at == v.len() {
            return out;
        }
    }
    unreachable!()
}

fn hostile(bits: u32, rate: f64) -> Settings<1> {
    Settings {
        voltage: Some(Channel::new(Volt::from_num(VOLT))),
        currents: [Some(Channel::new(Ampere::from_num(AMPERE)))],
        residual: Some(Residual::new(Channel::new(Ampere::from_num(0.1)))),
        ..Settings::new(SampleRate::from_num(rate), bits)
    }
}

/// Readings of the same feed, the second ones with `dc` volt more. Codes divided between two cycles are rounded elsewhere where
/// an offset is in them: 5 ppm at 12 bits.
fn read_the_same(signed: &[Reading<1>], offset: &[Reading<1>], dc: f64) {
    assert!(signed.len() == offset.len() && signed.len() > 8);
    for (signed, offset) in signed.iter().zip(offset).skip(1) {
        assert_eq!(signed.flags, offset.flags);
        let near = |name: &str, a: f64, b: f64, allowed: f64| assert!((a - b).abs() < allowed, "{name}: {a} {b}");
        let (a, b) = (signed.voltage.unwrap(), offset.voltage.unwrap());
        near("V", a.rms.to_num(), b.rms.to_num(), 1_150e-6);
        near("V DC", a.dc.to_num::<f64>() + dc, b.dc.to_num(), 4e-3);
        near("V peak", a.peak.to_num(), b.peak.to_num(), 4e-3);
        let (a, b) = (signed.currents[0].unwrap(), offset.currents[0].unwrap());
        near("I", a.rms.to_num(), b.rms.to_num(), 52e-6);
        let (a, b) = (a.power.unwrap(), b.power.unwrap());
        near("P", a.active.to_num(), b.active.to_num(), 2_300e-5);
        near("Q1", a.reactive.to_num(), b.reactive.to_num(), 2_300e-5);
    }
}

/// Offset-binary codes are signed ones with their middle moved: an offset, which is removed anyway.
#[test]
fn offset_binary_reads_as_signed_does() {
    for bits in [12, 16] {
        let mains = Mains { bits, harmonics: vec![(3.0, 0.3)], ..Mains::default() };
        let signed = mains.readings(2.0, |code| code as i16);
        read_the_same(&signed, &mains.readings(2.0, |code| (code + (1 << (bits - 1))) as u16), 0.0);
    }
}

/// Offset-binary codes of at most 15 bits are signed ones of one bit more and twice the range; 300 V are clipped.
#[test]
fn offset_binary_codes_may_be_given_as_signed_ones() {
    for volt in [230.0, 300.0] {
        let mains = Mains { bits: 12, volt, harmonics: vec![(3.0, 0.3)], ..Mains::default() };
        let (v, i) = mains.codes(2.0, |code| (code + 2_048) as i16);
        let channel =
            |range: f64| Some(Channel { clip: Some((0, 4_095)), ..Channel::new(Volt::from_num(2.0 * range)) });
        let settings = Settings {
            voltage: channel(VOLT),
            currents: [channel(AMPERE)],
            ..Settings::new(SampleRate::from_num(mains.rate), 13)
        };
        let offset = cut(Config::new(settings).unwrap(), &v, &i, &[64]);
        read_the_same(&mains.readings(2.0, |code| code as i16), &offset, VOLT);
        assert_eq!(offset[4].flags, if volt > 290.0 { Flags::CLIPPED } else { Flags::empty() });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn block_cuts_change_no_bit(cuts in prop::collection::vec(1usize..700, 1..12), hertz in 42.5..69.0, rate in 2_000.0..64_000.0) {
        let mains = Mains { hertz, rate, harmonics: vec![(3.0, 0.4)], ..Mains::default() };
        let (v, i) = mains.codes(1.0, |code| code);
        let config = Config::new(hostile(24, rate)).unwrap();
        let whole = cut(config, &v, &i, &[v.len()]);
        prop_assert_eq!(&whole, &cut(config, &v, &i, &cuts));
        // Single frames are kept until they are worth a loop.
        prop_assert_eq!(&whole, &cut(config, &v, &i, &[1]));
        let mixed: Vec<usize> = cuts.iter().flat_map(|cut| [1, 1, 1, cut % 23 + 1]).collect();
        prop_assert_eq!(&whole, &cut(config, &v, &i, &mixed));
    }

    #[test]
    fn interleaved_frames_are_the_same(length in 1usize..2_000, residual: bool) {
        let mains = Mains { hertz: 51.3, ..Mains::default() };
        let (v, i) = mains.codes(1.0, |code| code);
        let settings = hostile(24, 8_000.0);
        let settings = Settings { residual: settings.residual.filter(|_| residual), ..settings };
        let config = Config::new(settings).unwrap();
        let frames: Vec<i32> = v
            .iter()
            .zip(&i)
            .flat_map(|(&v, &i)| if residual { vec![v, i, v] } else { vec![v, i] })
            .collect();
        let mut meter = Meter::new(config);
        let mut out = vec![];
        let channels = settings.channels();
        for piece in frames.chunks(length * channels) {
            meter.push_interleaved(piece, &mut |reading: &Reading<1>| out.push(*reading));
        }
        prop_assert_eq!(out, cut(config, &v, &i, &[v.len()]));
    }

    #[test]
    fn any_codes_are_survived(seed: u64, bits in 8u32..=24, rate in 2_000.0..64_000.0, kind in 0..5) {
        let mut state = seed | 1;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let codes: Vec<i32> = (0..20_000)
            .map(|n| match kind {
                0 => random() as i32,
                1 => if n % 2 == 0 { i32::MAX } else { i32::MIN },
                2 => i32::MIN,
                3 => if (n / 80) % 2 == 0 { i32::MAX } else { i32::MIN },
                _ => (random() >> 40) as i32 - (1 << 23),
            })
            .collect();
        let narrow: Vec<i16> = codes.iter().map(|&code| (code >> 16) as i16).collect();
        for readings in [
            cut(Config::<i32, 1>::new(hostile(bits, rate)).unwrap(), &codes, &codes, &[997]),
            cut(Config::<i16, 1>::new(hostile(bits.min(16), rate)).unwrap(), &narrow, &narrow, &[997]),
        ] {
            for reading in &readings {
                prop_assert!(reading.flags.contains(Flags::CLIPPED) || !(1..4).contains(&kind));
                // Nothing can be larger than the range says: full scale, and codes are clamped to the sample type.
                let most = VOLT * f64::from(1 << (24 - bits.clamp(8, 16))) * 1.000_001;
                prop_assert!(reading.voltage.unwrap().rms.to_num::<f64>() <= most);
            }
        }
    }
}

/// From cold, with 50 % third and 20 % fifth harmonic in the voltage: locked within 300 ms and then within 1 %, within 10 ppm from the fifth window on.
#[test]
fn the_lock_is_found_from_any_start() {
    let mut slowest = 0f64;
    for case in 0..2_000u32 {
        let random = |salt: u32, span: f64| {
            let mixed = (case + 1).wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(40_503_001));
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519);
            f64::from(mixed ^ (mixed >> 13)) / 2f64.powi(32) * span
        };
        let mains = Mains {
            hertz: 42.5 + random(1, 26.5),
            start: random(2, 360.0),
            rate: [2_000.0, 4_000.0, 8_000.0][case as usize % 3],
            volt: 120.0,
            volt_harmonics: vec![(3.0, 0.5), (5.0, 0.2)],
            harmonics: vec![(3.0, 0.5)],
            ..Mains::default()
        };
        let readings = mains.readings(2.0, |code| code);
        let locked = readings.iter().position(|reading| reading.flags.is_empty()).unwrap();
        let seconds = readings[locked - 1].end_frame as f64 / mains.rate;
        slowest = slowest.max(seconds);
        assert!(seconds < 0.30, "{} Hz, {} deg: {seconds} s", mains.hertz, mains.start);
        let worst = mains.worst(&readings[locked..]);
        assert!(worst[..4].iter().all(|&ppm| ppm < 10_000.0), "{worst:?}");
        let limit = if mains.rate < 3_000.0 { 300.0 } else { 10.0 };
        let worst = mains.worst(&readings[5..]);
        assert!(worst[..4].iter().all(|&ppm| ppm < limit), "{} {} {}: {worst:?}", mains.rate, mains.hertz, mains.start);
    }
    println!("slowest lock: {slowest:.3} s");
}

#[test]
fn no_voltage_runs_on_the_nominal_frequency() {
    let mains = Mains { volt: 0.0, hertz: 50.0, ..Mains::default() };
    let readings = mains.readings(1.05, |code| code);
    assert_eq!(readings.len(), 5);
    for reading in &readings {
        assert_eq!(reading.flags, Flags::NO_VOLTAGE);
        let ampere = reading.currents[0].unwrap().rms.to_num::<f64>();
        assert!((ampere / mains.ampere - 1.0).abs() < 5e-6, "{ampere}");
    }
}
