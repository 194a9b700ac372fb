//! The talk with the engineer: what to connect, what the reference meter shows, whether to write.
//!
//! In come questions, out go answers from standard input; with `--yes` every answer is taken for given. This file must
//! not know boards or corrections.

use std::io::BufRead;

use anyhow::{Context, Result, ensure};

use super::reference::{Load, References, short};
use crate::terminal::say;

/// Whoever answers.
pub enum Guide<'a> {
    /// Nobody: everything is connected and wanted.
    Yes,
    /// Somebody who types.
    Asks(&'a mut dyn BufRead),
}

impl Guide<'_> {
    /// Tells what to connect and waits for Enter.
    ///
    /// # Errors
    /// The input has ended.
    pub fn connect(&mut self, step: &str, what: &str) -> Result<()> {
        say(&format!("{step}: {what}"));
        if let Self::Asks(_) = self {
            say("  Press Enter when it is connected and steady.");
            self.line()?;
        }
        Ok(())
    }

    /// Whether to go on; without anybody to ask, yes.
    ///
    /// # Errors
    /// The input has ended.
    pub fn agrees(&mut self, question: &str) -> Result<bool> {
        if let Self::Yes = self {
            return Ok(true);
        }
        say(&format!("{question} [y/N]"));
        Ok(["y", "yes"].contains(&self.line()?.to_lowercase().as_str()))
    }

    /// Asks for the reference values of all loads; Enter takes the one that is offered.
    ///
    /// # Errors
    /// The input has ended, or is no number.
    pub fn references(&mut self, offered: &References, residual: bool) -> Result<References> {
        let mut typed = offered.clone();
        say("Reference values; Enter takes the one in brackets.");
        self.values("PF 1", &mut typed.gain, residual, false)?;
        for load in &mut typed.phase {
            self.values("PF 0.5", load, false, true)?;
        }
        Ok(typed)
    }

    fn values(&mut self, name: &str, load: &mut Load, residual: bool, phase: bool) -> Result<()> {
        self.number(name, "frequency_hz", &mut load.frequency_hz)?;
        self.number(name, "voltage_v", &mut load.voltage_v)?;
        self.number(name, "current_a", &mut load.current_a)?;
        if phase {
            self.number(name, "phase_deg", &mut load.phase_deg)?;
        }
        if residual {
            let mut value = load.residual_a.unwrap_or(0.0);
            self.number(name, "residual_a", &mut value)?;
            load.residual_a = Some(value);
        }
        Ok(())
    }

    fn number(&mut self, load: &str, name: &str, value: &mut f64) -> Result<()> {
        say(&format!("  {load}, {name} [{}]", short(*value)));
        let line = self.line()?;
        if !line.is_empty() {
            *value = line.parse().with_context(|| format!("{load}, {name}: {line:?} is no number"))?;
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let Self::Asks(input) = self else { return Ok(String::new()) };
        let mut line = String::new();
        let count = input.read_line(&mut line).context("standard input")?;
        ensure!(count > 0, "standard input has ended before all was asked (--yes asks for nothing)");
        Ok(line.trim().to_owned())
    }
}
