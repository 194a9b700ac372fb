//! Ctrl-C, and other signals that ask a program to end.
//!
//! In come signals, out goes a flag. This file must not know what is then done.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use signal_hook::flag;

/// Set by the first of these signals, so that what is finished is kept; the second one ends the program at once.
///
/// # Errors
/// The system lets no signal be heard.
pub fn on(signals: &[i32]) -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in signals {
        // In this order: the first one finds the flag not set yet.
        flag::register_conditional_default(*signal, stop.clone()).context("no Ctrl-C can be heard")?;
        flag::register(*signal, stop.clone()).context("no Ctrl-C can be heard")?;
    }
    Ok(stop)
}
