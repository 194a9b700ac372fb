//! Names of symbols that no firmware may link because of the core: panics, formatting, floating point.

/// Parts of names that belong to panics and formatting.
const PANICS: [&str; 7] =
    ["panic", "unwrap_failed", "expect_failed", "4core3fmt", "core::fmt", "on_panic", "rust_begin_unwind"];

pub fn is_panic(name: &str) -> bool {
    PANICS.iter().any(|part| name.contains(part))
}

/// Floating-point routines of the compiler: `__aeabi_fadd`, `__aeabi_i2d`, `__adddf3` and their like.
pub fn is_float(name: &str) -> bool {
    let aeabi = name.strip_prefix("__aeabi_").is_some_and(|name| {
        ["f", "d", "cf", "cd", "h2f"].iter().any(|start| name.starts_with(start)) && !name.starts_with("div")
            || ["2f", "2d"].iter().any(|end| name.ends_with(end))
    });
    aeabi
        || (name.starts_with("__")
            && ["sf2", "df2", "sf3", "df3", "sfsi", "dfsi", "sfdi", "dfdi", "sisf", "sidf", "disf", "didf"]
                .iter()
                .any(|end| name.ends_with(end)))
}
