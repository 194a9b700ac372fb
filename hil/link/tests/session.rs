//! Both ends together over a line that loses, repeats and damages: every request is executed once and in order.

use hil_link::client::BeginError;
use hil_link::{
    Client, Config, Decoder, Error, Frame, Kind, Next, Nominal, PROTOCOL_VERSION, Policy, Request, Response, Server,
    Status, encode, samples_frame,
};
use proptest::prelude::*;

const ROOM: usize = samples_frame(256) + 1;

/// A board that only notes which samples it executed.
struct Board {
    server: Server,
    decoder: Decoder<ROOM>,
    executed: Vec<u64>,
}

impl Board {
    fn new() -> Self {
        Self { server: Server::new(), decoder: Decoder::new(), executed: Vec::new() }
    }

    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for &byte in bytes {
            if let Some(Ok(frame)) = self.decoder.push(byte) {
                let executed = &mut self.executed;
                out.extend_from_slice(self.server.serve(&frame, |request| note(executed, request)).unwrap_or(&[]));
            }
        }
        out
    }

    /// The answer to one frame that comes through unharmed.
    fn ask(&mut self, seq: u16, request: &Request<'_>) -> Response {
        let mut buffer = [0; ROOM];
        let length = encode(Kind::Request, seq, request, &mut buffer).unwrap();
        let answer = self.take(&buffer[..length]);
        let mut decoder = Decoder::<ROOM>::new();
        let frame = decoder.push_slice(&answer).1.unwrap().unwrap();
        assert_eq!((frame.kind, frame.seq), (Kind::Response, seq));
        postcard::from_bytes(frame.message).unwrap()
    }
}

fn note(executed: &mut Vec<u64>, request: &Request<'_>) -> Response {
    match request {
        Request::Samples { first_frame, .. } => {
            executed.push(*first_frame);
            Response::Status(Status { frames: *first_frame, ..Status::default() })
        }
        _ => Response::Configured,
    }
}

const HELLO: Request<'static> = Request::Hello { version: PROTOCOL_VERSION };

fn samples(first_frame: u64) -> Request<'static> {
    Request::Samples { first_frame, data: &[1, 2, 3, 0] }
}

#[test]
fn doubled_and_swapped_requests() {
    let mut board = Board::new();
    assert_eq!(board.ask(7, &samples(1)), Response::Error(Error::NoHello));
    assert_eq!(board.ask(65_535, &HELLO), Response::Configured);
    let first = board.ask(0, &samples(1));
    assert_eq!(board.ask(0, &samples(1)), first, "a doubled request gets the same answer");
    assert_eq!(board.ask(2, &samples(3)), Response::Error(Error::Sequence { expected: 1 }), "one is missing");
    assert_eq!(board.ask(65_535, &samples(0)), Response::Error(Error::Sequence { expected: 1 }), "an old one");
    assert_eq!(board.ask(0, &samples(1)), first, "the answer is still there");
    board.ask(1, &samples(2));
    assert_eq!(board.executed, [1, 2]);
    // The same number in a new session is a new request.
    board.ask(0, &HELLO);
    board.ask(1, &samples(9));
    assert_eq!(board.executed, [1, 2, 9]);
}

#[test]
fn another_version_is_refused_until_the_right_one_comes() {
    let mut board = Board::new();
    board.ask(1, &HELLO);
    let other = Request::Hello { version: PROTOCOL_VERSION + 1 };
    assert_eq!(board.ask(2, &other), Response::Error(Error::Version { board: PROTOCOL_VERSION }));
    assert_eq!(board.ask(3, &samples(1)), Response::Error(Error::NoHello));
    assert_eq!(board.ask(4, &HELLO), Response::Configured);
}

#[test]
fn unreadable_message_is_answered_once_in_order() {
    let mut server = Server::new();
    let answer = |server: &mut Server, seq, message: &[u8]| {
        let frame = Frame { kind: Kind::Request, seq, message };
        let bytes = server.serve(&frame, |_| Response::Configured).unwrap().to_vec();
        let mut decoder = Decoder::<64>::new();
        let frame = decoder.push_slice(&bytes).1.unwrap().unwrap();
        postcard::from_bytes::<Response>(frame.message).unwrap()
    };
    assert_eq!(
        answer(&mut server, 1, &[0, PROTOCOL_VERSION as u8, 99]),
        Response::Configured,
        "a longer hello of the same version"
    );
    assert_eq!(answer(&mut server, 2, &[77]), Response::Error(Error::Unknown));
    assert_eq!(answer(&mut server, 3, &[3, 0]), Response::Error(Error::Unknown), "a byte too many");
    assert_eq!(answer(&mut server, 4, &[3]), Response::Configured);
    let stranger = Frame { kind: Kind::Response, seq: 5, message: &[3] };
    assert_eq!(server.serve(&stranger, |_| Response::Configured), None);
}

#[test]
fn one_request_at_a_time_that_fits() {
    let mut client = Client::<ROOM>::new(5, Policy::at(115_200));
    assert_eq!(client.next(0), Next::Idle);
    client.begin(&HELLO, 1000).unwrap();
    assert_eq!(client.begin(&HELLO, 1000), Err(BeginError::Busy));
    let mut short = Client::<8>::new(0, Policy::at(115_200));
    assert!(matches!(short.begin(&HELLO, 0), Err(BeginError::Overflow(_))));
}

#[test]
fn client_takes_only_its_own_answer() {
    let mut client = Client::<ROOM>::new(5, Policy::at(115_200));
    let say = |client: &mut Client<ROOM>, kind, seq, message: &[u8]| {
        let mut buffer = [0; 64];
        // A slice would have its length in front, an array has not.
        let length = match *message {
            [a] => encode(kind, seq, &[a], &mut buffer),
            [a, b] => encode(kind, seq, &[a, b], &mut buffer),
            _ => unreachable!(),
        };
        buffer[..length.unwrap()].iter().find_map(|&byte| client.receive(byte, 0))
    };
    assert_eq!(say(&mut client, Kind::Response, 5, &[1]), None, "nothing was asked");
    client.begin(&HELLO, 0).unwrap();
    assert_eq!(say(&mut client, Kind::Response, 4, &[1]), None, "an old answer");
    assert_eq!(say(&mut client, Kind::Request, 5, &[1]), None, "an echo");
    assert_eq!(say(&mut client, Kind::Response, 5, &[1]), Some(Ok(Response::Configured)));
    assert_eq!(say(&mut client, Kind::Response, 5, &[1]), None, "a second answer");
    assert_eq!(client.stray(), 4);
    client.begin(&HELLO, 0).unwrap();
    assert!(matches!(say(&mut client, Kind::Response, 6, &[1, 1]), Some(Err(_))));
    client.begin(&HELLO, 0).unwrap();
    assert!(matches!(say(&mut client, Kind::Response, 7, &[99]), Some(Err(_))));
}

/// Sends a request over a line on which `harm` may change what goes down and what comes up.
fn play(
    client: &mut Client<ROOM>,
    board: &mut Board,
    request: &Request<'_>,
    harm: &mut dyn FnMut(&mut Vec<u8>),
) -> Response {
    let mut now = 0;
    let mut down = client.begin(request, now).unwrap().to_vec();
    loop {
        harm(&mut down);
        let mut up = board.take(&down);
        harm(&mut up);
        for byte in up {
            if let Some(response) = client.receive(byte, now) {
                return response.unwrap();
            }
        }
        now += 1000;
        down = match client.next(now) {
            Next::Send(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        };
    }
}

proptest! {
    #[test]
    fn every_request_is_executed_once(seed: u64, first: u16) {
        let mut state = seed | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) as usize
        };
        let mut harm = move |bytes: &mut Vec<u8>| {
            if bytes.is_empty() {
                return;
            }
            let place = random() % bytes.len();
            match random() % 8 {
                0 => bytes.clear(),
                1 => bytes.truncate(place),
                2 => bytes[place] ^= 1 << (random() % 8),
                3 => bytes.extend(bytes.clone()),
                4 => { bytes.remove(place); }
                _ => {}
            }
        };
        let policy = Policy { first_ms: 1, least_ms: 1, most_ms: 1, pause_ms: 1, patience_ms: 1000, ..Policy::at(115_200) };
        let mut client = Client::<ROOM>::new(first, policy);
        let mut board = Board::new();
        prop_assert_eq!(play(&mut client, &mut board, &HELLO, &mut harm), Response::Configured);
        let config = Config {
            sample_rate: 8000 << 32,
            clock: 0,
            adc_bits: 16,
            nominal: Nominal::Auto,
            voltage: Some(hil_link::Channel::new(400 << 32)),
            currents: heapless::Vec::new(),
            residual: None,
            no_load: None,
            events: None,
        };
        play(&mut client, &mut board, &Request::Configure(config), &mut harm);
        for number in 0..30 {
            let answer = play(&mut client, &mut board, &samples(number), &mut harm);
            prop_assert_eq!(answer, Response::Status(Status { frames: number, ..Status::default() }));
        }
        prop_assert_eq!(board.executed, (0..30).collect::<Vec<_>>());
    }
}
