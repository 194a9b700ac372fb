//! Which part of the work a function belongs to.
//!
//! In comes the name of a function, out goes a part. A function that the compiler drew into another counts as that. This
//! file knows the core's modules and the names of the meter's own functions, and must not know what is counted.

/// A part of the work.
#[derive(Debug, PartialEq)]
pub struct Part {
    /// What it is called in the tables.
    pub name: &'static str,
    /// Modules of the core, or crates, and which of their functions; none: those that no other part names.
    of: &'static [(&'static str, &'static [&'static str])],
}

/// All parts.
pub const PARTS: [Part; 12] = [
    Part { name: "loops over samples", of: &[("kernel", &[])] },
    Part {
        name: "cutting blocks into the loops' pieces",
        of: &[
            ("meter", &["take", "empty_buffer", "bulk", "sum", "clamped", "is_within"]),
            ("meter", &["keep", "begin", "is_due", "frames", "block", "spare", "next", "left", "taken"]),
            ("frames", &[]),
            ("sample", &[]),
            ("analysis", &[]),
        ],
    },
    Part {
        name: "the two frames at a boundary",
        of: &[
            ("meter", &["boundary", "cut", "cut_moments", "channel", "codes", "at", "distance_q16", "digit", "last"]),
            ("meter", &["jump"]),
            ("meter", &["begin_cycle", "cycle"]),
            ("cycle", &[]),
            ("reference", &["near_zero"]),
        ],
    },
    Part {
        name: "ends of segments",
        of: &[
            ("meter", &["end_segment"]),
            ("reference", &["at", "rotation", "turn"]),
            ("trig", &["cosine_and_sine", "series", "upper"]),
            ("sums", &[]),
        ],
    },
    Part {
        name: "half cycles: Urms(1/2), events",
        of: &[
            ("meter", &["middle", "tell_half", "is_cycle", "half_cycle"]),
            ("mean_square", &[]),
            ("halves", &[]),
            ("events", &[]),
        ],
    },
    Part {
        name: "end of a cycle: lock, reference",
        of: &[
            ("meter", &["end_cycle", "finish", "synchronise", "cycles_per_window", "per_frame"]),
            ("mains", &[]),
            ("reference", &[]),
            ("synchroniser", &[]),
            ("totals", &[]),
            ("trig", &[]),
        ],
    },
    Part { name: "energy", of: &[("energy", &[])] },
    Part {
        name: "residual current",
        of: &[
            ("meter", &["residual", "residual_cycle", "tell", "residual_state", "test_residual", "reset_residual"]),
            ("residual", &[]),
        ],
    },
    Part {
        name: "windows: readings",
        of: &[
            ("meter", &["end_window", "tell_window", "begin_window", "steps", "lose", "judge_load", "is_clipped"]),
            ("derived", &[]),
            ("reading", &[]),
            ("registers", &[]),
            ("window", &[]),
        ],
    },
    Part {
        name: "arithmetic that all share",
        of: &[
            ("scaled", &[]),
            ("functions", &[]),
            ("compiler_builtins", &[]),
            ("core", &[]),
            ("fixed", &[]),
            ("quantity", &[]),
        ],
    },
    Part {
        name: "the call of a block, the sink",
        of: &[
            ("meter", &["push", "push_interleaved", "gap"]),
            ("sink", &[]),
            (FIRMWARE, &["push", "nothing", "half_cycle", "window"]),
        ],
    },
    Part {
        name: "set-up, not per frame",
        of: &[("meter", &["new"]), ("calibration", &[]), ("config", &[]), (FIRMWARE, &[])],
    },
];

const FIRMWARE: &str = "the firmware";

/// Number of the part that a function belongs to; `None` where no part names it.
pub fn part(name: &str) -> Option<usize> {
    let (module, function) = place(name)?;
    // Of the functions that a part may name, none stands for the rest of the module.
    let by = |name: Option<&str>| {
        let is_named = |functions: &[&str]| name.map_or(functions.is_empty(), |name| functions.contains(&name));
        let names = |part: &Part| part.of.iter().any(|(of, functions)| *of == module && is_named(functions));
        PARTS.iter().position(names)
    };
    by(Some(function)).or_else(|| by(None))
}

/// Module of the core, or crate, and the function's own name.
fn place(name: &str) -> Option<(&str, &str)> {
    // A method of a type begins with `<`, one of a trait for a reference with `<&`.
    let path = name.trim_start_matches(['<', '&', '_']);
    let end = |text: &str| text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let root = &path[..end(path)];
    let function = last(name)?;
    let module = match root {
        "metering_core" => {
            let rest = path.strip_prefix("metering_core::")?;
            &rest[..end(rest)]
        }
        "cost_firmware" | "parts" | "size_full" | "size_empty" | "main" => FIRMWARE,
        // What the compiler calls by names of C.
        _ if !name.contains("::") && (name.starts_with("__") || name.starts_with("mem")) => "compiler_builtins",
        _ => root,
    };
    Some((module, function))
}

/// The last part of a path that is a name: neither a closure nor what stands in angle brackets.
fn last(name: &str) -> Option<&str> {
    let (mut depth, mut start, mut found) = (0u32, 0, None);
    for (at, letter) in name.char_indices().chain([(name.len(), ':')]) {
        match letter {
            '<' => depth += 1,
            '>' => {
                depth = depth.saturating_sub(1);
                start = at + 1;
            }
            ':' if depth == 0 => {
                let part = &name[start.min(at)..at];
                if part.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
                    found = Some(part);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_falls_into_one_part() {
        for (part, names) in [
            ("loops", &["metering_core::kernel::dsp::halves::channel_16_asm"][..]),
            (
                "cutting",
                &[
                    "metering_core::meter::Meter<S,_>::take",
                    "<metering_core::meter::Meter<i16, 1>>::take::<everything::Listener<1>>",
                    "metering_core::meter::cycle::<impl metering_core::meter::engine::Engine<S,_>>::sum",
                ],
            ),
            (
                "the two",
                &[
                    "metering_core::meter::boundary::Edge::channel",
                    "metering_core::reference::Unit::near_zero::{{closure}}",
                ],
            ),
            ("end of a cycle", &["metering_core::reference::Reference<R>::make", "metering_core::trig::angle"]),
            ("energy", &["metering_core::energy::direction::Directions::reverse::{{closure}}::{{closure}}"]),
            (
                "residual",
                &[
                    "metering_core::meter::cycle::<impl metering_core::meter::engine::Engine<S,_>>::residual",
                    "metering_core::residual::calm::<impl metering_core::residual::stage::Stage>::divide",
                    "metering_core::meter::cycle::tell",
                ],
            ),
            ("windows", &["metering_core::window::Window::channel"]),
            (
                "arithmetic",
                &[
                    "metering_core::scaled::Scaled::times",
                    "compiler_builtins::int::specialized_div_rem::u64_div_rem",
                    "__aeabi_memclr8",
                    "memcpy",
                    "core::ops::function::FnOnce::call_once",
                    "<core::fmt::Formatter>::pad_integral",
                ],
            ),
            ("the call", &["cost_firmware::everything::Everything<S,_>::push"]),
            ("set-up", &["parts::firmware::__cortex_m_rt_main", "main", "metering_core::meter::Meter<S,_>::new"]),
        ] {
            for name in names {
                let found = super::part(name).map(|found| PARTS[found].name);
                assert!(found.is_some_and(|found| found.starts_with(part)), "{name}: {found:?}, not {part}");
            }
        }
        for name in ["", "<", "::", "HardFault_", "metering_core::new_module::work", "metering_core::meter::unknown"] {
            assert_eq!(super::part(name), None, "{name}");
        }
    }

    #[test]
    fn no_two_parts_name_the_same() {
        let mut all = Vec::new();
        for (module, functions) in PARTS.iter().flat_map(|part| part.of) {
            match functions {
                [] => all.push((module, "")),
                functions => all.extend(functions.iter().map(|function| (module, *function))),
            }
        }
        let named = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), named);
    }
}
