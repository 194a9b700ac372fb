//! Frames of codes as they travelled, the newest last.
//!
//! In come blocks, out go codes by channel. This file must not know volts or triggers.

use hil_link::Config;

/// Frames in the order of their numbers, without a gap.
#[derive(Clone, Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Number of the first frame kept.
    first: u64,
    channels: usize,
    width: usize,
}

impl Frames {
    /// None yet, of the channels of a configuration.
    pub fn new(config: &Config) -> Self {
        Self { bytes: Vec::new(), first: 0, channels: config.channels().max(1), width: config.code_bytes() }
    }

    /// Takes whole frames behind those that are there.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Number of the first frame kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Number of the frame behind the last one.
    pub fn end(&self) -> u64 {
        self.first + self.len()
    }

    /// Frames kept.
    pub fn len(&self) -> u64 {
        (self.bytes.len() / self.frame_bytes()) as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Leaves off the frames before this one.
    pub fn forget_before(&mut self, frame: u64) {
        let count = frame.saturating_sub(self.first).min(self.len());
        self.bytes.drain(..count as usize * self.frame_bytes());
        self.first += count;
    }

    /// Leaves off this frame and those behind it.
    pub fn cut(&mut self, frame: u64) {
        let count = frame.saturating_sub(self.first).min(self.len());
        self.bytes.truncate(count as usize * self.frame_bytes());
    }

    /// Codes of a channel by its place in the frame, from the frame of this number on.
    pub fn codes(&self, channel: usize, from: u64) -> impl Iterator<Item = i32> + '_ {
        let skipped = from.saturating_sub(self.first).min(self.len());
        let frames = self.bytes.chunks_exact(self.frame_bytes()).skip(skipped as usize);
        frames.map(move |frame| code(&frame[channel * self.width..(channel + 1) * self.width]))
    }

    fn frame_bytes(&self) -> usize {
        self.channels * self.width
    }
}

/// Two's complement of 2 or 3 bytes, lowest first.
fn code(bytes: &[u8]) -> i32 {
    let mut wide = [0; 4];
    wide[4 - bytes.len()..].copy_from_slice(bytes);
    i32::from_le_bytes(wide) >> (8 * (4 - bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use datasets::Channels;
    use hil_link::Nominal;

    fn frames(adc_bits: u8) -> Frames {
        let ranges = Channels { voltage: Some(400.0), currents: vec![25.0], residual: None };
        Frames::new(&plan::config(&ranges, 8000.0, adc_bits, Nominal::Auto).unwrap())
    }

    #[test]
    fn codes_of_both_widths() {
        let mut wide = frames(24);
        wide.push(&[0xff, 0xff, 0xff, 0x00, 0x00, 0x80, 0x01, 0x02, 0x03, 0xff, 0xff, 0x7f]);
        assert_eq!(wide.codes(0, 0).collect::<Vec<_>>(), [-1, 0x03_0201]);
        assert_eq!(wide.codes(1, 1).collect::<Vec<_>>(), [0x7f_ffff]);
        assert_eq!(wide.codes(1, 0).next(), Some(-0x80_0000));
        let mut narrow = frames(16);
        narrow.push(&[0x00, 0x80, 0xfe, 0xff]);
        assert_eq!((narrow.codes(0, 0).next(), narrow.codes(1, 0).next()), (Some(-0x8000), Some(-2)));
    }

    #[test]
    fn frames_keep_their_numbers() {
        let mut kept = frames(16);
        for n in 0..10_i16 {
            kept.push(&[n.to_le_bytes(), (-n).to_le_bytes()].concat());
        }
        kept.forget_before(3);
        kept.cut(8);
        assert_eq!((kept.first(), kept.end(), kept.len()), (3, 8, 5));
        assert_eq!(kept.codes(0, 0).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert_eq!(kept.codes(1, 6).collect::<Vec<_>>(), [-6, -7]);
        kept.forget_before(100);
        assert_eq!((kept.first(), kept.len()), (8, 0));
    }
}
