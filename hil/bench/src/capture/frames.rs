//! Frames of codes as they travelled, the newest last.
//!
//! In come blocks with the numbers of their first frames, out go codes by channel, and which frames are missing. This file
//! must not know volts or triggers.

use std::ops::Range;

use hil_link::Config;

/// Frames in the order of their numbers.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Those that came, without the gaps.
    bytes: Vec<u8>,
    /// Stretches without a gap, the oldest first, none of them empty.
    stretches: Vec<Stretch>,
    /// Number of the frame behind the last one.
    end: u64,
    channels: usize,
    width: usize,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Number of its first frame.
    first: u64,
    /// Frames that are kept before it.
    before: u64,
}

impl Frames {
    /// None yet, of the channels of a configuration.
    pub fn new(config: &Config) -> Self {
        let (channels, width) = (config.channels().max(1), config.code_bytes());
        Self { bytes: Vec::new(), stretches: Vec::new(), end: 0, channels, width }
    }

    /// Takes whole frames from the number `first` on, which is none of those that were there; what lies between is a gap.
    pub fn push(&mut self, first: u64, bytes: &[u8]) {
        let count = (bytes.len() / self.frame_bytes()) as u64;
        if count == 0 {
            return;
        }
        if self.stretches.is_empty() || first > self.end {
            self.stretches.push(Stretch { first, before: self.len() });
        }
        self.bytes.extend_from_slice(bytes);
        self.end = first.max(self.end) + count;
    }

    /// Number of the first frame kept.
    pub fn first(&self) -> u64 {
        self.stretches.first().map_or(self.end, |stretch| stretch.first)
    }

    /// Number of the frame behind the last one.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Frames kept.
    pub fn len(&self) -> u64 {
        (self.bytes.len() / self.frame_bytes()) as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Numbers of the frames that are missing between those kept.
    pub fn gaps(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.runs().zip(self.stretches.iter().skip(1)).map(|((numbers, _), next)| numbers.end..next.first)
    }

    /// Leaves off the frames before this one.
    pub fn forget_before(&mut self, frame: u64) {
        let count = self.before(frame);
        let left = self.runs().filter(|(numbers, _)| numbers.end > frame);
        let left = left
            .map(|(numbers, before)| Stretch { first: numbers.start.max(frame), before: before.saturating_sub(count) });
        self.stretches = left.collect();
        self.bytes.drain(..count as usize * self.frame_bytes());
    }

    /// Leaves off this frame and those behind it.
    pub fn cut(&mut self, frame: u64) {
        let left = self.before(frame);
        self.bytes.truncate(left as usize * self.frame_bytes());
        self.stretches.retain(|stretch| stretch.first < frame);
        self.end = self.runs().last().map_or(self.end.min(frame), |(numbers, _)| numbers.end);
    }

    /// Numbers and codes of a channel by its place in the frame, from the frame of this number on.
    pub fn codes(&self, channel: usize, from: u64) -> impl Iterator<Item = (u64, i32)> + '_ {
        let at = self.stretches.partition_point(|stretch| stretch.first <= from).saturating_sub(1);
        (at..self.stretches.len()).flat_map(move |at| {
            let (numbers, before) = self.run(at);
            let from = from.clamp(numbers.start, numbers.end);
            let skipped = (before + from - numbers.start) as usize;
            let frames = self.bytes[skipped * self.frame_bytes()..].chunks_exact(self.frame_bytes());
            let code = move |frame: &[u8]| code(&frame[channel * self.width..(channel + 1) * self.width]);
            (from..numbers.end).zip(frames.map(code))
        })
    }

    /// All codes of a channel from the first to the last; `None` is one that is missing.
    pub fn column(&self, channel: usize) -> Vec<Option<i32>> {
        let mut column = vec![None; (self.end - self.first()) as usize];
        for (number, code) in self.codes(channel, 0) {
            column[(number - self.first()) as usize] = Some(code);
        }
        column
    }

    /// Numbers of a stretch, and how many frames are kept before it.
    fn run(&self, at: usize) -> (Range<u64>, u64) {
        let Stretch { first, before } = self.stretches[at];
        let end = self.stretches.get(at + 1).map_or(self.len(), |next| next.before);
        (first..first + (end - before), before)
    }

    fn runs(&self) -> impl Iterator<Item = (Range<u64>, u64)> + '_ {
        (0..self.stretches.len()).map(|at| self.run(at))
    }

    /// How many frames with a lower number are kept.
    fn before(&self, frame: u64) -> u64 {
        let at = self.stretches.partition_point(|stretch| stretch.first < frame);
        let Some(at) = at.checked_sub(1) else { return 0 };
        let (numbers, before) = self.run(at);
        before + frame.min(numbers.end) - numbers.start
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

    /// Codes of a channel from a frame on.
    fn codes(frames: &Frames, channel: usize, from: u64) -> Vec<i32> {
        frames.codes(channel, from).map(|(_, code)| code).collect()
    }

    /// Frames whose codes are their numbers and the same below zero.
    fn push(frames: &mut Frames, numbers: Range<i16>) {
        for n in numbers {
            frames.push(n as u64, &[n.to_le_bytes(), (-n).to_le_bytes()].concat());
        }
    }

    #[test]
    fn codes_of_both_widths() {
        let mut wide = frames(24);
        wide.push(0, &[0xff, 0xff, 0xff, 0x00, 0x00, 0x80, 0x01, 0x02, 0x03, 0xff, 0xff, 0x7f]);
        assert_eq!(codes(&wide, 0, 0), [-1, 0x03_0201]);
        assert_eq!(codes(&wide, 1, 1), [0x7f_ffff]);
        assert_eq!(codes(&wide, 1, 0)[0], -0x80_0000);
        let mut narrow = frames(16);
        narrow.push(0, &[0x00, 0x80, 0xfe, 0xff]);
        assert_eq!((codes(&narrow, 0, 0), codes(&narrow, 1, 0)), (vec![-0x8000], vec![-2]));
    }

    #[test]
    fn frames_keep_their_numbers() {
        let mut kept = frames(16);
        push(&mut kept, 0..10);
        kept.forget_before(3);
        kept.cut(8);
        assert_eq!((kept.first(), kept.end(), kept.len()), (3, 8, 5));
        assert_eq!(codes(&kept, 0, 0), [3, 4, 5, 6, 7]);
        assert_eq!(codes(&kept, 1, 6), [-6, -7]);
        kept.forget_before(100);
        assert_eq!((kept.first(), kept.len()), (8, 0));
        assert!(kept.column(0).is_empty());
    }

    /// Every way to cut a row with two gaps holds the frames that it should, under their numbers.
    #[test]
    fn gaps_keep_their_places() {
        let there = |n: i16| (2..5).contains(&n) || (7..10).contains(&n) || (14..16).contains(&n);
        for begin in 0..18 {
            for end in begin..18 {
                let mut kept = frames(16);
                for numbers in [2..5, 7..10, 14..16] {
                    push(&mut kept, numbers);
                }
                kept.forget_before(begin);
                kept.cut(end);
                let left: Vec<i16> = (begin as i16..end as i16).filter(|n| there(*n)).collect();
                let expected: Vec<(u64, i32)> = left.iter().map(|n| (*n as u64, -i32::from(*n))).collect();
                assert_eq!(kept.codes(1, 0).collect::<Vec<_>>(), expected, "{begin} to {end}");
                let from = u64::midpoint(begin, end);
                let behind: Vec<_> = expected.iter().copied().filter(|(n, _)| *n >= from).collect();
                assert_eq!(kept.codes(1, from).collect::<Vec<_>>(), behind, "{begin} to {end}");
                let Some((first, last)) = left.first().zip(left.last()) else {
                    assert!(kept.is_empty() && kept.gaps().next().is_none());
                    continue;
                };
                let whole: Vec<Option<i32>> = (*first..=*last).map(|n| there(n).then_some(n.into())).collect();
                assert_eq!((kept.first(), kept.column(0)), (*first as u64, whole.clone()), "{begin} to {end}");
                let missing: u64 = kept.gaps().map(|gap| gap.end - gap.start).sum();
                assert_eq!(missing as usize, whole.iter().filter(|code| code.is_none()).count());
                // What comes then is not mixed up with what was left off.
                push(&mut kept, 20..22);
                assert_eq!(kept.gaps().last(), Some(*last as u64 + 1..20));
                assert_eq!(codes(&kept, 0, 20), [20, 21]);
            }
        }
    }
}
