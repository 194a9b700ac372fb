//! An ADC that samples by itself, in place of the board's own signal.
//!
//! In comes a board's ADC, out go packed codes, frame after frame, and how many frames were lost before them. This file must
//! not know a register, nor what the codes are for.
//!
//! A loss is told before the frame behind it and never within a piece, so that what a request gives has no hole.

use core::fmt::{Display, Write};

use heapless::String;
use hil_link::Config;
use hil_link::signal::MAX_CHANNELS;

/// Why an ADC does not sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field of the configuration that it cannot follow; `adc` where it has failed.
    pub field: &'static str,
    /// What it can, for people.
    pub reason: String<96>,
}

impl Refusal {
    /// With a reason that is cut where it is too long.
    pub fn new(field: &'static str, why: &dyn Display) -> Self {
        let mut reason = String::new();
        let _cut = write!(reason, "{why}");
        Self { field, reason }
    }
}

/// What a board with an ADC brings.
pub trait Adc {
    /// Begins to sample the channels of a configuration in their order, at its rate, with its resolution.
    ///
    /// # Errors
    /// What it cannot follow; then it does not sample.
    fn start(&mut self, config: &Config) -> Result<(), Refusal>;

    /// Ends it; frames that wait are forgotten.
    fn stop(&mut self);

    /// Waits for a frame; tells how many were lost between the last one taken and this one. Until it is taken, the answer
    /// stays the same.
    ///
    /// # Errors
    /// The ADC samples no longer, and why.
    fn wait(&mut self) -> Result<u32, Refusal>;

    /// Takes that frame: a code per channel, as far as there is room.
    fn take(&mut self, codes: &mut [i16]);
}

/// Codes of frames without a hole among them.
#[derive(Default)]
pub(crate) struct Piece {
    /// Frames lost before the first one.
    pub(crate) lost: u32,
    /// Bytes of `out` that are filled.
    pub(crate) length: usize,
}

/// Fills `out` with frames of `channels` codes in `width` bytes each, up to a loss or the end of the sampling; before the
/// first frame a loss is let through where `may_begin_with_loss`.
///
/// # Errors
/// The ADC samples no longer, and there is no frame before that.
pub(crate) fn fill(
    adc: &mut dyn Adc,
    (channels, width): (usize, usize),
    may_begin_with_loss: bool,
    out: &mut [u8],
) -> Result<Piece, Refusal> {
    let mut piece = Piece::default();
    let mut codes = [0; MAX_CHANNELS];
    for frame in out.chunks_exact_mut((channels * width).max(1)) {
        match adc.wait() {
            Ok(0) => {}
            Ok(lost) if piece.length == 0 && may_begin_with_loss => piece.lost = lost,
            Err(error) if piece.length == 0 && may_begin_with_loss => return Err(error),
            // Told again with the next request.
            Ok(_) | Err(_) => break,
        }
        adc.take(codes.get_mut(..channels).unwrap_or_default());
        for (place, code) in frame.chunks_exact_mut(width.max(1)).zip(codes) {
            place.iter_mut().zip(i32::from(code).to_le_bytes()).for_each(|(to, byte)| *to = byte);
        }
        piece.length += frame.len();
    }
    Ok(piece)
}
