//! From bytes to requests and back.
//!
//! In come bytes, out go frames; what a request does stands in `unit`. This file must not know codes or quantities.

use hil_link::{Decoder, Server, samples_frame};

use crate::device::Snapshot;
use crate::platform::Platform;
use crate::unit::{Line, Unit};

/// Most bytes taken from a port at once.
const PIECE: usize = 64;

/// After so long without a byte from the link, in microseconds, the chip has its turn between two requests: a page takes
/// longer than a link without a buffer may wait.
const QUIET_US: u64 = 100_000;

/// So often the chip is looked after then.
const REST_US: u32 = 1_000;

/// A board with room for requests of up to `ROOM` bytes (as a frame): 1024 at least, or a configuration may not fit.
pub struct Board<P: Platform, const ROOM: usize> {
    platform: P,
    decoder: Decoder<ROOM>,
    server: Server,
    unit: Unit<P::Chip>,
    /// When the link has spoken last.
    heard_us: u64,
}

impl<P: Platform, const ROOM: usize> Board<P, ROOM> {
    /// Most bytes of samples in one request.
    pub const MAX_DATA: usize = {
        assert!(ROOM >= 1024, "a configuration may not fit");
        // What surrounds the data grows by one byte per 254: first too much is taken off, then what is left is used.
        let mut data = ROOM - (samples_frame(ROOM) - ROOM);
        while samples_frame(data + 1) <= ROOM {
            data += 1;
        }
        data
    };

    /// A board that nobody has spoken to yet. Reads what the platform's chip keeps.
    pub fn new(mut platform: P) -> Self {
        Self { unit: Unit::new(&mut platform), platform, decoder: Decoder::new(), server: Server::new(), heard_us: 0 }
    }

    /// Waits for bytes, executes the requests they complete and answers them; meanwhile serves the further ports. Returns
    /// the number of bytes read; 0 when the line is closed.
    ///
    /// # Errors
    /// Those of the link.
    pub fn poll(&mut self) -> Result<usize, P::Error> {
        let mut piece = [0; PIECE];
        loop {
            let patience_us = self.serve_ports();
            let now_us = self.platform.microseconds();
            let is_quiet = now_us.saturating_sub(self.heard_us) >= QUIET_US;
            let chip_us = self.unit.is_busy().then_some(if is_quiet { REST_US } else { QUIET_US as u32 });
            let patience_us = patience_us.into_iter().chain(chip_us).min();
            if let Some(length) = self.platform.read_link(&mut piece, patience_us)? {
                self.link(piece.get(..length).unwrap_or_default())?;
                self.heard_us = self.platform.microseconds();
                return Ok(length);
            }
            if is_quiet && self.unit.is_busy() {
                self.unit.rest(&mut self.platform);
            }
        }
    }

    /// Serves the further ports. A flood is taken in pieces, so that the link has its turn. Returns within how many
    /// microseconds to come again; `None`: not before a byte comes.
    fn serve_ports(&mut self) -> Option<u32> {
        let console_us = self.unit.serve_console(&mut self.platform);
        let modbus_us = self.unit.serve_modbus(&mut self.platform);
        console_us.into_iter().chain(modbus_us).min()
    }

    /// Bytes from the link.
    fn link(&mut self, piece: &[u8]) -> Result<(), P::Error> {
        for &byte in piece {
            let damaged = self.decoder.damaged();
            let Some(Ok(frame)) = self.decoder.push(byte) else { continue };
            let line = Line { max_data: Self::MAX_DATA, damaged };
            let (unit, platform) = (&mut self.unit, &mut self.platform);
            let answer = self.server.serve(&frame, |request| unit.execute(request, line, platform));
            if let Some(answer) = answer {
                self.platform.write_all(answer)?;
                self.platform.flush()?;
            }
        }
        Ok(())
    }

    /// What the device shows.
    pub const fn snapshot(&self) -> &Snapshot {
        self.unit.snapshot()
    }

    /// The chip, to look at it.
    pub fn chip(&mut self) -> &mut P::Chip {
        self.unit.chip()
    }

    /// The platform, to look at it or to change it between two polls.
    pub fn platform(&mut self) -> &mut P {
        &mut self.platform
    }
}
