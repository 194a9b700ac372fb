//! The settings of a board over the link: imported as a whole, kept through power cuts, taken into use by a restart, and what
//! they then do.

mod wire;

use std::cell::RefCell;
use std::rc::Rc;

use hil_board::device::settings::{Settings, line};
use hil_board::store::map::{CALIBRATION, SETTINGS};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    BoardInfo, Calibration, CalibrationRequest, Config, DeviceAnswer, DeviceRequest, EnergyRequest, EnergyState, Error,
    LineVerdict, Memory, PROTOCOL_VERSION, PanelMode, PanelState, Request, Response, SettingsAnswer, SettingsRequest,
    SettingsState, Signal, Status, Tone, Waveform,
};
use wire::{Bench, config};

type Chip = Rc<RefCell<Mock24C64>>;

fn chip() -> Chip {
    Rc::new(RefCell::new(Mock24C64::default()))
}

impl Bench {
    fn settings(&mut self, request: SettingsRequest<'_>) -> SettingsAnswer {
        match self.ask(&Request::Settings(request)) {
            Response::Settings(answer) => answer,
            other => panic!("{request:?}: {other:?}"),
        }
    }

    fn state(&mut self, request: SettingsRequest<'_>) -> SettingsState {
        match self.settings(request) {
            SettingsAnswer::State(state) => state,
            other => panic!("{request:?}: {other:?}"),
        }
    }

    fn line(&mut self, text: &str) -> LineVerdict {
        match self.settings(SettingsRequest::Line { text }) {
            SettingsAnswer::Line(verdict) => verdict,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn export(&mut self) -> String {
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
    fn upload(&mut self, lines: &[&str]) {
        self.state(SettingsRequest::Begin);
        for text in lines {
            assert_eq!(self.line(text), LineVerdict::Taken, "{text}");
        }
    }

    fn settle(&mut self) -> SettingsState {
        for _ in 0..500 {
            let state = self.state(SettingsRequest::Show);
            if !state.pending {
                return state;
            }
        }
        panic!("the write does not end")
    }

    /// Imports lines, keeps them and starts anew.
    fn take(&mut self, lines: &[&str]) {
        self.upload(lines);
        self.state(SettingsRequest::Apply);
        self.settle();
        self.restart();
    }

    fn restart(&mut self) -> BoardInfo {
        match self.ask(&Request::Device(DeviceRequest::Restart { held: false })) {
            Response::Device(DeviceAnswer::Info(info)) => info,
            other => panic!("{other:?}"),
        }
    }

    fn button(&mut self, pressed: bool, pass_ms: u32) -> PanelState {
        match self.ask(&Request::Device(DeviceRequest::Button { pressed, pass_ms })) {
            Response::Device(DeviceAnswer::Panel(state)) => state,
            other => panic!("{other:?}"),
        }
    }

    /// Until the panel says "Press again to FABSETTINGS".
    fn ask_for_factory(&mut self) {
        for (pressed, ms) in [(true, 3_100), (false, 100), (true, 100), (false, 100), (true, 6_100), (false, 100)] {
            self.button(pressed, ms);
        }
    }

    fn energy(&mut self) -> EnergyState {
        match self.ask(&Request::Energy(EnergyRequest::Show)) {
            Response::Energy(state) => state,
            other => panic!("{other:?}"),
        }
    }

    fn status(&mut self) -> Status {
        match self.ask(&Request::Status) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    /// So many tenths of a second of the board's own signal.
    fn run(&mut self, tenths: u32) {
        for _ in 0..tenths {
            let answer = self.ask(&Request::Run { frames: 200, with_codes: false });
            assert!(matches!(answer, Response::Readings(_)), "{answer:?}");
        }
    }

    fn start_by_settings(&mut self) -> Config {
        match self.settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 24 }) {
            SettingsAnswer::Started(config) => config,
            other => panic!("{other:?}"),
        }
    }
}

fn settings(lines: &[&str]) -> Settings {
    let mut settings = Settings::default();
    for text in lines {
        line::read(text).unwrap().apply(&mut settings);
    }
    settings
}

/// 50 Hz: 230 V of 400 V, and 10 A of 25 A in every current, half the range of the line's.
fn signal() -> Request<'static> {
    let tone = |share: f64| Waveform {
        dc: 0,
        tones: [Tone { order: 1, amplitude: (share * 2f64.powi(31)) as u32, phase: 0 }].into_iter().collect(),
    };
    let current = 10.0 * 2f64.sqrt() / 25.0;
    let channels = std::iter::once(tone(230.0 * 2f64.sqrt() / 400.0)).chain(std::iter::repeat_n(tone(current), 8));
    Request::Signal(Signal { frequency: 50 << 32, channels: channels.collect() })
}

const LINES: [&str; 4] =
    ["portsensor 3 label set \"Rack 7\"", "voltage nominal set 120", "display return set 60", "energy interval set 7"];

#[test]
fn an_import_is_kept_as_a_whole_and_used_after_a_restart() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    let (factory, wanted) = (Settings::default().digest(), settings(&LINES).digest());
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.saved, state.imported), (Memory::Blank, None, None));
    assert_eq!((state.in_use, state.kept), (factory, factory));
    let lines = |settings: &Settings| {
        let lines: Vec<String> = line::export(settings, 0).map(|line| line.to_string()).collect();
        lines.join("\n") + "\n"
    };
    assert_eq!(bench.export(), lines(&Settings::default()));

    bench.upload(&LINES);
    assert_eq!(bench.line("  # hidden"), LineVerdict::Hidden);
    let verdict = bench.line("portsensor 8 label set \"x\"");
    assert!(matches!(&verdict, LineVerdict::Ignored(why) if why.contains("1..7")), "{verdict:?}");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept, state.imported), (factory, factory, Some(wanted)));
    assert_eq!((state.ignored, state.saves), (1, 0));
    assert!(chip.borrow_mut().cells().iter().all(|&byte| byte == 0xff), "nothing is written before it is applied");
    bench.state(SettingsRequest::Apply);
    let state = bench.settle();
    assert_eq!((state.in_use, state.kept, state.imported), (factory, wanted, None));
    assert_eq!((state.saves, state.faults, state.saved, state.ignored), (1, 0, Some(0), 0));
    assert_eq!(bench.export(), lines(&settings(&LINES)));

    let info = bench.restart();
    assert_eq!((info.settings, info.restarts), (Some(wanted), 1));
    // A session changes nothing, and power-up takes what is kept.
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert_eq!(bench.state(SettingsRequest::Show).in_use, wanted);
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use, state.kept), (Memory::Restored, wanted, wanted));
    // The next import is upon them; the first line of an export makes it one upon the factory's.
    let more = "residual rated set 100";
    bench.take(&[more]);
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&[&LINES[..], &[more]].concat()).digest());
    bench.take(&["system fabsettings", more]);
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&[more]).digest());
}

#[test]
fn what_is_cancelled_or_was_never_begun() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    for request in [SettingsRequest::Line { text: "display return set 6" }, SettingsRequest::Apply] {
        let answer = bench.ask(&Request::Settings(request));
        let Response::Error(Error::Config { field, reason }) = answer else { panic!("{answer:?}") };
        assert_eq!((&*field, &*reason), ("settings", "no import has begun"));
    }
    bench.upload(&LINES);
    assert_eq!(bench.state(SettingsRequest::Cancel).imported, None);
    assert!(matches!(bench.ask(&Request::Settings(SettingsRequest::Apply)), Response::Error(_)));
    // An import that is begun anew has forgotten the first.
    bench.upload(&LINES);
    let state = bench.state(SettingsRequest::Begin);
    assert_eq!((state.imported, state.ignored), (Some(state.kept), 0));
    assert!(chip.borrow_mut().cells().iter().all(|&byte| byte == 0xff));
}

#[test]
fn the_plug_pulled_at_each_byte_of_an_import() {
    /// What the bits that are being written may become.
    const STATES: [fn(u8, u8, u8) -> u8; 5] =
        [|_, _, _| 0, |_, _, _| 0xff, |b, a, _| b & a, |b, a, _| b | a, |b, a, n| b ^ ((b ^ a) & (0x5d << (n % 5)))];
    let (mut cuts, mut new) = (0, 0);
    // Upon a blank chip, upon settings, and upon settings in the other copy.
    for before in 0..3 {
        let chip = chip();
        let mut bench = Bench::start(&chip);
        let mut old = Settings::default().digest();
        for n in 1..=before {
            let line = format!("residual rated set {}", 100 * n);
            bench.take(&[&line]);
            old = settings(&[&line]).digest();
        }
        // A chip that is asked ten times in vain is seen in the middle of each page.
        let mut bench = Bench::with_chip(&chip, 10);
        let lines = ["system fabsettings", LINES[0], LINES[1], LINES[2], LINES[3]];
        let wanted = settings(&lines).digest();
        let image = *chip.borrow_mut().cells();
        bench.upload(&lines);
        assert_eq!(*chip.borrow_mut().cells(), image, "a cut while lines come leaves the chip as it is");
        bench.state(SettingsRequest::Apply);
        let mut judge = |cells: Mock24C64| {
            let after = Rc::new(RefCell::new(cells));
            after.borrow_mut().wait(10_000);
            let mut after = Bench::start(&after);
            let state = after.state(SettingsRequest::Show);
            assert!(state.in_use == wanted || state.in_use == old, "a mix: {state:?}");
            assert_eq!((state.kept, state.pending), (state.in_use, false));
            assert!(before == 0 || state.memory == Memory::Restored);
            (cuts, new) = (cuts + 1, new + u32::from(state.in_use == wanted));
            state.in_use == wanted
        };
        let (mut pages, mut last) = (0, false);
        loop {
            let now = chip.borrow().unfinished();
            pages += u32::from(now > 0);
            for (done, state) in (0..=now).flat_map(|done| STATES.iter().map(move |state| (done, state))) {
                for torn in [1, now] {
                    let mut cells = chip.borrow().clone();
                    let mut count = 0;
                    cells.cut(done, torn, |before, after| {
                        count = u8::wrapping_add(count, 37);
                        state(before, after, count)
                    });
                    last = judge(cells);
                }
            }
            if !bench.state(SettingsRequest::Show).pending {
                break;
            }
        }
        assert!(pages >= 8, "{pages} pages seen");
        assert_eq!(bench.state(SettingsRequest::Show).kept, wanted);
        assert!(last || judge(chip.borrow().clone()), "once written it is there");
    }
    println!("{cuts} cuts: {new} left the new settings, the others those before");
    assert!(cuts > 5_000 && new > 0 && new < cuts / 2);
}

#[test]
fn what_stands_on_the_chip_and_is_no_setting() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    let whole = *chip.borrow_mut().cells();
    assert!(whole[CALIBRATION[0] as usize..][..512].iter().all(|&byte| byte == 0xff));
    assert_eq!(whole[SETTINGS[0] as usize..][..6], *b"MSET\x02\0");
    let memory = |cells: [u8; 8_192]| {
        let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::with(cells))));
        let state = bench.state(SettingsRequest::Show);
        let is_factory = state.in_use == Settings::default().digest();
        assert_eq!(is_factory, state.memory != Memory::Restored);
        state.memory
    };
    assert_eq!(memory(whole), Memory::Restored);
    // Decay.
    let mut cells = whole;
    cells[SETTINGS[0] as usize + 30] ^= 1;
    assert_eq!(memory(cells), Memory::Corrupt);
    // A later version, and a whole copy with a value that no board would have written: its page of the display stays 61 s.
    let length = u16::from_le_bytes([whole[6], whole[7]]) as usize;
    let with = |place: usize, value: u8| {
        let mut cells = whole;
        cells[place] = value;
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&cells[..12 + length]);
        cells[12 + length..][..4].copy_from_slice(&sum.to_le_bytes());
        cells
    };
    let place = 12 + length - 9;
    assert_eq!(whole[place..12 + length], [60, 7, 100, 1, 1, 0x80, 0x96, 0x01, 0]);
    assert_eq!(memory(with(place, 59)), Memory::Restored);
    assert_eq!(memory(with(place, 61)), Memory::Corrupt);
    assert_eq!(memory(with(4, 3)), Memory::Foreign);
    // As an older program has left them, without a Modbus port: all is as it was, and the port is the factory's. What is said to
    // be of that version and is not is none.
    assert_eq!(memory(with(4, 1)), Memory::Corrupt);
    let mut cells = whole;
    let length = length - 5;
    (cells[4], cells[6]) = (1, length as u8);
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&cells[..12 + length]);
    cells[12 + length..][..4].copy_from_slice(&sum.to_le_bytes());
    let chip = Rc::new(RefCell::new(Mock24C64::with(cells)));
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use), (Memory::Restored, settings(&LINES).digest()));
    assert!(bench.export().ends_with(
        "modbus address set 1                     #range: 1..247 slave's address\n\
         modbus baud set 19200                    #range: 1200..115200 baud; 8 data bits, 1 stop bit\n\
         modbus parity set 0                      #range: 0..2 0: none, 1: even, 2: odd\n"
    ));
    // The next import is kept in the form of today, and read again.
    bench.take(&["modbus address set 17"]);
    assert_eq!(chip.borrow_mut().cells()[SETTINGS[1] as usize..][..6], *b"MSET\x02\0");
    let state = Bench::start(&chip).state(SettingsRequest::Show);
    assert_eq!(state.in_use, settings(&[&LINES[..], &["modbus address set 17"]].concat()).digest());
    assert_eq!(memory([0x5a; 8_192]), Memory::Foreign);
}

/// The button's FABSETTINGS: kept and in use when the panel says so, whatever an import was about; energy stays.
#[test]
fn a_factory_reset_by_the_button() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    bench.ask(&Request::Configure(config(1)));
    bench.ask(&signal());
    bench.run(20);
    let before = bench.energy();
    let windows = bench.status();
    assert!(before.operation > 1 << 32);
    bench.upload(&["display return set 9"]);
    bench.ask_for_factory();
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&LINES).digest());
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let state = bench.state(SettingsRequest::Show);
    let factory = Settings::default().digest();
    assert_eq!((state.in_use, state.kept, state.imported), (factory, factory, None));
    assert_eq!(bench.button(false, 1_000).mode, PanelMode::View(0));
    assert_eq!((bench.energy().channels, bench.status().digest), (before.channels, windows.digest));
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use, state.saved), (Memory::Restored, factory, Some(1)));
    assert_eq!(bench.restart().factory_resets, 0);
}

/// On a slow chip the panel says "resetting" until it is done, and a copy that is being written comes first.
#[test]
fn a_factory_reset_waits_for_the_chip() {
    let chip = chip();
    let mut bench = Bench::with_chip(&chip, 10);
    bench.upload(&LINES);
    bench.ask_for_factory();
    assert!(bench.state(SettingsRequest::Apply).pending);
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let mut waited = 0;
    while bench.button(false, 200).mode == PanelMode::Resetting {
        waited += 1;
        let state = bench.state(SettingsRequest::Show);
        assert!(state.pending || waited > 1);
        assert!(matches!(bench.ask(&Request::Settings(SettingsRequest::Apply)), Response::Error(_)));
    }
    assert!(waited > 8, "{waited}: two copies of four pages and more");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!(
        (state.saves, state.in_use, state.kept),
        (2, Settings::default().digest(), Settings::default().digest())
    );
}

/// One chip, three who write to it: none loses anything by the others.
#[test]
fn settings_calibration_and_registers_share_the_chip() {
    let chip = chip();
    let mut bench = Bench::with_chip(&chip, 10);
    let calibration = Calibration { made: 7, ..Calibration::default() };
    bench.ask(&Request::Energy(EnergyRequest::Save));
    bench.ask(&Request::Calibration(CalibrationRequest::Write(calibration.clone())));
    bench.upload(&LINES);
    bench.state(SettingsRequest::Apply);
    bench.ask(&Request::Energy(EnergyRequest::Save));
    let state = bench.settle();
    assert_eq!((state.saves, state.faults), (1, 0));
    for _ in 0..500 {
        if !bench.energy().pending {
            break;
        }
    }
    let energy = bench.energy();
    assert_eq!((energy.pending, energy.saves, energy.faults), (false, 2, 0));
    let mut bench = Bench::start(&chip);
    let Response::Calibration(kept) = bench.ask(&Request::Calibration(CalibrationRequest::Show)) else {
        panic!("no calibration")
    };
    assert_eq!((kept.calibration, kept.memory), (Some(calibration), Memory::Restored));
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&LINES).digest());
    assert_eq!(bench.energy().saved, Some(1));
}

#[test]
fn the_display_and_the_store_go_by_the_settings() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    let stays = |bench: &mut Bench, seconds: u32| {
        bench.button(true, 100);
        // 100 ms of the time were the press itself.
        let before = bench.button(false, seconds * 1_000 - 110).mode;
        (before, bench.button(false, 20).mode)
    };
    assert_eq!(stays(&mut bench, 5), (PanelMode::View(1), PanelMode::View(0)));
    bench.take(&LINES);
    assert_eq!(stays(&mut bench, 60), (PanelMode::View(1), PanelMode::View(0)));
    let mut bench = Bench::start(&chip);
    assert_eq!(stays(&mut bench, 60), (PanelMode::View(1), PanelMode::View(0)), "from power-up as well");
    // 20 s with 2.3 kW: a save each 7 s; by the factory's settings, and by 5 Wh, none or two.
    for (lines, saves) in [(&["display return set 60"][..], 2), (&["system fabsettings"], 0)] {
        bench.take(lines);
        let before = bench.energy().saves;
        bench.ask(&Request::Configure(config(1)));
        bench.ask(&signal());
        bench.run(200);
        assert_eq!(bench.energy().saves - before, saves, "{lines:?}");
    }
    bench.take(&["energy step set 5"]);
    let before = bench.energy().saves;
    bench.run(200);
    assert_eq!(bench.energy().saves - before, 2, "12.8 Wh");
}

/// The meter runs by the settings, and a restart takes them into use where they have changed.
#[test]
fn the_meter_goes_by_the_settings() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.ask(&signal());
    let config = bench.start_by_settings();
    assert_eq!(config, Settings::default().config(2_000 << 32, 24));
    bench.run(20);
    let before = bench.status();
    assert!(before.frames == 4_000 && before.windows > 5);
    assert!(matches!(bench.ask(&Request::Events), Response::Events(events) if events.events.is_empty()));
    // What the meter does not know of leaves it alone.
    bench.take(&["display return set 9", "linesensor 1 label set \"Feed\""]);
    assert_eq!(bench.status(), Status { instructions: 0, ..before });
    bench.run(2);
    // 230 V and a nominal voltage of 120 V: a swell.
    let watts = |bench: &mut Bench| bench.energy().channels[1].continuous.forward_active;
    let energy = watts(&mut bench);
    assert!(energy > 0);
    bench.take(&["voltage nominal set 120", "events swell set 11000", "portsensor 1 overload set 5000"]);
    assert_eq!(bench.status().frames, 0, "another meter");
    assert_eq!(watts(&mut bench), energy, "energy stays");
    bench.run(10);
    let Response::Events(events) = bench.ask(&Request::Events) else { panic!("no events") };
    let kinds: Vec<_> = events.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.contains(&hil_link::EventKind::Swell) && kinds.contains(&hil_link::EventKind::Overload(1)));
    // An ADC that no meter is for is refused; a configuration of the bench's is left alone.
    let refused = bench.ask(&Request::Settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 25 }));
    assert!(matches!(refused, Response::Error(Error::Config { .. })), "{refused:?}");
    bench.ask(&Request::Configure(wire::config(1)));
    bench.run(3);
    bench.take(&["voltage range set 300"]);
    assert_eq!(bench.status().frames, 600);
}

/// 6 mA of 6.1 A are two codes of an ADC of 12 bits: any other could watch for them.
const TOO_FINE: [&str; 3] = ["residual range set 61000", "residual rated set 60", "residual alarm set 1"];

impl Bench {
    fn start_at_12_bits(&mut self) -> Config {
        match self.settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 12 }) {
            SettingsAnswer::Started(config) => config,
            other => panic!("{other:?}"),
        }
    }
}

/// Settings that the meter refuses are found when they are to be kept, over the link as on the console.
#[test]
fn settings_that_the_adc_is_too_coarse_for_are_not_kept() {
    let mut bench = Bench::start(&chip());
    bench.ask(&signal());
    bench.start_at_12_bits();
    bench.run(10);
    let factory = Settings::default().digest();
    bench.upload(&TOO_FINE);
    let answer = bench.ask(&Request::Settings(SettingsRequest::Apply));
    let Response::Error(Error::Config { field, reason }) = answer else { panic!("{answer:?}") };
    assert_eq!(&*field, "residual");
    assert!(reason.contains("at least 8 codes"), "{reason}");
    let told = bench.type_line("settings apply");
    assert!(told.len() == 1 && told[0].starts_with("ERR. residual: rated, allowed are 6 mA"), "{told:?}");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.kept, state.in_use, state.imported), (factory, factory, Some(settings(&TOO_FINE).digest())));
    // The import is still there: with a rated current that the ADC can see it is kept.
    assert_eq!(bench.line("residual rated set 300"), LineVerdict::Taken);
    assert_eq!(bench.type_line("settings apply"), ["OK."]);
    assert_eq!(bench.type_line("system restart"), ["OK."]);
    let wanted = settings(&[&TOO_FINE[..], &["residual rated set 300"]].concat()).digest();
    assert_eq!(bench.state(SettingsRequest::Show).in_use, wanted);
}

/// Settings that were kept before anybody knew the ADC: the meter goes on with those before, and it is told.
#[test]
fn a_restart_into_settings_that_the_meter_refuses_changes_nothing() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.upload(&TOO_FINE);
    bench.state(SettingsRequest::Apply);
    let kept = bench.settle().kept;
    let config = bench.start_at_12_bits();
    bench.ask(&signal());
    bench.run(10);
    let before = bench.status();
    assert_eq!(before.frames, 2_000);
    bench.restart();
    bench.run(10);
    assert_eq!((bench.status().frames, bench.status().windows), (4_000, 10), "the meter goes on");
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept), (Settings::default().digest(), kept));
    let told = bench.heard();
    assert!(told.starts_with("#started anew\r\n#settings NOT in use, those before stay: residual: rated, "), "{told}");
    // A finer ADC takes them; one that is too coarse at power-up is told so.
    let mut bench = Bench::start(&chip);
    let coarse = bench.ask(&Request::Settings(SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 12 }));
    assert!(matches!(&coarse, Response::Error(Error::Config { field, .. }) if field == "residual"), "{coarse:?}");
    assert_ne!(bench.start_by_settings(), config);
}

/// A chip that does not take what is written: the factory's settings are not made, and nobody says that they are.
#[test]
fn a_factory_reset_that_fails_is_told() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    let wanted = settings(&LINES).digest();
    chip.borrow_mut().protect(true);
    bench.ask_for_factory();
    assert_eq!(bench.button(true, 100).mode, PanelMode::Resetting);
    let state = bench.button(false, 1_000);
    assert_eq!((state.mode, &*state.lines[1]), (PanelMode::NotReset, "NOT KEPT: EEPROM"));
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.in_use, state.kept, state.faults, state.pending), (wanted, wanted, 1, false));
    assert!(bench.heard().ends_with("#factory settings NOT made: the EEPROM does not take them\r\n"));
    assert_eq!(bench.button(false, 6_000).mode, PanelMode::Maintenance);
    assert_eq!(bench.restart().factory_resets, 0);
    // And the next time it can be done.
    chip.borrow_mut().protect(false);
    bench.ask_for_factory();
    bench.button(true, 100);
    assert_eq!(bench.button(false, 1_000).mode, PanelMode::View(0));
    assert_eq!(bench.state(SettingsRequest::Show).in_use, Settings::default().digest());
    assert_eq!(bench.restart().factory_resets, 1);
}
