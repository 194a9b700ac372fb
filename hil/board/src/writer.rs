//! Who writes to the chip: the registers, the settings and the calibration have one between them.
//!
//! In come a pair of copies and the keeper of the registers, whose the chip is; out go pages. This file must not know what
//! they hold.

use crate::energy::Keeper;
use crate::store::Chip;
use crate::store::pair::Pair;

/// Most ticks while one request is executed: more than it takes to write a copy, after a save that goes on.
const MOST_TICKS: u32 = 128;

/// So many ticks that bring nothing on mean that the chip is busy.
const PATIENCE: u32 = 2;

/// Who writes a pair of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// The calibration.
    Calibration,
    /// The settings.
    Settings,
}

/// Goes on writing a pair until the chip is busy with a page. A save of the registers that goes on is let through first, none
/// is begun until the copy is written, and of two pairs the second waits for the first.
pub(crate) fn write<C: Chip>(pair: &mut Pair, writer: Writer, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
    let mut refused = 0;
    for _ in 0..MOST_TICKS {
        if !pair.is_busy() || refused == PATIENCE || !keeper.claim(writer) {
            break;
        }
        let got_on = if keeper.is_saving() { keeper.tick(now_us()) } else { pair.tick(keeper.chip(), now_us()) };
        refused = if got_on { 0 } else { refused + 1 };
    }
    if !pair.is_busy() {
        keeper.release(writer);
    }
}
