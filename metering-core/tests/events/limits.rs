//! Limits at and beyond their ends: each refusal names its value and what is allowed.

use crate::{overload, percent};
use metering_core::events::{LimitError, Limits, Overload, Settings, ShareField};
use metering_core::quantity::{Ampere, Volt};

#[test]
fn each_limit_has_its_own_error() {
    type Change = fn(&mut Settings<2>);
    let share = |field, value, least, most| LimitError::Share {
        field,
        value: percent(value),
        least: percent(least),
        most: percent(most),
    };
    let cases: [(Change, LimitError, &str); 10] = [
        (
            |s| s.nominal = Volt::from_num(0.5),
            LimitError::Nominal { value: Volt::from_num(0.5) },
            "nominal voltage is 0.500000 V, allowed are 1 to 1000000 V",
        ),
        (
            |s| s.nominal = Volt::from_num(1_000_000) + Volt::DELTA,
            LimitError::Nominal { value: Volt::from_num(1_000_000) + Volt::DELTA },
            "nominal voltage is 1000000.000000 V, allowed are 1 to 1000000 V",
        ),
        (
            |s| s.dip = Some(percent(10_000)),
            share(ShareField::Dip, 10_000, 100, 9_999),
            "dip is 100.00 %, allowed are 1.00 % to 99.99 %",
        ),
        (
            |s| s.dip = Some(percent(99)),
            share(ShareField::Dip, 99, 100, 9_999),
            "dip is 0.99 %, allowed are 1.00 % to 99.99 %",
        ),
        (
            |s| s.swell = Some(percent(20_001)),
            share(ShareField::Swell, 20_001, 10_001, 20_000),
            "swell is 200.01 %, allowed are 100.01 % to 200.00 %",
        ),
        (
            |s| s.interruption = Some(percent(9_000)),
            share(ShareField::Interruption, 9_000, 1, 8_999),
            "interruption is 90.00 %, allowed are 0.01 % to 89.99 %",
        ),
        (
            |s| s.hysteresis = percent(1_001),
            share(ShareField::Hysteresis, 1_001, 0, 1_000),
            "hysteresis is 10.01 %, allowed are 0.00 % to 10.00 %",
        ),
        (
            // With a dip at 98.5 % and 2 % of hysteresis the nominal voltage would not end the dip.
            |s| s.dip = Some(percent(9_850)),
            share(ShareField::Hysteresis, 200, 0, 150),
            "hysteresis is 2.00 %, allowed are 0.00 % to 1.50 %",
        ),
        (
            |s| s.overloads[1] = Some(overload(Ampere::from_num(0.0005), 0, 0)),
            LimitError::OverloadThreshold { channel: 1, value: Ampere::from_num(0.0005) },
            "threshold of overload 1 is 0.000500 A, allowed are 0.001 to 10000000 A",
        ),
        (
            |s| s.overloads[1] = Some(overload(Ampere::from_num(16), 5_001, 0)),
            share(ShareField::OverloadHysteresis { channel: 1 }, 5_001, 0, 5_000),
            "hysteresis of overload 1 is 50.01 %, allowed are 0.00 % to 50.00 %",
        ),
    ];
    for (change, expected, text) in cases {
        let mut settings = Settings::new(Volt::from_num(230));
        assert!(Limits::new(&settings).is_ok());
        change(&mut settings);
        let error = Limits::new(&settings).unwrap_err();
        assert_eq!((error, &error.to_string()[..]), (expected, text));
    }
    let ends = Settings::<1> {
        nominal: Volt::from_num(1_000_000),
        swell: Some(percent(20_000)),
        hysteresis: percent(1_000),
        overloads: [Some(overload(Ampere::from_num(10_000_000), 5_000, u16::MAX))],
        ..Settings::new(Volt::from_num(1))
    };
    assert!(Limits::new(&ends).is_ok());
    assert!(Limits::new(&Settings { nominal: Volt::from_num(1), ..ends }).is_ok());
    let least = Overload { threshold: Ampere::from_num(0.001), ..ends.overloads[0].unwrap() };
    assert!(Limits::new(&Settings { overloads: [Some(least)], ..ends }).is_ok());
}
