//! What a request does: builds a meter, feeds it, counts.
//!
//! In come messages, out go answers. This file must not know frames, sequence numbers or the port.
//!
//! - `config`: what a configuration means; `line`: samples from the link; `own`: those of the board's own.

mod config;
mod line;
mod own;

use hil_link::residual::{Command, Notices};
use hil_link::{Config, Digest, Error, MAX_CURRENTS, Response, Status, Window};
use metering_core::reading::Reading;
use metering_core::residual::State;
use metering_core::{Block, Sample, Sink};

pub use config::{Unfit, settings};
pub(crate) use config::{check, refusal};

use crate::device::console::alarm::Alarm;
use crate::listener::Listener;
use crate::platform::Platform;
use crate::signal::Generator;
use crate::unpack::{self, Packed};

/// Frames unpacked at a time.
const CHUNK: usize = 64;

/// Bytes that so many frames take at most.
const ROOM: usize = CHUNK * (MAX_CURRENTS + 2) * <i32 as Packed>::BYTES;

/// A meter of either width.
#[expect(clippy::large_enum_variant, reason = "there is no heap to put the larger one on")]
enum Meter {
    /// Codes of up to 16 bits.
    Narrow(metering_core::Meter<i16, MAX_CURRENTS>),
    /// Codes of up to 24 bits.
    Wide(metering_core::Meter<i32, MAX_CURRENTS>),
}

impl Meter {
    fn test_residual(&mut self) -> bool {
        match self {
            Self::Narrow(meter) => meter.test_residual(),
            Self::Wide(meter) => meter.test_residual(),
        }
    }

    fn reset_residual(&mut self) {
        match self {
            Self::Narrow(meter) => meter.reset_residual(),
            Self::Wide(meter) => meter.reset_residual(),
        }
    }

    fn residual_state(&self) -> State {
        match self {
            Self::Narrow(meter) => meter.residual_state(),
            Self::Wide(meter) => meter.residual_state(),
        }
    }
}

/// A configuration, its meter and what was counted since.
pub(crate) struct Metering {
    running: Option<(Config, Meter, Listener)>,
    frames: u64,
    windows: u32,
    digest: Digest,
    instructions: u64,
    signal: Generator,
    /// The bench has set a signal, so it is not the ADC that is sampled.
    has_signal: bool,
    /// The ADC samples.
    is_sampling: bool,
}

impl Metering {
    /// Not configured.
    pub(crate) fn new() -> Self {
        Self {
            running: None,
            frames: 0,
            windows: 0,
            digest: Digest::new(),
            instructions: 0,
            signal: Generator::default(),
            has_signal: false,
            is_sampling: false,
        }
    }

    /// A new session: forgets configuration and signal.
    pub(crate) fn restart<P: Platform>(&mut self, platform: &mut P) {
        self.stop_sampling(platform);
        *self = Self::new();
    }

    /// Starts anew with this configuration, or with none when it is not possible.
    pub(crate) fn configure<P: Platform>(&mut self, platform: &mut P, config: &Config) -> Response {
        self.stop_sampling(platform);
        let signal = core::mem::take(&mut self.signal);
        *self = Self { signal, has_signal: self.has_signal, ..Self::new() };
        self.signal.restart(config.sample_rate);
        let settings = settings(config);
        let meter = if config.adc_bits <= 16 {
            metering_core::config::Config::new(settings).map(|config| Meter::Narrow(metering_core::Meter::new(config)))
        } else {
            metering_core::config::Config::new(settings).map(|config| Meter::Wide(metering_core::Meter::new(config)))
        };
        let meter = match meter {
            Ok(meter) => meter,
            Err(error) => return Response::Error(Unfit::from(error).into()),
        };
        match Listener::new(config) {
            Ok(listener) => {
                self.running = Some((config.clone(), meter, listener));
                Response::Configured
            }
            Err(error) => Response::Error(Unfit::from(error).into()),
        }
    }

    /// Whole frames, from the line or the board's own, and how many were lost before them: they go to the meter, and what it
    /// makes of them is counted.
    fn take<P: Platform>(
        &mut self,
        platform: &mut P,
        lost: u32,
        data: &[u8],
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
        completed: &mut impl FnMut(Window),
    ) {
        let Some((config, meter, listener)) = &mut self.running else { return };
        let started = platform.instructions();
        let (windows, digest) = (&mut self.windows, &mut self.digest);
        let mut sink = listener.sink(|reading: &Reading<MAX_CURRENTS>| {
            let window = Window::from(reading);
            *windows = windows.saturating_add(1);
            digest.update(&window);
            heard(reading);
            completed(window);
        });
        match meter {
            Meter::Narrow(meter) => {
                meter.gap(lost.into(), &mut sink);
                feed(meter, config, data, &mut sink);
            }
            Meter::Wide(meter) => {
                meter.gap(lost.into(), &mut sink);
                feed(meter, config, data, &mut sink);
            }
        }
        drop(sink);
        self.frames += u64::from(lost);
        self.frames += (data.len() / config.frame_bytes()) as u64;
        self.instructions += platform.instructions().saturating_sub(started);
    }

    /// The configuration of the meter that runs.
    pub(crate) fn config(&self) -> Option<&Config> {
        self.running.as_ref().map(|(config, ..)| config)
    }

    /// The frames of `Run` are those of the board's ADC.
    pub(crate) fn has_front_end<P: Platform>(&self, platform: &mut P) -> bool {
        !self.has_signal && platform.adc().is_some()
    }

    /// Frames metered since the configuration.
    pub(crate) const fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames per second, 32 bits behind the point; `None` without a configuration.
    pub(crate) fn sample_rate(&self) -> Option<u64> {
        self.running.as_ref().map(|(config, ..)| config.sample_rate)
    }

    /// Whether an interruption of the voltage is on, as far as half cycles are looked at.
    pub(crate) fn interrupted(&self) -> Option<bool> {
        self.running.as_ref().and_then(|(.., listener)| listener.interrupted())
    }

    /// What is on at the residual-current monitor.
    pub(crate) fn residual_state(&self) -> State {
        self.running.as_ref().map_or_else(State::empty, |(_, meter, _)| meter.residual_state())
    }

    /// The events since the last time.
    pub(crate) fn events(&mut self) -> Response {
        match &mut self.running {
            Some((.., listener)) => Response::Events(listener.events()),
            None => Response::Error(Error::NotConfigured),
        }
    }

    /// Gives what is to be told unasked; returns how many more found no room.
    pub(crate) fn alarms(&mut self, tell: &mut dyn FnMut(Alarm)) -> u32 {
        let Some((.., listener)) = &mut self.running else { return 0 };
        while let Some(alarm) = listener.alarm() {
            tell(alarm);
        }
        listener.take_lost_alarms()
    }

    /// Does what is asked of the residual-current monitor.
    pub(crate) fn residual(&mut self, command: Command) -> Response {
        let Some((_, meter, listener)) = &mut self.running else {
            return Response::Error(Error::NotConfigured);
        };
        let notices = match command {
            Command::Notices => listener.notices(),
            Command::Test => {
                // Where it cannot begin the state says so.
                let _began = meter.test_residual();
                Notices::default()
            }
            Command::Reset => {
                meter.reset_residual();
                Notices::default()
            }
        };
        Response::Residual(Notices { state: meter.residual_state().bits(), ..notices })
    }

    /// The counters.
    pub(crate) fn status<P: Platform>(&self, platform: &mut P, damaged_frames: u32) -> Response {
        Response::Status(Status {
            frames: self.frames,
            windows: self.windows,
            digest: self.digest.value(),
            instructions: platform.instructions(),
            metering_instructions: self.instructions,
            damaged_frames,
        })
    }
}

/// Unpacks the samples in small pieces and pushes them.
fn feed<S: Sample + Packed>(
    meter: &mut metering_core::Meter<S, MAX_CURRENTS>,
    config: &Config,
    data: &[u8],
    sink: &mut impl Sink<MAX_CURRENTS>,
) {
    let channels = config.channels();
    let mut room = [[S::default(); CHUNK]; MAX_CURRENTS + 2];
    for piece in data.chunks(CHUNK * config.frame_bytes()) {
        let mut codes = room
            .iter_mut()
            .take(channels)
            .enumerate()
            .map(|(number, out)| unpack::channel(piece, channels, number, out));
        let mut next = |configured: bool| if configured { codes.next().unwrap_or_default() } else { &[] };
        let voltage = next(config.voltage.is_some());
        let currents = core::array::from_fn(|number| next(number < config.currents.len()));
        let residual = next(config.residual.is_some());
        meter.push(&Block { voltage, currents, residual }, sink);
    }
}
