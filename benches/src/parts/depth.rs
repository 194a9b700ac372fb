//! How deep the stack of a call can be, from the code alone.
//!
//! In come functions, out goes the deepest way through their calls, with what each keeps on the stack: a bound that no run
//! exceeds. This file must not know what a function does.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};

use super::functions::Functions;
use super::passes::{Instruction, Reader};

/// A function on the way, and the bytes that it keeps on the stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Its number among all.
    pub function: usize,
    /// What it saves, and its variables.
    pub bytes: u32,
}

/// Bytes that a function keeps, and the functions that it calls or goes on with.
#[derive(Clone, Debug, Default, PartialEq)]
struct Calls {
    bytes: u32,
    called: BTreeSet<usize>,
}

/// The deepest way from a function on; its own frame comes first.
///
/// # Errors
/// If the code cannot be read, a function calls one that only its registers tell, or one that it was called from.
pub fn deepest(reader: &Reader, functions: &Functions, from: usize) -> anyhow::Result<Vec<Frame>> {
    let mut ways = BTreeMap::new();
    walk(reader, functions, from, &mut Vec::new(), &mut ways)?;
    ways.remove(&from).context("a way that was walked is gone")
}

/// Finds the deepest way from a function on, and from all that it calls.
fn walk(
    reader: &Reader,
    functions: &Functions,
    from: usize,
    callers: &mut Vec<usize>,
    ways: &mut BTreeMap<usize, Vec<Frame>>,
) -> anyhow::Result<()> {
    if ways.contains_key(&from) {
        return Ok(());
    }
    let name = || functions.all().get(from).map_or("?", |function| &function.name).to_owned();
    ensure!(!callers.contains(&from), "{} calls itself: its stack has no bound", name());
    callers.push(from);
    let calls = calls(reader, functions, from)?;
    let mut deepest = Vec::new();
    for called in calls.called {
        walk(reader, functions, called, callers, ways)?;
        let way = ways.get(&called).map_or(&[][..], Vec::as_slice);
        if bytes(way) > bytes(&deepest) {
            deepest = way.to_vec();
        }
    }
    callers.pop();
    deepest.insert(0, Frame { function: from, bytes: calls.bytes });
    ways.insert(from, deepest);
    Ok(())
}

/// Bytes of a way.
fn bytes(way: &[Frame]) -> u32 {
    way.iter().map(|frame| frame.bytes).sum()
}

/// Reads a function. Where it goes on with another one instead of calling it, its own bytes are taken as still there:
/// rather too many than too few.
fn calls(reader: &Reader, functions: &Functions, from: usize) -> anyhow::Result<Calls> {
    let function = functions.all().get(from).context("no such function")?;
    let mut calls = Calls::default();
    for instruction in reader.instructions(function)? {
        calls.bytes += kept(&instruction).with_context(|| format!("{}: {instruction:?}", function.name))?;
        if instruction.is("blx") || instruction.is("bx") && instruction.operands != "lr" {
            bail!("{} calls what only its registers tell: its stack has no bound", function.name);
        }
        let Some(target) = instruction.target() else { continue };
        let target = functions.at(target);
        let target = target.with_context(|| format!("{}: {instruction:?} goes to no function", function.name))?;
        // Within itself it branches, and calls itself by `bl` alone.
        if target != from || instruction.is("bl") {
            calls.called.insert(target);
        }
    }
    Ok(calls)
}

/// Bytes by which an instruction lets the stack grow.
fn kept(instruction: &Instruction) -> anyhow::Result<u32> {
    let operands = instruction.operands.as_str();
    let is = |names: &[&str]| names.iter().any(|name| instruction.is(name));
    let by_constant = operands.starts_with("sp, #") || operands.starts_with("sp, sp, #");
    let before = operands.contains("[sp, #-") && operands.ends_with("]!");
    if is(&["push"]) || is(&["stmdb"]) && operands.starts_with("sp!") {
        return Ok(4 * registers(operands)?);
    }
    if is(&["str"]) && before || is(&["sub", "subw"]) && by_constant {
        return instruction.immediate().context("no constant");
    }
    // It grows smaller, or stays as it is.
    let is_less = is(&["add", "addw"]) && by_constant || is(&["ldm", "pop"]);
    let is_kept = is(&["cmp"]) || is(&["stm"]) && operands.starts_with("sp, ");
    let is_touched = operands.starts_with("sp, ") || operands.starts_with("sp!") || before || is(&["vpush"]);
    ensure!(is_less || is_kept || !is_touched, "what it does to the stack is not known");
    Ok(0)
}

/// How many registers a list like `{r4, r5, lr}` names.
fn registers(list: &str) -> anyhow::Result<u32> {
    let (_, names) = list.split_once('{').context("no list of registers")?;
    ensure!(!names.contains('-'), "a range of registers");
    Ok(u32::try_from(names.split(',').count())?)
}

#[cfg(test)]
mod tests {
    use super::super::functions::Function;
    use super::*;

    fn image(functions: &[(&str, u32, &[u8])]) -> Functions {
        let function = |(name, address, code): &(&str, u32, &[u8])| Function {
            name: (*name).to_owned(),
            address: *address,
            code: code.to_vec(),
        };
        Functions::new(functions.iter().map(function).collect(), 0)
    }

    fn way(functions: &Functions) -> anyhow::Result<Vec<(usize, u32)>> {
        let way = deepest(&Reader::new()?, functions, 0)?;
        Ok(way.into_iter().map(|frame| (frame.function, frame.bytes)).collect())
    }

    /// As the assembler makes it of the lines beside.
    const FIRST: &[u8] = &[
        0xf0, 0xb5, // push {r4, r5, r6, r7, lr}
        0x2d, 0xe9, 0x00, 0x0f, // push.w {r8, r9, r10, r11}
        0xad, 0xf5, 0x80, 0x7d, // sub.w sp, sp, #256
        0x00, 0xf0, 0x09, 0xf8, // bl 0x220
        0x00, 0xf0, 0x17, 0xf8, // bl 0x240
        0x0d, 0xf5, 0x80, 0x7d, // add.w sp, sp, #256
        0xbd, 0xe8, 0xf0, 0x8f, // pop.w {r4, r5, r6, r7, r8, r9, r10, r11, pc}
    ];
    const SECOND: &[u8] = &[
        0x4d, 0xf8, 0x04, 0xed, // str lr, [sp, #-4]!
        0x87, 0xb0, // sub sp, #28
        0x07, 0xb0, // add sp, #28
        0x5d, 0xf8, 0x04, 0xfb, // ldr pc, [sp], #4
    ];
    const THIRD: &[u8] = &[
        0x10, 0xb5, // push {r4, lr}
        0x10, 0xbd, // pop {r4, pc}
    ];

    #[test]
    fn the_deepest_way_is_found() {
        let functions = image(&[("first", 0x200, FIRST), ("second", 0x220, SECOND), ("third", 0x240, THIRD)]);
        assert_eq!(way(&functions).unwrap(), [(0, 292), (1, 32)]);
        let functions = image(&[("first", 0x200, FIRST), ("second", 0x220, THIRD), ("third", 0x240, SECOND)]);
        assert_eq!(way(&functions).unwrap(), [(0, 292), (2, 32)]);
    }

    #[test]
    fn a_call_under_a_condition_and_a_function_gone_on_with_are_on_the_way() {
        // it ne; blne 0x220
        let under = [0x18, 0xbf, 0x00, 0xf0, 0x0d, 0xf8];
        // bne 0x220; cbz would not reach; b.w 0x220
        let (short, far) = ([0x0e, 0xd1], [0x00, 0xf0, 0x0e, 0xb8]);
        for code in [&under[..], &short, &far] {
            let functions = image(&[("first", 0x200, code), ("second", 0x220, THIRD)]);
            assert_eq!(way(&functions).unwrap(), [(0, 0), (1, 8)], "{code:?}");
            // Where nothing is known the way has no bound.
            let error = way(&image(&[("first", 0x200, code)])).unwrap_err().to_string();
            assert!(error.contains("goes to no function"), "{error}");
        }
    }

    #[test]
    fn what_has_no_bound_is_an_error() {
        // push {lr}; bl 0x200: of itself, and of what called it.
        let itself = image(&[("first", 0x200, &[0x00, 0xb5, 0xff, 0xf7, 0xfd, 0xff])]);
        let second: &[u8] = &[0x00, 0xb5, 0xff, 0xf7, 0xed, 0xff];
        let around = image(&[("first", 0x200, FIRST), ("second", 0x220, second), ("third", 0x240, THIRD)]);
        for functions in [itself, around] {
            assert!(way(&functions).unwrap_err().to_string().contains("first calls itself"));
        }
        // blx r2; it ne, blxne r2; bx r3; bx lr; it ne, bxne lr
        let codes: [&[u8]; 5] =
            [&[0x90, 0x47], &[0x18, 0xbf, 0x90, 0x47], &[0x18, 0x47], &[0x70, 0x47], &[0x18, 0xbf, 0x70, 0x47]];
        for (code, ends) in codes.into_iter().zip([false, false, false, true, true]) {
            assert_eq!(way(&image(&[("first", 0x200, code)])).is_ok(), ends, "{code:?}");
        }
        // sub.w sp, sp, r0; sub.w sp, r7, #8; mov sp, r7; add sp, r0; strd r0, r1, [sp, #-8]!; vpush {d8}
        for code in [
            &[0xad, 0xeb, 0x00, 0x0d][..],
            &[0xa7, 0xf1, 0x08, 0x0d],
            &[0xbd, 0x46],
            &[0x85, 0x44],
            &[0x6d, 0xe9, 0x02, 0x01],
            &[0x2d, 0xed, 0x02, 0x8b],
        ] {
            let error = way(&image(&[("first", 0x200, code)])).unwrap_err();
            assert!(format!("{error:#}").contains("is not known"), "{code:?}: {error:#}");
        }
    }
}
