//! The energy registers.
//!
//! In come readings, out go registers that C may keep as they are, and the same in Wh. They are plain data in the caller's
//! memory: all zeroes are registers of nothing. This file must not know where they are stored.
#![expect(unsafe_code, reason = "functions that C calls by name with pointers")]

use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};
use metering_core::registers;

use crate::METERING_CURRENTS;
use crate::memory;
use crate::reading::{EnergyReading, Reading};
use crate::status::Status;

/// Registers of one current.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyAccount {
    /// The continuous registers.
    pub continuous: EnergyReading,
    /// What they were at the last reset.
    pub at_reset: EnergyReading,
    /// Time of operation at the last reset, s times 2^32.
    pub reset_at: u64,
}

/// Registers of all currents: begin with all zeroes, or with what was kept.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyRegisters {
    /// Time of operation, s times 2^32.
    pub operation: u64,
    /// One per current.
    pub accounts: [EnergyAccount; METERING_CURRENTS],
}

/// Energies in whole Wh, varh or VAh, what is begun not counted: the low 32 bits, which go on from 0 after 2^32 - 1 (the
/// SNMP counter); as int32_t they are the Modbus register.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyHours {
    /// Active, both directions.
    pub absolute_active: u32,
    /// Active, towards the load.
    pub forward_active: u32,
    /// Active, from the load.
    pub reverse_active: u32,
    /// Reactive, both directions.
    pub absolute_reactive: u32,
    /// Reactive, lagging.
    pub forward_reactive: u32,
    /// Reactive, leading.
    pub reverse_reactive: u32,
    /// Apparent.
    pub apparent: u32,
}

/// Registers of one current in the 8311's units.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyUnits {
    /// Since the beginning.
    pub continuous: EnergyHours,
    /// Since the reset.
    pub resettable: EnergyHours,
    /// Whole seconds of operation.
    pub operation_s: u32,
    /// Whole seconds of operation since the reset.
    pub since_reset_s: u32,
}

impl EnergyRegisters {
    /// The registers of one current. One at a time: all of them would take 700 bytes of the stack.
    fn one(&self, channel: u32) -> Result<Registers<1>, Status> {
        let account = self.accounts.get(channel as usize).ok_or(Status::Channel)?;
        let account = Account {
            continuous: account.continuous.energy(),
            at_reset: account.at_reset.energy(),
            reset_at: Second::from_bits(account.reset_at),
        };
        Registers::restore(Second::from_bits(self.operation), [account]).ok_or(Status::Corrupt)
    }

    fn keep(&mut self, channel: u32, registers: &Registers<1>) {
        let [account] = registers.accounts();
        if let Some(mine) = self.accounts.get_mut(channel as usize) {
            mine.continuous = (&account.continuous).into();
            mine.at_reset = (&account.at_reset).into();
            mine.reset_at = account.reset_at.to_bits();
        }
    }

    fn check(&self) -> Result<(), Status> {
        (0..METERING_CURRENTS as u32).try_for_each(|channel| self.one(channel).map(drop))
    }
}

impl From<&Energy> for EnergyHours {
    fn from(energy: &Energy) -> Self {
        let hours = |energy: WattSecond| registers::energy_unsigned(energy);
        Self {
            absolute_active: hours(energy.absolute_active()),
            forward_active: hours(energy.forward_active),
            reverse_active: hours(energy.reverse_active),
            absolute_reactive: hours(energy.absolute_reactive()),
            forward_reactive: hours(energy.forward_reactive),
            reverse_reactive: hours(energy.reverse_reactive),
            apparent: hours(energy.apparent),
        }
    }
}

fn add(registers: &mut EnergyRegisters, reading: &Reading) -> Result<(), Status> {
    registers.check()?;
    let elapsed = Second::from_bits(reading.elapsed);
    let mut operation = registers.operation;
    for (channel, current) in (0..).zip(&reading.currents) {
        let mut sums = registers.one(channel)?;
        sums.step(elapsed, &[current.energy.energy()]);
        registers.keep(channel, &sums);
        operation = sums.operation().to_bits();
    }
    registers.operation = operation;
    Ok(())
}

fn reset(registers: &mut EnergyRegisters, channel: u32) -> Result<(), Status> {
    registers.check()?;
    let mut sums = registers.one(channel)?;
    sums.reset(0);
    registers.keep(channel, &sums);
    Ok(())
}

fn read(registers: &EnergyRegisters, channel: u32) -> Result<EnergyUnits, Status> {
    registers.check()?;
    let sums = registers.one(channel)?;
    let [account] = sums.accounts();
    Ok(EnergyUnits {
        continuous: (&account.continuous).into(),
        resettable: (&account.resettable()).into(),
        operation_s: sums.operation_s(),
        since_reset_s: sums.since_reset_s(0).unwrap_or_default(),
    })
}

/// Adds the energies of a window: call it for each reading. METERING_STATUS_CORRUPT, and nothing added, where the
/// registers contradict themselves.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_energy_add(registers: *mut EnergyRegisters, reading: *const Reading) -> Status {
    // SAFETY: the caller's word, here and below.
    let reading = unsafe { memory::at(reading) };
    Status::of(reading.and_then(|reading| add(unsafe { memory::at_mut(registers) }?, reading)))
}

/// Clears the resettable registers of current `channel`, 0 to 7, and its seconds since reset.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_energy_reset(registers: *mut EnergyRegisters, channel: u32) -> Status {
    // SAFETY: the caller's word, here and below.
    Status::of(unsafe { memory::at_mut(registers) }.and_then(|registers| reset(registers, channel)))
}

/// The registers of current `channel`, 0 to 7, in Wh, varh, VAh and s.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_energy_read(
    registers: *const EnergyRegisters,
    channel: u32,
    units: *mut EnergyUnits,
) -> Status {
    // SAFETY: the caller's word, here and below.
    let found = unsafe { memory::at(registers) }.and_then(|registers| read(registers, channel));
    Status::of(found.and_then(|found| unsafe { memory::put(units, found) }))
}
