//! What is asked of a board about its settings, and some settings.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::Bench;
use hil_board::device::settings::{Settings, line};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    BoardInfo, Config, DeviceRequest, LineVerdict, Request, Response, SettingsAnswer, SettingsRequest, SettingsState,
    Signal, Tone, Waveform,
};

pub type Chip = Rc<RefCell<Mock24C64>>;

pub fn chip() -> Chip {
    Rc::new(RefCell::new(Mock24C64::default()))
}

impl Bench {
    pub fn settings(&mut self, request: SettingsRequest<'_>) -> SettingsAnswer {
        match self.ask(&Request::Settings(request)) {
            Response::Settings(answer) => answer,
            other => panic!("{request:?}: {other:?}"),
        }
    }

    pub fn state(&mut self, request: SettingsRequest<'_>) -> SettingsState {
        match self.settings(request) {
            SettingsAnswer::State(state) => state,
            other => panic!("{request:?}: {other:?}"),
        }
    }

    pub fn line(&mut self, text: &str) -> LineVerdict {
        match self.settings(SettingsRequest::Line { text }) {
            SettingsAnswer::Line(verdict) => verdict,
            other => panic!("{text}: {other:?}"),
        }
    }

    pub fn export(&mut self) -> String {
        let (mut out, mut from) = (String::new(), Some(0));
        while let Some(line) = from {
            let SettingsAnswer::Text { text, next } = self.settings(SettingsRequest::Export { from: line }) else {
                panic!("no text")
            };
            assert!(text.ends_with('\n') && next.is_none_or(|next| next > line));
            out.push_str(&text);
            from = next;
        }
        out
    }

    /// Begins an import and gives it lines, each of which must be taken.
    pub fn upload(&mut self, lines: &[&str]) {
        self.state(SettingsRequest::Begin);
        for text in lines {
            assert_eq!(self.line(text), LineVerdict::Taken, "{text}");
        }
    }

    pub fn settle(&mut self) -> SettingsState {
        for _ in 0..500 {
            let state = self.state(SettingsRequest::Show);
            if !state.pending {
                return state;
            }
        }
        panic!("the write does not end")
    }

    /// Imports lines, keeps them and starts anew.
    pub fn take(&mut self, lines: &[&str]) {
        self.upload(lines);
        self.state(SettingsRequest::Apply);
        self.settle();
        self.restart();
    }

    pub fn restart(&mut self) -> BoardInfo {
        self.info(DeviceRequest::Restart { held: false })
    }

    /// Until the panel says "Press again to FABSETTINGS".
    pub fn ask_for_factory(&mut self) {
        for (pressed, ms) in [(true, 3_100), (false, 100), (true, 100), (false, 100), (true, 6_100), (false, 100)] {
            self.button(pressed, ms);
        }
    }

    /// So many tenths of a second of the board's own signal.
    pub fn run(&mut self, tenths: u32) {
        for _ in 0..tenths {
            let answer = self.ask(&Request::Run { frames: 200, with_codes: false });
            assert!(matches!(answer, Response::Readings(_)), "{answer:?}");
        }
    }

    pub fn start_by_settings(&mut self) -> Config {
        match self.settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 24 }) {
            SettingsAnswer::Started(config) => config,
            other => panic!("{other:?}"),
        }
    }
}

impl Bench {
    pub fn start_at_12_bits(&mut self) -> Config {
        match self.settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 12 }) {
            SettingsAnswer::Started(config) => config,
            other => panic!("{other:?}"),
        }
    }
}

pub fn settings(lines: &[&str]) -> Settings {
    let mut settings = Settings::default();
    for text in lines {
        line::read(text).unwrap().apply(&mut settings);
    }
    settings
}

/// 50 Hz: 230 V of 400 V, and 10 A of 25 A in every current, half the range of the line's.
pub fn signal() -> Request<'static> {
    let tone = |share: f64| Waveform {
        dc: 0,
        tones: [Tone { order: 1, amplitude: (share * 2f64.powi(31)) as u32, phase: 0 }].into_iter().collect(),
    };
    let current = 10.0 * 2f64.sqrt() / 25.0;
    let channels = std::iter::once(tone(230.0 * 2f64.sqrt() / 400.0)).chain(std::iter::repeat_n(tone(current), 8));
    Request::Signal(Signal { frequency: 50 << 32, channels: channels.collect() })
}

pub const LINES: [&str; 4] =
    ["portsensor 3 label set \"Rack 7\"", "voltage nominal set 120", "display return set 60", "energy interval set 7"];
