//! The console as a pure machine: what is typed, what a terminal then shows, and what hostile bytes may not do.
//!
//! What a terminal shows is read with the emulator `vt100`, what is typed with an editor written here anew.

mod answers;
mod desk;
mod editing;
mod flow;
