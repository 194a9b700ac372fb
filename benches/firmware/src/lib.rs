//! What the counting programs share: the signal, the meter with all that hangs on it, the counter and the depth of the
//! stack. Empty but on a board.
#![no_std]

#[cfg(target_os = "none")]
pub mod counter;
#[cfg(target_os = "none")]
pub mod everything;
#[cfg(target_os = "none")]
pub mod stack;
#[cfg(target_os = "none")]
pub mod wave;
