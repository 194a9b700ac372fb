//! What a frame costs on each core, counted on the emulator, and what the library takes of flash, RAM and stack.
//!
//! In come firmware images that count, out go rows of `target/cost.json` and the table of the README. This crate must not
//! know how the meter works.

pub mod emulator;
pub mod figures;
pub mod size;
pub mod table;
