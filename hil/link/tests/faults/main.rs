//! Both ends over a bad line, in simulated time: each request is executed once and in order, each answer is that of its
//! request, and after each fault and each cut the talk goes on within a time that follows from the client's policy.
//!
//! The truth is independent of both ends: the request's number, and a hash that the board's closure makes of the bytes
//! that came. Prints what it saw: `cargo test -p hil-link --test faults -- --nocapture`, with `--ignored` for a million.

mod injector;

use hil_link::{Client, Decoder, Next, PROTOCOL_VERSION, Policy, Request, Response, Server, Status, samples_frame};
use injector::{BAUD, Done, Fault, Injector, MS};

/// Most bytes of samples in a request.
const MAX_DATA: usize = 64;

const ROOM: usize = samples_frame(MAX_DATA) + 1;

const POLICY: Policy = Policy::at(BAUD);

/// How long the line is cut, and within what time of its return the talk must go on.
const CUT: u64 = 2_000 * MS;
const AFTER_CUT: u64 = 500 * MS;

/// How often it is cut.
const CUTS: u64 = 20;

/// A `Status` of this test as a frame: kind, number, tag, `frames` below 2^28, four fields of 0 and a digest of at most
/// 10 bytes, checksum; then the byte of COBS and the zeros at both ends.
const ANSWER: usize = 3 + 1 + 4 + 4 + 10 + 4 + 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

/// A fault and where it hit.
type Hit = (Way, Done);

/// The longest that a request may take from its first byte to its answer when a single fault that makes this pause hits it
/// on a quiet line.
fn limit(Done { fault, pause }: Done) -> u64 {
    let waiting = match fault {
        Fault::Double => 0,
        // The longest wait is that for an answer without its closing zero, from its last byte on. The board takes no time.
        Fault::Drop | Fault::Corrupt => {
            MS * (POLICY.line_ms(ROOM) + POLICY.line_ms(ANSWER) + POLICY.line_ms(16) + POLICY.least_ms)
        }
        // Late is not lost: the first attempt's answer counts, whatever was sent again behind it.
        Fault::Split | Fault::Delay | Fault::Stall => pause,
    };
    waiting + Injector::time(ROOM) + Injector::time(ANSWER)
}

/// FNV-1a.
fn hash(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The samples of a request: 1 to 64 bytes that no other request has.
fn data(number: u64, room: &mut [u8; MAX_DATA]) -> &[u8] {
    for (place, byte) in room.iter_mut().enumerate() {
        *byte = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(place as u32) as u8;
    }
    &room[..=number as usize % MAX_DATA]
}

/// A board that knows which request must come next.
struct Board {
    server: Server,
    decoder: Decoder<ROOM>,
    executed: u64,
}

impl Board {
    /// Takes bytes and answers on the line; notes what the answers suffered.
    fn take(&mut self, bytes: &[u8], up: &mut Injector, now: u64, hits: &mut Vec<Hit>) {
        for &byte in bytes {
            let Some(Ok(frame)) = self.decoder.push(byte) else { continue };
            let executed = &mut self.executed;
            let answer = self.server.serve(&frame, |request| match request {
                Request::Samples { first_frame, data: came } => {
                    assert_eq!(*first_frame, *executed, "each is executed once and in order");
                    assert_eq!(*came, data(*first_frame, &mut [0; MAX_DATA]), "request {first_frame}");
                    *executed += 1;
                    Response::Status(Status { frames: *first_frame, digest: hash(came), ..Status::default() })
                }
                _ => Response::Configured,
            });
            if let Some(answer) = answer {
                assert!(answer.len() <= ANSWER, "{} bytes", answer.len());
                hits.extend(up.send(answer, now).map(|done| (Way::Up, done)));
            }
        }
    }
}

/// Everything between the first request and the last answer.
struct Line {
    client: Client<ROOM>,
    board: Board,
    down: Injector,
    up: Injector,
    now: u64,
    /// When it is cut, and when the last cut ended.
    cut_at: u64,
    cut_end: u64,
}

impl Line {
    fn new(seed: u64) -> Self {
        let board = Board { server: Server::new(), decoder: Decoder::new(), executed: 0 };
        // Near its end, so that the number goes round at once.
        let client = Client::new(u16::MAX - 100, POLICY);
        Self {
            client,
            board,
            down: Injector::new(seed),
            up: Injector::new(!seed),
            now: 0,
            cut_at: u64::MAX,
            cut_end: 0,
        }
    }

    fn quiet(&self) -> bool {
        self.down.quiet() && self.up.quiet()
    }

    /// Asks; returns the answer and what hit the line meanwhile. A client that gives up fails the test, so no request
    /// takes longer than its policy allows.
    fn ask(&mut self, request: &Request<'_>) -> (Response, Vec<Hit>) {
        let mut hits = Vec::new();
        let bytes = self.client.begin(request, self.now / MS).expect("no request is open");
        hits.extend(self.down.send(bytes, self.now).map(|done| (Way::Down, done)));
        loop {
            let deadline = match self.client.next(self.now / MS) {
                Next::Wait(until) => until * MS,
                Next::Send(bytes) => {
                    hits.extend(self.down.send(bytes, self.now).map(|done| (Way::Down, done)));
                    continue;
                }
                other => panic!("{other:?} at {} us", self.now),
            };
            self.now = self.now.max(deadline.min(self.down.next_at()).min(self.up.next_at()).min(self.cut_at));
            if self.now >= self.cut_at {
                (self.cut_at, self.cut_end) = (u64::MAX, self.now + CUT);
                self.down.cut(self.now, self.cut_end);
                self.up.cut(self.now, self.cut_end);
            }
            if let Some(bytes) = self.down.arrive(self.now) {
                self.board.take(&bytes, &mut self.up, self.now, &mut hits);
            }
            if let Some(bytes) = self.up.arrive(self.now) {
                // At most one answer: what follows it answers nothing that is open.
                let answers: Vec<_> =
                    bytes.iter().filter_map(|&byte| self.client.receive(byte, self.now / MS)).collect();
                if let [answer] = &answers[..] {
                    return (answer.clone().expect("it can be read"), hits);
                }
                assert!(answers.is_empty(), "{answers:?}");
            }
        }
    }
}

/// The longest time after each fault that came alone, and how often it did.
#[derive(Default)]
struct Recovery([[(u64, u64); Fault::ALL.len()]; 2]);

impl Recovery {
    fn note(&mut self, (way, done): Hit, took: u64) {
        assert!(took <= limit(done), "{way:?} {done:?}: {took} us of {}", limit(done));
        let (longest, count) = &mut self.0[way as usize][done.fault as usize];
        *longest = took.max(*longest);
        *count += 1;
    }
}

fn play(requests: u64, seed: u64) {
    let mut line = Line::new(seed);
    assert_eq!(line.ask(&Request::Hello { version: PROTOCOL_VERSION }).0, Response::Configured);
    let (mut recovery, mut hit, mut after_cut) = (Recovery::default(), 0, 0);
    for number in 0..requests {
        let (begun, quiet) = (line.now, line.quiet());
        if number % (requests / CUTS) == 0 {
            // Anywhere in a request or its answer, or in the one behind a short one; the next time somewhere else.
            line.cut_at = begun + number * 7_919 % Injector::time(ROOM + ANSWER);
        }
        let is_cut_near = line.cut_at != u64::MAX;
        let mut room = [0; MAX_DATA];
        let data = data(number, &mut room);
        let (answer, hits) = line.ask(&Request::Samples { first_frame: number, data });
        let expected = Status { frames: number, digest: hash(data), ..Status::default() };
        assert_eq!(answer, Response::Status(expected), "request {number}, seed {seed}");
        assert_eq!(line.board.executed, number + 1, "seed {seed}");
        hit += u64::from(!hits.is_empty());
        if is_cut_near {
            after_cut = after_cut.max(line.now.saturating_sub(line.cut_end.max(begun)));
            continue;
        }
        match hits[..] {
            [only] if quiet => recovery.note(only, line.now - begun),
            [] if quiet => assert!(line.now - begun <= Injector::time(ROOM + ANSWER), "request {number}, seed {seed}"),
            _ => {}
        }
    }
    judge(&line, &recovery, requests);
    println!("{CUTS} cuts of {} ms: answered within {} ms of their end", CUT / MS, after_cut / MS);
    assert!(after_cut <= AFTER_CUT, "{after_cut} us");
    println!(
        "{requests} requests, seed {seed}: {hit} hit, {} sent again, {} damaged frames at the board, {} at the bench, {} \
         answers too many; {} s of simulated time",
        line.client.resent(),
        line.board.decoder.damaged(),
        line.client.damaged(),
        line.client.stray(),
        line.now / MS / 1_000
    );
}

/// Prints and judges what each fault did: that it was injected, and how long it held the talk up.
fn judge(line: &Line, recovery: &Recovery, requests: u64) {
    let mut bound = line.down.busy + line.up.busy + CUTS * (CUT + AFTER_CUT);
    for (way, lane) in [(Way::Down, &line.down), (Way::Up, &line.up)] {
        for (fault, injected) in Fault::ALL.into_iter().zip(lane.injected) {
            let (longest, alone) = recovery.0[way as usize][fault as usize];
            let limit = limit(Done { fault, pause: fault.longest_pause() });
            println!(
                "{way:?} {fault:?}: {injected} injected, {alone} of them alone and then answered within {}.{:03} ms of {}.{:03}",
                longest / MS,
                longest % MS,
                limit / MS,
                limit % MS
            );
            // One frame in a hundred, and no fewer frames than requests: half of that is far outside of chance.
            assert!(injected > requests / 200, "{way:?} {fault:?}: only {injected}");
            assert!(alone > requests / 400, "{way:?} {fault:?}: only {alone} alone");
            assert!(limit - fault.longest_pause() <= 200 * MS, "{way:?} {fault:?}: {limit} us");
            bound += injected * limit;
        }
    }
    // Whenever a request is open, bytes are under way or a fault holds it up.
    assert!(line.now <= bound, "{} us of {bound}", line.now);
}

#[test]
fn a_hundred_thousand_requests() {
    play(100_000, 1);
}

#[test]
#[ignore = "seconds; run by scripts/test --full"]
fn a_million_requests() {
    play(1_000_000, 2);
}
