//! What one pass of a loop over samples is made of, read from its disassembly.
//!
//! In comes the code of a function, out go its innermost loops that count frames down. This file must not know what a
//! loop computes.

use anyhow::{Context, ensure};
use capstone::Capstone;
use capstone::arch::BuildsCapstone;
use capstone::arch::BuildsCapstoneExtraMode;
use capstone::arch::arm::{ArchExtraMode, ArchMode};

use super::functions::Function;

/// An instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// Where it lies.
    pub address: u32,
    /// What it does.
    pub mnemonic: String,
    /// With what.
    pub operands: String,
}

impl Instruction {
    /// Whether it is this instruction, under a condition or not, of any width.
    pub(super) fn is(&self, name: &str) -> bool {
        const CONDITIONS: [&str; 15] =
            ["", "eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"];
        let condition = self.mnemonic.trim_end_matches(".w").strip_prefix(name);
        condition.is_some_and(|condition| CONDITIONS.contains(&condition))
    }

    /// Where a branch or a call goes.
    pub(super) fn target(&self) -> Option<u32> {
        let goes = ["b", "bl", "cbz", "cbnz"].into_iter().any(|name| self.is(name));
        self.immediate().filter(|_| goes)
    }

    /// By how much it counts down.
    fn step(&self) -> Option<u32> {
        self.immediate().filter(|_| self.mnemonic.starts_with("subs"))
    }

    /// The constant that its operands end with, without its sign.
    pub(super) fn immediate(&self) -> Option<u32> {
        let (_, constant) = self.operands.trim_end_matches(['!', ']']).rsplit_once('#')?;
        let constant = constant.strip_prefix('-').unwrap_or(constant);
        constant.strip_prefix("0x").map_or_else(|| constant.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
    }

    fn is_load(&self) -> bool {
        self.mnemonic.starts_with("ld")
    }

    fn is_multiplication(&self) -> bool {
        [
            "mul", "mla", "mls", "smul", "smla", "smls", "smmul", "smmla", "smmls", "smua", "smus", "umul", "umla",
            "umaal",
        ]
        .iter()
        .any(|start| self.mnemonic.starts_with(start))
    }
}

/// A loop from the target of its branch to the branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// Frames that it takes at once.
    pub frames: u32,
    /// Its instructions; the last one is the branch back.
    pub instructions: Vec<Instruction>,
}

impl Pass {
    /// How many of its instructions load.
    pub fn loads(&self) -> usize {
        self.instructions.iter().filter(|instruction| instruction.is_load()).count()
    }

    /// How many multiply, nearly all of them to accumulate.
    pub fn multiplications(&self) -> usize {
        self.instructions.iter().filter(|instruction| instruction.is_multiplication()).count()
    }

    /// Instructions for each of its frames.
    pub fn per_frame(&self) -> f64 {
        self.instructions.len() as f64 / f64::from(self.frames)
    }

    /// Where its branch back lies: carried out as often as the pass.
    pub fn branch(&self) -> Option<u32> {
        self.instructions.last().map(|branch| branch.address)
    }
}

/// Reads code of a Cortex-M with the DSP extension.
#[derive(Debug)]
pub struct Reader(Capstone);

impl Reader {
    /// Sets the disassembler up.
    ///
    /// # Errors
    /// If it was built without this processor.
    pub fn new() -> anyhow::Result<Self> {
        let reader = Capstone::new().arm().mode(ArchMode::Thumb);
        let reader = reader.extra_mode([ArchExtraMode::MClass].into_iter()).build();
        Ok(Self(reader.map_err(|error| anyhow::anyhow!("no disassembler: {error}"))?))
    }

    /// All instructions of a function, one behind the other.
    ///
    /// # Errors
    /// If its code cannot be read to its end.
    pub(super) fn instructions(&self, function: &Function) -> anyhow::Result<Vec<Instruction>> {
        let all = self.0.disasm_all(&function.code, u64::from(function.address));
        let all = all.with_context(|| format!("{} cannot be read", function.name))?;
        let read: usize = all.iter().map(|found| found.bytes().len()).sum();
        ensure!(read == function.code.len(), "{} cannot be read beyond its byte {read}", function.name);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        all.iter()
            .map(|found| {
                let address = u32::try_from(found.address())?;
                Ok(Instruction { address, mnemonic: text(found.mnemonic()), operands: text(found.op_str()) })
            })
            .collect()
    }

    /// The loops of a function that hold no other and count down.
    ///
    /// # Errors
    /// If its code cannot be read.
    pub fn passes(&self, function: &Function) -> anyhow::Result<Vec<Pass>> {
        let all = self.instructions(function)?;
        let back = |(end, branch): (usize, &Instruction)| {
            let may_end = !matches!(branch.mnemonic.as_str(), "b" | "b.w" | "bl");
            let target = branch.target().filter(|target| may_end && *target <= branch.address)?;
            let start = all.iter().position(|instruction| instruction.address == target)?;
            Some((start, end))
        };
        let loops: Vec<_> = all.iter().enumerate().filter_map(back).collect();
        let is_innermost = |&(start, end): &(usize, usize)| {
            !loops.iter().any(|other| *other != (start, end) && (start..=end).contains(&other.1))
        };
        let pass = |(start, end): (usize, usize)| {
            let instructions = all.get(start..=end)?.to_vec();
            let frames = instructions.iter().rev().find_map(Instruction::step).filter(|frames| *frames > 0)?;
            Some(Pass { frames, instructions })
        };
        Ok(loops.iter().copied().filter(is_innermost).filter_map(pass).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the assembler makes it of the lines beside; the outer loop is none, since it holds another.
    const CODE: [u8; 34] = [
        0x04, 0x46, // mov r4, r0
        0x50, 0xf8, 0x04, 0x8b, // 2: ldr r8, [r0], #4
        0xc8, 0xfb, 0xc8, 0x45, // smlald r4, r5, r8, r8
        0x28, 0xfb, 0x07, 0x66, // smlad r6, r8, r7, r6
        0x18, 0xfb, 0x08, 0x3c, // smlabb r12, r8, r8, r3
        0x02, 0x39, // subs r1, #2
        0xf5, 0xd2, // bhs 2b
        0xb9, 0xf1, 0x01, 0x09, // 6: subs.w r9, r9, #1
        0xfc, 0xd1, // bne 6b
        0x01, 0x3a, // subs r2, #1
        0xf0, 0xd1, // bne 2b
        0x70, 0x47, // bx lr
    ];

    #[test]
    fn a_pass_is_what_lies_between_a_branch_and_its_target() {
        let function = Function { name: "sums".to_owned(), address: 0x200, code: CODE.to_vec() };
        let passes = Reader::new().unwrap().passes(&function).unwrap();
        assert_eq!(passes.len(), 2, "{passes:?}");
        let [sums, rest] = &passes[..] else { unreachable!() };
        assert_eq!((sums.frames, sums.instructions.len(), sums.loads(), sums.multiplications()), (2, 6, 1, 3));
        assert_eq!((sums.instructions[0].address, sums.branch()), (0x202, Some(0x214)));
        assert!((sums.per_frame() - 3.0).abs() < 1e-9);
        assert_eq!((rest.frames, rest.instructions.len(), rest.loads(), rest.multiplications()), (1, 2, 0, 0));
    }

    #[test]
    fn code_without_a_loop_has_no_pass() {
        let reader = Reader::new().unwrap();
        for code in [&CODE[..18], &CODE[32..], &[]] {
            let function = Function { name: "none".to_owned(), address: 0x200, code: code.to_vec() };
            assert_eq!(reader.passes(&function).unwrap(), []);
        }
    }
}
