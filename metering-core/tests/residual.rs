//! The residual current: readings and decisions against closed forms.

mod current;

use current::{Form, Primary, Sensor};
use metering_core::residual::{Change, Kind};

const SENSORS: [Sensor; 3] = [Sensor::Direct, Sensor::Transformer(1.0), Sensor::Transformer(5.0)];

/// The figures: sine within 20 ms, within 5 ms at five times; pulsating within 22 ms.
#[test]
fn every_point_on_the_wave_is_decided_in_time() {
    const SINE: [(f64, f64); 3] = [(1.0, 20e-3), (2.0, 20e-3), (5.0, 5e-3)];
    const PULSES: [(f64, f64); 3] = [(1.4, 22e-3), (2.8, 22e-3), (7.0, 22e-3)];
    let forms =
        [(Form::Sine, SINE), (Form::Pulses(0.0), PULSES), (Form::Pulses(90.0), PULSES), (Form::Pulses(135.0), PULSES)];
    for (sensor, hertz) in SENSORS.into_iter().flat_map(|sensor| [(sensor, 50.0), (sensor, 60.0)]) {
        for (form, multiples) in forms {
            for (multiple, limit) in multiples {
                for point in 0..32 {
                    let primary = Primary {
                        form,
                        rms: 0.03 * multiple,
                        hertz,
                        start_deg: f64::from(point) * 11.25,
                        onset_s: 0.7003 + 0.0001 * f64::from(point),
                        negative: point % 2 == 0,
                        ..Primary::default()
                    };
                    let notices = primary.notices::<i32>(sensor, 24, 1.2, 0.03, |_| ());
                    let first = notices.iter().find(|notice| notice.change == Change::Alarm(true)).unwrap();
                    let after = first.frame as f64 / current::RATE - primary.onset_s;
                    assert!(after > 0.0 && after <= limit, "{sensor:?} {primary:?}: {after}");
                }
            }
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
            for rms in [0.003, 0.3] {
                let primary = Primary { form, negative, rms, ..Primary::default() };
                for reading in &primary.readings::<i32>(sensor, 24, 6.0, 2.0)[4..] {
                    assert_eq!(reading.kind, kind, "{sensor:?} {primary:?} {reading:?}");
                }
            }
        }
    }
}
