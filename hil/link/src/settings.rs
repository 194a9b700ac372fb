//! The device's settings as they travel: lines of text up and down, and how they stand.
//!
//! In come and out go plain data. This file must not know which settings there are: only the board does, and whoever reads
//! the text.

use heapless::String;
use serde::{Deserialize, Serialize};

use crate::energy::Memory;
use crate::message::Config;

/// Most bytes of a line.
pub const MAX_LINE: usize = 120;

/// Most bytes of text in one answer.
pub const MAX_TEXT: usize = 1024;

/// What is asked of the settings; the answer is [`SettingsAnswer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingsRequest<'a> {
    /// How they stand: [`SettingsAnswer::State`].
    Show,
    /// Those that are kept, as whole lines of text: [`SettingsAnswer::Text`].
    Export {
        /// The first line wanted, from 0.
        from: u16,
    },
    /// Begins an import upon those that are kept, and forgets one that was begun: [`SettingsAnswer::State`].
    Begin,
    /// A line of the import that was begun; it changes nothing but the import: [`SettingsAnswer::Line`].
    Line {
        /// At most [`MAX_LINE`] bytes, without its end; a longer one is ignored.
        text: &'a str,
    },
    /// Begins to keep what was imported; a restart takes it into use: [`SettingsAnswer::State`].
    Apply,
    /// Forgets the import: [`SettingsAnswer::State`].
    Cancel,
    /// Configures the meter as the settings in use say: [`SettingsAnswer::Started`]. Until the next `Hello` or `Configure`
    /// a restart does it anew where the settings have changed.
    Start {
        /// Frames per second of the ADC, 32 bits behind the point.
        sample_rate: u64,
        /// Bits of the ADC.
        adc_bits: u8,
    },
}

/// To [`SettingsRequest`].
#[expect(clippy::large_enum_variant, reason = "there is no heap to put the text on")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingsAnswer {
    /// How they stand.
    State(SettingsState),
    /// Whole lines, each with its end.
    Text {
        /// Lines.
        text: String<MAX_TEXT>,
        /// Number of the line after them; `None`: there is none.
        next: Option<u16>,
    },
    /// What became of a line.
    Line(LineVerdict),
    /// The meter is configured, in this way.
    Started(Config),
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineVerdict {
    /// It changed the import.
    Taken,
    /// Blank, or hidden by `#`.
    Hidden,
    /// It is no setting or out of range, and changed nothing: why, and what is allowed.
    Ignored(String<160>),
}

/// How the settings stand. Digests are CRC-64/XZ over the settings as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsState {
    /// Digest of those in use.
    pub in_use: u64,
    /// Digest of those that are kept: a restart takes them into use.
    pub kept: u64,
    /// Digest of those that an import has made so far; `None`: no import has begun.
    pub imported: Option<u64>,
    /// Lines of the import that were ignored.
    pub ignored: u16,
    /// What was found on the chip at the start.
    pub memory: Memory,
    /// Number of the newest copy that is known to be on the chip.
    pub saved: Option<u32>,
    /// A copy is being written.
    pub pending: bool,
    /// Copies written since the start.
    pub saves: u32,
    /// Copies given up since the start.
    pub faults: u32,
}
