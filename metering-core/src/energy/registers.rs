//! The registers of all channels.
//!
//! In come the energies of windows, out go twelve registers per channel, apparent energy, the seconds of operation and
//! the seconds since each reset. Absolute registers are the sum of forward and reverse, resettable ones what was added
//! since the reset: neither is kept, so none can disagree, and a reset is one snapshot with its time. This file must not
//! know how registers are stored or shown.

use super::Energy;
use crate::quantity::{Second, WattSecond};
use crate::reading::Reading;
use crate::registers;

/// Registers of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The continuous registers.
    pub continuous: Energy,
    /// What the continuous registers were at the last reset.
    pub at_reset: Energy,
    /// Time of operation at the last reset.
    pub reset_at: Second,
}

impl Account {
    /// The resettable registers.
    pub fn resettable(&self) -> Energy {
        self.continuous.since(&self.at_reset)
    }
}

/// Registers of `CURRENTS` channels and the time of operation.
///
/// Range: 890 years at 10 kW and 136 years of operation; they stay at their end, they never wrap.
///
/// ```
/// use metering_core::energy::{Energy, Registers};
/// use metering_core::quantity::{Second, WattSecond};
///
/// let mut registers = Registers::<1>::default();
/// let energy = Energy { forward_active: WattSecond::const_from_int(720), ..Energy::default() };
/// registers.step(Second::ONE, &[energy]);
/// assert!(registers.reset(0));
/// registers.step(Second::ONE, &[energy]);
/// let account = registers.account(0).unwrap();
/// assert_eq!(account.continuous.forward_active, 1_440);
/// assert_eq!(account.resettable().absolute_active(), 720);
/// assert_eq!((registers.operation_s(), registers.since_reset_s(0)), (2, Some(1)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers<const CURRENTS: usize> {
    operation: Second,
    accounts: [Account; CURRENTS],
}

impl<const CURRENTS: usize> Default for Registers<CURRENTS> {
    fn default() -> Self {
        Self { operation: Second::ZERO, accounts: [Account::default(); CURRENTS] }
    }
}

impl<const CURRENTS: usize> Registers<CURRENTS> {
    /// Registers as they were kept somewhere. `None` where they contradict themselves: more at a reset than now, or a
    /// reset after now.
    pub fn restore(operation: Second, accounts: [Account; CURRENTS]) -> Option<Self> {
        let holds = |account: &Account| account.continuous.at_least(&account.at_reset) && account.reset_at <= operation;
        accounts.iter().all(holds).then_some(Self { operation, accounts })
    }

    /// Takes the energies of a window: call it for each one the meter gives.
    pub fn add(&mut self, reading: &Reading<CURRENTS>) {
        let energies = reading.currents.map(|current| current.map_or_else(Energy::default, |current| current.energy));
        self.step(reading.elapsed, &energies);
    }

    /// Takes the energies of all channels over any stretch of time.
    pub fn step(&mut self, elapsed: Second, energies: &[Energy; CURRENTS]) {
        self.operation = self.operation.saturating_add(elapsed);
        for (account, energy) in self.accounts.iter_mut().zip(energies) {
            account.continuous = account.continuous.plus(energy);
        }
    }

    /// Clears the resettable registers of channel `channel` and its seconds since reset, nothing else. `false` where
    /// there is no such channel.
    pub fn reset(&mut self, channel: usize) -> bool {
        let operation = self.operation;
        self.accounts.get_mut(channel).is_some_and(|account| {
            (account.at_reset, account.reset_at) = (account.continuous, operation);
            true
        })
    }

    /// Registers of a channel.
    pub fn account(&self, channel: usize) -> Option<&Account> {
        self.accounts.get(channel)
    }

    /// Registers of all channels.
    pub const fn accounts(&self) -> &[Account; CURRENTS] {
        &self.accounts
    }

    /// Time of operation, lost frames included.
    pub const fn operation(&self) -> Second {
        self.operation
    }

    /// Whole seconds of operation.
    pub const fn operation_s(&self) -> u32 {
        registers::seconds(self.operation)
    }

    /// Whole seconds of operation since the reset of a channel, or since the beginning.
    pub fn since_reset_s(&self, channel: usize) -> Option<u32> {
        Some(registers::seconds(self.operation.saturating_sub(self.accounts.get(channel)?.reset_at)))
    }

    /// By how much the register that moved most has moved since `earlier`, and the time passed since.
    pub fn moved(&self, earlier: &Self) -> (WattSecond, Second) {
        let energies = self.accounts.iter().zip(&earlier.accounts);
        let largest = energies.map(|(now, then)| now.continuous.since(&then.continuous).largest()).max();
        (largest.unwrap_or_default(), self.operation.saturating_sub(earlier.operation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Each register is a plain sum over its steps, the resettable ones over those since the last reset.
        #[test]
        fn registers_are_sums(steps in prop::collection::vec((any::<[u32; 5]>(), any::<u32>(), any::<bool>()), 1..60)) {
            let mut registers = Registers::<2>::default();
            let (mut all, mut since) = ([0u64; 5], [0u64; 5]);
            let (mut time, mut since_time) = (0u64, 0u64);
            for (energies, elapsed, reset) in steps {
                let [a, b, c, d, e] = energies.map(|energy| WattSecond::from_bits(energy.into()));
                let energy =
                    Energy { forward_active: a, reverse_active: b, forward_reactive: c, reverse_reactive: d, apparent: e };
                registers.step(Second::from_bits(elapsed.into()), &[Energy::default(), energy]);
                (time, since_time) = (time + u64::from(elapsed), since_time + u64::from(elapsed));
                for ((all, since), energy) in all.iter_mut().zip(&mut since).zip(energies) {
                    (*all, *since) = (*all + u64::from(energy), *since + u64::from(energy));
                }
                if reset {
                    prop_assert!(registers.reset(1));
                    (since, since_time) = ([0; 5], 0);
                }
                let account = registers.account(1).unwrap();
                for (energy, sums) in [(account.continuous, all), (account.resettable(), since)] {
                    prop_assert_eq!(energy.forward_active.to_bits(), sums[0]);
                    prop_assert_eq!(energy.reverse_active.to_bits(), sums[1]);
                    prop_assert_eq!(energy.absolute_active().to_bits(), sums[0] + sums[1]);
                    prop_assert_eq!(energy.forward_reactive.to_bits(), sums[2]);
                    prop_assert_eq!(energy.reverse_reactive.to_bits(), sums[3]);
                    prop_assert_eq!(energy.absolute_reactive().to_bits(), sums[2] + sums[3]);
                    prop_assert_eq!(energy.apparent.to_bits(), sums[4]);
                }
                prop_assert_eq!(u64::from(registers.operation_s()), time >> 32);
                prop_assert_eq!(registers.since_reset_s(1).map(u64::from), Some(since_time >> 32));
                prop_assert_eq!(registers.account(0).unwrap().continuous, Energy::default());
            }
        }
    }

    fn energy(n: u64) -> Energy {
        let energy = |k: u64| WattSecond::from_bits(n * 10 + k);
        Energy {
            forward_active: energy(1),
            reverse_active: energy(2),
            forward_reactive: energy(3),
            reverse_reactive: energy(4),
            apparent: energy(5),
        }
    }

    #[test]
    fn a_reset_clears_the_resettable_registers_of_one_channel() {
        let mut registers = Registers::<2>::default();
        registers.step(Second::from_num(1.75), &[energy(1), energy(2)]);
        let before = registers;
        assert!(registers.reset(1) && !registers.reset(2));
        assert_eq!(registers.account(0), before.account(0));
        let account = registers.account(1).unwrap();
        assert_eq!((account.continuous, account.resettable()), (energy(2), Energy::default()));
        registers.step(Second::from_num(0.5), &[energy(3), energy(4)]);
        assert_eq!(registers.account(1).unwrap().resettable(), energy(4));
        assert_eq!(
            (registers.operation_s(), registers.since_reset_s(0), registers.since_reset_s(1)),
            (2, Some(2), Some(0))
        );
        assert_eq!(registers.since_reset_s(2), None);
        assert_eq!(registers.moved(&before).0, energy(3).largest().max(energy(4).largest()));
        assert_eq!(registers.moved(&before).1, 0.5);
    }

    #[test]
    fn what_contradicts_itself_is_not_restored() {
        let account = Account { continuous: energy(2), at_reset: energy(1), reset_at: Second::ONE };
        assert!(Registers::restore(Second::ONE, [account]).is_some());
        assert_eq!(Registers::restore(Second::ONE - Second::DELTA, [account]), None);
        let reversed = Account { continuous: Energy { apparent: WattSecond::ZERO, ..energy(2) }, ..account };
        assert_eq!(Registers::restore(Second::MAX, [account, reversed]), None);
    }

    #[test]
    fn the_ends_are_kept() {
        let full = Energy { forward_active: WattSecond::MAX, reverse_active: WattSecond::ONE, ..energy(1) };
        let mut registers = Registers::<1>::default();
        registers.step(Second::MAX, &[full]);
        registers.step(Second::MAX, &[full]);
        let continuous = registers.account(0).unwrap().continuous;
        assert_eq!((continuous.forward_active, continuous.absolute_active()), (WattSecond::MAX, WattSecond::MAX));
        assert_eq!(registers.operation_s(), u32::MAX);
        // 100 years at 10 kW are far from the end.
        assert!(WattSecond::from_num(10_000u64 * 100 * 31_557_600) < WattSecond::MAX / 8);
    }
}
