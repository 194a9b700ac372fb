//! What settings mean to the meter.

use super::by_hand::{any_lines, by_hand, is_label, settings_of};
use hil_board::device::settings::{Settings, line};
use hil_link::MAX_CURRENTS;
use metering_core::config::Config;
use metering_core::events::Limits;
use proptest::prelude::*;

proptest! {
    /// Each setting can be judged alone: the meter takes any settings in their ranges.
    #[test]
    fn the_meter_takes_any_settings(lines in any_lines(), rate in 2_000_u64..=64_000, bits in 14_u8..=24) {
        let config = settings_of(&lines).config(rate << 32, bits);
        prop_assert!(Config::<i32, MAX_CURRENTS>::new(hil_board::settings(&config)).is_ok());
        if let Some(limits) = &config.events {
            prop_assert!(Limits::<MAX_CURRENTS>::new(&limits.into()).is_ok());
        }
    }
}

/// Each setting of the meter changes its configuration. Labels are seen on the console, what display, store and Modbus port
/// do in the tests of these.
#[test]
fn no_setting_is_dead() {
    // All on, or what belongs to it would be.
    let mut on = Settings::default();
    for line in ["events dip set 9000", "residual alarm set 1", "noload power set 5", "noload current set 5"] {
        line::read(line).unwrap().apply(&mut on);
    }
    (1..=7).for_each(|port| line::read(&format!("portsensor {port} overload set 100")).unwrap().apply(&mut on));
    let seen = |settings: &Settings| settings.config(8_000 << 32, 24);
    let others = ["display ", "energy ", "modbus "];
    let is_meters = |words: &str| !is_label(words) && others.iter().all(|other| !words.starts_with(other));
    for (words, least, most, _) in by_hand().iter().filter(|(words, ..)| is_meters(words)) {
        let dead = [least, most].into_iter().all(|value| {
            let mut changed = on.clone();
            line::read(&format!("{words} set {value}")).unwrap().apply(&mut changed);
            seen(&changed) == seen(&on)
        });
        assert!(!dead, "{words} changes nothing");
    }
}

/// The configuration that the settings mean, in the units of the link, by hand.
#[test]
fn what_settings_mean_to_the_meter() {
    let mut settings = Settings::default();
    for line in [
        "voltage range set 450",
        "voltage nominal set 120",
        "frequency nominal set 2",
        "linesensor 1 range set 64000",
        "portsensor 7 range set 1500",
        "portsensor 7 overload set 750",
        "overload hysteresis set 250",
        "overload delay set 7",
        "events swell set 11000",
        "events hysteresis set 150",
        "residual range set 40000",
        "residual corner set 5000",
        "residual alarm set 1",
        "residual rated set 2500",
        "residual type set 0",
        "residual characteristic set 2",
        "residual noise set 2000",
        "residual release set 300000",
        "noload power set 500",
        "noload current set 250",
        "noload hysteresis set 10",
    ] {
        line::read(line).unwrap().apply(&mut settings);
    }
    let config = settings.config(2_000 << 32, 16);
    assert_eq!((config.sample_rate, config.adc_bits, config.channels()), (2_000 << 32, 16, 10));
    assert_eq!((config.nominal, config.voltage.unwrap().range), (hil_link::Nominal::Hz60, 450 << 32));
    let ranges: Vec<u64> = config.currents.iter().map(|channel| channel.range).collect();
    assert_eq!(ranges, [64 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 3 << 31]);
    let events = config.events.unwrap();
    assert_eq!((events.nominal, events.dip, events.swell, events.interruption), (120 << 32, None, Some(11_000), None));
    assert_eq!((events.hysteresis, events.overloads[0]), (150, None));
    let overload = events.overloads[7].unwrap();
    assert_eq!((overload.threshold, overload.hysteresis, overload.delay), (3 << 30, 250, 7));
    let residual = config.residual.unwrap();
    assert_eq!((residual.channel.range, residual.corner_mhz), (4 << 32, Some(5_000)));
    let monitor = residual.monitor.unwrap();
    assert_eq!((monitor.rated, monitor.least_noise), (1 << 30, (1 << 32) / 500));
    assert_eq!(monitor.detects, hil_link::residual::Type::Ac);
    assert_eq!(monitor.characteristic, hil_link::residual::Characteristic::Selective);
    assert_eq!((monitor.response_delay_ms, monitor.release_delay_ms), (0, 300_000));
    let no_load = config.no_load.unwrap();
    assert_eq!((no_load.power, no_load.current, no_load.hysteresis), (1 << 23, 1 << 30, 10));
}
