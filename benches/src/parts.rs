//! Where the instructions and the bytes go: `all` and the flash of a Cortex-M4, divided into parts of the work, its RAM and
//! its stack, and what the loops over samples are made of.
//!
//! In come images, out go tables, the disassembly of the loops, and what in them does not hold. What a function belongs to
//! stands in `groups`; this file must not know it, nor how a trace is read.

pub mod depth;
pub mod functions;
pub mod groups;
pub mod passes;
pub mod trace;

mod text;

use std::path::Path;

use anyhow::{Context, bail, ensure};

use self::functions::{Function, Functions};
use self::groups::PARTS;
use self::passes::{Pass, Reader};
use self::trace::Counts;
use crate::emulator::{self, CORES, Core};
use crate::{figures, size};

/// How far the sum of the parts may lie from what `scripts/cost` counts as a whole.
const APART: f64 = 0.03;

/// How much of a sum may belong to no part.
const OTHER: f64 = 0.05;

/// Name of the function between two spans of the trace.
const MARK: &str = "parts::firmware::mark";

/// Name of the function in `size-full` whose stack is measured.
const CALL: &str = "cost_firmware::everything::Everything<S,_>::push";

/// The number of the first part: the loops.
const LOOPS: usize = 0;

/// Amounts of the parts, and what belongs to none.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shares {
    /// In the order of [`PARTS`].
    parts: [f64; PARTS.len()],
    /// Of no part.
    other: f64,
}

impl Shares {
    fn add(&mut self, part: Option<usize>, amount: f64) {
        *part.and_then(|part| self.parts.get_mut(part)).unwrap_or(&mut self.other) += amount;
    }

    fn less(&self, other: &Self) -> Self {
        let mut less = self.clone();
        less.parts.iter_mut().zip(other.parts).for_each(|(part, other)| *part -= other);
        less.other -= other.other;
        less
    }

    fn sum(&self) -> f64 {
        self.parts.iter().sum::<f64>() + self.other
    }
}

/// A loop that ran.
#[derive(Clone, Debug, PartialEq)]
struct Ran {
    function: String,
    pass: Pass,
    /// Passes per frame of the signal.
    passes: f64,
}

/// A meter that was traced.
#[derive(Clone, Debug, PartialEq)]
struct Meter {
    name: String,
    /// `all` of `scripts/cost`.
    all: f64,
    /// Instructions per frame, without what the loop costs that hands over the blocks.
    shares: Shares,
    loops: Vec<Ran>,
}

/// Bytes that a meter adds.
#[derive(Clone, Debug, PartialEq)]
struct Flash {
    shares: Shares,
    /// Tables and texts, which no function holds.
    constants: f64,
}

/// What a call keeps on the stack.
#[derive(Clone, Debug, PartialEq)]
struct Stack {
    /// Functions and their bytes, on the deepest way that the code has.
    way: Vec<(String, u32)>,
    /// The deepest that `scripts/cost` has seen, without the 64 bytes that the image without a meter is told to take: by so
    /// much a bound may be too low unseen.
    seen: u64,
}

impl Stack {
    /// The bound.
    fn bytes(&self) -> u32 {
        self.way.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// All tables.
#[derive(Clone, Debug, PartialEq)]
struct Tables {
    meters: Vec<Meter>,
    flash: Flash,
    /// Bytes and names.
    ram: Vec<(u32, String)>,
    stack: Stack,
}

/// What a command says, and what does not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Divided {
    /// Tables and disassembly.
    pub text: String,
    /// What does not hold, one line each.
    pub faults: Vec<String>,
}

/// Divides the cost of a Cortex-M4 from the images `parts`, `count`, `size-full` and `size-empty` in a folder.
///
/// # Errors
/// If an image is missing, does not run, or is not what it should be.
pub fn divide(images: &Path) -> anyhow::Result<Divided> {
    let core = CORES.into_iter().find(|core| core.name == "cortex-m4").context("no Cortex-M4")?;
    let rows = figures::rows(core, &emulator::run(core, &images.join("count"))?)?;
    let image = images.join("parts");
    let (ram, lines): (Vec<_>, Vec<_>) =
        emulator::run(core, &image)?.into_iter().partition(|line| line.starts_with("ram "));
    let functions = Functions::of(&image)?;
    let mark = functions.address(MARK).with_context(|| format!("the image has no {MARK}"))?;
    let spans = traced(core, &image, mark, lines.len())?;
    let reader = Reader::new()?;
    let mut meters = Vec::new();
    for (line, (idle, work)) in lines.iter().zip(spans) {
        let words: Vec<_> = line.split_whitespace().collect();
        let ["meter", bits, currents, residual, block, frames] = words[..] else { bail!("{line:?} is no meter") };
        let (bits, currents, residual, block) = (bits.parse()?, currents.parse()?, residual.parse()?, block.parse()?);
        let frames: f64 = frames.parse()?;
        let whole = rows.iter().find(|row| {
            row.stage == "all" && (row.bits, row.currents, row.residual, row.block) == (bits, currents, residual, block)
        });
        let all = whole.with_context(|| format!("the image count does not count {line:?}"))?.instructions_per_frame;
        let shares = shares(&functions, &work, frames).less(&shares(&functions, &idle, frames));
        let name = format!("V + {currents} I{}, {bits} bits", if residual { " + residual" } else { "" });
        let loops = loops(&reader, &functions, &work, frames)?;
        meters.push(Meter { name, all, shares, loops });
    }
    let flash = flash(images)?;
    let ram = ram.iter().map(|line| ram_of(line)).collect::<anyhow::Result<Vec<_>>>()?;
    let size = size::row(core, images, "full")?;
    let stack = Stack { way: way(images, &reader)?, seen: size.stack_bytes };
    let mut faults: Vec<_> = meters.iter().flat_map(faults).collect();
    faults.extend(too_much_other("flash", &flash.shares, flash.shares.sum() + flash.constants));
    let sum: u32 = ram.iter().map(|(bytes, _)| bytes).sum();
    if u64::from(sum) != size.ram_bytes {
        faults.push(format!("RAM: the parts make {sum}, scripts/cost measures {}", size.ram_bytes));
    }
    if stack.seen > u64::from(stack.bytes()) {
        faults.push(format!("stack: {} were seen, more than the {} that the code allows", stack.seen, stack.bytes()));
    }
    if !faults.is_empty() {
        faults.push(format!("functions of no part, to be named in groups.rs: {:?}", unnamed(&functions)));
    }
    Ok(Divided { text: text::all(&Tables { meters, flash, ram, stack }), faults })
}

/// Counts of each meter, with nothing done and at work.
fn traced(core: Core, image: &Path, mark: u32, meters: usize) -> anyhow::Result<Vec<(Counts, Counts)>> {
    ensure!(meters > 0, "{} meters nothing", image.display());
    // From the last mark of one meter to the first of the next it is set up.
    let spans = trace::trace(core, image, mark, 3 * meters - 1)?;
    Ok(spans
        .chunks(3)
        .filter_map(|spans| match spans {
            [idle, work, ..] => Some((idle.clone(), work.clone())),
            _ => None,
        })
        .collect())
}

fn shares(functions: &Functions, counts: &Counts, frames: f64) -> Shares {
    let mut shares = Shares::default();
    for (address, count) in counts {
        let function = functions.at(*address).and_then(|index| functions.all().get(index));
        shares.add(function.and_then(|function| groups::part(&function.name)), *count as f64 / frames);
    }
    shares
}

/// Functions that no part names.
fn unnamed(functions: &Functions) -> Vec<&str> {
    let names = functions.all().iter().map(|function| function.name.as_str());
    names.filter(|name| groups::part(name).is_none()).collect()
}

/// The loops over samples that ran.
fn loops(reader: &Reader, functions: &Functions, counts: &Counts, frames: f64) -> anyhow::Result<Vec<Ran>> {
    let mut ran = Vec::new();
    for function in functions.all().iter().filter(|function| groups::part(&function.name) == Some(LOOPS)) {
        for pass in reader.passes(function)? {
            let passes = pass.branch().and_then(|branch| counts.get(&branch)).map_or(0.0, |count| *count as f64);
            if passes > 0.0 {
                ran.push(Ran { function: function.short().to_owned(), pass, passes: passes / frames });
            }
        }
    }
    Ok(ran)
}

/// What a meter with everything adds to the flash of an image without.
fn flash(images: &Path) -> anyhow::Result<Flash> {
    let measure = |name: &str| -> anyhow::Result<Flash> {
        let image = images.join(name);
        let functions = Functions::of(&image)?;
        let mut shares = Shares::default();
        for Function { name, code, .. } in functions.all() {
            shares.add(groups::part(name), code.len() as f64);
        }
        let code = functions.code_bytes() as f64;
        shares.other += code - shares.sum();
        Ok(Flash { shares, constants: size::sections(&image)?.0 as f64 - code })
    };
    let (full, empty) = (measure("size-full")?, measure("size-empty")?);
    Ok(Flash { shares: full.shares.less(&empty.shares), constants: full.constants - empty.constants })
}

/// A line like `ram 352 reference`.
fn ram_of(line: &str) -> anyhow::Result<(u32, String)> {
    let (bytes, name) =
        line.strip_prefix("ram ").and_then(|rest| rest.split_once(' ')).context("no part of the RAM")?;
    Ok((bytes.parse().with_context(|| format!("{line:?}"))?, name.to_owned()))
}

/// The deepest way of the call whose stack is measured.
fn way(images: &Path, reader: &Reader) -> anyhow::Result<Vec<(String, u32)>> {
    let image = images.join("size-full");
    let functions = Functions::of(&image)?;
    let all = functions.all();
    let call = all.iter().position(|function| function.name == CALL);
    let way = depth::deepest(reader, &functions, call.with_context(|| format!("the image has no {CALL}"))?)?;
    let name = |frame: depth::Frame| all.get(frame.function).map(|function| (function.within(), frame.bytes));
    Ok(way.into_iter().filter_map(name).collect())
}

/// Why the division of a meter cannot be trusted.
fn faults(meter: &Meter) -> Vec<String> {
    let sum = meter.shares.sum();
    let apart = (sum / meter.all - 1.0).abs();
    let differs = apart.is_nan() || apart > APART;
    let differs =
        differs.then(|| format!("{}: the parts make {sum:.2}, scripts/cost counts {:.2}", meter.name, meter.all));
    differs.into_iter().chain(too_much_other(&meter.name, &meter.shares, sum)).collect()
}

fn too_much_other(name: &str, shares: &Shares, whole: f64) -> Option<String> {
    let is_small = shares.other.abs() <= OTHER * whole;
    let text = || format!("{name}: {:.2} of {whole:.2} belong to no part", shares.other);
    (!is_small).then(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(parts: [f64; PARTS.len()], other: f64) -> Meter {
        Meter { name: "m".to_owned(), all: 100.0, shares: Shares { parts, other }, loops: Vec::new() }
    }

    #[test]
    fn parts_must_make_up_the_whole() {
        let mut parts = [0.0; PARTS.len()];
        parts[1] = 97.5;
        assert_eq!(faults(&meter(parts, 0.0)), [""; 0]);
        assert_eq!(faults(&meter(parts, 4.8)), [""; 0]);
        parts[1] = 96.5;
        assert!(faults(&meter(parts, 0.0))[0].contains("96.50"));
        parts[1] = 94.5;
        let found = faults(&meter(parts, 5.2));
        assert!(found.len() == 1 && found[0].contains("5.20 of 99.70"), "{found:?}");
        parts[1] = f64::NAN;
        assert_eq!(faults(&meter(parts, 0.0)).len(), 2);
    }

    #[test]
    fn what_runs_without_work_is_no_part_of_it() {
        let functions = [("metering_core::kernel::a", 0x100), ("cost_firmware::push", 0x104), ("unknown", 0x108)];
        let function = |(name, address): (&str, u32)| Function { name: name.to_owned(), address, code: vec![0; 4] };
        let functions = Functions::new(functions.map(function).to_vec(), 12);
        let work = Counts::from([(0x100, 6), (0x102, 4), (0x104, 5), (0x10a, 1), (0x200, 2)]);
        let idle = Counts::from([(0x104, 3)]);
        let found = shares(&functions, &work, 2.0).less(&shares(&functions, &idle, 2.0));
        let mut parts = [0.0; PARTS.len()];
        parts[LOOPS] = 5.0;
        parts[groups::part("cost_firmware::push").unwrap()] = 1.0;
        assert_eq!(found, Shares { parts, other: 1.5 });
        assert!((found.sum() - 7.5).abs() < 1e-9);
        assert_eq!(unnamed(&functions), ["unknown"]);
    }
}
