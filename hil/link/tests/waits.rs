//! How long the bench's end waits: a silent line, a slow one, a noisy one, a slow board, in simulated time. The truth is
//! the line's own arithmetic, ten bits to a byte.

use hil_link::{ANSWER_MAX, Client, Kind, Next, PROTOCOL_VERSION, Policy, Request, Response, encode, samples_frame};
use proptest::prelude::*;

const ROOM: usize = samples_frame(2048) + 1;

const HELLO: Request<'static> = Request::Hello { version: PROTOCOL_VERSION };

/// Bytes of a `Hello` on the line: kind, number, tag, version, checksum, COBS, zero.
const HELLO_BYTES: u64 = 1 + 2 + 1 + 1 + 4 + 1 + 1;

/// Time of bytes on the line, rounded up to milliseconds.
fn line_ms(bytes: u64, baud: u64) -> u64 {
    (bytes * 10_000).div_ceil(baud)
}

fn client(baud: u32) -> Client<ROOM> {
    Client::new(5, Policy::at(baud))
}

/// An answer as a frame.
fn answer(seq: u16) -> Vec<u8> {
    let mut room = [0; 64];
    let length = encode(Kind::Response, seq, &Response::Configured, &mut room).unwrap();
    room[..length].to_vec()
}

/// Opens a request and answers it after so long; how often it was sent again meanwhile.
fn asked_again(client: &mut Client<ROOM>, seq: u16, at_ms: u64, after_ms: u64) -> u32 {
    let before = client.resent();
    client.begin(&HELLO, at_ms).unwrap();
    for now in at_ms..at_ms + after_ms {
        assert_ne!(client.next(now), Next::GaveUp);
    }
    let answered = answer(seq).into_iter().find_map(|byte| client.receive(byte, at_ms + after_ms));
    assert_eq!(answered, Some(Ok(Response::Configured)));
    client.resent() - before
}

#[test]
fn a_silent_line_is_asked_again_and_given_up() {
    for baud in [300, 9_600, 115_200] {
        let mut client = client(baud);
        let first = client.begin(&HELLO, 1000).unwrap().to_vec();
        let again = [&[0], &first[..]].concat();
        let line = line_ms(HELLO_BYTES, baud.into());
        let mut at = 1000;
        // 250 ms, then no more than 400 ms each, 4 s together.
        for pause in [250, 400, 400, 400, 400, 400, 400, 400, 400, 400] {
            at += line + pause;
            assert_eq!(client.next(at - 1), Next::Wait(at), "{baud} baud");
            assert_eq!(client.next(at), Next::Send(&again));
        }
        at += line + 150;
        assert_eq!(client.next(at - 1), Next::Wait(at));
        assert_eq!(client.next(at), Next::GaveUp);
        assert_eq!(client.next(at), Next::Idle);
        assert_eq!(client.resent(), 10);
        assert!(client.begin(&HELLO, at).is_ok());
    }
}

/// The answer begins when all but one millisecond of the allowance is over and comes as slowly as the line is, in pieces
/// as a port hands them over.
#[test]
fn a_long_answer_on_a_slow_line_is_asked_for_once() {
    for (baud, piece) in [(300, 1), (300, 16), (1_200, 8), (9_600, 16), (19_200, 1), (115_200, 16)] {
        let mut client = client(baud);
        client.begin(&HELLO, 0).unwrap();
        let begin = line_ms(HELLO_BYTES, baud.into()) + 249;
        // No answer of the board's is that long and has a right checksum, so its last byte stays out.
        let bytes = vec![1; ANSWER_MAX - 1];
        let mut now = begin;
        for (number, piece) in bytes.chunks(piece).enumerate() {
            let come = begin + (number * piece.len()) as u64 * 10_000 / u64::from(baud);
            while now < come {
                now += 1;
                assert!(matches!(client.next(now), Next::Wait(_)), "{baud} baud, byte {}", number * piece.len());
            }
            assert!(piece.iter().all(|&byte| client.receive(byte, now).is_none()));
        }
        // It stays away: 250 ms from the last byte on, nothing is learned yet, and what a port may have kept.
        // And at the latest when the longest answer would be through.
        let latest = begin + 1 + line_ms(ANSWER_MAX as u64, baud.into());
        let again = latest.min(now + 250 + line_ms(16, baud.into()));
        assert!(matches!(client.next(again - 1), Next::Wait(_)), "{baud} baud");
        assert!(matches!(client.next(again), Next::Send(_)), "{baud} baud");
    }
}

#[test]
fn a_damaged_answer_is_asked_for_at_once_the_first_time() {
    let mut client = client(115_200);
    client.begin(&HELLO, 0).unwrap();
    let mut damaged = answer(5);
    damaged[1] ^= 4;
    let give = |client: &mut Client<ROOM>, bytes: &[u8]| bytes.iter().find_map(|&byte| client.receive(byte, 3));
    assert_eq!(give(&mut client, &damaged), None);
    assert!(matches!(client.next(3), Next::Send(_)));
    assert_eq!(client.next(3), Next::Wait(3 + 1 + 250));
    assert_eq!(give(&mut client, &damaged), None);
    // 16 bytes, 2 ms: from the last byte on that was no damage yet.
    assert_eq!(client.next(3), Next::Wait(3 + 2 + 250), "a line full of noise is not filled with requests");
    assert_eq!(give(&mut client, &answer(5)), Some(Ok(Response::Configured)));
    assert_eq!(give(&mut client, &damaged), None);
    assert_eq!(client.next(3), Next::Idle, "nothing is open");
}

/// A zero and others, without end: it is told after some 4 s, and the pauses are asked in.
#[test]
fn noise_is_no_answer() {
    for zero_each in [2, 50, 1_000_000] {
        let mut client = client(115_200);
        client.begin(&HELLO, 0).unwrap();
        let mut sent = 0;
        let end = (0..20_000_u64).find(|&now| {
            for n in 0..11 {
                let byte = if (now * 11 + n) % zero_each == 0 { 0 } else { 0x55 };
                assert_eq!(client.receive(byte, now), None);
            }
            match client.next(now) {
                Next::GaveUp => return true,
                Next::Send(_) => sent += 1,
                Next::Wait(_) | Next::Idle => {}
            }
            false
        });
        // After the first zero nothing is waited for; without one each attempt may be the begin of the longest answer.
        let longest = 4_000 + 11 * (line_ms(HELLO_BYTES, 115_200) + line_ms(ANSWER_MAX as u64, 115_200));
        assert!(end.is_some_and(|end| (3_750..=longest).contains(&end)), "zero each {zero_each}: {end:?}");
        assert!((10..=11).contains(&sent), "zero each {zero_each}: {sent}");
    }
}

/// A quick board is soon asked again, a slow one is given its time, and one that was slow once is not taken for a slow one.
#[test]
fn the_wait_is_learned() {
    let mut client = client(115_200);
    let mut at = 0;
    let mut ask = |seq: u16, after_ms: u64| {
        at += 10_000;
        asked_again(&mut client, seq, at, after_ms)
    };
    // 1 ms of line, then 250 ms at first.
    assert_eq!(ask(5, 240), 0);
    for seq in 6..40 {
        assert_eq!(ask(seq, 3), 0);
    }
    assert_eq!(ask(40, 62), 1, "60 ms");
    for seq in 41..55 {
        assert!(ask(seq, 300) > 0, "not half of the last 32 were slow");
    }
    assert_eq!(ask(55, 62), 1);
    for seq in 56..60 {
        ask(seq, 300);
    }
    for seq in 60..100 {
        assert_eq!(ask(seq, 500), 0, "a board that needs 300 ms is given 600, then 1000");
    }
    assert_eq!(ask(100, 1_010), 1, "and no more");
}

#[test]
fn a_line_that_is_back_is_asked_at_once_and_with_all_the_patience() {
    let mut client = client(115_200);
    client.begin(&HELLO, 0).unwrap();
    // The begin of an answer, before the line went away.
    assert!(answer(5)[..4].iter().all(|&byte| client.receive(byte, 1).is_none()));
    let mut now = 1;
    while client.resent() < 9 {
        now += 1;
        assert_ne!(client.next(now), Next::GaveUp);
    }
    client.reconnected();
    assert!(matches!(client.next(now), Next::Send(_)));
    let gone = (now..now + 5_000).find(|&now| client.next(now) == Next::GaveUp);
    assert!(gone.is_some_and(|gone| gone >= now + 4_000), "{gone:?}");
    client.begin(&HELLO, now).unwrap();
    client.reconnected();
    assert!(matches!(client.next(now), Next::Send(_)));
    let answered = answer(6).into_iter().find_map(|byte| client.receive(byte, now));
    assert_eq!(answered, Some(Ok(Response::Configured)), "what came before the line went away spoils nothing");
    client.reconnected();
    assert_eq!(client.next(now), Next::Idle);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes and whenever: no panic, no overflow, and time alone ends it.
    #[test]
    fn any_bytes_at_any_time(
        baud in prop_oneof![Just(0), any::<u32>()],
        begin: u64,
        steps in prop::collection::vec((any::<u32>(), any::<u8>()), 0..200),
    ) {
        let mut client = client(baud);
        client.begin(&HELLO, begin).unwrap();
        let mut now = begin;
        for (wait, byte) in steps {
            now = now.saturating_add(u64::from(wait));
            prop_assert!(client.receive(byte, now).is_none());
            client.next(now);
        }
        for _ in 0..12 {
            client.next(u64::MAX);
        }
        prop_assert_eq!(client.next(u64::MAX), Next::Idle);
    }

    /// What a request carries takes 50 ms on the line, or is 128 bytes, or all that there may be.
    #[test]
    fn a_request_is_short_on_the_line(baud in 300_u32..12_000_000, most in 1_usize..5_000) {
        let data = Policy::at(baud).data(most);
        prop_assert!(data <= most);
        prop_assert!(data <= 128 || data as u64 * 10_000 <= 50 * u64::from(baud));
        prop_assert!(data == most || (data + 1) as u64 * 10_000 > 50 * u64::from(baud));
    }
}
