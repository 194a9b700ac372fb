//! What an image takes of flash and RAM, and what it says of its stack.
//!
//! In come images with and without a meter, out go rows of `cost.json`: what the meter adds. This file must not know
//! what is in a meter.

use std::path::Path;

use anyhow::{Context, bail};
use object::{Object, ObjectSection, SectionFlags, SectionKind};
use serde::Serialize;

use crate::emulator::{self, Core};

/// `full`: one voltage, one current, residual current, energy, events; `small`: one voltage, one current, nothing else.
pub const CONFIGS: [&str; 2] = ["full", "small"];

/// What a configuration takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Size {
    /// Name of the core.
    pub core: String,
    /// One of [`CONFIGS`].
    pub config: String,
    /// Code and constants.
    pub flash_bytes: u64,
    /// State: the meter and what it keeps in static memory.
    pub ram_bytes: u64,
    /// Deepest stack of a call of the meter.
    pub stack_bytes: u64,
}

/// Flash and static RAM of an image.
///
/// # Errors
/// If the image cannot be read.
pub fn sections(image: &Path) -> anyhow::Result<(u64, u64)> {
    let bytes = std::fs::read(image).with_context(|| format!("{} cannot be read", image.display()))?;
    let image = object::File::parse(bytes.as_slice())?;
    let (mut flash, mut ram) = (0, 0);
    for section in image.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        if sh_flags & u64::from(object::elf::SHF_ALLOC) == 0 {
            continue;
        }
        let is_written = sh_flags & u64::from(object::elf::SHF_WRITE) != 0;
        if section.kind() != SectionKind::UninitializedData {
            flash += section.size();
        }
        if is_written {
            ram += section.size();
        }
    }
    Ok((flash, ram))
}

/// The stack that an image says it took, and the size of its meter, which lies in a local variable of `main`.
fn stack(core: Core, image: &Path) -> anyhow::Result<(u64, u64)> {
    let lines = emulator::run(core, image)?;
    let words: Vec<_> = lines.first().map(|line| line.split_whitespace().collect()).unwrap_or_default();
    let ["stack", depth, state] = words[..] else { bail!("{lines:?} is no depth of a stack") };
    Ok((depth.parse()?, state.parse()?))
}

/// What the meter of a configuration takes beyond the image without one.
///
/// # Errors
/// If an image is missing or does not run.
pub fn row(core: Core, folder: &Path, config: &str) -> anyhow::Result<Size> {
    let measure = |name: &str| -> anyhow::Result<_> {
        let image = folder.join(name);
        let (flash, ram) = sections(&image)?;
        let (stack, state) = stack(core, &image)?;
        Ok([flash, ram + state, stack])
    };
    let (full, empty) = (measure(&format!("size-{config}"))?, measure("size-empty")?);
    let [flash_bytes, ram_bytes, stack_bytes] = [0, 1, 2].map(|which| full[which].saturating_sub(empty[which]));
    Ok(Size { core: core.name.to_owned(), config: config.to_owned(), flash_bytes, ram_bytes, stack_bytes })
}
