//! Pointers to plain data: checked, then followed.
//!
//! In comes a pointer, out goes a reference, a slice or a status. All types here consist of integers and of functions
//! that may be null, so every pattern of bits is one of their values. This file must not know what the data mean.
#![expect(unsafe_code, reason = "C hands over pointers; here they are checked and followed")]

use core::mem::align_of;
use core::slice;

use crate::status::Status;

/// Types whose every pattern of bits is a value.
///
/// # Safety
/// Only for `repr(C)` structures of integers, `Option<extern "C" fn>`, raw pointers and such structures.
pub(crate) unsafe trait Plain: Copy {}

macro_rules! plain {
    ($($type:ty),+ $(,)?) => {
        $(
            // SAFETY: integers, raw pointers, optional functions, or `repr(C)` structures of them.
            unsafe impl Plain for $type {}
        )+
    };
}

plain!(
    i16,
    i32,
    u32,
    u64,
    crate::config::Config,
    crate::energy::EnergyRegisters,
    crate::energy::EnergyUnits,
    crate::meter::BlockI16,
    crate::meter::BlockI32,
    crate::reading::Reading,
    crate::sink::Callbacks,
    crate::status::Fault,
    crate::units::Derived,
    crate::units::Units,
);

/// Whether a pointer is there and aligned for `T`.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), Status> {
    if pointer.is_null() {
        Err(Status::Null)
    } else if pointer.addr().is_multiple_of(align_of::<T>()) {
        Ok(())
    } else {
        Err(Status::Misaligned)
    }
}

/// A copy of what a pointer points to.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to a whole `T`.
pub(crate) unsafe fn get<T: Plain>(pointer: *const T) -> Result<T, Status> {
    check(pointer)?;
    // SAFETY: not null, aligned, and by the caller's word a whole `T`, of which every pattern of bits is a value.
    Ok(unsafe { pointer.read() })
}

/// A structure to read in place.
///
/// # Safety
/// As for [`get`]; nothing writes there while the reference lives.
pub(crate) unsafe fn at<'a, T: Plain>(pointer: *const T) -> Result<&'a T, Status> {
    check(pointer)?;
    // SAFETY: as above, and by the caller's word nobody writes there meanwhile.
    Ok(unsafe { &*pointer })
}

/// A structure to change in place.
///
/// # Safety
/// As for [`get`]; nothing else uses it while the reference lives.
pub(crate) unsafe fn at_mut<'a, T: Plain>(pointer: *mut T) -> Result<&'a mut T, Status> {
    check(pointer)?;
    // SAFETY: as above, and by the caller's word nobody uses it meanwhile.
    Ok(unsafe { &mut *pointer })
}

/// Writes a structure.
///
/// # Safety
/// As for [`get`], to memory that may be written to.
pub(crate) unsafe fn put<T: Plain>(pointer: *mut T, value: T) -> Result<(), Status> {
    check(pointer)?;
    // SAFETY: not null, aligned, and by the caller's word writable memory for a whole `T`.
    unsafe { pointer.write(value) };
    Ok(())
}

/// `count` codes; none where `count` is 0, whatever the pointer is.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to `count` codes that nothing writes while the slice lives.
pub(crate) unsafe fn codes<'a, S: Plain>(pointer: *const S, count: usize) -> Result<&'a [S], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    check(pointer)?;
    // A slice must not be longer than half the address space, nor reach beyond its end.
    let bytes = count.checked_mul(size_of::<S>()).filter(|&bytes| isize::try_from(bytes).is_ok());
    if bytes.and_then(|bytes| pointer.addr().checked_add(bytes)).is_none() {
        return Err(Status::Length);
    }
    // SAFETY: not null, aligned, its length possible, and by the caller's word that many codes.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}
