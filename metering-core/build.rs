//! Tells whether the loops for the DSP extension are to be taken.
//!
//! In comes the name of the target, out goes the cfg `dsp_loops`: with the feature `dsp`, for processors that have the
//! extension. A compiler of the stable channel does not tell it; one of the Cortex-M3 would build them, and halt in them.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(dsp_loops)");
    let target = env::var("TARGET").unwrap_or_default();
    let has_extension = ["thumbv7em-", "thumbv8m.main-"].iter().any(|start| target.starts_with(start));
    if has_extension && env::var_os("CARGO_FEATURE_DSP").is_some() {
        println!("cargo::rustc-cfg=dsp_loops");
    }
}
