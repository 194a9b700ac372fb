//! The energy registers of a board and their store: they outlive sessions, configurations and power cuts.
//!
//! In come windows and requests, out go answers. This file must not know samples or pages.

use hil_link::{EnergyChannel, EnergyRequest, EnergyState, Error, MAX_CURRENTS, Memory, Response, SaveWhen};
use metering_core::energy::Registers;
use metering_core::quantity::{Second, WattSecond};
use metering_core::reading::Reading;

use crate::store::{Chip, Found, Settings, Store};
use crate::writer::Writer;

/// Most ticks while one request is executed: more than a save takes.
const MOST_TICKS: u32 = 128;

/// So many ticks that bring nothing on mean that the chip is busy, or that there is nothing to do.
const PATIENCE: u32 = 2;

/// Registers and store.
pub(crate) struct Keeper<C> {
    registers: Registers<MAX_CURRENTS>,
    store: Store<C, MAX_CURRENTS>,
    /// The voltage was interrupted when it was last told.
    was_interrupted: bool,
    /// Another writer has begun on the chip: no save is begun until it is done.
    writer: Option<Writer>,
}

impl<C: Chip> Keeper<C> {
    /// Reads the chip.
    pub(crate) fn open(chip: C) -> Self {
        let (store, registers) = Store::open(chip, Settings::default());
        Self { registers, store, was_interrupted: false, writer: None }
    }

    /// The registers as they are now.
    pub(crate) const fn registers(&self) -> &Registers<MAX_CURRENTS> {
        &self.registers
    }

    /// A window has ended.
    pub(crate) fn add(&mut self, reading: &Reading<MAX_CURRENTS>) {
        self.registers.add(reading);
    }

    /// Tells whether the voltage is interrupted: the begin wants a save.
    pub(crate) fn interruption(&mut self, is_interrupted: bool) {
        if is_interrupted && !self.was_interrupted {
            self.store.interrupted(&self.registers);
        }
        self.was_interrupted = is_interrupted;
    }

    /// Lets the store work until the chip is busy with a page. This is done while a request is executed and where the link has
    /// been quiet for some time, and not between two requests that follow each other, when a board without a buffer behind
    /// its port must listen.
    pub(crate) fn work(&mut self, mut now_us: impl FnMut() -> u64) {
        let mut refused = 0;
        for _ in 0..MOST_TICKS {
            if self.writer.is_some() && !self.is_saving() {
                break;
            }
            refused = if self.tick(now_us()) { 0 } else { refused + 1 };
            if refused == PATIENCE {
                break;
            }
        }
    }

    /// Whether a save is going on or wanted.
    pub(crate) fn is_pending(&self) -> bool {
        self.store.report().pending
    }

    /// Whether a save is going on: another writer waits for its end.
    pub(crate) fn is_saving(&self) -> bool {
        self.store.is_busy()
    }

    /// Keeps saves from being begun for a writer; one that goes on is not touched. Tells whether the chip is this writer's, and
    /// not another one's.
    pub(crate) fn claim(&mut self, writer: Writer) -> bool {
        *self.writer.get_or_insert(writer) == writer
    }

    /// This writer is done.
    pub(crate) fn release(&mut self, writer: Writer) {
        self.writer = self.writer.filter(|&other| other != writer);
    }

    /// Changes when is saved.
    pub(crate) fn set(&mut self, settings: Settings) {
        self.store.set(settings);
    }

    /// Lets the store do one thing; tells whether it got on.
    pub(crate) fn tick(&mut self, now_us: u64) -> bool {
        let before = self.store.progress();
        self.store.tick(&self.registers, now_us);
        self.store.progress() != before
    }

    /// The chip.
    pub(crate) fn chip(&mut self) -> &mut C {
        self.store.chip()
    }

    /// Clears the resettable registers of a current; they are saved at the next work. Tells whether there is such a current.
    pub(crate) fn reset(&mut self, channel: usize) -> bool {
        let is_reset = self.registers.reset(channel);
        if is_reset {
            self.store.after_reset();
        }
        is_reset
    }

    /// Executes a request.
    pub(crate) fn execute(&mut self, request: EnergyRequest, now_us: impl FnMut() -> u64) -> Response {
        match request {
            EnergyRequest::Show => {}
            EnergyRequest::Reset { channel: Some(channel) } => {
                if !self.reset(usize::from(channel)) {
                    return refused("channel");
                }
            }
            EnergyRequest::Reset { channel: None } => {
                for channel in 0..MAX_CURRENTS {
                    self.registers.reset(channel);
                }
                self.store.after_reset();
            }
            EnergyRequest::Save => self.store.save(),
            EnergyRequest::When(when) => match settings(when) {
                Some(settings) => self.store.set(settings),
                None => return refused("when"),
            },
        }
        self.work(now_us);
        Response::Energy(self.state())
    }

    fn state(&self) -> EnergyState {
        let report = self.store.report();
        EnergyState {
            operation: self.registers.operation().to_bits(),
            channels: self.registers.accounts().iter().map(EnergyChannel::from).collect(),
            memory: report.found.into(),
            saved: report.saved,
            pending: report.pending,
            saves: report.saves,
            faults: report.faults,
        }
    }
}

impl From<Found> for Memory {
    fn from(found: Found) -> Self {
        match found {
            Found::Absent => Self::Absent,
            Found::Blank => Self::Blank,
            Found::Restored => Self::Restored,
            Found::Corrupt => Self::Corrupt,
            Found::Foreign => Self::Foreign,
        }
    }
}

/// Limits that wear no chip out within days: a second, and 1 Wh.
fn settings(when: SaveWhen) -> Option<Settings> {
    (when.interval_s >= 1 && when.energy_wh >= 1).then(|| Settings {
        interval: Second::from_num(when.interval_s),
        energy: WattSecond::from_num(u64::from(when.energy_wh) * 3_600),
        on_interruption: when.on_interruption,
    })
}

fn refused(field: &str) -> Response {
    let reason = "there is no such channel, or a limit is 0";
    Response::Error(Error::Config {
        field: field.try_into().unwrap_or_default(),
        reason: reason.try_into().unwrap_or_default(),
    })
}
