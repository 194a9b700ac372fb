//! From the sums of a 10/12-cycle window to readings in volt, ampere and watt.
//!
//! In come exact sums and the window's length, out goes a [`Reading`]; this is the only place that knows ranges and
//! calibration. Runs once per window: about 3 000 instructions per current on a Cortex-M4.

use crate::calibration::{Channel, Dc};
use crate::config::Config;
use crate::energy::Energy;
use crate::quantity::{Degree, Hertz, Power, Second, Signed, Volt};
use crate::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use crate::sample::{Sample, codes};
use crate::scaled::Scaled;
use crate::sums::Moments;
use crate::totals::{Sums, Totals, Turns};
use crate::trig;

/// Makes the reading of a window, all but energy and time. `step` is the phase accumulator's: for delays, and for the frequency where the turn
/// is not known.
pub(crate) fn read<S: Sample, const N: usize>(
    config: &Config<S, N>,
    totals: &Totals<N>,
    turns: &Turns,
    step: u32,
    end_frame: u64,
    flags: Flags,
) -> Reading<N> {
    let settings = config.settings();
    let frames = Scaled::new(totals.length as i64, -16);
    let window = Window {
        frames,
        length: totals.length,
        amplitude: frames.times(Scaled::new(S::REFERENCE_AMPLITUDE, 0)),
        code_bits: settings.code_bits,
        middle: codes::<S>(settings.code_bits).1,
        step,
    };
    let voltage = settings.voltage.map(|channel| window.channel::<S>(channel, &totals.voltage));
    let mut currents = [None; N];
    let channels = settings.currents.iter().zip(&totals.currents).zip(&totals.products).zip(&mut currents);
    for (((channel, sums), &product), reading) in channels {
        let Some(channel) = channel else { continue };
        let current = window.channel::<S>(*channel, sums);
        let power = voltage.as_ref().map(|voltage| window.power(voltage, &current, product));
        *reading = Some(CurrentReading {
            rms: current.quantity(current.rms),
            fundamental: current.quantity(current.fundamental),
            dc: current.mean(),
            peak: current.quantity(current.peak),
            no_load: false,
            power,
            energy: Energy::default(),
        });
    }
    Reading {
        end_frame,
        length_q16: totals.length,
        duration: Second::ZERO,
        elapsed: Second::ZERO,
        flags,
        frequency: voltage.as_ref().map(|_| frequency(config.rate(), turns, totals.length, step)),
        voltage: voltage.as_ref().map(|voltage| VoltageReading {
            rms: voltage.quantity(voltage.rms),
            fundamental: voltage.quantity(voltage.fundamental),
            dc: voltage.mean(),
            peak: voltage.quantity(voltage.peak),
        }),
        currents,
        residual: settings.residual.map(|channel| {
            let residual = window.channel::<S>(channel, &totals.residual);
            residual.quantity(residual.rms)
        }),
    }
}

/// True RMS of one channel over any stretch, in its unit: what events are judged by.
pub(crate) fn rms<S: Sample>(channel: Channel, code_bits: u32, moments: Moments, length: u64) -> Volt {
    let frames = Scaled::new(length as i64, -16);
    let window = Window { frames, length, amplitude: frames, code_bits, middle: codes::<S>(code_bits).1, step: 0 };
    let sums = Sums { moments, ..Sums::new() };
    let measured = window.channel::<S>(channel, &sums);
    measured.quantity(measured.rms)
}

/// What one channel says, in codes.
struct Measured<'a> {
    sums: &'a Sums,
    /// Without DC, or with it where it is a signal; noise floor subtracted.
    rms: Scaled,
    fundamental: Scaled,
    peak: Scaled,
    /// Mean, less the zero where the DC is a signal.
    dc: Scaled,
    is_signal: bool,
    /// Signed, per code.
    scale: Scaled,
    lag: i32,
}

impl Measured<'_> {
    fn quantity(&self, codes: Scaled) -> Volt {
        Volt::from_bits(codes.times(self.scale.magnitude()).to_unsigned_bits(32))
    }

    fn mean(&self) -> Signed {
        Signed::from_bits(self.dc.times(self.scale).to_bits(32))
    }
}

struct Window {
    /// n, the length in frames.
    frames: Scaled,
    /// The same in Q16.
    length: u64,
    /// n times the amplitude of the reference.
    amplitude: Scaled,
    code_bits: u32,
    /// Middle of the codes.
    middle: i32,
    step: u32,
}

impl Window {
    fn channel<'a, S: Sample>(&self, channel: Channel, sums: &'a Sums) -> Measured<'a> {
        let scale = channel.per_code(self.code_bits);
        let mean = Scaled::new(sums.moments.sum, 0).over(self.frames);
        let (zero, is_signal) = match channel.dc {
            Dc::Offset => (mean, false),
            Dc::Signal { zero } => (Scaled::new(i64::from(zero), -8), true),
        };
        let middle = Scaled::new(i64::from(self.middle), 0);
        let dc = mean.minus(if is_signal { zero } else { middle });
        let variance = self.covariance(&sums.moments, &sums.moments, sums.moments.square);
        let square = if is_signal { variance.plus(dc.times(dc)) } else { variance };
        let noise = Scaled::new((channel.noise.to_bits() >> 1) as i64, -31).over(scale);
        let high = Scaled::new(i64::from(S::saturate(sums.extremes.high).into()), 0).minus(zero);
        let low = zero.minus(Scaled::new(i64::from(S::saturate(sums.extremes.low).into()), 0));
        // 2·|Σ|²/(n·amplitude)² is the square of the fundamental's RMS.
        let square_sum = squares(sums.phasor.sine, sums.phasor.cosine);
        Measured {
            sums,
            rms: square.minus(noise.times(noise)).root(),
            fundamental: Scaled::wide(square_sum, 1).root().over(self.amplitude),
            peak: if sums.extremes.low > sums.extremes.high { Scaled::ZERO } else { high.max(low).max(Scaled::ZERO) },
            dc,
            is_signal,
            scale,
            lag: channel.lag(self.step),
        }
    }

    /// (n·Σxy - Σx·Σy)/n²: the mean product without the means, in codes²; exact before the first rounding.
    fn covariance(&self, x: &Moments, y: &Moments, product: i64) -> Scaled {
        let means = i128::from(x.sum) * i128::from(y.sum);
        let spread = Scaled::wide(i128::from(self.length) * i128::from(product) - (means << 16), -16);
        spread.over(self.frames.times(self.frames))
    }

    /// Powers from the phasors V and I: P1 + jQ1 = 2·V·I*/(n·amplitude)², turned by what the channels lag.
    fn power(&self, voltage: &Measured<'_>, current: &Measured<'_>, product: i64) -> PowerReading {
        let (v, i) = (&voltage.sums.phasor, &current.sums.phasor);
        let times = |a: i64, b: i64| i128::from(a) * i128::from(b);
        let across = times(v.cosine, i.sine) - times(v.sine, i.cosine);
        let along = times(v.sine, i.sine) + times(v.cosine, i.cosine);
        let base = self.amplitude.times(self.amplitude);
        let measured = (Scaled::wide(along, 1).over(base), Scaled::wide(across, 1).over(base));
        let lag = voltage.lag.wrapping_sub(current.lag);
        let (along_turned, across_turned) = turn(measured, lag);

        let covariance = self.covariance(&voltage.sums.moments, &current.sums.moments, product);
        let both = voltage.is_signal && current.is_signal;
        let constant = if both { voltage.dc.times(current.dc) } else { Scaled::ZERO };
        let active = covariance.plus(constant).plus(along_turned.minus(measured.0));

        let scale = voltage.scale.times(current.scale);
        let power = |codes: Scaled| Power::from_bits(codes.times(scale).to_bits(24));
        // Both products to 63 bits by the same shift: an angle needs no scale, but the sign of the wiring.
        let size = across.unsigned_abs() | along.unsigned_abs();
        let shift = 65u32.saturating_sub(size.leading_zeros());
        let angle = trig::angle((along >> shift) as i64, (across >> shift) as i64);
        let reversed = if scale.is_negative() && size != 0 { i32::MIN } else { 0 };
        let angle = if size == 0 { 0 } else { angle.wrapping_add(lag).wrapping_add(reversed) };
        PowerReading {
            active: power(active),
            fundamental_active: power(along_turned),
            reactive: power(across_turned),
            phase: Degree::from_bits(((i64::from(angle) * 360 + (1 << 8)) >> 9) as i32),
        }
    }
}

/// `along + j·across` turned by `angle`, a fraction of a turn in Q32.
fn turn((along, across): (Scaled, Scaled), angle: i32) -> (Scaled, Scaled) {
    if angle == 0 {
        return (along, across);
    }
    let sine = Scaled::new(i64::from(trig::sine(angle as u32)), -30);
    let cosine = Scaled::new(i64::from(trig::sine((angle as u32).wrapping_add(1 << 30))), -30);
    (along.times(cosine).minus(across.times(sine)), across.times(cosine).plus(along.times(sine)))
}

fn squares(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(a) + i128::from(b) * i128::from(b)
}

/// Frequency between the middles of the first and the last cycle: whole turns plus the turn of the phasor, over the time.
fn frequency(rate: u64, turns: &Turns, length: u64, step: u32) -> Hertz {
    let between = length as i64 - u64::midpoint(turns.first, turns.last) as i64;
    let cycles = if turns.unknown || turns.cycles < 2 || between <= 0 {
        Scaled::new(i64::from(step), -32)
    } else {
        let turned = (i64::from(turns.cycles - 1) << 32) + turns.turn;
        Scaled::new(turned, -32).over(Scaled::new(between, -16))
    };
    let hertz = cycles.times(Scaled::new(rate as i64, -32));
    Hertz::from_bits(hertz.to_bits(24).clamp(0, i64::from(u32::MAX)) as u32)
}
