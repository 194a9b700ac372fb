//! Draws the plots into `target/benches`: from `target/cost.json` where `scripts/cost` has left one, else from the table in
//! the README, which is held to what is counted.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::path::Path;

use anyhow::Context;
use benches::counted::Counted;
use benches::{plots, table};

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the root of the workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let (json, drawn) = (target.join("cost.json"), target.join("benches"));
    let counted = Counted::read(&json).map(|counted| table::section(&counted));
    let from_json = counted.and_then(|section| plots::write(&section, &drawn));
    let source = match from_json {
        Ok(()) => json,
        Err(error) => {
            println!("drawing from README.md: {error:#}");
            let readme = root.join("README.md");
            let text = std::fs::read_to_string(&readme).context("README.md, in the root of the workspace")?;
            plots::write(table::of(&text)?, &drawn)?;
            readme
        }
    };
    println!("plots of {} are in {}", source.display(), drawn.display());
    Ok(())
}
