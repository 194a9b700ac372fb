//! What a meter is fed with and judged by: waveform files, synthetic signals, the f64 reference, the test catalogue.
//!
//! Nothing here shares code with the meter: a fault in the meter's arithmetic cannot hide in its reference.

pub mod catalogue;
pub mod channels;
pub mod comtrade;
pub mod csv;
pub mod file;
pub mod located;
pub mod quantise;
pub mod recording;
pub mod reference;
pub mod synthesis;
pub mod wav;

pub use channels::Channels;
