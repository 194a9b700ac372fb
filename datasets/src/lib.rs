//!
//! Nothing here shares code with the meter: a fault in the meter's arithmetic cannot hide in its reference.

pub mod channels;
pub mod csv;
pub mod quantise;
pub mod reference;
pub mod synthesis;

pub use channels::Channels;
