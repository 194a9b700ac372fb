//! From the sums of a 10/12-cycle window to readings in volt, ampere and watt.
//!
//! In come exact sums and the window's length, out goes a [`Reading`]; this is the only place that knows ranges and
//! calibration. Runs once per window: about 2 000 instructions per current on a Cortex-M4.

use crate::calibration::{Channel, Dc};
use crate::config::Config;
use crate::energy::Energy;
use crate::quantity::{Degree, Hertz, Power, Signed, Volt};
use crate::reading::{CurrentReading, PowerReading, Reading, VoltageReading};
use crate::residual::{self, Cycles};
use crate::sample::{Sample, codes};
use crate::scaled::{self, Scaled};
use crate::sums::{Phasor, Sums};
use crate::totals::{Totals, Turns};
use crate::trig;

/// Completes the reading of a window by the values of its channels and the frequency; energy and no-load are left open. `step`
/// is the phase accumulator's: for delays, and for the frequency where the turn is not known.
///
/// In place: a reading takes more of the stack than all else.
pub(crate) fn read<S: Sample, const N: usize>(
    config: &Config<S, N>,
    totals: &Totals<Sums, N>,
    turns: &Turns,
    step: u32,
    residual: &Cycles,
    reading: &mut Reading<N>,
) {
    let settings = config.settings();
    let window = Window::new::<S>(settings.code_bits, totals.length, step);
    // Where the stage is left out a checked configuration has none, which the compiler cannot see.
    if let Some(settings) = settings.residual.as_ref().filter(|_| cfg!(feature = "residual")) {
        reading.residual = Some(residual::read::<S>(settings, &window, &totals.residual, residual));
    }
    let voltage = settings.voltage.as_ref().map(|channel| window.channel::<S>(channel, &totals.voltage));
    if let Some(voltage) = &voltage {
        reading.frequency = Some(frequency(config.rate(), turns, totals.length, step));
        reading.voltage = Some(VoltageReading {
            rms: voltage.quantity(voltage.rms),
            fundamental: voltage.quantity(voltage.fundamental),
            dc: voltage.mean(),
            peak: voltage.quantity(voltage.peak),
        });
    }
    let angle = voltage.as_ref().map_or(0, |voltage| voltage.vector.angle());
    let channels = settings.currents.iter().zip(&totals.currents).zip(&mut reading.currents);
    for ((channel, sums), reading) in channels {
        let Some(channel) = channel else { continue };
        let current = window.channel::<S>(channel, sums);
        let power = voltage.as_ref().map(|voltage| window.power(voltage, angle, &current));
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
}

/// What one channel says, in codes.
pub(crate) struct Measured<'a> {
    sums: &'a Sums,
    /// The code next to what counts as zero, and the mean of what the codes differ from it.
    about: i32,
    residue: Scaled,
    vector: Vector,
    /// Without DC, or with it where it is a signal; noise floor subtracted.
    pub(crate) rms: Scaled,
    fundamental: Scaled,
    peak: Scaled,
    /// Mean, less the zero where the DC is a signal, less the middle of the codes where it is not.
    pub(crate) dc: Scaled,
    is_signal: bool,
    /// RMS of the channel's own noise; it has the sign of `scale`.
    pub(crate) noise: Scaled,
    /// Signed, per code.
    pub(crate) scale: Scaled,
    lag: i32,
}

impl Measured<'_> {
    #[inline(never)]
    pub(crate) fn quantity(&self, codes: Scaled) -> Volt {
        Volt::from_bits(codes.times(self.scale.magnitude()).to_unsigned_bits(32))
    }

    fn mean(&self) -> Signed {
        Signed::from_bits(self.dc.times(self.scale).to_bits(32))
    }
}

/// A stretch of the stream: a window, a cycle or a half cycle.
pub(crate) struct Window {
    /// n, the length in frames, Q16.
    length: u64,
    /// 1/n.
    per_frame: Scaled,
    /// The same over the amplitude of the reference.
    per_amplitude: Scaled,
    pub(crate) code_bits: u32,
    /// Middle of the codes.
    pub(crate) middle: i32,
    step: u32,
}

impl Window {
    /// `length` in Q16 frames; `step`: phase per frame, for delays.
    pub(crate) fn new<S: Sample>(code_bits: u32, length: u64, step: u32) -> Self {
        let per_frame = Scaled::constant(1, 0).over(Scaled::new(length as i64, -16));
        let per_amplitude = per_frame.over(const { Scaled::constant(S::REFERENCE_AMPLITUDE as i32, 0) });
        Self { length, per_frame, per_amplitude, code_bits, middle: codes::<S>(code_bits).1, step }
    }

    #[inline(never)]
    pub(crate) fn channel<'a, S: Sample>(&self, channel: &Channel, sums: &'a Sums) -> Measured<'a> {
        let scale = channel.per_code(self.code_bits);
        let sum = sums.moments.sum;
        // What counts as zero, as a whole code and the rest.
        let (about, part) = match channel.dc {
            Dc::Offset => (Scaled::new(sum, 0).times(self.per_frame).to_bits(0) as i32, None),
            Dc::Signal { zero } => (zero >> 8, Some(Scaled::new(i64::from(zero & 0xff), -8))),
        };
        let residue = Scaled::new((sum << 16) - i64::from(about) * self.length as i64, -16).times(self.per_frame);
        let spread = self.product_about(sums.moments.square, (sum, about), (sum, about));
        let variance = Scaled::new(spread, 0).times(self.per_frame).minus(residue.times(residue));
        let (dc, square) = match part {
            Some(part) => {
                let dc = residue.minus(part);
                (dc, variance.plus(dc.times(dc)))
            }
            None => (Scaled::new(i64::from(about) - i64::from(self.middle), 0).plus(residue), variance),
        };
        let (noise, square) = without_noise(channel, scale, square);
        let rest = part.unwrap_or(residue);
        let from_zero = |code: i32| i64::from(S::saturate(code).into() - about);
        let high = Scaled::new(from_zero(sums.extremes.high), 0).minus(rest);
        let low = rest.minus(Scaled::new(from_zero(sums.extremes.low), 0));
        let vector = Vector::of(&sums.phasor);
        // 2·|Σ|²/(n·amplitude)² is the square of the fundamental's RMS.
        let fundamental = vector.times(&vector).0.root().times(self.per_amplitude);
        Measured {
            sums,
            about,
            residue,
            vector,
            rms: square.root(),
            fundamental,
            peak: if sums.extremes.low > sums.extremes.high { Scaled::ZERO } else { high.max(low).max(Scaled::ZERO) },
            dc,
            is_signal: part.is_some(),
            noise,
            scale,
            lag: channel.lag(self.step),
        }
    }

    /// Σ(x - a)·(y - b) from Σxy, Σx and Σy: right to 1, and within 64 bits as long as a and b are codes. What is added
    /// up on the way may not be, and wraps back.
    fn product_about(&self, product: i64, (x, a): (i64, i32), (y, b): (i64, i32)) -> i64 {
        let both = i64::from(a) * i64::from(b);
        let (whole, part) = ((self.length >> 16) as i64, (self.length & 0xffff) as i64);
        product
            .wrapping_sub(y.wrapping_mul(i64::from(a)))
            .wrapping_sub(x.wrapping_mul(i64::from(b)))
            .wrapping_add(both.wrapping_mul(whole))
            .wrapping_add(both.wrapping_mul(part) >> 16)
    }

    /// Powers from the phasors V, at `angle`, and I: P1 + jQ1 = 2·V·I*/(n·amplitude)², turned by what the channels lag.
    #[inline(never)]
    fn power(&self, voltage: &Measured<'_>, angle: i32, current: &Measured<'_>) -> PowerReading {
        let (along, across) = voltage.vector.times(&current.vector);
        let base = self.per_amplitude.times(self.per_amplitude);
        let measured = (along.times(base), across.times(base));
        let lag = voltage.lag.wrapping_sub(current.lag);
        let (along_turned, across_turned) = turn(measured, lag);

        let moments = |measured: &Measured<'_>| (measured.sums.moments.sum, measured.about);
        let product = Scaled::new(self.product_about(current.sums.product, moments(voltage), moments(current)), 0);
        let covariance = product.times(self.per_frame).minus(voltage.residue.times(current.residue));
        let both = voltage.is_signal && current.is_signal;
        let constant = if both { voltage.dc.times(current.dc) } else { Scaled::ZERO };
        let active = covariance.plus(constant).plus(along_turned.minus(measured.0));

        let scale = voltage.scale.times(current.scale);
        let power = |codes: Scaled| Power::from_bits(codes.times(scale).to_bits(24));
        // An angle needs no scale, but the sign of the wiring.
        let is_known = !along.is_zero() || !across.is_zero();
        let reversed = if scale.is_negative() { i32::MIN } else { 0 };
        let between = angle.wrapping_sub(current.vector.angle());
        let angle = if is_known { between.wrapping_add(lag).wrapping_add(reversed) } else { 0 };
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

/// RMS of the channel's own noise in codes, and the mean square without it.
fn without_noise(channel: &Channel, scale: Scaled, square: Scaled) -> (Scaled, Scaled) {
    if channel.noise == Volt::ZERO {
        return (Scaled::ZERO, square);
    }
    let noise = Scaled::new((channel.noise.to_bits() >> 1) as i64, -31).over(scale);
    (noise, square.minus(noise.times(noise)))
}

/// A phasor of which the larger part has 30 bits.
#[derive(Clone, Copy, Debug)]
struct Vector {
    sine: i32,
    cosine: i32,
    exponent: i32,
}

impl Vector {
    fn of(phasor: &Phasor) -> Self {
        let size = phasor.sine.unsigned_abs() | phasor.cosine.unsigned_abs();
        // Sums are below 2⁶²: there is a zero for the sign.
        let zeros = scaled::leading_zeros(size);
        let fit = |value: i64| scaled::upper(value as u64, zeros - 1) as i32 >> 1;
        Self { sine: fit(phasor.sine), cosine: fit(phasor.cosine), exponent: 34 - zeros as i32 }
    }

    /// 2·V·I*: along and across.
    fn times(&self, other: &Self) -> (Scaled, Scaled) {
        let product = scaled::signed_product;
        let along = product(self.sine, other.sine) + product(self.cosine, other.cosine);
        let across = product(self.cosine, other.sine) - product(self.sine, other.cosine);
        let exponent = self.exponent + other.exponent + 1;
        (Scaled::new(along, exponent), Scaled::new(across, exponent))
    }

    fn angle(&self) -> i32 {
        trig::angle(i64::from(self.sine), i64::from(self.cosine))
    }
}

/// Frequency between the middles of the first and the last cycle: whole turns plus the turn of the phasor, over the time.
fn frequency(rate: u64, turns: &Turns, length: u64, step: u32) -> Hertz {
    let between = length as i64 - i64::from(u32::midpoint(turns.first, turns.last));
    let cycles = if turns.unknown || turns.cycles < 2 || between <= 0 {
        Scaled::new(i64::from(step), -32)
    } else {
        let turned = (i64::from(turns.cycles - 1) << 32) + turns.turn;
        Scaled::new(turned, -32).over(Scaled::new(between, -16))
    };
    let hertz = cycles.times(Scaled::new(rate as i64, -32));
    Hertz::from_bits(hertz.to_bits(24).clamp(0, i64::from(u32::MAX)) as u32)
}
