//! The device around the meter, seen and pressed over the link, and what a board is.
//!
//! In come and out go plain data. This file must not know how a panel works.

use heapless::String;
use serde::{Deserialize, Serialize};

/// What is asked of the device; the answer is [`DeviceAnswer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceRequest {
    /// What the board is and how it started: [`DeviceAnswer::Info`].
    Info,
    /// What the front panel shows: [`DeviceAnswer::Panel`].
    Panel,
    /// Holds the button so from now on, lets the panel's time go on, and shows the panel: [`DeviceAnswer::Panel`].
    Button {
        /// Pressed, else released.
        pressed: bool,
        /// By so many milliseconds the panel's time goes on, besides that of the frames that are metered.
        pass_ms: u32,
    },
    /// Starts the device anew and takes the settings that are kept into use; energy registers and a configuration of the
    /// bench's are left alone: [`DeviceAnswer::Info`].
    Restart {
        /// The button is held while it starts.
        held: bool,
    },
}

/// To [`DeviceRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceAnswer {
    /// What the board is.
    Info(BoardInfo),
    /// What the front panel shows.
    Panel(PanelState),
}

/// Why the device started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResetCause {
    /// The board cannot tell.
    #[default]
    Unknown,
    /// Power came.
    PowerOn,
    /// A reset line, of a debugger or a button.
    Pin,
    /// The supply was too low.
    BrownOut,
    /// The watchdog bit.
    Watchdog,
    /// The device was told to, over the link or by its settings.
    Software,
}

impl ResetCause {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::PowerOn => "power-on",
            Self::Pin => "pin",
            Self::BrownOut => "brown-out",
            Self::Watchdog => "watchdog",
            Self::Software => "software",
        }
    }
}

/// What a board is, and how it started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardInfo {
    /// Name of the board.
    pub board: String<32>,
    /// Version of its firmware.
    pub firmware: String<32>,
    /// Version of the program that is the same on all boards.
    pub program: String<32>,
    /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
    pub protocol: u16,
    /// Time since the board started, in microseconds; `None` where it has no clock.
    pub uptime_us: Option<u64>,
    /// Why the device started last.
    pub reset_cause: ResetCause,
    /// Restarts by software since the board started.
    pub restarts: u32,
    /// Factory resets since the board started.
    pub factory_resets: u32,
    /// Digest of the settings in use; `None` on a board that has none.
    pub settings: Option<u64>,
    /// It has an ADC, whose frames it meters as long as no signal is set.
    pub has_adc: bool,
}

/// Where the front panel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PanelMode {
    /// A page is shown, 0 the normal view.
    View(u8),
    /// A press enters maintenance mode.
    AskMaintenance,
    /// Maintenance mode.
    Maintenance,
    /// A press goes back to firmware mode.
    AskFirmware,
    /// A press makes factory settings.
    AskFactory,
    /// Factory settings are being made.
    Resetting,
    /// Factory settings could not be made.
    NotReset,
}

/// Colour of the status LED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colour {
    /// No host on the link.
    Red,
    /// A host is connected, the meter not configured.
    Orange,
    /// The meter is configured.
    Green,
}

/// When the status LED is lit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// Always: firmware mode.
    Steady,
    /// 100 ms of each 2 s it is dark: maintenance mode.
    Periodic,
    /// 0.5 s lit, 0.5 s dark: a prompt waits.
    Slow,
    /// 0.1 s lit, 0.1 s dark: factory settings are being made.
    Fast,
}

/// What the front panel shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelState {
    /// Both lines of the display, 16 characters each.
    pub lines: [String<16>; 2],
    /// Colour of the LED.
    pub colour: Colour,
    /// Its pattern.
    pub pattern: Pattern,
    /// Whether it is lit at this instant.
    pub is_lit: bool,
    /// Where the panel stands.
    pub mode: PanelMode,
    /// Number of the window shown, from 1 since `Configure`; 0: none.
    pub window: u32,
    /// The panel's time in microseconds.
    pub time_us: u64,
}
