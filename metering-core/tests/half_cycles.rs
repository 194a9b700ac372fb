//! Half cycles against closed forms where cycles are short, codes have an offset, the sink changes or frames are lost.

use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::Residual;
use metering_core::{Block, HalfCycle, Meter, Sample, Sink};

const VOLT: f64 = 400.0;
const AMPERE: f64 = 25.0;

/// Keeps what it is told.
#[derive(Default)]
struct Listener {
    wants_none: bool,
    wants_residual: bool,
    /// End, voltage and current of each half cycle.
    halves: Vec<(u64, f64, f64)>,
    windows: Vec<Reading<1>>,
}

impl Sink<1> for Listener {
    fn half_cycles(&self) -> bool {
        !self.wants_none
    }

    fn residual_cycles(&self) -> bool {
        self.wants_residual
    }

    fn window(&mut self, reading: &Reading<1>) {
        self.windows.push(*reading);
    }

    fn half_cycle(&mut self, half: &HalfCycle<1>) -> bool {
        let rms = |square: Option<metering_core::MeanSquare>| square.map_or(0.0, |square| square.rms().to_num());
        self.halves.push((half.end_frame, rms(half.voltage), rms(half.currents[0])));
        false
    }
}

fn meter<S: Sample>(rate: f64, has_voltage: bool, has_residual: bool) -> Meter<S, 1> {
    let settings = Settings {
        voltage: has_voltage.then(|| Channel::new(Volt::from_num(VOLT))),
        currents: [Some(Channel::new(Ampere::from_num(AMPERE)))],
        residual: has_residual.then(|| Residual::new(Channel::new(Ampere::from_num(0.1)))),
        ..Settings::new(SampleRate::from_num(rate), S::MAX_BITS)
    };
    Meter::new(Config::new(settings).unwrap())
}

/// Codes of a sine of `share` of the range.
fn sine(frames: usize, hertz: f64, rate: f64, share: f64, bits: u32) -> Vec<i32> {
    let code = |n: usize| (n as f64 * hertz / rate * std::f64::consts::TAU).sin() * share * f64::from(1 << (bits - 1));
    (0..frames).map(|n| code(n).round() as i32).collect()
}

fn push<S: Sample>(meter: &mut Meter<S, 1>, voltage: &[S], current: &[S], listener: &mut Listener) {
    meter.push(&Block { voltage, currents: [current], residual: &[] }, listener);
}

/// All half cycles from `from` on within a share of the RMS of sines of these shares of the range.
fn assert_near(halves: &[(u64, f64, f64)], voltage: f64, current: f64, within: f64, of: &str) {
    assert!(halves.len() > 20, "{of}: {}", halves.len());
    for &(end, volts, amperes) in halves {
        let off = |value: f64, share: f64, range: f64| (value / (share * range / 2f64.sqrt()) - 1.0).abs();
        let is_near = (voltage == 0.0 || off(volts, voltage, VOLT) < within) && off(amperes, current, AMPERE) < within;
        assert!(is_near, "{of}: {volts} V, {amperes} A at {end}");
    }
}

#[test]
fn cycles_of_less_than_32_frames_are_right() {
    for hertz in [62.0, 63.0, 65.0, 66.3, 68.37, 69.0] {
        let (mut meter, mut listener) = (meter::<i32>(2_000.0, true, false), Listener::default());
        let codes = sine(20_000, hertz, 2_000.0, 0.8, 24);
        push(&mut meter, &codes, &codes, &mut listener);
        let settled = listener.halves.len() / 2;
        assert_near(&listener.halves[settled..], 0.8, 0.8, 2e-3, &format!("{hertz} Hz"));
    }
}

#[test]
fn codes_with_an_offset_read_as_those_without() {
    for (hertz, share) in [(50.0, 0.5), (50.3, 0.5), (50.3, 0.05), (49.7, 0.05)] {
        let offset = |codes: Vec<i32>| -> Vec<u16> { codes.iter().map(|code| (code + 32_768) as u16).collect() };
        let voltage = offset(sine(24_000, hertz, 8_000.0, 0.8, 16));
        let current = offset(sine(24_000, hertz, 8_000.0, share, 16));
        let (mut meter, mut listener) = (meter::<u16>(8_000.0, true, false), Listener::default());
        push(&mut meter, &voltage, &current, &mut listener);
        let settled = listener.halves.len() / 2;
        assert_near(&listener.halves[settled..], 0.8, share, 2e-3, &format!("{hertz} Hz, {share}"));
    }
}

#[test]
fn a_sink_that_wanted_none_for_a_while_gets_right_ones() {
    let codes = sine(17_600, 50.0, 8_000.0, 0.8, 24);
    let (mut meter, mut listener) = (meter::<i32>(8_000.0, true, false), Listener::default());
    let mut other = Listener { wants_none: true, ..Listener::default() };
    push(&mut meter, &codes[..12_010], &codes[..12_010], &mut listener);
    listener.halves.clear();
    push(&mut meter, &codes[12_010..13_340], &codes[12_010..13_340], &mut other);
    push(&mut meter, &codes[13_340..], &codes[13_340..], &mut listener);
    assert!(other.halves.is_empty());
    assert_near(&listener.halves, 0.8, 0.8, 2e-3, "after another sink");
}

#[test]
fn lost_frames_leave_the_offset_and_the_cycles_right() {
    let codes = sine(30_000, 50.0, 8_000.0, 0.5, 24);
    for at in (12_000..13_600).step_by(77) {
        for (has_voltage, lost) in [(true, 1_800), (false, 1), (false, 75), (false, 130)] {
            let (mut meter, mut listener) = (meter::<i32>(8_000.0, has_voltage, false), Listener::default());
            let voltage = |codes: &'static [i32]| if has_voltage { codes } else { &[] };
            let codes: &'static [i32] = Box::leak(codes.clone().into_boxed_slice());
            push(&mut meter, voltage(&codes[..at]), &codes[..at], &mut listener);
            meter.gap(lost, &mut listener);
            listener.halves.clear();
            let later = &codes[at + lost as usize..];
            push(&mut meter, voltage(later), later, &mut listener);
            let voltage = if has_voltage { 0.5 } else { 0.0 };
            assert_near(&listener.halves, voltage, 0.5, 5e-3, &format!("{lost} lost at {at}, {has_voltage}"));
        }
    }
}

#[cfg(feature = "residual")]
#[test]
fn lost_frames_leave_the_residual_currents_extremes() {
    use metering_core::reading::Flags;

    let mut codes = sine(16_000, 50.0, 8_000.0, 0.01, 24);
    let mains = sine(16_000, 50.0, 8_000.0, 0.8, 24);
    let block = |range: std::ops::Range<usize>, codes: &'static [i32]| {
        let mains: &'static [i32] = mains.clone().leak();
        Block { voltage: &mains[range.clone()], currents: [&mains[range.clone()]], residual: &codes[range] }
    };
    let (mut first, mut begin) = (meter::<i32>(8_000.0, true, true), Listener::default());
    first.push(&block(0..9_700, codes.clone().leak()), &mut begin);
    let begin = begin.windows.last().unwrap().end_frame as usize;
    // In the window's second cycle, and frames lost in its sixth.
    let (spike, lost) = (begin + 200, begin + 900);
    codes[spike..spike + 2].fill((1 << 23) - 1);
    let codes: &'static [i32] = codes.leak();
    for wants_residual in [false, true] {
        let mut meter = meter::<i32>(8_000.0, true, true);
        let mut listener = Listener { wants_residual, ..Listener::default() };
        for range in [0..lost, lost + 5..codes.len()] {
            if range.start > 0 {
                meter.gap(5, &mut listener);
            }
            meter.push(&block(range, codes), &mut listener);
        }
        let window = listener.windows.iter().find(|window| window.flags.contains(Flags::GAP)).unwrap();
        let peak: f64 = window.residual.unwrap().peak.to_num();
        assert!(window.flags.contains(Flags::CLIPPED) && peak > 0.09, "{wants_residual}: {:?} {peak}", window.flags);
    }
}

#[test]
fn sums_stay_small_for_who_wants_no_half_cycles() {
    // A square of full scale over ten minutes would not fit 63 bits.
    let codes = vec![-(1 << 23); 8_000];
    let mut meter = meter::<i32>(8_000.0, false, false);
    let mut listener = Listener { wants_none: true, ..Listener::default() };
    for _ in 0..1_200 {
        push(&mut meter, &[], &codes, &mut listener);
    }
    assert_eq!(listener.windows.len(), 5_999);
}
