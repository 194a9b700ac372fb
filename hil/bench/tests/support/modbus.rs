//! A Modbus master from outside, `mbpoll`, on a pseudo-terminal of a board, against the closed form of a signal and the link.

use std::path::Path;
use std::process::Command;

use hil::board::Board;
use hil::own_signal;
use hil::session::Session;
use hil_link::{EnergyRequest, MAX_CURRENTS};
use metering_core::energy::{Energy, Registers};
use metering_core::registers;

/// So much more than its own currents the signal has here, so that energies are counted within seconds.
const TIMES: f64 = 160.0;

/// Whether the master is here; panics where it must be.
pub fn ready() -> bool {
    if Command::new("mbpoll").arg("-V").output().is_ok() {
        return true;
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "mbpoll is not installed");
    eprintln!("skipped: mbpoll is not installed (scripts/setup installs it)");
    false
}

/// Address, speed and parity of a slave as the master names them.
pub type Line = [&'static str; 3];

/// As boards leave the factory.
const FACTORY: Line = ["1", "19200", "none"];

/// Calls the master; gives the values that it prints, or what it says.
fn mbpoll(port: &str, arguments: &[&str]) -> Result<Vec<i64>, String> {
    called(port, FACTORY, arguments)
}

fn called(port: &str, [address, baud, parity]: Line, arguments: &[&str]) -> Result<Vec<i64>, String> {
    let mut said = String::new();
    // A pseudo-terminal has no beat: on a busy machine a silence may tear a request, which is then not answered.
    for _ in 0..10 {
        let mut command = Command::new("mbpoll");
        command.args(["-m", "rtu", "-a", address, "-b", baud, "-P", parity, "-B", "-0", "-1", "-q", "-o", "2"]);
        // What is written stands behind the port.
        let options = arguments.len() / 2 * 2;
        let (options, written) = arguments.split_at(options);
        let output = command.args(options).arg(port).args(written).output().expect("mbpoll starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            let values = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]:"));
            // Of 16 bits it prints those above 32 767 with their negative value behind.
            let first = values.filter_map(|(_, value)| value.split_whitespace().next()?.parse().ok());
            return Ok(first.collect());
        }
        if !said.contains("timed out") {
            break;
        }
    }
    Err(said)
}

/// The 21 fields of a sensor.
fn fields(port: &str, first: usize) -> Vec<i64> {
    let read = mbpoll(port, &["-t", "4:int", "-r", &first.to_string(), "-c", "21"]);
    read.unwrap_or_else(|said| panic!("{first:#x}: {said}"))
}

/// The feed's voltage.
pub fn voltage(port: &str) -> i64 {
    fields(port, 0x400)[2]
}

/// The same of a slave on another line.
pub fn voltage_on(port: &str, line: Line) -> Result<i64, String> {
    called(port, line, &["-t", "4:int", "-r", "1028", "-c", "1"]).map(|values| values[0])
}

/// Meters 8 s of the power strip on a board, an emulated one running `image`, and reads all of it back through its Modbus port.
pub fn agrees(board: &str, image: &str) {
    let board = Board::open(board, Path::new(image), 115_200).expect("a board");
    let port = board.ports().expect("a board with ports").modbus.clone();
    // Kept open: an emulator takes up to a second to see that somebody has opened it.
    let _open = std::fs::File::open(&port).expect("a pseudo-terminal");
    let mut session = Session::start(board).expect("a board that answers");
    let mut config = own_signal::config().expect("a configuration");
    // So that what an ADC makes of the signal is nothing.
    config.adc_bits = 24;
    for current in &mut config.currents {
        current.range *= TIMES as u64;
    }
    session.configure(&config).expect("a board that can be configured");
    session.set_signal(&own_signal::signal().expect("a signal")).expect("a board that takes a signal");
    for _ in 0..16 {
        session.run(2_000).expect("half a second");
    }
    let registers = energies(&mut session);

    let sensors: Vec<usize> = std::iter::once(0x400).chain((0..7).map(|outlet| 0x3a00 + outlet * 0x120)).collect();
    for (channel, (&first, (rms, lag))) in sensors.iter().zip(own_signal::currents()).enumerate() {
        let read = fields(&port, first);
        let (ampere, angle) = (rms * TIMES, lag.to_radians());
        let apparent = own_signal::VOLT * ampere;
        let (power_factor, lag) = if rms > 0.0 { (angle.cos() * 1e3, lag * 10.0) } else { (0.0, 0.0) };
        let closed = [
            (1, apparent * angle.cos()),
            (2, own_signal::VOLT),
            (3, ampere * 1e3),
            (4, own_signal::HZ * 100.0),
            (5, power_factor),
            (6, lag),
            (7, apparent),
            (8, apparent * angle.sin()),
        ];
        for (number, value) in closed {
            // 2 ppm, of powers as a part of the apparent one, and one rounding.
            let of = if matches!(number, 1 | 7 | 8) { apparent } else { value.abs() };
            let limit = 0.5 + of * 2e-6;
            let error = read[number] as f64 - value;
            assert!(error.abs() <= limit, "field {number} of channel {channel}: {} for {value}", read[number]);
        }
        // What the link gives, to the last digit.
        let account = registers.account(channel).expect("eight channels");
        let wh =
            |number: usize, energy| assert_eq!(read[number], i64::from(registers::energy_signed(energy)), "{number}");
        let (all, since) = (account.continuous, account.resettable());
        wh(0, all.absolute_active());
        wh(9, since.absolute_active());
        wh(10, all.absolute_reactive());
        wh(11, since.absolute_reactive());
        wh(13, all.forward_active);
        wh(14, all.forward_reactive);
        wh(15, since.forward_active);
        wh(16, since.forward_reactive);
        wh(17, all.reverse_active);
        wh(18, all.reverse_reactive);
        wh(19, since.reverse_active);
        wh(20, since.reverse_reactive);
        assert_eq!(read[12], registers.since_reset_s(channel).map_or(-1, i64::from));
        // And what a steady load must have counted by then; the first windows are provisional.
        let counted = apparent * angle.cos().abs() * read[12] as f64 / 3_600.0;
        assert!(
            (read[0] as f64 - counted).abs() < 2.0 + counted * 0.16,
            "channel {channel}: {} Wh, {counted}",
            read[0]
        );
    }
    let read = fields(&port, sensors[6]);
    assert!(read[17] > 60 && read[13] < 2, "the inverter feeds back: {read:?}");
    let residual = mbpoll(&port, &["-t", "3", "-r", "33408", "-c", "5"]);
    assert_eq!(residual, Ok(vec![(own_signal::RESIDUAL * 1e4) as i64, 0, 0, 0, 0]));

    // A reset of the feed's, by function 16, and of an outlet's, by function 6.
    let before = [fields(&port, sensors[0]), fields(&port, sensors[2])];
    assert!(before[0][9] > 100 && before[1][9] > 10);
    mbpoll(&port, &["-t", "4:int", "-r", "1042", "0"]).expect("a reset");
    mbpoll(&port, &["-t", "4", "-r", "15155", "0"]).expect("a reset");
    for (&first, before) in [sensors[0], sensors[2]].iter().zip(before) {
        let after = fields(&port, first);
        assert_eq!([9, 11, 12, 15, 16, 19, 20].map(|number| after[number]), [0; 7]);
        assert_eq!([0, 10, 13, 14, 17, 18].map(|number| after[number]), [0, 10, 13, 14, 17, 18].map(|n| before[n]));
    }
    assert!(fields(&port, sensors[1])[9] > 100, "another outlet is untouched");
    let after = energies(&mut session);
    assert_eq!(after.account(0).expect("a feed").resettable(), Energy::default());

    for (arguments, exception) in [
        (&["-t", "0", "-r", "1024"][..], "Illegal function"),
        (&["-t", "4", "-r", "1023"], "Illegal data address"),
        (&["-t", "4", "-r", "1024", "0"], "Illegal data address"),
        (&["-t", "4", "-r", "1043", "1"], "Illegal data value"),
    ] {
        let said = mbpoll(&port, arguments).expect_err("an exception");
        assert!(said.contains(exception), "{arguments:?}: {said}");
    }
    // All the while the bench has its board.
    assert_eq!(session.status().expect("a board that answers").frames, 32_000);
}

fn energies(session: &mut Session) -> Registers<MAX_CURRENTS> {
    let state = session.energy(EnergyRequest::Show).expect("energy registers");
    state.registers().expect("registers that do not contradict themselves")
}
