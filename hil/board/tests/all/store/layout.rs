//! The bytes of a record, and the map.

use hil_board::store::map::{CALIBRATION, CHIP, PAGE, RING, SETTINGS, SLOT, SLOTS, slot};
use hil_board::store::record::{Content, decode, encode, length};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};

use super::common::{N, energies, seconds};

/// One channel, each byte as the documentation of the record says.
const GOLDEN: &str = "4d545245 01 01 7000 efbeadde 0000008002000000 \
    0000030000000000 0080010000000000 0100000000000000 0200000000000000 ffffffffffff0000 \
    0000010000000000 0000000000000000 0100000000000000 0000000000000000 0000ffff00000000 \
    0000000001000000";

fn golden() -> Registers<1> {
    let ws = WattSecond::from_bits;
    let continuous = Energy {
        forward_active: ws(3 << 16),
        reverse_active: WattSecond::from_num(1.5),
        forward_reactive: ws(1),
        reverse_reactive: ws(2),
        apparent: ws(0xffff_ffff_ffff),
    };
    let at_reset =
        Energy { forward_active: ws(1 << 16), forward_reactive: ws(1), apparent: ws(0xffff_0000), ..Energy::default() };
    let account = Account { continuous, at_reset, reset_at: Second::ONE };
    Registers::restore(seconds(2.5), [account]).unwrap()
}

/// CRC-32 of Ethernet (ISO 3309), bit by bit.
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn golden_bytes() {
    assert_eq!(crc(b"123456789"), 0xcbf4_3926, "the check value of this CRC");
    let mut bytes = [0; SLOT];
    let end = encode(0xdead_beef, &golden(), &mut bytes);
    let mut expected = hex(GOLDEN);
    expected.extend(crc(&expected).to_le_bytes());
    assert_eq!(end, 112);
    assert_eq!(bytes[..end], expected[..]);
    assert!(bytes[end..].iter().all(|&byte| byte == 0xff));
    assert_eq!(decode(&bytes), Content::Intact { sequence: 0xdead_beef, registers: golden() });
}

#[test]
fn a_record_of_feed_and_seven_outlets_is_small() {
    assert_eq!(length(8), 728);
    assert!(length(8) <= 896 && length(8) <= SLOT);
    let mut registers = Registers::<N>::default();
    registers.step(seconds(1e9), &energies(5));
    registers.reset(3);
    registers.step(seconds(0.3), &energies(6));
    let mut bytes = [0; SLOT];
    encode(7, &registers, &mut bytes);
    assert_eq!(decode(&bytes), Content::Intact { sequence: 7, registers });
}

#[test]
fn what_is_not_ours_is_told_apart() {
    let mut bytes = [0; SLOT];
    let end = encode(1, &golden(), &mut bytes);
    let with = |at: usize, byte: u8| {
        let mut changed = bytes;
        changed[at] = byte;
        let sum = crc(&changed[..end - 4]).to_le_bytes();
        changed[end - 4..end].copy_from_slice(&sum);
        decode::<1>(&changed)
    };
    assert_eq!(with(4, 2), Content::Other, "another version");
    assert_eq!(with(5, 2), Content::Other, "two channels in the length of one");
    assert_eq!(with(5, 0), Content::Other);
    assert_eq!(with(0, b'm'), Content::Nothing);
    assert_eq!(with(20 + 80 + 4, 3), Content::Torn, "a reset after now contradicts itself");
    // A record of one channel in a program of eight: the others begin at 0.
    let Content::Intact { registers, .. } = decode::<N>(&bytes) else { panic!() };
    assert_eq!(registers.account(0), golden().account(0));
    assert_eq!(registers.account(1), Some(&Account::default()));
    let mut of_eight = [0; SLOT];
    encode(1, &Registers::<N>::default(), &mut of_eight);
    assert_eq!(decode::<1>(&of_eight), Content::Other);
}

#[test]
fn areas_do_not_overlap() {
    let mut areas: Vec<(usize, usize)> = (0..SLOTS).map(|n| (slot(n) as usize, SLOT)).collect();
    areas.extend(SETTINGS.iter().chain(&CALIBRATION).map(|&from| (from as usize, 256)));
    areas.sort_unstable();
    assert!(areas.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0));
    assert!(areas.iter().all(|(from, length)| from % PAGE == 0 && from + length <= CHIP));
    assert_eq!(RING, 1_024, "1 KiB for settings and calibration");
}
