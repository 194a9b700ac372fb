//! `hil list` and `hil ports`: what there is to play and where.
//!
//! In comes a folder of recordings, out goes text. This file must not know how a point is played.

use std::fmt::Write;

use anyhow::{Context, Result};
use serialport::SerialPortType;

use crate::cases::{Case, SUITES};
use crate::cli::List;
use crate::run::catalogue;
use crate::terminal::print;

/// Names suites and points.
///
/// # Errors
/// The folder's table is damaged, or standard output cannot be written.
pub fn command(arguments: &List) -> Result<()> {
    let mut out = String::new();
    let catalogue = catalogue(&arguments.recordings.folder)?;
    for suite in &catalogue.suites {
        writeln!(out, "{}: {} ({})", suite.name, suite.title, suite.source)?;
        for point in &suite.points {
            writeln!(out, "  {}{}", point.name, if point.quick { " (quick)" } else { "" })?;
        }
        if !suite.decisions.is_empty() {
            writeln!(out, "  and {} rows of the norm, swept on this machine", suite.decisions.len())?;
        }
    }
    for (suite, title) in SUITES {
        writeln!(out, "{suite}: {title} (this bench)")?;
        for case in Case::all().filter(|case| case.suite() == suite) {
            writeln!(out, "  {}{}", case.name(), if case.is_quick() { " (quick)" } else { "" })?;
        }
    }
    for skipped in &catalogue.skipped {
        writeln!(out, "not judged: {} {}: {}", skipped.suite, skipped.point, skipped.reason)?;
    }
    print(&out)
}

/// Lists serial ports.
///
/// # Errors
/// The system cannot tell, or standard output cannot be written.
pub fn ports() -> Result<()> {
    let mut out = String::new();
    let ports = serialport::available_ports().context("the serial ports cannot be listed")?;
    for port in &ports {
        let kind = match &port.port_type {
            SerialPortType::UsbPort(usb) => {
                let name = usb.product.clone().unwrap_or_default();
                format!("USB {:04x}:{:04x} {name}", usb.vid, usb.pid)
            }
            SerialPortType::PciPort => "PCI".into(),
            SerialPortType::BluetoothPort => "Bluetooth".into(),
            SerialPortType::Unknown => String::new(),
        };
        writeln!(out, "{}", format!("{}  {kind}", port.port_name).trim_end())?;
    }
    if ports.is_empty() {
        writeln!(out, "no serial ports; `hil run --board virtual` and `--board emulated` need none")?;
    }
    print(&out)
}
