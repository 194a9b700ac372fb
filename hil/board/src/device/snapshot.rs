//! The one copy of readings that display, console, Modbus and link show, so that they agree.
//!
//! In come windows as the meter gives them, the energy registers as they are then, and the residual monitor's state; out
//! goes what is to be shown. It is whole between two windows: whoever reads it within one answer shows one window. This
//! file must not know how a figure is shown.

use hil_link::MAX_CURRENTS;
use metering_core::energy::Registers;
use metering_core::reading::{Flags, Reading};
use metering_core::residual::State;

/// So many windows without a valid one, a second of them, and there is no reading to show any more.
pub const STALE: u32 = 5;

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The last valid window and its number, from 1.
    valid: Option<(u32, Reading<MAX_CURRENTS>)>,
    windows: u32,
    registers: Registers<MAX_CURRENTS>,
    residual: State,
}

impl Snapshot {
    /// No reading yet, but the registers as they were kept.
    pub fn new(registers: &Registers<MAX_CURRENTS>) -> Self {
        Self { registers: *registers, ..Self::default() }
    }

    /// A window has ended. The registers that hold it come with [`set_registers`](Self::set_registers).
    ///
    /// A window in which the synchroniser settles is provisional: the valid one before it stays, for a second.
    pub fn window(&mut self, reading: &Reading<MAX_CURRENTS>) {
        self.windows = self.windows.saturating_add(1);
        if !reading.flags.contains(Flags::SETTLING) {
            self.valid = Some((self.windows, *reading));
        } else if self.valid.as_ref().is_some_and(|(number, _)| self.windows - number >= STALE) {
            self.valid = None;
        }
    }

    /// The registers as they are now: after a window, or a reset between two.
    pub fn set_registers(&mut self, registers: &Registers<MAX_CURRENTS>) {
        self.registers = *registers;
    }

    /// The residual monitor's state.
    pub fn set_residual(&mut self, state: State) {
        self.residual = state;
    }

    /// Another meter starts: its windows are numbered anew, and there is no reading.
    pub fn restart(&mut self) {
        *self = Self::new(&self.registers);
    }

    /// The last valid window; `None` before the first, and after [`STALE`] windows without one.
    pub fn reading(&self) -> Option<&Reading<MAX_CURRENTS>> {
        self.valid.as_ref().map(|(_, reading)| reading)
    }

    /// Number of that window since the meter started, from 1; 0 without one.
    pub fn number(&self) -> u32 {
        self.valid.as_ref().map_or(0, |(number, _)| *number)
    }

    /// The energy registers after the newest window, valid or not: energy is counted in each.
    pub const fn registers(&self) -> &Registers<MAX_CURRENTS> {
        &self.registers
    }

    /// What is on at the residual monitor.
    pub const fn residual(&self) -> State {
        self.residual
    }
}
