//! The tables of the parts, and the disassembly of the passes.
//!
//! In come shares and loops, out goes text. This file must not know how anything is counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::groups::PARTS;
use super::{Flash, LOOPS, Meter, Ran, Shares, Stack, Tables};

/// Everything, in the order that it is read.
pub(super) fn all(tables: &Tables) -> String {
    let Tables { meters, flash, ram, stack } = tables;
    let passes = [meters.iter().map(loops).collect(), disassembly(meters)];
    [instructions(meters), bytes(flash), memory(ram), depth(stack)]
        .into_iter()
        .chain(passes)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A row per part, and one of what belongs to none.
fn rows(shares: &Shares) -> impl Iterator<Item = (&'static str, f64)> {
    let names = PARTS.iter().map(|part| part.name).chain(["other"]);
    names.zip(shares.parts.into_iter().chain([shares.other]))
}

/// Rounded, without the sign where nothing is left.
fn cell(amount: f64, places: usize) -> String {
    let text = format!("{amount:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|digit| matches!(digit, '1'..='9')) => rest.to_owned(),
        _ => text,
    }
}

fn instructions(meters: &[Meter]) -> String {
    let mut text = String::from("| instructions per frame, M4, blocks of 64 |");
    let columns = |text: &mut String, cell: &dyn Fn(&Meter) -> String| {
        for meter in meters {
            text.push_str(&cell(meter));
        }
        text.push('\n');
    };
    columns(&mut text, &|meter| format!(" {} | % |", meter.name));
    text.push_str("|---|");
    columns(&mut text, &|_| "---|---|".to_owned());
    for (row, name) in PARTS.iter().map(|part| part.name).chain(["other"]).enumerate() {
        let _ = write!(text, "| {name} |");
        columns(&mut text, &|meter| {
            let amount = rows(&meter.shares).nth(row).map_or(0.0, |(_, amount)| amount);
            format!(" {} | {} |", cell(amount, 2), cell(100.0 * amount / meter.shares.sum(), 1))
        });
    }
    text.push_str("| sum of the parts |");
    columns(&mut text, &|meter| format!(" {:.2} | |", meter.shares.sum()));
    text.push_str("| `all` of `scripts/cost` |");
    columns(&mut text, &|meter| format!(" {:.2} | |", meter.all));
    text
}

fn bytes(flash: &Flash) -> String {
    let whole = flash.shares.sum() + flash.constants;
    let mut text = String::from("| flash, M4, full | bytes | % |\n|---|---|---|\n");
    let own = [("constants", flash.constants), ("sum of the parts", whole)];
    for (name, amount) in rows(&flash.shares).chain(own) {
        let _ = writeln!(text, "| {name} | {} | {} |", cell(amount, 0), cell(100.0 * amount / whole, 1));
    }
    text
}

fn memory(ram: &[(u32, String)]) -> String {
    let whole: u32 = ram.iter().map(|(bytes, _)| bytes).sum();
    let mut text = String::from("| RAM, M4, full | bytes | % |\n|---|---|---|\n");
    for (bytes, name) in ram.iter().map(|(bytes, name)| (*bytes, name.as_str())).chain([(whole, "sum of the parts")]) {
        let _ = writeln!(text, "| {name} | {bytes} | {} |", cell(100.0 * f64::from(bytes) / f64::from(whole), 1));
    }
    text
}

fn depth(stack: &Stack) -> String {
    let mut text = String::from("| stack, M4, full: the deepest way that the code has | bytes |\n|---|---|\n");
    for (name, bytes) in &stack.way {
        let _ = writeln!(text, "| {name} | {bytes} |");
    }
    let _ = writeln!(text, "| sum of the way | {} |\n| seen by `scripts/cost` | {} |", stack.bytes(), stack.seen);
    text
}

/// Instructions per frame of the signal that a meter's loops take in their passes, and how many it would be if each
/// frame were in the cheapest pass of its loop.
fn floor(loops: &[Ran]) -> (f64, f64) {
    let mut cheapest = BTreeMap::new();
    for Ran { function, pass, .. } in loops {
        let least: &mut f64 = cheapest.entry(function).or_insert(f64::INFINITY);
        *least = least.min(pass.per_frame());
    }
    let frames = |ran: &Ran| ran.passes * f64::from(ran.pass.frames);
    let taken = loops.iter().map(|ran| frames(ran) * ran.pass.per_frame()).sum();
    (taken, loops.iter().map(|ran| frames(ran) * cheapest[&ran.function]).sum())
}

fn loops(meter: &Meter) -> String {
    let mut text = format!("| loop, {} | frames a pass | instructions a pass |", meter.name);
    text.push_str(" loads | multiplications | rest | per frame in it | per frame of the signal |\n");
    text.push_str(&"|---".repeat(8));
    text.push_str("|\n");
    for Ran { function, pass, passes } in &meter.loops {
        let all = pass.instructions.len();
        let (loads, multiplications) = (pass.loads(), pass.multiplications());
        let rest = all.saturating_sub(loads + multiplications);
        let _ = write!(text, "| {function} | {} | {all} | {loads} | {multiplications} | {rest} |", pass.frames);
        let _ = writeln!(text, " {:.2} | {:.2} |", pass.per_frame(), passes * all as f64);
    }
    let (taken, least) = floor(&meter.loops);
    let whole = meter.shares.parts[LOOPS];
    let _ = writeln!(
        text,
        "\nThe loops of {} take {whole:.2} instructions per frame, {taken:.2} of them in passes.",
        meter.name
    );
    let _ =
        writeln!(text, "Floor: {least:.2}, if all that these passes take went through the cheapest of each loop.\n");
    text
}

/// The longest pass of each loop, once.
fn disassembly(meters: &[Meter]) -> String {
    let mut longest = BTreeMap::new();
    for Ran { function, pass, .. } in meters.iter().flat_map(|meter| &meter.loops) {
        let found = longest.entry(function).or_insert(pass);
        if pass.frames > found.frames {
            *found = pass;
        }
    }
    let mut text = String::new();
    for (function, pass) in longest {
        let _ = writeln!(text, "{function}, {} frames:", pass.frames);
        for instruction in &pass.instructions {
            let _ = writeln!(text, "    {:<8} {}", instruction.mnemonic, instruction.operands);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::passes::{Instruction, Pass};
    use super::*;

    fn ran(function: &str, frames: u32, instructions: usize, passes: f64) -> Ran {
        let instruction = Instruction { address: 0, mnemonic: format!("ldr{frames}"), operands: "r0".to_owned() };
        let pass = Pass { frames, instructions: vec![instruction; instructions] };
        Ran { function: function.to_owned(), pass, passes }
    }

    #[test]
    fn the_floor_takes_each_frame_through_the_cheapest_pass() {
        // Per frame of the signal 0.5 frames at 2 and 0.5 at 4 instructions in one loop, one frame at 3 in the other.
        let loops = [ran("a", 8, 16, 0.0625), ran("a", 2, 8, 0.25), ran("b", 1, 3, 1.0)];
        let (taken, least) = floor(&loops);
        assert!((taken - 6.0).abs() < 1e-9 && (least - 5.0).abs() < 1e-9, "{taken} {least}");
    }

    #[test]
    fn tables_have_a_row_per_part_and_sums() {
        let mut shares = Shares { other: 1.0, ..Shares::default() };
        shares.parts[LOOPS] = 9.0;
        shares.parts[1] = -0.001;
        shares.parts[2] = 0.001;
        let meter = Meter { name: "V".to_owned(), all: 10.5, shares, loops: vec![ran("a", 8, 16, 0.125)] };
        let text = all(&Tables {
            meters: vec![meter.clone(), meter.clone()],
            flash: Flash { shares: meter.shares, constants: 10.0 },
            ram: vec![(30, "lock".to_owned()), (90, "reference".to_owned())],
            stack: Stack { way: vec![("push".to_owned(), 80), ("take".to_owned(), 24)], seen: 96 },
        });
        for line in [
            "| loops over samples | 9.00 | 90.0 | 9.00 | 90.0 |",
            "| cutting blocks into the loops' pieces | 0.00 | 0.0 | 0.00 | 0.0 |",
            "| other | 1.00 | 10.0 | 1.00 | 10.0 |",
            "| sum of the parts | 10.00 | | 10.00 | |",
            "| `all` of `scripts/cost` | 10.50 | | 10.50 | |",
            "| constants | 10 | 50.0 |",
            "| sum of the parts | 20 | 100.0 |",
            "| lock | 30 | 25.0 |",
            "| sum of the parts | 120 | 100.0 |",
            "| take | 24 |",
            "| sum of the way | 104 |",
            "| seen by `scripts/cost` | 96 |",
            "| a | 8 | 16 | 16 | 0 | 0 | 2.00 | 2.00 |",
            "The loops of V take 9.00 instructions per frame, 2.00 of them in passes.",
            "a, 8 frames:",
            "    ldr8     r0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        // Once, however many meters have it.
        assert_eq!(text.matches("a, 8 frames:").count(), 1);
    }
}
