//! One-cycle RMS values that are given anew each half cycle: Urms(1/2) of IEC 61000-4-30.
//!
//! In come the sums of a cycle at its middle and at its end, out go RMS values over the last whole cycle. The middle is
//! cut between two frames: it is a zero crossing of the fundamental, so hardly anything of the voltage's square lies
//! there; the cycle's length is taken from the cycle before. This file must not know events.

use crate::calibration::Channel;
use crate::config::Settings;
use crate::quantity::Volt;
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sink::HalfCycle;
use crate::sums::Moments;
use crate::totals::Totals;
use crate::window::Window;

/// Sums of the halves that the next half cycle needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halves<const N: usize> {
    /// First half of the present cycle.
    first: [Moments; N],
    first_voltage: Moments,
    /// Second half of the cycle before; nothing before the first cycle.
    second: [Moments; N],
    second_voltage: Moments,
    /// Length of the cycle before, Q16 frames; 0 before the first cycle.
    length: u64,
    /// Mean of the last window in 256ths of a code: a single cycle in which the amplitude steps has a mean of its own,
    /// which is no offset of the sensor. `None` before the first window.
    means: Option<[i32; N]>,
    mean_voltage: i32,
    /// Volt or ampere per code.
    scales: [Scaled; N],
    scale_voltage: Scaled,
}

impl<const N: usize> Halves<N> {
    pub(crate) fn new(settings: &Settings<N>) -> Self {
        let scale = |channel: &Option<Channel>| {
            channel.as_ref().map_or(Scaled::ZERO, |channel| channel.per_code(settings.code_bits).magnitude())
        };
        let none = Moments::default();
        Self {
            first: [none; N],
            first_voltage: none,
            second: [none; N],
            second_voltage: none,
            length: 0,
            means: None,
            mean_voltage: 0,
            scales: settings.currents.each_ref().map(scale),
            scale_voltage: scale(&settings.voltage),
        }
    }

    /// The present cycle is not whole: begins anew after it.
    pub(crate) fn restart(&mut self) {
        self.length = 0;
    }

    /// A window has ended.
    pub(crate) fn settle(&mut self, window: &Totals<N>) {
        let mean = |moments: &Moments| mean(moments.sum, window.length);
        self.means = Some(core::array::from_fn(|n| window.currents.get(n).map_or(0, |sums| mean(&sums.moments))));
        self.mean_voltage = mean(&window.voltage.moments);
    }

    /// A half cycle ends: its `middle`, or the end. `None` in the first half of the first cycle.
    pub(crate) fn end<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        cycle: &Totals<N>,
        middle: bool,
        end_frame: u64,
    ) -> Option<HalfCycle<N>> {
        let now = cycle.currents.map(|sums| sums.moments);
        let now_voltage = cycle.voltage.moments;
        let (over, over_voltage, length) = if middle {
            (self.first, self.first_voltage) = (now, now_voltage);
            let mut over = now;
            over.iter_mut().zip(&self.second).for_each(|(now, before)| now.add(before));
            let mut over_voltage = now_voltage;
            over_voltage.add(&self.second_voltage);
            (over, over_voltage, self.length)
        } else {
            self.second = now;
            self.second.iter_mut().zip(&self.first).for_each(|(now, first)| now.remove(first));
            self.second_voltage = now_voltage;
            self.second_voltage.remove(&self.first_voltage);
            self.length = cycle.length;
            (now, now_voltage, cycle.length)
        };
        if length == 0 {
            return None;
        }
        let window = Window::new::<S>(settings.code_bits, length, 0);
        let rms = |channel: &Option<Channel>, scale: Scaled, moments: &Moments, mean: Option<i32>| -> Option<Volt> {
            Some(window.rms(channel.as_ref()?, scale, mean, moments))
        };
        let mut currents = [None; N];
        let kept = self.scales.iter().zip(&over);
        for (n, ((current, channel), (&scale, moments))) in
            currents.iter_mut().zip(&settings.currents).zip(kept).enumerate()
        {
            *current = rms(channel, scale, moments, self.means.and_then(|means| means.get(n).copied()));
        }
        let mean = self.means.map(|_| self.mean_voltage);
        Some(HalfCycle {
            end_frame,
            voltage: rms(&settings.voltage, self.scale_voltage, &over_voltage, mean),
            currents,
        })
    }
}

/// Mean in 256ths of a code; `length` in Q16 frames.
fn mean(sum: i64, length: u64) -> i32 {
    // A sum has at most 38 bits: below 2⁶³ in 2²⁴ths.
    ((sum << 24) / (length as i64).max(1)) as i32
}
