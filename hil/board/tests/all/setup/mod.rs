//! The settings of a board over the link: imported as a whole, kept through power cuts, taken into use by a restart, and what
//! they then do.

mod common;
mod factory;
mod import;
mod kept;
mod used;
