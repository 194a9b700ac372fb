//! Calls of the firmware's functions.
//!
//! In come the core's readings, out go calls with pointers that are valid until the function returns. This file must not
//! know what the firmware does.

use core::ffi::c_void;

use metering_core::residual::{Notice, ResidualCycle};
use metering_core::{HalfCycle, Sink, reading};

use crate::METERING_CURRENTS;
use crate::reading::{HalfCycleC, NoticeC, Reading, ResidualReadingC};

/// What is called while codes are taken. A function that is null is not called, and what only it needs is not computed.
/// The pointers a function gets are valid until it returns. It may not use the meter: it gets METERING_STATUS_BUSY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Callbacks {
    /// Handed to each function.
    pub user: *mut c_void,
    /// A window has ended.
    pub window: Option<extern "C" fn(user: *mut c_void, reading: &Reading)>,
    /// The residual current's state has changed: called at the frame that decides, the place to trip.
    pub residual_notice: Option<extern "C" fn(user: *mut c_void, notice: &NoticeC)>,
    /// A cycle of the residual current has ended; costs some roots each.
    pub residual_cycle: Option<extern "C" fn(user: *mut c_void, end_frame: u64, reading: &ResidualReadingC)>,
    /// A half cycle has ended; costs a root per channel each. Not 0: an event is on, the window is flagged
    /// METERING_EVENT.
    pub half_cycle: Option<extern "C" fn(user: *mut c_void, half_cycle: &HalfCycleC) -> i32>,
}

impl Sink<METERING_CURRENTS> for Callbacks {
    fn half_cycles(&self) -> bool {
        self.half_cycle.is_some()
    }

    fn residual_cycles(&self) -> bool {
        self.residual_cycle.is_some()
    }

    fn window(&mut self, reading: &reading::Reading<METERING_CURRENTS>) {
        if let Some(window) = self.window {
            window(self.user, &reading.into());
        }
    }

    fn residual_cycle(&mut self, cycle: &ResidualCycle) {
        if let Some(residual_cycle) = self.residual_cycle {
            residual_cycle(self.user, cycle.end_frame, &(&cycle.reading).into());
        }
    }

    fn residual_notice(&mut self, notice: &Notice) {
        if let Some(residual_notice) = self.residual_notice {
            residual_notice(self.user, &notice.into());
        }
    }

    fn half_cycle(&mut self, half_cycle: &HalfCycle<METERING_CURRENTS>) -> bool {
        self.half_cycle.is_some_and(|told| told(self.user, &half_cycle.into()) != 0)
    }
}
