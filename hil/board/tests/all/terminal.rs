//! The console on a board: what is told there without being asked, and ports that have no room.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::{Bench, config};
use hil_board::store::mock::Mock24C64;
use hil_board::{Listener, Port};
use hil_link::{
    EventLimits, Kind, PROTOCOL_VERSION, Request, Response, Signal, Tone, Waveform, encode, residual::Change,
};
use metering_core::Sink;
use metering_core::residual;

fn board() -> Bench {
    Bench::start(&Rc::new(RefCell::new(Mock24C64::default())))
}

/// A port that was at rest for long and has no room just now loses nothing; one that takes nothing for a second is given up.
#[test]
fn a_port_is_given_up_after_a_second_of_waiting_and_not_of_rest() {
    let mut bench = board();
    assert_eq!(bench.type_line("linesensor 1 2 show"), [r#"L=1,L="Line",2="-""#, "OK."]);
    bench.board.platform().now_us += 5_000_000;
    bench.board.platform().further[Port::Console as usize].is_full = true;
    bench.type_bytes(b"linesensor 1 2 show\r");
    assert_eq!(bench.heard(), "");
    bench.board.platform().now_us += 900_000;
    assert_eq!(bench.heard(), "");
    bench.board.platform().further[Port::Console as usize].is_full = false;
    assert_eq!(bench.heard(), "linesensor 1 2 show\r\nL=1,L=\"Line\",2=\"-\"\r\nOK.\r\n");

    bench.board.platform().further[Port::Console as usize].is_full = true;
    bench.type_bytes(b"linesensor 1 2 show\r");
    assert_eq!(bench.heard(), "");
    bench.board.platform().now_us += 1_000_001;
    assert_eq!(bench.heard(), "");
    bench.board.platform().further[Port::Console as usize].is_full = false;
    assert_eq!(bench.heard(), "", "thrown away");
    assert_eq!(bench.type_line("linesensor 1 2 show").last().unwrap(), "OK.");
}

/// 230 V where 100 V are nominal.
fn swell(bench: &mut Bench) {
    let events = EventLimits {
        nominal: 100 << 32,
        dip: None,
        swell: Some(11_000),
        interruption: None,
        hysteresis: 200,
        overloads: heapless::Vec::new(),
    };
    let tone = Tone { order: 1, amplitude: (0.8131 * 2f64.powi(31)) as u32, phase: 0 };
    let wave = Waveform { dc: 0, tones: [tone].into_iter().collect() };
    let config = hil_link::Config { events: Some(events), ..config(0) };
    assert_eq!(bench.ask(&Request::Configure(config)), Response::Configured);
    let signal = Signal { frequency: 50 << 32, channels: [wave].into_iter().collect() };
    assert_eq!(bench.ask(&Request::Signal(signal)), Response::SignalSet);
}

/// What happened is told, though the meter to which it happened is gone by then.
#[test]
fn an_alarm_outlives_its_meter() {
    let mut bench = board();
    swell(&mut bench);
    // Both in one piece, so that the console has no turn between them.
    let mut bytes = vec![];
    for (seq, request) in
        [Request::Run { frames: 1_000, with_codes: false }, Request::Hello { version: PROTOCOL_VERSION }]
            .iter()
            .enumerate()
    {
        let mut frame = [0; 64];
        let length = encode(Kind::Request, bench.seq + 1 + seq as u16, request, &mut frame).unwrap();
        bytes.extend(&frame[..length]);
    }
    assert!(bytes.len() < 64);
    bench.send(&bytes);
    bench.board.poll().unwrap();
    assert_eq!(bench.heard(), "#swell begins, 230.0V\r\n");
}

/// Those of one block that find no room are counted.
#[test]
fn alarms_beyond_the_room_are_counted() {
    let mut listener = Listener::new(&config(0)).unwrap();
    let mut sink = listener.sink(|_| {});
    for frame in 0..20 {
        let change = residual::Change::PreWarning(frame % 2 == 0);
        sink.residual_notice(&residual::Notice { frame, change });
    }
    drop(sink);
    let told: Vec<_> = std::iter::from_fn(|| listener.alarm()).collect();
    assert_eq!(told.len(), 16);
    assert_eq!(format!("{:?}", told[15]), format!("Residual({:?})", Change::PreWarning(false)));
    assert_eq!((listener.take_lost_alarms(), listener.take_lost_alarms()), (4, 0));
}
