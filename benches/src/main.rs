//! Runs the counting firmware, writes `cost.json`, prints the table; `scripts/cost` builds what it runs.
//!
//! Usage: `cost IMAGES JSON INSTRUCTIONS [--update | --check]`, or `cost IMAGES --parts`. `IMAGES` holds a folder per target with the images, and one
//! with `-harmonics` behind its name; `INSTRUCTIONS` is what the bench `instructions` said, and may be missing.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use benches::counted::Counted;
use benches::emulator::{self, CORES, Core};
use benches::{figures, host, parts, peers, plots, size, table};

/// What the image that compares the loops prints where they agree.
const SAME: [&str; 5] = [
    "16 bits 1000000",
    "16 bits, at the limits 2000",
    "24 bits 1000000",
    "24 bits, at the limits 2000",
    "any number as a code 2000",
];

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
    let (paths, mode) = match *arguments {
        [images, "--parts"] => return divided(Path::new(images)),
        [images, json, instructions] => ([images, json, instructions], ""),
        [images, json, instructions, mode @ ("--update" | "--check")] => ([images, json, instructions], mode),
        _ => bail!("usage: cost IMAGES JSON INSTRUCTIONS [--update | --check], or cost IMAGES --parts"),
    };
    let [images, json, instructions] = paths.map(Path::new);
    let mut counted = Counted::default();
    let (built, left_out): (Vec<_>, Vec<_>) = CORES.into_iter().partition(|core| images.join(core.target).is_dir());
    for core in left_out {
        println!("{}: left out, the compiler has no {}", core.name, core.target);
    }
    // All at once: an emulator takes one of the PC's processors, and what is longest is not waited for alone.
    let folder = |core: &Core, ending: &str| images.join(format!("{}{ending}", core.target));
    let same: Vec<_> = built.iter().map(|core| (*core, folder(core, "").join("same"))).collect();
    let count =
        built.iter().flat_map(|core| ["", "-harmonics"].map(|ending| (*core, folder(core, ending).join("count"))));
    let others = peers::CORES.into_iter().map(|core| (core, folder(&core, "").join("peers")));
    let (others, others_left_out): (Vec<_>, Vec<_>) = others.partition(|(_, image)| image.is_file());
    for (core, _) in others_left_out {
        println!("{}: others are left out, the compiler has no {}", core.name, core.target);
    }
    let all: Vec<_> = same.iter().cloned().chain(count).chain(others.iter().cloned()).collect();
    let mut printed = emulator::run_all(&all)?.into_iter();
    // What is counted with loops that are wrong means nothing.
    for ((core, _), same) in same.iter().zip(printed.by_ref()) {
        ensure!(same == SAME, "{}: loops differ: {same:?}", core.name);
    }
    for &core in &built {
        let mut rows = || figures::rows(core, &printed.next().unwrap_or_default());
        let (rows, with) = (rows()?, rows()?);
        let (residual, harmonics) = (figures::residual(&rows), figures::harmonics(&rows, &with));
        counted.cost.extend(rows.into_iter().chain(residual).chain(harmonics));
        for config in size::CONFIGS {
            counted.size.push(size::row(core, &folder(&core, ""), config)?);
        }
    }
    for ((core, _), lines) in others.iter().zip(printed) {
        counted.peer.extend(peers::rows(*core, &lines)?);
    }
    if instructions.is_file() {
        counted.host = host::rows(&std::fs::read_to_string(instructions)?)?;
    } else {
        println!("this machine is left out: the README has figures of x86-64");
    }
    counted.write(json)?;
    let section = table::section(&counted);
    println!("{section}{} rows are in {}", counted.rows(), json.display());
    if mode == "--update" {
        let all = CORES.iter().chain(&peers::CORES);
        let whole = all.map(|core| images.join(core.target)).all(|folder| folder.is_dir()) && !counted.host.is_empty();
        ensure!(whole, "a core was left out: its figures would go from README.md");
        let readme = std::fs::read_to_string("README.md").context("README.md, in the root of the workspace")?;
        std::fs::write("README.md", table::update(&readme, &section)?)?;
        for (name, svg) in plots::all(&section)?.iter().filter(|(name, _)| plots::SHOWN.contains(name)) {
            std::fs::write(Path::new("benches").join(name), svg)?;
        }
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

fn divided(images: &Path) -> anyhow::Result<ExitCode> {
    let divided = parts::divide(images)?;
    println!("{}", divided.text.trim_end());
    for fault in &divided.faults {
        println!("DOES NOT HOLD: {fault}");
    }
    Ok(if divided.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
