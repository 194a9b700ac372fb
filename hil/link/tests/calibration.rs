//! A calibration: how it composes with a configuration, and what is refused by name. Expected values by hand.

use heapless::Vec;
use hil_link::{
    ANSWER_MAX, Calibration, CalibrationRequest, CalibrationState, Channel, Config, Correction, Kind, Memory, Nominal,
    Place, Request, Residual, Response, encode, samples_frame,
};

fn config(adc_bits: u8) -> Config {
    let channel = Channel { zero: Some(0), ..Channel::new(400 << 32) };
    Config {
        sample_rate: 8000 << 32,
        clock: 5,
        adc_bits,
        nominal: Nominal::Auto,
        voltage: Some(channel),
        currents: Vec::from_slice(&[channel, Channel::new(25 << 32)]).unwrap(),
        residual: Some(Residual::new(Channel { noise: 3 << 20, ..Channel::new(1 << 30) })),
        no_load: None,
        events: None,
    }
}

#[test]
fn corrections_compose_with_what_a_configuration_corrects_itself() {
    let correction = Correction { gain_ppm: -29_126, phase: 1_500, delay: -3, offset: 0x0040_0000, noise: 1 << 22 };
    let calibration = Calibration {
        clock: -7,
        voltage: Some(Correction { gain_ppm: 20_000, ..correction }),
        currents: Vec::from_slice(&[None, Some(correction)]).unwrap(),
        residual: Some(Correction { noise: 4 << 22, ..correction }),
        ..Calibration::default()
    };
    let mut wide = config(24);
    wide.voltage.as_mut().unwrap().gain_ppm = 500_000;
    calibration.apply(&mut wide);
    assert_eq!(wide.clock, -2);
    let voltage = wide.voltage.unwrap();
    // 1.5 · 1.02 = 1.53; 2²² of 2³¹ of full scale are 2⁻⁹; 400 V · 2⁻¹⁰ of noise.
    assert_eq!((voltage.gain_ppm, voltage.zero), (530_000, Some(0x0040_0000)));
    assert_eq!(voltage.noise, (400 << 32) >> 10);
    assert_eq!(wide.currents[0], Channel { zero: Some(0), ..Channel::new(400 << 32) }, "never calibrated");
    let current = wide.currents[1];
    assert_eq!((current.gain_ppm, current.phase, current.delay, current.zero), (-29_126, 1_500, -3, None));
    // 3 and 4 make 5: 2³⁰ · 2⁻⁸ = 4 · 2²⁰.
    assert_eq!(wide.residual.unwrap().channel.noise, 5 << 20);

    let mut narrow = config(16);
    calibration.apply(&mut narrow);
    assert_eq!(narrow.voltage.unwrap().zero, Some(0x4000), "2⁻⁹ of 2¹⁵ codes of 16 bits, in 256ths");
}

#[test]
fn what_is_out_of_range_is_named() {
    let with = |correction| Calibration {
        currents: Vec::from_slice(&[None, Some(correction)]).unwrap(),
        ..Calibration::default()
    };
    let good = Correction { gain_ppm: -500_000, phase: 10_000, delay: -2_560, offset: 1 << 30, noise: 1 << 30 };
    assert_eq!(with(good).check(), Ok(()));
    for (bad, field) in [
        (Correction { gain_ppm: 500_001, ..good }, "gain_ppm"),
        (Correction { phase: -10_001, ..good }, "phase"),
        (Correction { delay: i16::MIN, ..good }, "delay"),
        (Correction { offset: i32::MIN, ..good }, "offset"),
        (Correction { noise: u32::MAX, ..good }, "noise"),
    ] {
        let refused = with(bad).check().unwrap_err();
        assert_eq!((refused.place, refused.field), (Place::Current(1), field));
    }
    let clock = Calibration { clock: -10_001, ..Calibration::default() };
    let text = clock.check().unwrap_err().to_string();
    assert_eq!(text, "sample clock: clock -10001 is not within -10000 to 10000");
}

#[test]
fn hostile_values_overflow_nothing() {
    let worst = Correction { gain_ppm: i32::MIN, phase: i16::MIN, delay: i16::MIN, offset: i32::MIN, noise: u32::MAX };
    let calibration = Calibration { clock: i16::MIN, voltage: Some(worst), ..Calibration::default() };
    for adc_bits in [0, 8, 24, 255] {
        let mut config = config(adc_bits);
        config.voltage = Some(Channel {
            gain_ppm: i32::MIN,
            phase: i16::MIN,
            delay: i16::MIN,
            zero: Some(i32::MIN),
            noise: u64::MAX,
            ..Channel::new(u64::MAX)
        });
        config.clock = i16::MIN;
        calibration.apply(&mut config);
        assert_eq!(config.voltage.unwrap().noise, u64::MAX);
    }
}

#[test]
fn the_longest_messages_fit() {
    let worst =
        Some(Correction { gain_ppm: i32::MIN, phase: i16::MIN, delay: i16::MIN, offset: i32::MIN, noise: u32::MAX });
    let calibration = Calibration {
        made: u32::MAX,
        clock: i16::MIN,
        voltage: worst,
        currents: [worst; 8].into_iter().collect(),
        residual: worst,
    };
    let write = Request::Calibration(CalibrationRequest::Write(calibration.clone()));
    encode(Kind::Request, u16::MAX, &write, &mut [0; samples_frame(768)]).unwrap();
    let state = CalibrationState {
        calibration: Some(calibration),
        memory: Memory::Foreign,
        saved: Some(u32::MAX),
        pending: true,
        saves: u32::MAX,
        faults: u32::MAX,
    };
    encode(Kind::Response, u16::MAX, &Response::Calibration(state), &mut [0; ANSWER_MAX]).unwrap();
}
