//! Residual current of type A: true RMS also behind a current transformer, pre-warning and alarm.
//!
//! In come the frames of one channel, out go readings per window and cycle, and changes of state at the interval that
//! decides them. This stage must not know voltage or load currents.
//!
//! # Readings
//! [`ResidualReading`]: true RMS with and without smooth DC, AC, the mean of a pulsation, peak and shape. A transformer
//! ([`Coupling::Transformer`]) loses the direct current of a pulsation; it is restored from the level at which the
//! current rests (IEC 61008-1: pulsating direct current stays within 6 mA of zero for 150 degrees of each period).
//!
//! # Decision
//! Sixteen times a cycle the RMS without DC over the last cycle is compared with the response of the alarm, 0.65 times
//! the rated current for type A (0.75 for type AC): above the non-operating 0.5, and below the least that a transformer
//! leaves of 1.4 times the rated current as pulsating DC (IEC 61008-1: 1.08, 1.25 and 1.33 at 0, 90 and 135 degrees).
//! Codes are cut to a band of ±2.55 times the rated current around their mean first, so at 8 kHz and more one interval,
//! a sixteenth of a cycle, can never bring the alarm: a surge of any height is none (the pre-warning, whose response is
//! lower, may come). The alarm is told at the frame that ends the deciding interval; a firmware learns it when
//! [`Meter::push`](crate::Meter::push) comes to that frame, so the wait for the end of the block comes on top: at most
//! its length over the sampling rate, 8 ms for 64 frames at 8 kHz.
//!
//! As long as the squares of the last two half cycles and the present one are below what the least response needs in a
//! cycle (a steady current below √(2/3) of that response) only half cycles are told apart, unless
//! [`Sink::residual_cycles`](crate::Sink::residual_cycles) asks for each cycle. A half cycle with more squares than both
//! before it and an eighth of that need is told apart from the code on that is above it; the intervals before it have even
//! shares of what flowed then: the decision may lie one interval from where it would be otherwise.
//!
//! The clock of the intervals follows the mains' frequency where there is a voltage and the nominal one where there is
//! none; from 42.5 to 69 Hz the decision holds either way.

#[cfg(not(feature = "residual"))]
mod absent;
mod alarm;
mod baseline;
mod calm;
mod clock;
mod cycles;
mod quiet;
mod reading;
mod restore;
mod ring;
mod settings;
mod stage;
mod supervision;
mod watch;

pub use reading::{Change, Kind, Notice, ResidualCycle, ResidualReading, State};
pub use settings::{Characteristic, Coupling, Monitor, Residual, ResidualFault, Type};

#[cfg(not(feature = "residual"))]
pub(crate) use absent::Stage;
pub(crate) use cycles::Cycles;
pub(crate) use restore::read;
#[cfg(feature = "residual")]
pub(crate) use stage::Stage;
