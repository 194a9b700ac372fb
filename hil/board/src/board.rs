//! From bytes to requests and back.
//!
//! In come bytes, out go frames; what a request does stands in `meter`. This file must not know codes or quantities.

use hil_link::{Decoder, Error, Hello, MAX_CURRENTS, PROTOCOL_VERSION, Request, Response, Server, samples_frame};

use metering_core::reading::{Flags, Reading};

use crate::calibration::Calibrated;
use crate::device::Snapshot;
use crate::device::led::Link;
use crate::energy::Keeper;
use crate::front::Front;
use crate::meter::Metering;
use crate::modbus::{self, LONGEST, Served, Slave};
use crate::outlet::Outlet;
use crate::platform::{Platform, Port};
use crate::store::Chip;

/// Most bytes taken from a port at once.
const PIECE: usize = 64;

/// A board with room for requests of up to `ROOM` bytes (as a frame): 1024 at least, or a configuration may not fit.
pub struct Board<P: Platform, const ROOM: usize> {
    platform: P,
    decoder: Decoder<ROOM>,
    server: Server,
    metering: Metering,
    keeper: Keeper<P::Chip>,
    calibrated: Calibrated,
    snapshot: Snapshot,
    front: Front,
    modbus: Slave,
    to_master: Outlet<LONGEST>,
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
        let mut chip = platform.chip();
        let calibrated = Calibrated::open(&mut chip);
        let keeper = Keeper::open(chip);
        Self {
            snapshot: Snapshot::new(keeper.registers()),
            front: Front::new(&mut platform),
            keeper,
            calibrated,
            platform,
            decoder: Decoder::new(),
            server: Server::new(),
            metering: Metering::new(),
            modbus: Slave::new(modbus::ADDRESS, modbus::BAUD),
            to_master: Outlet::new(Port::Modbus),
        }
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
            let Some(length) = self.platform.read_link(&mut piece, patience_us)? else { continue };
            self.link(piece.get(..length).unwrap_or_default())?;
            return Ok(length);
        }
    }

    /// Serves the further ports. A flood is taken in pieces, so that the link has its turn. Returns within how many
    /// microseconds to come again; `None`: not before a byte comes.
    fn serve_ports(&mut self) -> Option<u32> {
        for _ in 0..PIECE {
            // Nobody listens there: it is taken so that the port does not wake the board for ever.
            let Some(_dropped) = self.platform.receive(Port::Console) else { break };
        }
        self.serve_modbus()
    }

    fn serve_modbus(&mut self) -> Option<u32> {
        // A byte that comes from here on is no part of this look.
        let now_us = self.platform.microseconds();
        let mut all = PIECE;
        while let Some(left) = all.checked_sub(1) {
            let Some(received) = self.platform.receive(Port::Modbus) else { break };
            all = left;
            if let Some(served) = self.modbus.byte(received, &self.snapshot) {
                serve(&served, &mut self.keeper, &mut self.to_master, now_us);
            }
        }
        // Where more is waiting nobody knows yet when it came.
        if all > 0
            && let Some(served) = self.modbus.pass(now_us, &self.snapshot)
        {
            serve(&served, &mut self.keeper, &mut self.to_master, now_us);
        }
        self.snapshot.set_registers(self.keeper.registers());
        let again_us = self.to_master.step(&mut self.platform);
        let patience_us = self.modbus.patience_us(now_us);
        again_us.into_iter().chain(patience_us).min()
    }

    /// Bytes from the link.
    fn link(&mut self, piece: &[u8]) -> Result<(), P::Error> {
        for &byte in piece {
            let damaged = self.decoder.damaged();
            let Some(Ok(frame)) = self.decoder.push(byte) else { continue };
            let platform = &mut self.platform;
            let (metering, keeper, calibrated) = (&mut self.metering, &mut self.keeper, &mut self.calibrated);
            let (snapshot, front) = (&mut self.snapshot, &mut self.front);
            let answer = self.server.serve(&frame, |request| match request {
                Request::Hello { .. } => {
                    metering.restart(platform);
                    snapshot.restart();
                    front.set_link(Link::Connected);
                    Response::Hello(hello(platform, Self::MAX_DATA))
                }
                Request::Configure(config) => {
                    snapshot.restart();
                    let answer = metering.configure(platform, config);
                    let is_configured = matches!(answer, Response::Configured);
                    front.set_link(if is_configured { Link::Configured } else { Link::Connected });
                    answer
                }
                Request::Samples { data, .. } | Request::Compressed { data, .. } if data.len() > Self::MAX_DATA => {
                    Response::Error(Error::Length)
                }
                Request::Samples { .. } | Request::Compressed { .. } | Request::Run { .. } => {
                    let mut absent = None;
                    let mut heard = |reading: &Reading<MAX_CURRENTS>| {
                        keeper.add(reading);
                        snapshot.window(reading);
                        absent = Some(reading.flags.contains(Flags::NO_VOLTAGE));
                    };
                    let before = metering.frames();
                    let answer = match request {
                        Request::Samples { first_frame, data } => {
                            metering.samples(platform, *first_frame, data, &mut heard)
                        }
                        Request::Compressed { first_frame, frames, data } => {
                            metering.compressed(platform, *first_frame, *frames, data, &mut heard)
                        }
                        Request::Run { frames, with_codes: true } => metering.block(platform, *frames, &mut heard),
                        Request::Run { frames, .. } => metering.run(platform, *frames, &mut heard),
                        _ => Response::Error(Error::Unknown),
                    };
                    if let Some(rate) = metering.sample_rate() {
                        front.frames(metering.frames().saturating_sub(before), rate);
                    }
                    // By half cycles where they are looked at, else by windows.
                    if let Some(interrupted) = metering.interrupted().or(absent) {
                        keeper.interruption(interrupted);
                    }
                    calibrated.work(keeper, || platform.microseconds());
                    keeper.work(|| platform.microseconds());
                    answer
                }
                Request::Events => metering.events(),
                Request::Residual(command) => metering.residual(*command),
                Request::Energy(request) => {
                    // A calibration that is being written keeps the registers from their turn.
                    calibrated.work(keeper, || platform.microseconds());
                    keeper.execute(*request, || platform.microseconds())
                }
                Request::Calibration(request) => calibrated.execute(request, keeper, || platform.microseconds()),
                Request::Device(request) => front.execute(*request, snapshot, platform),
                Request::Signal(signal) => metering.set_signal(platform, signal),
                Request::Status => metering.status(platform, damaged),
            });
            // A reset of energies, a test of the residual monitor: requests change more than windows do.
            snapshot.set_registers(keeper.registers());
            snapshot.set_residual(metering.residual_state());
            if let Some(answer) = answer {
                self.platform.write_all(answer)?;
                self.platform.flush()?;
            }
        }
        Ok(())
    }

    /// What the device shows.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The chip, to look at it.
    pub fn chip(&mut self) -> &mut P::Chip {
        self.keeper.chip()
    }

    /// The platform, to look at it or to change it between two polls.
    pub fn platform(&mut self) -> &mut P {
        &mut self.platform
    }
}

/// Does what a frame of the master led to. Saving waits for the next request: a page takes longer than the link may wait.
fn serve<C: Chip>(served: &Served<'_>, keeper: &mut Keeper<C>, to_master: &mut Outlet<LONGEST>, now_us: u64) {
    if let Some(channel) = served.reset {
        keeper.reset(channel);
    }
    to_master.replace(served.answer, now_us);
}

fn hello<P: Platform>(platform: &P, max_data: usize) -> Hello {
    Hello {
        version: PROTOCOL_VERSION,
        board: P::NAME.try_into().unwrap_or_default(),
        firmware: P::FIRMWARE.try_into().unwrap_or_default(),
        max_data: max_data as u32,
        clock_hz: platform.clock_hz(),
    }
}
