//! A board between two ends of a line in memory, against the core run directly on the same codes.

mod common;
mod compressed;
mod readings;
mod requests;
