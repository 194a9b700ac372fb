//! The suite `device`: what the users of the device see and press, over the link.
//!
//! In comes how to start a board, out go points for the report. This file must not know how a point does its work.
//!
//! - `pages`: each page of the display against the windows and registers that the link gives.
//! - `button`: each limit of the button, on the panel's own time.
//! - `untouched`: readings and registers of a board at whose button a hand is, against the core on this machine.
//! - `flood`: the same, while the device's other serial ports are flooded.
//! - `console`: settings and figures over the console, against what the link gives.

mod button;
mod console;
mod flood;
mod pages;
mod untouched;

use anyhow::{Context, Result};
use hil_link::{DeviceRequest, EnergyRequest, MAX_CURRENTS, PanelState, Window};
use metering_core::energy::Registers;

use crate::board::Eeprom;
use crate::cases::Starter;
use crate::host;
use crate::plan::Plan;
use crate::report::PointResult;
use crate::session::Session;

/// Name of the suite.
pub const SUITE: &str = "device";

/// What it is about, for `hil list`.
pub const TITLE: &str = "front panel that shows what was measured and touches none of it";

/// A point of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The pages of the display.
    Pages,
    /// The limits of the button.
    Button,
    /// What pressing must not touch.
    Untouched,
    /// What floods of the further ports must not touch.
    Flood,
    /// The console, and the settings that are changed there.
    Console,
}

impl Case {
    /// All, in the order they are played.
    pub const ALL: [Self; 5] = [Self::Pages, Self::Button, Self::Untouched, Self::Flood, Self::Console];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Button => "button",
            Self::Untouched => "untouched",
            Self::Flood => "flood",
            Self::Console => "console",
        }
    }

    /// Why it is not played with a board, if it is not.
    pub fn hindrance(self, starter: &Starter<'_>) -> Option<&'static str> {
        match self {
            Self::Button => None,
            Self::Console if starter.restarts() && !starter.takes_eeprom() => {
                Some("the emulator has no EEPROM for this firmware, so no setting can be kept")
            }
            // A real USART shifts its bytes out whether somebody reads them or not.
            Self::Flood if starter.restarts() && !starter.takes_eeprom() => {
                Some("the emulator's USART stops this firmware's whole machine where nobody reads what it sends")
            }
            _ if starter.restarts() => None,
            _ => Some(
                "it resets energy registers and counts from power-up, so it takes a board that this program starts",
            ),
        }
    }

    /// Plays it; the device's front is left as it is after a start.
    ///
    /// # Errors
    /// A board cannot be started, or is lost.
    pub fn play(self, starter: &Starter<'_>) -> Result<PointResult> {
        // An EEPROM of its own: what is changed here is kept nowhere else.
        let folder = tempfile::tempdir().context("a folder for the EEPROM")?;
        let eeprom = if starter.takes_eeprom() { Eeprom::at(&folder.path().join("eeprom")) } else { Eeprom::default() };
        let mut hand = Hand { session: starter.start(&eeprom)? };
        let point = match self {
            Self::Pages => pages::play(&mut hand),
            Self::Button => button::play(&mut hand),
            Self::Untouched => untouched::play(&mut hand),
            Self::Flood => flood::play(&mut hand),
            Self::Console => console::play(&mut hand),
        }?;
        hand.restart()?;
        Ok(point)
    }
}

/// A value as it should be shown; what is rounded to 0 has no sign.
fn shown(value: Option<f64>, digits: usize, unit: &str) -> Result<String> {
    let text = format!("{:.digits$}{unit}", value.context("a quantity is missing")?);
    let is_zero = !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    Ok(if is_zero { text.trim_start_matches('-').to_owned() } else { text })
}

/// A hand at the button of a board, and an eye on its panel.
struct Hand {
    session: Session,
}

impl Hand {
    /// Holds the button so for a time of the panel.
    fn hold(&mut self, pressed: bool, pass_ms: u32) -> Result<PanelState> {
        self.panel(DeviceRequest::Button { pressed, pass_ms })
    }

    /// Presses and releases.
    fn tap(&mut self) -> Result<PanelState> {
        self.hold(true, 100)?;
        self.hold(false, 100)
    }

    fn panel(&mut self, request: DeviceRequest) -> Result<PanelState> {
        self.session.panel(request)
    }

    /// Firmware mode, the normal view, whatever was before.
    fn restart(&mut self) -> Result<()> {
        self.session.device(DeviceRequest::Restart { held: false }).map(drop)
    }

    /// Holds what the board gave of a plan against the core on this machine: readings, digest and energy registers. Returns
    /// the registers of both, the board's first.
    fn judge(
        &mut self,
        plan: &Plan,
        windows: &[Window],
        point: &mut PointResult,
    ) -> Result<[Registers<MAX_CURRENTS>; 2]> {
        let own = host::meter(plan)?;
        let (digest, expected) = (self.session.status()?.digest, host::digest(&own));
        point.digest = Some(digest);
        if windows != own || digest != expected {
            point.failures.push(format!(
                "the board's readings are not those of the core on this machine: digest {digest:016x}, expected {expected:016x}"
            ));
        }
        let state = self.session.energy(EnergyRequest::Show)?;
        let registers = state.registers().context("the board's registers contradict themselves")?;
        let mut truth = Registers::default();
        host::readings(plan)?.iter().for_each(|reading| truth.add(reading));
        if registers != truth {
            point.failures.push("the board's registers are not those of the core on this machine".into());
        }
        Ok([registers, truth])
    }
}
