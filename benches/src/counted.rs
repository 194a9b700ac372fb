//! `cost.json`: everything that was counted.
//!
//! In come rows, out goes the file, and the other way round. This file must not know how anything is counted.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::figures::Cost;
use crate::host::Host;
use crate::size::Size;

/// All rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Instructions per frame on the emulated cores.
    pub cost: Vec<Cost>,
    /// Flash, RAM and stack.
    pub size: Vec<Size>,
    /// Instructions per frame on the PC.
    pub host: Vec<Host>,
}

impl Counted {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.cost.len() + self.size.len() + self.host.len()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or is not such a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{}: scripts/cost writes it anew", path.display()))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}
