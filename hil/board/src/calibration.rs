//! The calibration of a board: kept on its chip in two copies, checked before it is believed.
//!
//! In come requests, out go answers. This file must not know samples, nor how corrections are found: it hands them out,
//! and whoever configures the meter puts them in.
//!
//! Content of a copy (see [`pair`](crate::store::pair)), version 1, all numbers little-endian:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | when it was made, seconds since 1970 (UTC), 0: not told |
//! | 4 | 2 | clock, 0.1 ppm |
//! | 6 | 2 | which channels follow: bit 0 voltage, 1 to 8 currents, 9 residual |
//! | 8 | 16·n | these channels, in the order of the bits |
//!
//! A channel: gain (4 bytes, ppm), offset (4, 2⁻³¹ of full scale), noise (4, 2⁻³² of full scale), phase (2, 0.001 degree),
//! delay (2, 1/256 sample).

use heapless::Vec;
use hil_link::{Calibration, CalibrationRequest, CalibrationState, Correction, MAX_CURRENTS, Memory, Response};

use crate::energy::Keeper;
use crate::meter::refusal;
use crate::store::map::CALIBRATION;
use crate::store::pair::{Area, Content, Pair, ROOM};
use crate::store::{Chip, Found};
use crate::writer::{Writer, write};

const AREA: Area = Area { copies: CALIBRATION, magic: *b"MCAL", version: 1 };

/// Bit of the residual channel.
const RESIDUAL: usize = 1 + MAX_CURRENTS;

/// The calibration on the chip.
pub(crate) struct Calibrated {
    pair: Pair,
}

impl Calibrated {
    /// Reads the chip.
    pub(crate) fn open<C: Chip>(chip: &mut C) -> Self {
        Self { pair: Pair::open(chip, AREA).0 }
    }

    /// Executes a request. The chip is the keeper's, who is kept from beginning a save while a copy is written.
    pub(crate) fn execute<C: Chip>(
        &mut self,
        request: &CalibrationRequest,
        keeper: &mut Keeper<C>,
        mut now_us: impl FnMut() -> u64,
    ) -> Response {
        if let CalibrationRequest::Write(calibration) = request {
            if let Err(error) = calibration.check() {
                return Response::Error(refusal("calibration", &error));
            }
            if let Err(error) = self.pair.save(keeper.chip(), &encode(calibration)) {
                return Response::Error(refusal("calibration", &error));
            }
        }
        self.work(keeper, &mut now_us);
        let (on_chip, content) = Pair::open(keeper.chip(), AREA);
        let (found, calibration) = read(on_chip.report().found, content);
        let report = self.pair.report();
        Response::Calibration(CalibrationState {
            calibration,
            memory: found,
            saved: report.saved,
            pending: report.pending,
            saves: report.saves,
            faults: report.faults,
        })
    }

    /// What the chip keeps; `None` where it keeps none, or none that could have been written.
    pub(crate) fn kept<C: Chip>(keeper: &mut Keeper<C>) -> Option<Calibration> {
        let (on_chip, content) = Pair::open(keeper.chip(), AREA);
        read(on_chip.report().found, content).1
    }

    /// Whether something is being written.
    pub(crate) fn is_busy(&self) -> bool {
        self.pair.is_busy()
    }

    /// Goes on with what is being written.
    pub(crate) fn work<C: Chip>(&mut self, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
        write(&mut self.pair, Writer::Calibration, keeper, now_us);
    }
}

/// What stands on the chip. Bytes that are whole but make no calibration are corrupt: none of them is used.
fn read(found: Found, content: Option<Content>) -> (Memory, Option<Calibration>) {
    let version = AREA.version;
    let told = content.filter(|content| content.version == version).and_then(|content| decode(&content.bytes));
    match (found, told) {
        (Found::Restored, None) => (Memory::Corrupt, None),
        (found, calibration) => (found.into(), calibration),
    }
}

fn encode(calibration: &Calibration) -> Vec<u8, ROOM> {
    const { assert!(8 + 16 * (RESIDUAL + 1) <= ROOM, "a copy has room for all channels") }
    let mut present = 0_u16;
    let mut channels = Vec::<u8, ROOM>::new();
    let currents = (0..MAX_CURRENTS).map(|n| calibration.currents.get(n).and_then(Option::as_ref));
    let all = core::iter::once(calibration.voltage.as_ref()).chain(currents).chain([calibration.residual.as_ref()]);
    let mut whole = Ok(());
    for (bit, correction) in all.enumerate() {
        let Some(correction) = correction else { continue };
        present |= 1 << bit;
        whole = whole
            .and(channels.extend_from_slice(&correction.gain_ppm.to_le_bytes()))
            .and(channels.extend_from_slice(&correction.offset.to_le_bytes()))
            .and(channels.extend_from_slice(&correction.noise.to_le_bytes()))
            .and(channels.extend_from_slice(&correction.phase.to_le_bytes()))
            .and(channels.extend_from_slice(&correction.delay.to_le_bytes()));
    }
    let mut content = Vec::new();
    whole = whole
        .and(content.extend_from_slice(&calibration.made.to_le_bytes()))
        .and(content.extend_from_slice(&calibration.clock.to_le_bytes()))
        .and(content.extend_from_slice(&present.to_le_bytes()))
        .and(content.extend_from_slice(&channels));
    debug_assert!(whole.is_ok(), "there is room for all, see above");
    content
}

/// `None` where the bytes make no calibration that could have been written.
fn decode(content: &[u8]) -> Option<Calibration> {
    let ([m0, m1, m2, m3, c0, c1, p0, p1], mut rest) = content.split_first_chunk::<8>()?;
    let present = u16::from_le_bytes([*p0, *p1]);
    if present >> (RESIDUAL + 1) != 0 || rest.len() != 16 * present.count_ones() as usize {
        return None;
    }
    let mut next = |bit: usize| -> Option<Correction> {
        if present >> bit & 1 == 0 {
            return None;
        }
        let (bytes, left) = rest.split_first_chunk::<16>()?;
        rest = left;
        let [g0, g1, g2, g3, o0, o1, o2, o3, n0, n1, n2, n3, a0, a1, d0, d1] = *bytes;
        Some(Correction {
            gain_ppm: i32::from_le_bytes([g0, g1, g2, g3]),
            offset: i32::from_le_bytes([o0, o1, o2, o3]),
            noise: u32::from_le_bytes([n0, n1, n2, n3]),
            phase: i16::from_le_bytes([a0, a1]),
            delay: i16::from_le_bytes([d0, d1]),
        })
    };
    let voltage = next(0);
    let mut currents = Vec::<_, MAX_CURRENTS>::new();
    for n in 0..MAX_CURRENTS {
        currents.push(next(1 + n)).ok()?;
    }
    let residual = next(RESIDUAL);
    // Channels behind the last one that was calibrated stay away, as in what was written.
    while currents.last() == Some(&None) {
        currents.pop();
    }
    let calibration = Calibration {
        made: u32::from_le_bytes([*m0, *m1, *m2, *m3]),
        clock: i16::from_le_bytes([*c0, *c1]),
        voltage,
        currents,
        residual,
    };
    calibration.check().is_ok().then_some(calibration)
}
