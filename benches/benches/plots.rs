//! Draws the plots into `target/benches`, from the table in the README, which is held to what is counted.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::path::Path;

use anyhow::Context;
use benches::{plots, table};

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the root of the workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let readme = std::fs::read_to_string(root.join("README.md")).context("README.md, in the root of the workspace")?;
    let drawn = target.join("benches");
    plots::write(table::of(&readme)?, &drawn)?;
    println!("plots of README.md are in {}", drawn.display());
    Ok(())
}
