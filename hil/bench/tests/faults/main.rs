//! The bench and a board on a bad cable, in real time through pseudo-terminals: nothing is lost, nothing is wrong, and the
//! talk goes on soon after each fault and each cut.
//!
//! The truth is the core on this machine, which got the same codes without any link. Prints what it saw: `cargo test -p
//! hil --test faults -- --nocapture`, with `--ignored` for ten thousand requests and twenty cuts.

#[allow(dead_code, reason = "the test of the link uses all of it")]
#[path = "../../../link/tests/faults/injector.rs"]
mod injector;
mod relay;

use std::f64::consts::TAU;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datasets::Channels;
use hil::board::Board;
use hil::host;
use hil::plan::Plan;
use hil::session::{Session, Terms};
use hil_link::{Nominal, Window, samples_frame};
use injector::{BAUD, Fault, Injector, MS};
use relay::{Command, Relay};

/// Recovery from a single fault, beyond the pause that the fault itself is.
const AFTER_FAULT: Duration = Duration::from_millis(200);

/// Recovery from a cut, from its return on.
const AFTER_CUT: Duration = Duration::from_millis(500);

/// How long a cut lasts, in microseconds.
const CUT: u64 = 2_000 * MS;

/// 50 Hz, 230 V and 5 A, 24 bits, 2 kHz: a window each 400 frames.
fn plan(frames: usize) -> Plan {
    let wave = |peak: f64| (0..frames).map(|n| peak * (TAU * 50.0 * n as f64 / 2_000.0).sin()).collect::<Vec<_>>();
    let samples = Channels { voltage: Some(wave(325.27)), currents: vec![wave(7.07)], residual: None };
    let ranges = Channels { voltage: Some(400.0), currents: vec![20.0], residual: None };
    Plan::new(&samples, &ranges, 2_000.0, 24, Nominal::Hz50).expect("a plan")
}

fn on(name: &Path, terms: Terms) -> Session {
    let board = Board::open(name.to_str().expect("a path of ASCII"), Path::new(""), BAUD).expect("the port opens");
    Session::on(board, terms).expect("the board greets")
}

fn session(name: &Path) -> Session {
    on(name, Terms::default())
}

/// A session that waits so long for a port that is gone.
fn patient(name: &Path, patience: Duration) -> Session {
    on(name, Terms { patience, ..Terms::default() })
}

/// What the first request says that fails; what was ordered may come a moment later than the first ones.
fn first_error(session: &mut Session) -> Option<String> {
    (0..1_000).find_map(|_| session.status().err()).map(|error| error.to_string())
}

/// Waits until what was ordered is over.
fn wait(relay: &Relay) {
    for _ in 0..3_000 {
        if relay.told().back_at.is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the relay does not come back");
}

/// Time of a request with so many frames and of an answer without windows on the line.
fn line_time(frames: usize) -> Duration {
    Duration::from_micros(Injector::time(samples_frame(6 * frames)) + Injector::time(12))
}

/// Frames of request `number`: from 1 to 30, and each twentieth time as many as there may be.
fn frames(number: usize, most: usize) -> usize {
    if number.is_multiple_of(20) { most } else { 1 + number * 7 % 30 }
}

/// Plays so many requests, the cable cut so many times among them.
fn play(requests: usize, cuts: usize, seed: u64) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), seed);
    let mut session = session(&relay.name);
    let most = session.configure(&plan(1).config).expect("the board takes the configuration");
    let plan = plan((0..requests).map(|number| frames(number, most)).sum());
    let (mut from, mut windows): (usize, Vec<Window>) = (0, vec![]);
    let (mut alone, mut machine) = (Vec::new(), Duration::ZERO);
    let (mut after_cut, mut cut) = (Duration::ZERO, 0);
    let mut is_cut = false;
    for number in 0..requests {
        let to = from + frames(number, most);
        if !is_cut && number >= (cut + 1) * requests / (cuts + 1) && cut < cuts {
            // Anywhere in a request or its answer, the next time somewhere else.
            let after = cut as u64 * 7_919 % (12 * MS);
            relay.command(if cut.is_multiple_of(2) { Command::Cut(after, CUT) } else { Command::Unplug(after, CUT) });
            (is_cut, cut) = (true, cut + 1);
        }
        let before = Some(relay.told()).filter(|told| told.is_quiet).map(|told| told.hits.len());
        let begun = Instant::now();
        windows.extend(session.samples(from as u64, &plan.packed(from, to)).expect("the board answers"));
        let (answered, told) = (Instant::now(), relay.told());
        let first = std::mem::replace(&mut from, to);
        if is_cut {
            if let Some(back_at) = told.back_at {
                after_cut = after_cut.max(answered.saturating_duration_since(back_at));
                is_cut = false;
            }
            continue;
        }
        let took = answered - begun;
        match before.map(|before| &told.hits[before..]) {
            Some([only]) => alone.push(took.saturating_sub(Duration::from_micros(only.pause))),
            Some([]) => machine = machine.max(took.saturating_sub(line_time(to - first))),
            _ => {}
        }
    }
    assert!(cut == cuts && !is_cut, "{cut} of {cuts} cuts");
    let status = session.status().expect("the board tells its state");
    let truth = host::meter(&plan).expect("the core takes the plan");
    assert!(truth.len() > 7, "{} windows", truth.len());
    assert_eq!(windows, truth, "each window of the board is that of the core");
    let done = (status.frames as usize, status.windows as usize, status.digest);
    assert_eq!(done, (plan.frames(), truth.len(), host::digest(&truth)));
    alone.sort();
    let (soon, after_fault) =
        (alone.partition_point(|&took| took <= AFTER_FAULT), alone.last().copied().unwrap_or_default());
    let counts = relay.told().counts();
    let told: Vec<String> = Fault::ALL.iter().zip(counts).map(|(fault, count)| format!("{fault:?} {count}")).collect();
    println!(
        "{requests} requests: {}; {} alone, {soon} of them answered within {AFTER_FAULT:?} after \
         their pause, all within {after_fault:?}; {cuts} cuts, answered \
         within {after_cut:?} of their end; what nothing hit took up to {machine:?} longer than on the line; {} sent again, {} \
         damaged",
        told.join(", "),
        alone.len(),
        session.resent(),
        session.damaged()
    );
    // What holds up even a request that nothing hit is the machine, and it may hit both attempts.
    assert!(after_fault <= AFTER_FAULT + 2 * machine, "a fault: {after_fault:?}, the machine: {machine:?}");
    assert!(soon >= alone.len() * 9 / 10, "{soon} of {} faults", alone.len());
    assert!(after_cut <= AFTER_CUT + 2 * machine, "a cut: {after_cut:?}, the machine: {machine:?}");
    // One in a hundred of each, both ways: a third of what is expected is far outside of chance.
    assert!(counts.iter().sum::<usize>() > requests * 4 / 100, "{counts:?}");
    if requests >= 10_000 {
        assert!(counts.iter().all(|&count| count > requests / 100), "{counts:?}");
    }
}

#[test]
fn two_hundred_requests_and_two_cuts() {
    play(200, 2, 1);
}

#[test]
#[ignore = "minutes; run by scripts/test --full"]
fn ten_thousand_requests_and_twenty_cuts() {
    play(10_000, 20, 2);
}

#[test]
fn a_board_that_restarted_is_told() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 3);
    let mut session = session(&relay.name);
    let plan = plan(8);
    session.configure(&plan.config).expect("the board takes the configuration");
    session.samples(0, &plan.packed(0, 4)).expect("the board answers");
    relay.command(Command::Restart);
    relay.command(Command::Unplug(0, 200 * MS));
    wait(&relay);
    let told = session.samples(4, &plan.packed(4, 8)).expect_err("it has forgotten its configuration").to_string();
    assert!(told.contains("the board has restarted"), "{told}");
}

#[test]
fn a_port_that_stays_away_is_told() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 4);
    let mut session = patient(&relay.name, Duration::from_millis(300));
    relay.command(Command::Unplug(0, 60_000 * MS));
    let begun = Instant::now();
    let told = first_error(&mut session).expect("an error");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    for part in ["lost", "has not come back", "there is none"] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
}

/// It opens each time it is looked for, and is gone again a moment later.
#[test]
fn a_port_that_comes_and_goes_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 5);
    let mut session = patient(&relay.name, Duration::from_secs(1));
    relay.command(Command::Flap(20_000 * MS));
    let begun = Instant::now();
    let told = first_error(&mut session).expect("an error");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(told.contains("lost") && told.contains("back"), "{told}");
}

#[test]
fn a_port_that_takes_no_byte_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 6);
    let mut session = session(&relay.name);
    relay.command(Command::Deafen);
    wait(&relay);
    let begun = Instant::now();
    let told = session.status().expect_err("nobody has heard it").to_string();
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!(told.contains("lost") && told.contains("no byte"), "{told}");
}

#[test]
fn a_wish_to_stop_is_heard_while_an_answer_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 7);
    let stop = Arc::<AtomicBool>::default();
    let mut session = on(&relay.name, Terms { stop: stop.clone(), ..Terms::default() });
    relay.command(Command::Cut(0, 3_000 * MS));
    let begun = Instant::now();
    let hand = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        stop.store(true, Ordering::Relaxed);
    });
    let told = first_error(&mut session).expect("an error");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(told, "interrupted");
    hand.join().expect("a hand that stops");
}
