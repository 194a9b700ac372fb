//! What is told comes back, and what somebody else wrote is looked at.

use super::*;
use hil_link::residual::{Characteristic, Type};
use hil_link::{EventLimits, Monitor, NoLoad, Nominal, Overload, Residual};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Settings of every kind, each anywhere in the range of its type.
fn header(random: &mut Xoshiro256PlusPlus) -> Header {
    let mut number = |most: u64| random.next_u64() % most.saturating_add(1);
    // A double has 53 bits: 2 million volt to the last of the 32 bits behind the point.
    let mut channel = || Channel {
        range: number((1 << 53) - 1) + 1,
        gain_ppm: number(u32::MAX.into()) as u32 as i32,
        inverted: number(1) == 1,
        phase: number(u16::MAX.into()) as u16 as i16,
        delay: number(u16::MAX.into()) as u16 as i16,
        zero: (number(1) == 1).then(|| number(u32::MAX.into()) as u32 as i32),
        noise: number(1 << 53),
        clip: (number(1) == 1).then(|| (-(number(1 << 23) as i32), number(1 << 23) as i32)),
    };
    let (voltage, residual) = (channel(), channel());
    let currents = (0..8).map(|_| channel()).collect();
    let monitor = Monitor {
        rated: number(1 << 40) + 1,
        detects: if number(1) == 1 { Type::A } else { Type::Ac },
        pre_warning_percent: number(255) as u8,
        hysteresis_percent: number(255) as u8,
        characteristic: [Characteristic::General, Characteristic::ShortDelay, Characteristic::Selective]
            [number(2) as usize],
        response_delay_ms: number(u32::MAX.into()) as u32,
        pre_warning_delay_ms: number(u32::MAX.into()) as u32,
        release_delay_ms: number(u32::MAX.into()) as u32,
        start_up_delay_ms: number(u32::MAX.into()) as u32,
        latching: number(1) == 1,
        least_noise: number(1 << 40),
    };
    let mut share = || number(u16::MAX.into()) as u16;
    let events = EventLimits {
        nominal: 230 << 32,
        dip: Some(share()),
        swell: None,
        interruption: Some(share()),
        hysteresis: share(),
        overloads: [None, Some(Overload { threshold: 3 << 31, hysteresis: share(), delay: share() })]
            .into_iter()
            .collect(),
    };
    let config = Config {
        sample_rate: number(64_000 << 32) + 1,
        clock: number(u16::MAX.into()) as u16 as i16,
        adc_bits: 8 + number(16) as u8,
        nominal: [Nominal::Auto, Nominal::Hz50, Nominal::Hz60][number(2) as usize],
        voltage: Some(voltage),
        currents,
        residual: Some(Residual {
            channel: residual,
            corner_mhz: Some(number(u16::MAX.into()) as u16),
            monitor: Some(monitor),
        }),
        no_load: Some(NoLoad {
            power: number(1 << 50) as i64,
            current: number(1 << 53),
            hysteresis: number(100) as u8,
        }),
        events: Some(events),
    };
    let origin = Origin {
        board: "a \"board\" 1.0".into(),
        first_frame: number(i64::MAX as u64),
        lost_frames: 321,
        trigger: Some(("voltage>3".into(), number(1 << 40))),
        digest: Some(number(u64::MAX)),
    };
    Header::new(config, origin)
}

#[test]
fn settings_come_back_to_the_last_bit() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    for _ in 0..200 {
        let header = header(&mut random);
        let mut lines = header.lines().unwrap();
        // Other programs have lines of their own.
        lines.insert(0, "[Public Record_Information]".into());
        lines.insert(1, "Source = somebody, somewhere".into());
        lines.extend(["[hilbert]".to_owned(), "not = [ours".to_owned()]);
        assert_eq!(Header::read(&lines).unwrap(), Some(header));
    }
}

#[test]
fn lines_of_others_are_none() {
    for lines in [&[][..], &["[Public File_Description]", "hil = 3"], &["hil"]] {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(Header::read(&lines).unwrap(), None, "{lines:?}");
    }
}

/// What has no place is refused rather than rounded.
#[test]
fn what_cannot_be_told_is_refused() {
    let mut header = header(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    header.config.currents[0].range = (1 << 60) + 1;
    assert!(header.lines().is_err());
}

/// A file may steer no terminal by what it is refused for.
#[test]
fn what_is_refused_is_told_plainly() {
    let mut lines = header(&mut Xoshiro256PlusPlus::seed_from_u64(1)).lines().unwrap();
    lines.push("\"\\u001b]2;x\\u001b\" = 1".into());
    let refused = format!("{:#}", Header::read(&lines).unwrap_err());
    assert!(refused.contains("]2;x"), "{refused:?}");
    assert!(!refused.contains(char::is_control), "{refused:?}");
}

/// Half of the range is half of the codes; gain, sign and zero are corrected.
#[test]
fn codes_are_volts() {
    let plain = Channel::new(400 << 32);
    assert_eq!(scale(&plain, 24), (400.0 / 8_388_608.0, 0.0));
    let bent = Channel { gain_ppm: -20_000, inverted: true, zero: Some(256 * 100), ..plain };
    let (step, zero) = scale(&bent, 16);
    assert!((step * 100.0 + zero).abs() < 1e-12);
    assert!((step * (100.0 - 16_384.0) + zero - 0.98 * 200.0).abs() < 1e-9);
}
