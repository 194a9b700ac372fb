//! A meter with all that hangs on it, events and alarm: what a row is counted with.
//!
//! In come blocks, out goes whether the readings were sound. What a later stage of the meter adds is added to
//! [`Everything::new`] and to the sink here. This file must not know what is counted.

use core::hint::black_box;

use metering_core::calibration::Channel;
use metering_core::config::{Config, Nominal, Settings};
use metering_core::events::{self, Detector, Limits, Overload, Percent};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::{Coupling, Monitor, Notice, Residual};
use metering_core::{Block, HalfCycle, Meter, Sink};

use crate::wave::{CYCLE, Codes, part};

/// Meter, events and what becomes of the readings.
pub struct Everything<S: Codes, const N: usize> {
    meter: Meter<S, N>,
    listener: Listener<N>,
    residual: bool,
    /// Of a cycle, or of a window of mains that wander: an image that does not ask for these is without them.
    voltage: &'static [S],
    wanders: bool,
}

struct Listener<const N: usize> {
    detector: Detector<N, 8>,
    windows: u32,
    unsound: u32,
    #[cfg(feature = "harmonics")]
    wants_spectrum: bool,
}

impl<S: Codes, const N: usize> Everything<S, N> {
    /// V, N currents and, if asked for, a residual current; dip, swell, interruption and overloads are watched.
    /// `None` only if a constant is out of its limits.
    pub fn new(residual: bool) -> Option<Self> {
        let ampere = |range| Some(Channel::new(Ampere::from_num(range)));
        let settings = Settings {
            nominal: Nominal::Hz50,
            voltage: Some(Channel::new(Volt::const_from_int(400))),
            currents: [ampere(25); N],
            residual: ampere(1).filter(|_| residual).map(monitored),
            ..Settings::new(SampleRate::const_from_int(8_000), S::MAX_BITS)
        };
        let limits = events::Settings {
            overloads: [Some(Overload {
                threshold: Ampere::const_from_int(16),
                hysteresis: Percent::from_hundredths(500),
                delay: 10,
            }); N],
            ..events::Settings::new(Volt::const_from_int(230))
        };
        let (config, limits) = (Config::new(settings).ok()?, Limits::new(&limits).ok()?);
        let listener = Listener {
            detector: Detector::new(limits),
            windows: 0,
            unsound: 0,
            #[cfg(feature = "harmonics")]
            wants_spectrum: true,
        };
        Some(Self { meter: Meter::new(config), listener, residual, voltage: S::voltage(), wanders: false })
    }

    /// From now on the mains wander, and what is at `at` counts from the beginning of a window.
    pub fn wander(&mut self) {
        (self.voltage, self.wanders) = (S::wandering(), true);
    }

    fn block(&self, at: usize, frames: usize) -> Block<'static, S, N> {
        let voltage = part(self.voltage, at, frames);
        let at = if self.wanders { at % CYCLE } else { at };
        let residual = if self.residual { part(S::residual(), at, frames) } else { &[] };
        Block { voltage, currents: [part(S::current(), at, frames); N], residual }
    }

    /// Meters `frames` frames of the wave from `at` on.
    #[inline(never)]
    pub fn push(&mut self, at: usize, frames: usize) {
        let block = self.block(at, frames);
        #[cfg(feature = "harmonics")]
        if core::mem::take(&mut self.listener.wants_spectrum) {
            self.meter.request_spectrum(metering_core::config::ChannelName::Current(0));
        }
        self.meter.push(&block, &mut self.listener);
    }

    /// As much as a call costs that does nothing with its block.
    #[inline(never)]
    pub fn nothing(&mut self, at: usize, frames: usize) {
        let block = self.block(at, frames);
        black_box((&mut self.meter, &block, &mut self.listener));
    }

    /// The per-sample work of the same alone.
    #[cfg(not(feature = "harmonics"))]
    #[inline(never)]
    pub fn kernel(&mut self, at: usize, frames: usize) {
        let block = self.block(at, frames);
        self.meter.kernel(&block);
    }

    /// Bytes of the large parts of the meter, those of the whole meter, and those of all this.
    pub const fn ram() -> ([(&'static str, usize); 9], usize, usize) {
        let (parts, meter) = Meter::<S, N>::ram();
        (parts, meter, size_of::<Self>())
    }

    /// Whether the windows after the lock were metered as they should be.
    pub fn is_sound(&self) -> bool {
        self.listener.windows > 20 && self.listener.unsound < 8
    }
}

/// A residual channel with pre-warning and alarm at 30 mA.
fn monitored(channel: Channel) -> Residual {
    Residual {
        coupling: Coupling::Transformer { corner_mhz: 1_000 },
        monitor: Some(Monitor::new(Ampere::from_bits((30 << 32) / 1_000))),
        ..Residual::new(channel)
    }
}

impl<const N: usize> Sink<N> for Listener<N> {
    fn half_cycles(&self) -> bool {
        true
    }

    fn window(&mut self, reading: &Reading<N>) {
        self.windows += 1;
        self.unsound += u32::from(!reading.flags.is_empty());
        black_box(reading);
    }

    #[cfg(feature = "harmonics")]
    fn spectrum(&mut self, _: metering_core::config::ChannelName, spectrum: &metering_core::harmonics::Spectrum) {
        black_box(spectrum);
        self.wants_spectrum = true;
    }

    fn residual_notice(&mut self, notice: &Notice) {
        black_box(notice);
    }

    fn half_cycle(&mut self, half: &HalfCycle<N>) -> bool {
        self.detector.follow(half);
        black_box(self.detector.pop());
        !self.detector.active().is_empty()
    }
}
