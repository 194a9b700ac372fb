//! Suites whose points are no signals to be judged by window, so they stand beside the catalogue.
//!
//! In comes how to start a board, out go points for the report. This file must not know how a point does its work.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Result;

use crate::board::{Board, Eeprom};
use crate::report::{Check, PointResult};
use crate::session::{Session, Terms};
use crate::suite_device;
use crate::suite_energy::{self, Scope};

/// Names of the suites, and what each is about.
pub const SUITES: [(&str, &str); 2] =
    [(suite_energy::SUITE, suite_energy::TITLE), (suite_device::SUITE, suite_device::TITLE)];

/// How boards are started.
#[derive(Clone, Copy, Debug)]
pub struct Starter<'a> {
    /// `virtual`, `emulated` or a port.
    pub board: &'a str,
    /// Firmware of the emulated board.
    pub image: &'a Path,
    /// Speed of a real port.
    pub baud: u32,
    /// Requests fail from when this is set.
    pub stop: &'a Arc<AtomicBool>,
}

impl Starter<'_> {
    /// Starts the board with an EEPROM and greets it.
    ///
    /// # Errors
    /// It cannot be started, or does not answer.
    pub fn start(&self, eeprom: &Eeprom) -> Result<Session> {
        let board = Board::with_eeprom(self.board, self.image, self.baud, eeprom)?;
        Session::on(board, Terms { stop: self.stop.clone(), ..Terms::default() })
    }

    /// Whether this program can end the board and start it again.
    pub fn restarts(&self) -> bool {
        ["virtual", "emulated"].contains(&self.board)
    }

    /// Whether the board has an EEPROM that outlives it and that this program keeps.
    pub fn takes_eeprom(&self) -> bool {
        Board::takes_eeprom(self.board, self.image)
    }
}

/// A point of these suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Registers that lose nothing.
    Energy(suite_energy::Case),
    /// The device's front.
    Device(suite_device::Case),
}

impl Case {
    /// All, in the order they are played.
    pub fn all() -> impl Iterator<Item = Self> {
        let energy = suite_energy::Case::ALL.into_iter().map(Self::Energy);
        energy.chain(suite_device::Case::ALL.into_iter().map(Self::Device))
    }

    /// Its suite.
    pub const fn suite(self) -> &'static str {
        match self {
            Self::Energy(_) => suite_energy::SUITE,
            Self::Device(_) => suite_device::SUITE,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Energy(case) => case.name(),
            Self::Device(case) => case.name(),
        }
    }

    /// Whether it is one of the quick profile: that is for what cannot be seen by tests in memory.
    pub const fn is_quick(self) -> bool {
        matches!(self, Self::Energy(_))
    }

    /// Why it is not played with a board, if it is not.
    pub fn hindrance(self, starter: &Starter<'_>) -> Option<&'static str> {
        match self {
            Self::Energy(case) => case.hindrance(starter),
            Self::Device(case) => case.hindrance(starter),
        }
    }

    /// Plays it; `tell` gets a word on how far it is.
    ///
    /// # Errors
    /// A board cannot be started or is lost, or a folder for its EEPROM cannot be made.
    pub fn play(self, starter: &Starter<'_>, scope: Scope, tell: &mut dyn FnMut(String)) -> Result<PointResult> {
        let started = Instant::now();
        let mut point = match self {
            Self::Energy(case) => case.play(starter, scope, tell)?,
            Self::Device(case) => case.play(starter)?,
        };
        (point.suite, point.point) = (self.suite().into(), self.name().into());
        for check in &mut point.checks {
            (check.suite, check.point) = (self.suite().into(), self.name().into());
        }
        point.seconds = started.elapsed().as_secs_f64();
        Ok(point)
    }
}

/// A check of these suites; the error is what was measured less what was expected.
pub fn check(quantity: &str, unit: &str, number: usize, (expected, measured): (f64, f64), limit: f64) -> Check {
    Check { window: number as u32, ..Check::absolute(quantity, unit, (expected, measured), measured - expected, limit) }
}
