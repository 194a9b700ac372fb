//! Runs the counting firmware, writes `cost.json`, prints the table; `scripts/cost` builds what it runs.
//!
//! Usage: `cost IMAGES JSON [--update | --check]`. `IMAGES` holds a folder per target with the images, and one with
//! `-harmonics` behind its name.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use benches::emulator::{self, CORES};
use benches::{figures, size, table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match cost(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cost: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn cost(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let (images, json, mode) = match *arguments {
        [images, json] => (Path::new(images), json, ""),
        [images, json, mode @ ("--update" | "--check")] => (Path::new(images), json, mode),
        _ => bail!("usage: cost IMAGES JSON [--update | --check]"),
    };
    let (mut costs, mut sizes) = (Vec::new(), Vec::new());
    for core in CORES {
        let folder = images.join(core.target);
        if !folder.is_dir() {
            println!("{}: left out, the compiler has no {}", core.name, core.target);
            continue;
        }
        let same = emulator::run(core, &folder.join("same"))?;
        ensure!(same == ["16 bits 1000000", "24 bits 1000000"], "{}: loops differ: {same:?}", core.name);
        let rows = figures::rows(core, &emulator::run(core, &folder.join("count"))?)?;
        let with = images.join(format!("{}-harmonics", core.target)).join("count");
        let with = figures::rows(core, &emulator::run(core, &with)?)?;
        let (residual, harmonics) = (figures::residual(&rows), figures::harmonics(&rows, &with));
        costs.extend(rows.into_iter().chain(residual).chain(harmonics));
        sizes.extend(size::rows(core, &folder)?);
    }
    let all = serde_json::json!({ "cost": costs, "size": sizes });
    std::fs::write(json, serde_json::to_string_pretty(&all)? + "\n")
        .with_context(|| format!("{json} cannot be written"))?;
    let section = table::section(&costs, &sizes);
    println!("{section}{} rows are in {json}", costs.len() + sizes.len());
    if mode == "--update" {
        let all = CORES.iter().all(|core| images.join(core.target).is_dir());
        ensure!(all, "a core was left out: its figures would go from README.md");
        let readme = std::fs::read_to_string("README.md").context("README.md, in the root of the workspace")?;
        std::fs::write("README.md", table::update(&readme, &section)?)?;
    }
    if mode == "--check" {
        let readme = std::fs::read_to_string("README.md").context("README.md, in the root of the workspace")?;
        let risen = table::risen(&readme, &section)?;
        for line in &risen {
            println!("RISEN: {line}");
        }
        return Ok(if risen.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    Ok(ExitCode::SUCCESS)
}
