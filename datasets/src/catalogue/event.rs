//! Events of the voltage that a point provokes.
//!
//! In comes the TOML of an event, out goes what a meter must tell of it. This file must not know how it is told.

/// What happens to the voltage, by IEC 61000-4-30 with thresholds of 90, 110 and 5 % and a hysteresis of 2 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Urms(1/2) falls below 90 % of the nominal voltage.
    Dip,
    /// It rises above 110 %.
    Swell,
    /// It falls below 5 %.
    Interruption,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedEvent {
    /// What it is.
    pub kind: EventKind,
    /// When the voltage changes, in seconds.
    pub begin_s: f64,
    /// How long it stays changed, in seconds. Urms(1/2) spans a whole cycle and comes every half one, so a meter tells up
    /// to one cycle more or less.
    pub duration_s: f64,
    /// RMS of the voltage meanwhile, in volt; a meter reads it once a cycle lies within the event.
    pub extreme: f64,
}
