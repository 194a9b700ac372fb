//! From an upload to what is in use.

use super::common::{LINES, chip, settings};
use crate::wire::Bench;
use hil_board::device::settings::{Settings, line};
use hil_link::{Error, LineVerdict, Memory, PROTOCOL_VERSION, Request, Response, SettingsRequest};

#[test]
fn an_import_is_kept_as_a_whole_and_used_after_a_restart() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    let (factory, wanted) = (Settings::default().digest(), settings(&LINES).digest());
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.saved, state.imported), (Memory::Blank, None, None));
    assert_eq!((state.in_use, state.kept), (factory, factory));
    let lines = |settings: &Settings| {
        let lines: Vec<String> = line::export(settings, 0).map(|line| line.to_string()).collect();
        lines.join("\n") + "\n"
    };
    assert_eq!(bench.export(), lines(&Settings::default()));

    bench.upload(&LINES);
    assert_eq!(bench.line("  # hidden"), LineVerdict::Hidden);
    let verdict = bench.line("portsensor 8 label set \"x\"");
    assert!(matches!(&verdict, LineVerdict::Ignored(why) if why.contains("1..7")), "{verdict:?}");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept, state.imported), (factory, factory, Some(wanted)));
    assert_eq!((state.ignored, state.saves), (1, 0));
    assert!(chip.borrow_mut().cells().iter().all(|&byte| byte == 0xff), "nothing is written before it is applied");
    bench.state(SettingsRequest::Apply);
    let state = bench.settle();
    assert_eq!((state.in_use, state.kept, state.imported), (factory, wanted, None));
    assert_eq!((state.saves, state.faults, state.saved, state.ignored), (1, 0, Some(0), 0));
    assert_eq!(bench.export(), lines(&settings(&LINES)));

    let info = bench.restart();
    assert_eq!((info.settings, info.restarts), (Some(wanted), 1));
    // A session changes nothing, and power-up takes what is kept.
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert_eq!(bench.state(SettingsRequest::Show).in_use, wanted);
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use, state.kept), (Memory::Restored, wanted, wanted));
    // The next import is upon them; the first line of an export makes it one upon the factory's.
    let more = "residual rated set 100";
    bench.take(&[more]);
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&[&LINES[..], &[more]].concat()).digest());
    bench.take(&["system fabsettings", more]);
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&[more]).digest());
}

#[test]
fn what_is_cancelled_or_was_never_begun() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    for request in [SettingsRequest::Line { text: "display return set 6" }, SettingsRequest::Apply] {
        let answer = bench.ask(&Request::Settings(request));
        let Response::Error(Error::Config { field, reason }) = answer else { panic!("{answer:?}") };
        assert_eq!((&*field, &*reason), ("settings", "no import has begun"));
    }
    bench.upload(&LINES);
    assert_eq!(bench.state(SettingsRequest::Cancel).imported, None);
    assert!(matches!(bench.ask(&Request::Settings(SettingsRequest::Apply)), Response::Error(_)));
    // An import that is begun anew has forgotten the first.
    bench.upload(&LINES);
    let state = bench.state(SettingsRequest::Begin);
    assert_eq!((state.imported, state.ignored), (Some(state.kept), 0));
    assert!(chip.borrow_mut().cells().iter().all(|&byte| byte == 0xff));
}
