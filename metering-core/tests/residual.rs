//! The residual current: readings and decisions against closed forms.

mod current;

use current::{Form, Primary, Sensor};
use metering_core::residual::{Change, Characteristic, Kind};

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

/// A sixteenth of a cycle at the end of the range decides nothing, whatever is rated.
#[test]
fn one_interval_never_trips() {
    for rated in [0.006, 0.01, 0.03, 0.1, 0.5] {
        for place in 0..20 {
            let mut samples = vec![0.0; 8_000];
            samples[6_000 + place..6_010 + place].fill(40.0 * rated);
            let notices = current::notices::<i32>(&samples, Sensor::Direct, 24, 40.0 * rated, rated, |_| ());
            assert!(notices.iter().all(|notice| notice.change != Change::Alarm(true)), "{rated} {place}");
        }
    }
}

/// Without a voltage the cycle is the nominal one, 50 Hz here: pulses of 42.5 Hz are further apart than it is long.
#[test]
fn delayed_characteristics_trip_on_pulses_further_apart_than_a_cycle() {
    for (characteristic, limit) in [(Characteristic::ShortDelay, 0.06), (Characteristic::Selective, 0.5)] {
        for (hertz, point) in [42.5, 47.0].into_iter().flat_map(|hertz| (0..8).map(move |point| (hertz, point))) {
            let primary = Primary {
                form: Form::Pulses(135.0),
                rms: 0.042,
                hertz,
                start_deg: f64::from(point) * 45.0,
                onset_s: 0.7,
                ..Primary::default()
            };
            let change = |monitor: &mut metering_core::residual::Monitor| monitor.characteristic = characteristic;
            let notices = primary.notices::<i32>(Sensor::Transformer(1.0), 24, 1.2, 0.03, change);
            let trip = notices.iter().find(|notice| notice.change == Change::Alarm(true));
            let after = trip.unwrap_or_else(|| panic!("{primary:?}")).frame as f64 / current::RATE - 0.7;
            assert!(after <= limit, "{primary:?}: {after}");
        }
    }
}

/// A current of ten milliseconds does not trip a short-delay device, whatever a transformer owes afterwards.
#[test]
fn a_current_of_ten_milliseconds_does_not_trip_a_short_delay_device() {
    for sensor in SENSORS {
        for (rms, point) in [0.03, 0.15, 0.8].into_iter().flat_map(|rms| (0..16).map(move |point| (rms, point))) {
            let (start_deg, onset_s) = (f64::from(point) * 22.5, 0.7 + 1e-5 * f64::from(point));
            let primary = Primary { rms, start_deg, onset_s, end_s: onset_s + 0.01, ..Primary::default() };
            let change = |monitor: &mut metering_core::residual::Monitor| {
                monitor.characteristic = Characteristic::ShortDelay;
            };
            let notices = primary.notices::<i32>(sensor, 24, 1.2, 0.03, change);
            assert!(notices.iter().all(|notice| notice.change != Change::Alarm(true)), "{sensor:?} {primary:?}");
        }
    }
}
