//! Energy registers as they travel: what they hold, where their store stands, and what may be asked of them.
//!
//! In come registers of the core, out go integers, and the way back. This file must not know chips or when is saved.
//! Meaning of each register: `metering_core::energy`.

use heapless::Vec;
use metering_core::energy::{self, Account, Registers};
use metering_core::quantity::{Second, WattSecond};
use serde::{Deserialize, Serialize};

use crate::MAX_CURRENTS;

/// What is asked of the registers; the answer is always [`EnergyState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnergyRequest {
    /// How they stand.
    Show,
    /// Clears the resettable registers of one channel, or of all, and begins to save.
    Reset {
        /// The channel, from 0; `None`: all. One that there is not is refused.
        channel: Option<u8>,
    },
    /// Begins to save. A chip that holds something foreign is taken over.
    Save,
    /// When is saved from now on, until the board starts again.
    When(SaveWhen),
}

/// When the registers are saved, besides at a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveWhen {
    /// After this time of operation, in seconds.
    pub interval_s: u32,
    /// When any register has moved by this, in Wh, varh or `VAh`.
    pub energy_wh: u32,
    /// At once when the voltage is interrupted.
    pub on_interruption: bool,
}

/// Energies of one channel in Ws, vars and VAs, 16 bits behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Energies {
    /// Active, towards the load.
    pub forward_active: u64,
    /// Active, from the load.
    pub reverse_active: u64,
    /// Reactive, lagging.
    pub forward_reactive: u64,
    /// Reactive, leading.
    pub reverse_reactive: u64,
    /// Apparent.
    pub apparent: u64,
}

/// Registers of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnergyChannel {
    /// The continuous registers.
    pub continuous: Energies,
    /// What they were at the last reset.
    pub at_reset: Energies,
    /// Time of operation at the last reset in seconds, 32 bits behind the point.
    pub reset_at: u64,
}

/// What was found on the chip: of the registers, when the board started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Memory {
    /// No chip answers.
    Absent,
    /// Nothing; registers began at 0.
    Blank,
    /// A whole record; registers went on from it.
    Restored,
    /// Records, none of them whole; registers began at 0.
    Corrupt,
    /// Something else, which is not written over unless asked to.
    Foreign,
}

/// How the registers and their store stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnergyState {
    /// Time of operation in seconds, 32 bits behind the point.
    pub operation: u64,
    /// The channels, from the first on.
    pub channels: Vec<EnergyChannel, MAX_CURRENTS>,
    /// What was found on the chip.
    pub memory: Memory,
    /// Number of the newest record that is known to be on the chip.
    pub saved: Option<u32>,
    /// A save is going on or wanted.
    pub pending: bool,
    /// Saves completed since the start.
    pub saves: u32,
    /// Saves given up since the start, or pages that did not hold what was written.
    pub faults: u32,
}

impl EnergyState {
    /// The registers; `None` where they have more than `N` channels or contradict themselves.
    pub fn registers<const N: usize>(&self) -> Option<Registers<N>> {
        let mut accounts = [Account::default(); N];
        for (place, channel) in accounts.get_mut(..self.channels.len())?.iter_mut().zip(&self.channels) {
            *place = Account {
                continuous: channel.continuous.into(),
                at_reset: channel.at_reset.into(),
                reset_at: Second::from_bits(channel.reset_at),
            };
        }
        Registers::restore(Second::from_bits(self.operation), accounts)
    }
}

impl From<&Account> for EnergyChannel {
    fn from(account: &Account) -> Self {
        Self {
            continuous: account.continuous.into(),
            at_reset: account.at_reset.into(),
            reset_at: account.reset_at.to_bits(),
        }
    }
}

impl From<energy::Energy> for Energies {
    fn from(energy: energy::Energy) -> Self {
        Self {
            forward_active: energy.forward_active.to_bits(),
            reverse_active: energy.reverse_active.to_bits(),
            forward_reactive: energy.forward_reactive.to_bits(),
            reverse_reactive: energy.reverse_reactive.to_bits(),
            apparent: energy.apparent.to_bits(),
        }
    }
}

impl From<Energies> for energy::Energy {
    fn from(energies: Energies) -> Self {
        Self {
            forward_active: WattSecond::from_bits(energies.forward_active),
            reverse_active: WattSecond::from_bits(energies.reverse_active),
            forward_reactive: WattSecond::from_bits(energies.forward_reactive),
            reverse_reactive: WattSecond::from_bits(energies.reverse_reactive),
            apparent: WattSecond::from_bits(energies.apparent),
        }
    }
}
