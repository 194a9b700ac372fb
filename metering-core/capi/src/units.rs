//! What follows from a reading, and readings in the 8311's register units.
//!
//! In come readings as C has them, out go integers. Computed when asked for. This file must not know meters.
#![expect(unsafe_code, reason = "functions that C calls by name with pointers")]

use metering_core::derived::{self, Quadrant};
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Ratio, Volt};
use metering_core::registers;

use crate::METERING_CURRENTS;
use crate::memory;
use crate::reading::Reading;
use crate::status::Status;

/// Powers and factors of one current (IEEE 1459-2010): W, var, VA times 2^24, factors times 2^30.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Apparent power S = V·I.
    pub apparent: i64,
    /// Non-active power N.
    pub nonactive: i64,
    /// Fundamental apparent power S1.
    pub fundamental_apparent: i64,
    /// Harmonic active power PH = P - P1.
    pub harmonic_active: i64,
    /// Current distortion power DI.
    pub current_distortion: i64,
    /// Voltage distortion power DV.
    pub voltage_distortion: i64,
    /// Harmonic apparent power SH.
    pub harmonic_apparent: i64,
    /// Non-fundamental apparent power SN.
    pub nonfundamental: i64,
    /// Power factor P/S with the sign of P; 0 where S is 0.
    pub power_factor: i32,
    /// Displacement factor P1/S1.
    pub fundamental_power_factor: i32,
    /// Total harmonic distortion of the voltage, times 2^24.
    pub voltage_thd: u32,
    /// The same of the current.
    pub current_thd: u32,
    /// Crest factor of the voltage, times 2^24.
    pub voltage_crest: u32,
    /// The same of the current.
    pub current_crest: u32,
    /// Quadrant 1 to 4 of P and Q1.
    pub quadrant: u32,
    /// 0.
    pub reserved: u32,
}

/// A current in the 8311's register units; all 0 where it is not configured or has no voltage.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CurrentUnits {
    /// RMS in mA.
    pub current: i32,
    /// Active power in W.
    pub active: i32,
    /// Fundamental reactive power in var.
    pub reactive: i32,
    /// Apparent power in VA.
    pub apparent: i32,
    /// Power factor in 0.001, with its sign.
    pub power_factor: i32,
    /// Power angle in 0.1 degree.
    pub power_angle: i32,
}

/// A reading in the 8311's register units, each rounded to the nearest; a value beyond a register becomes its end.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Voltage in V.
    pub voltage: i32,
    /// Frequency in 0.01 Hz.
    pub frequency: i32,
    /// The currents.
    pub currents: [CurrentUnits; METERING_CURRENTS],
    /// Residual current, true RMS, in 0.1 mA.
    pub residual: i16,
    /// 0.
    pub reserved: i16,
}

impl Derived {
    /// Of a current of a reading. `None` without voltage or without that current.
    fn of(reading: &Reading, channel: usize) -> Option<Self> {
        let current = reading.currents.get(channel)?.reading()?;
        let (voltage, power) = (reading.voltage.reading()?, current.power?);
        let derived = derived::Derived::new(&voltage, &current, &power);
        Some(Self {
            apparent: derived.apparent.to_bits(),
            nonactive: derived.nonactive.to_bits(),
            fundamental_apparent: derived.fundamental_apparent.to_bits(),
            harmonic_active: derived.harmonic_active.to_bits(),
            current_distortion: derived.current_distortion.to_bits(),
            voltage_distortion: derived.voltage_distortion.to_bits(),
            harmonic_apparent: derived.harmonic_apparent.to_bits(),
            nonfundamental: derived.nonfundamental.to_bits(),
            power_factor: derived.power_factor.to_bits(),
            fundamental_power_factor: derived.fundamental_power_factor.to_bits(),
            voltage_thd: voltage.distortion().to_bits(),
            current_thd: current.distortion().to_bits(),
            voltage_crest: voltage.crest().to_bits(),
            current_crest: current.crest().to_bits(),
            quadrant: match derived.quadrant {
                Quadrant::I => 1,
                Quadrant::II => 2,
                Quadrant::III => 3,
                Quadrant::IV => 4,
            },
            reserved: 0,
        })
    }
}

impl Units {
    fn of(reading: &Reading) -> Self {
        let mut units = Self {
            voltage: registers::voltage(Volt::from_bits(reading.voltage.rms)),
            frequency: registers::frequency(Hertz::from_bits(reading.frequency)),
            residual: registers::residual(Ampere::from_bits(reading.residual.rms)),
            ..Self::default()
        };
        for (channel, (mine, current)) in units.currents.iter_mut().zip(&reading.currents).enumerate() {
            mine.current = registers::current(Ampere::from_bits(current.rms));
            mine.active = registers::power(Power::from_bits(current.active));
            mine.reactive = registers::power(Power::from_bits(current.reactive));
            mine.power_angle = registers::power_angle(Degree::from_bits(current.phase));
            if let Some(derived) = Derived::of(reading, channel) {
                mine.apparent = registers::power(Power::from_bits(derived.apparent));
                mine.power_factor = registers::power_factor(Ratio::from_bits(derived.power_factor));
            }
        }
        units
    }
}

/// What follows from a reading for current `channel`, 0 to 7.
/// METERING_STATUS_CHANNEL where it is not configured or has no voltage.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_derive(reading: *const Reading, channel: u32, derived: *mut Derived) -> Status {
    // SAFETY: the caller's word, here and below.
    let found = unsafe { memory::at(reading) }.map(|reading| Derived::of(reading, channel as usize));
    Status::of(found.and_then(|found| unsafe { memory::put(derived, found.ok_or(Status::Channel)?) }))
}

/// A reading in the 8311's register units.
///
/// # Safety
/// Pointers are null or point to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_units(reading: *const Reading, units: *mut Units) -> Status {
    // SAFETY: the caller's word, here and below.
    let found = unsafe { memory::at(reading) }.map(Units::of);
    Status::of(found.and_then(|found| unsafe { memory::put(units, found) }))
}
