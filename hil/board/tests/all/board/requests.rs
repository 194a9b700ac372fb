//! What is refused, and what is executed once.

use super::common::{DATA, Line, Port, Setup, config, pack};
use hil_board::Board;
use hil_link::{
    Client, Config, Error, Kind, Next, Nominal, PROTOCOL_VERSION, Policy, Request, Response, encode, samples_frame,
};

#[test]
fn hello_names_the_board() {
    let mut setup = Setup::new();
    let hello = setup.hello();
    assert_eq!((hello.version, &*hello.board, &*hello.firmware), (PROTOCOL_VERSION, "memory", "1.2.3"));
    assert_eq!((hello.max_data, hello.clock_hz), (DATA as u32, 42));
}

#[test]
fn another_version_is_refused() {
    let mut setup = Setup::new();
    let answer = setup.ask(&Request::Hello { version: 9 });
    assert_eq!(answer, Response::Error(Error::Version { board: PROTOCOL_VERSION }));
}

#[test]
fn impossible_configurations_name_their_field() {
    let mut setup = Setup::new();
    setup.hello();
    let good = config(16, true, 1, true);
    let cases: [(&str, Config); 7] = [
        ("sample_rate", Config { sample_rate: 1, ..good.clone() }),
        ("adc_bits", Config { adc_bits: 3, ..good.clone() }),
        ("adc_bits", Config { adc_bits: 25, ..good.clone() }),
        ("voltage", Config { voltage: Some(hil_link::Channel::new(0)), ..good.clone() }),
        (
            "currents",
            Config { currents: [10 << 32, 0].into_iter().map(hil_link::Channel::new).collect(), ..good.clone() },
        ),
        (
            "residual",
            Config { residual: Some(hil_link::Residual::new(hil_link::Channel::new(u64::MAX))), ..good.clone() },
        ),
        ("channels", config(16, false, 0, false)),
    ];
    for (name, wrong) in cases {
        match setup.ask(&Request::Configure(wrong)) {
            Response::Error(Error::Config { field, reason }) => {
                assert_eq!(field, name);
                assert!(!reason.is_empty());
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let samples = Request::Samples { first_frame: 0, data: &[0; 6] };
    assert_eq!(setup.ask(&samples), Response::Error(Error::NotConfigured));
    assert_eq!(setup.ask(&Request::Configure(good)), Response::Configured);
    assert_eq!(setup.ask(&samples), Response::Readings(heapless::Vec::new()));
    setup.hello();
    assert_eq!(setup.ask(&samples), Response::Error(Error::NotConfigured), "a new session starts without a meter");
}

#[test]
fn samples_must_follow_and_fit() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(24, true, 1, false)));
    let data = [0; DATA + 6];
    let mut samples = |first_frame, length: usize| setup.ask(&Request::Samples { first_frame, data: &data[..length] });
    assert_eq!(samples(0, 600), Response::Readings(heapless::Vec::new()));
    assert_eq!(samples(99, 6), Response::Error(Error::Gap { expected: 100 }));
    assert_eq!(samples(101, 6), Response::Error(Error::Gap { expected: 100 }));
    assert_eq!(samples(100, 7), Response::Error(Error::Length));
    assert_eq!(samples(100, 0), Response::Readings(heapless::Vec::new()));
    assert_eq!(samples(100, 6), Response::Readings(heapless::Vec::new()));
    assert_eq!(setup.status().frames, 101);
}

#[test]
fn too_long_a_request_is_not_executed() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(16, true, 0, false)));
    let mut frame = vec![0; samples_frame(5 * DATA)];
    let samples = Request::Samples { first_frame: 0, data: &[1; 5 * DATA] };
    let length = encode(Kind::Request, 65_532, &samples, &mut frame).unwrap();
    assert!(setup.carry(&frame[..length]).is_empty(), "longer than the board's room: damaged");
    let status = setup.status();
    assert_eq!((status.frames, status.damaged_frames), (0, 1));
}

#[test]
fn no_request_completes_more_windows_than_an_answer_holds() {
    // The worst case: the lowest rate and ten cycles of the highest frequency, in the longest blocks there may be.
    let mut config = config(16, true, 0, false);
    (config.sample_rate, config.nominal) = (2000 << 32, Nominal::Hz50);
    let code = |frame: usize| ((2.0 * std::f64::consts::PI * 69.0 / 2000.0 * frame as f64).sin() * 30_000.0) as i32;
    let codes = [(0..40_000).map(code).collect::<Vec<_>>()];
    let data = pack(&codes, 2);
    let mut line = Line::default();
    let mut board = Board::<Port, { samples_frame(2002) }>::new(Port { line: line.clone(), instructions: 0 });
    let mut client = Client::<{ samples_frame(2002) + 1 }>::new(0, Policy::at(115_200));
    let mut ask = |request: &Request<'_>| {
        line.down.borrow_mut().extend(client.begin(request, 0).unwrap());
        while board.poll().unwrap() > 0 {}
        let line = &mut line;
        let answer: Vec<u8> = line.up.borrow_mut().drain(..).collect();
        answer.iter().find_map(|&byte| client.receive(byte, 0)).unwrap().unwrap()
    };
    ask(&Request::Hello { version: PROTOCOL_VERSION });
    ask(&Request::Configure(config.clone()));
    let most = config.max_frames(2000) as usize;
    assert_eq!(most, 1000);
    let longer = Request::Samples { first_frame: 0, data: &data[..2002] };
    assert_eq!(ask(&longer), Response::Error(Error::Length), "more than half a second");
    let mut windows = 0;
    for (number, data) in data.chunks(most * 2).enumerate() {
        match ask(&Request::Samples { first_frame: (number * most) as u64, data }) {
            Response::Readings(new) => windows += new.len() as u32,
            other => panic!("{other:?}"),
        }
    }
    assert!(windows > 130, "{windows} windows");
    let Response::Status(status) = ask(&Request::Status) else { panic!("no status") };
    assert_eq!(status.windows, windows, "each window that was counted was also sent");
}

#[test]
fn a_repeated_request_is_executed_once() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(16, true, 0, false)));
    let frame = setup.client.begin(&Request::Samples { first_frame: 0, data: &[0; 200] }, 0).unwrap().to_vec();
    // Sent again it has a zero in front.
    let first = [vec![0], setup.carry(&frame)].concat();
    assert_eq!(setup.carry(&frame), first);
    let Next::Send(again) = setup.client.next(2000) else { panic!("the client waits") };
    let again = again.to_vec();
    let answer = setup.carry(&again);
    assert_eq!(answer, first);
    assert!(answer.iter().find_map(|&byte| setup.client.receive(byte, 0)).is_some());
    assert_eq!(setup.status().frames, 100);
}
