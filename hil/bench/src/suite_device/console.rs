//! The console over its own port: settings are changed there, kept and taken into use; figures are those of the link's
//! windows and registers to the last digit; an alarm is told unasked.
//!
//! In comes a hand, out goes a point. What should be shown is written from the windows' values in double precision and from
//! whole watt-hours of the registers. This file must not know how a console reads a line.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hil_link::{EnergyRequest, MAX_CURRENTS, SettingsAnswer, SettingsRequest};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::WattSecond;
use serialport::SerialPort;

use super::{Hand, shown};
use crate::board::Board;
use crate::capture::signal::Signal;
use crate::cases::check;
use crate::header;
use crate::report::PointResult;
use crate::values::Values;

/// Frames per second of the board's own signal.
const RATE: u64 = 2_000;

/// For how long an answer may take: a board may be in the middle of half a second of metering.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lines that change settings, those of the last ones being refused.
const CHANGES: [&str; 8] = [
    "system fabsettings",
    "linesensor 1 range set 40000    # a comment",
    "portsensor 3 label set \"Rack #7\"",
    "portsensor 1 overload set 2000",
    "voltage nominal set 231",
    "residual rated set 100",
    "residual alarm set 1",
    "display return set 60",
];
const REFUSED: [(&str, &str); 3] =
    [("residual rated set 59", "60..5000"), ("portsensor 8 label set \"x\"", "1..7"), ("reboot", "help")];

/// RMS in volt, in ampere and degrees of lag per current, in ampere.
const VOLT: f64 = 225.3;
const CURRENTS: [(f64, f64); MAX_CURRENTS] =
    [(16.013_7, 25.84), (5.25, 0.0), (1.5, 40.0), (0.8, -8.0), (0.12, -15.0), (0.05, -80.0), (1.2, 178.0), (0.0, 0.0)];
const RESIDUAL: f64 = 0.012_34;

/// Ranges that the changes make, peaks in volt and ampere: the voltage's, the line's, those of the ports, the residual
/// current's.
const RANGES: [f64; MAX_CURRENTS + 2] = [400.0, 40.0, 25.0, 25.0, 25.0, 25.0, 25.0, 25.0, 25.0, 2.0];

/// A terminal at the console's port.
struct Terminal {
    port: Box<dyn SerialPort>,
    /// Lines that have come, without their ends.
    lines: VecDeque<String>,
    begun: Vec<u8>,
    /// Those among them that were told unasked.
    alarms: Vec<String>,
}

impl Terminal {
    fn open(hand: &Hand) -> Result<Self> {
        let ports = hand.session.ports().context("a board on a port has no ports that are known")?;
        Ok(Self {
            port: Board::open_port(&ports.console)?,
            lines: VecDeque::new(),
            begun: Vec::new(),
            alarms: Vec::new(),
        })
    }

    /// Types a line; what it is answered, without echo and without `OK.`, or the error.
    fn ask(&mut self, line: &str) -> Result<std::result::Result<Vec<String>, String>> {
        self.port.write_all(format!("{line}\r").as_bytes()).context("the console's port cannot be written")?;
        let echo = self.next()?;
        ensure!(echo == line, "{line:?} is echoed as {echo:?}");
        let mut answer = vec![];
        loop {
            let line = self.next()?;
            match line.as_str() {
                "OK." => return Ok(Ok(answer)),
                _ if line.starts_with("ERR.") => return Ok(Err(line)),
                _ => answer.push(line),
            }
        }
    }

    /// The same, of a command that must be obeyed.
    fn obeyed(&mut self, line: &str) -> Result<Vec<String>> {
        match self.ask(line)? {
            Ok(answer) => Ok(answer),
            Err(error) => bail!("the console answers {line:?} with {error:?}"),
        }
    }

    /// The next line that was not told unasked.
    fn next(&mut self) -> Result<String> {
        let begun = Instant::now();
        loop {
            while let Some(line) = self.lines.pop_front() {
                if line.starts_with('#') {
                    self.alarms.push(line);
                } else {
                    return Ok(line);
                }
            }
            ensure!(begun.elapsed() < PATIENCE, "the console does not answer");
            self.read()?;
        }
    }

    fn read(&mut self) -> Result<()> {
        let mut piece = [0; 256];
        match self.port.read(&mut piece) {
            Ok(count) => self.begun.extend(&piece[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error).context("the console's port cannot be read"),
        }
        while let Some(end) = self.begun.windows(2).position(|two| two == b"\r\n") {
            let line: Vec<u8> = self.begun.drain(..end + 2).take(end).collect();
            self.lines.push_back(String::from_utf8_lossy(&line).into_owned());
        }
        Ok(())
    }
}

/// Plays the point.
pub fn play(hand: &mut Hand) -> Result<PointResult> {
    let mut point = PointResult::default();
    let mut terminal = Terminal::open(hand)?;
    settings(hand, &mut terminal, &mut point)?;
    let values = metered(hand)?;
    figures(hand, &mut terminal, &values, &mut point)?;
    for wanted in ["#residual current alarm begins", "#overload of \"Port 1\" begins, ", "#started anew"] {
        if !terminal.alarms.iter().any(|line| line.starts_with(wanted)) {
            point.failures.push(format!("{wanted:?} is not told: {:?}", terminal.alarms));
        }
    }
    let told = terminal.obeyed("residual show")?;
    let residual = values.residual.context("no residual current")?;
    let milli = |ampere: f64| shown(Some(ampere * 1e3), 1, "mA");
    let expected = format!(
        "rms=\"{}\",ac=\"{}\",dc=\"{}\",peak=\"{}\",kind=\"sinusoidal\",state=\"pre-warning, alarm\"",
        milli(values.residual_a.context("no residual current")?)?,
        milli(residual.ac_a)?,
        milli(residual.dc_a)?,
        milli(residual.peak_a)?,
    );
    if told != [expected.as_str()] {
        point.failures.push(format!("{told:?} is shown of the residual current, {expected:?} was measured"));
    }
    reset(hand, &mut terminal, &mut point)?;
    Ok(point)
}

/// Changes settings, keeps them and takes them into use.
fn settings(hand: &mut Hand, terminal: &mut Terminal, point: &mut PointResult) -> Result<()> {
    for line in CHANGES {
        terminal.obeyed(line)?;
    }
    for (line, allowed) in REFUSED {
        match terminal.ask(line)? {
            Err(error) if error.contains(allowed) => {}
            other => point.failures.push(format!("{line:?} is answered with {other:?}")),
        }
    }
    let before = hand.session.settings_state(SettingsRequest::Show)?;
    terminal.obeyed("settings apply")?;
    let kept = hand.session.settings_state(SettingsRequest::Show)?;
    terminal.obeyed("system restart")?;
    let after = hand.session.settings_state(SettingsRequest::Show)?;
    let expected = (before.kept, before.imported, before.in_use, before.imported);
    if (before.in_use, Some(kept.kept), kept.in_use, Some(after.in_use)) != expected || kept.saves != before.saves + 1 {
        point.failures.push(format!("kept {kept:?} and after the restart {after:?}, imported was {before:?}"));
    }
    // Each line of an export, on the console as over the link.
    let (shown, linked) = (terminal.obeyed("settings show")?, crate::settings::kept(&mut hand.session)?);
    if shown.iter().map(String::as_str).ne(linked.lines()) {
        point.failures.push("the console does not show the settings that the link exports".into());
    }
    for line in &CHANGES[1..] {
        let (line, _) = line.split_once("    #").unwrap_or((line, ""));
        if !shown.iter().any(|one| one.starts_with(line)) {
            point.failures.push(format!("{line:?} was set and is not shown"));
        }
    }
    let info = hand.session.info()?;
    let version = terminal.obeyed("system version")?.join(",");
    for part in [
        format!("board=\"{}\"", info.board),
        format!("firmware=\"{}\"", info.firmware),
        format!("restarts={}", info.restarts),
        format!("settings=\"{:016x}\"", info.settings.unwrap_or_default()),
    ] {
        if !version.contains(&part) {
            point.failures.push(format!("{part} is not in {version:?}"));
        }
    }
    Ok(())
}

/// Lets the board meter its own signal by its settings; the last window.
fn metered(hand: &mut Hand) -> Result<Values> {
    let request = SettingsRequest::Start { sample_rate: RATE << 32, adc_bits: 24 };
    let SettingsAnswer::Started(config) = hand.session.settings(request)? else {
        bail!("the board gives no fitting answer to the request to meter by its settings");
    };
    let residual = config.residual.map(|residual| residual.channel);
    let ranges: Vec<f64> = config.voltage.iter().chain(&config.currents).chain(&residual).map(header::range).collect();
    ensure!(ranges == RANGES, "the ranges in use are {ranges:?}, set are {RANGES:?}");
    let currents = CURRENTS.map(|(rms, lag)| (rms, -lag));
    let signal = Signal::sines(50.02, (VOLT, 0.0), currents, (RESIDUAL, 0.0)).wire(&config)?;
    hand.session.set_signal(&signal)?;
    let mut last = None;
    for _ in 0..25 {
        last = hand.session.run(RATE as u32 / 10)?.into_iter().last().or(last);
    }
    Ok(Values::from(&last.context("no window")?))
}

/// Whole watt-hours or var-hours.
fn whole(energy: WattSecond) -> u64 {
    energy.to_bits() / (3_600 << 16)
}

/// The figures of an account by their numbers.
fn counted(account: &Account, registers: &Registers<MAX_CURRENTS>) -> Vec<(u8, String)> {
    let (all, since) = (account.continuous, account.resettable());
    let both = |one: WattSecond, other: WattSecond| (one.to_bits() + other.to_bits()) / (3_600 << 16);
    let active = |energy: &Energy| format!("{}Wh", both(energy.forward_active, energy.reverse_active));
    let reactive = |energy: &Energy| format!("{}varh", both(energy.forward_reactive, energy.reverse_reactive));
    let seconds = (registers.operation() - account.reset_at).to_bits() >> 32;
    let wh = |energy: WattSecond| format!("{}Wh", whole(energy));
    let varh = |energy: WattSecond| format!("{}varh", whole(energy));
    vec![
        (0, active(&all)),
        (9, active(&since)),
        (10, reactive(&all)),
        (11, reactive(&since)),
        (12, format!("{seconds}s")),
        (13, wh(all.forward_active)),
        (14, varh(all.forward_reactive)),
        (15, wh(since.forward_active)),
        (16, varh(since.forward_reactive)),
        (17, wh(all.reverse_active)),
        (18, varh(all.reverse_reactive)),
        (19, wh(since.reverse_active)),
        (20, varh(since.reverse_reactive)),
    ]
}

/// Each figure of the line and the ports.
fn figures(hand: &mut Hand, terminal: &mut Terminal, values: &Values, point: &mut PointResult) -> Result<()> {
    let state = hand.session.energy(EnergyRequest::Show)?;
    let registers: Registers<MAX_CURRENTS> =
        state.registers().context("the board's registers contradict themselves")?;
    let mut lines = terminal.obeyed("linesensor 1 all show")?;
    lines.extend(terminal.obeyed("portsensor all all show")?);
    ensure!(lines.len() == MAX_CURRENTS, "{} lines of sensors: {lines:?}", lines.len());
    for (channel, (line, current)) in lines.iter().zip(&values.currents).enumerate() {
        let mut expected = counted(&registers.accounts()[channel], &registers);
        expected.extend([
            (1, shown(current.active_w, 0, "W")?),
            (2, shown(values.voltage_v, 0, "V")?),
            (3, shown(current.current_a, 3, "A")?),
            (4, shown(values.frequency_hz, 2, "Hz")?),
            (5, shown(current.power_factor, 3, "")?),
            (6, shown(current.phase_deg, 1, "deg")?),
            (7, shown(current.apparent_va, 0, "VA")?),
            (8, shown(current.reactive_var, 0, "var")?),
        ]);
        expected.sort();
        let name = match channel {
            0 => "L=1,L=\"Line\"".into(),
            3 => "P=3,L=\"Rack #7\"".into(),
            n => format!("P={n},L=\"Port {n}\""),
        };
        let should = expected.iter().fold(name, |line, (number, figure)| format!("{line},{number}=\"{figure}\""));
        if *line != should {
            point.failures.push(format!("{line:?} is shown, {should:?} was measured"));
        }
        // As numbers, so that the report can show them.
        let figure = |line: &str| -> Option<f64> {
            let (_, behind) = line.split_once(",3=\"")?;
            behind.split_once('A')?.0.parse().ok()
        };
        let (is, should) = (figure(line).unwrap_or(f64::NAN), figure(&should).unwrap_or(f64::NAN));
        point.checks.push(check("console_current", "A", channel, (should, is), 0.0));
    }
    Ok(())
}

/// Resets the resettable registers, and nothing else.
fn reset(hand: &mut Hand, terminal: &mut Terminal, point: &mut PointResult) -> Result<()> {
    let before = hand.session.energy(EnergyRequest::Show)?;
    terminal.obeyed("energy reset")?;
    let after = hand.session.energy(EnergyRequest::Show)?;
    let (before, after): (Registers<MAX_CURRENTS>, Registers<MAX_CURRENTS>) = (
        before.registers().context("the board's registers contradict themselves")?,
        after.registers().context("the board's registers contradict themselves")?,
    );
    let mut truth = before;
    for channel in 0..MAX_CURRENTS {
        truth.reset(channel);
    }
    if after != truth || after == before {
        point.failures.push("the console's reset of energies is not one of the resettable registers alone".into());
    }
    let line = terminal.obeyed("linesensor 1 \"9,12\" show")?;
    if line != ["L=1,L=\"Line\",9=\"0Wh\",12=\"0s\""] {
        point.failures.push(format!("{line:?} is shown after a reset"));
    }
    Ok(())
}
