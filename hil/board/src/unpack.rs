//! From packed codes, frame after frame, to one slice per channel.
//!
//! In come bytes as they travel, out go codes in the meter's sample type. This file must not know what a code means.

/// A sample type and its packed form.
pub(crate) trait Packed: Copy + Default {
    /// Bytes of one code on the line.
    const BYTES: usize;
    /// Reads one code of `BYTES` bytes: two's complement, lowest byte first.
    fn read(bytes: &[u8]) -> Self;
}

impl Packed for i16 {
    const BYTES: usize = 2;

    fn read(bytes: &[u8]) -> Self {
        match *bytes {
            [low, high] => Self::from_le_bytes([low, high]),
            _ => 0,
        }
    }
}

impl Packed for i32 {
    const BYTES: usize = 3;

    fn read(bytes: &[u8]) -> Self {
        match *bytes {
            // In the upper three bytes first, so that the shift back extends the sign.
            [low, middle, high] => Self::from_le_bytes([0, low, middle, high]) >> 8,
            _ => 0,
        }
    }
}

/// Writes channel `channel` of the frames in `data` to the start of `out` and returns it. Each frame has `channels`
/// codes; frames that find no room in `out` are left.
pub(crate) fn channel<'a, S: Packed>(data: &[u8], channels: usize, channel: usize, out: &'a mut [S]) -> &'a [S] {
    let frames = data.chunks_exact(channels * S::BYTES);
    let count = frames.len().min(out.len());
    for (code, frame) in out.iter_mut().zip(frames) {
        *code = S::read(&frame[channel * S::BYTES..][..S::BYTES]);
    }
    &out[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_two_bytes() {
        let data = [0x34, 0x12, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x80];
        assert_eq!(channel::<i16>(&data, 2, 0, &mut [0; 4]), [0x1234, i16::MAX]);
        assert_eq!(channel::<i16>(&data, 2, 1, &mut [0; 4]), [-1, i16::MIN]);
        assert_eq!(channel::<i16>(&data, 2, 1, &mut [0; 1]), [-1]);
    }

    #[test]
    fn codes_of_three_bytes() {
        let data = [0x56, 0x34, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x00, 0x80];
        assert_eq!(channel::<i32>(&data, 1, 0, &mut [0; 4]), [0x12_3456, -1, 0x7f_ffff, -0x80_0000]);
        assert_eq!(channel::<i32>(&data, 2, 1, &mut [0; 4]), [-1, -0x80_0000]);
    }
}
