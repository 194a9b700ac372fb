//! What a frame costs on each core, counted on the emulator and by callgrind, what the library takes of flash, RAM and
//! stack, and the meters that it is held against.
//!
//! In come firmware images that count, out go rows of `target/cost.json`, the table of the README and its plots. What is
//! counted stands in `meters` and in the firmware; no other file of this crate knows how a meter works.

pub mod chart;
pub mod counted;
pub mod emulator;
pub mod figures;
pub mod host;
pub mod meters;
pub mod parts;
pub mod peers;
pub mod plots;
pub mod size;
pub mod table;
