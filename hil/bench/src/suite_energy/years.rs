//! Up to 20 years of registers against exact arithmetic.
//!
//! In comes nothing, out goes a point. Powers and times are fed to the core's integrator and registers as firmware does
//! it; the truth is one product of integers. This file must not know boards.

use hil_board::store::map::{CHIP, PAGE};
use hil_board::store::{Plain, Settings, Store};
use metering_core::energy::{Energy, Flow, Integrator, Registers};
use metering_core::quantity::{Power, Second, WattSecond};

use super::check;
use crate::energy::watt_hours;
use crate::report::curves::{self, Curve};
use crate::report::{Conditions, PointResult, WindowRow};

/// Days of four years.
const FOUR_YEARS: u64 = 1_461;

/// A 10-cycle window of a mains a little above 50 Hz, and 5 minutes of such windows, in steps of 2⁻³² s: with the powers
/// below every step leaves a remainder.
const WINDOW: u64 = 858_993_459 - 4_321;
const PER_DAY: u64 = 432_000;
const MINUTES: u64 = WINDOW * 1_500;

/// Loads: apparent power in volt-amperes.
const POWERS: [u64; 3] = [1, 100, 3_680];

/// How often a page may be written in a year, to last 20.
const ENDURANCE: f64 = 1e6 / 20.0;

/// One load: its flow, and the registers after each year.
struct Load {
    name: String,
    flow: Flow,
    years: Vec<(f64, Energy)>,
    end: Energy,
    time: u64,
    /// Steps in which a register stood though power flowed, or went back.
    faults: u64,
}

fn flow(volt_amperes: u64, half: bool, sign: i64) -> Flow {
    let apparent = Power::from_num(volt_amperes);
    // Power factor 1 or 0.5: sqrt(3)/2 as an integer of 40 bits.
    let reactive = if half { ((u128::from(apparent.to_bits() as u64) * 952_201_763_669) >> 40) as i64 } else { 0 };
    let active = apparent.to_bits() / if half { 2 } else { 1 };
    let signed = |bits: i64| Power::from_bits(bits * sign);
    let reverse = |power: Power| (-power).max(Power::ZERO);
    let (active, reactive) = (signed(active), signed(reactive));
    Flow { active, reverse_active: reverse(active), reactive, reverse_reactive: reverse(reactive), apparent }
}

/// The registers that power times time gives, cut once.
fn truth(flow: &Flow, time: u64) -> Energy {
    let energy = |bits: i64| {
        let exact = (u128::from(bits.max(0) as u64) * u128::from(time)) >> 40;
        WattSecond::from_bits(u64::try_from(exact).unwrap_or(u64::MAX))
    };
    Energy {
        forward_active: energy(flow.active.to_bits()),
        reverse_active: energy(-flow.active.to_bits()),
        forward_reactive: energy(flow.reactive.to_bits()),
        reverse_reactive: energy(-flow.reactive.to_bits()),
        apparent: energy(flow.apparent.to_bits()),
    }
}

impl Load {
    fn new(volt_amperes: u64, half: bool, sign: i64) -> Self {
        let (factor, way) = (if half { "0.5" } else { "1" }, if sign > 0 { "import" } else { "export" });
        let name = format!("{volt_amperes} VA, PF {factor}, {way}");
        let flow = flow(volt_amperes, half, sign);
        Self { name, flow, years: vec![], end: Energy::default(), time: 0, faults: 0 }
    }

    /// A day of windows, then steps of 5 minutes.
    fn run(&mut self, days: u64) {
        let (mut integrator, mut registers) = (Integrator::default(), Registers::<1>::default());
        let steps = (0..PER_DAY).map(|_| WINDOW).chain((0..(days - 1) * 288).map(|_| MINUTES));
        let mut before = Energy::default();
        for (n, step) in steps.enumerate() {
            let step = Second::from_bits(step);
            registers.step(step, &[integrator.add(&self.flow, step)]);
            self.time += step.to_bits();
            let now = registers.accounts()[0].continuous;
            let stood = now.apparent == before.apparent || !now.at_least(&before);
            self.faults += u64::from(stood);
            before = now;
            if n as u64 >= PER_DAY && (n as u64 - PER_DAY).is_multiple_of(288 * 365) {
                self.years.push((self.time as f64 / 2f64.powi(32) / 86_400.0 / 365.25, now));
            }
        }
        self.end = before;
    }
}

/// A memory that counts how often each page is written.
struct Counting {
    cells: Vec<u8>,
    writes: [u32; CHIP / PAGE],
}

impl embedded_storage::ReadStorage for Counting {
    type Error = ();

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ()> {
        bytes.copy_from_slice(&self.cells[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl embedded_storage::Storage for Counting {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ()> {
        self.cells[offset as usize..][..bytes.len()].copy_from_slice(bytes);
        self.writes[offset as usize / PAGE] += 1;
        Ok(())
    }
}

/// `days` at `volt_amperes` on all channels, looked at by the store after each window in which a trigger can fall due:
/// the saves, the most writes of a page, and whether the last record holds what was counted up to then.
fn wear(volt_amperes: u64, days: u64) -> (u32, u32, bool) {
    const CHANNELS: usize = 8;
    let chip = Plain(Counting { cells: vec![0xff; CHIP], writes: [0; CHIP / PAGE] });
    let (mut store, mut registers) = Store::<_, CHANNELS>::open(chip, Settings::default());
    // Windows until 0.1 kWh or 5 minutes are full: in between the store would find nothing to do.
    let until = |seconds: u64, rate: u64| (u128::from(seconds) << 32).div_ceil(u128::from(WINDOW * rate)) as u64;
    let windows = until(360_000, volt_amperes).min(until(300, 1));
    let step = Second::from_bits(WINDOW * windows);
    let mut integrator = Integrator::default();
    let flow = flow(volt_amperes, false, 1);
    let total = days * PER_DAY;
    for n in 0..total / windows {
        let energy = integrator.add(&flow, step);
        registers.step(step, &[energy; CHANNELS]);
        for _ in 0..47 {
            store.tick(&registers, n);
        }
    }
    let (saves, most) = (store.report().saves, store.chip().0.writes.into_iter().max().unwrap_or(0));
    let cells = store.chip().0.cells.clone();
    let (_, restored) =
        Store::<_, CHANNELS>::open(Plain(Counting { cells, writes: [0; CHIP / PAGE] }), Settings::default());
    (saves, most, restored == registers)
}

/// Plays the point.
pub fn play(years: u64) -> PointResult {
    let days = FOUR_YEARS * years / 4;
    let mut loads: Vec<Load> = POWERS
        .iter()
        .flat_map(|&power| [false, true].map(move |half| [1, -1].map(move |sign| Load::new(power, half, sign))))
        .flatten()
        .collect();
    // The load that wears the chip most on one core, all else on the other.
    let [small, middle, large] = POWERS;
    let wears = std::thread::scope(|scope| {
        let large = scope.spawn(move || wear(large, days));
        for load in &mut loads {
            load.run(days);
        }
        [wear(small, days), wear(middle, days), large.join().unwrap_or_default()]
    });
    let mut point = PointResult::default();
    point.windows.columns = ["load VA", "PF", "forward Wh", "reverse Wh", "forward varh", "reverse varh", "off, steps"]
        .map(String::from)
        .to_vec();
    for (number, load) in loads.iter().enumerate() {
        let truth = truth(&load.flow, load.time);
        if load.end != truth {
            point.failures.push(format!("{}: {:?} is not {truth:?}", load.name, load.end));
        }
        if load.faults > 0 {
            point.failures.push(format!("{}: {} steps brought nothing or went back", load.name, load.faults));
        }
        let both = pairs(&load.end).into_iter().zip(pairs(&truth));
        let off: u64 = both.clone().map(|(is, should)| is.to_bits().abs_diff(should.to_bits())).sum();
        for (name, (is, should)) in
            ["forward_wh", "reverse_wh", "forward_varh", "reverse_varh", "apparent_vah"].iter().zip(both)
        {
            let unit = name.rsplit('_').next().unwrap_or_default();
            // Half a step of 2⁻¹⁶ Ws: nothing but the very number holds.
            point.checks.push(check(
                name,
                unit,
                number,
                (watt_hours(should), watt_hours(is)),
                0.5 / 65_536.0 / 3_600.0,
            ));
        }
        let factor = load.flow.active.to_num::<f64>().abs() / load.flow.apparent.to_num::<f64>();
        let mut values = vec![load.flow.apparent.to_num(), factor];
        values.extend(pairs(&load.end).into_iter().take(4).map(watt_hours));
        values.push(off as f64);
        point.windows.rows.push(row(values));
    }
    for (number, ((saves, most, holds), power)) in wears.into_iter().zip(POWERS).enumerate() {
        point.checks.push(check("writes_per_page", "writes", number, (0.0, most.into()), ENDURANCE * years as f64));
        if !holds || saves == 0 {
            point.failures.push(format!("{power} VA: the newest of {saves} records is not what was counted"));
        }
    }
    point.conditions = Conditions {
        note: format!(
            "{years} years; writes of the busiest page: {}",
            wears
                .iter()
                .zip(POWERS)
                .map(|((_, most, _), power)| format!("{most} at {power} VA"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        ..Conditions::default()
    };
    point.figures = figures(&loads);
    point
}

fn pairs(energy: &Energy) -> [WattSecond; 5] {
    [energy.forward_active, energy.reverse_active, energy.forward_reactive, energy.reverse_reactive, energy.apparent]
}

fn row(values: Vec<f64>) -> WindowRow {
    WindowRow { values: values.into_iter().map(Some).collect(), flags: vec![], judged: true }
}

fn figures(loads: &[Load]) -> Vec<String> {
    let series = |wanted: fn(&Load) -> bool, of: fn(&Energy) -> WattSecond| {
        loads
            .iter()
            .filter(|load| wanted(load))
            .map(|load| Curve {
                name: format!("{} VA", load.flow.apparent.to_num::<u64>()),
                truth: load
                    .years
                    .iter()
                    .map(|(year, _)| (*year, watt_hours(of(&truth(&load.flow, seconds(*year))))))
                    .collect(),
                read: load.years.iter().map(|(year, energy)| (*year, watt_hours(of(energy)))).collect(),
            })
            .collect::<Vec<_>>()
    };
    let import = |load: &Load| load.flow.active > 0 && load.flow.reactive == 0;
    let export = |load: &Load| load.flow.active < 0 && load.flow.reactive != 0;
    vec![
        curves::draw("Forward active energy, PF 1, Wh", "years", &series(import, |energy| energy.forward_active)),
        curves::draw("Reverse active energy, PF 0.5, Wh", "years", &series(export, |energy| energy.reverse_active)),
        curves::draw(
            "Reverse reactive energy, PF 0.5, varh",
            "years",
            &series(export, |energy| energy.reverse_reactive),
        ),
    ]
}

fn seconds(years: f64) -> u64 {
    (years * 365.25 * 86_400.0 * 2f64.powi(32)) as u64
}
