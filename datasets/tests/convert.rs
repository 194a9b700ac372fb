//! What a format can hold comes back from it exactly: property tests over recordings of every form.

use datasets::comtrade::DataType;
use datasets::file;
use datasets::recording::{Channel, Details, Ratio, Recording, Section, Side, Status, Times};
use proptest::collection::vec;
use proptest::prelude::*;
use std::path::Path;

/// Raw numbers of a type, some of them missing.
fn raw(data: DataType, frames: usize) -> BoxedStrategy<Vec<f64>> {
    let number = match data {
        DataType::Binary => (-32_767..=32_767).prop_map(f64::from).boxed(),
        DataType::Binary32 => (-i32::MAX..=i32::MAX).prop_map(f64::from).boxed(),
        DataType::Float32 => (-1e30_f32..1e30).prop_map(f64::from).boxed(),
        DataType::Ascii => prop_oneof![-1e9..1e9, Just(99_999.0), -1e-20..1e-20, (-9..9).prop_map(f64::from)].boxed(),
    };
    vec(prop_oneof![9 => number, 1 => Just(f64::NAN)], frames).boxed()
}

/// A text that is the same in all formats.
fn text() -> impl Strategy<Value = String> {
    "[A-Za-zäΩ][A-Za-z0-9 /_.-]{0,10}[a-z0-9]"
}

fn channel(data: DataType, frames: usize) -> impl Strategy<Value = Channel> {
    let scale = prop_oneof![Just((1.0, 0.0)), (1e-6..1e6, -1e3..1e3)];
    let side = prop_oneof![Just(Side::Primary), Just(Side::Secondary)];
    let ratio = (1e-3..1e6, 1e-3..1e3, side).prop_map(|(primary, secondary, side)| Ratio { primary, secondary, side });
    (vec(text(), 4), scale, -1e3..1e3, (-1e5..0.0, 0.0..1e5), ratio, raw(data, frames)).prop_map(
        |(texts, (a, b), skew_us, range, ratio, raw)| Channel {
            name: texts[0].clone(),
            unit: texts[1].clone(),
            phase: texts[2].clone(),
            component: texts[3].clone(),
            a,
            b,
            skew_us,
            range: Some(range),
            ratio: Some(ratio),
            raw,
        },
    )
}

fn status(frames: usize) -> impl Strategy<Value = Status> {
    (vec(text(), 3), any::<bool>(), vec(0..=1_u8, frames)).prop_map(|(texts, normal, states)| Status {
        name: texts[0].clone(),
        phase: texts[1].clone(),
        component: texts[2].clone(),
        normal,
        states,
    })
}

/// Sections and times that belong together.
fn timing(frames: usize) -> impl Strategy<Value = (Vec<Section>, Times, bool)> {
    let cuts = (1..=frames, 100.0..64_000.0, 100.0..64_000.0);
    let sections = cuts.prop_map(move |(cut, first, second)| {
        let last = Section { rate_hz: second, end: frames };
        if cut < frames { vec![Section { rate_hz: first, end: cut }, last] } else { vec![last] }
    });
    let ticks = move |tick: BoxedStrategy<Option<i64>>| vec(tick, frames);
    let stamp = (0..4_000_000_000_i64).prop_map(Some);
    let some = (ticks(stamp.clone().boxed()), any::<bool>());
    let holes = ticks(prop_oneof![stamp.clone(), Just(None)].boxed());
    let make = |ticks: Vec<Option<i64>>, nano: bool| Times::Ticks {
        per_second: if nano { 1e9 } else { 1e6 },
        multiplier: if nano { 1.0 } else { 2.5 },
        ticks,
    };
    prop_oneof![
        some.clone().prop_map(move |(ticks, nano)| (vec![], make(ticks, nano), nano)),
        (sections.clone(), some).prop_map(move |(sections, (ticks, nano))| (sections, make(ticks, nano), nano)),
        (sections.clone(), holes).prop_map(move |(sections, mut ticks)| {
            ticks[0] = Some(0);
            (sections, make(ticks, false), false)
        }),
        sections.prop_map(|sections| (sections, Times::Untold, false)),
    ]
}

fn recording() -> impl Strategy<Value = Recording> {
    let data = proptest::sample::select(DataType::ALL.to_vec());
    (data, 1..12_usize).prop_flat_map(|(data, frames)| {
        let parts = (vec(channel(data, frames), 1..4), vec(status(frames), 0..20), timing(frames));
        let texts = (vec(text(), 2), proptest::option::of(40.0..70.0), vec(text(), 0..3), vec(text(), 0..3));
        (parts, texts).prop_map(move |(parts, texts)| {
            let (channels, status, (sections, times, nano)) = parts;
            let (names, line_hz, notes, information) = texts;
            let fraction = if nano { ".123456789" } else { ".123456" };
            let details = Details {
                station: names[0].clone(),
                device: names[1].clone(),
                line_hz,
                start: format!("17/09/2015,10:52:52{fraction}"),
                trigger: format!("17/09/2015,10:52:53{fraction}"),
                time_code: "+2h00,-5h30".to_owned(),
                time_quality: "B,3".to_owned(),
                data: Some(data),
                notes,
                information,
            };
            Recording { channels, status, frames, sections, times, details, remarks: vec![] }
        })
    })
}

/// The same with the bits of numbers in the place of the numbers: a missing sample equals another.
fn bits(recording: &Recording) -> (Recording, Vec<Vec<u64>>) {
    let mut recording = recording.clone();
    let bits = |number: f64| if number.is_nan() { u64::MAX } else { number.to_bits() };
    let raw = |channel: &mut Channel| std::mem::take(&mut channel.raw).into_iter().map(bits).collect();
    let raw = recording.channels.iter_mut().map(raw).collect();
    (recording, raw)
}

fn converted(recording: &Recording, folder: &Path, name: &str, data: Option<DataType>) -> (Recording, Vec<String>) {
    let written = file::write(recording, &folder.join(name), data, true).unwrap();
    (file::read(&folder.join(name)).unwrap(), written.lost)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comtrade_holds_everything(recording in recording()) {
        for name in ["a.cff", "a.cfg"] {
            let folder = tempfile::tempdir().unwrap();
            let (again, lost) = converted(&recording, folder.path(), name, None);
            prop_assert_eq!(&lost, &Vec::<String>::new());
            prop_assert_eq!(bits(&again), bits(&recording), "{}", name);
        }
    }

    #[test]
    fn a_larger_type_holds_what_a_smaller_one_does(recording in recording()) {
        let folder = tempfile::tempdir().unwrap();
        let larger = match recording.details.data {
            Some(DataType::Binary) => vec![DataType::Binary32, DataType::Float32, DataType::Ascii],
            _ => vec![DataType::Ascii],
        };
        for data in larger {
            let (mut again, lost) = converted(&recording, folder.path(), "a.cff", Some(data));
            again.details.data = recording.details.data;
            prop_assert_eq!(&lost, &Vec::<String>::new());
            prop_assert_eq!(bits(&again), bits(&recording), "{:?}", data);
        }
    }

    /// CSV has no place for stamps of which some are missing.
    #[test]
    fn csv_holds_values_and_what_describes_them(recording in recording()) {
        let folder = tempfile::tempdir().unwrap();
        let (again, lost) = converted(&recording, folder.path(), "a.csv", None);
        let values = |recording: &Recording| {
            let bits = |channel: &Channel| channel.values().map(|value| if value.is_nan() { 0 } else { value.to_bits() }).collect::<Vec<_>>();
            recording.channels.iter().map(bits).collect::<Vec<_>>()
        };
        prop_assert_eq!(values(&again), values(&recording));
        let mut expected = recording.clone();
        let holes = matches!(&recording.times, Times::Ticks { ticks, .. } if ticks.contains(&None));
        if holes {
            expected.times = Times::Untold;
        }
        prop_assert_eq!(lost.len(), usize::from(holes), "{:?}", lost);
        // Other numbers may stand for the same values where an offset has taken their last bits.
        for (channel, again) in expected.channels.iter_mut().zip(&again.channels) {
            channel.raw.clone_from(&again.raw);
            if again.is_plain() && !channel.is_plain() {
                (channel.a, channel.b, channel.range) = (1.0, 0.0, None);
            }
        }
        prop_assert_eq!(bits(&again), bits(&expected));
    }

    #[test]
    fn wav_holds_codes_and_floats(
        codes in prop_oneof![
            vec(vec(-0x8000..0x8000_i32, 5), 1..4),
            vec(vec(-0x80_0000..0x80_0000_i32, 5), 1..4),
            vec(vec(any::<i32>(), 5), 1..4),
        ],
        rate in 1..200_000_u32,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let raw = |codes: &Vec<i32>| codes.iter().map(|&code| f64::from(code)).collect::<Vec<_>>();
        let channels = codes.iter().enumerate().map(|(n, codes)| Channel::new(format!("ch{}", n + 1), "", raw(codes)));
        let sections = vec![Section { rate_hz: rate.into(), end: 5 }];
        let recording = Recording { channels: channels.collect(), frames: 5, sections, ..Recording::default() };
        let (again, _) = converted(&recording, folder.path(), "a.wav", None);
        prop_assert_eq!(bits(&again).1, bits(&recording).1);
        prop_assert_eq!(&again.sections, &recording.sections);
        // From there on nothing is lost any more.
        let (third, lost) = converted(&again, folder.path(), "b.wav", None);
        prop_assert_eq!(&lost, &Vec::<String>::new());
        prop_assert_eq!(bits(&third), bits(&again));
        let (third, _) = converted(&again, folder.path(), "b.csv", None);
        prop_assert_eq!(bits(&third).1, bits(&again).1);
        let floats = Recording {
            channels: codes.iter().map(|codes| Channel::new("ch1", "", codes.iter().map(|&code| f64::from(code as f32 / 7.0)).collect())).take(1).collect(),
            ..recording
        };
        let (again, lost) = converted(&floats, folder.path(), "c.wav", Some(DataType::Float32));
        prop_assert_eq!(&lost, &Vec::<String>::new());
        prop_assert_eq!(bits(&again).1, bits(&floats).1);
    }
}
