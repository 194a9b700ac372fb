//! Mean squares over one cycle that are given anew each half cycle: Urms(1/2) of IEC 61000-4-30, squared.
//!
//! In come the sums of a cycle at its middle and at its end, out go mean squares over the last whole cycle. The middle is
//! cut between two frames: it is a zero crossing of the fundamental, so hardly anything of the voltage's square lies
//! there; the cycle's length is taken from the cycle before. This file must not know events.

use crate::calibration::Channel;
use crate::config::Settings;
use crate::mean_square::Squarer;
use crate::sample::Sample;
use crate::sink::HalfCycle;
use crate::sums::{Moments, Sums};
use crate::totals::Totals;

/// Sums of the halves that the next half cycle needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halves<const N: usize> {
    currents: [Half; N],
    voltage: Half,
    /// The cycle before was whole.
    is_whole: bool,
    /// A window has ended: its means are known.
    is_settled: bool,
}

/// One channel.
#[derive(Clone, Copy, Debug)]
struct Half {
    /// First half of the present cycle, and second half of the cycle before.
    first: Moments,
    second: Moments,
    squarer: Squarer,
}

impl<const N: usize> Halves<N> {
    pub(crate) fn new<S: Sample>(settings: &Settings<N>) -> Self {
        let half = |channel: Option<&_>| Half {
            first: Moments::default(),
            second: Moments::default(),
            squarer: Squarer::new::<S>(channel, settings.code_bits),
        };
        Self {
            currents: settings.currents.each_ref().map(|channel| half(channel.as_ref())),
            voltage: half(settings.voltage.as_ref()),
            is_whole: false,
            is_settled: false,
        }
    }

    /// The present cycle is not whole: begins anew after it.
    pub(crate) fn restart(&mut self) {
        self.is_whole = false;
    }

    /// A window has ended.
    pub(crate) fn settle<S: Sample>(&mut self, settings: &Settings<N>, window: &Totals<N>) {
        self.take_means::<S>(settings, window);
        self.is_settled = true;
    }

    fn take_means<S: Sample>(&mut self, settings: &Settings<N>, totals: &Totals<N>) {
        let settle = |half: &mut Half, channel, sum| half.squarer.settle::<S>(channel, sum, totals.length);
        settle(&mut self.voltage, settings.voltage.as_ref(), totals.voltage.moments.sum);
        for ((half, channel), sums) in self.currents.iter_mut().zip(&settings.currents).zip(&totals.currents) {
            settle(half, channel.as_ref(), sums.moments.sum);
        }
    }

    /// A cycle is at its middle. `None` in the first one.
    pub(crate) fn middle<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        cycle: &Totals<N>,
        end_frame: u64,
    ) -> Option<HalfCycle<N>> {
        self.each::<S>(settings, cycle, end_frame, |half, now| {
            half.first = *now;
            let mut over = *now;
            over.add(&half.second);
            over
        })
    }

    /// A cycle ends; `per_frame` is 1 over its length in frames, Q36.
    pub(crate) fn end<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        cycle: &Totals<N>,
        per_frame: u32,
        end_frame: u64,
    ) -> Option<HalfCycle<N>> {
        if !self.is_settled {
            // Before the first window each cycle's own mean has to do.
            self.take_means::<S>(settings, cycle);
        }
        self.is_whole = true;
        self.each::<S>(settings, cycle, end_frame, |half, now| {
            half.second = *now;
            half.second.remove(&half.first);
            half.squarer.cycle(cycle.length, per_frame);
            *now
        })
    }

    /// `over` gives the sums over a whole cycle from those of the present one.
    #[inline(always)]
    fn each<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        cycle: &Totals<N>,
        end_frame: u64,
        over: impl Fn(&mut Half, &Moments) -> Moments,
    ) -> Option<HalfCycle<N>> {
        let each = |half: &mut Half, channel: &Option<Channel>, sums: &Sums| {
            let channel = channel.as_ref()?;
            let over = over(half, &sums.moments);
            Some(half.squarer.mean_square::<S>(channel, &over))
        };
        let voltage = each(&mut self.voltage, &settings.voltage, &cycle.voltage);
        let mut currents = [None; N];
        let channels = self.currents.iter_mut().zip(&settings.currents).zip(&cycle.currents);
        for (((half, channel), sums), current) in channels.zip(&mut currents) {
            *current = each(half, channel, sums);
        }
        self.is_whole.then_some(HalfCycle { end_frame, voltage, currents })
    }
}
