//! What a call returns, and the names of settings.
//!
//! Plain numbers; their values do not change. This file must not know why something fails.
#![expect(unsafe_code, reason = "functions that C calls by name")]

use core::ffi::{CStr, c_char};

/// What a function returns. 0 is success; with anything else nothing was done, unless the function says otherwise.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is null that must not be.
    Null = 1,
    /// A pointer is not aligned for what it points to.
    Misaligned = 2,
    /// The memory is too short for a state, or codes do not make whole frames.
    Short = 3,
    /// A length is beyond the address space.
    Length = 4,
    /// The memory holds no meter, or one of the other width of codes.
    State = 5,
    /// The meter is at work: it was called from within its own callback, or by an interrupt during a call.
    Busy = 6,
    /// A setting is out of its range; the fault names it.
    Config = 7,
    /// There is no such channel, or it is not configured.
    Channel = 8,
    /// Energy registers contradict themselves.
    Corrupt = 9,
    /// The monitor cannot do this now, or there is none.
    Refused = 10,
}

impl Status {
    /// The status of a result.
    pub(crate) fn of(result: Result<(), Self>) -> Self {
        result.err().unwrap_or(Self::Ok)
    }
}

/// A setting of `metering_config`.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// No setting is wrong.
    None = 0,
    /// `sample_rate`, allowed are 2 000 to 64 000 Hz.
    SampleRate = 1,
    /// `clock`, allowed are -10 000 to 10 000 tenths of a ppm.
    Clock = 2,
    /// `code_bits`, allowed are 8 to 16 with `int16_t`, 8 to 24 with `int32_t`.
    CodeBits = 3,
    /// `nominal_hz`, allowed are 0, 50 and 60.
    NominalHz = 4,
    /// `range` of a channel, allowed are 1 mV to 10 MV or 1 µA to 10 MA.
    Range = 5,
    /// `gain_ppm` of a channel, allowed are -500 000 to 500 000.
    GainPpm = 6,
    /// `phase` of a channel, allowed are -10 000 to 10 000 thousandths of a degree.
    Phase = 7,
    /// `delay` of a channel, allowed are -2 560 to 2 560 256ths of a sample.
    Delay = 8,
    /// `zero` of a channel, allowed are the codes of the ADC.
    Zero = 9,
    /// `noise` of a channel, allowed is up to the range.
    Noise = 10,
    /// `clip_low` and `clip_high` of a channel, allowed are two rising codes of the ADC.
    Clip = 11,
    /// `corner_mhz`, allowed are 0 and 500 to 10 000 mHz.
    CornerMhz = 12,
    /// `rated`, allowed are 6 mA to 10 A, at most a third and at least 1/1024 of the range, at least 8 codes.
    Rated = 13,
    /// `detects`, allowed are 0 and 1.
    Detects = 14,
    /// `pre_warning_percent`, allowed are 50 to 100.
    PreWarningPercent = 15,
    /// `hysteresis_percent` of the monitor, allowed are 10 to 25.
    HysteresisPercent = 16,
    /// `characteristic`, allowed are 0, 1 and 2.
    Characteristic = 17,
    /// `response_delay_ms`, allowed are 0 to 10 ms (general), 0 ms (short-delay), 0 to 15 ms (selective).
    ResponseDelayMs = 18,
    /// `pre_warning_delay_ms`, allowed are 0 to 10 000 ms.
    PreWarningDelayMs = 19,
    /// `release_delay_ms`, allowed are 0 to 300 000 ms.
    ReleaseDelayMs = 20,
    /// `start_up_delay_ms`, allowed are 0 to 10 000 ms.
    StartUpDelayMs = 21,
    /// `least_noise`, allowed is up to the rated current.
    LeastNoise = 22,
    /// `no_load`, allowed are 0 to 1 MW, 0 to 100 kA, a hysteresis of 0 to 100 percent.
    NoLoad = 23,
    /// No channel is used, at least one is needed.
    Channels = 24,
    /// A setting that this version cannot name.
    Other = 25,
}

/// Names in the order of the numbers.
const NAMES: [&CStr; 26] = [
    c"none",
    c"sample_rate",
    c"clock",
    c"code_bits",
    c"nominal_hz",
    c"range",
    c"gain_ppm",
    c"phase",
    c"delay",
    c"zero",
    c"noise",
    c"clip",
    c"corner_mhz",
    c"rated",
    c"detects",
    c"pre_warning_percent",
    c"hysteresis_percent",
    c"characteristic",
    c"response_delay_ms",
    c"pre_warning_delay_ms",
    c"release_delay_ms",
    c"start_up_delay_ms",
    c"least_noise",
    c"no_load",
    c"channels",
    c"other",
];

/// `channel` of a fault that belongs to no channel.
pub const METERING_NO_CHANNEL: i32 = -1;
/// `channel` of the voltage. Currents count from 0.
pub const METERING_VOLTAGE: i32 = 100;
/// `channel` of the residual current.
pub const METERING_RESIDUAL: i32 = 101;

/// Which setting is wrong.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting: a `metering_field`.
    pub field: i32,
    /// Whose setting: 0 to 7 a current, METERING_VOLTAGE, METERING_RESIDUAL, METERING_NO_CHANNEL.
    pub channel: i32,
}

/// Version of the library; compare it with METERING_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn metering_version() -> u32 {
    crate::METERING_VERSION
}

/// Name of a `metering_field` as it stands in `metering_config`; "other" for a number that is none. Never null, never
/// freed.
#[unsafe(no_mangle)]
pub extern "C" fn metering_field_name(field: i32) -> *const c_char {
    usize::try_from(field).ok().and_then(|field| NAMES.get(field)).unwrap_or(&c"other").as_ptr()
}
