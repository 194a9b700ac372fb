//! Events: sequences worked out by hand; refusals of limits; any sequence against the definitions.

mod definition;
mod limits;

use metering_core::events::{Active, Detector, Event, Kind, Limits, Notice, Overload, Percent, Settings};
use metering_core::quantity::{Ampere, Volt};

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
