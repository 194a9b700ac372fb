//! The whole device behind its ports: meter, registers, calibration, settings, front, and what a request does to them.
//!
//! In come requests, out go answers. This file must not know frames, codes or quantities.
//!
//! - `commands`: the console, what is typed there; `master`: the Modbus master, what it asks and resets.

mod commands;
mod master;

use hil_link::{
    DeviceRequest, Error, Hello, MAX_CURRENTS, PROTOCOL_VERSION, Request, Response, SettingsAnswer, SettingsRequest,
};
use metering_core::reading::{Flags, Reading};

use crate::calibration::Calibrated;
use crate::device::Snapshot;
use crate::device::console::alarm::Alarm;
use crate::device::led::Link;
use crate::energy::Keeper;
use crate::front::Front;
use crate::meter::{self, Metering, Unfit};
use crate::platform::Platform;
use crate::setup::Setup;
use crate::store::Chip;
use commands::Terminal;
use master::Bus;

/// An ADC: frames per second, 32 bits behind the point, and its resolution.
type Adc = (u64, u8);

/// What the link is at this request.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Most bytes of samples in a request.
    pub max_data: usize,
    /// Damaged frames so far.
    pub damaged: u32,
}

/// The device.
pub(crate) struct Unit<C> {
    metering: Metering,
    keeper: Keeper<C>,
    calibrated: Calibrated,
    setup: Setup,
    snapshot: Snapshot,
    front: Front,
    /// The meter runs by the settings, at this ADC; a restart looks after it.
    by_settings: Option<Adc>,
    bus: Bus,
    terminal: Terminal,
}

impl<C: Chip> Unit<C> {
    /// At power-up: reads what the platform's chip keeps.
    pub(crate) fn new<P: Platform<Chip = C>>(platform: &mut P) -> Self {
        let mut chip = platform.chip();
        let calibrated = Calibrated::open(&mut chip);
        let setup = Setup::open(&mut chip);
        let mut keeper = Keeper::open(chip);
        keeper.set(setup.saving());
        let bus = Bus::start(setup.in_use().modbus, platform);
        Self {
            metering: Metering::new(),
            snapshot: Snapshot::new(keeper.registers()),
            front: Front::new(platform, view_us(&setup)),
            keeper,
            calibrated,
            setup,
            by_settings: None,
            bus,
            terminal: Terminal::new(),
        }
    }

    /// What the device shows.
    pub(crate) const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The chip.
    pub(crate) fn chip(&mut self) -> &mut C {
        self.keeper.chip()
    }

    /// Executes a request.
    pub(crate) fn execute<P: Platform>(&mut self, request: &Request<'_>, line: Line, platform: &mut P) -> Response {
        // What was begun goes on with whatever is asked.
        self.work(platform);
        let answer = match request {
            Request::Hello { .. } => {
                self.metering.restart(platform);
                self.by_settings = None;
                self.snapshot.restart();
                self.front.set_link(Link::Connected);
                Response::Hello(hello(platform, line.max_data))
            }
            Request::Configure(config) => {
                self.by_settings = None;
                self.configure(config, platform)
            }
            Request::Samples { data, .. } | Request::Compressed { data, .. } if data.len() > line.max_data => {
                Response::Error(Error::Length)
            }
            Request::Samples { .. } | Request::Compressed { .. } | Request::Run { .. } => self.meter(request, platform),
            Request::Events => self.metering.events(),
            Request::Residual(command) => self.metering.residual(*command),
            Request::Energy(request) => self.keeper.execute(*request, || platform.microseconds()),
            Request::Calibration(request) => {
                self.calibrated.execute(request, &mut self.keeper, || platform.microseconds())
            }
            Request::Device(request) => {
                self.front.act(*request);
                if let DeviceRequest::Restart { .. } = request {
                    self.restart(platform);
                }
                self.settle(platform);
                self.front.answer(*request, &self.snapshot, self.setup.in_use().digest(), platform)
            }
            Request::Signal(signal) => self.metering.set_signal(platform, signal),
            Request::Status => self.metering.status(platform, line.damaged),
            Request::Settings(SettingsRequest::Start { sample_rate, adc_bits }) => {
                self.start((*sample_rate, *adc_bits), platform)
            }
            Request::Settings(SettingsRequest::Apply) if let Some(unfit) = self.unfit(platform) => {
                Response::Error(unfit.into())
            }
            Request::Settings(request) => self.setup.execute(request, &mut self.keeper, || platform.microseconds()),
        };
        self.settle(platform);
        answer
    }

    /// Nothing is asked at present: what waits for the chip goes on.
    pub(crate) fn rest<P: Platform>(&mut self, platform: &mut P) {
        self.work(platform);
        self.keeper.work(|| platform.microseconds());
        self.settle(platform);
    }

    /// Whether something waits for the chip.
    pub(crate) fn is_busy(&self) -> bool {
        self.setup.is_busy() || self.calibrated.is_busy() || self.keeper.is_pending()
    }

    fn work<P: Platform>(&mut self, platform: &mut P) {
        self.calibrated.work(&mut self.keeper, &mut || platform.microseconds());
        self.setup.work(&mut self.keeper, &mut || platform.microseconds());
    }

    fn configure<P: Platform>(&mut self, config: &hil_link::Config, platform: &mut P) -> Response {
        self.snapshot.restart();
        let answer = self.metering.configure(platform, config);
        let is_configured = matches!(answer, Response::Configured);
        self.front.set_link(if is_configured { Link::Configured } else { Link::Connected });
        answer
    }

    /// Frames are metered, from the link or of the board's own.
    fn meter<P: Platform>(&mut self, request: &Request<'_>, platform: &mut P) -> Response {
        let (metering, keeper, snapshot) = (&mut self.metering, &mut self.keeper, &mut self.snapshot);
        let mut absent = None;
        let mut heard = |reading: &Reading<MAX_CURRENTS>| {
            keeper.add(reading);
            snapshot.window(reading);
            absent = Some(reading.flags.contains(Flags::NO_VOLTAGE));
        };
        let before = metering.frames();
        let answer = match request {
            Request::Samples { first_frame, data } => metering.samples(platform, *first_frame, data, &mut heard),
            Request::Compressed { first_frame, frames, data } => {
                metering.compressed(platform, *first_frame, *frames, data, &mut heard)
            }
            Request::Run { frames, with_codes: true } => metering.block(platform, *frames, &mut heard),
            Request::Run { frames, .. } => metering.run(platform, *frames, &mut heard),
            _ => Response::Error(Error::Unknown),
        };
        if let Some(rate) = metering.sample_rate() {
            self.front.frames(metering.frames().saturating_sub(before), rate);
        }
        // By half cycles where they are looked at, else by windows.
        if let Some(interrupted) = metering.interrupted().or(absent) {
            keeper.interruption(interrupted);
        }
        keeper.work(|| platform.microseconds());
        answer
    }

    /// The meter runs by the settings in use.
    fn start<P: Platform>(&mut self, adc: Adc, platform: &mut P) -> Response {
        // Where it is refused, none runs by them.
        self.by_settings = None;
        let config = self.setup.in_use().config(adc.0, adc.1);
        let config = self.corrected(config, platform);
        match self.configure(&config, platform) {
            Response::Configured => {
                self.by_settings = Some(adc);
                Response::Settings(SettingsAnswer::Started(config))
            }
            refused => refused,
        }
    }

    /// A configuration by the settings, with the calibration of the front end before the board's own ADC: that corrects
    /// nothing where other frames are metered.
    fn corrected<P: Platform>(&mut self, mut config: hil_link::Config, platform: &mut P) -> hil_link::Config {
        if self.metering.has_front_end(platform)
            && let Some(calibration) = Calibrated::kept(&mut self.keeper)
        {
            calibration.apply(&mut config);
        }
        config
    }

    /// Why the meter that runs by the settings could not run by those that an import has made.
    fn unfit<P: Platform>(&mut self, platform: &mut P) -> Option<Unfit> {
        let (sample_rate, adc_bits) = self.by_settings?;
        let config = self.setup.imported()?.config(sample_rate, adc_bits);
        meter::check(&self.corrected(config, platform)).err()
    }

    /// Takes the settings that are kept into use, as a whole: all, or none where the meter that runs by them refuses them. A
    /// meter that would not be another one goes on.
    fn restart<P: Platform>(&mut self, platform: &mut P) {
        self.terminal.tell(Alarm::Restarted);
        if let Some((sample_rate, adc_bits)) = self.by_settings {
            let config = self.setup.kept().config(sample_rate, adc_bits);
            let config = self.corrected(config, platform);
            if self.metering.config() != Some(&config) {
                // Those of the factory, or of a board that was started at another ADC: nobody has asked before.
                if let Err(unfit) = meter::check(&config) {
                    self.terminal.tell(Alarm::Unfit(unfit));
                    return;
                }
                let _configured = self.configure(&config, platform);
            }
        }
        let before = self.setup.in_use().modbus;
        self.setup.restart();
        self.keeper.set(self.setup.saving());
        self.front.set_view_us(view_us(&self.setup));
        let modbus = self.setup.in_use().modbus;
        if modbus != before {
            self.bus = Bus::start(modbus, platform);
        }
    }

    /// Does what the front wishes, shows what requests change more than windows do (a reset of energies, a test of the residual
    /// monitor), and tells what is to be told unasked.
    fn settle<P: Platform>(&mut self, platform: &mut P) {
        if self.front.take_reset() {
            self.setup.factory_reset(&mut self.keeper, || platform.microseconds());
        }
        if let Some(is_made) = self.setup.take_reset() {
            if is_made {
                self.restart(platform);
            } else {
                self.terminal.tell(Alarm::NotReset);
            }
            self.front.reset_done(is_made);
        }
        self.terminal.tell_alarms(&mut self.metering);
        self.snapshot.set_registers(self.keeper.registers());
        self.snapshot.set_residual(self.metering.residual_state());
    }
}

fn view_us(setup: &Setup) -> u64 {
    u64::from(setup.in_use().display_return_s) * 1_000_000
}

fn hello<P: Platform>(platform: &P, max_data: usize) -> Hello {
    Hello {
        version: PROTOCOL_VERSION,
        board: P::NAME.try_into().unwrap_or_default(),
        firmware: P::FIRMWARE.try_into().unwrap_or_default(),
        max_data: max_data as u32,
        clock_hz: platform.clock_hz(),
    }
}
