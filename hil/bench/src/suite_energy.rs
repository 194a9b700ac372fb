//! The suite `energy`: nothing of what was counted is lost, whenever the plug is pulled.
//!
//! In comes how to start a board, out go points for the report. Its points are no signals to be judged by window, so
//! they stand beside the catalogue. This file must not know how a point does its work.
//!
//! - `years`: 20 years of registers against exact arithmetic, and how often a page is written.
//! - `cuts`: the plug pulled at each byte of a save, on a chip in memory that tears within a byte.
//! - `load`: registers of a board against those of the core on this machine, to the last step, and a reset.
//! - `kills`: a board ended in the middle of its work, again and again, its EEPROM kept.

mod cuts;
mod kills;
pub(crate) mod load;
mod years;

use anyhow::Result;

use crate::cases::{Starter, check};
use crate::report::PointResult;

/// Name of the suite.
pub const SUITE: &str = "energy";

/// What it is about, for `hil list`.
pub const TITLE: &str = "registers that lose nothing, whenever the plug is pulled";

/// How much is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Years that are simulated, up to 20.
    pub years: u64,
    /// Restarts of the board.
    pub kills: u32,
}

impl Scope {
    /// 20 years, but 2 where this suite is one of all in the quick profile; 10 restarts there, else 200.
    pub const fn of(is_quick: bool, is_named: bool) -> Self {
        Self { years: if is_quick && !is_named { 2 } else { 20 }, kills: if is_quick { 10 } else { 200 } }
    }
}

/// A point of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// 20 years in the memory of this machine.
    Years,
    /// Every byte of a save.
    Cuts,
    /// A load on the board.
    Load,
    /// Restarts of the board.
    Kills,
}

impl Case {
    /// All, in the order they are played.
    pub const ALL: [Self; 4] = [Self::Years, Self::Cuts, Self::Load, Self::Kills];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Years => "years",
            Self::Cuts => "cuts",
            Self::Load => "load",
            Self::Kills => "kills",
        }
    }

    /// Why it is not played with a board, if it is not.
    pub fn hindrance(self, starter: &Starter<'_>) -> Option<&'static str> {
        let alone = matches!(self, Self::Years | Self::Cuts);
        if alone {
            None
        } else if starter.restarts() {
            (!starter.takes_eeprom()).then_some("the emulator has no EEPROM for this firmware")
        } else {
            Some("the bench cannot cut the power of a board on a port")
        }
    }

    /// Plays it; `tell` gets a word on how far it is.
    ///
    /// # Errors
    /// A board cannot be started, or a folder for its EEPROM cannot be made.
    pub fn play(self, starter: &Starter<'_>, scope: Scope, tell: &mut dyn FnMut(String)) -> Result<PointResult> {
        Ok(match self {
            Self::Years => years::play(scope.years),
            Self::Cuts => cuts::play(),
            Self::Load => load::play(starter)?,
            Self::Kills => kills::play(starter, scope.kills, tell)?,
        })
    }
}

/// Numbers that repeat: a multiplicative congruential generator is enough to choose instants.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) % u64::from(end.max(1))) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_board_on_a_port_is_not_cut() {
        let stop = Arc::default();
        let on = |board| Starter { board, image: Path::new("none"), baud: 9_600, stop: &stop };
        for (board, hindered) in [("virtual", 0), ("emulated", 0), ("/dev/ttyACM0", 2)] {
            let count = Case::ALL.iter().filter(|case| case.hindrance(&on(board)).is_some()).count();
            assert_eq!(count, hindered, "{board}");
        }
    }

    #[test]
    fn a_machine_without_an_eeprom_is_not_cut() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let image = folder.path().join("image");
        let mut header = [0; 52];
        header[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
        header[24..28].copy_from_slice(&0x0800_0189u32.to_le_bytes());
        std::fs::write(&image, header).expect("the folder can be written to");
        let stop = Arc::default();
        let starter = Starter { board: "emulated", image: &image, baud: 9_600, stop: &stop };
        let hindered = Case::ALL.map(|case| case.hindrance(&starter).is_some());
        assert_eq!(hindered, [false, false, true, true]);
    }

    #[test]
    fn a_named_suite_is_simulated_to_its_end() {
        assert_eq!(Scope::of(true, true), Scope { years: 20, kills: 10 });
        assert_eq!(Scope::of(true, false), Scope { years: 2, kills: 10 });
        assert_eq!(Scope::of(false, false), Scope { years: 20, kills: 200 });
    }
}
