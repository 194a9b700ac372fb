//! What bench and board say to each other.
//!
//! In come and out go plain data, in postcard's encoding. This file must not know frames, ports or meters. The order of
//! the variants and fields is the wire format: a release in which it has changed or grown needs a new
//! [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION); `Request::Hello` and `Error::Version` stay as they are for ever.

use heapless::{String, Vec};
use serde::{Deserialize, Serialize};

use crate::calibration::{CalibrationRequest, CalibrationState};
use crate::device::{DeviceAnswer, DeviceRequest};
use crate::energy::{EnergyRequest, EnergyState};
use crate::events::{EventLimits, Events};
use crate::residual::{Command, Notices, Residual};
use crate::settings::{SettingsAnswer, SettingsRequest};
use crate::signal::{Block, Signal};
use crate::window::Window;
use crate::{MAX_CURRENTS, MAX_WINDOWS};

/// From the bench to the board.
#[expect(clippy::large_enum_variant, reason = "there is no heap to put the configuration on")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Starts a session: the board forgets its configuration and takes the sequence number as the first one.
    Hello {
        /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION) of the bench.
        version: u16,
    },
    /// Builds a meter; frames, windows and digest start anew.
    Configure(Config),
    /// Frames of samples, see [`Config::frame_bytes`].
    Samples {
        /// Number of frames sent since `Configure` before these.
        first_frame: u64,
        /// Whole frames one after the other, at most [`Hello::max_data`] bytes and [`Config::max_frames`] frames.
        data: &'a [u8],
    },
    /// Asks for the counters.
    Status,
    /// Asks for the events since the last time.
    Events,
    /// Asks something of the residual-current monitor.
    Residual(Command),
    /// Asks something of the energy registers.
    Energy(EnergyRequest),
    /// Reads or writes the calibration.
    Calibration(CalibrationRequest),
    /// Sees and presses the device's front, or asks what the board is.
    Device(DeviceRequest),
    /// Sets the board's own signal, from the next frame on that it samples of it.
    Signal(Signal),
    /// Lets the board sample and meter frames of its own signal, in the same way as those of `Samples`.
    Run {
        /// So many frames: at most half a second, with codes at most [`Config::block_frames`].
        frames: u32,
        /// Whether the codes are wanted: `Block` is the answer, else `Readings`.
        with_codes: bool,
    },
    /// The same as `Samples`, in fewer bytes where the codes are smooth.
    Compressed {
        /// Number of frames sent since `Configure` before these.
        first_frame: u64,
        /// Number of these, at most [`Config::max_frames`] of any number of bytes.
        frames: u32,
        /// What [`compress`](crate::compressed::compress) makes of them, at most [`Hello::max_data`] bytes.
        data: &'a [u8],
    },
    /// Asks something of the device's settings.
    Settings(#[serde(borrow)] SettingsRequest<'a>),
}

/// From the board to the bench, one per request.
#[expect(clippy::large_enum_variant, reason = "there is no heap to put the windows on")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// To `Hello`.
    Hello(Hello),
    /// To `Configure`.
    Configured,
    /// To `Samples` and `Compressed`, and to `Run` without codes: the windows that these samples completed, oldest first.
    Readings(Vec<Window, MAX_WINDOWS>),
    /// To `Status`.
    Status(Status),
    /// The request was not executed, for this reason.
    Error(Error),
    /// To `Events`.
    Events(Events),
    /// To `Residual`.
    Residual(Notices),
    /// To `Energy`.
    Energy(EnergyState),
    /// To `Calibration`.
    Calibration(CalibrationState),
    /// To `Device`.
    Device(DeviceAnswer),
    /// To `Signal`.
    SignalSet,
    /// To `Run` with codes.
    Block(Block),
    /// To `Settings`.
    Settings(SettingsAnswer),
}

/// Who the board is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION) of the board.
    pub version: u16,
    /// Name of the board.
    pub board: String<32>,
    /// Version of its firmware.
    pub firmware: String<32>,
    /// Most bytes of samples in one request.
    pub max_data: u32,
    /// Clock of the processor in hertz; 0 where the board does not know it.
    pub clock_hz: u32,
}

/// Counters of the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Frames of samples taken since `Configure`.
    pub frames: u64,
    /// Windows completed since `Configure`.
    pub windows: u32,
    /// [`Digest`](crate::Digest) over these windows.
    pub digest: u64,
    /// Instructions executed since the board started; 0 where it cannot count them.
    pub instructions: u64,
    /// Those of them spent since `Configure` on metering: unpacking the samples and running the core.
    pub metering_instructions: u64,
    /// Damaged frames received since the board started.
    pub damaged_frames: u32,
}

/// Nominal frequency of the mains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nominal {
    /// From the measured frequency: 50 Hz below 55 Hz, 60 Hz above.
    Auto,
    /// Windows of 10 cycles.
    Hz50,
    /// Windows of 12 cycles.
    Hz60,
}

/// Settings of one channel; ranges and meaning as in `metering_core::calibration::Channel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Volt or ampere at full scale, 32 bits behind the point.
    pub range: u64,
    /// Correction of the gain in ppm.
    pub gain_ppm: i32,
    /// The channel is wired the wrong way round.
    pub inverted: bool,
    /// Lag of the sensor in thousandths of a degree.
    pub phase: i16,
    /// How much later than its frame the channel is sampled, in 256ths of a sample.
    pub delay: i16,
    /// The DC is a signal, and this (in 256ths) is the code of its zero; `None`: the DC is an offset of the sensor.
    pub zero: Option<i32>,
    /// RMS of the channel's own noise, in the unit of the range, 32 bits behind the point.
    pub noise: u64,
    /// Codes at and beyond which the channel is clipped; `None`: the ends of the ADC's range.
    pub clip: Option<(i32, i32)>,
}

impl Channel {
    /// A channel that needs no correction.
    pub const fn new(range: u64) -> Self {
        Self { range, gain_ppm: 0, inverted: false, phase: 0, delay: 0, zero: None, noise: 0, clip: None }
    }
}

/// No-load threshold of all currents; as in `metering_core::config::NoLoad`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoLoad {
    /// Active power in watt, 24 bits behind the point.
    pub power: i64,
    /// Current in ampere, 32 bits behind the point.
    pub current: u64,
    /// Hysteresis in percent.
    pub hysteresis: u8,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Frames per second, 32 bits behind the point.
    pub sample_rate: u64,
    /// How much faster the clock runs than that, in 0.1 ppm.
    pub clock: i16,
    /// Bits of the ADC: the full-scale peak is 2^(`adc_bits` - 1) codes. Up to 16 a code travels in 2 bytes, above in 3.
    pub adc_bits: u8,
    /// Nominal frequency.
    pub nominal: Nominal,
    /// The voltage channel, if there is one.
    pub voltage: Option<Channel>,
    /// The current channels.
    pub currents: Vec<Channel, MAX_CURRENTS>,
    /// The residual-current channel, if there is one.
    pub residual: Option<Residual>,
    /// No-load threshold; `None`: every current counts.
    pub no_load: Option<NoLoad>,
    /// What counts as an event; `None`: nothing.
    pub events: Option<EventLimits>,
}

impl Config {
    /// Channels in a frame: voltage, currents, residual current, in this order, those that are configured.
    pub fn channels(&self) -> usize {
        usize::from(self.voltage.is_some()) + self.currents.len() + usize::from(self.residual.is_some())
    }

    /// Bytes of one code: two's complement, lowest byte first.
    pub const fn code_bytes(&self) -> usize {
        if self.adc_bits <= 16 { 2 } else { 3 }
    }

    /// Bytes of one frame: one code per channel.
    pub fn frame_bytes(&self) -> usize {
        self.channels() * self.code_bytes()
    }

    /// Most frames in one `Samples` request to a board that takes `max_data` bytes; 0 when not even one fits.
    ///
    /// Never more than half a second of frames: a window of 10 cycles lasts at least 0.145 s (69 Hz), so no more than
    /// [`MAX_WINDOWS`] can end in one request.
    pub fn max_frames(&self, max_data: u32) -> u32 {
        let by_size = max_data as usize / self.frame_bytes().max(1);
        let by_time = (self.sample_rate >> 33) as usize;
        by_size.min(by_time) as u32
    }
}

/// Why a request was not executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// The board speaks another version of the protocol.
    #[error("the board speaks protocol version {board}")]
    Version {
        /// Version of the board.
        board: u16,
    },
    /// There was no `Hello` since the board started, or its version was wrong.
    #[error("the board has not been greeted")]
    NoHello,
    /// Samples came before a configuration was accepted.
    #[error("the board is not configured")]
    NotConfigured,
    /// The configuration is not possible; an earlier one is dropped too.
    #[error("{field}: {reason}")]
    Config {
        /// Name of the field, as in [`Config`].
        field: String<24>,
        /// Value and allowed range, for people.
        reason: String<128>,
    },
    /// The samples do not follow those before.
    #[error("samples out of order, frame {expected} is next")]
    Gap {
        /// Number of the next frame.
        expected: u64,
    },
    /// The sequence number is neither that of the last request nor the one after.
    #[error("request out of order, number {expected} is next")]
    Sequence {
        /// The next number.
        expected: u16,
    },
    /// No whole number of frames, or more than allowed.
    #[error("samples are no whole number of frames, or too many")]
    Length,
    /// The checksum is right, but the message cannot be read.
    #[error("the board does not know this message")]
    Unknown,
}
