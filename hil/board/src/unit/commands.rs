//! What is typed at the console, done to the device.
//!
//! In come commands, out go outcomes. This file must not know how a line is read or an answer is written.
//!
//! Between two requests the link must not wait long, so a command writes nothing to the chip: what is to be kept is written
//! with the next request, or when the link is quiet ([`Unit::rest`]).

use hil_link::DeviceRequest;
use hil_link::MAX_CURRENTS;

use super::Unit;
use crate::device::console::alarm::Alarm;
use crate::device::console::answer::{Answer, View};
use crate::device::console::command::Command;
use crate::device::console::{Console, Outcome};
use crate::meter::Metering;
use crate::outlet::Outlet;
use crate::platform::{Platform, Port};
use crate::setup::Written;
use crate::store::Chip;

/// Most bytes taken at a time, so that the link has its turn.
const PIECE: usize = 64;

/// The console on its port.
#[derive(Debug)]
pub(super) struct Terminal {
    console: Console,
    outlet: Outlet,
    /// The outcome of a command comes when the settings are written.
    is_waiting: bool,
}

impl<C: Chip> Unit<C> {
    /// Takes what was typed, does it and answers. Returns within how many microseconds to come again; `None`: not before a
    /// byte comes.
    pub(crate) fn serve_console<P: Platform>(&mut self, platform: &mut P) -> Option<u32> {
        let mut is_more = true;
        for _ in 0..PIECE {
            let Some(received) = platform.receive(Port::Console) else {
                is_more = false;
                break;
            };
            self.terminal.console.typed(received.byte);
        }
        if self.terminal.is_waiting
            && let Some(written) = self.setup.take_written()
        {
            self.terminal.is_waiting = false;
            self.terminal.console.reply(match written {
                Written::Kept => Outcome::Done,
                Written::Not => Outcome::refused(&"the EEPROM does not take it; what was kept before is still there"),
            });
        }
        loop {
            self.obey(platform);
            let Terminal { console, outlet, .. } = &mut self.terminal;
            if let Some(again_us) = outlet.step(console, platform) {
                return Some(again_us);
            }
            // The port took all there was: there is room for what comes next.
            if !self.terminal.console.has_more() {
                return is_more.then_some(0);
            }
        }
    }

    /// Does what was typed, as far as there is room for answers.
    fn obey<P: Platform>(&mut self, platform: &mut P) {
        loop {
            let (in_use, kept) = (self.setup.in_use(), self.setup.kept());
            if !self.terminal.console.step(&View { snapshot: &self.snapshot, in_use, kept }) {
                return;
            }
            let Some(outcome) = self.typed(platform) else {
                self.terminal.is_waiting = true;
                return;
            };
            self.terminal.console.reply(outcome);
        }
    }

    /// Does a command; `None`: its outcome comes later.
    fn typed<P: Platform>(&mut self, platform: &mut P) -> Option<Outcome> {
        let (command, line) = self.terminal.console.command()?;
        Some(match command {
            Command::Nothing => Outcome::Done,
            Command::Readings(sensors, fields) => Outcome::Show(Answer::Readings(sensors, fields)),
            Command::Residual => Outcome::Show(Answer::Residual),
            Command::EnergyReset => {
                for channel in 0..MAX_CURRENTS {
                    self.keeper.reset(channel);
                }
                self.snapshot.set_registers(self.keeper.registers());
                Outcome::Done
            }
            Command::Settings => Outcome::Show(Answer::Settings),
            Command::Setting(entry) => Outcome::Show(Answer::Setting(entry)),
            Command::SettingsState => Outcome::Show(Answer::State(self.setup.state())),
            Command::Change => match self.setup.change(line) {
                Ok(()) => Outcome::Done,
                Err(ignored) => Outcome::refused(&ignored),
            },
            Command::Apply => {
                if let Some(unfit) = self.unfit(platform) {
                    return Some(Outcome::refused(&unfit));
                }
                if !self.setup.want_apply() {
                    return Some(Outcome::refused(&"nothing was changed"));
                }
                return None;
            }
            Command::Cancel => {
                self.setup.cancel();
                Outcome::Done
            }
            Command::Restart => {
                self.front.act(DeviceRequest::Restart { held: false });
                self.restart(platform);
                Outcome::Done
            }
            Command::Version => Outcome::Show(Answer::Version(self.front.info(self.setup.in_use().digest(), platform))),
            Command::Help => Outcome::Show(Answer::Help),
        })
    }
}

impl Terminal {
    pub(super) fn new() -> Self {
        Self { console: Console::new(), outlet: Outlet::new(Port::Console), is_waiting: false }
    }

    /// Something is to be told unasked.
    pub(super) fn tell(&mut self, alarm: Alarm) {
        self.console.alarm(alarm);
    }

    /// The same of what the meter has to tell.
    pub(super) fn tell_alarms(&mut self, metering: &mut Metering) {
        let lost = metering.alarms(&mut |alarm| self.console.alarm(alarm));
        self.console.alarms_lost(lost);
    }
}
