//! What the settings in use do to display, store and meter, and those that a meter refuses.

use super::common::{LINES, chip, settings, signal};
use crate::wire::{Bench, config};
use hil_board::device::settings::Settings;
use hil_link::{Error, LineVerdict, PanelMode, Request, Response, SettingsRequest, Status};

#[test]
fn the_display_and_the_store_go_by_the_settings() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    let stays = |bench: &mut Bench, seconds: u32| {
        bench.button(true, 100);
        // 100 ms of the time were the press itself.
        let before = bench.button(false, seconds * 1_000 - 110).mode;
        (before, bench.button(false, 20).mode)
    };
    assert_eq!(stays(&mut bench, 5), (PanelMode::View(1), PanelMode::View(0)));
    bench.take(&LINES);
    assert_eq!(stays(&mut bench, 60), (PanelMode::View(1), PanelMode::View(0)));
    let mut bench = Bench::start(&chip);
    assert_eq!(stays(&mut bench, 60), (PanelMode::View(1), PanelMode::View(0)), "from power-up as well");
    // 20 s with 2.3 kW: a save each 7 s; by the factory's settings, and by 5 Wh, none or two.
    for (lines, saves) in [(&["display return set 60"][..], 2), (&["system fabsettings"], 0)] {
        bench.take(lines);
        let before = bench.energy().saves;
        bench.ask(&Request::Configure(config(1)));
        bench.ask(&signal());
        bench.run(200);
        assert_eq!(bench.energy().saves - before, saves, "{lines:?}");
    }
    bench.take(&["energy step set 5"]);
    let before = bench.energy().saves;
    bench.run(200);
    assert_eq!(bench.energy().saves - before, 2, "12.8 Wh");
}

/// The meter runs by the settings, and a restart takes them into use where they have changed.
#[test]
fn the_meter_goes_by_the_settings() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.ask(&signal());
    let config = bench.start_by_settings();
    assert_eq!(config, Settings::default().config(2_000 << 32, 24));
    bench.run(20);
    let before = bench.status();
    assert!(before.frames == 4_000 && before.windows > 5);
    assert!(matches!(bench.ask(&Request::Events), Response::Events(events) if events.events.is_empty()));
    // What the meter does not know of leaves it alone.
    bench.take(&["display return set 9", "linesensor 1 label set \"Feed\""]);
    assert_eq!(bench.status(), Status { instructions: 0, ..before });
    bench.run(2);
    // 230 V and a nominal voltage of 120 V: a swell.
    let watts = |bench: &mut Bench| bench.energy().channels[1].continuous.forward_active;
    let energy = watts(&mut bench);
    assert!(energy > 0);
    bench.take(&["voltage nominal set 120", "events swell set 11000", "portsensor 1 overload set 5000"]);
    assert_eq!(bench.status().frames, 0, "another meter");
    assert_eq!(watts(&mut bench), energy, "energy stays");
    bench.run(10);
    let Response::Events(events) = bench.ask(&Request::Events) else { panic!("no events") };
    let kinds: Vec<_> = events.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.contains(&hil_link::EventKind::Swell) && kinds.contains(&hil_link::EventKind::Overload(1)));
    // An ADC that no meter is for is refused; a configuration of the bench's is left alone.
    let refused = bench.ask(&Request::Settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 25 }));
    assert!(matches!(refused, Response::Error(Error::Config { .. })), "{refused:?}");
    bench.ask(&Request::Configure(crate::wire::config(1)));
    bench.run(3);
    bench.take(&["voltage range set 300"]);
    assert_eq!(bench.status().frames, 600);
}

/// 6 mA of 6.1 A are two codes of an ADC of 12 bits: any other could watch for them.
const TOO_FINE: [&str; 3] = ["residual range set 61000", "residual rated set 60", "residual alarm set 1"];

/// Settings that the meter refuses are found when they are to be kept, over the link as on the console.
#[test]
fn settings_that_the_adc_is_too_coarse_for_are_not_kept() {
    let mut bench = Bench::start(&chip());
    bench.ask(&signal());
    bench.start_at_12_bits();
    bench.run(10);
    let factory = Settings::default().digest();
    bench.upload(&TOO_FINE);
    let answer = bench.ask(&Request::Settings(SettingsRequest::Apply));
    let Response::Error(Error::Config { field, reason }) = answer else { panic!("{answer:?}") };
    assert_eq!(&*field, "residual");
    assert!(reason.contains("at least 8 codes"), "{reason}");
    let told = bench.type_line("settings apply");
    assert!(told.len() == 1 && told[0].starts_with("ERR. residual: rated, allowed are 6 mA"), "{told:?}");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.kept, state.in_use, state.imported), (factory, factory, Some(settings(&TOO_FINE).digest())));
    // The import is still there: with a rated current that the ADC can see it is kept.
    assert_eq!(bench.line("residual rated set 300"), LineVerdict::Taken);
    assert_eq!(bench.type_line("settings apply"), ["OK."]);
    assert_eq!(bench.type_line("system restart"), ["OK."]);
    let wanted = settings(&[&TOO_FINE[..], &["residual rated set 300"]].concat()).digest();
    assert_eq!(bench.state(SettingsRequest::Show).in_use, wanted);
}

/// Settings that were kept before anybody knew the ADC: the meter goes on with those before, and it is told.
#[test]
fn a_restart_into_settings_that_the_meter_refuses_changes_nothing() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.upload(&TOO_FINE);
    bench.state(SettingsRequest::Apply);
    let kept = bench.settle().kept;
    let config = bench.start_at_12_bits();
    bench.ask(&signal());
    bench.run(10);
    let before = bench.status();
    assert_eq!(before.frames, 2_000);
    bench.restart();
    bench.run(10);
    assert_eq!((bench.status().frames, bench.status().windows), (4_000, 10), "the meter goes on");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept), (Settings::default().digest(), kept));
    let told = bench.heard();
    assert!(told.starts_with("#started anew\r\n#settings NOT in use, those before stay: residual: rated, "), "{told}");
    // A finer ADC takes them; one that is too coarse at power-up is told so.
    let mut bench = Bench::start(&chip);
    let coarse = bench.ask(&Request::Settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 12 }));
    assert!(matches!(&coarse, Response::Error(Error::Config { field, .. }) if field == "residual"), "{coarse:?}");
    assert_ne!(bench.start_by_settings(), config);
}
