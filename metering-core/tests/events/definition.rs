//! Any sequence against a reading of the definitions in f64, and any values at all.

use crate::{event, overload, percent, run};
use metering_core::events::{Active, Detector, Kind, Limits, Notice, Settings};
use metering_core::quantity::{Ampere, Volt};
use proptest::prelude::*;

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
