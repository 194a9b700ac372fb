//! Settings of the meter and of events for its fuzz target: mostly within their limits, often at an end or just beyond.
//!
//! In come random bytes, out go settings, and whether they are as the documentation allows, written down a second time.

use arbitrary::{Arbitrary, Result, Unstructured};
use metering_core::Sample;
use metering_core::calibration::{Channel, Dc};
use metering_core::config::{NoLoad, Nominal, Settings};
use metering_core::events::{self, Overload, Percent};
use metering_core::quantity::{Ampere, Power, SampleRate, Volt};
use metering_core::residual::{Characteristic, Coupling, Monitor, Residual, Type};

/// Current channels of the case.
pub const CURRENTS: usize = 2;

/// What the documentation of the settings allows, written down a second time.
pub fn are_valid<S: Sample>(settings: &Settings<CURRENTS>) -> bool {
    let Settings { sample_rate, clock, code_bits, voltage, currents, residual, no_load, .. } = settings;
    let first = (2_000..=64_000).contains(sample_rate)
        && (-10_000..=10_000).contains(clock)
        && (8..=S::MAX_BITS).contains(code_bits);
    if !first {
        return false;
    }
    let full = 1i64 << (code_bits - 1);
    let least = if S::OFFSET_BINARY { 0 } else { -full };
    let is_code = |code: i64| (least..least + 2 * full).contains(&code);
    let channel = |channel: &Option<Channel>, least: u64| {
        channel.is_none_or(|c| {
            c.range.to_bits() >= (1 << 32) / least
                && c.range <= 10_000_000
                && (-500_000..=500_000).contains(&c.gain_ppm)
                && (-10_000..=10_000).contains(&c.phase)
                && (-2_560..=2_560).contains(&c.delay)
                && c.noise <= c.range
                && match c.dc {
                    Dc::Offset => true,
                    Dc::Signal { zero } => is_code(i64::from(zero).div_euclid(256)),
                }
                && c.clip.is_none_or(|(low, high)| low < high && is_code(low.into()) && is_code(high.into()))
        })
    };
    let load = no_load.is_none_or(|limit| {
        (0..=1_000_000).contains(&limit.power) && limit.current <= 100_000 && limit.hysteresis <= 100
    });
    let some = voltage.is_some() || residual.is_some() || currents.iter().any(Option::is_some);
    channel(voltage, 1_000)
        && channel(&residual.map(|residual| residual.channel), 1_000_000)
        && residual.is_none_or(|residual| is_valid(&residual, *code_bits))
        && currents.iter().all(|c| channel(c, 1_000_000))
        && load
        && some
}

fn is_valid(residual: &Residual, code_bits: u32) -> bool {
    let corner = match residual.coupling {
        Coupling::Direct => true,
        Coupling::Transformer { corner_mhz } => (500..=10_000).contains(&corner_mhz),
    };
    let range = residual.channel.range;
    corner
        && residual.monitor.is_none_or(|m| {
            m.rated.to_bits() >= (6 << 32) / 1_000
                && m.rated <= 10
                && m.rated <= range / 3
                && m.rated >= range / 1_024
                && m.rated.to_bits() >= (range.to_bits() >> (code_bits - 1)).saturating_mul(8)
                && (50..=100).contains(&m.pre_warning_percent)
                && (10..=25).contains(&m.hysteresis_percent)
                && m.response_delay_ms
                    <= match m.characteristic {
                        Characteristic::General => 10,
                        Characteristic::ShortDelay => 0,
                        Characteristic::Selective => 15,
                    }
                && m.pre_warning_delay_ms <= 10_000
                && m.release_delay_ms <= 300_000
                && m.start_up_delay_ms <= 10_000
                && m.least_noise <= m.rated
        })
}

/// Mostly a value within the limits, often an end or just beyond one, now and then anything.
pub fn near<'a, T>(u: &mut Unstructured<'a>, least: T, most: T) -> Result<T>
where
    T: arbitrary::unstructured::Int + Arbitrary<'a>,
{
    Ok(match u.arbitrary::<u8>()? {
        0..=31 => least,
        32..=63 => most,
        64 => least.wrapping_sub(T::ONE),
        65 => most.wrapping_add(T::ONE),
        66 => u.arbitrary()?,
        _ => u.int_in_range(least..=most)?,
    })
}

/// The same for quantities of 32 bits behind the point, their ends in millionths.
pub fn quantity(u: &mut Unstructured<'_>, least: u64, most: u64) -> Result<u64> {
    let bits = |millionths: u64| ((u128::from(millionths) << 32) / 1_000_000) as u64;
    near(u, bits(least), bits(most))
}

pub fn settings(u: &mut Unstructured<'_>, most_bits: u32, offset_binary: bool) -> Result<Settings<CURRENTS>> {
    let code_bits = near(u, 8, most_bits)?;
    let mut optional = |least| -> Result<Option<Channel>> {
        let there = u.ratio(3, 4)?;
        there.then(|| channel(u, least, code_bits, offset_binary)).transpose()
    };
    let (voltage, currents, channel) = (optional(1_000)?, [optional(1)?, optional(1)?], optional(1)?);
    let residual = channel.map(|channel| residual(u, channel)).transpose()?;
    let no_load = if u.ratio(1, 4)? {
        Some(NoLoad {
            power: Power::from_bits(near(u, 0, 1_000_000 << 24)?),
            current: Ampere::from_bits(quantity(u, 0, 100_000_000_000)?),
            hysteresis: near(u, 0, 100)?,
        })
    } else {
        None
    };
    Ok(Settings {
        sample_rate: SampleRate::from_bits(quantity(u, 2_000_000_000, 64_000_000_000)?),
        clock: near(u, -10_000, 10_000)?,
        code_bits,
        nominal: *u.choose(&[Nominal::Auto, Nominal::Hz50, Nominal::Hz60])?,
        voltage,
        currents,
        residual,
        no_load,
    })
}

fn residual(u: &mut Unstructured<'_>, channel: Channel) -> Result<Residual> {
    let mut residual = Residual::new(channel);
    if u.ratio(2, 3)? {
        residual.coupling = Coupling::Transformer { corner_mhz: near(u, 500, 10_000)? };
    }
    if u.ratio(2, 3)? {
        // Within the range in most cases, or hardly any would pass.
        let third = (channel.range / 3).to_bits();
        let least = ((6u64 << 32) / 1_000).max(channel.range.to_bits() / 1_024).min(third).min(10 << 32);
        residual.monitor = Some(Monitor {
            rated: Ampere::from_bits(near(u, least, third.min(10 << 32))?),
            detects: if u.arbitrary()? { Type::A } else { Type::Ac },
            pre_warning_percent: near(u, 50, 100)?,
            hysteresis_percent: near(u, 10, 25)?,
            characteristic: *u.choose(&[
                Characteristic::General,
                Characteristic::ShortDelay,
                Characteristic::Selective,
            ])?,
            response_delay_ms: near(u, 0, 15)?,
            pre_warning_delay_ms: near(u, 0, 10_000)?,
            release_delay_ms: near(u, 0, 300_000)?,
            start_up_delay_ms: near(u, 0, 10_000)?,
            latching: u.arbitrary()?,
            least_noise: Ampere::from_bits(near(u, 0, third)?),
        });
    }
    Ok(residual)
}

fn channel(u: &mut Unstructured<'_>, least: u64, code_bits: u32, offset_binary: bool) -> Result<Channel> {
    let mut channel = Channel::new(Volt::from_bits(quantity(u, least, 10_000_000_000_000)?));
    // Any setting may be wrong, but most cases should come past the checks.
    let full = 1i32 << (code_bits.clamp(8, 24) - 1);
    let (low, high) = if offset_binary { (0, 2 * full - 1) } else { (-full, full - 1) };
    let which = u.arbitrary::<u8>()?;
    if which & 1 != 0 {
        channel.gain_ppm = near(u, -500_000, 500_000)?;
        channel.inverted = u.arbitrary()?;
    }
    if which & 2 != 0 {
        channel.phase = near(u, -10_000, 10_000)?;
    }
    if which & 4 != 0 {
        channel.delay = near(u, -2_560, 2_560)?;
    }
    if which & 0x18 == 0x18 {
        channel.dc =
            Dc::Signal { zero: near(u, low.saturating_mul(256), high.saturating_mul(256).saturating_add(255))? };
    }
    if which & 0x60 == 0x60 {
        channel.noise = Volt::from_bits(near(u, 0, channel.range.to_bits())?);
    }
    if which & 0x80 != 0 {
        channel.clip = Some((near(u, low, high)?, near(u, low, high)?));
    }
    Ok(channel)
}

pub fn limits(u: &mut Unstructured<'_>) -> Result<events::Settings<CURRENTS>> {
    let mut settings = events::Settings::new(Volt::from_bits(quantity(u, 1_000_000, 1_000_000_000_000)?));
    let which = u.arbitrary::<u8>()?;
    let mut share = |settings: &mut Option<Percent>, bit, least, most| -> Result<()> {
        if which & bit != 0 {
            *settings = if u.arbitrary()? { Some(Percent::from_hundredths(near(u, least, most)?)) } else { None };
        }
        Ok(())
    };
    share(&mut settings.dip, 1, 100, 9_999)?;
    share(&mut settings.swell, 2, 10_001, 20_000)?;
    share(&mut settings.interruption, 4, 1, 9_999)?;
    if which & 8 != 0 {
        settings.hysteresis = Percent::from_hundredths(near(u, 0, 1_000)?);
    }
    for (bit, overload) in [16, 32].into_iter().zip(&mut settings.overloads) {
        if which & bit != 0 {
            *overload = Some(Overload {
                threshold: Ampere::from_bits(quantity(u, 1_000, 10_000_000_000_000)?),
                hysteresis: Percent::from_hundredths(near(u, 0, 5_000)?),
                delay: near(u, 0, 20)?,
            });
        }
    }
    Ok(settings)
}
