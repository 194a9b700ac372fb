//! `hil board info`: what a board is, how it started, and what its front panel shows.
//!
//! In comes a board, out goes a table or JSON. This file must not know how a panel works.

use std::fmt::Write;

use anyhow::Result;
use hil_link::{BoardInfo, Colour, DeviceRequest, PanelMode, PanelState, Pattern};
use serde_json::json;

use crate::board::Board;
use crate::cli::BoardCommand;
use crate::session::Session;
use crate::terminal::{plain, print};

/// Runs the command.
///
/// # Errors
/// The board cannot be reached, or is lost.
pub fn command(arguments: &BoardCommand, json: bool) -> Result<()> {
    let board = Board::open(&arguments.board, &arguments.link.image, arguments.link.baud)?;
    let mut session = Session::start(board)?;
    let (info, panel) = (session.info()?, session.panel(DeviceRequest::Panel)?);
    let hello = session.hello();
    let facts = Facts { info, panel, clock_hz: hello.clock_hz, max_data: hello.max_data };
    print(&if json { facts.json() } else { facts.table()? })
}

/// What there is to tell.
struct Facts {
    info: BoardInfo,
    panel: PanelState,
    clock_hz: u32,
    max_data: u32,
}

impl Facts {
    fn table(&self) -> Result<String> {
        let Self { info, panel, .. } = self;
        let uptime = info.uptime_us.map_or_else(
            || "the board has no clock".into(),
            |us| format!("{}.{:06} s", us / 1_000_000, us % 1_000_000),
        );
        let settings = self.settings().unwrap_or_else(|| "the board has none".into());
        let clock = if self.clock_hz == 0 { "not told".into() } else { format!("{} Hz", self.clock_hz) };
        let led = format!("{}, {}", colour(panel.colour), pattern(panel.pattern));
        let rows = [
            ("board", info.board.to_string()),
            ("firmware", info.firmware.to_string()),
            ("program", info.program.to_string()),
            ("protocol", info.protocol.to_string()),
            ("clock", clock),
            ("samples in a request", format!("{} bytes", self.max_data)),
            ("uptime", uptime),
            ("reset cause", info.reset_cause.name().into()),
            ("restarts", info.restarts.to_string()),
            ("factory resets", info.factory_resets.to_string()),
            ("settings digest", settings),
            ("ADC", if info.has_adc { "yes" } else { "none, a signal source of its own" }.into()),
            ("mode", mode(panel.mode).into()),
            ("display", format!("|{}|", panel.lines[0])),
            ("", format!("|{}|", panel.lines[1])),
            ("LED", led),
        ];
        let mut out = String::new();
        for (name, value) in rows {
            writeln!(out, "{name:<21} {}", plain(&value))?;
        }
        Ok(out)
    }

    fn json(&self) -> String {
        let Self { info, panel, .. } = self;
        let object = json!({
            "board": info.board.as_str(),
            "firmware": info.firmware.as_str(),
            "program": info.program.as_str(),
            "protocol": info.protocol,
            "clock_hz": (self.clock_hz > 0).then_some(self.clock_hz),
            "max_data": self.max_data,
            "uptime_s": info.uptime_us.map(|us| us as f64 / 1e6),
            "reset_cause": info.reset_cause.name(),
            "restarts": info.restarts,
            "factory_resets": info.factory_resets,
            "settings_digest": self.settings(),
            "has_adc": info.has_adc,
            "mode": mode(panel.mode),
            "display": panel.lines.each_ref().map(heapless::String::as_str),
            "led": { "colour": colour(panel.colour), "pattern": pattern(panel.pattern) },
            "window": panel.window,
        });
        format!("{object}\n")
    }

    fn settings(&self) -> Option<String> {
        self.info.settings.map(|digest| format!("{digest:016x}"))
    }
}

const fn mode(mode: PanelMode) -> &'static str {
    match mode {
        PanelMode::View(_) => "firmware",
        PanelMode::AskMaintenance => "firmware, asks for maintenance",
        PanelMode::Maintenance => "maintenance",
        PanelMode::AskFirmware => "maintenance, asks for firmware",
        PanelMode::AskFactory => "maintenance, asks for factory settings",
        PanelMode::Resetting => "maintenance, makes factory settings",
        PanelMode::NotReset => "maintenance, factory settings could not be made",
    }
}

const fn colour(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "red",
        Colour::Orange => "orange",
        Colour::Green => "green",
    }
}

const fn pattern(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Steady => "steady",
        Pattern::Periodic => "periodic blinking",
        Pattern::Slow => "slow flashing",
        Pattern::Fast => "fast flashing",
    }
}
