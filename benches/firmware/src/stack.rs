//! How deep the stack was: paints what lies below it and looks how far the paint is gone.
//!
//! In comes work to do, out go bytes of stack. This file must not know what the work is.
#![expect(unsafe_code, reason = "the stack below this function is no object of Rust's; only here it is looked at")]

use core::hint::black_box;
use core::ptr;

/// More than anything here takes.
const PAINTED: usize = 4096;
const PAINT: u32 = 0x5eed_c0de;

/// Bytes of stack that `work` takes below its caller's frame.
#[inline(never)]
pub fn depth(work: impl FnOnce()) -> usize {
    let here = black_box(0u32);
    // Beyond the frame of this function, which may lie below `here`.
    let top = (ptr::from_ref(&here).expose_provenance() & !3) - 64;
    paint(top);
    work();
    let free = clean(top);
    // What lies between `here` and `top` is the work's too.
    64 + PAINTED - free
}

#[inline(never)]
fn paint(top: usize) {
    for word in (top - PAINTED..top).step_by(4) {
        // SAFETY: below the frames of all running functions but this one, whose frame is smaller than what `depth` leaves
        // free; the machine's RAM reaches far deeper.
        unsafe { ptr::with_exposed_provenance_mut::<u32>(word).write_volatile(PAINT) }
    }
}

/// Painted bytes that nothing wrote to, from the lower end.
#[inline(never)]
fn clean(top: usize) -> usize {
    // SAFETY: as in `paint`; what is read was written there.
    let is_clean = |&word: &usize| unsafe { ptr::with_exposed_provenance::<u32>(word).read_volatile() } == PAINT;
    (top - PAINTED..top).step_by(4).take_while(is_clean).count() * 4
}
