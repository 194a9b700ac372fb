//! In place of the stage where the feature `residual` is left out: no meter can have one, which the compiler sees, so that
//! nothing of it takes flash or RAM.
//!
//! The functions are those of the stage. This file must not know what they do.

use crate::config::Config;
use crate::residual::cycles::Cycles;
use crate::residual::reading::{Change, State};
use crate::sample::Sample;
use crate::sums::{Moments, Sums};

/// A stage that cannot be.
#[derive(Clone, Debug)]
pub(crate) enum Stage {}

impl Stage {
    pub(crate) fn new<S: Sample, const N: usize>(_: &Config<S, N>, _: u32) -> Option<Self> {
        None
    }

    pub(crate) fn state(&self) -> State {
        match *self {}
    }

    pub(crate) fn left(&self) -> usize {
        match *self {}
    }

    pub(crate) fn begin_test(&mut self) -> bool {
        match *self {}
    }

    pub(crate) fn reset(&mut self) {
        match *self {}
    }

    pub(crate) fn stretch<'a, S: Sample>(&mut self, _: &'a [S], _: &mut Sums, _: u32) -> Option<&'a [S]> {
        match *self {}
    }

    pub(crate) fn begin_window(&mut self, _: &Moments) {
        match *self {}
    }

    pub(crate) fn change(&mut self) -> Option<Change> {
        match *self {}
    }

    pub(crate) fn look_at_each(&mut self, _: bool) {
        match *self {}
    }

    pub(crate) fn window(&mut self) -> Cycles {
        match *self {}
    }

    pub(crate) fn last(&self) -> Cycles {
        match *self {}
    }

    pub(crate) fn gap(&mut self, _: &Moments) {
        match *self {}
    }
}
