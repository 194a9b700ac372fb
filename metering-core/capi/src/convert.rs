//! Between the core's readings and those C sees.
//!
//! In come the core's readings, out go the structures of `reading`, and the way back where something is computed from
//! them. Nothing is rounded. This file must not know memory.

use metering_core::energy::Energy;
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Signed, Volt, WattSecond};
use metering_core::reading;
use metering_core::residual::{Change, Kind, Notice, ResidualReading};
use metering_core::{HalfCycle, MeanSquare};

use crate::METERING_CURRENTS;
use crate::reading::{
    ChangeC, CurrentReading, EnergyReading, HalfCycleC, KindC, NoticeC, Reading, ResidualReadingC, VoltageReading,
};

impl From<&Energy> for EnergyReading {
    fn from(energy: &Energy) -> Self {
        Self {
            forward_active: energy.forward_active.to_bits(),
            reverse_active: energy.reverse_active.to_bits(),
            forward_reactive: energy.forward_reactive.to_bits(),
            reverse_reactive: energy.reverse_reactive.to_bits(),
            apparent: energy.apparent.to_bits(),
        }
    }
}

impl EnergyReading {
    pub(crate) fn energy(&self) -> Energy {
        Energy {
            forward_active: WattSecond::from_bits(self.forward_active),
            reverse_active: WattSecond::from_bits(self.reverse_active),
            forward_reactive: WattSecond::from_bits(self.forward_reactive),
            reverse_reactive: WattSecond::from_bits(self.reverse_reactive),
            apparent: WattSecond::from_bits(self.apparent),
        }
    }
}

impl From<&reading::VoltageReading> for VoltageReading {
    fn from(from: &reading::VoltageReading) -> Self {
        Self {
            rms: from.rms.to_bits(),
            fundamental: from.fundamental.to_bits(),
            dc: from.dc.to_bits(),
            peak: from.peak.to_bits(),
            present: 1,
            reserved: 0,
        }
    }
}

impl VoltageReading {
    pub(crate) fn reading(&self) -> Option<reading::VoltageReading> {
        (self.present != 0).then(|| reading::VoltageReading {
            rms: Volt::from_bits(self.rms),
            fundamental: Volt::from_bits(self.fundamental),
            dc: Signed::from_bits(self.dc),
            peak: Volt::from_bits(self.peak),
        })
    }
}

impl From<&reading::CurrentReading> for CurrentReading {
    fn from(from: &reading::CurrentReading) -> Self {
        let mut current = Self {
            rms: from.rms.to_bits(),
            fundamental: from.fundamental.to_bits(),
            dc: from.dc.to_bits(),
            peak: from.peak.to_bits(),
            energy: (&from.energy).into(),
            present: 1,
            no_load: from.no_load.into(),
            ..Self::default()
        };
        if let Some(power) = &from.power {
            current.active = power.active.to_bits();
            current.fundamental_active = power.fundamental_active.to_bits();
            current.reactive = power.reactive.to_bits();
            current.phase = power.phase.to_bits();
            current.has_power = 1;
        }
        current
    }
}

impl CurrentReading {
    pub(crate) fn reading(&self) -> Option<reading::CurrentReading> {
        let power = reading::PowerReading {
            active: Power::from_bits(self.active),
            fundamental_active: Power::from_bits(self.fundamental_active),
            reactive: Power::from_bits(self.reactive),
            phase: Degree::from_bits(self.phase),
        };
        (self.present != 0).then(|| reading::CurrentReading {
            rms: Ampere::from_bits(self.rms),
            fundamental: Ampere::from_bits(self.fundamental),
            dc: Signed::from_bits(self.dc),
            peak: Ampere::from_bits(self.peak),
            no_load: self.no_load != 0,
            power: (self.has_power != 0).then_some(power),
            energy: self.energy.energy(),
        })
    }
}

impl From<&ResidualReading> for ResidualReadingC {
    fn from(from: &ResidualReading) -> Self {
        let kind = match from.kind {
            Kind::None => KindC::None,
            Kind::Sinusoidal => KindC::Sinusoidal,
            Kind::PulsatingPositive => KindC::PulsatingPositive,
            Kind::PulsatingNegative => KindC::PulsatingNegative,
            Kind::Other => KindC::Other,
        };
        Self {
            rms: from.rms.to_bits(),
            ac: from.ac.to_bits(),
            total: from.total.map_or(0, Ampere::to_bits),
            dc: from.dc.to_bits(),
            peak: from.peak.to_bits(),
            present: 1,
            has_total: from.total.is_some().into(),
            kind: kind as u8,
            reserved: [0; 5],
        }
    }
}

impl From<&reading::Reading<METERING_CURRENTS>> for Reading {
    fn from(from: &reading::Reading<METERING_CURRENTS>) -> Self {
        let mut reading = Self {
            end_frame: from.end_frame,
            length: from.length_q16,
            duration: from.duration.to_bits(),
            elapsed: from.elapsed.to_bits(),
            flags: from.flags.bits().into(),
            frequency: from.frequency.map_or(0, Hertz::to_bits),
            voltage: from.voltage.as_ref().map(Into::into).unwrap_or_default(),
            residual: from.residual.as_ref().map(Into::into).unwrap_or_default(),
            ..Self::default()
        };
        for (mine, current) in reading.currents.iter_mut().zip(&from.currents) {
            *mine = current.as_ref().map(Into::into).unwrap_or_default();
        }
        reading
    }
}

impl From<&HalfCycle<METERING_CURRENTS>> for HalfCycleC {
    fn from(from: &HalfCycle<METERING_CURRENTS>) -> Self {
        let rms = |square: Option<MeanSquare>| square.map_or(0, |square| square.rms().to_bits());
        Self { end_frame: from.end_frame, voltage: rms(from.voltage), currents: from.currents.map(rms) }
    }
}

impl From<&Notice> for NoticeC {
    fn from(from: &Notice) -> Self {
        let (change, on) = match from.change {
            Change::PreWarning(on) => (ChangeC::PreWarning, on),
            Change::Alarm(on) => (ChangeC::Alarm, on),
            Change::SensorSilent(on) => (ChangeC::SensorSilent, on),
            Change::SensorSaturated(on) => (ChangeC::SensorSaturated, on),
            Change::SelfTest(on) => (ChangeC::SelfTest, on),
        };
        Self { frame: from.frame, change: change as u8, on: on.into(), reserved: [0; 6] }
    }
}

// The numbers of the header are those of the core.
const _: () = {
    use metering_core::residual::State;
    use reading::Flags;

    use crate::reading::{
        METERING_CLIPPED, METERING_EVENT, METERING_GAP, METERING_NO_VOLTAGE, METERING_SETTLING, METERING_STATE_ALARM,
        METERING_STATE_PRE_WARNING, METERING_STATE_SELF_TEST, METERING_STATE_SENSOR_SATURATED,
        METERING_STATE_SENSOR_SILENT,
    };

    assert!(METERING_SETTLING == Flags::SETTLING.bits() as u32 && METERING_CLIPPED == Flags::CLIPPED.bits() as u32);
    assert!(METERING_NO_VOLTAGE == Flags::NO_VOLTAGE.bits() as u32 && METERING_GAP == Flags::GAP.bits() as u32);
    assert!(METERING_EVENT == Flags::EVENT.bits() as u32);
    assert!(METERING_STATE_PRE_WARNING == State::PRE_WARNING.bits() as u32);
    assert!(METERING_STATE_ALARM == State::ALARM.bits() as u32);
    assert!(METERING_STATE_SENSOR_SILENT == State::SENSOR_SILENT.bits() as u32);
    assert!(METERING_STATE_SENSOR_SATURATED == State::SENSOR_SATURATED.bits() as u32);
    assert!(METERING_STATE_SELF_TEST == State::SELF_TEST.bits() as u32);
};
