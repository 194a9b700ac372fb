//! Mean squares over one cycle that are given anew each half cycle: Urms(1/2) of IEC 61000-4-30, squared.
//!
//! In come sums that run on at the middle of a cycle, and those of the cycle at its end, out go mean squares over the last
//! whole cycle. The middle is cut between two frames: it is a zero crossing of the fundamental, so hardly anything of the
//! voltage's square lies there; the cycle's length is taken from the cycle before. This file must not know events.

use crate::calibration::Channel;
use crate::config::Settings;
use crate::cycle::{Cycle, Share};
use crate::mean_square::Squarer;
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sink::HalfCycle;
use crate::sums::{Moments, Running, Sums};
use crate::totals::Totals;

/// What the next half cycle needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halves<const N: usize> {
    currents: [Half; N],
    voltage: Half,
    /// The present cycle has had its middle, and the cycle before was whole.
    has_middle: bool,
    is_whole: bool,
    /// Frames up to the last middle, Q16.
    length: u64,
    /// The length of cycles that the squarers are made for, Q16 frames.
    cycle: u32,
    /// A window has ended: its means are known.
    is_settled: bool,
}

/// One channel.
#[derive(Clone, Copy, Debug)]
struct Half {
    /// Sums up to the last middle.
    middle: Moments,
    squarer: Squarer,
}

impl<const N: usize> Halves<N> {
    pub(crate) fn new<S: Sample>(settings: &Settings<N>) -> Self {
        let half = |channel: Option<&_>| Half {
            middle: Moments::default(),
            squarer: Squarer::new::<S>(channel, settings.code_bits),
        };
        Self {
            currents: settings.currents.each_ref().map(|channel| half(channel.as_ref())),
            voltage: half(settings.voltage.as_ref()),
            has_middle: false,
            is_whole: false,
            length: 0,
            cycle: 0,
            is_settled: false,
        }
    }

    /// The present cycle is not whole: begins anew after it.
    pub(crate) fn restart(&mut self) {
        (self.has_middle, self.is_whole) = (false, false);
    }

    /// A window has ended.
    pub(crate) fn settle<S: Sample>(&mut self, settings: &Settings<N>, window: &Totals<Sums, N>) {
        let currents = window.currents.each_ref().map(|sums| sums.moments.sum);
        self.take_means::<S>(settings, window.voltage.moments.sum, &currents, window.length);
        self.is_settled = true;
    }

    /// Takes the means of voltage and currents from their sums over `length` Q16 frames.
    #[inline(never)]
    fn take_means<S: Sample>(&mut self, settings: &Settings<N>, voltage: i64, currents: &[i64; N], length: u64) {
        self.voltage.squarer.settle::<S>(settings.voltage.as_ref(), voltage, length);
        let halves = self.currents.iter_mut().zip(&settings.currents).zip(currents);
        for ((half, channel), &sum) in halves {
            half.squarer.settle::<S>(channel.as_ref(), sum, length);
        }
    }

    /// The cycles from here on have `length` Q16 frames; `per_frame` is 1 over that in frames, Q36.
    #[inline(never)]
    fn follow(&mut self, length: u32, per_frame: u32) {
        self.cycle = length;
        let per_frame = Scaled::new(i64::from(per_frame), -36);
        for half in self.currents.iter_mut().chain([&mut self.voltage]) {
            half.squarer.cycles_of(per_frame);
        }
    }

    /// The sums are counted from `mark` on.
    pub(crate) fn begin_window(&mut self, mark: &Totals<Sums, N>) {
        // A middle that nothing will be counted from must not run away.
        let is_known = self.has_middle || self.is_whole;
        let shift = |middle: &mut Moments, mark: &Moments| {
            if is_known {
                middle.remove(mark);
            } else {
                *middle = Moments::default();
            }
        };
        self.length = self.length.wrapping_sub(mark.length);
        shift(&mut self.voltage.middle, &mark.voltage.moments);
        for (half, mark) in self.currents.iter_mut().zip(&mark.currents) {
            shift(&mut half.middle, &mark.moments);
        }
    }

    /// A cycle is at its middle; `sums` run on. Whether what `told` has then means anything: not in the
    /// first cycle.
    #[inline(always)]
    pub(crate) fn middle<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        sums: &Totals<Running, N>,
        told: &mut HalfCycle<N>,
    ) -> bool {
        self.has_middle = true;
        let length = sums.length.wrapping_sub(core::mem::replace(&mut self.length, sums.length)) as u32;
        let each = |half: &mut Half, channel: &Option<Channel>, running: &Running| {
            let channel = channel.as_ref()?;
            let now = running.sums.moments;
            let mut over = now;
            over.remove(&core::mem::replace(&mut half.middle, now));
            Some(half.squarer.mean_square::<S>(channel, over, length))
        };
        told.voltage = each(&mut self.voltage, &settings.voltage, &sums.voltage);
        let channels = self.currents.iter_mut().zip(&settings.currents).zip(&sums.currents);
        for (((half, channel), running), told) in channels.zip(&mut told.currents) {
            *told = each(half, channel, running);
        }
        self.is_whole
    }

    /// A cycle ends; `per_frame` is 1 over its length in frames, Q36. Whether what `told` has then means
    /// anything.
    #[inline(always)]
    pub(crate) fn end<S: Sample>(
        &mut self,
        settings: &Settings<N>,
        cycle: &Cycle<N>,
        per_frame: u32,
        told: &mut HalfCycle<N>,
    ) -> bool {
        if !self.is_settled {
            // Before the first window each cycle's own mean has to do.
            let currents = cycle.currents.map(|share| share.moments.sum);
            self.take_means::<S>(settings, cycle.voltage.moments.sum, &currents, cycle.length.into());
        }
        // A length that is the same to 10⁻⁶ needs no other factors.
        if cycle.length.abs_diff(self.cycle) > cycle.length >> 20 {
            self.follow(cycle.length, per_frame);
        }
        self.is_whole = core::mem::take(&mut self.has_middle);
        let each = |half: &mut Half, channel: &Option<Channel>, share: &Share| {
            let channel = channel.as_ref()?;
            Some(half.squarer.mean_square::<S>(channel, share.moments, cycle.length))
        };
        told.voltage = each(&mut self.voltage, &settings.voltage, &cycle.voltage);
        let channels = self.currents.iter_mut().zip(&settings.currents).zip(&cycle.currents);
        for (((half, channel), share), told) in channels.zip(&mut told.currents) {
            *told = each(half, channel, share);
        }
        self.is_whole
    }
}
