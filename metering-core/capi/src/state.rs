//! A meter in the caller's memory.
//!
//! In come pointers to that memory, out goes the meter in it, for one call at a time. The first word says whether there
//! is a meter, of which width, and whether it is at work; it is all that is read before that is known. This file must not
//! know what a meter does.
#![expect(unsafe_code, reason = "the meter lives in memory that C hands over")]

use core::mem::{MaybeUninit, align_of, size_of};
use core::sync::atomic::{Ordering, compiler_fence};

use metering_core::config::Config;
use metering_core::{Meter, Sample};

use crate::METERING_CURRENTS;
use crate::memory;
use crate::status::Status;

/// Bytes of a `metering_state`: the largest of what the targets and widths need.
pub const METERING_STATE_SIZE: usize = 5864;
/// Its alignment.
pub const METERING_STATE_ALIGN: usize = 8;

/// A meter. Only its size means something to the caller. It holds no address: it may be copied and moved between calls.
#[repr(C)]
pub struct State {
    /// Private to the library.
    pub memory: [u64; 733],
}

const _: () = assert!(size_of::<State>() == METERING_STATE_SIZE && align_of::<State>() <= METERING_STATE_ALIGN);
// With cargo features that make the core's meter larger, which is for the PC only, `write` refuses instead.
#[cfg(target_os = "none")]
const _: () =
    assert!(needed() <= METERING_STATE_SIZE, "the meter has grown: METERING_STATE_SIZE and State must follow");
const _: () = assert!(align_of::<Cell<i16>>() <= align_of::<State>() && align_of::<Cell<i32>>() <= align_of::<State>());

/// Codes that C hands over.
pub(crate) trait Width: Sample + memory::Plain {
    /// First word of a meter of this width that may be used.
    const READY: u32;
    /// First word while it is at work.
    const BUSY: u32;
}

impl Width for i16 {
    const READY: u32 = 0x4d65_7432;
    const BUSY: u32 = 0x6d65_7432;
}

impl Width for i32 {
    const READY: u32 = 0x4d65_7434;
    const BUSY: u32 = 0x6d65_7434;
}

/// A meter behind its first word.
#[repr(C)]
struct Cell<S: Sample> {
    word: u32,
    meter: Meter<S, METERING_CURRENTS>,
}

/// Bytes a meter really takes with this library.
pub(crate) const fn needed() -> usize {
    let (narrow, wide) = (size_of::<Cell<i16>>(), size_of::<Cell<i32>>());
    if narrow > wide { narrow } else { wide }
}

/// Makes a meter in memory of `size` bytes.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to `size` bytes that may be written to.
pub(crate) unsafe fn write<S: Width>(
    state: *mut State,
    size: usize,
    config: &Config<S, METERING_CURRENTS>,
) -> Result<(), Status> {
    memory::check(state)?;
    if size < METERING_STATE_SIZE || METERING_STATE_SIZE < size_of::<Cell<S>>() {
        return Err(Status::Short);
    }
    // SAFETY: not null, aligned, and by the caller's word there are `size` bytes.
    let found = unsafe { state.cast::<u32>().read_volatile() };
    if found == i16::BUSY || found == i32::BUSY {
        return Err(Status::Busy);
    }
    // SAFETY: not null, aligned, and by the caller's word enough memory to write to.
    let cell = unsafe { &mut *state.cast::<MaybeUninit<Cell<S>>>() }.as_mut_ptr();
    // SAFETY: in bounds of the same.
    let word = unsafe { &raw mut (*cell).word };
    // SAFETY: the first word; the rest is a place that need not hold anything yet.
    unsafe { work::<S, ()>(word, || make(&mut *(&raw mut (*cell).meter).cast(), config)) };
    Ok(())
}

/// Makes a meter where it stays: a copy on the way would take as much of the stack.
#[inline(never)]
fn make<S: Sample>(place: &mut MaybeUninit<Meter<S, METERING_CURRENTS>>, config: &Config<S, METERING_CURRENTS>) {
    place.write(Meter::new(*config));
}

/// Uses a meter of this width.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to a whole state, which nothing else uses but through this
/// library.
pub(crate) unsafe fn with<S: Width, R>(
    state: *mut State,
    run: impl FnOnce(&mut Meter<S, METERING_CURRENTS>) -> R,
) -> Result<R, Status> {
    memory::check(state)?;
    let cell = state.cast::<Cell<S>>();
    // SAFETY: not null, aligned, in bounds. Only the first word, as whoever is at work holds a reference to the rest.
    let word = unsafe { &raw mut (*cell).word };
    // SAFETY: as above. Volatile, as an interrupt may have written it.
    let found = unsafe { word.read_volatile() };
    if found == i16::BUSY || found == i32::BUSY {
        return Err(Status::Busy);
    }
    if found != S::READY {
        return Err(Status::State);
    }
    // SAFETY: the word said that `write` has put a meter of this width here, and that nobody is at work with it.
    Ok(unsafe { work::<S, R>(word, || run(&mut (*cell).meter)) })
}

/// Does something to a meter while its first word says that it is at work: an interrupt on the same processor that finds
/// it sees that. What is done stays between both writes. A panic would end the program at the border to C.
///
/// # Safety
/// The first word of a state that may be written to.
unsafe fn work<S: Width, R>(word: *mut u32, run: impl FnOnce() -> R) -> R {
    // SAFETY: the caller's word.
    unsafe { word.write_volatile(S::BUSY) };
    compiler_fence(Ordering::SeqCst);
    let done = run();
    compiler_fence(Ordering::SeqCst);
    // SAFETY: the caller's word.
    unsafe { word.write_volatile(S::READY) };
    done
}

/// Uses a meter of whichever width.
///
/// # Safety
/// As for [`with`].
pub(crate) unsafe fn with_either<R>(
    state: *mut State,
    narrow: impl FnOnce(&mut Meter<i16, METERING_CURRENTS>) -> R,
    wide: impl FnOnce(&mut Meter<i32, METERING_CURRENTS>) -> R,
) -> Result<R, Status> {
    // SAFETY: the caller's word.
    match unsafe { with::<i16, R>(state, narrow) } {
        // SAFETY: the caller's word.
        Err(Status::State) => unsafe { with::<i32, R>(state, wide) },
        done => done,
    }
}
