//! What the ADC and the timer that paces it can give.
//!
//! In comes a configuration, out goes the timer's divider, or what cannot be given. This file must not know a register, so
//! it is tested on the PC.

use hil_link::Config;

use crate::timing::{APB2_HZ, TIMER_HZ};

/// Bits of the ADC.
const BITS: u8 = 12;

/// The bus's clock is divided by this for the ADC: 21 MHz, of the 36 that it bears (data sheet, 5.3.21).
const ADC_DIVIDER: u32 = 4;

/// Cycles of the ADC for one channel: 28 of sampling, 12 of conversion; RM0090, 13.5.
const CYCLES: u32 = 28 + 12;

/// Ticks of the timer for one channel: 1.905 µs.
pub const TICKS_PER_CHANNEL: u32 = CYCLES * ADC_DIVIDER * (TIMER_HZ / 1_000_000) / (APB2_HZ / 1_000_000);

/// What of a configuration cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The resolution.
    Bits(u8),
    /// The rate is none of the timer's; the nearest that is, in millihertz.
    Rate { nearest_mhz: u64 },
    /// So many channels take longer than a frame; the fastest rate, in hertz.
    Channels { fastest_hz: u32 },
    /// There is no crystal, and a rate without one is off by up to 1 %.
    Crystal,
}

impl Limit {
    /// Name of the configuration's field.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Bits(_) => "adc_bits",
            Self::Rate { .. } | Self::Channels { .. } | Self::Crystal => "sample_rate",
        }
    }
}

impl core::fmt::Display for Limit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bits(bits) => write!(f, "{bits} bits: the ADC of this board gives {BITS}"),
            Self::Rate { nearest_mhz } => {
                write!(
                    f,
                    "the nearest rate that 84 MHz can be divided to is {}.{:03} Hz",
                    nearest_mhz / 1_000,
                    nearest_mhz % 1_000
                )
            }
            Self::Channels { fastest_hz } => {
                write!(f, "so many channels are sampled at {fastest_hz} Hz at most")
            }
            Self::Crystal => write!(f, "the crystal has not started, and without it no rate is right"),
        }
    }
}

/// The divider of the timer for a configuration. The rate must be met to 0.1 ppm, the step of a configuration's clock.
///
/// # Errors
/// What cannot be given.
pub fn divider(config: &Config, has_crystal: bool) -> Result<u32, Limit> {
    if !has_crystal {
        return Err(Limit::Crystal);
    }
    if config.adc_bits != BITS {
        return Err(Limit::Bits(config.adc_bits));
    }
    let clock = u64::from(TIMER_HZ) << 32;
    let rate = config.sample_rate.max(1);
    // 16 bits of the timer hold one less; 2 000 Hz, the least rate of the meter, are divided by 42 000.
    let divider = (clock / rate + u64::from(clock % rate > rate / 2)).clamp(1, 1 << 16);
    let error = (u128::from(divider) * u128::from(rate)).abs_diff(u128::from(clock));
    if error * 10_000_000 > u128::from(clock) {
        return Err(Limit::Rate { nearest_mhz: (u64::from(TIMER_HZ) * 1_000 + divider / 2) / divider });
    }
    let least = TICKS_PER_CHANNEL * (config.channels() as u32 + 1);
    if divider < u64::from(least) {
        return Err(Limit::Channels { fastest_hz: TIMER_HZ / least });
    }
    Ok(divider as u32)
}

#[cfg(test)]
mod tests {
    use hil_link::{Channel, Nominal};

    use super::*;

    fn divider(config: &Config) -> Result<u32, Limit> {
        super::divider(config, true)
    }

    fn config(rate: f64, adc_bits: u8, currents: usize) -> Config {
        Config {
            sample_rate: (rate * 2f64.powi(32)) as u64,
            clock: 0,
            adc_bits,
            nominal: Nominal::Auto,
            voltage: Some(Channel::new(400 << 32)),
            currents: (0..currents).map(|_| Channel::new(25 << 32)).collect(),
            residual: None,
            no_load: None,
            events: None,
        }
    }

    #[test]
    fn rates_that_84_mhz_is_a_multiple_of() {
        for (rate, expected) in [(2_000.0, 42_000), (8_000.0, 10_500), (6_400.0, 13_125), (32_000.0, 2_625)] {
            assert_eq!(divider(&config(rate, 12, 2)), Ok(expected), "{rate}");
        }
        // What is no whole number of hertz but a whole part of the clock.
        assert_eq!(divider(&config(84e6 / 6_563.0, 12, 2)), Ok(6_563));
    }

    #[test]
    fn other_rates_are_refused_and_the_nearest_is_told() {
        let limit = divider(&config(12_800.0, 12, 2)).unwrap_err();
        assert_eq!(limit.field(), "sample_rate");
        let told = limit.to_string();
        // 84 MHz / 6562.5: 6562 and 6563 are as near; either is a rate that is then taken.
        assert!(told.contains("12800.975 Hz") || told.contains("12799.025 Hz"), "{told}");
        // 0.1 ppm is the limit, on both sides.
        for (ppm, holds) in [(0.09, true), (-0.09, true), (0.11, false), (-0.11, false)] {
            assert_eq!(divider(&config(8_000.0 * (1.0 + ppm * 1e-6), 12, 2)).is_ok(), holds, "{ppm} ppm");
        }
        // Nothing that travels makes it divide by 0 or overflow.
        for rate in [0, 1, u64::MAX] {
            assert!(divider(&Config { sample_rate: rate, ..config(8_000.0, 12, 2) }).is_err());
        }
    }

    #[test]
    fn a_frame_must_be_over_before_the_next_one() {
        // Ten channels of 40 cycles at 21 MHz take 19.05 µs, with one channel's time for the trigger 20.95.
        let all = Config {
            residual: Some(hil_link::Residual { corner_mhz: None, ..hil_link::Residual::new(Channel::new(1 << 31)) }),
            ..config(32_000.0, 12, 8)
        };
        assert_eq!(divider(&all), Ok(2_625));
        let fast = Config { sample_rate: 48_000 << 32, ..all };
        assert_eq!(divider(&fast), Err(Limit::Channels { fastest_hz: 47_727 }));
        assert_eq!(divider(&Config { currents: heapless::Vec::new(), residual: None, ..fast }), Ok(1_750));
    }

    #[test]
    fn without_a_crystal_no_rate_is_right() {
        assert_eq!(super::divider(&config(8_000.0, 12, 2), false), Err(Limit::Crystal));
    }

    #[test]
    fn twelve_bits_and_no_others() {
        for bits in [11, 13, 16, 24] {
            let limit = divider(&config(8_000.0, bits, 2)).unwrap_err();
            assert_eq!((limit, limit.field()), (Limit::Bits(bits), "adc_bits"));
        }
    }
}
