//! Aggregation against the same in f64.
#![cfg(feature = "aggregates")]

mod common;

use metering_core::aggregate::{Aggregate, Aggregator, Ended, Powers, TenSeconds, Window};
use metering_core::quantity::{Ampere, Hertz, Power, SampleRate, Volt};

/// A random number from 0 to 1.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 11) as f64 / 2f64.powi(53)
}

/// Windows of a mains of this frequency that follow each other without a gap.
struct Feed {
    rate: f64,
    hertz: f64,
    cycles: u8,
    end: f64,
    seed: u64,
}

impl Feed {
    fn next(&mut self) -> Window<2> {
        let begin = self.end;
        self.end += f64::from(self.cycles) / self.hertz * self.rate;
        let mut power = || Power::from_num((random(&mut self.seed) - 0.4) * 5_000.0);
        let mut powers = || Powers { active: power(), reactive: power(), apparent: power() };
        let powers = [Some(powers()), None];
        let mut near = |value: f64| value * (0.5 + random(&mut self.seed));
        Window {
            end_frame: self.end.ceil() as u64,
            length_q16: ((self.end * 65_536.0).round() - (begin * 65_536.0).round()) as u64,
            cycles: self.cycles,
            flagged: false,
            frequency: Some(Hertz::from_num(near(50.0))),
            voltage: Some(Volt::from_num(near(230.0))),
            currents: [Some(Ampere::from_num(near(0.003))), None],
            powers,
        }
    }
}

fn close(got: f64, truth: f64, size: f64) {
    assert!((got - truth).abs() < 4e-9 * size + 1e-9, "{got} {truth}");
}

fn judge(got: &Aggregate<2>, windows: &[Window<2>]) {
    let n = windows.len() as f64;
    let rms = |of: fn(&Window<2>) -> f64| (windows.iter().map(|w| of(w).powi(2)).sum::<f64>() / n).sqrt();
    let mean = |of: fn(&Window<2>) -> f64| windows.iter().map(of).sum::<f64>() / n;
    assert_eq!(got.windows as usize, windows.len());
    assert_eq!(got.end_frame, windows.last().unwrap().end_frame);
    assert_eq!(got.length_q16, windows.iter().map(|w| w.length_q16).sum::<u64>());
    close(got.voltage.unwrap().to_num(), rms(|w| w.voltage.unwrap().to_num()), 230.0);
    close(got.currents[0].unwrap().to_num(), rms(|w| w.currents[0].unwrap().to_num()), 0.003);
    close(got.frequency.unwrap().to_num(), mean(|w| w.frequency.unwrap().to_num()), 50.0 + 10.0);
    let powers = got.powers[0].unwrap();
    // Steps of 60 nW.
    close(powers.active.to_num(), mean(|w| w.powers[0].unwrap().active.to_num()), 1_000.0);
    close(powers.reactive.to_num(), mean(|w| w.powers[0].unwrap().reactive.to_num()), 1_000.0);
    close(powers.apparent.to_num(), mean(|w| w.powers[0].unwrap().apparent.to_num()), 1_000.0);
    assert!(got.currents[1].is_none() && got.powers[1].is_none());
}

#[test]
fn fifteen_windows_and_ten_minutes() {
    for (rate, hertz, cycles) in [(8_000.0, 50.0, 10), (7_999.123, 47.31, 10), (16_000.7, 60.0, 12), (64e3, 69.0, 12)] {
        let mut feed = Feed { rate, hertz, cycles, end: 0.0, seed: 7 };
        let mut aggregator = Aggregator::new(SampleRate::from_num(rate));
        let (mut few, mut many) = (vec![], vec![]);
        let (mut shorts, mut longs, mut frequencies) = (0, 0, 0);
        while longs < 3 {
            let window = feed.next();
            few.push(window);
            many.push(window);
            let ended = aggregator.push(&window);
            assert_eq!(ended.cycles.is_some(), few.len() == 15);
            if let Some(aggregate) = ended.cycles {
                judge(&aggregate, &few);
                few.clear();
                shorts += 1;
            }
            if let Some(second) = ended.ten_seconds {
                frequencies += 1;
                assert_ten_seconds(&second, hertz);
                // The tick lies in the window that ended the interval.
                let late = second.end_frame as f64 / rate - 10.0 * f64::from(frequencies);
                assert!((0.0..=0.2 * 60.0 / hertz).contains(&late), "{late}");
            }
            if let Some(aggregate) = ended.ten_minutes {
                judge(&aggregate, &many);
                many.clear();
                longs += 1;
                let late = aggregate.end_frame as f64 / rate - 600.0 * f64::from(longs);
                assert!((0.0..=0.2 * 60.0 / hertz).contains(&late), "{late}");
            }
        }
        assert_eq!(frequencies, 180);
        assert!(shorts > 560, "{shorts}");
    }
}

fn assert_ten_seconds(second: &TenSeconds, hertz: f64) {
    let got = second.frequency.unwrap().to_num::<f64>();
    assert!((got - hertz).abs() < 1e-6, "{got} {hertz}");
    assert!(f64::from(second.cycles) > 9.7 * hertz && f64::from(second.cycles) < 10.3 * hertz);
}

#[test]
fn the_frequency_is_cycles_over_their_duration() {
    // A frequency that wanders: the mean of the windows' frequencies would be another number.
    let mut feed = Feed { rate: 8e3, hertz: 50.0, cycles: 10, end: 0.0, seed: 3 };
    let mut aggregator = Aggregator::<2>::new(SampleRate::from_num(8e3));
    let (mut cycles, mut begin) = (0.0, 0.0);
    for n in 0..2_000 {
        feed.hertz = 50.0 + 5.0 * (f64::from(n) / 9.0).sin();
        let ended = aggregator.push(&feed.next());
        cycles += 10.0;
        if let Some(second) = ended.ten_seconds {
            let truth = cycles / (feed.end - begin) * 8e3;
            let got = second.frequency.unwrap().to_num::<f64>();
            assert!((got - truth).abs() < 1e-6, "{got} {truth}");
            (cycles, begin) = (0.0, feed.end);
        }
    }
}

#[test]
fn windows_of_unknown_cycles_do_not_count() {
    let mut feed = Feed { rate: 8e3, hertz: 49.9, cycles: 10, end: 0.0, seed: 3 };
    let mut aggregator = Aggregator::<2>::new(SampleRate::from_num(8e3));
    let mut frequencies = vec![];
    for n in 0..200 {
        let mut window = feed.next();
        if n % 3 == 0 || n > 110 {
            window.cycles = 0;
        }
        frequencies.extend(aggregator.push(&window).ten_seconds);
    }
    assert!((frequencies[0].frequency.unwrap().to_num::<f64>() - 49.9).abs() < 1e-6);
    assert_eq!(frequencies[0].cycles, 330);
    assert_eq!((frequencies[3].frequency, frequencies[3].length_q16), (None, 0));
}

#[test]
fn one_flagged_window_flags_its_intervals() {
    let mut feed = Feed { rate: 8e3, hertz: 50.0, cycles: 10, end: 0.0, seed: 3 };
    let mut aggregator = Aggregator::<2>::new(SampleRate::from_num(8e3));
    let mut flags = (vec![], vec![], vec![]);
    for n in 0..6_000 {
        let window = Window { flagged: n == 70, ..feed.next() };
        let ended = aggregator.push(&window);
        flags.0.extend(ended.cycles.map(|a| a.flagged));
        flags.1.extend(ended.ten_seconds.map(|a| a.flagged));
        flags.2.extend(ended.ten_minutes.map(|a| a.flagged));
    }
    let only = |flags: &[bool], at: usize| flags.iter().enumerate().all(|(n, &flag)| flag == (n == at));
    assert!(only(&flags.0, 4) && only(&flags.1, 1) && only(&flags.2, 0));
    assert_eq!((flags.0.len(), flags.1.len(), flags.2.len()), (400, 120, 2));
}

#[test]
fn quantities_that_are_missing_do_not_count() {
    let mut feed = Feed { rate: 8e3, hertz: 50.0, cycles: 10, end: 0.0, seed: 3 };
    let mut aggregator = Aggregator::<2>::new(SampleRate::from_num(8e3));
    for n in 0..15 {
        let mut window = feed.next();
        window.voltage = (n < 2).then(|| Volt::from_num(if n == 0 { 30 } else { 40 }));
        (window.frequency, window.powers) = (None, [None; 2]);
        if let Some(aggregate) = aggregator.push(&window).cycles {
            assert!((aggregate.voltage.unwrap().to_num::<f64>() - 1_250f64.sqrt()).abs() < 1e-6);
            assert!(aggregate.frequency.is_none() && aggregate.powers[0].is_none());
        }
    }
}

#[test]
fn ticks_follow_the_clock_and_lost_samples() {
    let mut aggregator = Aggregator::<0>::new(SampleRate::from_num(8e3));
    let window = |end_frame| Window {
        end_frame,
        length_q16: 1_600 << 16,
        cycles: 10,
        flagged: false,
        frequency: None,
        voltage: None,
        currents: [],
        powers: [],
    };
    // A 10-minute tick lies 25 s behind frame 1 600.
    aggregator.push(&window(1_600));
    aggregator.align(1_600, 200_000);
    let mut seen = vec![];
    for n in 2..=130 {
        let Ended { ten_seconds, ten_minutes, .. } = aggregator.push(&window(n * 1_600));
        if ten_seconds.is_some() {
            seen.push((n, ten_minutes.is_some()));
        }
    }
    assert_eq!(seen, [(26, false), (76, false), (126, true)]);
    // 33 s are lost: one interval ends, the next tick is the clock's.
    let after = 130 * 1_600 + 33 * 8_000;
    assert!(aggregator.push(&window(after)).ten_seconds.is_some());
    let mut next = after;
    while aggregator.push(&window(next)).ten_seconds.is_none() {
        next += 1_600;
    }
    // Ticks lie at 201 600 + k·80 000.
    assert_eq!(next.next_multiple_of(1_600), 521_600);
}

#[test]
fn extremes_saturate() {
    let window = Window {
        end_frame: u64::MAX,
        length_q16: u64::MAX,
        cycles: u8::MAX,
        flagged: true,
        frequency: Some(Hertz::MAX),
        voltage: Some(Volt::MAX),
        currents: [Some(Ampere::MAX)],
        powers: [Some(Powers { active: Power::MIN, reactive: Power::MAX, apparent: Power::MIN })],
    };
    for rate in [SampleRate::ZERO, SampleRate::DELTA, SampleRate::MAX] {
        let mut aggregator = Aggregator::new(rate);
        for n in 0..40_000u64 {
            let end_frame = if n % 2 == 0 { n } else { u64::MAX - 40_000 + n };
            let ended = aggregator.push(&Window { end_frame, ..window });
            if let Some(aggregate) = ended.cycles {
                let powers = aggregate.powers[0].unwrap();
                assert!(powers.active < -549_755_813_000i64 && powers.reactive > 549_755_813_000i64);
                assert!((aggregate.voltage.unwrap().to_num::<f64>() / 16_777_216.0 - 1.0).abs() < 1e-8);
            }
            if n % 1_000 == 0 {
                aggregator.align(u64::MAX - n, u64::MAX);
            }
        }
    }
}

#[test]
fn it_takes_less_ram_than_stated() {
    assert!(size_of::<Aggregator<0>>() <= 400, "{}", size_of::<Aggregator<0>>());
    assert!(size_of::<Aggregator<8>>() <= 400 + 8 * 260, "{}", size_of::<Aggregator<8>>());
}

/// Readings of the meter itself: 12 s of 49.7 Hz.
#[test]
fn the_meter_feeds_it() {
    let mains = common::Mains { hertz: 49.7, ..common::Mains::default() };
    let mut aggregator = Aggregator::<1>::new(SampleRate::from_num(mains.rate));
    let (mut cycles, mut seconds) = (vec![], vec![]);
    for reading in mains.readings(12.0, |code| code) {
        let ended = aggregator.reading(&reading);
        cycles.extend(ended.cycles);
        seconds.extend(ended.ten_seconds);
    }
    assert_eq!((cycles.len(), seconds.len()), (4, 1));
    assert!(cycles[0].flagged && !cycles[1].flagged, "the first windows were not locked");
    let last = cycles[3];
    assert_eq!(last.windows, 15);
    assert!((last.voltage.unwrap().to_num::<f64>() / 230.0 - 1.0).abs() < 1e-6);
    assert!((last.currents[0].unwrap().to_num::<f64>() / 10.0 - 1.0).abs() < 1e-6);
    let powers = last.powers[0].unwrap();
    assert!((powers.active.to_num::<f64>() - 1_150.0).abs() < 0.003);
    assert!((powers.reactive.to_num::<f64>() - 1_150.0 * 3f64.sqrt()).abs() < 0.003);
    assert!((powers.apparent.to_num::<f64>() - 2_300.0).abs() < 0.005);
    assert!((seconds[0].frequency.unwrap().to_num::<f64>() - 49.7).abs() < 1e-4);
    assert!(seconds[0].cycles > 480);
}
