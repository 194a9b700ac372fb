//! Sample frames in fewer bytes: differences of a channel's codes, in Rice codes whose parameter follows their size.
//!
//! In come codes, out go bytes, and back, without a loss. Mains is smooth: the fifth difference of a 50 Hz sine of 24 bits at
//! 8 kHz takes five bits, rounding noise included. What is not smooth is sent as it is. The way back takes bytes that
//! anybody may have sent: it is bounded by their number, and never gives a code that the width does not hold. This file must
//! not know messages or meters. `PROTOCOL.md` has the layout.

use crate::signal::MAX_CHANNELS;

/// Highest order of differences.
const MAX_ORDER: usize = 6;

/// In the place of an order: the codes as they are.
const PLAIN: u8 = 7;

/// So many ones announce a value of 32 bits instead of a quotient.
const ESCAPE: u32 = 20;

/// Most frames that are looked at to choose how a channel is coded.
const LOOK: usize = 1024;

/// So many times the frames that have room as they are may have room compressed: those behind are not looked at.
const DENSER: usize = 4;

/// One channel: how it is coded, and what its next value depends on. Both ends move it alike.
#[derive(Clone, Copy, Debug)]
struct Lane {
    order: u8,
    /// The last difference of each order below.
    last: [i64; MAX_ORDER],
    /// Codes so far, up to the order.
    seen: u8,
    /// Eight times the mean size of the last differences.
    sum: u64,
}

impl Lane {
    const SILENT: Self = Self { order: PLAIN, last: [0; MAX_ORDER], seen: 0, sum: 0 };

    const fn new(order: u8, start: u32) -> Self {
        Self { order, last: [0; MAX_ORDER], seen: 0, sum: 8 << start }
    }

    /// The next code is sent as it is.
    const fn is_plain(&self) -> bool {
        self.order == PLAIN || self.seen < self.order
    }

    /// Low bits of a value that are sent as they are.
    fn low_bits(&self) -> u32 {
        (self.sum >> 3).checked_ilog2().unwrap_or(0)
    }

    /// The size of a value is known to both ends. A single edge counts for no more than it must.
    fn note(&mut self, value: u64) {
        let most = 16 << self.low_bits();
        self.sum = self.sum - (self.sum >> 3) + value.min(most);
    }

    /// The difference that a code makes.
    fn difference(&mut self, code: i64) -> i64 {
        if self.order == PLAIN {
            return code;
        }
        let mut rest = code;
        for last in self.last.iter_mut().take(self.seen.into()) {
            (rest, *last) = (rest - *last, rest);
        }
        if self.seen < self.order
            && let Some(next) = self.last.get_mut(usize::from(self.seen))
        {
            *next = rest;
            self.seen += 1;
        }
        rest
    }

    /// The code that a difference makes.
    fn code(&mut self, difference: i64) -> i64 {
        let mut sum = difference;
        for last in self.last.iter_mut().take(self.order.into()).rev() {
            sum += *last;
            *last = sum;
        }
        sum
    }
}

/// 0, -1, 1, -2 as 0, 1, 2, 3.
const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The bytes are no whole number of frames, or hold a code that the width does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the compressed samples cannot be read")]
pub struct Malformed;

/// Gives the frames back, one after the other.
#[derive(Clone, Debug)]
pub struct Decompressor<'a> {
    bits: Bits<'a>,
    lanes: [Lane; MAX_CHANNELS],
    channels: usize,
    /// Bits of a code.
    width: u32,
}

impl<'a> Decompressor<'a> {
    /// Frames of so many channels, whose codes have 2 or 3 bytes.
    ///
    /// # Errors
    /// There are more channels than a board has, or no whole heads of theirs.
    pub fn new(data: &'a [u8], channels: usize, code_bytes: usize) -> Result<Self, Malformed> {
        let mut lanes = [Lane::SILENT; MAX_CHANNELS];
        let (heads, rest) = data.split_at_checked(channels).ok_or(Malformed)?;
        if channels > lanes.len() {
            return Err(Malformed);
        }
        for (lane, head) in lanes.iter_mut().zip(heads) {
            *lane = Lane::new(head >> 5, u32::from(head & 31));
        }
        Ok(Self { bits: Bits { rest, held: 0, count: 0 }, lanes, channels, width: 8 * code_bytes as u32 })
    }

    /// The codes of the next frame, in the order of the channels.
    ///
    /// # Errors
    /// There is none.
    pub fn frame(&mut self, mut each: impl FnMut(i32)) -> Result<(), Malformed> {
        let half = 1_i64 << (self.width - 1);
        for lane in self.lanes.iter_mut().take(self.channels) {
            let code = if lane.is_plain() {
                // In the upper bits first, so that the shift back extends the sign.
                let code = i64::from((self.bits.take(self.width)? << (32 - self.width)) as i32 >> (32 - self.width));
                lane.difference(code);
                code
            } else {
                let low_bits = lane.low_bits();
                let value = match self.bits.ones()? {
                    ESCAPE => u64::from(self.bits.take(32)?),
                    ones => u64::from(ones) << low_bits | u64::from(self.bits.take(low_bits)?),
                };
                lane.note(value);
                lane.code(unzigzag(value))
            };
            if !(-half..half).contains(&code) {
                return Err(Malformed);
            }
            each(code as i32);
        }
        Ok(())
    }

    /// Whether nothing is left but the zeros that fill the last byte.
    pub const fn is_done(&self) -> bool {
        self.bits.rest.is_empty() && self.bits.count < 8 && self.bits.held == 0
    }
}

/// Bits of bytes, the highest first.
#[derive(Clone, Debug)]
struct Bits<'a> {
    rest: &'a [u8],
    /// The next ones, the first one on top, zeros behind the last one.
    held: u64,
    count: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 56
            && let Some((&byte, rest)) = self.rest.split_first()
        {
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }

    fn skip(&mut self, bits: u32) -> Result<(), Malformed> {
        self.count = self.count.checked_sub(bits).ok_or(Malformed)?;
        self.held <<= bits;
        Ok(())
    }

    /// Up to 32 bits.
    fn take(&mut self, bits: u32) -> Result<u32, Malformed> {
        // A mean that hostile values drove beyond what any code can reach.
        if bits > 32 {
            return Err(Malformed);
        }
        self.fill();
        // One after the other, for no bits at all.
        let value = self.held >> 32 >> (32 - bits);
        self.skip(bits)?;
        Ok(value as u32)
    }

    /// Ones up to the zero behind them, which is taken too, or to an escape.
    fn ones(&mut self) -> Result<u32, Malformed> {
        self.fill();
        let ones = self.held.leading_ones().min(ESCAPE);
        self.skip(if ones < ESCAPE { ones + 1 } else { ESCAPE })?;
        Ok(ones)
    }
}

/// Compresses the first frames of `channels`, no more than `most`, as many as fit into `out`; returns their number and the
/// bytes taken. Codes must fit `code_bytes` of 2 or 3 bytes.
pub fn compress(channels: &[&[i32]], code_bytes: usize, most: usize, out: &mut [u8]) -> (usize, usize) {
    let width = 8 * code_bytes as u32;
    let mut lanes = [Lane::SILENT; MAX_CHANNELS];
    let Some((heads, rest)) = out.split_at_mut_checked(channels.len().min(MAX_CHANNELS)) else { return (0, 0) };
    let plain = rest.len() / (channels.len() * code_bytes).max(1);
    let look = LOOK.min(most).min(DENSER * (plain + 1));
    for ((lane, head), codes) in lanes.iter_mut().zip(heads.iter_mut()).zip(channels) {
        let (order, start) = choose(codes.get(..look.min(codes.len())).unwrap_or_default(), width);
        *head = order << 5 | start as u8;
        *lane = Lane::new(order, start);
    }
    let mut writer = Writer { out: rest, bits: 0 };
    let (mut frames, mut bits) = (0, 0);
    while frames < most && put_frame(&mut writer, &mut lanes, channels, frames, width).is_some() {
        (frames, bits) = (frames + 1, writer.bits);
    }
    writer.end(bits);
    (frames, if frames == 0 { 0 } else { heads.len() + bits.div_ceil(8) })
}

/// Puts one frame down, as far as there is room.
fn put_frame(writer: &mut Writer<'_>, lanes: &mut [Lane], channels: &[&[i32]], frame: usize, width: u32) -> Option<()> {
    for (lane, codes) in lanes.iter_mut().zip(channels) {
        let code = i64::from(*codes.get(frame)?);
        let is_plain = lane.is_plain();
        let difference = lane.difference(code);
        if is_plain {
            writer.put(code as u64, width)?;
            continue;
        }
        let (value, low_bits) = (zigzag(difference), lane.low_bits());
        let ones = value >> low_bits;
        if ones < u64::from(ESCAPE) {
            writer.put((1 << (ones + 1)) - 2, ones as u32 + 1)?;
            writer.put(value, low_bits)?;
        } else {
            writer.put((1 << ESCAPE) - 1, ESCAPE)?;
            writer.put(value, 32)?;
        }
        lane.note(value);
    }
    Some(())
}

/// Order of differences and start of the mean with which these codes take the fewest bits.
fn choose(codes: &[i32], width: u32) -> (u8, u32) {
    let plain = (codes.len() as u64 * u64::from(width), PLAIN, 0);
    let tried = (0..=MAX_ORDER as u8).map(|order| {
        let differences = || {
            let mut lane = Lane::new(order, 0);
            codes.iter().filter_map(move |&code| {
                let is_plain = lane.is_plain();
                let difference = lane.difference(code.into());
                (!is_plain).then(|| zigzag(difference))
            })
        };
        let start = (differences().take(8).sum::<u64>() / 8).checked_ilog2().unwrap_or(0).min(31);
        let mut lane = Lane::new(order, start);
        let bits = differences().map(|value| {
            let low_bits = lane.low_bits();
            let ones = value >> low_bits;
            lane.note(value);
            if ones < u64::from(ESCAPE) { ones + 1 + u64::from(low_bits) } else { u64::from(ESCAPE) + 32 }
        });
        (bits.sum::<u64>() + u64::from(order) * u64::from(width), order, start)
    });
    let (_, order, start) = tried.chain([plain]).min().unwrap_or(plain);
    (order, start)
}

/// Writes bits, the highest first.
struct Writer<'a> {
    out: &'a mut [u8],
    bits: usize,
}

impl Writer<'_> {
    /// The lowest bits of a value; `None` when there is no room for all of them.
    fn put(&mut self, value: u64, bits: u32) -> Option<()> {
        for bit in (0..bits).rev() {
            let place = self.out.get_mut(self.bits / 8)?;
            let mask = 0x80 >> (self.bits % 8);
            if value >> bit & 1 == 1 {
                *place |= mask;
            } else {
                *place &= !mask;
            }
            self.bits += 1;
        }
        Some(())
    }

    /// Clears what stands behind so many bits in their last byte.
    fn end(&mut self, bits: usize) {
        if let Some(last) = self.out.get_mut(bits / 8).filter(|_| !bits.is_multiple_of(8)) {
            *last &= !(0xff >> (bits % 8));
        }
    }
}
