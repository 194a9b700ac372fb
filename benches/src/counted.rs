//! `cost.json`: everything that was counted.
//!
//! In come rows, out goes the file. This file must not know how anything is counted.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::figures::Cost;
use crate::host::Host;
use crate::peers::Peer;
use crate::size::Size;

/// All rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counted {
    /// Instructions per frame on the emulated cores.
    pub cost: Vec<Cost>,
    /// Flash, RAM and stack.
    pub size: Vec<Size>,
    /// Instructions per frame of others on the emulated cores.
    pub peer: Vec<Peer>,
    /// Instructions per frame on the PC.
    pub host: Vec<Host>,
}

impl Counted {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.cost.len() + self.size.len() + self.peer.len() + self.host.len()
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
