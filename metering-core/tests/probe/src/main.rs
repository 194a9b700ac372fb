//! Calls every public path of the metering core with inputs the optimiser cannot know, and no other code. Never run: the
//! test `no_panic` builds it for a Cortex-M4 and reads what was linked.
#![no_std]
#![no_main]

use core::hint::black_box;

use metering_core::aggregate::{self, Aggregator, Powers};
use metering_core::config::{ChannelName, Config, Settings};
use metering_core::energy::Registers;
use metering_core::events::{self, Detector, Limits};
use metering_core::harmonics::{Harmonics, Spectrum};
use metering_core::quantity::SampleRate;
use metering_core::reading::Reading;
use metering_core::residual::{Notice, ResidualCycle};
use metering_core::{Block, HalfCycle, Meter, Sample, Sink, registers};

/// The probe's own: linked only where something can panic.
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Where the linker starts.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    loop {
        meter::<i16, 1>();
        meter::<u16, 1>();
        meter::<i32, 8>();
        harmonics::<i16>();
        harmonics::<i32>();
        #[cfg(feature = "broken")]
        black_box(u32::from(black_box(1u8)) as f32 / black_box(3.0f32) + [0.5f32; 4][black_box(1)]);
    }
}

struct Listener<const N: usize> {
    detector: Detector<N, 4>,
    aggregator: Aggregator<N>,
    registers: Registers<N>,
}

impl<const N: usize> Sink<N> for Listener<N> {
    fn half_cycles(&self) -> bool {
        black_box(true)
    }

    fn window(&mut self, reading: &Reading<N>) {
        let mut powers = [None; N];
        for (n, place) in powers.iter_mut().enumerate() {
            if let Some(derived) = reading.derived(n) {
                black_box((registers::power(derived.apparent), registers::power_factor(derived.power_factor)));
                black_box(derived);
                *place = reading.currents.get(n).and_then(|current| current.as_ref()?.power).map(|power| Powers {
                    active: power.active,
                    reactive: power.reactive,
                    apparent: derived.apparent,
                });
            }
        }
        self.registers.add(reading);
        self.registers.reset(black_box(0));
        black_box((self.registers.since_reset_s(black_box(0)), self.registers.moved(&black_box(self.registers))));
        black_box(Registers::restore(black_box(reading.elapsed), *self.registers.accounts()));
        for account in self.registers.accounts() {
            black_box((account.resettable(), registers::energy_signed(account.continuous.absolute_active())));
        }
        for current in reading.currents.iter().flatten() {
            black_box((current.distortion(), current.crest(), registers::current(current.rms)));
            black_box(current.power.map(|power| registers::power_angle(power.phase)));
        }
        if let Some(voltage) = &reading.voltage {
            black_box((voltage.distortion(), voltage.crest(), registers::voltage(voltage.rms)));
        }
        black_box((
            reading.frequency.map(registers::frequency),
            reading.residual.map(|residual| registers::residual(residual.rms)),
        ));
        black_box(self.aggregator.push(&aggregate::Window {
            end_frame: reading.end_frame,
            length_q16: reading.length_q16,
            cycles: black_box(10),
            flagged: !reading.flags.is_empty(),
            frequency: reading.frequency,
            voltage: reading.voltage.map(|voltage| voltage.rms),
            currents: reading.currents.map(|current| current.map(|current| current.rms)),
            powers,
        }));
    }

    fn residual_cycles(&self) -> bool {
        true
    }

    fn residual_cycle(&mut self, cycle: &ResidualCycle) {
        black_box(cycle);
    }

    fn residual_notice(&mut self, notice: &Notice) {
        black_box(notice);
    }

    fn half_cycle(&mut self, half: &HalfCycle<N>) -> bool {
        self.detector.follow(half);
        black_box((self.detector.pop(), self.detector.lost()));
        !self.detector.active().is_empty()
    }

    fn spectrum(&mut self, channel: ChannelName, spectrum: &Spectrum) {
        black_box(channel);
        read(spectrum);
    }
}

fn meter<S: Sample, const N: usize>() {
    let settings: Settings<N> = black_box(Settings::new(SampleRate::ZERO, 0));
    let limits: events::Settings<N> = black_box(events::Settings::new(SampleRate::ZERO));
    let (config, limits) = match (Config::<S, N>::new(settings), Limits::new(&limits)) {
        (Ok(config), Ok(limits)) => (config, limits),
        (config, limits) => {
            black_box((config.err(), limits.err()));
            return;
        }
    };
    let mut meter = Meter::new(config);
    let mut listener = Listener {
        detector: Detector::new(limits),
        aggregator: Aggregator::new(black_box(settings.sample_rate)),
        registers: Registers::default(),
    };
    listener.aggregator.align(black_box(0), black_box(0));
    let codes: &[S] = black_box(&[]);
    loop {
        meter.request_spectrum(black_box(ChannelName::Voltage));
        let block = Block { voltage: codes, currents: black_box([codes; N]), residual: black_box(codes) };
        meter.push(&block, &mut listener);
        meter.push_interleaved(codes, &mut listener);
        meter.gap(black_box(1), &mut listener);
        meter.reset_residual();
        black_box((meter.test_residual(), meter.residual_state()));
        black_box((meter.frames(), meter.config().settings()));
        if black_box(true) {
            return;
        }
    }
}

fn harmonics<S: Sample>() {
    let mut harmonics = Harmonics::new();
    harmonics.begin(black_box(10), black_box(24));
    while harmonics.is_busy() {
        harmonics.cycle(black_box(0), black_box(0));
        harmonics.samples::<S>(black_box(&[]));
    }
    if let Some(spectrum) = harmonics.spectrum() {
        read(&spectrum);
    }
    harmonics.cancel();
    black_box(&harmonics);
}

fn read(spectrum: &Spectrum) {
    let order = black_box(1);
    let range = black_box(SampleRate::ZERO);
    black_box((spectrum.harmonic(order), spectrum.volt(order, range), spectrum.ampere(order, range)));
    black_box((spectrum.orders(), spectrum.length_q16()));
}
