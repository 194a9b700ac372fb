//! The meter: any settings, codes, block cuts and gaps.
//!
//! Asserted beside that nothing panics or overflows: settings are refused exactly when one is out of its documented range;
//! another cut gives the same readings, half cycles and notices; no reading exceeds what the ranges allow; windows follow
//! each other without a gap.

#[path = "meter/energy.rs"]
mod energy;

use super::settings::{CURRENTS, are_valid, limits, settings};
use arbitrary::{Result, Unstructured};
use metering_core::aggregate::{self, Aggregator, Powers};
use metering_core::calibration::{Channel, Dc};
use metering_core::config::{ChannelName, Config, Settings};
use metering_core::energy::Registers;
use metering_core::events::{self, Detector, Limits};
use metering_core::harmonics::Spectrum;
use metering_core::quantity::{Degree, Power, Volt};
use metering_core::reading::{Flags, Reading};
use metering_core::registers;
use metering_core::residual::{Coupling, Notice, ResidualCycle};
use metering_core::{Block, HalfCycle, MeanSquare, Meter, Sample, Sink};

/// Most frames of a case, so that it takes milliseconds.
const MOST_FRAMES: usize = 24_000;

/// One case: see the head of the file.
pub fn meter(bytes: &[u8]) {
    // Where readings of cycles are not wanted, a small residual current is not told apart by intervals.
    for wants_cycles in [true, false] {
        let _ended = run(&mut Unstructured::new(bytes), wants_cycles);
    }
}

fn run(u: &mut Unstructured<'_>, wants_cycles: bool) -> Result<()> {
    let kind = u.int_in_range(0..=2u8)?;
    let settings = settings(u, if kind == 2 { 24 } else { 16 }, kind == 1)?;
    let limits = Limits::new(&limits(u)?).ok();
    let cuts = [0; 4].map(|_: u8| u.int_in_range(1..=1_500u16).map_or(1, usize::from));
    match kind {
        0 => case::<i16>(u, &settings, limits, wants_cycles, &cuts, |code, _| code as i16),
        1 => case::<u16>(u, &settings, limits, wants_cycles, &cuts, |code, middle| {
            code.saturating_add(middle).clamp(0, 0xffff) as u16
        }),
        _ => case::<i32>(u, &settings, limits, wants_cycles, &cuts, |code, _| code),
    }
}

fn case<S: Sample + PartialEq + std::fmt::Debug>(
    u: &mut Unstructured<'_>,
    settings: &Settings<CURRENTS>,
    limits: Option<Limits<CURRENTS>>,
    wants_cycles: bool,
    cuts: &[usize],
    narrow: fn(i32, i32) -> S,
) -> Result<()> {
    let config = Config::<S, CURRENTS>::new(*settings);
    assert_eq!(config.is_ok(), are_valid::<S>(settings), "{config:?} of {settings:?}");
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return Ok(());
        }
    };
    let (mut whole, mut parts) = (Meter::new(config), Meter::new(config));
    let [mut one, mut other] = [wants_cycles; 2].map(|wanted| Listener::new(limits, wanted));
    let (mut frames, mut gaps) = (0, false);
    let mut cut = cuts.iter().copied().cycle();
    while !u.is_empty() && frames < MOST_FRAMES {
        if u.ratio(1, 16)? {
            gaps = true;
            let lost = match u.int_in_range(0..=3u8)? {
                0 => u.int_in_range(0..=100u64)?,
                1 => u.int_in_range(0..=200_000u64)?,
                2 => u.arbitrary::<u64>()?,
                _ => u64::MAX,
            };
            whole.gap(lost, &mut one);
            parts.gap(lost, &mut other);
            continue;
        }
        if u.ratio(1, 16)? {
            let channel = *u.choose(&[
                ChannelName::Voltage,
                ChannelName::Current(1),
                ChannelName::Current(usize::MAX),
                ChannelName::Residual,
            ])?;
            whole.request_spectrum(channel);
            parts.request_spectrum(channel);
            continue;
        }
        if u.ratio(1, 16)? {
            if u.arbitrary()? {
                assert_eq!(whole.test_residual(), parts.test_residual());
            } else {
                whole.reset_residual();
                parts.reset_residual();
            }
            continue;
        }
        let length = usize::from(u.int_in_range(1..=4_000u16)?);
        let bits = settings.code_bits;
        let mut wave = || -> Result<Vec<S>> {
            Ok(wave(u, length, bits, S::MAX_BITS)?.into_iter().map(|code| narrow(code, 1 << (bits - 1))).collect())
        };
        let (v, a, b, r) = (wave()?, wave()?, wave()?, wave()?);
        frames += length;
        whole.push(&Block { voltage: &v, currents: [&a, &b], residual: &r }, &mut one);
        if u.ratio(1, 4)? {
            parts.push_interleaved(&interleave(settings, [&v, &a, &b, &r]), &mut other);
            continue;
        }
        let mut at = 0;
        while at < length {
            let end = (at + cut.next().unwrap_or(1)).min(length);
            let block = Block { voltage: &v[at..end], currents: [&a[at..end], &b[at..end]], residual: &r[at..end] };
            parts.push(&block, &mut other);
            at = end;
        }
    }
    assert_eq!(one.readings, other.readings);
    assert_eq!(one.halves, other.halves);
    assert_eq!(one.notices, other.notices);
    assert_eq!(one.spectra, other.spectra);
    assert_eq!(one.residual, other.residual);
    assert_eq!(one.residual_cycles, other.residual_cycles);
    assert_eq!(whole.residual_state(), parts.residual_state());
    assert_eq!(whole.frames(), parts.frames());
    judge::<S>(settings, &one.readings, gaps);
    if !gaps {
        assert_eq!(whole.frames(), frames as u64);
    }
    Ok(())
}

fn interleave<S: Sample>(settings: &Settings<CURRENTS>, codes: [&[S]; 4]) -> Vec<S> {
    let residual = settings.residual.map(|residual| residual.channel);
    let channels = [&settings.voltage, &settings.currents[0], &settings.currents[1], &residual];
    let codes: Vec<_> = codes.iter().zip(channels).filter(|(_, channel)| channel.is_some()).collect();
    (0..codes[0].0.len()).flat_map(|n| codes.iter().map(move |(codes, _)| codes[n])).collect()
}

/// Everything the meter says, and what the following stages make of it.
struct Listener {
    wants_cycles: bool,
    readings: Vec<Reading<CURRENTS>>,
    halves: Vec<HalfCycle<CURRENTS>>,
    detector: Option<Detector<CURRENTS, 4>>,
    notices: Vec<String>,
    spectra: Vec<(ChannelName, Spectrum)>,
    residual: Vec<Notice>,
    residual_cycles: Vec<ResidualCycle>,
}

impl Listener {
    fn new(limits: Option<Limits<CURRENTS>>, wants_cycles: bool) -> Self {
        Self {
            wants_cycles,
            readings: vec![],
            halves: vec![],
            detector: limits.map(Detector::new),
            notices: vec![],
            spectra: vec![],
            residual: vec![],
            residual_cycles: vec![],
        }
    }
}

impl Sink<CURRENTS> for Listener {
    fn half_cycles(&self) -> bool {
        self.detector.is_some()
    }

    fn window(&mut self, reading: &Reading<CURRENTS>) {
        self.readings.push(*reading);
    }

    fn residual_cycles(&self) -> bool {
        self.wants_cycles
    }

    fn residual_cycle(&mut self, cycle: &ResidualCycle) {
        self.residual_cycles.push(*cycle);
    }

    fn residual_notice(&mut self, notice: &Notice) {
        self.residual.push(*notice);
    }

    fn spectrum(&mut self, channel: ChannelName, spectrum: &Spectrum) {
        self.spectra.push((channel, spectrum.clone()));
    }

    fn half_cycle(&mut self, half_cycle: &HalfCycle<CURRENTS>) -> bool {
        self.halves.push(*half_cycle);
        let Some(detector) = &mut self.detector else { return false };
        // The short way comes to the same as the values themselves.
        let mut exact = detector.clone();
        let rms = |square: Option<MeanSquare>| square.map(MeanSquare::rms).unwrap_or_default();
        exact.half_cycle(half_cycle.end_frame, rms(half_cycle.voltage), &half_cycle.currents.map(rms));
        detector.follow(half_cycle);
        assert_eq!(format!("{detector:?}"), format!("{exact:?}"));
        // Every third half cycle one notice, so that the queue overflows now and then.
        if self.halves.len().is_multiple_of(3) {
            self.notices.push(format!("{:?} {}", detector.pop(), detector.lost()));
        }
        detector.active().intersects(events::Active::VOLTAGE)
    }
}

/// The largest magnitude that a channel can have, the codes clamped to the sample type: of the signal, and without DC.
fn most<S: Sample>(channel: &Channel, code_bits: u32) -> f64 {
    let beyond = 2f64.powi(S::MAX_BITS as i32 - code_bits as i32);
    let offset = match channel.dc {
        _ if S::OFFSET_BINARY => beyond,
        Dc::Signal { .. } => 1.0,
        Dc::Offset => 0.0,
    };
    let gain = 1.0 + f64::from(channel.gain_ppm) * 1e-6;
    // Where a boundary divides a frame its code is rounded: a short window may gain one.
    let code = 2f64.powi(1 - code_bits as i32);
    channel.range.to_num::<f64>() * gain * (beyond + offset + code) * 1.000_001 + 1e-8
}

fn judge<S: Sample>(settings: &Settings<CURRENTS>, readings: &[Reading<CURRENTS>], gaps: bool) {
    let most = |channel: &Option<Channel>| channel.map(|channel| most::<S>(&channel, settings.code_bits));
    let mut aggregator = Aggregator::<CURRENTS>::new(settings.sample_rate);
    let (mut length, mut end) = (0u64, 0);
    let mut registers = Registers::default();
    for reading in readings {
        assert!(reading.end_frame >= end, "windows go back");
        end = reading.end_frame;
        length = length.saturating_add(reading.length_q16);
        assert!(reading.elapsed >= reading.duration && (gaps || reading.elapsed == reading.duration));
        registers.add(reading);
        if !gaps {
            // The end is rounded up.
            let whole = length.div_ceil(1 << 16);
            assert!(end == whole, "windows leave a gap: {whole} frames, end at {end}");
        }
        assert_eq!(reading.voltage.is_some(), settings.voltage.is_some());
        assert_eq!(reading.residual.is_some(), settings.residual.is_some());
        if let Some(hertz) = reading.frequency.filter(|_| reading.flags.is_empty()) {
            assert!((30..=90).contains(&hertz), "{hertz} Hz without a flag");
        }
        if let (Some(most), Some(voltage)) = (most(&settings.voltage), reading.voltage) {
            amounts(most, voltage.rms, voltage.fundamental, voltage.dc.to_num(), voltage.peak);
            let _factors = (voltage.distortion(), voltage.crest(), registers::voltage(voltage.rms));
        }
        if let (Some(settings), Some(residual)) = (settings.residual, reading.residual) {
            if settings.coupling == Coupling::Direct {
                // The level at rest may lie a little beside the codes of the window.
                let most = 2.1 * most(&Some(settings.channel)).unwrap_or(0.0);
                let all = [residual.rms, residual.ac, residual.peak, residual.total.unwrap_or_default()];
                assert!(all.iter().all(|value| value.to_num::<f64>() <= most), "{residual:?} of {most}");
            }
            assert_eq!(
                residual.total.is_none(),
                settings.coupling != Coupling::Direct || settings.channel.dc == Dc::Offset
            );
            registers::residual(residual.rms);
        }
        let mut powers = [None; CURRENTS];
        for (n, (current, channel)) in reading.currents.iter().zip(&settings.currents).enumerate() {
            assert_eq!(current.is_some(), channel.is_some());
            let (Some(most_current), Some(current)) = (most(channel), current) else { continue };
            amounts(most_current, current.rms, current.fundamental, current.dc.to_num(), current.peak);
            let _factors = (current.distortion(), current.crest(), registers::current(current.rms));
            assert_eq!(current.power.is_some(), settings.voltage.is_some());
            let (Some(power), Some(most_voltage)) = (current.power, most(&settings.voltage)) else { continue };
            let most = most_voltage * most_current + 1e-6;
            // A correction of phase or delay turns the fundamental by up to half a turn: P gains twice its power.
            for (value, times) in [(power.active, 5.5), (power.fundamental_active, 2.25), (power.reactive, 2.25)] {
                assert!(value.to_num::<f64>().abs() <= most * times, "{value} of {most}: {power:?}");
            }
            assert!((-180..=180).contains(&power.phase) || power.phase <= Degree::ZERO, "{}", power.phase);
            let derived = reading.derived(n).expect("there is power");
            assert!((-1..=1).contains(&derived.power_factor) && (-1..=1).contains(&derived.fundamental_power_factor));
            assert!(derived.apparent >= Power::ZERO && derived.nonactive >= Power::ZERO);
            registers::power(derived.apparent);
            registers::power_factor(derived.power_factor);
            registers::power_angle(power.phase);
            energy::judge(current, reading.duration, most);
            powers[n] = Some(Powers { active: power.active, reactive: power.reactive, apparent: derived.apparent });
        }
        let ended = aggregator.push(&aggregate::Window {
            end_frame: reading.end_frame,
            length_q16: reading.length_q16,
            cycles: if reading.flags.contains(Flags::SETTLING) { 0 } else { 10 },
            flagged: !reading.flags.is_empty(),
            frequency: reading.frequency,
            voltage: reading.voltage.map(|voltage| voltage.rms),
            currents: reading.currents.map(|current| current.map(|current| current.rms)),
            powers,
        });
        if let Some(voltage) = ended.cycles.and_then(|ended| ended.voltage) {
            let limit = most(&settings.voltage).expect("there is a voltage").max(1.0);
            assert!(voltage.to_num::<f64>() <= limit * 1.000_001);
        }
    }
}

fn amounts(most: f64, rms: Volt, fundamental: Volt, dc: f64, peak: Volt) {
    let within = |value: f64, times: f64| value.abs() <= most * times;
    assert!(within(rms.to_num(), 1.0), "RMS {rms} of {most}");
    assert!(within(fundamental.to_num(), 1.5), "fundamental {fundamental} of {most}");
    assert!(within(dc, 1.0), "DC {dc} of {most}");
    assert!(within(peak.to_num(), 2.0), "peak {peak} of {most}");
}

/// Codes of one channel, as far as the sample type can hold them.
fn wave(u: &mut Unstructured<'_>, length: usize, code_bits: u32, most_bits: u32) -> Result<Vec<i32>> {
    let kind = u.int_in_range(0..=11u8)?;
    let top = if most_bits > 16 { 0 } else { 16 };
    let (least, most) = (i32::MIN >> top, i32::MAX >> top);
    let (a, b) = (u.arbitrary::<i32>()? >> top, u.arbitrary::<i32>()?);
    let half = usize::from((b as u16 % 2_000).max(1));
    let full = 1i32 << (code_bits.clamp(8, 24) - 1);
    let square = |n: usize, high: i32, low: i32| if (n / half).is_multiple_of(2) { high } else { low };
    // Turns per frame from 0 to 1/16: at 2 to 64 kHz the mains lies within.
    let step = f64::from(b as u32) / 2f64.powi(36);
    let mut noise = a;
    Ok((0..length)
        .map(|n| match kind {
            0 => a,
            2 => most,
            3 => square(n, most, least),
            4 => square(n, full - 1, -full),
            5 if n % 2 == 0 => most,
            1 | 5 => least,
            6 => square(n, a, b >> top),
            7 | 8 => {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(0x3c6e_f35f ^ b);
                if kind == 7 { noise >> top } else { noise >> (32 - code_bits.clamp(8, 24)) }
            }
            9 => ((step * n as f64 * std::f64::consts::TAU).sin() * f64::from(a)) as i32,
            10 => ((step * n as f64 * std::f64::consts::TAU).sin() * f64::from(full)) as i32,
            _ => 0,
        })
        .collect())
}
