//! Where what stands on the chip, a 24C64 of 8 192 bytes in pages of 32.
//!
//! In comes nothing, out go addresses. This file must not know what a record holds.
//!
//! | from | to | what |
//! |---|---|---|
//! | `0x0000` | `0x00ff` | settings, first copy |
//! | `0x0100` | `0x01ff` | settings, second copy |
//! | `0x0200` | `0x02ff` | calibration, first copy |
//! | `0x0300` | `0x03ff` | calibration, second copy |
//! | `0x0400` | `0x1ddf` | ring of 9 records of energy, 736 bytes (23 pages) each |
//! | `0x1de0` | `0x1fff` | not used |

/// Bytes of the chip.
pub const CHIP: usize = 8_192;

/// Bytes that are written at once.
pub const PAGE: usize = 32;

/// First byte of the copies of the settings: 256 bytes each, see [`pair`](super::pair).
pub const SETTINGS: [u32; 2] = [0x0000, 0x0100];
/// First byte of the copies of the calibration: 256 bytes each.
pub const CALIBRATION: [u32; 2] = [0x0200, 0x0300];

/// First byte of the ring.
pub const RING: u32 = 0x0400;
/// Bytes of a slot of the ring.
pub const SLOT: usize = 23 * PAGE;
/// Slots of the ring.
pub const SLOTS: u32 = (CHIP as u32 - RING) / SLOT as u32;

/// First byte of a slot, the ring going on from its end at its begin.
pub const fn slot(number: u32) -> u32 {
    RING + (number % SLOTS) * SLOT as u32
}

const _: () = assert!(SLOTS == 9 && slot(SLOTS - 1) as usize + SLOT <= CHIP && (RING as usize).is_multiple_of(PAGE));
