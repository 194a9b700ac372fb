//! The board's own signal and the codes it makes of it, as they travel.
//!
//! In come tones as parts of full scale, out go the same, encoded. This file must not know how a signal is made, nor volts:
//! full scale is that of the ADC, whatever stands before it.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::MAX_CURRENTS;
use crate::message::Config;
use crate::window::Window;

/// Most channels of a frame: voltage, currents, residual current.
pub const MAX_CHANNELS: usize = MAX_CURRENTS + 2;

/// Most tones of one channel, its fundamental among them.
pub const MAX_TONES: usize = 8;

/// Most bytes of codes in one [`Response::Block`](crate::Response::Block).
pub const MAX_BLOCK: usize = 2048;

/// Most windows in one block.
pub const MAX_BLOCK_WINDOWS: usize = 2;

/// What a board's signal source gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Fundamental in hertz, 32 bits behind the point.
    pub frequency: u64,
    /// The channels in the order of a frame: voltage, currents, residual current. Those that are not told are silent, those
    /// that are not configured are left out.
    pub channels: Vec<Waveform, MAX_CHANNELS>,
}

/// The signal of one channel: its DC and the sum of its tones, clipped to the range of the ADC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waveform {
    /// In 2⁻³¹ of full scale.
    pub dc: i32,
    /// Tones at or above half the sampling rate are left out.
    pub tones: Vec<Tone, MAX_TONES>,
}

/// `amplitude · sin(2π (order · turns + phase))`, where the fundamental turns from 0 on at the first frame since
/// `Configure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tone {
    /// Multiple of the fundamental, from 1.
    pub order: u8,
    /// Peak in 2⁻³¹ of full scale.
    pub amplitude: u32,
    /// Phase of the tone in 2⁻³² of its own turn.
    pub phase: u32,
}

/// Codes that the board has sampled and metered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Number of frames since `Configure` before these.
    pub first_frame: u64,
    /// The windows that these frames completed: one, or two where a lock was found, as behind a long gap.
    pub windows: Vec<Window, MAX_BLOCK_WINDOWS>,
    /// Whole frames, packed as in [`Request::Samples`](crate::Request::Samples).
    pub data: Vec<u8, MAX_BLOCK>,
}

impl Config {
    /// Most frames in one block; 0 when not even one fits. Never more than an eighth of a second, in which no two whole windows
    /// can end: ten cycles last at least 0.145 s (69 Hz). A window that a loss or a found lock ends may be shorter.
    pub fn block_frames(&self) -> u32 {
        let by_size = MAX_BLOCK / self.frame_bytes().max(1);
        let by_time = (self.sample_rate >> 35) as usize;
        by_size.min(by_time) as u32
    }
}
