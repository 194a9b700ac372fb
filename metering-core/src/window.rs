//! From the sums of a 10/12-cycle window to readings in volt, ampere and watt.
//!
//! In come exact sums and the window's length, out goes a [`Reading`]; this is the only place that knows ranges. Runs
//! once per window: about 2 000 instructions per current on a Cortex-M4.

use crate::config::Config;
use crate::quantity::{Ampere, Degree, Hertz, Power, Ratio, Volt};
use crate::reading::{CurrentReading, Flags, PowerReading, Reading};
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sums::{Moments, Phasor};
use crate::trig;

/// Sums of a channel with a fundamental.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Channel {
    pub(crate) moments: Moments,
    pub(crate) phasor: Phasor,
}

/// Sums of all channels over a cycle or a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals<const N: usize> {
    pub(crate) voltage: Channel,
    pub(crate) currents: [Channel; N],
    /// Σ v·i of each current.
    pub(crate) products: [i64; N],
    pub(crate) residual: Moments,
    /// Frames, Q16: the sum of the weights.
    pub(crate) length: u64,
    pub(crate) clipped: bool,
}

impl<const N: usize> Totals<N> {
    pub(crate) const fn new() -> Self {
        const MOMENTS: Moments = Moments { sum: 0, square: 0 };
        const CHANNEL: Channel = Channel { moments: MOMENTS, phasor: Phasor { cosine: 0, sine: 0 } };
        Self {
            voltage: CHANNEL,
            currents: [CHANNEL; N],
            products: [0; N],
            residual: MOMENTS,
            length: 0,
            clipped: false,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.voltage.add(&other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&other.currents) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.products.iter_mut().zip(&other.products) {
            *mine += theirs;
        }
        self.residual.add(&other.residual);
        self.length += other.length;
        self.clipped |= other.clipped;
    }
}

impl Channel {
    fn add(&mut self, other: &Self) {
        self.moments.add(&other.moments);
        self.phasor.add(&other.phasor);
    }
}

/// How the mains turned over a window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turns {
    /// Cycles of the phase accumulator.
    pub(crate) cycles: u32,
    /// Turn of the mains against it from the first to the last cycle, Q32; meaningless where `unknown`.
    pub(crate) turn: i64,
    /// Some cycle after the first had no known turn.
    pub(crate) unknown: bool,
    /// Lengths of the first and the last cycle, Q16 frames.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Makes the reading of a window. `step` is the phase accumulator's, for the frequency where the turn is not known.
pub(crate) fn read<S: Sample, const N: usize>(
    config: &Config<S, N>,
    totals: &Totals<N>,
    turns: &Turns,
    step: u32,
    end_frame: u64,
    flags: Flags,
) -> Reading<N> {
    let settings = config.settings();
    let window = Window { frames: Scaled::new(totals.length as i64, -16), length: totals.length };
    // Volt or ampere per code.
    let scale = |range: u64| Scaled::new(range as i64, -31 - settings.code_bits as i32);
    let rms = |moments: &Moments, range: u64| window.rms(moments).times(scale(range));
    let volts = settings.voltage.map(Volt::to_bits);
    let voltage = volts.map(|range| rms(&totals.voltage.moments, range));
    let mut currents = [None; N];
    let channels = settings.currents.iter().zip(&totals.currents).zip(&totals.products).zip(&mut currents);
    for (((range, channel), &product), reading) in channels {
        let Some(range) = range.map(Ampere::to_bits) else { continue };
        let current = rms(&channel.moments, range);
        let power = volts.zip(voltage).map(|(volts, voltage)| {
            let scale = scale(volts).times(scale(range));
            let active = window.covariance(&totals.voltage.moments, &channel.moments, product).times(scale);
            window.power::<S>(&totals.voltage.phasor, &channel.phasor, scale, active, voltage.times(current))
        });
        *reading = Some(CurrentReading { current: Ampere::from_bits(current.to_unsigned_bits(32)), power });
    }
    let residual = settings.residual.map(|range| rms(&totals.residual, range.to_bits()));
    Reading {
        end_frame,
        length_q16: totals.length,
        flags,
        frequency: volts.map(|_| frequency(settings.sample_rate.to_bits(), turns, totals.length, step)),
        voltage: voltage.map(|volt| Volt::from_bits(volt.to_unsigned_bits(32))),
        currents,
        residual: residual.map(|ampere| Ampere::from_bits(ampere.to_unsigned_bits(32))),
    }
}

struct Window {
    /// n, the length in frames.
    frames: Scaled,
    /// The same in Q16.
    length: u64,
}

impl Window {
    /// sqrt(n·Σx² - (Σx)²)/n: the RMS without the mean, in codes.
    fn rms(&self, x: &Moments) -> Scaled {
        self.spread(x, x, x.square).root().over(self.frames)
    }

    /// (n·Σxy - Σx·Σy)/n²: the mean product without the means, in codes².
    fn covariance(&self, x: &Moments, y: &Moments, product: i64) -> Scaled {
        self.spread(x, y, product).over(self.frames.times(self.frames))
    }

    /// n·Σxy - Σx·Σy, exact before the final rounding.
    fn spread(&self, x: &Moments, y: &Moments, product: i64) -> Scaled {
        let means = i128::from(x.sum) * i128::from(y.sum);
        Scaled::wide(i128::from(self.length) * i128::from(product) - (means << 16), -16)
    }

    /// Powers from the phasors V and I: Q1 = 2·Im(V·I*)/(n·amplitude)², phase = arg(V·I*).
    fn power<S: Sample>(
        &self,
        v: &Phasor,
        i: &Phasor,
        scale: Scaled,
        active: Scaled,
        apparent: Scaled,
    ) -> PowerReading {
        let times = |a: i64, b: i64| i128::from(a) * i128::from(b);
        let across = times(v.cosine, i.sine) - times(v.sine, i.cosine);
        let along = times(v.sine, i.sine) + times(v.cosine, i.cosine);
        let base = self.frames.times(Scaled::new(S::REFERENCE_AMPLITUDE, 0));
        let reactive = Scaled::wide(across, 1).over(base.times(base)).times(scale);
        // Both products to 63 bits by the same shift: an angle needs no scale.
        let size = across.unsigned_abs() | along.unsigned_abs();
        let shift = 65u32.saturating_sub(size.leading_zeros());
        let turn = trig::angle((along >> shift) as i64, (across >> shift) as i64);
        let one = i64::from(Ratio::ONE.to_bits());
        PowerReading {
            active: Power::from_bits(active.to_bits(24)),
            reactive: Power::from_bits(reactive.to_bits(24)),
            apparent: Power::from_bits(apparent.to_bits(24)),
            power_factor: Ratio::from_bits(active.over(apparent).to_bits(30).clamp(-one, one) as i32),
            phase: Degree::from_bits(((i64::from(turn) * 360 + (1 << 8)) >> 9) as i32),
        }
    }
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
