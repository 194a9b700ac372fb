//! The board's Modbus slave: any bytes with any silences between them, and frames of right checksum around any message.

use arbitrary::{Arbitrary, Result, Unstructured};
use hil_board::Received;
use hil_board::device::Snapshot;
use hil_board::modbus::Slave;

/// Address of the slave and its speed in baud, as they leave the factory.
pub const ADDRESS: u8 = 1;
pub const BAUD: u32 = 19_200;

/// 3.5 characters of 11 bits at 19 200 baud, in microseconds.
pub const SILENCE_US: u64 = 2_006;

/// First registers of the feed and the seven outlets, by the arithmetic of the 8311's manual.
pub const SENSORS: [u16; 8] = [0x400, 0x3a00, 0x3b20, 0x3c40, 0x3d60, 0x3e80, 0x3fa0, 0x40c0];

/// As the specification makes it, bit by bit.
pub fn crc(bytes: &[u8]) -> [u8; 2] {
    let step = |crc: u16| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 };
    let crc = bytes.iter().fold(0xffff, |crc, &byte| (0..8).fold(crc ^ u16::from(byte), |crc, _| step(crc)));
    crc.to_le_bytes()
}

/// A frame with its checksum.
pub fn frame(address: u8, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![address];
    frame.extend(message);
    frame.extend(crc(&frame));
    frame
}

#[derive(Arbitrary)]
enum Piece<'a> {
    /// Bytes as they come, so many microseconds apart.
    Raw(u16, &'a [u8]),
    /// A frame whose checksum is right, after a silence.
    Wrapped(u8, &'a [u8]),
    /// A request of the usual form, to this slave.
    Usual(u8, u16, u16),
    /// A write to a register that may reset.
    Write(u8, &'a [u8]),
}

/// Survives all bytes, serves whole frames for this slave alone, and answers them as the specification says.
pub fn modbus(bytes: &[u8]) {
    let _ended = run(&mut Unstructured::new(bytes));
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let mut line = vec![];
    while !u.is_empty() && line.len() < 5_000 {
        let whole = match u.arbitrary()? {
            Piece::Raw(gap, bytes) => {
                line.extend(bytes.iter().map(|&byte| (byte, gap.into())));
                continue;
            }
            Piece::Wrapped(address, message) => frame(address % 3, message),
            Piece::Usual(function, register, count) => {
                let [[a, b], [c, d]] = [register, count].map(u16::to_be_bytes);
                frame(ADDRESS, &[function, a, b, c, d])
            }
            Piece::Write(sensor, values) => {
                let [a, b] = (SENSORS[usize::from(sensor % 8)] + 18).to_be_bytes();
                let values = &values[..values.len().min(246)];
                let head = [16, a, b, 0, values.len() as u8 / 2, values.len() as u8];
                frame(ADDRESS, &[&head, values].concat())
            }
        };
        line.extend(whole.into_iter().enumerate().map(|(n, byte)| (byte, if n == 0 { SILENCE_US } else { 600 })));
    }
    survives(&line);
    Ok(())
}

/// Bytes, each with the microseconds since the one before: what the slave does with them is what the specification says.
pub fn survives(line: &[(u8, u64)]) {
    let snapshot = Snapshot::default();
    let mut slave = Slave::new(ADDRESS, BAUD);
    let (mut now, mut pending) = (1_u64 << 40, vec![]);
    // The silence that ends the last one.
    for &(byte, gap) in line.iter().chain([&(0, 1_000_000)]) {
        now += gap;
        let served = slave.byte(Received { byte, at_us: now }, &snapshot);
        let served = served.map(|served| (served.answer.to_vec(), served.reset));
        if gap >= SILENCE_US && !pending.is_empty() {
            check(&pending, served);
            pending.clear();
        } else {
            assert!(served.is_none(), "no frame has ended");
        }
        pending.push(byte);
    }
}

/// Holds what was served of a frame against the specification.
fn check(frame: &[u8], served: Option<(Vec<u8>, Option<usize>)>) {
    let length = frame.len();
    let is_whole = (4..=256).contains(&length) && crc(&frame[..length - 2]) == frame[length - 2..];
    let is_own = is_whole && [0, ADDRESS].contains(&frame[0]) && frame[1] < 0x80;
    assert_eq!(served.is_some(), is_own, "{frame:x?}");
    let Some((answer, reset)) = served else { return };
    let is_zero = match frame[1] {
        6 => length == 8 && frame[4..6] == [0, 0],
        16 => length >= 11 && frame[7..length - 2].iter().all(|&byte| byte == 0),
        _ => false,
    };
    let register = u16::from_be_bytes([frame[2], frame[3]]);
    let sensor = SENSORS.iter().position(|&first| [first + 18, first + 19].contains(&register));
    assert!(reset.is_none() || is_zero && sensor == reset, "{frame:x?} resets {reset:?}");
    if frame[0] == 0 {
        assert!(answer.is_empty(), "nobody answers a broadcast");
        return;
    }
    let (body, sum) = answer.split_at(answer.len() - 2);
    assert_eq!((sum, body[0]), (&crc(body)[..], ADDRESS));
    if body[1] == frame[1] {
        match frame[1] {
            3 | 4 => assert!(body.len() == 3 + 2 * usize::from(frame[5]) && reset.is_none()),
            _ => assert!(body[1..] == frame[1..6] && reset.is_some()),
        }
    } else {
        assert!(body.len() == 3 && body[1] == frame[1] | 0x80 && (1..=3).contains(&body[2]), "{body:x?}");
        assert_eq!(reset, None);
    }
}
