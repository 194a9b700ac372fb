//! A number that two runs share only when they gave the same readings to the last bit.
//!
//! In come readings in order, out goes CRC-64/XZ over the fields of each in the order of the header, little-endian and
//! without padding; fields named `reserved` are left out. This file must not know where readings come from.
#![expect(unsafe_code, reason = "a function that C calls by name with pointers")]

use crc::{CRC_64_XZ, Crc, Digest, Table};

use crate::memory;
use crate::reading::{CurrentReading, EnergyReading, Reading, ResidualReadingC, VoltageReading};
use crate::status::Status;

static CRC: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_XZ);

struct Sum(Digest<'static, u64, Table<1>>);

impl Sum {
    fn longs(&mut self, values: &[u64]) {
        for value in values {
            self.0.update(&value.to_le_bytes());
        }
    }

    fn voltage(&mut self, reading: &VoltageReading) {
        self.longs(&[reading.rms, reading.fundamental, reading.dc as u64, reading.peak]);
        self.0.update(&reading.present.to_le_bytes());
    }

    fn current(&mut self, reading: &CurrentReading) {
        self.longs(&[reading.rms, reading.fundamental, reading.dc as u64, reading.peak]);
        self.longs(&[reading.active as u64, reading.fundamental_active as u64, reading.reactive as u64]);
        let EnergyReading { forward_active, reverse_active, forward_reactive, reverse_reactive, apparent } =
            reading.energy;
        self.longs(&[forward_active, reverse_active, forward_reactive, reverse_reactive, apparent]);
        self.0.update(&reading.phase.to_le_bytes());
        self.0.update(&[reading.present, reading.has_power, reading.no_load]);
    }

    fn residual(&mut self, reading: &ResidualReadingC) {
        self.longs(&[reading.rms, reading.ac, reading.total, reading.dc as u64, reading.peak]);
        self.0.update(&[reading.present, reading.has_total, reading.kind]);
    }

    fn reading(&mut self, reading: &Reading) {
        self.longs(&[reading.end_frame, reading.length, reading.duration, reading.elapsed]);
        self.0.update(&reading.flags.to_le_bytes());
        self.0.update(&reading.frequency.to_le_bytes());
        self.voltage(&reading.voltage);
        for current in &reading.currents {
            self.current(current);
        }
        self.residual(&reading.residual);
    }
}

/// The digest of one reading more; that of none is 0.
fn next(digest: u64, reading: &Reading) -> u64 {
    // The register of a reflected CRC, before its last inversion, as the algorithm without reflection names it.
    let mut sum = Sum(CRC.digest_with_initial((!digest).reverse_bits()));
    sum.reading(reading);
    sum.0.finalize()
}

/// Takes the next reading into a digest, which begins with 0.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_digest_update(digest: *mut u64, reading: *const Reading) -> Status {
    // SAFETY: the caller's word, here and below.
    let sum = unsafe { memory::at(reading) }.and_then(|reading| Ok(next(unsafe { memory::get(digest) }?, reading)));
    Status::of(sum.and_then(|sum| unsafe { memory::put(digest, sum) }))
}
