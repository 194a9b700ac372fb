//! What goes out when: alarms, slow and dead terminals, answers of one moment.

use super::desk::{Desk, event, snapshot};
use hil_board::device::Snapshot;
use hil_board::device::console::alarm::Alarm;
use hil_board::device::settings::{Settings, line};
use hil_link::EventKind;
use hil_link::residual::Change;

#[test]
fn alarms_do_not_tear_what_is_typed() {
    let mut desk = Desk::new();
    desk.console.alarm(event(false, EventKind::Dip, 181.26));
    desk.settle();
    assert_eq!(desk.shown(), ["#dip begins, 181.3V".to_owned(), String::new()], "nothing is typed: no line before it");
    desk.typed(b"residual sh");
    desk.console.alarm(event(true, EventKind::Overload(7), 5.2129));
    desk.settle();
    let rows: Vec<String> = desk.screen.screen().rows(0, 132).take(4).collect();
    let alarm = "#overload of \"Port 7\" ends after 12 half cycles, 5.213A";
    assert_eq!(rows, ["#dip begins, 181.3V", "residual sh", alarm, "residual sh"]);
    desk.typed(b"ow\r");
    assert_eq!(desk.done.last().unwrap().1, "residual show");
    for (change, text) in [
        (Change::PreWarning(true), "#residual current pre-warning begins"),
        (Change::Alarm(false), "#residual current alarm ends"),
        (Change::SensorSilent(true), "#residual current sensor silent begins"),
        (Change::SensorSaturated(true), "#residual current sensor saturated begins"),
        (Change::SelfTest(false), "#residual current self-test, test current NOT seen"),
    ] {
        desk.console.alarm(Alarm::Residual(change));
        desk.settle();
        assert_eq!(desk.shown()[0], text);
    }
    // Not within an answer, and none is told twice; those that found no room are counted.
    desk.out.clear();
    desk.takes = 1;
    desk.typed(b"");
    for byte in b"settings show\r" {
        desk.console.typed(*byte);
    }
    desk.turn();
    for n in 0..20 {
        desk.console.alarm(event(false, EventKind::Swell, 250.0 + f64::from(n)));
    }
    desk.settle();
    let text = String::from_utf8(desk.out.clone()).unwrap();
    let (answer, alarms) = text.split_once("OK.\r\n").unwrap();
    assert!(answer.lines().skip(1).all(|line| !line.starts_with('#')) && answer.lines().count() == 58, "{answer}");
    let alarms: Vec<&str> = alarms.lines().collect();
    assert_eq!(alarms.len(), 17);
    assert_eq!(
        (alarms[0], alarms[15], alarms[16]),
        ("#swell begins, 250.0V", "#swell begins, 265.0V", "#4 alarms lost")
    );
}

/// A terminal that takes a byte now and then gets every byte of an answer; one that is gone is hung up.
#[test]
fn a_slow_terminal_loses_nothing_and_a_dead_one_stops_nothing() {
    let (mut fast, mut slow) = (Desk::new(), Desk::new());
    slow.takes = 1;
    for desk in [&mut fast, &mut slow] {
        desk.snapshot = snapshot();
        desk.typed(b"settings show\rportsensor all all show\rhelp\r");
    }
    assert_eq!(fast.out, slow.out);
    let mut dead = Desk::new();
    dead.takes = 0;
    for _ in 0..50 {
        for byte in b"settings show\r" {
            dead.console.typed(*byte);
        }
        dead.console.alarm(event(false, EventKind::Dip, 1.0));
        dead.turn();
    }
    assert!(dead.console.output().len() <= 1_536);
    dead.console.hang_up();
    dead.takes = usize::MAX;
    while dead.turn() {}
    dead.typed(b"\x03");
    assert_eq!(dead.ask("residual show").last().unwrap(), "OK.");
}

/// All that is shown is of one window, whatever ends meanwhile.
#[test]
fn an_answer_is_of_one_window() {
    let mut desk = Desk::new();
    desk.snapshot = snapshot();
    desk.begin("portsensor all all show");
    desk.snapshot = Snapshot::default();
    desk.settle();
    let text = String::from_utf8(desk.out).unwrap();
    assert_eq!((text.matches("12=\"29138s\"").count(), text.matches("2=\"225V\"").count()), (7, 1), "{text}");
}

/// And of the same settings: what is kept or taken into use meanwhile is seen by the next answer.
#[test]
fn an_answer_is_of_the_same_settings() {
    let mut desk = Desk::new();
    let lines = |settings: &Settings| {
        let lines = line::export(settings, 0).map(|line| line.to_string());
        lines.chain(["OK.".to_owned()]).collect::<Vec<_>>()
    };
    let before = lines(&desk.settings);
    desk.begin("settings show");
    for text in ["linesensor 1 label set \"Feed\"", "portsensor 7 label set \"Rack\"", "modbus parity set 2"] {
        line::read(text).unwrap().apply(&mut desk.settings);
    }
    desk.settle();
    let text = String::from_utf8(std::mem::take(&mut desk.out)).unwrap();
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), before);
    assert_eq!(desk.ask("settings show"), lines(&desk.settings));
}
