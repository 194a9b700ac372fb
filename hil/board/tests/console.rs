//! The console as a pure machine: what is typed, what a terminal then shows, and what hostile bytes may not do.
//!
//! What a terminal shows is read with the emulator `vt100`, what is typed with an editor written here anew.

use hil_board::device::console::alarm::Alarm;
use hil_board::device::console::answer::{Answer, View};
use hil_board::device::console::command::{Command, Sensors};
use hil_board::device::console::{Console, Outcome};
use hil_board::device::settings::{Settings, line};
use hil_board::device::{Sensor, Snapshot};
use hil_link::residual::Change;
use hil_link::{Event, EventKind};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt, WattSecond};
use metering_core::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use metering_core::residual::{Kind, ResidualReading, State};
use proptest::prelude::*;

/// A console, what its device shows, and the terminal at its other end.
struct Desk {
    console: Console,
    snapshot: Snapshot,
    settings: Settings,
    /// What came out since the last look.
    out: Vec<u8>,
    screen: vt100::Parser,
    /// The commands that were taken, and their lines.
    done: Vec<(Command, String)>,
    /// Bytes that the line takes at a time.
    takes: usize,
}

impl Desk {
    fn new() -> Self {
        Self {
            console: Console::new(),
            snapshot: Snapshot::default(),
            settings: Settings::default(),
            out: vec![],
            screen: vt100::Parser::new(60, 132, 0),
            done: vec![],
            takes: usize::MAX,
        }
    }

    /// What a board does between two looks; returns whether anything went on.
    fn turn(&mut self) -> bool {
        let view = View { snapshot: &self.snapshot, in_use: &self.settings, kept: &self.settings };
        let is_command = self.console.step(&view);
        if is_command {
            let (command, line) = self.console.command().unwrap();
            assert!(line.len() <= 120 && line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
            self.done.push((command, line.to_owned()));
            assert!(self.console.command().is_none(), "taken once");
            self.console.reply(match command {
                Command::Readings(sensors, fields) => Outcome::Show(Answer::Readings(sensors, fields)),
                Command::Residual => Outcome::Show(Answer::Residual),
                Command::Settings => Outcome::Show(Answer::Settings),
                Command::Setting(entry) => Outcome::Show(Answer::Setting(entry)),
                Command::Help => Outcome::Show(Answer::Help),
                Command::Apply => Outcome::refused(&"nothing was changed"),
                _ => Outcome::Done,
            });
        }
        let bytes = self.console.output();
        let taken = bytes.len().min(self.takes);
        self.screen.process(&bytes[..taken]);
        self.out.extend(&bytes[..taken]);
        self.console.sent(taken);
        is_command || taken > 0
    }

    fn settle(&mut self) {
        while self.turn() {}
        assert!(!self.console.has_more() && self.console.output().is_empty());
    }

    fn typed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.console.typed(byte);
            self.settle();
        }
    }

    /// Types a line; what it is answered, without its echo.
    fn ask(&mut self, line: &str) -> Vec<String> {
        self.out.clear();
        self.typed(format!("{line}\r").as_bytes());
        let text = String::from_utf8(std::mem::take(&mut self.out)).unwrap();
        let answer = text.strip_prefix(&format!("{line}\r\n")).unwrap_or_else(|| panic!("no echo in {text:?}"));
        answer.split_terminator("\r\n").map(ToOwned::to_owned).collect()
    }

    /// Types a line at a terminal that takes a byte at a time, until its answer has begun.
    fn begin(&mut self, line: &str) {
        self.takes = 1;
        for byte in format!("{line}\r").bytes() {
            self.console.typed(byte);
            self.turn();
        }
        for _ in 0..200 {
            self.turn();
        }
    }

    /// The line of the terminal at which its cursor stands, and that before.
    fn shown(&self) -> [String; 2] {
        let row = usize::from(self.screen.screen().cursor_position().0);
        let rows: Vec<String> = self.screen.screen().rows(0, 132).map(|row| row.trim_end().to_owned()).collect();
        [if row > 0 { rows[row - 1].clone() } else { String::new() }, rows[row].clone()]
    }
}

/// 225.3 V and 50.02 Hz; 5.0137 A lagging by 25.8 degrees in the line, 1.2 A from port 3; 1.24 mA of residual current.
fn snapshot() -> Snapshot {
    let current = |amperes: f64, watts: f64, vars: f64, degrees: f64| CurrentReading {
        rms: Ampere::from_num(amperes),
        fundamental: Ampere::from_num(amperes),
        dc: Signed::ZERO,
        peak: Ampere::from_num(2.0 * amperes),
        no_load: false,
        power: Some(PowerReading {
            active: Power::from_num(watts),
            fundamental_active: Power::from_num(watts),
            reactive: Power::from_num(vars),
            phase: Degree::from_num(degrees),
        }),
        energy: Energy::default(),
    };
    let mut currents = [None; 8];
    currents[0] = Some(current(5.0137, 1_017.0, 491.6, 25.84));
    currents[3] = Some(current(1.2, -270.36, 0.4, -179.96));
    let volt = Volt::from_num(225.3);
    let reading = Reading {
        end_frame: 1_600,
        length_q16: 1_600 << 16,
        duration: Second::ZERO,
        elapsed: Second::ZERO,
        flags: Flags::empty(),
        frequency: Some(Hertz::from_num(50.02)),
        voltage: Some(VoltageReading { rms: volt, fundamental: volt, dc: Signed::ZERO, peak: volt }),
        currents,
        residual: Some(ResidualReading {
            rms: Ampere::from_num(0.001_24),
            ac: Ampere::from_num(0.001_16),
            total: None,
            dc: Signed::from_num(-0.000_35),
            peak: Ampere::from_num(0.0018),
            kind: Kind::Sinusoidal,
        }),
    };
    let watt_hours = |wh: u64| Energy { forward_active: WattSecond::from_num(wh * 3_600), ..Energy::default() };
    let mut accounts = [Account::default(); 8];
    accounts[0] =
        Account { continuous: watt_hours(13_257), at_reset: watt_hours(12_836), reset_at: Second::from_num(1_000) };
    let registers = Registers::restore(Second::from_num(29_138), accounts).unwrap();
    let mut snapshot = Snapshot::new(&registers);
    snapshot.window(&reading);
    snapshot
}

#[test]
fn figures_by_their_numbers() {
    let mut desk = Desk::new();
    let none = [r#"L=1,L="Line",0="0Wh",1="-",2="-",3="-",12="0s""#, "OK."];
    assert_eq!(desk.ask(r#"linesensor 1 "0,1,2,3,12" show"#), none);
    desk.snapshot = snapshot();
    let some = [r#"L=1,L="Line",0="13257Wh",1="1017W",2="225V",3="5.014A",12="28138s""#, "OK."];
    assert_eq!(desk.ask(r#"linesensor 1 "0,1,2,3,12" show"#), some);
    assert_eq!(desk.ask(r#"linesensor all "12, 3,2,1,0,0" show"#), some);
    assert_eq!(desk.ask("linesensor 1 4 show"), [r#"L=1,L="Line",4="50.02Hz""#, "OK."]);
    let all = concat!(
        r#"L=1,L="Line",0="13257Wh",1="1017W",2="225V",3="5.014A",4="50.02Hz",5="0.900",6="25.8deg",7="1130VA",8="492var","#,
        r#"9="421Wh",10="0varh",11="0varh",12="28138s",13="13257Wh",14="0varh",15="421Wh",16="0varh",17="0Wh",18="0varh","#,
        r#"19="0Wh",20="0varh""#
    );
    assert_eq!(desk.ask("linesensor 1 all show"), [all, "OK."]);
    line::read(r#"portsensor 3 label set "Rack #7""#).unwrap().apply(&mut desk.settings);
    let port = r#"P=3,L="Rack #7",1="-270W",3="1.200A",5="-1.000",6="-180.0deg",8="0var""#;
    assert_eq!(desk.ask(r#"portsensor 3 "1,3,5,6,8" show"#), [port, "OK."]);
    let ports = desk.ask("portsensor all 3 show");
    assert_eq!(ports.len(), 8);
    assert_eq!(
        (&*ports[0], &*ports[2], &*ports[7]),
        (r#"P=1,L="Port 1",3="-""#, r#"P=3,L="Rack #7",3="1.200A""#, "OK.")
    );
    assert!(matches!(desk.done.last(), Some((Command::Readings(Sensors::Ports, 8), _))));
    assert!(matches!(desk.done[4], (Command::Readings(Sensors::One(Sensor::Line(1)), 0x1f_ffff), _)));
}

#[test]
fn the_residual_current_and_its_monitor() {
    let mut desk = Desk::new();
    let none = r#"rms="-",ac="-",dc="-",peak="-",kind="-",state="none""#;
    assert_eq!(desk.ask("residual show"), [none, "OK."]);
    desk.snapshot = snapshot();
    desk.snapshot.set_residual(State::PRE_WARNING | State::SENSOR_SATURATED);
    let some = concat!(
        r#"rms="1.2mA",ac="1.2mA",dc="-0.4mA",peak="1.8mA",kind="sinusoidal","#,
        r#"state="pre-warning, sensor saturated""#
    );
    assert_eq!(desk.ask("residual show"), [some, "OK."]);
}

#[test]
fn settings_are_shown_as_they_are_exported() {
    let mut desk = Desk::new();
    let export: Vec<String> = line::export(&desk.settings, 0).map(|line| line.to_string()).collect();
    let told = desk.ask("settings show");
    assert_eq!((&told[..export.len()], &told[export.len()..]), (&export[..], &["OK.".to_owned()][..]));
    for (line, begin) in
        [("residual rated show", "residual rated set 300 "), ("portsensor 3 label show", "portsensor 3 label set")]
    {
        let told = desk.ask(line);
        assert!(told.len() == 2 && told[0].starts_with(begin) && export.contains(&told[0]), "{told:?}");
    }
    // A label may be any word, that of a command as well.
    assert_eq!(desk.ask("portsensor 3 label set \"show\""), ["OK."]);
    assert!(matches!(desk.done.last(), Some((Command::Change, _))));
    // Each of its lines can be typed.
    for line in &export {
        assert_eq!(desk.ask(line), ["OK."], "{line}");
    }
    assert!(desk.done.iter().rev().take(export.len()).all(|(command, _)| matches!(command, Command::Change)));
    let help = desk.ask("help");
    assert!(help.len() > 10 && help.iter().all(|line| line.len() < 100) && help.last().unwrap() == "OK.");
}

#[test]
fn what_cannot_be_is_refused_in_a_line() {
    let mut desk = Desk::new();
    for (line, parts) in [
        ("reboot", &["help"][..]),
        ("system off", &["help"]),
        ("settings", &["help"]),
        ("show", &["help"]),
        ("residual colour show", &["no such setting of residual", "rated"]),
        ("residual rated set 7", &["60..5000"]),
        ("residual rated set 70 0 0 0", &["residual rated set VALUE"]),
        ("portsensor 8 all show", &["no such portsensor", "1..7"]),
        ("portsensor 0 1 show", &["no such portsensor", "1..7"]),
        ("linesensor 2 1 show", &["no such linesensor", "1..1"]),
        ("linesensor +1 1 show", &["no such linesensor"]),
        ("linesensor 1 21 show", &["no such figure", "0..20"]),
        ("linesensor 1 \"1,,2\" show", &["no such figure"]),
        ("linesensor 1 \"1,2", &["quote"]),
        ("linesensor all show", &["no such figure"]),
        ("linesensor all colour show", &["no such figure"]),
        ("settings apply", &["nothing was changed"]),
        ("portsensor 3 label set show", &["in quotes"]),
        ("portsensor all label set \"show\"", &["no such portsensor"]),
    ] {
        let answer = desk.ask(line);
        assert_eq!(answer.len(), 1, "{line}: {answer:?}");
        assert!(
            answer[0].starts_with("ERR. ") && parts.iter().all(|part| answer[0].contains(part)),
            "{line}: {answer:?}"
        );
    }
    for silent in ["", "   ", "# a comment", "  # residual rated set 7"] {
        assert_eq!(desk.ask(silent), [""; 0], "{silent:?}");
    }
    for (line, command) in
        [("energy reset", "EnergyReset"), ("system restart # now", "Restart"), ("system version", "Version")]
    {
        assert_eq!(desk.ask(line), ["OK."]);
        assert_eq!(format!("{:?}", desk.done.last().unwrap().0), command);
    }
}

#[test]
fn a_line_is_edited() {
    let mut desk = Desk::new();
    desk.typed(b"helo\x08lpp\x7f");
    assert_eq!(desk.shown()[1], "hellp");
    desk.typed(b"\x08\x08\x08\x08\x08\x08\x08help\r\n");
    assert_eq!(desk.done.last().unwrap().1, "help");
    // Up brings it back, down and Ctrl-U take it away, and what was typed before.
    desk.typed(b"residual\x1b[A");
    assert_eq!(desk.shown()[1], "help");
    desk.typed(b"\x1b[B");
    assert_eq!(desk.shown()[1], "");
    desk.typed(b"\x1bOAx\x08");
    assert_eq!(desk.shown()[1], "help");
    desk.typed(b"\x15residual show");
    assert_eq!(desk.shown()[1], "residual show");
    desk.typed(b"\x03");
    assert_eq!(desk.shown(), ["residual show^C".to_owned(), String::new()]);
    assert_eq!(desk.done.len(), 1);
    // A comment or an error is a last line as well; an empty one is none.
    desk.typed(b"nonsense\n\r\n\x1b[A");
    assert_eq!(desk.shown()[1], "nonsense");
    // Keys that this terminal does not know, a lone ESC, and bytes that are no ASCII.
    desk.typed(b"\x15\x1b[3~\x1b[1;5C\x1b[24~\x1bOP\x00\x01\xff\xc3\xa4\t\x1b\x1bhelp");
    assert_eq!(desk.shown()[1], "help");
    // Full: a bell.
    desk.out.clear();
    desk.typed(format!("\x15{}", "x".repeat(130)).as_bytes());
    let full = [vec![b'x'; 120], vec![7; 10]].concat();
    assert!(desk.out.ends_with(&full), "{:?}", desk.out);
}

fn event(ended: bool, kind: EventKind, extreme: f64) -> Alarm {
    let extreme = (extreme * 2f64.powi(32)) as u64;
    Alarm::Event(Event { ended, kind, begin_frame: 1, end_frame: 9, half_cycles: 12, extreme })
}

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

#[test]
fn the_longest_lines_have_room() {
    let mut desk = Desk::new();
    let most = WattSecond::MAX;
    let all = Energy {
        forward_active: most / 2,
        reverse_active: most / 2,
        forward_reactive: most / 2,
        reverse_reactive: most / 2,
        apparent: most,
    };
    let account = Account { continuous: all, at_reset: Energy::default(), reset_at: Second::ZERO };
    desk.snapshot = Snapshot::new(&Registers::restore(Second::MAX, [account; 8]).unwrap());
    let mut reading = *snapshot().reading().unwrap();
    let current = reading.currents[0].unwrap();
    let power = PowerReading {
        active: Power::MIN,
        fundamental_active: Power::MIN,
        reactive: Power::MIN,
        phase: Degree::from_num(-179.96),
    };
    reading.currents = [Some(CurrentReading { rms: Ampere::MAX, power: Some(power), ..current }); 8];
    desk.snapshot.window(&reading);
    line::read(r#"portsensor 7 label set "WWWWWWWWWWWWWWW""#).unwrap().apply(&mut desk.settings);
    let lines = desk.ask("portsensor 7 all show");
    assert!(lines[0].ends_with(",20=\"39093746765varh\"") && lines[0].len() < 510, "{} {}", lines[0].len(), lines[0]);
    desk.snapshot.set_residual(State::all());
    assert!(desk.ask("residual show")[0].ends_with("self-test\""));
}

/// What an editor does, in a simple way: the lines that it ends, and what stands in the last.
fn edited(bytes: &[u8]) -> (Vec<String>, String) {
    let (mut lines, mut line, mut last) = (vec![], String::new(), String::new());
    let mut rest = bytes;
    let mut after_return = false;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let was_return = std::mem::take(&mut after_return);
        match byte {
            b' '..=b'~' if line.len() < 120 => line.push(byte.into()),
            8 | 0x7f => drop(line.pop()),
            0x15 | 3 => line.clear(),
            b'\n' if was_return => {}
            b'\r' | b'\n' => {
                after_return = byte == b'\r';
                if !line.is_empty() {
                    last.clone_from(&line);
                }
                lines.push(std::mem::take(&mut line));
            }
            0x1b => {
                let arrow = |key: u8, line: &mut String| match key {
                    b'A' => line.clone_from(&last),
                    b'B' => line.clear(),
                    _ => {}
                };
                match rest {
                    [b'O', key, more @ ..] => {
                        arrow(*key, &mut line);
                        rest = more;
                    }
                    [b'O'] => rest = &[],
                    [b'[', more @ ..] => {
                        let length = more.iter().take_while(|&&one| (b' '..=b'?').contains(&one)).count().min(16);
                        match more.get(length) {
                            Some(&key) if (b'@'..=b'~').contains(&key) => {
                                if length == 0 {
                                    arrow(key, &mut line);
                                }
                                rest = &more[length + 1..];
                            }
                            // No sequence: what broke it is a byte as any other.
                            Some(_) => rest = &more[length..],
                            None => rest = &[],
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    (lines, line)
}

/// Bytes as people, scripts and noise give them.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "linesensor 1 all show", "portsensor all \"0,1,2\" show", "residual show", "settings show", "settings apply",
            "system fabsettings", "help", "energy reset", "portsensor 3 label set \"Rack\"", "\r", "\r\n", "\n", "\x1b[A",
            "\x1b[B", "\x1bOA", "\x1b[1;5C", "\x1b", "\x1b[", "\x08", "\x7f", "\x03", "\x15", "\"", "#", " ", "all", "show",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..6),
        1 => prop::collection::vec(b' '..=b'~', 0..140),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in any_bytes(), takes in 1_usize..40, alarms in prop::collection::vec(0_usize..600, 0..4)) {
        let mut desk = Desk::new();
        desk.takes = takes;
        desk.snapshot = snapshot();
        for (n, &byte) in bytes.iter().enumerate() {
            if alarms.contains(&n) {
                desk.console.alarm(event(true, EventKind::Dip, 100.0));
            }
            desk.console.typed(byte);
            desk.settle();
        }
        let (lines, typed) = edited(&bytes);
        // Each line that was ended and is a command was taken as it stands, in order.
        let mut ended = lines.iter();
        for (_, line) in &desk.done {
            prop_assert!(ended.any(|one| one == line), "{:?} of {:?}", line, lines);
        }
        // Nothing but text, line ends and the few controls of an editor goes out.
        let is_sound = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | 7 | 8 | 0x1b);
        prop_assert!(desk.out.iter().all(is_sound));
        // The terminal shows what is typed, as far as it fits a row.
        let shown = desk.shown()[1].clone();
        prop_assert!(shown.trim_end() == typed.trim_end(), "{:?} is shown, {:?} is typed", shown, typed);
        // And whatever was before, this is obeyed.
        desk.takes = usize::MAX;
        desk.typed(b"x\x03");
        prop_assert_eq!(desk.ask("residual rated set 100"), vec!["OK.".to_owned()]);
    }
}
