//! What a request does: builds a meter, feeds it, counts.
//!
//! In come messages, out go answers. This file must not know frames, sequence numbers or the port.

use core::fmt::Write as _;

use heapless::{String, Vec};
use hil_link::compressed::Decompressor;
use hil_link::residual::{Command, Notices};
use hil_link::{Block as Codes, Config, Digest, Error, MAX_CURRENTS, Nominal, Response, Signal, Status, Window};
use metering_core::calibration::{Channel, Dc};
use metering_core::config::{self, ChannelName, ConfigError, Settings};
use metering_core::quantity::{Ampere, Power, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::{Coupling, Monitor, Residual, State};
use metering_core::{Block, Sample, Sink};

use crate::adc::{self, Piece, Refusal};
use crate::device::console::alarm::Alarm;
use crate::listener::Listener;
use crate::platform::Platform;
use crate::signal::Generator;
use crate::unpack::{self, Packed};

/// Frames unpacked at a time.
const CHUNK: usize = 64;

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
            config::Config::new(settings).map(|config| Meter::Narrow(metering_core::Meter::new(config)))
        } else {
            config::Config::new(settings).map(|config| Meter::Wide(metering_core::Meter::new(config)))
        };
        let meter = match meter {
            Ok(meter) => meter,
            Err(error) => return Response::Error(refusal(field(error), &error)),
        };
        match Listener::new(config) {
            Ok(listener) => {
                self.running = Some((config.clone(), meter, listener));
                Response::Configured
            }
            Err(error) => Response::Error(refusal("events", &error)),
        }
    }

    /// Feeds the meter; `heard` gets each window that ends.
    pub(crate) fn samples<P: Platform>(
        &mut self,
        platform: &mut P,
        first_frame: u64,
        data: &[u8],
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        if first_frame != self.frames {
            return Response::Error(Error::Gap { expected: self.frames });
        }
        // As many bytes as there are fit `max_data`: what is left of the limit is the half second.
        let most = config.max_frames(u32::MAX) as usize;
        if !data.len().is_multiple_of(config.frame_bytes()) || data.len() / config.frame_bytes() > most {
            return Response::Error(Error::Length);
        }
        self.stop_sampling(platform);
        let mut completed = Vec::new();
        // Half a second never completes more windows than there is room for.
        self.take(platform, 0, data, heard, &mut |window| drop(completed.push(window)));
        Response::Readings(completed)
    }

    /// Feeds the meter with compressed samples; `heard` gets each window that ends.
    pub(crate) fn compressed<P: Platform>(
        &mut self,
        platform: &mut P,
        first_frame: u64,
        frames: u32,
        data: &[u8],
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        if first_frame != self.frames {
            return Response::Error(Error::Gap { expected: self.frames });
        }
        if frames > config.max_frames(u32::MAX) {
            return Response::Error(Error::Length);
        }
        let (channels, width) = (config.channels(), config.code_bytes());
        let Ok(mut decompressor) = Decompressor::new(data, channels, width) else {
            return Response::Error(Error::Unknown);
        };
        // To the end before the meter gets anything: what cannot be read is not executed in part.
        let mut trial = decompressor.clone();
        if (0..frames).any(|_| trial.frame(|_code| {}).is_err()) || !trial.is_done() {
            return Response::Error(Error::Unknown);
        }
        self.stop_sampling(platform);
        let mut completed = Vec::new();
        let mut room = [0; CHUNK * (MAX_CURRENTS + 2) * <i32 as Packed>::BYTES];
        let mut left = frames as usize;
        while left > 0 {
            let piece = left.min(CHUNK);
            left -= piece;
            let plain = room.get_mut(..piece * channels * width).unwrap_or_default();
            for frame in plain.chunks_exact_mut(channels * width) {
                let mut places = frame.chunks_exact_mut(width);
                // Read before, so it can be read again.
                let _read = decompressor.frame(|code| {
                    let place = places.next().unwrap_or_default();
                    place.iter_mut().zip(code.to_le_bytes()).for_each(|(to, byte)| *to = byte);
                });
            }
            self.take(platform, 0, plain, heard, &mut |window| drop(completed.push(window)));
        }
        Response::Readings(completed)
    }

    /// Sets the board's own signal; an ADC is not looked at any more.
    pub(crate) fn set_signal<P: Platform>(&mut self, platform: &mut P, signal: &Signal) -> Response {
        if signal.channels.iter().flat_map(|channel| &channel.tones).any(|tone| tone.order == 0) {
            return Response::Error(refusal("signal", &"the order of a tone is 0"));
        }
        self.stop_sampling(platform);
        self.has_signal = true;
        let rate = self.running.as_ref().map_or(0, |(config, ..)| config.sample_rate);
        self.signal.set(signal, rate);
        Response::SignalSet
    }

    fn stop_sampling<P: Platform>(&mut self, platform: &mut P) {
        if let Some(adc) = platform.adc().filter(|_| self.is_sampling) {
            adc.stop();
        }
        self.is_sampling = false;
    }

    /// The next frames of the ADC, or of the signal where there is one or no ADC; `is_first`: of a request.
    fn sample<P: Platform>(&mut self, platform: &mut P, is_first: bool, out: &mut [u8]) -> Result<Piece, Refusal> {
        let Some((config, ..)) = &self.running else { return Ok(Piece::default()) };
        let (channels, width) = (config.channels(), config.code_bytes());
        let Some(adc) = platform.adc().filter(|_| !self.has_signal) else {
            self.signal.fill(channels, config.adc_bits.into(), width, out);
            return Ok(Piece { lost: 0, length: out.len() });
        };
        if !self.is_sampling {
            adc.start(config)?;
            self.is_sampling = true;
        }
        adc::fill(adc, (channels, width), is_first, out)
    }

    /// Feeds the meter with frames of the board's own; `heard` gets each window that ends.
    pub(crate) fn run<P: Platform>(
        &mut self,
        platform: &mut P,
        frames: u32,
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        if frames > config.max_frames(u32::MAX) {
            return Response::Error(Error::Length);
        }
        let frame_bytes = config.frame_bytes();
        let mut completed = Vec::new();
        let mut room = [0; CHUNK * (MAX_CURRENTS + 2) * <i32 as Packed>::BYTES];
        let mut left = frames as usize;
        while left > 0 {
            let piece = left.min(CHUNK);
            let data = room.get_mut(..piece * frame_bytes).unwrap_or_default();
            let Piece { lost, length } = match self.sample(platform, left == frames as usize, data) {
                Ok(piece) => piece,
                Err(refused) => return Response::Error(refusal(refused.field, &refused.reason)),
            };
            // A loss may end a window, and in the half second behind it no more than three can end.
            let data = data.get(..length).unwrap_or_default();
            self.take(platform, lost, data, heard, &mut |window| drop(completed.push(window)));
            if length < piece * frame_bytes {
                break;
            }
            left -= piece;
        }
        Response::Readings(completed)
    }

    /// The same, and gives the codes.
    pub(crate) fn block<P: Platform>(
        &mut self,
        platform: &mut P,
        frames: u32,
        heard: &mut impl FnMut(&Reading<MAX_CURRENTS>),
    ) -> Response {
        let Some((config, ..)) = &self.running else {
            return Response::Error(Error::NotConfigured);
        };
        let mut block = Codes { first_frame: 0, window: None, data: Vec::new() };
        // Not multiplied before it is known to be small.
        let fits = frames <= config.block_frames();
        if !fits || block.data.resize(frames as usize * config.frame_bytes(), 0).is_err() {
            return Response::Error(Error::Length);
        }
        let Piece { lost, length } = match self.sample(platform, true, &mut block.data) {
            Ok(piece) => piece,
            Err(refused) => return Response::Error(refusal(refused.field, &refused.reason)),
        };
        block.data.truncate(length);
        block.first_frame = self.frames + u64::from(lost);
        // An eighth of a second never completes more than one window, nor any behind a loss that has ended one: the next
        // takes nine cycles at least, 0.130 s.
        self.take(platform, lost, &block.data, heard, &mut |window| block.window = Some(window));
        Response::Block(block)
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

    /// Gives what is to be told unasked.
    pub(crate) fn alarms(&mut self, tell: &mut dyn FnMut(Alarm)) {
        if let Some((.., listener)) = &mut self.running {
            while let Some(alarm) = listener.alarm() {
                tell(alarm);
            }
        }
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

/// The core's settings for a configuration as it travels, unchecked.
pub fn settings(config: &Config) -> Settings<MAX_CURRENTS> {
    let mut currents = [None; MAX_CURRENTS];
    for (place, wire) in currents.iter_mut().zip(&config.currents) {
        *place = Some(channel(wire));
    }
    Settings {
        sample_rate: SampleRate::from_bits(config.sample_rate),
        clock: config.clock,
        code_bits: u32::from(config.adc_bits),
        nominal: match config.nominal {
            Nominal::Auto => config::Nominal::Auto,
            Nominal::Hz50 => config::Nominal::Hz50,
            Nominal::Hz60 => config::Nominal::Hz60,
        },
        voltage: config.voltage.as_ref().map(channel),
        currents,
        residual: config.residual.as_ref().map(|wire| Residual {
            channel: channel(&wire.channel),
            coupling: match wire.corner_mhz {
                Some(corner_mhz) => Coupling::Transformer { corner_mhz },
                None => Coupling::Direct,
            },
            monitor: wire.monitor.as_ref().map(Monitor::from),
        }),
        no_load: config.no_load.map(|limit| config::NoLoad {
            power: Power::from_bits(limit.power),
            current: Ampere::from_bits(limit.current),
            hysteresis: limit.hysteresis,
        }),
    }
}

fn channel(wire: &hil_link::Channel) -> Channel {
    Channel {
        range: Volt::from_bits(wire.range),
        gain_ppm: wire.gain_ppm,
        inverted: wire.inverted,
        phase: wire.phase,
        delay: wire.delay,
        dc: wire.zero.map_or(Dc::Offset, |zero| Dc::Signal { zero }),
        noise: Volt::from_bits(wire.noise),
        clip: wire.clip,
    }
}

/// The name that a setting has on the line.
fn field(error: ConfigError) -> &'static str {
    match error {
        ConfigError::SampleRate { .. } => "sample_rate",
        ConfigError::Clock { .. } => "clock",
        ConfigError::CodeBits { .. } => "adc_bits",
        ConfigError::Channel { channel: ChannelName::Voltage, .. } => "voltage",
        ConfigError::Channel { channel: ChannelName::Current(_), .. } => "currents",
        ConfigError::Channel { channel: ChannelName::Residual, .. } | ConfigError::Residual(_) => "residual",
        ConfigError::NoLoad => "no_load",
        _ => "channels",
    }
}

pub(crate) fn refusal(field: &str, error: &dyn core::fmt::Display) -> Error {
    let mut reason = String::new();
    // A text longer than the field is cut, which says enough.
    let _cut = write!(reason, "{error}");
    Error::Config { field: field.try_into().unwrap_or_default(), reason }
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
