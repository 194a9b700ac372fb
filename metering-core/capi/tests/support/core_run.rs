//! What the Rust core gives for the example's blocks, written down once more: the codes, the settings, and the digest as
//! `digest.rs` defines it in words.

use crc::{CRC_64_XZ, Crc};
use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, Hertz, SampleRate, Volt, WattSecond};
use metering_core::reading::Reading;
use metering_core::residual::{Change, Coupling, Kind, Monitor, Notice, Residual};
use metering_core::{Block, Meter, Sample, Sink};

/// The readings of a run.
#[derive(Default)]
pub struct Run {
    bytes: Vec<u8>,
    pub windows: u64,
    pub alarms: u64,
}

impl Run {
    pub fn digest(&self) -> u64 {
        Crc::<u64>::new(&CRC_64_XZ).checksum(&self.bytes)
    }

    fn put(&mut self, values: &[u64]) {
        self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
}

impl Sink<8> for Run {
    fn window(&mut self, reading: &Reading<8>) {
        self.windows += 1;
        self.put(&[reading.end_frame, reading.length_q16, reading.duration.to_bits(), reading.elapsed.to_bits()]);
        self.bytes.extend(u32::from(reading.flags.bits()).to_le_bytes());
        self.bytes.extend(reading.frequency.map_or(0, Hertz::to_bits).to_le_bytes());
        let voltage = reading.voltage.unwrap();
        self.put(&[voltage.rms.to_bits(), voltage.fundamental.to_bits()]);
        self.put(&[voltage.dc.to_bits() as u64, voltage.peak.to_bits()]);
        self.bytes.extend(1u32.to_le_bytes());
        for current in reading.currents {
            let Some(current) = current else {
                // 12 fields of 64 bits, an angle, three bytes.
                self.bytes.extend([0; 12 * 8 + 4 + 3]);
                continue;
            };
            let (power, energy) = (current.power.unwrap(), current.energy);
            self.put(&[current.rms.to_bits(), current.fundamental.to_bits()]);
            self.put(&[current.dc.to_bits() as u64, current.peak.to_bits()]);
            self.put(&[power.active, power.fundamental_active, power.reactive].map(|power| power.to_bits() as u64));
            self.put(&[energy.forward_active, energy.reverse_active].map(WattSecond::to_bits));
            self.put(&[energy.forward_reactive, energy.reverse_reactive].map(WattSecond::to_bits));
            self.put(&[energy.apparent.to_bits()]);
            self.bytes.extend(power.phase.to_bits().to_le_bytes());
            self.bytes.extend([1, 1, u8::from(current.no_load)]);
        }
        let residual = reading.residual.unwrap();
        self.put(&[residual.rms.to_bits(), residual.ac.to_bits(), residual.total.map_or(0, Ampere::to_bits)]);
        self.put(&[residual.dc.to_bits() as u64, residual.peak.to_bits()]);
        let kinds = [Kind::None, Kind::Sinusoidal, Kind::PulsatingPositive, Kind::PulsatingNegative, Kind::Other];
        let kind = kinds.iter().position(|&kind| kind == residual.kind).unwrap();
        self.bytes.extend([1, u8::from(residual.total.is_some()), kind as u8]);
    }

    fn residual_notice(&mut self, notice: &Notice) {
        self.alarms += u64::from(notice.change == Change::Alarm(true));
    }
}

/// The example's wave.
fn wave(phase: u32) -> i32 {
    let x = (phase >> 16) as i32 - if phase >> 31 == 1 { 65_536 } else { 0 };
    x * (32_768 - x.abs()) / 8_192
}

/// Meters the example's blocks with codes of a width, made from those of 24 bits.
pub fn run<S: Sample>(bits: u32, code: fn(i32) -> S) -> Run {
    let ampere = |range: f64| Channel::new(Ampere::from_bits((range * 4_294_967_296.0) as u64));
    let mut currents = [None; 8];
    (currents[0], currents[5]) = (Some(ampere(25.0)), Some(ampere(10.0)));
    let settings = Settings {
        voltage: Some(Channel::new(Volt::const_from_int(400))),
        currents,
        residual: Some(Residual {
            coupling: Coupling::Transformer { corner_mhz: 1_000 },
            monitor: Some(Monitor::new(Ampere::from_bits((30 << 32) / 1_000))),
            ..Residual::new(ampere(1.2))
        }),
        ..Settings::new(SampleRate::const_from_int(8_000), bits)
    };
    let mut meter = Meter::<S, 8>::new(Config::new(settings).unwrap());
    let (mut run, mut phase, mut noise) = (Run::default(), 0u32, 1u32);
    for block in 0..600 {
        let mut codes: [Vec<S>; 4] = Default::default();
        for _ in 0..=(block * 37 % 100) {
            phase = phase.wrapping_add(26_950_841);
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            codes[0].push(code(wave(phase) * 200 + (noise >> 24) as i32));
            codes[1].push(code(wave(phase.wrapping_sub(1 << 29)) * 100));
            codes[2].push(code(wave(phase) * 20 + wave(phase.wrapping_mul(3)) * 10));
            codes[3].push(code(wave(phase) * 12));
        }
        let mut currents: [&[S]; 8] = [&[]; 8];
        (currents[0], currents[5]) = (&codes[1], &codes[2]);
        meter.push(&Block { voltage: &codes[0], currents, residual: &codes[3] }, &mut run);
    }
    run
}

/// Compares what the example printed with the core, and its readings with what the waves are in closed form.
pub fn compare(text: &str) {
    let widths = super::support::numbers(text);
    let runs = [(16, run::<i16>(16, |code| (code / 256) as i16)), (24, run::<i32>(24, |code| code))];
    assert_eq!(widths.len(), runs.len(), "{text}");
    for (printed, (bits, run)) in widths.iter().zip(&runs) {
        let digest = printed["digest_high"] << 32 | printed["digest_low"];
        assert_eq!(printed["bits"], *bits);
        assert_eq!(format!("{digest:016x}"), format!("{:016x}", run.digest()), "{bits} bits");
        assert_eq!((printed["windows"], printed["alarms"]), (run.windows, run.alarms));
        assert!(run.windows >= 17 && run.alarms == 1, "{} windows", run.windows);
        println!("{bits} bits: {} windows, digest {digest:016x} on both", run.windows);
        // Two parabolas have an RMS of sqrt(8/15) of their peak, which is 2^15 here.
        let rms = |factor: f64, range: f64| (8.0f64 / 15.0).sqrt() * factor / 256.0 * range;
        let near = |name: &str, expected: f64| {
            assert!((printed[name] as f64 - expected).abs() <= 1.0 + expected * 2e-3, "{name}: {text}");
        };
        near("voltage_V", rms(200.0, 400.0));
        near("frequency_cHz", 26_950_841.0 * 8_000.0 / 4_294_967_296.0 * 100.0);
        near("current_mA", rms(100.0, 25_000.0));
        near("residual_0.1mA", rms(12.0, 12_000.0));
        // P of two equal waves an eighth of a turn apart.
        near("active_W", rms(200.0, 400.0) * rms(100.0, 25.0) * correlation());
    }
}

/// Mean of w(t)·w(t - 1/8) over that of w², w being the wave: odd parabolas, whose Fourier series are 1/k³ at odd k.
fn correlation() -> f64 {
    let sum = |angle: f64| (0..200).map(|n| f64::from(2 * n + 1)).map(|k| (k * angle).cos() / k.powi(6)).sum::<f64>();
    sum(core::f64::consts::FRAC_PI_4) / sum(0.0)
}
