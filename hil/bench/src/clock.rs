//! Dates as files and reports write them, in UTC.
//!
//! In comes an instant, out goes text. This file must not know what happened then.

use std::time::SystemTime;

use humantime::{format_rfc3339_micros, format_rfc3339_seconds};

/// `2026-11-22 13:14:15 UTC`.
pub fn utc(time: SystemTime) -> String {
    format_rfc3339_seconds(time).to_string().replace('T', " ").replace('Z', " UTC")
}

/// `22/11/2026,13:14:15.000000`, as COMTRADE has it.
pub fn comtrade(time: SystemTime) -> String {
    let text = format_rfc3339_micros(time).to_string();
    let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap_or_default();
    let date: Vec<&str> = date.rsplit('-').collect();
    format!("{},{time}", date.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    /// As `date -u` has it.
    #[test]
    fn dates() {
        let time = UNIX_EPOCH + Duration::from_micros(1_709_210_096_000_789);
        assert_eq!(utc(time), "2024-02-29 12:34:56 UTC");
        assert_eq!(comtrade(time), "29/02/2024,12:34:56.000789");
    }
}
