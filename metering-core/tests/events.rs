//! Events: sequences worked out by hand, and any sequence against a reading of the definitions in f64.

use metering_core::events::{
    Active, Detector, Event, Kind, LimitError, Limits, Notice, Overload, Percent, Settings, ShareField,
};
use metering_core::quantity::{Ampere, Volt};
use proptest::prelude::*;

/// Frames per half cycle in these tests.
const HALF: u64 = 80;

/// Of a voltage of 200 V: dip below 180 V until 184 V, swell above 220 V until 216 V, interruption below 10 V until 14 V.
fn settings() -> Settings<1> {
    Settings::new(Volt::from_num(200))
}

fn percent(hundredths: u16) -> Percent {
    Percent::from_hundredths(hundredths)
}

fn overload(threshold: Ampere, hysteresis: u16, delay: u16) -> Overload {
    Overload { threshold, hysteresis: percent(hysteresis), delay }
}

/// Feeds voltages and currents; half cycle n ends at frame `(n + 1) · HALF`.
fn run(settings: &Settings<1>, values: &[(Volt, Ampere)]) -> (Vec<Notice>, Vec<Active>) {
    let mut detector = Detector::<1, 4>::new(Limits::new(settings).unwrap());
    let (mut notices, mut active) = (vec![], vec![]);
    for (n, (voltage, current)) in values.iter().enumerate() {
        detector.half_cycle((n as u64 + 1) * HALF, *voltage, &[*current]);
        notices.extend(std::iter::from_fn(|| detector.pop()));
        active.push(detector.active());
    }
    assert_eq!(detector.lost(), 0);
    (notices, active)
}

fn voltages(values: &[f64]) -> Vec<(Volt, Ampere)> {
    values.iter().map(|volt| (Volt::from_num(*volt), Ampere::ZERO)).collect()
}

fn currents(values: &[f64]) -> Vec<(Volt, Ampere)> {
    values.iter().map(|ampere| (Volt::from_num(200), Ampere::from_num(*ampere))).collect()
}

/// Event from half cycle `begin` to half cycle `end`.
fn event(kind: Kind, begin: u64, end: u64, extreme: f64) -> Event {
    let half_cycles = (end - begin) as u32;
    let (begin_frame, end_frame) = ((begin + 1) * HALF, (end + 1) * HALF);
    Event { kind, begin_frame, end_frame, half_cycles, extreme: Volt::from_num(extreme) }
}

#[test]
fn a_dip_lasts_from_below_the_threshold_to_its_hysteresis() {
    let (notices, active) = run(&settings(), &voltages(&[200.0, 179.5, 120.25, 181.0, 183.9, 184.0, 179.9]));
    let expected = [
        Notice::Begun(event(Kind::Dip, 1, 1, 179.5)),
        Notice::Ended(event(Kind::Dip, 1, 5, 120.25)),
        Notice::Begun(event(Kind::Dip, 6, 6, 179.9)),
    ];
    assert_eq!(notices, expected);
    let (none, dip) = (Active::empty(), Active::DIP);
    assert_eq!(active, [none, dip, dip, dip, dip, none, dip]);
    assert!(Active::VOLTAGE.contains(dip));
}

#[test]
fn equal_to_a_threshold_is_not_beyond_it() {
    let (step, base) = (Volt::DELTA, settings());
    let quiet = voltages(&[180.0, 220.0]);
    assert_eq!(run(&base, &quiet), (vec![], vec![Active::empty(); 2]));

    let dip = [Volt::from_num(180) - step, Volt::from_num(184) - step, Volt::from_num(184)];
    let (notices, active) = run(&base, &dip.map(|volt| (volt, Ampere::ZERO)));
    assert!(matches!(notices[..], [Notice::Begun(_), Notice::Ended(_)]), "{notices:?}");
    assert_eq!(active, [Active::DIP, Active::DIP, Active::empty()]);

    let swell = [Volt::from_num(220) + step, Volt::from_num(216) + step, Volt::from_num(216)];
    let (notices, active) = run(&base, &swell.map(|volt| (volt, Ampere::ZERO)));
    assert!(matches!(notices[..], [Notice::Begun(_), Notice::Ended(_)]), "{notices:?}");
    assert_eq!(active, [Active::SWELL, Active::SWELL, Active::empty()]);
}

#[test]
fn a_threshold_between_two_steps_of_the_voltage_is_not_rounded_to_the_wrong_side() {
    // 90 % of one step above 200 V is 180 V and 0.9 steps: 180 V and 0 steps is below it, and 1 step is not.
    let odd = Settings { nominal: Volt::from_num(200) + Volt::DELTA, ..settings() };
    let at = |volt: u32, steps: u64| (Volt::from_bits((u64::from(volt) << 32) + steps), Ampere::ZERO);
    assert_eq!(run(&odd, &[at(180, 1)]).1, [Active::empty()]);
    // The dip ends at 184 V and 0.92 steps.
    assert_eq!(run(&odd, &[at(180, 0), at(184, 0), at(184, 1)]).1, [Active::DIP, Active::DIP, Active::empty()]);
    // The swell begins above 220 V and 1.1 steps, and ends at 216 V and 1.08 steps.
    assert_eq!(run(&odd, &[at(220, 1)]).1, [Active::empty()]);
    assert_eq!(run(&odd, &[at(220, 2), at(216, 2), at(216, 1)]).1, [Active::SWELL, Active::SWELL, Active::empty()]);
}

#[test]
fn a_swell_keeps_its_largest_value() {
    let (notices, _) = run(&settings(), &voltages(&[200.0, 221.0, 240.5, 217.0, 216.0]));
    let expected = [Notice::Begun(event(Kind::Swell, 1, 1, 221.0)), Notice::Ended(event(Kind::Swell, 1, 4, 240.5))];
    assert_eq!(notices, expected);
}

#[test]
fn an_interruption_lies_within_its_dip() {
    let (notices, active) = run(&settings(), &voltages(&[200.0, 100.0, 9.0, 0.5, 13.0, 14.0, 184.0]));
    let expected = [
        Notice::Begun(event(Kind::Dip, 1, 1, 100.0)),
        Notice::Begun(event(Kind::Interruption, 2, 2, 9.0)),
        Notice::Ended(event(Kind::Interruption, 2, 5, 0.5)),
        Notice::Ended(event(Kind::Dip, 1, 6, 0.5)),
    ];
    assert_eq!(notices, expected);
    let (none, dip, both) = (Active::empty(), Active::DIP, Active::DIP | Active::INTERRUPTION);
    assert_eq!(active, [none, dip, both, both, both, dip, none]);
}

#[test]
fn one_step_may_change_everything() {
    let (notices, active) = run(&settings(), &voltages(&[300.0, 0.0, 300.0]));
    let expected = [
        Notice::Begun(event(Kind::Swell, 0, 0, 300.0)),
        Notice::Begun(event(Kind::Dip, 1, 1, 0.0)),
        Notice::Begun(event(Kind::Interruption, 1, 1, 0.0)),
        Notice::Ended(event(Kind::Swell, 0, 1, 300.0)),
        Notice::Ended(event(Kind::Dip, 1, 2, 0.0)),
        Notice::Ended(event(Kind::Interruption, 1, 2, 0.0)),
        Notice::Begun(event(Kind::Swell, 2, 2, 300.0)),
    ];
    assert_eq!(notices, expected);
    assert_eq!(active, [Active::SWELL, Active::DIP | Active::INTERRUPTION, Active::SWELL]);
}

#[test]
fn without_hysteresis_the_threshold_itself_ends_the_event() {
    let base = Settings { hysteresis: percent(0), ..settings() };
    let (_, active) = run(&base, &voltages(&[179.0, 180.0, 221.0, 220.0]));
    assert_eq!(active, [Active::DIP, Active::empty(), Active::SWELL, Active::empty()]);
}

#[test]
fn an_overload_waits_for_its_delay_and_counts_from_its_first_half_cycle() {
    let kind = Kind::Overload { channel: 0 };
    let base = Settings { overloads: [Some(overload(Ampere::from_num(16), 2_500, 2))], ..settings() };
    // 16 A is not above; two half cycles are too short; the third of the second attempt begins it. It ends at 12 A.
    let values = currents(&[16.0, 20.0, 19.0, 16.0, 17.0, 30.0, 18.0, 13.0, 12.5, 12.0, 17.0]);
    let (notices, active) = run(&base, &values);
    assert_eq!(notices, [Notice::Begun(event(kind, 4, 6, 30.0)), Notice::Ended(event(kind, 4, 9, 30.0))]);
    let on = Active::of(kind);
    assert!(Active::OVERLOAD.contains(on) && !on.intersects(Active::VOLTAGE));
    let during: Vec<_> = (0..).zip(active).filter(|(_, flags)| *flags == on).map(|(n, _)| n).collect();
    assert_eq!(during, [6, 7, 8]);
}

#[test]
fn each_current_has_its_own_overload() {
    let limit = |ampere: u32| Some(overload(Ampere::from_num(ampere), 0, 0));
    let settings = Settings::<8> {
        overloads: [limit(1), None, limit(3), limit(4), limit(5), limit(6), limit(7), limit(8)],
        ..Settings::new(Volt::from_num(230))
    };
    let mut detector = Detector::<8, 16>::new(Limits::new(&settings).unwrap());
    detector.half_cycle(HALF, Volt::from_num(230), &[9, 9, 3, 9, 5, 6, 7, 9].map(Ampere::from_num));
    let channels: Vec<_> = std::iter::from_fn(|| detector.pop())
        .map(|notice| match notice {
            Notice::Begun(Event { kind: Kind::Overload { channel }, .. }) => channel,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(channels, [0, 3, 7]);
    assert_eq!(detector.active().bits(), (1 << 8) | (1 << 11) | (1 << 15));
    detector.half_cycle(2 * HALF, Volt::from_num(230), &[0; 8].map(Ampere::from_num));
    assert_eq!(detector.active(), Active::empty());
}

#[test]
fn a_full_queue_keeps_the_oldest_and_counts_the_rest() {
    let mut detector = Detector::<0, 3>::new(Limits::new(&Settings::new(Volt::from_num(200))).unwrap());
    let dip = |detector: &mut Detector<0, 3>, n: u64| {
        detector.half_cycle(2 * n, Volt::from_num(100), &[]);
        detector.half_cycle(2 * n + 1, Volt::from_num(200), &[]);
    };
    for n in 0..4 {
        dip(&mut detector, n);
    }
    assert_eq!(detector.lost(), 5);
    let mut frames = std::iter::from_fn(|| detector.pop()).map(|notice| match notice {
        Notice::Begun(event) => (false, event.end_frame),
        Notice::Ended(event) => (true, event.end_frame),
    });
    assert_eq!(frames.by_ref().collect::<Vec<_>>(), [(false, 0), (true, 1), (false, 2)]);
    dip(&mut detector, 9);
    assert!(matches!(detector.pop(), Some(Notice::Begun(Event { begin_frame: 18, .. }))));
    assert_eq!(detector.lost(), 5);
}

#[test]
fn what_is_off_stays_silent() {
    let off = Settings { dip: None, swell: None, interruption: None, ..settings() };
    assert_eq!(run(&off, &voltages(&[0.0, 1e9, 200.0])).0, []);
    let interruption = Settings { dip: None, swell: None, ..settings() };
    assert_eq!(run(&interruption, &voltages(&[100.0, 9.0, 300.0])).0.len(), 2);
}

#[test]
fn each_limit_has_its_own_error() {
    type Change = fn(&mut Settings<2>);
    let share = |field, value, least, most| LimitError::Share {
        field,
        value: percent(value),
        least: percent(least),
        most: percent(most),
    };
    let cases: [(Change, LimitError, &str); 10] = [
        (
            |s| s.nominal = Volt::from_num(0.5),
            LimitError::Nominal { value: Volt::from_num(0.5) },
            "nominal voltage is 0.500000 V, allowed are 1 to 1000000 V",
        ),
        (
            |s| s.nominal = Volt::from_num(1_000_000) + Volt::DELTA,
            LimitError::Nominal { value: Volt::from_num(1_000_000) + Volt::DELTA },
            "nominal voltage is 1000000.000000 V, allowed are 1 to 1000000 V",
        ),
        (
            |s| s.dip = Some(percent(10_000)),
            share(ShareField::Dip, 10_000, 100, 9_999),
            "dip is 100.00 %, allowed are 1.00 % to 99.99 %",
        ),
        (
            |s| s.dip = Some(percent(99)),
            share(ShareField::Dip, 99, 100, 9_999),
            "dip is 0.99 %, allowed are 1.00 % to 99.99 %",
        ),
        (
            |s| s.swell = Some(percent(20_001)),
            share(ShareField::Swell, 20_001, 10_001, 20_000),
            "swell is 200.01 %, allowed are 100.01 % to 200.00 %",
        ),
        (
            |s| s.interruption = Some(percent(9_000)),
            share(ShareField::Interruption, 9_000, 1, 8_999),
            "interruption is 90.00 %, allowed are 0.01 % to 89.99 %",
        ),
        (
            |s| s.hysteresis = percent(1_001),
            share(ShareField::Hysteresis, 1_001, 0, 1_000),
            "hysteresis is 10.01 %, allowed are 0.00 % to 10.00 %",
        ),
        (
            // With a dip at 98.5 % and 2 % of hysteresis the nominal voltage would not end the dip.
            |s| s.dip = Some(percent(9_850)),
            share(ShareField::Hysteresis, 200, 0, 150),
            "hysteresis is 2.00 %, allowed are 0.00 % to 1.50 %",
        ),
        (
            |s| s.overloads[1] = Some(overload(Ampere::from_num(0.0005), 0, 0)),
            LimitError::OverloadThreshold { channel: 1, value: Ampere::from_num(0.0005) },
            "threshold of overload 1 is 0.000500 A, allowed are 0.001 to 10000000 A",
        ),
        (
            |s| s.overloads[1] = Some(overload(Ampere::from_num(16), 5_001, 0)),
            share(ShareField::OverloadHysteresis { channel: 1 }, 5_001, 0, 5_000),
            "hysteresis of overload 1 is 50.01 %, allowed are 0.00 % to 50.00 %",
        ),
    ];
    for (change, expected, text) in cases {
        let mut settings = Settings::new(Volt::from_num(230));
        assert!(Limits::new(&settings).is_ok());
        change(&mut settings);
        let error = Limits::new(&settings).unwrap_err();
        assert_eq!((error, &error.to_string()[..]), (expected, text));
    }
    let ends = Settings::<1> {
        nominal: Volt::from_num(1_000_000),
        swell: Some(percent(20_000)),
        hysteresis: percent(1_000),
        overloads: [Some(overload(Ampere::from_num(10_000_000), 5_000, u16::MAX))],
        ..Settings::new(Volt::from_num(1))
    };
    assert!(Limits::new(&ends).is_ok());
    assert!(Limits::new(&Settings { nominal: Volt::from_num(1), ..ends }).is_ok());
    let least = Overload { threshold: Ampere::from_num(0.001), ..ends.overloads[0].unwrap() };
    assert!(Limits::new(&Settings { overloads: [Some(least)], ..ends }).is_ok());
}

/// Events in a sequence, read off the definition: from a stretch of `need` values that all satisfy `begins` to the first
/// value after it that satisfies `ends`. Half cycle of begin, of the first notice, and of the end.
fn stretches(
    values: &[f64],
    need: usize,
    begins: impl Fn(f64) -> bool,
    ends: impl Fn(f64) -> bool,
) -> Vec<(usize, usize, Option<usize>)> {
    let (mut found, mut from) = (vec![], 0);
    while let Some(begin) = (from..values.len()).find(|&n| {
        let stretch = values.get(n..n + need);
        stretch.is_some_and(|stretch| stretch.iter().all(|value| begins(*value)))
    }) {
        let told = begin + need - 1;
        let end = (told + 1..values.len()).find(|&n| ends(values[n]));
        found.push((begin, told, end));
        let Some(end) = end else { break };
        from = end + 1;
    }
    found
}

/// All notices of a sequence, with the half cycle and rank that order them.
fn reference(
    kind: (usize, Kind),
    values: &[f64],
    found: Vec<(usize, usize, Option<usize>)>,
    pick: fn(f64, f64) -> f64,
) -> Vec<(usize, usize, Notice)> {
    let so_far = |begin: usize, last: usize, end: usize| {
        let extreme = values[begin..=last].iter().copied().reduce(pick).unwrap();
        event(kind.1, begin as u64, end as u64, extreme)
    };
    found
        .into_iter()
        .flat_map(|(begin, told, end)| {
            let begun = (told, kind.0, Notice::Begun(so_far(begin, told, told)));
            let ended = end.map(|end| (end, kind.0, Notice::Ended(so_far(begin, end - 1, end))));
            std::iter::once(begun).chain(ended)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// Nominal values are multiples of 10 000/64, so that each threshold is exact in f64 and a value may equal it.
    #[test]
    fn any_sequence_gives_the_events_of_the_definition(
        scale in 1u32..10,
        (dip, interruption, swell) in (2_000u16..9_000, 1u16..2_000, 11_000u16..15_000),
        (hysteresis, back, delay) in (0u16..1_000, 0u16..5_000, 0u16..4),
        picks in prop::collection::vec((0usize..9, -2i32..=2, 0usize..4, 0.0..2.0), 1..120),
    ) {
        let nominal = f64::from(scale) * 10_000.0 / 64.0;
        let share = |hundredths: u16| f64::from(hundredths) * f64::from(scale) / 64.0;
        let marks = [dip, dip + hysteresis, interruption, interruption + hysteresis, swell, swell - hysteresis].map(share);
        let marks = [marks[0], marks[1], marks[2], marks[3], marks[4], marks[5], 0.0, nominal, 1.5 * nominal];
        let step = 2f64.powi(-32);
        let u: Vec<_> = picks.iter().map(|(mark, off, ..)| (marks[*mark] + f64::from(*off) * step).max(0.0)).collect();
        let edges = [nominal, share(10_000 - back)];
        let i: Vec<_> = picks
            .iter()
            .map(|(_, off, mark, any)| edges.get(*mark).map_or(nominal * any, |edge| edge + f64::from(*off) * step))
            .map(|ampere| Ampere::from_num(ampere).to_num::<f64>())
            .collect();

        let settings = Settings {
            nominal: Volt::from_num(nominal),
            dip: Some(percent(dip)),
            swell: Some(percent(swell)),
            interruption: Some(percent(interruption)),
            hysteresis: percent(hysteresis),
            overloads: [Some(overload(Ampere::from_num(nominal), back, delay))],
        };
        let values: Vec<_> = u.iter().zip(&i).map(|(u, i)| (Volt::from_num(*u), Ampere::from_num(*i))).collect();
        let (notices, active) = run(&settings, &values);

        let fall = |limit, kind: (usize, Kind)| {
            let (begin, end) = (share(limit), share(limit + hysteresis));
            reference(kind, &u, stretches(&u, 1, |x| x < begin, |x| x >= end), f64::min)
        };
        let (begin, end) = (share(swell), share(swell - hysteresis));
        let swells = stretches(&u, 1, |x| x > begin, |x| x <= end);
        let overloads = stretches(&i, usize::from(delay) + 1, |x| x > edges[0], |x| x <= edges[1]);
        let mut expected = fall(dip, (0, Kind::Dip));
        expected.extend(fall(interruption, (1, Kind::Interruption)));
        expected.extend(reference((2, Kind::Swell), &u, swells, f64::max));
        expected.extend(reference((3, Kind::Overload { channel: 0 }), &i, overloads, f64::max));
        expected.sort_by_key(|(at, rank, _)| (*at, *rank));
        let told: Vec<_> = expected.iter().map(|(.., notice)| *notice).collect();
        prop_assert_eq!(notices, told);

        // The flags are the notices so far.
        let mut flags = Active::empty();
        for (n, seen) in active.into_iter().enumerate() {
            for (_, _, notice) in expected.iter().filter(|(at, ..)| *at == n) {
                match notice {
                    Notice::Begun(event) => flags |= Active::of(event.kind),
                    Notice::Ended(event) => flags -= Active::of(event.kind),
                }
            }
            prop_assert_eq!(seen, flags);
        }
    }

    #[test]
    fn any_values_and_limits_are_survived(
        (nominal, threshold) in any::<(u64, u64)>(),
        shares in any::<[u16; 5]>(),
        delay in any::<u16>(),
        values in prop::collection::vec(any::<(u64, u64, u64)>(), 0..40),
    ) {
        let [dip, swell, interruption, hysteresis, back] = shares;
        let settings = |nominal, threshold, least: u16| Settings {
            nominal: Volt::from_bits(nominal),
            dip: Some(percent(dip % 10_000)).filter(|_| dip % 3 > 0),
            swell: Some(percent(swell % 20_001)),
            interruption: Some(percent(interruption % 10_000)).filter(|_| swell % 3 > 0),
            hysteresis: percent(hysteresis % least),
            overloads: [Some(overload(Ampere::from_bits(threshold), back % 5_000, delay % 5))],
        };
        let _ = Limits::new(&settings(nominal, threshold, u16::MAX));
        if let Ok(limits) = Limits::new(&settings(nominal % (1 << 51) + (1 << 32), threshold % (1 << 55) + (1 << 32), 100)) {
            let mut detector = Detector::<1, 2>::new(limits);
            for (frame, volt, ampere) in values {
                detector.half_cycle(frame, Volt::from_bits(volt), &[Ampere::from_bits(ampere)]);
            }
        }
    }
}
