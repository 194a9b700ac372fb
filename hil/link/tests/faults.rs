//! Both ends over a line that drops, doubles, damages, splits, delays and stalls frames, in simulated time: nothing wrong
//! is taken, nothing is lost, and nothing hangs.
//!
//! A line keeps the order of its bytes, so what is late makes all that follows late. The truth is independent of both
//! ends: the request's number, and a hash of it that the board's closure puts into the answer.

use std::collections::VecDeque;

use hil_link::{Client, Decoder, Next, PROTOCOL_VERSION, Policy, Request, Response, Server, Status, samples_frame};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const ROOM: usize = samples_frame(64) + 1;

/// Milliseconds of the clock are so many of the line's units.
const MS: u64 = 1_000;

/// A byte on the line takes this long, as at 115 200 baud: 87 us.
const BYTE: u64 = 87;

const POLICY: Policy = Policy { timeout_ms: 100, retries: 40 };

/// The longest a line stands still, ms.
const LONGEST: u64 = 300;

const KINDS: [&str; 6] = ["drop", "double", "corrupt", "split", "delay", "stall"];

/// One direction of the line. Each frame suffers at most one fault, each kind one in a hundred.
struct Lane {
    random: Xoshiro256PlusPlus,
    /// Bytes and when they are there.
    way: VecDeque<(u64, Vec<u8>)>,
    free_at: u64,
    injected: [u64; 6],
}

impl Lane {
    fn new(seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { random, way: VecDeque::new(), free_at: 0, injected: [0; 6] }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    fn put(&mut self, bytes: &[u8], now: u64) {
        self.free_at = self.free_at.max(now) + BYTE * bytes.len() as u64;
        self.way.push_back((self.free_at, bytes.to_vec()));
    }

    /// Sends a frame; tells whether it suffered.
    fn send(&mut self, frame: &[u8], now: u64) -> bool {
        let drawn = self.below(100) as usize;
        if let Some(count) = self.injected.get_mut(drawn) {
            *count += 1;
        }
        match KINDS.get(drawn) {
            Some(&"drop") => {}
            Some(&"double") => {
                self.put(frame, now);
                self.put(frame, now);
            }
            Some(&"corrupt") => {
                let mut damaged = frame.to_vec();
                for _ in 0..=self.below(3) {
                    let bit = self.below(8 * damaged.len() as u64);
                    damaged[bit as usize / 8] ^= 1 << (bit % 8);
                }
                self.put(&damaged, now);
            }
            Some(&"split") => {
                let (head, tail) = frame.split_at(self.below(frame.len() as u64) as usize);
                self.put(head, now);
                let pause = self.below(50 * MS);
                self.put(tail, self.free_at + pause);
            }
            Some(&"delay") => {
                let pause = self.below(20 * MS);
                self.put(frame, now + pause);
            }
            Some(&"stall") => {
                // What is under way stands still as well.
                let pause = self.below(LONGEST * MS);
                self.way.iter_mut().for_each(|(at, _)| *at += pause);
                self.free_at = self.free_at.max(now) + pause;
                self.put(frame, now);
            }
            _ => self.put(frame, now),
        }
        drawn < KINDS.len()
    }

    fn next_at(&self) -> u64 {
        self.way.front().map_or(u64::MAX, |(at, _)| *at)
    }
}

/// Something of a number that a wrong answer would not have.
fn hash(number: u64) -> u64 {
    (number ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31)
}

/// A board that knows which request must come next.
struct Board {
    server: Server,
    decoder: Decoder<ROOM>,
    executed: u64,
}

impl Board {
    fn take(&mut self, bytes: &[u8], lane: &mut Lane, now: u64) -> bool {
        let mut suffered = false;
        for &byte in bytes {
            let Some(Ok(frame)) = self.decoder.push(byte) else { continue };
            let executed = &mut self.executed;
            let answer = self.server.serve(&frame, |request| match request {
                Request::Samples { first_frame, data } => {
                    assert_eq!(*first_frame, *executed, "each is executed once and in order");
                    assert_eq!(*data, &hash(*first_frame).to_le_bytes());
                    *executed += 1;
                    Response::Status(Status { frames: *first_frame, digest: hash(*first_frame), ..Status::default() })
                }
                _ => Response::Configured,
            });
            if let Some(answer) = answer {
                suffered |= lane.send(answer, now);
            }
        }
        suffered
    }
}

/// Everything between the first request and the last answer.
struct Line {
    client: Client<ROOM>,
    board: Board,
    down: Lane,
    up: Lane,
    now: u64,
}

impl Line {
    /// Asks; returns the answer and how many faults hit the attempts for it.
    fn ask(&mut self, request: &Request<'_>) -> (Response, u32) {
        let mut faults = 0;
        let bytes = self.client.begin(request, self.now / MS).expect("no request is open").to_vec();
        faults += u32::from(self.down.send(&bytes, self.now));
        loop {
            let deadline = match self.client.next(self.now / MS) {
                Next::Wait(until) => until * MS,
                Next::Send(bytes) => {
                    faults += u32::from(self.down.send(bytes, self.now));
                    continue;
                }
                other => panic!("{other:?} at {} us", self.now),
            };
            let next = deadline.min(self.down.next_at()).min(self.up.next_at());
            self.now = self.now.max(next);
            if self.down.next_at() <= self.now
                && let Some((_, bytes)) = self.down.way.pop_front()
            {
                faults += u32::from(self.board.take(&bytes, &mut self.up, self.now));
            }
            if self.up.next_at() <= self.now
                && let Some((_, bytes)) = self.up.way.pop_front()
            {
                let mut answer = None;
                for byte in bytes {
                    // At most one: what follows it answers nothing that is open.
                    answer = answer.or(self.client.receive(byte));
                }
                if let Some(answer) = answer {
                    return (answer.expect("it can be read"), faults);
                }
            }
        }
    }
}

/// Prints what it saw: `cargo test -p hil-link --test faults -- --nocapture`.
#[test]
fn a_million_requests() {
    let (requests, seed) = (1_000_000, 1);
    let board = Board { server: Server::new(), decoder: Decoder::new(), executed: 0 };
    let client = Client::new(seed as u16, POLICY);
    let mut line = Line { client, board, down: Lane::new(seed), up: Lane::new(seed + 1), now: 0 };
    let (hello, _) = line.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert_eq!(hello, Response::Configured);
    let (mut longest, mut hit, mut before) = (0, 0, 0);
    for number in 0..requests {
        let begun = line.now;
        let data = hash(number).to_le_bytes();
        let (answer, faults) = line.ask(&Request::Samples { first_frame: number, data: &data });
        let expected = Status { frames: number, digest: hash(number), ..Status::default() };
        assert_eq!(answer, Response::Status(expected), "request {number}");
        assert_eq!(line.board.executed, number + 1);
        hit += u64::from(faults > 0);
        // What hit the request before may still be under way.
        if faults == 1 && before == 0 {
            longest = longest.max(line.now - begun);
        }
        before = faults;
    }
    for (name, lane) in [("down", &line.down), ("up", &line.up)] {
        for (kind, count) in KINDS.iter().zip(lane.injected) {
            println!("{name}: {count} times {kind}");
            assert!(count > requests / 200, "{name}: {kind} only {count} times");
        }
    }
    println!(
        "{requests} requests, {hit} of them hit, {} sent again, {} damaged answers, after a single fault the answer came \
         within {} ms; {} s of simulated time",
        line.client.resent(),
        line.client.damaged(),
        longest / MS,
        line.now / MS / 1_000
    );
    // One time-out, or the line standing still; and the frames' own time, of a request that may queue behind another.
    assert!(longest <= (LONGEST + POLICY.timeout_ms + 50) * MS);
}
