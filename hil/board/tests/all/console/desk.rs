//! A console, what its device shows, and the terminal at its other end.

use hil_board::device::Snapshot;
use hil_board::device::console::alarm::Alarm;
use hil_board::device::console::answer::{Answer, View};
use hil_board::device::console::command::Command;
use hil_board::device::console::{Console, Outcome};
use hil_board::device::settings::Settings;
use hil_link::{Event, EventKind};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt, WattSecond};
use metering_core::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use metering_core::residual::{Kind, ResidualReading};

/// A console, what its device shows, and the terminal at its other end.
pub struct Desk {
    pub console: Console,
    pub snapshot: Snapshot,
    pub settings: Settings,
    /// What came out since the last look.
    pub out: Vec<u8>,
    pub screen: vt100::Parser,
    /// The commands that were taken, and their lines.
    pub done: Vec<(Command, String)>,
    /// Bytes that the line takes at a time.
    pub takes: usize,
}

impl Desk {
    pub fn new() -> Self {
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
    pub fn turn(&mut self) -> bool {
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

    pub fn settle(&mut self) {
        while self.turn() {}
        assert!(!self.console.has_more() && self.console.output().is_empty());
    }

    pub fn typed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.console.typed(byte);
            self.settle();
        }
    }

    /// Types a line; what it is answered, without its echo.
    pub fn ask(&mut self, line: &str) -> Vec<String> {
        self.out.clear();
        self.typed(format!("{line}\r").as_bytes());
        let text = String::from_utf8(std::mem::take(&mut self.out)).unwrap();
        let answer = text.strip_prefix(&format!("{line}\r\n")).unwrap_or_else(|| panic!("no echo in {text:?}"));
        answer.split_terminator("\r\n").map(ToOwned::to_owned).collect()
    }

    /// Types a line at a terminal that takes a byte at a time, until its answer has begun.
    pub fn begin(&mut self, line: &str) {
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
    pub fn shown(&self) -> [String; 2] {
        let row = usize::from(self.screen.screen().cursor_position().0);
        let rows: Vec<String> = self.screen.screen().rows(0, 132).map(|row| row.trim_end().to_owned()).collect();
        [if row > 0 { rows[row - 1].clone() } else { String::new() }, rows[row].clone()]
    }
}

/// 225.3 V and 50.02 Hz; 5.0137 A lagging by 25.8 degrees in the line, 1.2 A from port 3; 1.24 mA of residual current.
pub fn snapshot() -> Snapshot {
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

pub fn event(ended: bool, kind: EventKind, extreme: f64) -> Alarm {
    let extreme = (extreme * 2f64.powi(32)) as u64;
    Alarm::Event(Event { ended, kind, begin_frame: 1, end_frame: 9, half_cycles: 12, extreme })
}
