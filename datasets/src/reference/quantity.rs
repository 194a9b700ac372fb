//! The quantities of a reading, their names and units.
//!
//! In comes nothing, out go words. This file must not know how a quantity is computed.

/// A quantity of a reading; the words are those of the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// RMS of the voltage in volt, without DC.
    VoltageV,
    /// RMS of a current in ampere, without DC.
    CurrentA,
    /// Active power P in watt.
    ActiveW,
    /// Fundamental reactive power Q1 in var.
    ReactiveVar,
    /// Apparent power S in volt-ampere.
    ApparentVa,
    /// Power factor P/S.
    PowerFactor,
    /// arg V1 - arg I1 in degrees, -180 to 180.
    PhaseDeg,
    /// Mains frequency in hertz.
    FrequencyHz,
    /// True RMS of the residual current in ampere, without smooth DC.
    ResidualA,
    /// RMS of the residual current without any DC, in ampere.
    ResidualAcA,
    /// Mean of a pulsating residual current in ampere.
    ResidualDcA,
    /// RMS of the voltage's fundamental, V1, in volt.
    FundamentalV,
    /// Mean of the voltage in volt.
    VoltageDcV,
    /// Peak over RMS of the voltage.
    VoltageCrest,
    /// THDV = VH/V1, VH being all of the voltage that is not its fundamental.
    Thdv,
    /// RMS of a current's fundamental, I1, in ampere.
    FundamentalA,
    /// Mean of a current in ampere.
    CurrentDcA,
    /// Peak over RMS of a current.
    CurrentCrest,
    /// THDI = IH/I1, IH being all of the current that is not its fundamental.
    Thdi,
    /// P1 = V1·I1·cos(phase) in watt.
    FundamentalActiveW,
    /// S1 = V1·I1 in volt-ampere.
    FundamentalApparentVa,
    /// PF1 = P1/S1.
    FundamentalPowerFactor,
    /// PH = P - P1 in watt.
    HarmonicActiveW,
    /// N = sqrt(S² - P²) in volt-ampere.
    NonactiveVa,
    /// DI = V1·IH in volt-ampere.
    CurrentDistortionVa,
    /// DV = VH·I1 in volt-ampere.
    VoltageDistortionVa,
    /// SH = VH·IH in volt-ampere.
    HarmonicApparentVa,
    /// SN = sqrt(S² - S1²) in volt-ampere.
    NonfundamentalVa,
}

impl Quantity {
    /// All quantities in the order of a report.
    pub const ALL: [Self; 28] = [
        Self::VoltageV,
        Self::CurrentA,
        Self::ActiveW,
        Self::ReactiveVar,
        Self::ApparentVa,
        Self::PowerFactor,
        Self::PhaseDeg,
        Self::FrequencyHz,
        Self::ResidualA,
        Self::ResidualAcA,
        Self::ResidualDcA,
        Self::FundamentalV,
        Self::VoltageDcV,
        Self::VoltageCrest,
        Self::Thdv,
        Self::FundamentalA,
        Self::CurrentDcA,
        Self::CurrentCrest,
        Self::Thdi,
        Self::FundamentalActiveW,
        Self::FundamentalApparentVa,
        Self::FundamentalPowerFactor,
        Self::HarmonicActiveW,
        Self::NonactiveVa,
        Self::CurrentDistortionVa,
        Self::VoltageDistortionVa,
        Self::HarmonicApparentVa,
        Self::NonfundamentalVa,
    ];

    /// Name in reports and limits.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VoltageV => "voltage_v",
            Self::CurrentA => "current_a",
            Self::ActiveW => "active_w",
            Self::ReactiveVar => "reactive_var",
            Self::ApparentVa => "apparent_va",
            Self::PowerFactor => "power_factor",
            Self::PhaseDeg => "phase_deg",
            Self::FrequencyHz => "frequency_hz",
            Self::ResidualA => "residual_a",
            Self::ResidualAcA => "residual_ac_a",
            Self::ResidualDcA => "residual_dc_a",
            Self::FundamentalV => "fundamental_v",
            Self::VoltageDcV => "voltage_dc_v",
            Self::VoltageCrest => "voltage_crest",
            Self::Thdv => "thdv",
            Self::FundamentalA => "fundamental_a",
            Self::CurrentDcA => "current_dc_a",
            Self::CurrentCrest => "current_crest",
            Self::Thdi => "thdi",
            Self::FundamentalActiveW => "fundamental_active_w",
            Self::FundamentalApparentVa => "fundamental_apparent_va",
            Self::FundamentalPowerFactor => "fundamental_power_factor",
            Self::HarmonicActiveW => "harmonic_active_w",
            Self::NonactiveVa => "nonactive_va",
            Self::CurrentDistortionVa => "current_distortion_va",
            Self::VoltageDistortionVa => "voltage_distortion_va",
            Self::HarmonicApparentVa => "harmonic_apparent_va",
            Self::NonfundamentalVa => "nonfundamental_va",
        }
    }

    /// How far `measured` is from `expected`, in the unit of the quantity; angles the short way round.
    pub fn error(self, measured: f64, expected: f64) -> f64 {
        let error = measured - expected;
        if self == Self::PhaseDeg { error - 360.0 * (error / 360.0).round() } else { error }
    }

    /// Whether there is one value for each current.
    pub const fn is_per_current(self) -> bool {
        !matches!(
            self,
            Self::VoltageV
                | Self::FrequencyHz
                | Self::ResidualA
                | Self::ResidualAcA
                | Self::ResidualDcA
                | Self::FundamentalV
                | Self::VoltageDcV
                | Self::VoltageCrest
                | Self::Thdv
        )
    }

    /// Unit, or nothing for a ratio.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::VoltageV | Self::FundamentalV | Self::VoltageDcV => "V",
            Self::CurrentA
            | Self::ResidualA
            | Self::ResidualAcA
            | Self::ResidualDcA
            | Self::FundamentalA
            | Self::CurrentDcA => "A",
            Self::ActiveW | Self::FundamentalActiveW | Self::HarmonicActiveW => "W",
            Self::ReactiveVar => "var",
            Self::ApparentVa
            | Self::FundamentalApparentVa
            | Self::NonactiveVa
            | Self::CurrentDistortionVa
            | Self::VoltageDistortionVa
            | Self::HarmonicApparentVa
            | Self::NonfundamentalVa => "VA",
            Self::PhaseDeg => "deg",
            Self::FrequencyHz => "Hz",
            Self::PowerFactor
            | Self::VoltageCrest
            | Self::CurrentCrest
            | Self::Thdv
            | Self::Thdi
            | Self::FundamentalPowerFactor => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name that serde reads in a catalogue is the one that reports print.
    #[test]
    fn each_quantity_has_one_name() {
        #[derive(serde::Deserialize)]
        struct Named {
            quantity: Quantity,
        }
        for quantity in Quantity::ALL {
            let named: Named = toml::from_str(&format!("quantity = \"{}\"", quantity.name())).unwrap();
            assert_eq!(named.quantity, quantity);
        }
    }
}
