//! Frames and messages that bench and board speak over a serial link; `PROTOCOL.md` has the byte layout.
//!
//! In come bytes, out go messages, and the other way round. This crate must not know a port, a clock or a board: bytes
//! and time are handed in by the caller. No allocation, no `std`.
//!
//! - [`message`]: what is said, [`window`], [`events`], [`residual`], [`energy`], [`calibration`], [`device`], [`signal`],
//!   [`settings`]: readings, events, the residual current, the energy registers, the calibration, the device's front, the
//!   board's own signal and the device's settings as they travel.
//! - [`compressed`]: codes in fewer bytes.
//! - [`frame`], [`decoder`]: how it is wrapped so that damage shows.
//! - [`client`], [`server`]: the two ends, one request at a time, with retry and without double execution; [`policy`]: how
//!   long the bench's end waits.
//! - [`digest`]: 64 bits that tell whether two runs gave the same readings.
#![no_std]

pub mod calibration;
pub mod client;
pub mod compressed;
pub mod decoder;
pub mod device;
pub mod digest;
pub mod energy;
pub mod events;
pub mod frame;
pub mod message;
pub mod policy;
pub mod residual;
pub mod server;
pub mod settings;
pub mod signal;
pub mod window;

pub use calibration::{Calibration, CalibrationRequest, CalibrationState, Correction, OutOfRange, Place};
pub use client::{Client, Next};
pub use decoder::{Damage, Decoder};
pub use device::{BoardInfo, Colour, DeviceAnswer, DeviceRequest, PanelMode, PanelState, Pattern, ResetCause};
pub use digest::Digest;
pub use energy::{Energies, EnergyChannel, EnergyRequest, EnergyState, Memory, SaveWhen};
pub use events::{Event, EventKind, EventLimits, Events, MAX_EVENTS, Overload};
pub use frame::{Frame, Kind, encode};
pub use message::{Channel, Config, Error, Hello, NoLoad, Nominal, Request, Response, Status};
pub use policy::Policy;
pub use residual::{MAX_NOTICES, Monitor, Notice, Notices, Residual, ResidualReading};
pub use server::Server;
pub use settings::{LineVerdict, SettingsAnswer, SettingsRequest, SettingsState};
pub use signal::{Block, Signal, Tone, Waveform};
pub use window::Window;

/// Version of everything in this crate that is seen on the wire. Both ends must have the same, so each release that adds,
/// changes or removes a message, or a field of one, raises it.
pub const PROTOCOL_VERSION: u16 = 4;

/// Most current channels of one board.
pub const MAX_CURRENTS: usize = 8;

/// Most windows in one answer. [`Config::max_frames`] keeps a block of samples short enough.
pub const MAX_WINDOWS: usize = 4;

/// Length of the longest answer as a frame, in bytes, its closing zero included.
pub const ANSWER_MAX: usize = 3648;

/// Length of the longest frame of a [`Request::Compressed`] with `data` bytes of samples, in bytes, its closing zero
/// included; that of a [`Request::Samples`] is shorter. Any other request is shorter than `samples_frame(960)`.
pub const fn samples_frame(data: usize) -> usize {
    // Header, message tag, number of the first frame, number of frames, length, data, checksum.
    let raw = frame::HEADER + 1 + 10 + 5 + 5 + data + frame::CHECKSUM;
    // COBS adds one byte, and one more per 254; then the closing zero.
    raw + 1 + raw / 254 + 1
}
