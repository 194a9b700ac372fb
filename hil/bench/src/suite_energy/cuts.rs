//! The plug pulled at each byte of a save and between.
//!
//! In comes nothing, out goes a point with a row per page. A chip in memory tears within a byte: the bits that are being
//! written become anything. This file must not know boards.

use std::cell::RefCell;
use std::rc::Rc;

use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use hil_board::store::map::PAGE;
use hil_board::store::mock::Mock24C64;
use hil_board::store::{Settings, Store};
use hil_link::MAX_CURRENTS;
use metering_core::energy::{Energy, Flow, Integrator, Registers};
use metering_core::quantity::{Power, Second};

use super::check;
use crate::energy::moved;
use crate::report::{Conditions, PointResult, WindowRow, WindowTable};

/// Power of the feed in watt: of 0.1 kWh within 98 s, and of nothing within 5 minutes.
const FEEDS: [u32; 2] = [3_680, 1];

/// A window of the meter, and a turn of its main loop, in microseconds.
const WINDOW_US: u64 = 200_000;
const TURN_US: u64 = 500;

/// What may pass during one save, in seconds, as `hil_board::store` says.
const SAVE_S: f64 = 0.2;

/// What the bits being written may become, from what they were, should be, and a number.
const STATES: [fn(u8, u8, u32) -> u8; 5] = [
    |_, _, _| 0x00,
    |_, _, _| 0xff,
    |before, after, _| before & after,
    |before, after, n| before ^ ((before ^ after) & (0x5d << (n % 5)) as u8),
    |_, _, n| (n.wrapping_mul(0x9e37_79b9) >> 13) as u8,
];

#[derive(Clone)]
struct Wire(Rc<RefCell<Mock24C64>>);

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl I2c for Wire {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        self.0.borrow_mut().transaction(address, operations)
    }
}

type Chip = Eeprom24x<Wire, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

/// A store on a chip, and the registers that run on.
struct Site {
    mock: Rc<RefCell<Mock24C64>>,
    store: Store<Chip, MAX_CURRENTS>,
    registers: Registers<MAX_CURRENTS>,
    integrators: [Integrator; MAX_CURRENTS],
    flows: [Flow; MAX_CURRENTS],
    /// When the next window ends.
    window_us: u64,
}

impl Site {
    fn open(mock: Mock24C64, feed: u32) -> Self {
        let mock = Rc::new(RefCell::new(mock));
        let chip = Eeprom24x::new_24x64(Wire(mock.clone()), SlaveAddr::default());
        let (store, registers) = Store::open(chip, Settings::default());
        // The feed, and seven outlets that share it.
        let flow = |n: usize| {
            let active = Power::from_num(feed) / if n == 0 { 1 } else { 7 };
            Flow { active, apparent: active, ..Flow::default() }
        };
        let window_us = mock.borrow().now_us() + WINDOW_US;
        Self {
            mock,
            store,
            registers,
            integrators: [Integrator::default(); MAX_CURRENTS],
            flows: std::array::from_fn(flow),
            window_us,
        }
    }

    /// A turn of the main loop.
    fn turn(&mut self) {
        self.mock.borrow_mut().wait(TURN_US);
        let now = self.mock.borrow().now_us();
        if now >= self.window_us {
            self.window();
            self.window_us += WINDOW_US;
        }
        self.store.tick(&self.registers, now);
    }

    fn window(&mut self) {
        let duration = Second::from_num(WINDOW_US) / 1_000_000;
        let pairs = self.integrators.iter_mut().zip(&self.flows);
        let energies: Vec<Energy> = pairs.map(|(integrator, flow)| integrator.add(flow, duration)).collect();
        self.registers.step(duration, &std::array::from_fn(|n| energies[n]));
    }
}

/// What became of the cuts at one page, or between two.
#[derive(Default)]
struct Tally {
    cuts: u32,
    old: u32,
    new: u32,
    energy: f64,
    time: f64,
}

/// What the promise says after a cut, and what was found instead.
struct Judge {
    saved: Registers<MAX_CURRENTS>,
    /// The registers of the save that goes on.
    next: Registers<MAX_CURRENTS>,
    failures: Vec<String>,
}

impl Judge {
    fn cut(&mut self, chip: Mock24C64, now: &Registers<MAX_CURRENTS>, tally: &mut Tally) {
        let restored = Site::open(chip, 0).registers;
        let (energy, time) = moved(now, &restored);
        tally.cuts += 1;
        tally.energy = tally.energy.max(energy);
        tally.time = tally.time.max(time);
        if restored == self.saved {
            tally.old += 1;
        } else if restored == self.next {
            tally.new += 1;
        } else if self.failures.len() < 10 {
            self.failures.push("after a cut the registers are neither those of the last save nor of the next".into());
        }
    }
}

/// Runs to a save that follows another and cuts it everywhere: the tallies of its pages, of what lies between, and how
/// long the save took.
fn save(feed: u32) -> (Vec<Tally>, Tally, f64, Vec<String>) {
    let mut site = Site::open(Mock24C64::default(), feed);
    while site.store.report().saves < 10 {
        if !site.store.is_busy() && feed == 1 {
            // Nothing happens in the most of 5 minutes: they are left out turn by turn, not window by window.
            for _ in 0..1_490 {
                site.window();
            }
            site.store.save();
        }
        site.turn();
    }
    let mut judge = Judge { saved: site.registers, next: site.registers, failures: vec![] };
    judge.saved = Site::open(site.mock.borrow().clone(), 0).registers;
    let (mut pages, mut between) = (Vec::new(), Tally::default());
    let mut begun_us = None;
    while site.store.report().saves == 10 {
        let (was_busy, was_unfinished) = (site.store.is_busy(), site.mock.borrow().unfinished());
        site.turn();
        if site.store.is_busy() && !was_busy {
            judge.next = site.registers;
            begun_us = Some(site.mock.borrow().now_us());
        }
        let unfinished = site.mock.borrow().unfinished();
        if unfinished > 0 && was_unfinished == 0 {
            let mut tally = Tally::default();
            for done in 0..unfinished {
                for (number, state) in STATES.iter().enumerate() {
                    for torn in [1, unfinished] {
                        let mut chip = site.mock.borrow().clone();
                        let mut count = done * 8 + number as u32;
                        chip.cut(done, torn, |before, after| {
                            count += 1;
                            state(before, after, count)
                        });
                        judge.cut(chip, &site.registers, &mut tally);
                    }
                }
            }
            pages.push(tally);
        }
        // Between, and while nothing is saved: each turn of the last second before, and each turn of the save.
        let (energy, time) = moved(&site.registers, &judge.saved);
        if site.store.is_busy() || energy > 99.0 || time > 299.0 {
            for done in [0, PAGE as u32] {
                let mut chip = site.mock.borrow().clone();
                chip.cut(done, 0, |before, _| before);
                judge.cut(chip, &site.registers, &mut between);
            }
        }
    }
    let lasted = begun_us.map_or(0.0, |begun| (site.mock.borrow().now_us() - begun) as f64 / 1e6);
    (pages, between, lasted, judge.failures)
}

/// Plays the point.
pub fn play() -> PointResult {
    let mut point = PointResult::default();
    let columns = ["feed W", "page", "cuts", "the save before", "the new one", "worst loss Wh", "worst loss s"];
    point.windows = WindowTable { columns: columns.map(String::from).to_vec(), rows: vec![] };
    let (mut total, mut notes) = (0, vec![]);
    for (number, feed) in FEEDS.into_iter().enumerate() {
        let (pages, between, lasted, failures) = save(feed);
        point.failures.extend(failures);
        let tallies = || pages.iter().chain([&between]);
        let cuts: u32 = tallies().map(|tally| tally.cuts).sum();
        let energy = tallies().fold(0.0, |most: f64, tally| most.max(tally.energy));
        let time = tallies().fold(0.0, |most: f64, tally| most.max(tally.time));
        let window = WINDOW_US as f64 / 1e6;
        // What is allowed: a trigger, the window in which it falls due, and what passes during one save.
        let limit = 100.0 + f64::from(feed) * (window + SAVE_S) / 3_600.0;
        point.checks.push(check("loss_wh", "Wh", number, (0.0, energy), limit));
        point.checks.push(check("loss_s", "s", number, (0.0, time), 300.0 + window + SAVE_S));
        point.checks.push(check("save_s", "s", number, (0.0, lasted), SAVE_S));
        if pages.len() != 23 || between.old == 0 || between.new == 0 {
            point.failures.push(format!("{} pages were cut, 23 are expected", pages.len()));
        }
        for (n, tally) in tallies().enumerate() {
            let page = (n < pages.len()).then_some(n as f64);
            let values = [tally.cuts, tally.old, tally.new].map(f64::from);
            let values = [Some(feed.into()), page].into_iter().chain(values.map(Some));
            let values = values.chain([Some(tally.energy), Some(tally.time)]).collect();
            let flags = if page.is_none() { vec!["between".to_owned()] } else { vec![] };
            point.windows.rows.push(WindowRow { values, flags, judged: true });
        }
        total += cuts;
        notes.push(format!("at {feed} W at most {energy:.3} Wh and {time:.2} s lost, a save took {lasted:.3} s"));
    }
    point.is_listed = true;
    point.conditions = Conditions { note: format!("{total} cuts; {}", notes.join("; ")), ..Conditions::default() };
    point
}
