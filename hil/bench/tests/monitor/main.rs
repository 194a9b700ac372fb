//! `hil monitor` in a pseudo-terminal of 80 columns and 24 lines: what stands on the screen, and how the terminal is left.
//!
//! A terminal in memory takes what the program writes; `stty` tells the mode of the line.

#[path = "../support/mod.rs"]
mod support;

mod boards;
mod leaving;
mod pages;
mod terminal;
