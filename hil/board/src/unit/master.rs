//! The Modbus master: what it asks is answered from the snapshot, what it resets is reset.
//!
//! In come bytes of the port, out go answers. This file must not know registers or functions.

use heapless::Deque;

use super::Unit;
use crate::device::Snapshot;
use crate::device::settings::Modbus;
use crate::energy::Keeper;
use crate::modbus::{LONGEST, Served, Slave};
use crate::outlet::{Outlet, Waiting as _};
use crate::platform::{Platform, Port};
use crate::store::Chip;

/// Most bytes taken at a time, so that the link has its turn.
const PIECE: usize = 64;

/// The slave on its port.
#[derive(Debug)]
pub(super) struct Bus {
    slave: Slave,
    answer: Deque<u8, LONGEST>,
    outlet: Outlet,
}

impl Bus {
    /// The port as the settings have it; what was begun is forgotten. What waits in the platform's own queues is not: a
    /// master that hears the rest of an answer at another speed sees a damaged one and asks again.
    pub(super) fn start<P: Platform>(settings: Modbus, platform: &mut P) -> Self {
        platform.set_serial(Port::Modbus, settings.baud, settings.parity);
        Self {
            slave: Slave::new(settings.address, settings.baud),
            answer: Deque::new(),
            outlet: Outlet::new(Port::Modbus),
        }
    }
}

impl<C: Chip> Unit<C> {
    /// Takes what the master sends and answers it. Returns within how many microseconds to come again; `None`: not before a
    /// byte comes.
    pub(crate) fn serve_modbus<P: Platform>(&mut self, platform: &mut P) -> Option<u32> {
        // A byte that comes from here on is no part of this look.
        let now_us = platform.microseconds();
        let Bus { slave, answer, outlet } = &mut self.bus;
        let mut all = PIECE;
        while let Some(left) = all.checked_sub(1) {
            let Some(received) = platform.receive(Port::Modbus) else { break };
            all = left;
            if let Some(served) = slave.byte(received, &self.snapshot) {
                serve(&served, &mut self.keeper, &mut self.snapshot, answer);
            }
        }
        // Where more is waiting nobody knows yet when it came.
        if all > 0
            && let Some(served) = slave.pass(now_us, &self.snapshot)
        {
            serve(&served, &mut self.keeper, &mut self.snapshot, answer);
        }
        let again_us = outlet.step(answer, platform);
        let patience_us = slave.patience_us(now_us);
        again_us.into_iter().chain(patience_us).min()
    }
}

/// Does what a frame of the master led to; an answer that still waits is thrown away for the next one. Saving waits for the
/// next request, or until the link is quiet.
fn serve<C: Chip>(
    served: &Served<'_>,
    keeper: &mut Keeper<C>,
    snapshot: &mut Snapshot,
    answer: &mut Deque<u8, LONGEST>,
) {
    if let Some(channel) = served.reset {
        keeper.reset(channel);
        snapshot.set_registers(keeper.registers());
    }
    answer.throw_away();
    for &byte in served.answer {
        // There is room for the longest answer.
        let _room = answer.push_back(byte);
    }
}
