//! 64 bits that two runs share only when they gave the same readings to the last bit.
//!
//! In come windows in order, out goes a number: CRC-64/XZ over the postcard bytes of each window. This file must not
//! know where the windows come from.

use core::fmt;

use crc::{CRC_64_XZ, Crc, Table};
use postcard::ser_flavors::Flavor;

use crate::window::Window;

static CRC: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_XZ);

/// Digest over the windows so far.
#[derive(Clone)]
pub struct Digest(crc::Digest<'static, u64, Table<1>>);

impl Digest {
    /// The digest of no window, 0.
    pub fn new() -> Self {
        Self(CRC.digest())
    }

    /// Takes the next window.
    pub fn update(&mut self, window: &Window) {
        // Neither this writer nor a window has a way to fail.
        let _infallible = postcard::serialize_with_flavor(window, Summing(&mut self.0));
    }

    /// The digest of the windows so far; more may follow. Printed as 16 lower-case hex digits.
    pub fn value(&self) -> u64 {
        self.0.clone().finalize()
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.value())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Where postcard writes to: the sum instead of a buffer.
struct Summing<'a>(&'a mut crc::Digest<'static, u64, Table<1>>);

impl Flavor for Summing<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.update(&[byte]);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.update(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
