//! The factory reset by the button.

use super::common::{LINES, chip, settings, signal};
use crate::wire::{Bench, config};
use hil_board::device::settings::Settings;
use hil_link::{Memory, PanelMode, Request, Response, SettingsRequest};

/// The button's FABSETTINGS: kept and in use when the panel says so, whatever an import was about; energy stays.
#[test]
fn a_factory_reset_by_the_button() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    bench.ask(&Request::Configure(config(1)));
    bench.ask(&signal());
    bench.run(20);
    let before = bench.energy();
    let windows = bench.status();
    assert!(before.operation > 1 << 32);
    bench.upload(&["display return set 9"]);
    bench.ask_for_factory();
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&LINES).digest());
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let state = bench.state(SettingsRequest::Show);
    let factory = Settings::default().digest();
    assert_eq!((state.in_use, state.kept, state.imported), (factory, factory, None));
    assert_eq!(bench.button(false, 1_000).mode, PanelMode::View(0));
    assert_eq!((bench.energy().channels, bench.status().digest), (before.channels, windows.digest));
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use, state.saved), (Memory::Restored, factory, Some(1)));
    assert_eq!(bench.restart().factory_resets, 0);
}

/// On a slow chip the panel says "resetting" until it is done, and a copy that is being written comes first.
#[test]
fn a_factory_reset_waits_for_the_chip() {
    let chip = chip();
    let mut bench = Bench::with_chip(&chip, 10);
    bench.upload(&LINES);
    bench.ask_for_factory();
    assert!(bench.state(SettingsRequest::Apply).pending);
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let mut waited = 0;
    while bench.button(false, 200).mode == PanelMode::Resetting {
        waited += 1;
        let state = bench.state(SettingsRequest::Show);
        assert!(state.pending || waited > 1);
        assert!(matches!(bench.ask(&Request::Settings(SettingsRequest::Apply)), Response::Error(_)));
    }
    assert!(waited > 8, "{waited}: two copies of four pages and more");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!(
        (state.saves, state.in_use, state.kept),
        (2, Settings::default().digest(), Settings::default().digest())
    );
}

/// A chip that does not take what is written: the factory's settings are not made, and nobody says that they are.
#[test]
fn a_factory_reset_that_fails_is_told() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    let wanted = settings(&LINES).digest();
    chip.borrow_mut().protect(true);
    bench.ask_for_factory();
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let state = bench.button(false, 1_000);
    assert_eq!((state.mode, &*state.lines[1]), (PanelMode::NotReset, "NOT KEPT: EEPROM"));
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept, state.faults, state.pending), (wanted, wanted, 1, false));
    assert!(bench.heard().ends_with("#factory settings NOT made: the EEPROM does not take them\r\n"));
    assert_eq!(bench.button(false, 6_000).mode, PanelMode::Maintenance);
    assert_eq!(bench.restart().factory_resets, 0);
    // And the next time it can be done.
    chip.borrow_mut().protect(false);
    bench.ask_for_factory();
    bench.button(true, 100);
    assert_eq!(bench.button(false, 1_000).mode, PanelMode::View(0));
    assert_eq!(bench.state(SettingsRequest::Show).in_use, Settings::default().digest());
    assert_eq!(bench.restart().factory_resets, 1);
}
