//! Keeps the energy registers on a chip that outlives a power cut.
//!
//! In come registers, the time and wishes to save; out go pages to a chip, one at a time, and what was found there at
//! the start. Nothing here waits: a page is begun, and whether the chip is done is asked at a later tick, so that
//! metering goes on while a page is written (5 ms). This module must not know meters, requests or where time comes from.
//!
//! - [`map`]: where what stands; [`record`]: the bytes of a record; [`ring`]: which record is the newest;
//! - [`pair`]: settings and calibration, in two copies each;
//! - [`chip`]: what a chip must bring; [`bitbang`]: an I2C bus on two pins; [`wired`](mod@wired): a 24C64 on it.
//! - `mock` (feature `mock`): a chip that wraps, waits, wears and tears like a real one.
//!
//! # What a power cut may take
//!
//! A record goes to the slot after the newest one, its checksum last. Until the last page is written the record before
//! stands untouched, so after a cut at any instant the registers are those of the last save that was completed, or of
//! the one that was just being completed. Lost is what was counted since: at most 0.1 kWh of any register and 5 minutes,
//! plus one window, plus what passes during one save: 23 pages of 5 ms and the transfers, 0.2 s at 400 kHz.
//!
//! # Wear
//!
//! At 230 V and 16 A a register moves by 0.1 kWh in 98 s: 6.5 million saves in 20 years, 720 000 for each of the nine
//! slots, under the 10⁶ that a page endures. Saves at interruptions come at most once a minute; there is room for one
//! every four minutes on the mean of 20 years.

pub mod bitbang;
pub mod chip;
pub mod map;
#[cfg(feature = "mock")]
pub mod mock;
pub mod pair;
pub mod record;
pub mod ring;
pub mod wired;

use metering_core::energy::Registers;
use metering_core::quantity::{Second, WattSecond};

pub use chip::{Chip, Fault, NoChip, Plain};
use map::{PAGE, SLOT, SLOTS};
pub use ring::Found;
use ring::Place;

/// For how long a chip may not answer while a page is written, in microseconds.
const PATIENCE_US: u64 = 50_000;

/// For how long nothing is tried after a save has failed.
const PAUSE: Second = Second::const_from_int(60);

/// When the registers are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// After this time of operation.
    pub interval: Second,
    /// When any register has moved by this.
    pub energy: WattSecond,
    /// At once when the voltage is interrupted, for boards whose supply holds long enough.
    pub on_interruption: bool,
}

impl Default for Settings {
    /// 5 minutes, 0.1 kWh, at interruptions.
    fn default() -> Self {
        Self {
            interval: Second::const_from_int(300),
            energy: WattSecond::const_from_int(360_000),
            on_interruption: true,
        }
    }
}

/// Where a save stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Idle,
    /// This page is to be begun.
    Write {
        page: usize,
        since_us: u64,
    },
    /// This page has been begun: is it there?
    Check {
        page: usize,
        since_us: u64,
    },
}

/// What the store tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was found on the chip at the start.
    pub found: Found,
    /// Number of the newest record that is known to be on the chip.
    pub saved: Option<u32>,
    /// A save is going on or wanted.
    pub pending: bool,
    /// Saves completed since the start.
    pub saves: u32,
    /// Saves given up since the start, or pages that did not hold what was written.
    pub faults: u32,
}

/// What is wanted beside the limits of energy and time. An urgent save, for a reset or an interruption, is tried again when
/// it fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    #[default]
    Nothing,
    Save,
    Urgent,
}

/// The registers' store on a chip.
#[derive(Clone, Debug)]
pub struct Store<C, const N: usize> {
    chip: C,
    settings: Settings,
    report: Report,
    /// Whether the chip may be written to.
    adopted: bool,
    newest: Option<Place>,
    /// Slot of the save that goes on, and how many have been tried for it.
    slot: u32,
    tried: u32,
    /// What the newest record holds, and what the one being written will.
    saved: Registers<N>,
    next: Registers<N>,
    image: [u8; SLOT],
    length: usize,
    step: Step,
    wanted: Wanted,
    /// Time of operation before which nothing is tried, and of the last save for an interruption.
    not_before: Second,
    interrupted_at: Option<Second>,
    /// The save that goes on is an urgent one.
    urgent: bool,
    /// Saves that are left until each slot of a chip that was taken over is ours.
    sweep: u32,
}

impl<C: Chip, const N: usize> Store<C, N> {
    /// Reads the chip: the store, and the registers as they were saved last, or zeros.
    ///
    /// Waits for a chip that is still writing since before the start: some 50 ms at most.
    pub fn open(mut chip: C, settings: Settings) -> (Self, Registers<N>) {
        let mut image = [0; SLOT];
        let (found, newest) = ring::find(&mut chip, &mut image);
        let (newest, registers) = newest.map_or((None, Registers::default()), |(place, it)| (Some(place), it));
        let report = Report { found, saved: newest.map(|place| place.sequence), pending: false, saves: 0, faults: 0 };
        let store = Self {
            chip,
            settings,
            report,
            // What is not understood may be someone's energy.
            adopted: !matches!(found, Found::Absent | Found::Foreign),
            newest,
            slot: 0,
            tried: 0,
            saved: registers,
            next: registers,
            image,
            length: 0,
            step: Step::Idle,
            wanted: Wanted::Nothing,
            not_before: Second::ZERO,
            interrupted_at: None,
            urgent: false,
            sweep: 0,
        };
        (store, registers)
    }

    /// Changes when is saved.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Wants a save, at the request of a user: one that is going on is completed first, then another begins. A chip that
    /// was foreign or did not answer is taken over by this.
    pub fn save(&mut self) {
        if !self.adopted {
            // What stands there may be newer by its number, or not to be understood: go on from the number, and write
            // over each slot.
            self.newest = ring::last::<C, N>(&mut self.chip, &mut self.image);
            self.sweep = SLOTS;
        }
        (self.adopted, self.not_before) = (true, Second::ZERO);
        self.wanted = self.wanted.max(Wanted::Save);
    }

    /// The registers were reset: wants a save.
    pub fn after_reset(&mut self) {
        if self.adopted {
            self.wanted = Wanted::Urgent;
        }
        self.not_before = Second::ZERO;
    }

    /// The voltage was interrupted: wants a save, unless told not to or one was made for this within a minute.
    pub fn interrupted(&mut self, registers: &Registers<N>) {
        let now = registers.operation();
        let again = self.interrupted_at.is_some_and(|then| now.saturating_sub(then) < PAUSE);
        if self.settings.on_interruption && self.adopted && !again {
            (self.wanted, self.interrupted_at, self.not_before) = (Wanted::Urgent, Some(now), Second::ZERO);
        }
    }

    /// Whether a save is going on.
    pub fn is_busy(&self) -> bool {
        self.step != Step::Idle
    }

    /// A number that changes with each tick that did something: who has other work leaves it at that when it stands.
    pub fn progress(&self) -> u64 {
        let step = match self.step {
            Step::Idle => 0,
            Step::Write { page, .. } => 2 * page as u64 + 1,
            Step::Check { page, .. } => 2 * page as u64 + 2,
        };
        u64::from(self.report.saves) << 40 | u64::from(self.report.faults) << 8 | step
    }

    /// What there is to tell.
    pub fn report(&self) -> Report {
        Report { pending: self.wanted > Wanted::Nothing || self.is_busy(), ..self.report }
    }

    /// The chip, to look at it.
    pub fn chip(&mut self) -> &mut C {
        &mut self.chip
    }

    /// Does a little: decides whether to save, begins a page, or asks whether the chip is done with one. At most one
    /// page goes over the bus, so call it as often as there is time; a save takes 47 calls.
    pub fn tick(&mut self, registers: &Registers<N>, now_us: u64) {
        match self.step {
            Step::Idle if self.is_due(registers) => self.begin(registers, now_us),
            Step::Idle => {}
            Step::Write { page, since_us } => {
                let from = page * PAGE;
                let bytes = self.image.get(from..(from + PAGE).min(self.length)).unwrap_or_default();
                match self.chip.begin_page(map::slot(self.slot) + from as u32, bytes) {
                    Ok(()) => self.step = Step::Check { page, since_us: now_us },
                    Err(fault) => self.refused(registers, fault, since_us, now_us),
                }
            }
            Step::Check { page, since_us } => {
                let from = page * PAGE;
                let mut there = [0; PAGE];
                let wanted = self.image.get(from..(from + PAGE).min(self.length)).unwrap_or_default();
                let there = there.get_mut(..wanted.len()).unwrap_or_default();
                match self.chip.read(map::slot(self.slot) + from as u32, there) {
                    Ok(()) if there != wanted => self.worn(registers, now_us),
                    Ok(()) if from + PAGE < self.length => {
                        self.step = Step::Write { page: page + 1, since_us: now_us };
                    }
                    Ok(()) => self.complete(),
                    Err(fault) => self.refused(registers, fault, since_us, now_us),
                }
            }
        }
    }

    fn is_due(&self, registers: &Registers<N>) -> bool {
        if !self.adopted || registers.operation() < self.not_before {
            return false;
        }
        let (energy, time) = registers.moved(&self.saved);
        self.wanted > Wanted::Nothing || energy >= self.settings.energy || time >= self.settings.interval
    }

    fn begin(&mut self, registers: &Registers<N>, now_us: u64) {
        self.urgent = core::mem::take(&mut self.wanted) == Wanted::Urgent;
        self.next = *registers;
        self.slot = self.newest.map_or(0, |place| (place.slot + 1) % SLOTS);
        self.tried = 0;
        let sequence = self.newest.map_or(0, |place| place.sequence.wrapping_add(1));
        self.length = record::encode(sequence, registers, &mut self.image);
        self.step = Step::Write { page: 0, since_us: now_us };
    }

    fn complete(&mut self) {
        let sequence = self.newest.map_or(0, |place| place.sequence.wrapping_add(1));
        self.newest = Some(Place { slot: self.slot, sequence });
        self.saved = self.next;
        self.report.saved = Some(sequence);
        self.report.saves = self.report.saves.saturating_add(1);
        self.sweep = self.sweep.saturating_sub(1);
        if self.sweep > 0 {
            self.wanted = self.wanted.max(Wanted::Save);
        }
        self.step = Step::Idle;
    }

    /// A page does not hold what was written: the record goes to the next slot, all but that of the newest record.
    fn worn(&mut self, registers: &Registers<N>, now_us: u64) {
        self.report.faults = self.report.faults.saturating_add(1);
        self.tried += 1;
        self.slot = (self.slot + 1) % SLOTS;
        if self.tried + 1 >= SLOTS {
            self.give_up(registers);
        } else {
            self.step = Step::Write { page: 0, since_us: now_us };
        }
    }

    fn refused(&mut self, registers: &Registers<N>, fault: Fault, since_us: u64, now_us: u64) {
        if fault == Fault::Failed || now_us.saturating_sub(since_us) > PATIENCE_US {
            self.report.faults = self.report.faults.saturating_add(1);
            self.give_up(registers);
        }
    }

    fn give_up(&mut self, registers: &Registers<N>) {
        self.step = Step::Idle;
        if self.urgent {
            self.wanted = Wanted::Urgent;
        }
        self.not_before = registers.operation().saturating_add(PAUSE);
    }
}
