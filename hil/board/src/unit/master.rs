//! The Modbus master: what it asks is answered from the snapshot, what it resets is reset.
//!
//! In come bytes of the port, out go answers. This file must not know registers or functions.

use super::Unit;
use crate::energy::Keeper;
use crate::modbus::{LONGEST, Served};
use crate::outlet::Outlet;
use crate::platform::{Platform, Port};
use crate::store::Chip;

/// Most bytes taken at a time, so that the link has its turn.
const PIECE: usize = 64;

impl<C: Chip> Unit<C> {
    /// Takes what the master sends and answers it. Returns within how many microseconds to come again; `None`: not before a
    /// byte comes.
    pub(crate) fn serve_modbus<P: Platform>(&mut self, platform: &mut P) -> Option<u32> {
        // A byte that comes from here on is no part of this look.
        let now_us = platform.microseconds();
        let mut all = PIECE;
        while let Some(left) = all.checked_sub(1) {
            let Some(received) = platform.receive(Port::Modbus) else { break };
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
        let again_us = self.to_master.step(platform);
        let patience_us = self.modbus.patience_us(now_us);
        again_us.into_iter().chain(patience_us).min()
    }
}

/// Does what a frame of the master led to. Saving waits for the next request, or until the link is quiet.
fn serve<C: Chip>(served: &Served<'_>, keeper: &mut Keeper<C>, to_master: &mut Outlet<LONGEST>, now_us: u64) {
    if let Some(channel) = served.reset {
        keeper.reset(channel);
    }
    to_master.replace(served.answer, now_us);
}
