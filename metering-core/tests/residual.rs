//! Readings of the residual current against the primary current as it is sampled: mean, RMS and shape in f64.
#![cfg(feature = "residual")]

mod current;

use current::{Form, Heard, Primary, RATE, Sensor, codes};
use metering_core::config::Config;
use metering_core::residual::{Kind, ResidualReading};
use metering_core::{Block, Meter};

const SENSORS: [Sensor; 3] = [Sensor::Direct, Sensor::Transformer(1.0), Sensor::Transformer(5.0)];
const PULSES: [Form; 3] = [Form::Pulses(0.0), Form::Pulses(90.0), Form::Pulses(135.0)];

/// RMS, AC and mean of the primary's samples without the smooth DC, over 20 cycles of 50 Hz.
fn truth(primary: &Primary) -> (f64, f64, f64) {
    let primary = Primary { smooth_dc: 0.0, ..*primary };
    let samples = primary.samples(Sensor::Direct, 0.4);
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let square = samples.iter().map(|x| x * x).sum::<f64>() / n;
    (square.sqrt(), (square - mean * mean).sqrt(), mean)
}

/// The windows of a current that has flown for a second and more: the simulated transformer has settled.
fn settled(primary: &Primary, sensor: Sensor, range: f64) -> Vec<ResidualReading> {
    let mut readings = primary.readings::<i32>(sensor, 24, range, 3.0);
    readings.drain(..7);
    assert!(readings.len() >= 6);
    readings
}

fn off(value: f64, truth: f64) -> f64 {
    (value / truth - 1.0).abs()
}

/// Worst errors in percent: true RMS, AC.
fn worst(primary: &Primary, sensor: Sensor) -> (f64, f64) {
    let (rms, ac, mean) = truth(primary);
    settled(primary, sensor, 6.0).iter().fold((0.0, 0.0), |worst: (f64, f64), reading| {
        let dc: f64 = reading.dc.to_num();
        assert!((dc - mean).abs() < 0.02 * rms, "{sensor:?} {primary:?}: mean {dc} of {mean}");
        (worst.0.max(100.0 * off(reading.rms.to_num(), rms)), worst.1.max(100.0 * off(reading.ac.to_num(), ac)))
    })
}

/// The figures: true RMS within 1 % behind a transformer and 0.1 % direct-coupled, AC within 0.1 %.
#[test]
fn true_rms_of_pulsating_currents() {
    for sensor in SENSORS {
        for form in PULSES {
            for rms in [0.003, 0.03, 0.3] {
                for negative in [false, true] {
                    let primary = Primary { form, rms, negative, start_deg: 77.0, ..Primary::default() };
                    let (rms_off, ac_off) = worst(&primary, sensor);
                    println!("{sensor:?} {form:?} {rms} A: true RMS {rms_off:.4} %, AC {ac_off:.4} %");
                    assert!(rms_off < if sensor == Sensor::Direct { 0.1 } else { 1.0 }, "{rms_off}");
                    assert!(ac_off < 0.1, "{ac_off}");
                }
            }
        }
    }
}

#[test]
fn currents_without_a_rest_keep_their_ac_reading() {
    for sensor in SENSORS.into_iter().chain([Sensor::Transformer(10.0), Sensor::Transformer(0.5)]) {
        for form in [Form::Sine, Form::Fired(45.0), Form::Fired(90.0), Form::Fired(135.0)] {
            let primary = Primary { form, start_deg: 77.0, ..Primary::default() };
            for reading in settled(&primary, sensor, 6.0) {
                let (rms, ..) = truth(&primary);
                let what = format!("{sensor:?} {form:?} {reading:?}");
                // A jump between two samples: what the sensor has lost since is seen, the samples of the truth do not
                // have it. The higher the corner, the more it is.
                let limit = if sensor == Sensor::Transformer(10.0) { 0.005 } else { 0.001 };
                assert!(off(reading.rms.to_num(), rms) < limit && off(reading.ac.to_num(), rms) < limit, "{what}");
                assert!(reading.dc.to_num::<f64>().abs() < 0.01 * rms, "{what}");
            }
        }
    }
}

#[test]
fn sines_from_100_microampere_to_10_milliampere() {
    for sensor in SENSORS {
        for rms in [100e-6, 300e-6, 1e-3, 3e-3, 10e-3] {
            let primary = Primary { rms, ..Primary::default() };
            for reading in settled(&primary, sensor, 1.2) {
                assert!(off(reading.rms.to_num(), rms) < 0.001, "{sensor:?} {rms}: {reading:?}");
                assert_eq!(reading.kind, Kind::Sinusoidal);
            }
        }
        let nothing = Primary { rms: 1e-9, ..Primary::default() };
        assert!(settled(&nothing, sensor, 1.2).iter().all(|reading| reading.kind == Kind::None));
    }
}

/// Smooth DC of up to 6 mA does not spoil the true RMS, in either direction.
#[test]
fn smooth_dc_is_told_apart() {
    for (sensor, form) in SENSORS.into_iter().flat_map(|sensor| PULSES.map(|form| (sensor, form))) {
        for smooth_dc in [-0.006, 0.006] {
            let primary = Primary { form, rms: 0.042, smooth_dc, start_deg: 77.0, ..Primary::default() };
            let (rms, ..) = truth(&primary);
            for reading in settled(&primary, sensor, 1.2) {
                let limit = if sensor == Sensor::Direct { 0.001 } else { 0.01 };
                assert!(off(reading.rms.to_num(), rms) < limit, "{sensor:?} {form:?}: {reading:?}");
                assert_eq!(reading.total, None, "the zero of the sensor is not known");
            }
        }
    }
}

/// With the zero of a direct-coupled sensor known, smooth DC is a reading of its own: norms 1.4 has 46.05 and 38.46 mA
/// for a half-wave of 42 mA with 6 mA in its direction and against it.
#[test]
fn true_rms_with_smooth_dc() {
    for (smooth_dc, total) in [(0.006, 0.046_052_8), (-0.006, 0.038_459_6)] {
        let primary = Primary { form: Form::Pulses(0.0), rms: 0.042, smooth_dc, ..Primary::default() };
        for reading in primary.readings_from_zero::<i32>(24, 1.2, 3.0) {
            assert!(off(reading.rms.to_num(), 0.042) < 0.001, "{reading:?}");
            assert!(off(reading.total.unwrap().to_num(), total) < 0.001, "{reading:?}");
        }
    }
}

#[test]
fn the_shape_is_told() {
    for sensor in SENSORS {
        for (form, negative, kind) in [
            (Form::Sine, false, Kind::Sinusoidal),
            (Form::Pulses(0.0), false, Kind::PulsatingPositive),
            (Form::Pulses(90.0), true, Kind::PulsatingNegative),
            (Form::Pulses(135.0), false, Kind::PulsatingPositive),
            (Form::Fired(90.0), false, Kind::Other),
            (Form::Fired(135.0), false, Kind::Other),
        ] {
            // Wherever the cycle begins that is looked at.
            for (rms, start_deg) in
                [0.003, 0.3].into_iter().flat_map(|rms| (0..8).map(move |n| (rms, f64::from(n) * 45.0)))
            {
                let primary = Primary { form, rms, negative, start_deg, ..Primary::default() };
                for reading in settled(&primary, sensor, 6.0) {
                    assert_eq!(reading.kind, kind, "{sensor:?} {primary:?} {reading:?}");
                }
            }
        }
    }
}

/// Each cycle by itself, and codes of 16 bits: half a percent and a little for the coarse codes.
#[test]
fn cycles_read_as_windows_do() {
    for sensor in SENSORS {
        for form in [Form::Sine, Form::Pulses(0.0), Form::Pulses(90.0)] {
            let primary = Primary { form, rms: 0.042, start_deg: 77.0, ..Primary::default() };
            let (rms, ac, _) = truth(&primary);
            let cycles = primary.cycles::<i16>(sensor, 16, 1.2, 3.0);
            assert!(cycles.len() >= 148);
            for (n, cycle) in cycles.iter().enumerate().skip(60) {
                let reading = cycle.reading;
                assert!(off(reading.rms.to_num(), rms) < 0.01, "{sensor:?} {form:?} cycle {n}: {reading:?}");
                assert!(off(reading.ac.to_num(), ac) < 0.005, "{sensor:?} {form:?} cycle {n}: {reading:?}");
                assert!(cycle.end_frame.abs_diff((n as u64 + 1) * RATE as u64 / 50) <= 1);
            }
        }
    }
}

/// A half-wave of which a transformer that was at rest makes its transient: the mean over windows from the first on.
#[test]
fn a_half_wave_that_begins_is_read_from_the_first_second_on() {
    for sensor in SENSORS {
        let primary = Primary { form: Form::Pulses(0.0), rms: 0.042, ..Primary::default() };
        let readings = primary.readings::<i32>(sensor, 24, 0.2, 2.0);
        let square: f64 = readings.iter().map(|reading| reading.rms.to_num::<f64>().powi(2)).sum();
        let mean = (square / readings.len() as f64).sqrt();
        println!("{sensor:?}: {mean}");
        assert!(off(mean, 0.042) < 0.01, "{sensor:?}: {mean}");
    }
}

/// A meter that sees two and a half cycles of each ten: no window is long, and yet their cycles are looked at.
#[test]
fn windows_that_are_cut_short_say_the_shape_as_well() {
    const SEEN: usize = 400;
    for sensor in SENSORS {
        let primary = Primary { form: Form::Pulses(0.0), rms: 0.042, start_deg: 77.0, ..Primary::default() };
        let codes = codes::<i32>(&primary.samples(sensor, 12.0), 24, 6.0);
        let mut heard = Heard { windows_only: true, ..Heard::default() };
        let mut meter = Meter::<i32, 0>::new(Config::new(Primary::settings(sensor, 24, 6.0)).unwrap());
        for codes in codes.chunks(4 * SEEN) {
            meter.push(&Block { voltage: &[], currents: [], residual: &codes[..SEEN] }, &mut heard);
            meter.gap(3 * SEEN as u64, &mut heard);
        }
        let after = &heard.windows[20..];
        assert!(after.len() >= 30, "{sensor:?}: {} windows", after.len());
        for reading in after {
            assert_eq!(reading.kind, Kind::PulsatingPositive, "{sensor:?}: {reading:?}");
            assert!(off(reading.rms.to_num(), 0.042) < 0.05, "{sensor:?}: {reading:?}");
        }
    }
}
