//! Sample frames per second to the emulated board, as the bench starts it and as it was first measured: its serial port a
//! plain pseudo-terminal, plain samples of 2 or 3 bytes a code.
//!
//! Both run one after the other, twice, on the same machine, so the ratio means something where the figures do not. Needs
//! qemu-system-arm and the firmware image: `cargo test -p hil --test throughput -- --ignored --nocapture`.

use std::f64::consts::TAU;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use datasets::Channels;
use hil::board::Board;
use hil::host;
use hil::plan::Plan;
use hil::session::Session;
use hil_link::Nominal;

/// Frames that are played each time: some seconds.
const FRAMES: usize = 8_000;

/// Voltage, current and residual current as the suite `sine` has them: 24 bits, 8 kHz, 50 Hz.
fn plan() -> Plan {
    let wave = |peak: f64| (0..FRAMES).map(|n| peak * (TAU * 50.0 * n as f64 / 8_000.0).sin()).collect::<Vec<_>>();
    let samples = Channels { voltage: Some(wave(325.27)), currents: vec![wave(7.07)], residual: Some(wave(0.03)) };
    let ranges = Channels { voltage: Some(400.0), currents: vec![20.0], residual: Some(0.5) };
    Plan::new(&samples, &ranges, 8_000.0, 24, Nominal::Hz50).expect("a plan")
}

/// An emulator that is ended with the test.
struct Emulator(Child);

impl Drop for Emulator {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("the emulator ends");
    }
}

/// The emulator as it was started when its throughput was first measured, and the name of the bench's port.
fn plain_emulator() -> (Emulator, String) {
    let image = Board::image(Path::new("mps2-an386")).expect("the firmware is built");
    let mut child = Command::new("qemu-system-arm")
        .args(["-M", "mps2-an386", "-nographic", "-monitor", "none", "-icount", "shift=0"])
        .args(["-serial", "pty"].repeat(3))
        .arg("-kernel")
        .arg(image)
        .stdout(Stdio::piped())
        .spawn()
        .expect("qemu-system-arm is installed");
    let lines = BufReader::new(child.stdout.take().expect("it has an output")).lines().map_while(Result::ok);
    let mut names =
        lines.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("/dev/")).map(String::from));
    let name = names.next().expect("it names its ports");
    (Emulator(child), name)
}

/// Frames per second of plain samples, or as the bench sends them.
fn frames_per_second(board: Board, plan: &Plan, is_plain: bool) -> f64 {
    let mut session = Session::start(board).expect("the board greets");
    let most = session.configure(&plan.config).expect("the board takes the configuration");
    let begun = Instant::now();
    let (mut windows, mut from) = (Vec::new(), 0);
    while from < FRAMES {
        let (frames, new) = if is_plain {
            let to = FRAMES.min(from + most);
            (to - from, session.samples(from as u64, &plan.packed(from, to)).expect("the board answers"))
        } else {
            session.stretch(plan, from).expect("the board answers")
        };
        windows.extend(new);
        from += frames;
    }
    let rate = FRAMES as f64 / begun.elapsed().as_secs_f64();
    assert_eq!(windows, host::meter(plan).expect("the core takes the plan"));
    rate
}

#[test]
#[ignore = "seconds, and a measurement; run by scripts/test --full"]
fn buffer_and_compression_each_make_it_faster() {
    let plan = plan();
    let (mut first, mut plain, mut now) = (0.0_f64, 0.0_f64, 0.0_f64);
    for _ in 0..2 {
        let (_emulator, name) = plain_emulator();
        let board = Board::open(&name, Path::new(""), 1_000_000).expect("the port opens");
        first = first.max(frames_per_second(board, &plan, true));
        let open = || Board::open("emulated", Path::new("mps2-an386"), 115_200).expect("the emulator starts");
        plain = plain.max(frames_per_second(open(), &plan, true));
        now = now.max(frames_per_second(open(), &plan, false));
    }
    println!(
        "frames/s: {first:.0} as first measured ({:.0} kB/s of samples), {plain:.0} with bytes kept before the UART ({:.2} \
         times), {now:.0} compressed as well ({:.2} times)",
        first * 9.0 / 1e3,
        plain / first,
        now / first
    );
    // The buffer and the compression are each held to their own part.
    assert!(plain >= 1.5 * first, "{plain:.0} frames/s with bytes kept before the UART, {first:.0} as first measured");
    assert!(now >= 2.0 * plain, "{now:.0} frames/s compressed, {plain:.0} plain");
}
