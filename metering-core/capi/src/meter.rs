//! The functions of a meter: make, hand over codes, tell of a gap, ask for the residual current's state.
//!
//! In come pointers and numbers, out go status codes. This file must not know how memory is checked or what a code means.
#![expect(unsafe_code, reason = "functions that C calls by name with pointers")]

use metering_core::config;
use metering_core::{Block, Meter};

use crate::METERING_CURRENTS;
use crate::config::Config;
use crate::memory;
use crate::sink::Callbacks;
use crate::state::{self, State, Width};
use crate::status::{Fault, Status};

/// Codes of 8 to 16 bits, one buffer per channel, as a DMA leaves them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BlockI16 {
    /// Codes of the voltage; not looked at where it is not configured.
    pub voltage: *const i16,
    /// The same of the currents.
    pub currents: [*const i16; METERING_CURRENTS],
    /// The same of the residual current.
    pub residual: *const i16,
    /// Codes in each of them.
    pub frames: usize,
}

/// Codes of 8 to 24 bits, one buffer per channel.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BlockI32 {
    /// Codes of the voltage; not looked at where it is not configured.
    pub voltage: *const i32,
    /// The same of the currents.
    pub currents: [*const i32; METERING_CURRENTS],
    /// The same of the residual current.
    pub residual: *const i32,
    /// Codes in each of them.
    pub frames: usize,
}

/// Makes a meter: checks the settings, then the memory.
///
/// # Safety
/// As the exported functions say.
unsafe fn init<S: Width>(
    state: *mut State,
    size: usize,
    config: *const Config,
    fault: *mut Fault,
) -> Result<(), Status> {
    memory::check(state)?;
    // SAFETY: the caller's word.
    let config = unsafe { memory::at(config) }?;
    if !fault.is_null() {
        memory::check(fault)?;
    }
    let checked = config.settings().and_then(|settings| config::Config::<S, _>::new(settings).map_err(Fault::of));
    if !fault.is_null() {
        // SAFETY: checked above, and the caller's word.
        unsafe { memory::put(fault, checked.err().unwrap_or(Fault::NONE)) }?;
    }
    let config = checked.map_err(|_| Status::Config)?;
    // SAFETY: the caller's word.
    unsafe { state::write(state, size, &config) }
}

/// The codes of a channel, if it is configured.
///
/// # Safety
/// As [`memory::codes`].
unsafe fn part<'a, S: Width>(configured: bool, codes: *const S, frames: usize) -> Result<&'a [S], Status> {
    // SAFETY: the caller's word.
    if configured { unsafe { memory::codes(codes, frames) } } else { Ok(&[]) }
}

/// Takes a block.
///
/// # Safety
/// As the exported functions say.
unsafe fn push<S: Width>(
    state: *mut State,
    voltage: *const S,
    currents: &[*const S; METERING_CURRENTS],
    residual: *const S,
    frames: usize,
    callbacks: *const Callbacks,
) -> Result<(), Status> {
    // SAFETY: the caller's word.
    let mut callbacks = unsafe { memory::get(callbacks) }?;
    let take = |meter: &mut Meter<S, METERING_CURRENTS>| {
        let settings = *meter.config().settings();
        let mut block = Block { voltage: &[][..], currents: [&[][..]; METERING_CURRENTS], residual: &[][..] };
        // SAFETY: the caller's word, here and below.
        block.voltage = unsafe { part(settings.voltage.is_some(), voltage, frames) }?;
        for ((mine, &codes), channel) in block.currents.iter_mut().zip(currents).zip(&settings.currents) {
            *mine = unsafe { part(channel.is_some(), codes, frames) }?;
        }
        block.residual = unsafe { part(settings.residual.is_some(), residual, frames) }?;
        meter.push(&block, &mut callbacks);
        Ok(())
    };
    // SAFETY: the caller's word.
    unsafe { state::with(state, take) }?
}

/// Takes interleaved frames.
///
/// # Safety
/// As the exported functions say.
unsafe fn push_interleaved<S: Width>(
    state: *mut State,
    codes: *const S,
    count: usize,
    callbacks: *const Callbacks,
) -> Result<(), Status> {
    // SAFETY: the caller's word, here and below.
    let mut callbacks = unsafe { memory::get(callbacks) }?;
    let codes = unsafe { memory::codes(codes, count) }?;
    let take = |meter: &mut Meter<S, METERING_CURRENTS>| {
        // A meter has at least one channel.
        if !codes.len().is_multiple_of(meter.config().settings().channels().max(1)) {
            return Err(Status::Short);
        }
        meter.push_interleaved(codes, &mut callbacks);
        Ok(())
    };
    unsafe { state::with(state, take) }?
}

/// Tells of lost frames.
///
/// # Safety
/// As the exported functions say.
unsafe fn gap<S: Width>(state: *mut State, frames: u64, callbacks: *const Callbacks) -> Result<(), Status> {
    // SAFETY: the caller's word, here and below.
    let mut callbacks = unsafe { memory::get(callbacks) }?;
    unsafe { state::with(state, |meter: &mut Meter<S, METERING_CURRENTS>| meter.gap(frames, &mut callbacks)) }
}

/// Bytes that this library really uses of a `metering_state`, METERING_STATE_SIZE at most.
#[unsafe(no_mangle)]
pub extern "C" fn metering_state_size() -> usize {
    state::needed()
}

/// Makes a meter for codes of 8 to 16 bits in `state`, which has `size` bytes: `sizeof` of it. METERING_STATUS_BUSY for a
/// meter that is at work; memory that may hold one whose call never returned is set to zero first. With
/// METERING_STATUS_CONFIG `fault` (may be null) names the setting that is wrong. This call takes most of the stack: below
/// 11 KiB on a Cortex-M.
///
/// # Safety
/// `state` is null or points to `size` bytes that nothing else uses; the others are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_init_i16(
    state: *mut State,
    size: usize,
    config: *const Config,
    fault: *mut Fault,
) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { init::<i16>(state, size, config, fault) })
}

/// The same for codes of 8 to 24 bits.
///
/// # Safety
/// As for `metering_init_i16`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_init_i32(
    state: *mut State,
    size: usize,
    config: *const Config,
    fault: *mut Fault,
) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { init::<i32>(state, size, config, fault) })
}

/// Takes a block of any length, also none; calls back for each window that ends in it. How a stream is cut into blocks
/// changes no bit of the readings.
///
/// # Safety
/// Pointers are null or point to what they say, the buffers of configured channels to `frames` codes; nothing writes
/// there before the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_push_i16(
    state: *mut State,
    block: *const BlockI16,
    callbacks: *const Callbacks,
) -> Status {
    // SAFETY: the caller's word, here and below.
    let block = unsafe { memory::get(block) };
    Status::of(block.and_then(|block| {
        let BlockI16 { voltage, currents, residual, frames } = block;
        unsafe { push(state, voltage, &currents, residual, frames, callbacks) }
    }))
}

/// The same with codes of 8 to 24 bits; a code beyond 24 bits counts as the nearest one.
///
/// # Safety
/// As for `metering_push_i16`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_push_i32(
    state: *mut State,
    block: *const BlockI32,
    callbacks: *const Callbacks,
) -> Status {
    // SAFETY: the caller's word, here and below.
    let block = unsafe { memory::get(block) };
    Status::of(block.and_then(|block| {
        let BlockI32 { voltage, currents, residual, frames } = block;
        unsafe { push(state, voltage, &currents, residual, frames, callbacks) }
    }))
}

/// Takes frames as a scanning ADC leaves them: the codes of the configured channels in the order voltage, currents,
/// residual, frame after frame. METERING_STATUS_SHORT, and nothing taken, where `count` codes are not whole frames.
///
/// # Safety
/// As for `metering_push_i16`, with `count` codes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_push_interleaved_i16(
    state: *mut State,
    codes: *const i16,
    count: usize,
    callbacks: *const Callbacks,
) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { push_interleaved(state, codes, count, callbacks) })
}

/// The same with codes of 8 to 24 bits.
///
/// # Safety
/// As for `metering_push_interleaved_i16`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_push_interleaved_i32(
    state: *mut State,
    codes: *const i32,
    count: usize,
    callbacks: *const Callbacks,
) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { push_interleaved(state, codes, count, callbacks) })
}

/// Tells that `frames` frames were lost; the window is flagged METERING_GAP. The lock is kept for up to a second.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_gap_i16(state: *mut State, frames: u64, callbacks: *const Callbacks) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { gap::<i16>(state, frames, callbacks) })
}

/// The same for codes of 8 to 24 bits.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_gap_i32(state: *mut State, frames: u64, callbacks: *const Callbacks) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { gap::<i32>(state, frames, callbacks) })
}

/// Frames taken so far, lost ones included.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_frames(state: *mut State, frames: *mut u64) -> Status {
    // SAFETY: the caller's word, here and below.
    let count = unsafe { state::with_either(state, |meter| meter.frames(), |meter| meter.frames()) };
    Status::of(count.and_then(|count| unsafe { memory::put(frames, count) }))
}

/// What is on of the residual current: METERING_STATE_PRE_WARNING and the like; 0 without a monitor.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_residual_state(state: *mut State, bits: *mut u32) -> Status {
    // SAFETY: the caller's word, here and below.
    let found = unsafe { state::with_either(state, |meter| meter.residual_state(), |meter| meter.residual_state()) };
    Status::of(found.and_then(|found| unsafe { memory::put(bits, found.bits().into()) }))
}

/// Begins a self-test of the residual current's monitor: switch on a test current of 1.5 times the rated one, and off
/// when METERING_CHANGE_SELF_TEST is told. METERING_STATUS_REFUSED without a monitor, during the start-up delay, an alarm
/// or another test.
///
/// # Safety
/// `state` is null or points to a `metering_state`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_residual_test(state: *mut State) -> Status {
    // SAFETY: the caller's word.
    let begun = unsafe { state::with_either(state, Meter::test_residual, Meter::test_residual) };
    Status::of(begun.and_then(|begun| if begun { Ok(()) } else { Err(Status::Refused) }))
}

/// Takes the residual current's alarm and pre-warning back, latched or not.
///
/// # Safety
/// `state` is null or points to a `metering_state`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_residual_reset(state: *mut State) -> Status {
    // SAFETY: the caller's word.
    Status::of(unsafe { state::with_either(state, Meter::reset_residual, Meter::reset_residual) })
}
