//! The device's front over the link: what is shown is the last window, and pressing changes nothing that is measured.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::{Bench, config};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    Colour, Config, DeviceRequest, EnergyState, PROTOCOL_VERSION, PanelMode, PanelState, Pattern, Request, ResetCause,
    Response, Status,
};

impl Bench {
    fn tap(&mut self) -> PanelState {
        self.button(true, 50);
        self.button(false, 50)
    }

    /// A tenth of a second of 230 V and 10 A at 50 Hz and 2 kHz.
    fn play_tenth(&mut self) {
        let code = |n: u64, peak: f64| {
            (peak * 2f64.sqrt() * (n as f64 * 0.025 * std::f64::consts::TAU).sin() * 32_768.0).round() as i16
        };
        let frame = |n| [code(n, 230.0 / 400.0), code(n, 10.0 / 25.0)].into_iter().flat_map(i16::to_le_bytes);
        let data: Vec<u8> = (self.frames..self.frames + 200).flat_map(frame).collect();
        let answer = self.ask(&Request::Samples { first_frame: self.frames, data: &data });
        assert!(matches!(answer, Response::Readings(_)), "{answer:?}");
        self.frames += 200;
    }

    fn so_far(&mut self) -> (EnergyState, Status) {
        (self.energy(), self.status())
    }
}

fn start() -> Bench {
    Bench::start(&Rc::new(RefCell::new(Mock24C64::default())))
}

#[test]
fn the_panel_shows_the_last_window_and_the_link() {
    let mut bench = start();
    let state = bench.panel(DeviceRequest::Panel);
    assert_eq!((state.colour, state.pattern, state.window), (Colour::Orange, Pattern::Steady, 0));
    assert_eq!(state.lines.map(|line| line.to_string()), ["---V  ---A  ---W", "             0Wh"]);
    bench.ask(&Request::Configure(config(1)));
    for _ in 0..20 {
        bench.play_tenth();
    }
    let state = bench.panel(DeviceRequest::Panel);
    let windows = bench.so_far().1.windows;
    assert_eq!((state.colour, state.window, state.time_us), (Colour::Green, windows, 2_000_000));
    assert_eq!(state.lines.map(|line| line.to_string()), ["230V 10.0A 2300W", "             1Wh"]);
    // A configuration that is refused leaves none.
    bench.ask(&Request::Configure(Config { adc_bits: 99, ..config(1) }));
    assert_eq!(bench.panel(DeviceRequest::Panel).colour, Colour::Orange);
}

/// Two sessions of the same samples, one with a hand at the button: reset of factory settings and restart included.
#[test]
fn nothing_that_is_pressed_touches_energy_or_metering() {
    let (mut still, mut pressed) = (start(), start());
    for bench in [&mut still, &mut pressed] {
        bench.ask(&Request::Configure(config(1)));
        bench.play_tenth();
    }
    let deeds = [
        (true, 60, PanelMode::View(1)),
        (false, 200, PanelMode::View(1)),
        (true, 3_020, PanelMode::AskMaintenance),
        (false, 100, PanelMode::AskMaintenance),
        (true, 100, PanelMode::Maintenance),
        (false, 100, PanelMode::Maintenance),
        (true, 6_020, PanelMode::AskFactory),
        (false, 100, PanelMode::AskFactory),
        (true, 100, PanelMode::Resetting),
        (false, 2_000, PanelMode::View(0)),
    ];
    for (level, pass_ms, mode) in deeds {
        // After it 100 ms of samples pass as well.
        assert_eq!(pressed.button(level, pass_ms).mode, mode, "{level} {pass_ms}");
        for bench in [&mut still, &mut pressed] {
            bench.play_tenth();
        }
    }
    let info = pressed.info(DeviceRequest::Restart { held: true });
    assert_eq!((info.reset_cause, info.restarts, info.factory_resets), (ResetCause::Software, 1, 1));
    assert_eq!(pressed.panel(DeviceRequest::Panel).mode, PanelMode::Maintenance);
    for bench in [&mut still, &mut pressed] {
        bench.play_tenth();
    }
    let (still, pressed) = (still.so_far(), pressed.so_far());
    assert!(still.1.windows >= 5 && still.1.digest != 0);
    assert_eq!(still, pressed);
}

#[test]
fn samples_give_the_panel_its_time() {
    let mut bench = start();
    bench.ask(&Request::Configure(config(1)));
    let mut time_us = 0;
    for _ in 0..29 {
        bench.button(true, 0);
        bench.play_tenth();
        time_us += 100_000;
        assert_eq!(bench.panel(DeviceRequest::Panel).time_us, time_us);
    }
    assert_eq!(bench.panel(DeviceRequest::Panel).mode, PanelMode::View(1), "held for 2.9 s");
    // Frames that are refused are none.
    let refused = bench.ask(&Request::Samples { first_frame: 0, data: &[0; 800] });
    assert!(matches!(refused, Response::Error(hil_link::Error::Gap { .. })), "{refused:?}");
    assert_eq!(bench.panel(DeviceRequest::Panel).time_us, time_us);
    bench.play_tenth();
    assert_eq!(bench.panel(DeviceRequest::Panel).mode, PanelMode::AskMaintenance, "held for 3 s");
    // A rate that divides no second: 1 000 frames of 2 999.5 Hz are 333 388.9 µs each.
    bench.ask(&Request::Configure(Config { sample_rate: (5_999 << 32) / 2, ..config(1) }));
    bench.frames = 0;
    let before = bench.panel(DeviceRequest::Panel).time_us;
    for _ in 0..45 {
        bench.play_tenth();
    }
    let passed = bench.panel(DeviceRequest::Panel).time_us - before;
    assert_eq!(passed, 45 * 200 * 2_000_000 / 5_999, "to the microsecond");
}

#[test]
fn a_board_says_what_it_is() {
    let mut bench = start();
    let info = bench.info(DeviceRequest::Info);
    assert_eq!((info.board.as_str(), info.firmware.as_str()), ("memory", "1"));
    assert_eq!((info.program.as_str(), info.protocol), (env!("CARGO_PKG_VERSION"), PROTOCOL_VERSION));
    // This one has no clock and cannot tell why it started.
    assert_eq!((info.uptime_us, info.reset_cause), (None, ResetCause::Unknown));
    assert_eq!(info.settings, Some(hil_board::device::settings::Settings::default().digest()));
    assert_eq!((info.restarts, info.factory_resets, info.has_adc), (0, 0, false));
    // As long as anyone can hold it: time saturates, nothing stands still.
    for _ in 0..3 {
        bench.button(true, u32::MAX);
        assert_eq!(bench.button(false, u32::MAX).mode, PanelMode::View(0));
    }
    assert_eq!(bench.tap().mode, PanelMode::View(1));
}
