//! The harmonic analyser against closed forms: amplitudes and angles put in, integrals over the exact window.
#![cfg(feature = "harmonics")]

use metering_core::Sample;
use metering_core::harmonics::{Harmonics, ORDERS, Spectrum};
use metering_core::quantity::{Ampere, Volt};
use std::f64::consts::PI;

/// A component: order (any positive number), peak as a share of the range, angle in degrees as a sine.
type Component = (f64, f64, f64);

/// What the meter does for the analyser: an accumulator of the exact step, `start` turns before the first frame.
struct Mains {
    rate: f64,
    hertz: f64,
    start: f64,
    bits: u32,
    components: Vec<Component>,
}

impl Mains {
    fn step(&self) -> f64 {
        self.hertz / self.rate
    }

    /// Code of the frame whose mains phase is `turns`.
    fn code(&self, turns: f64) -> i32 {
        let wave: f64 =
            self.components.iter().map(|&(o, peak, a)| peak * (2.0 * PI * (o * turns + a / 360.0)).sin()).sum();
        let full = 2f64.powi(self.bits as i32 - 1);
        (wave * full).round().clamp(-full, full - 1.0) as i32
    }

    /// Plays frames until the spectrum is there; `cut` is the block length inside a cycle.
    fn spectrum<S: Sample>(&self, cycles: u8, cut: usize, convert: impl Fn(i32) -> S) -> Spectrum {
        let mut harmonics = Harmonics::new();
        let step = (self.step() * 2f64.powi(32)).round() as u32;
        let mut phase = (self.start.fract() * 2f64.powi(32)) as u32;
        let mut block = vec![];
        harmonics.begin(cycles, self.bits);
        for n in 0..100_000 {
            block.push(convert(self.code(self.start + self.step() * f64::from(n))));
            let next = phase.wrapping_add(step);
            if next < phase || block.len() == cut {
                harmonics.samples(&block);
                block.clear();
            }
            if next < phase {
                harmonics.cycle(next, step);
            }
            phase = next;
            if let Some(spectrum) = harmonics.spectrum() {
                assert!(!harmonics.is_busy());
                return spectrum;
            }
        }
        panic!("no spectrum");
    }

    /// RMS of the subgroup as a share of the range, by the integral over exactly `cycles` cycles. `behind`: from the
    /// boundary to the begin, in cycles; that boundary lies at 1 turn.
    fn truth(&self, order: usize, cycles: u8, behind: f64) -> f64 {
        self.smoothed(order, cycles, behind, |_| 1.0)
    }

    /// The same through a window that is smoothed by a pulse of this spectrum (hertz).
    fn smoothed(&self, order: usize, cycles: u8, behind: f64, pulse: impl Fn(f64) -> f64) -> f64 {
        let n = f64::from(cycles);
        let power: f64 = (-1..=1)
            .map(|k| {
                let bin = order as f64 + f64::from(k) / n;
                let (mut re, mut im) = (0.0, 0.0);
                for &(o, peak, angle) in &self.components {
                    for sign in [1.0, -1.0] {
                        // Integral over t from behind to behind + n of sign/2j·exp(j·sign·(2πot + a))·exp(-j2π·bin·t)
                        let d = sign * o - bin;
                        let sinc = if d.abs() < 1e-12 { 1.0 } else { (PI * d * n).sin() / (PI * d * n) };
                        let size = sinc * pulse(d * self.hertz);
                        let turn = 2.0 * PI * (d * (1.0 + behind + n / 2.0) + sign * angle / 360.0) - PI / 2.0;
                        re += sign * peak / 2.0 * size * turn.cos();
                        im += sign * peak / 2.0 * size * turn.sin();
                    }
                }
                2.0 * (re * re + im * im)
            })
            .sum();
        power.sqrt()
    }
}

fn rms(spectrum: &Spectrum, order: usize) -> f64 {
    spectrum.volt(order as u8, Volt::from_num(400)).unwrap().to_num::<f64>() / 400.0
}

fn off(a: f64, b: f64) -> f64 {
    (a - b + 180.0).rem_euclid(360.0) - 180.0
}

const FREQUENCIES: [f64; 9] = [42.5, 45.03, 47.3, 50.0, 50.01, 53.77, 57.5, 60.0, 69.0];

fn cycles(hertz: f64) -> u8 {
    if hertz < 55.0 { 10 } else { 12 }
}

/// Every order at `share(h)` of a fundamental at 30 % of the range.
fn rich(rate: f64, hertz: f64, bits: u32, share: impl Fn(f64) -> f64) -> Mains {
    let components = (1..=ORDERS)
        .map(|h| h as f64)
        .filter(|h| h * hertz < 0.47 * rate)
        .map(|h| (h, if h < 1.5 { 0.3 } else { 0.3 * share(h) }, 17.0 + h * h * 37.0))
        .collect();
    Mains { rate, hertz, start: 0.637, bits, components }
}

/// Worst errors: magnitude as a share of the fundamental, angle in degrees times the component's share.
fn worst<S: Sample>(mains: &Mains, convert: impl Fn(i32) -> S) -> (f64, f64) {
    let n = cycles(mains.hertz);
    let spectrum = mains.spectrum(n, 64, convert);
    let fundamental = mains.components[0];
    let (mut magnitude, mut angle) = (0f64, 0f64);
    for order in 1..=usize::from(spectrum.orders()) {
        let truth = mains.truth(order, n, 8.0 * mains.step());
        let got = rms(&spectrum, order);
        magnitude = magnitude.max((got - truth).abs() / (fundamental.1 / 2f64.sqrt()));
        let harmonic = spectrum.harmonic(order as u8).unwrap();
        let share = got / rms(&spectrum, 1);
        assert!((harmonic.share.to_num::<f64>() - share).abs() < 1e-7);
        if let Some(&(o, peak, a)) = mains.components.iter().find(|c| (c.0 - order as f64).abs() < 1e-9) {
            let share = peak / fundamental.1;
            angle = angle.max(off(harmonic.angle_to_mains.to_num(), a).abs() * share);
            angle = angle.max(off(harmonic.angle.to_num(), a - o * fundamental.2).abs() * share / o);
        }
    }
    (magnitude, angle)
}

#[test]
fn a_sine_leaves_nothing_in_other_orders() {
    for hertz in FREQUENCIES {
        for start in [0.0, 0.3141, 0.99] {
            let mains = Mains { rate: 8e3, hertz, start, bits: 24, components: vec![(1.0, 0.9, 30.0)] };
            let (magnitude, angle) = worst(&mains, |code| code);
            println!("{hertz} {start}: {:.2} ppm {angle:.6} deg", magnitude * 1e6);
            assert!(magnitude < 2e-6, "{hertz} {magnitude:e}");
            assert!(angle < 2e-4, "{hertz} {angle}");
        }
    }
}

#[test]
fn fifty_harmonics_at_once() {
    for hertz in FREQUENCIES {
        for (rate, magnitude_limit) in [(8e3, 15e-6), (4e3, 200e-6), (16e3, 5e-6), (64e3, 5e-6)] {
            let (magnitude, angle) = worst(&rich(rate, hertz, 24, |h| 1.0 / h), |code| code);
            println!("{rate} {hertz}: {:.2} ppm {angle:.6} deg", magnitude * 1e6);
            assert!(magnitude < magnitude_limit, "{rate} {hertz} {magnitude:e}");
            assert!(angle < 60.0 * magnitude_limit, "{rate} {hertz} {angle}");
        }
    }
}

#[test]
fn sixteen_and_twelve_bits() {
    for hertz in FREQUENCIES {
        let (magnitude, _) = worst(&rich(8e3, hertz, 16, |h| 0.5 / h), |code| code as i16);
        assert!(magnitude < 40e-6, "{hertz} {magnitude:e}");
        let (magnitude, _) = worst(&rich(8e3, hertz, 12, |h| 0.5 / h), |code| code as i16);
        assert!(magnitude < 500e-6, "{hertz} {magnitude:e}");
    }
}

#[test]
fn the_width_of_the_code_does_not_matter() {
    let mains = rich(8e3, 50.2, 16, |h| 0.5 / h);
    assert_eq!(mains.spectrum(10, 64, |code| code as i16), mains.spectrum(10, 64, |code| code));
}

#[test]
fn interharmonics_leak_as_the_window_says() {
    let (mut far, mut near) = (0f64, 0f64);
    for hertz in FREQUENCIES {
        for at in [1.45, 2.5, 7.55, 7.93, 24.37] {
            let components = vec![(1.0, 0.5, 10.0), (at, 0.05, 77.0), (7.0, 0.02, 200.0)];
            let mains = Mains { rate: 8e3, hertz, start: 0.21, bits: 24, components };
            let n = cycles(hertz);
            let spectrum = mains.spectrum(n, 64, |code| code);
            for order in 1..=ORDERS {
                // As a share of the interharmonic.
                let miss = |truth: f64| (rms(&spectrum, order) - truth).abs() / (0.05 / 2f64.sqrt());
                let own = miss(mains.smoothed(order, n, 8.0 * mains.step(), |f| hann_pulse(16.0 * f / 8e3)));
                assert!(own < 20e-6, "{hertz} {at} {order}: {own:e}");
                let norm = miss(mains.truth(order, n, 8.0 * mains.step()));
                far = far.max(norm);
                if (order as f64 - at).abs() < 1.0 {
                    near = near.max(norm);
                }
            }
        }
    }
    println!("rectangle: {far:e}, beside {near:e}");
    assert!(far < 7e-3 && near < 4e-3, "{far:e} {near:e}");
}

/// Spectrum of the edge's Hann pulse at `x` cycles per pulse.
fn hann_pulse(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        return 1.0;
    }
    if (x.abs() - 1.0).abs() < 1e-9 {
        return 0.5;
    }
    (PI * x).sin() / (PI * x) / (1.0 - x * x)
}

#[test]
fn a_neighbouring_bin_belongs_to_the_subgroup() {
    // 5 Hz beside the fifth harmonic of 50 Hz, and 10 Hz beside: only the first one counts.
    let mains =
        |at| Mains { rate: 8e3, hertz: 50.0, start: 0.4, bits: 24, components: vec![(1.0, 0.5, 0.0), (at, 0.1, 0.0)] };
    let share = |at| mains(at).spectrum(10, 64, |code| code).harmonic(5).unwrap().share.to_num::<f64>();
    assert!((share(5.1) - 0.2).abs() < 5e-6);
    assert!((share(4.9) - 0.2).abs() < 5e-6);
    assert!(share(5.2) < 5e-6);
}

#[test]
fn the_cut_into_blocks_does_not_matter() {
    let mains = rich(8e3, 49.37, 24, |h| 1.0 / h);
    let whole = mains.spectrum(10, 64, |code| code);
    for cut in [1, 7, 33, 1_000] {
        assert_eq!(mains.spectrum(10, cut, |code| code), whole);
    }
}

#[test]
fn a_frequency_that_moves_is_followed() {
    // The step changes at each boundary, the wave with it: the harmonics stand still against the phase.
    let (rate, mut hertz) = (8e3, 49.9);
    let mains = Mains {
        rate,
        hertz,
        start: 0.0,
        bits: 24,
        components: vec![(1.0, 0.5, 0.0), (11.0, 0.05, 33.0), (37.0, 0.01, 70.0)],
    };
    let mut harmonics = Harmonics::new();
    let mut step = (hertz / rate * 2f64.powi(32)) as u32;
    let mut phase = 0u32;
    harmonics.begin(10, 24);
    while harmonics.spectrum().is_none() {
        let next = phase.wrapping_add(step);
        if next < phase {
            hertz += 0.02;
            step = (hertz / rate * 2f64.powi(32)) as u32;
            harmonics.cycle(next, step);
        }
        phase = next;
        harmonics.samples(&[mains.code(f64::from(phase) / 2f64.powi(32))]);
    }
    let spectrum = harmonics.spectrum().unwrap();
    for (order, share, angle) in [(11, 0.1, 33.0), (37, 0.02, 70.0)] {
        let harmonic = spectrum.harmonic(order).unwrap();
        // A cycle counts by its length: bins of a chirp are not quite orthogonal.
        assert!((harmonic.share.to_num::<f64>() - share).abs() < 50e-6, "{harmonic:?}");
        assert!(off(harmonic.angle.to_num(), angle).abs() < 0.1, "{harmonic:?}");
    }
}

#[test]
fn orders_end_below_the_sampling_rates_half() {
    for (rate, hertz, orders) in [(8e3, 50.0, 50), (4e3, 50.0, 38), (4e3, 69.0, 27), (2e3, 42.5, 22), (2e3, 69.0, 13)] {
        let mains = Mains { rate, hertz, start: 0.5, bits: 24, components: vec![(1.0, 0.5, 0.0)] };
        let spectrum = mains.spectrum(10, 64, |code| code);
        assert_eq!(spectrum.orders(), orders);
        assert!(spectrum.harmonic(orders).is_some());
        assert!(spectrum.harmonic(orders + 1).is_none() && spectrum.volt(orders + 1, Volt::from_num(1)).is_none());
        assert!(spectrum.harmonic(0).is_none() && spectrum.harmonic(255).is_none());
        let ampere = spectrum.ampere(1, Ampere::from_num(25)).unwrap().to_num::<f64>();
        assert!((ampere - 12.5 / 2f64.sqrt()).abs() < 1e-4);
        assert!((spectrum.length_q16() as f64 / 65_536.0 - 10.0 * rate / hertz).abs() < 0.01, "{rate} {hertz}");
    }
}

#[test]
fn silence_has_no_harmonics() {
    let mains = Mains { rate: 8e3, hertz: 50.0, start: 0.5, bits: 24, components: vec![] };
    let harmonic = mains.spectrum(10, 64, |code| code).harmonic(3).unwrap();
    assert!(harmonic.share == 0 && harmonic.angle == 0 && harmonic.angle_to_mains == 0);
}

#[test]
fn nothing_harms_it() {
    let mut seed = 1u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 32) as u32
    };
    let mut harmonics = Harmonics::new();
    let mut seen = 0;
    for round in 0..20_000 {
        match random() % 16 {
            0 => harmonics.begin(random() as u8, random() % 40),
            1 if round % 5 == 0 => harmonics.cancel(),
            2..=7 => harmonics.cycle(random(), random() >> (random() % 32)),
            8 => harmonics.cycle(0, 0),
            9 => harmonics.samples(&[i16::MIN; 65]),
            10 => harmonics.samples(&[i32::MAX; 77]),
            _ => harmonics.samples(&[i32::MIN, i32::MAX, random() as i32, 0, -1]),
        }
        if let Some(spectrum) = harmonics.spectrum() {
            seen += 1;
            for order in 0..=255 {
                let _ = (spectrum.harmonic(order), spectrum.volt(order, Volt::MAX));
            }
            harmonics.cancel();
        }
    }
    assert!(seen > 10);
    // A window whose cycles do not end.
    harmonics.begin(12, 24);
    harmonics.cycle(0, 1);
    for _ in 0..2_000 {
        harmonics.samples(&[i32::MIN; 64]);
    }
    assert!(!harmonics.is_busy() && harmonics.spectrum().is_none());
}

#[test]
fn it_takes_less_ram_than_stated() {
    assert!(size_of::<Harmonics>() <= 3_500, "{}", size_of::<Harmonics>());
    assert!(size_of::<Spectrum>() <= 820, "{}", size_of::<Spectrum>());
}
