//! The screen drawn into a buffer, after the built-in strip was metered by the core on this machine.
//!
//! The truth is the closed form of what was played: RMS, P and Q1 of sums of sines.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::log;
use super::super::model::{Action, Message, Model, Page};
use super::super::{sample, signal};
use super::{KEYS, LEAST, draw};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (132, 43), (200, 60)];
const PAGES: [Page; 7] =
    [Page::Readings, Page::Scope, Page::Spectrum, Page::Phasors, Page::Energy, Page::Events, Page::Help];

/// The lines of the screen.
fn lines(model: &Model, (width, height): (u16, u16)) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, model)).unwrap();
    let buffer = terminal.backend().buffer();
    (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
}

fn on(page: Page) -> Model {
    let mut model = sample::model().unwrap();
    if model.page != page {
        model.act(Action::Show(page));
    }
    model
}

#[track_caller]
fn has(lines: &[String], part: &str) {
    assert!(lines.iter().any(|line| line.contains(part)), "{part:?} is not on the screen:\n{}", lines.join("\n"));
}

/// The numbers of a line that begins (after a mark) with this name.
fn numbers(lines: &[String], name: &str) -> Vec<f64> {
    let is = |line: &&String| line.trim_start_matches(['>', ' ']).starts_with(&format!("{name} "));
    let line = lines.iter().find(is).unwrap_or_else(|| panic!("no line {name}:\n{}", lines.join("\n")));
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

#[track_caller]
fn near(is: f64, truth: f64, ppm: f64, floor: f64) {
    assert!((is - truth).abs() <= (truth.abs() * ppm * 1e-6).max(floor), "{is}, truth {truth}");
}

#[test]
fn readings_are_whole_and_true() {
    for size in SIZES {
        let lines = lines(&on(Page::Readings), size);
        // Noise adds in squares: 0.02 V are 4e-9 of it.
        let volt = [230.0, 1.2, 4.6, 2.3].map(|rms: f64| rms * rms).iter().sum::<f64>().sqrt();
        let distortion = [1.2, 4.6, 2.3].map(|rms: f64| rms * rms).iter().sum::<f64>().sqrt() / 230.0;
        let voltage = numbers(&lines, "Voltage");
        near(voltage[0], volt, 30.0, 0.0);
        near(voltage[1], 50.0, 10.0, 0.0);
        near(voltage[2], distortion * 100.0, 0.0, 0.011);
        let residual = (0.0035f64.powi(2) + 0.0006f64.powi(2)).sqrt() * 1e3;
        near(numbers(&lines, "Residual")[0], residual, 500.0, 0.0);
        has(&lines, "sinusoidal");
        // Heater and motor; only the orders that both have carry power, only the fundamental makes Q1.
        let lag = 40f64.to_radians();
        let third = 1.2 * 0.06 * (10f64 - 20.0).to_radians().cos();
        let fifth = 4.6 * 0.08 * 180f64.to_radians().cos();
        for (name, amps, watts, vars, degrees) in [
            ("I1", 4.0f64.hypot(0.08), 230.0 * 4.0 + fifth, 0.0, 0.0),
            ("I2", 1.5f64.hypot(0.06), 345.0 * lag.cos() + third, 345.0 * lag.sin(), 40.0),
        ] {
            let row = numbers(&lines, name);
            // Behind them may stand what the wide screen has beside.
            let [a, w, var, va, pf, phase, _thd, ..] = row[..] else { panic!("seven numbers are expected: {row:?}") };
            near(a, amps, 100.0, 0.0);
            near(w, watts, 100.0, 0.0);
            near(var, vars, 100.0, 0.05);
            near(va, volt * amps, 200.0, 0.0);
            near(pf, watts / (volt * amps), 0.0, 2e-4);
            near(phase, degrees, 0.0, 0.005);
        }
        assert!(lines.iter().any(|line| line.contains("I7") && line.contains("no load")));
        for n in 0..8 {
            assert!(lines.iter().any(|line| line.contains(&format!("I{n} "))), "I{n}");
        }
    }
}

/// Each number ends where the name of its column ends.
#[test]
fn columns_stand_under_their_names() {
    for (page, head, row) in [(Page::Readings, "I, A", "I3"), (Page::Energy, "forward Wh", "I3 continuous")] {
        let lines = lines(&on(page), LEAST);
        let head = lines.iter().find(|line| line.contains(head)).unwrap();
        let row = lines.iter().find(|line| line.contains(row)).unwrap();
        let cells = |line: &str| line.chars().collect::<Vec<_>>();
        let (head, row) = (cells(head), cells(row));
        // The end of a number: a cell that is taken before one that is not.
        let ends = |cells: &[char]| -> Vec<usize> {
            (0..cells.len()).filter(|&n| cells[n] != ' ' && cells.get(n + 1).is_none_or(|next| *next == ' ')).collect()
        };
        let numbers: Vec<usize> =
            ends(&row).into_iter().filter(|&n| n > 16 || page == Page::Readings && n > 4).collect();
        assert!(numbers.len() >= 5);
        for end in numbers {
            assert!(
                ends(&head).contains(&end),
                "{page:?}: column {end}\n{}\n{}",
                String::from_iter(&head),
                String::from_iter(&row)
            );
        }
    }
}

#[test]
fn nothing_is_cut_on_any_page_or_size() {
    for size in SIZES {
        for page in PAGES {
            let lines = lines(&on(page), size);
            let text = lines.join("\n");
            assert!(!text.contains(['…', '#']), "{page:?} at {size:?}:\n{text}");
            let numbered = Page::NUMBERED.iter().zip(1..);
            for (other, number) in numbered {
                let open = *other == page;
                let tab = format!("{number} {}", other.name());
                has(&lines[..1], &if open { format!("[{tab}]") } else { format!(" {tab} ") });
            }
            assert!(lines[0].trim_end().ends_with("LIVE"));
            has(&lines[1..2], "virtual 0.1.0: strip (built in)");
            has(&lines[1..2], "pace 1.00, 0 damaged, 0 repeats");
            has(&lines[lines.len() - 2..], "no alarms");
            has(&lines[lines.len() - 1..], KEYS);
        }
    }
}

#[test]
fn every_page_has_its_words() {
    let page = |page| lines(&on(page), LEAST);
    let scope = page(Page::Scope);
    for part in ["V  ", "±400 V", "I0 ", "±15 A", "Ires", "±6 mA", "2.00 cycles of 50.0000 Hz", "40.00 ms"] {
        has(&scope, part);
    }
    let spectrum = page(Page::Spectrum);
    for part in ["Spectrum of V", "bins of 5.000 Hz", "THD 2.30 %", "   0 dB", "-100 dB", "2000 Hz"] {
        has(&spectrum, part);
    }
    // The fifth: 4.6 V of 230 V.
    let fifth = spectrum.iter().find(|line| line.contains("    5  ")).unwrap();
    let fifth: Vec<f64> = fifth.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    near(fifth[1], 4.6, 1_000.0, 0.0);
    near(fifth[2], 2.0, 0.0, 0.011);
    let phasors = page(Page::Phasors);
    // The numbers stand beside the picture.
    let right: Vec<String> = phasors.iter().map(|line| line.chars().skip(40).collect()).collect();
    near(numbers(&right, "I2").last().copied().unwrap(), -40.0, 0.0, 0.005);
    let energy = page(Page::Energy);
    for part in ["Operation", "EEPROM: blank at the start", "I7 continuous", "resettable"] {
        has(&energy, part);
    }
    let events = page(Page::Events);
    for part in [
        "Board    virtual 0.1.0",
        "Samples  4000 Hz, 16 bits, 10 channels, at a pace of 1.000 s per second",
        "digest ",
        "board virtual 0.1.0 is there",
    ] {
        has(&events, part);
    }
}

/// The picture of the scope has the sine's ends where its closed form has them.
#[test]
fn the_scope_draws_from_the_rising_zero() {
    let mut model = on(Page::Scope);
    model.act(Action::Cycles(-1));
    let lines = lines(&model, LEAST);
    let has_dots = |line: usize, from: usize, to: usize| {
        lines[line].chars().skip(from).take(to - from).any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))
    };
    // The voltage's lane is lines 2 to 7, the picture columns 10 to 79: one cycle. The crest stands at a quarter, above
    // all else; the trough at three quarters.
    assert!(has_dots(2, 22, 34) || has_dots(3, 22, 34));
    assert!(!has_dots(2, 46, 80) && !has_dots(3, 46, 80));
    assert!(has_dots(7, 57, 69) || has_dots(6, 57, 69));
    assert!(!has_dots(7, 10, 43));
}

#[test]
fn alarms_and_a_lost_board_are_told_in_words() {
    let mut model = sample::model().unwrap();
    let notice = hil_link::Notice { frame: 9_000, change: hil_link::residual::Change::Alarm(true) };
    let notices = hil_link::Notices { notices: std::iter::once(notice).collect(), lost: 0, state: 3 };
    model.update(Message::Notices(Box::new(notices)));
    let screen = lines(&model, LEAST);
    has(&screen[22..23], "RESIDUAL ALARM, residual pre-warning");
    has(&screen[22..23], "2.250 s  residual current: ALARM");
    model.update(Message::Lost("the board is lost: its port says: Input/output error (os error 5)".into()));
    let screen = lines(&model, LEAST);
    has(&screen[..1], "NO BOARD");
    has(&screen[1..2], "the board is lost: its port says: ");
    has(&screen[1..2], "looked for it 1x");
    assert!(!screen.join("\n").contains("230."), "old readings must not stand there");
    assert_eq!(model.log.active(), Vec::<String>::new());
    let first: Option<&log::Line> = model.log.lines().next();
    assert!(first.unwrap().text.starts_with("the board went: "));
}

/// However many alarms are on, the gravest stands there whole and no line overlaps another.
#[test]
fn many_alarms_give_way_at_their_end() {
    let mut model = sample::model().unwrap();
    let notices = hil_link::Notices { notices: heapless::Vec::new(), lost: 0, state: 31 };
    model.update(Message::Notices(Box::new(notices)));
    let begun = |kind| hil_link::Event { ended: false, kind, begin_frame: 1, end_frame: 1, half_cycles: 1, extreme: 1 };
    let events = (0..8).map(|n| begun(hil_link::EventKind::Overload(n))).collect();
    model.update(Message::Events(Box::new(hil_link::Events { events, lost: 0 })));
    let screen = lines(&model, LEAST);
    assert!(screen[22].starts_with("RESIDUAL ALARM, residual pre-warning, residual sensor silent, "), "{}", screen[22]);
    assert!(screen[22].trim_end().ends_with('…'), "{}", screen[22]);
    has(&screen[23..], KEYS);
}

#[test]
fn a_silent_board_is_told_until_it_is_heard() {
    let mut model = sample::model().unwrap();
    model.silent_s = 3;
    let screen = lines(&model, LEAST);
    has(&screen[..1], "NO ANSWER");
    has(&screen[1..2], "The board does not answer, the screen shows what it told last     silent for 3 s");
    model.update(Message::Counters(model.counters));
    has(&lines(&model, LEAST)[..1], "LIVE");
}

#[test]
fn a_pause_holds_the_readings_and_nothing_else() {
    let mut model = sample::model().unwrap();
    model.act(Action::Pause);
    let before = lines(&model, LEAST);
    has(&before[..1], "PAUSED");
    has(&before[1..2], "the board and its data go on");
    let silent = datasets::Channels {
        voltage: Some(vec![0; 500]),
        currents: vec![vec![0; 500]; 8],
        residual: Some(vec![0; 500]),
    };
    model.update(Message::Samples(silent));
    assert_eq!(lines(&model, LEAST), before);
    let swell = hil_link::Event {
        ended: false,
        kind: hil_link::EventKind::Swell,
        begin_frame: 4_000,
        end_frame: 4_000,
        half_cycles: 1,
        extreme: 0,
    };
    model.update(Message::Events(Box::new(hil_link::Events { events: std::iter::once(swell).collect(), lost: 0 })));
    has(&lines(&model, LEAST)[22..23], "SWELL");
    model.act(Action::Pause);
    assert_ne!(lines(&model, LEAST)[13..22], before[13..22]);
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    let model = sample::model().unwrap();
    for size in [(60, 20), (79, 24), (80, 23)] {
        let text = lines(&model, size).iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" ");
        assert!(text.contains(&format!("has {}x{} cells", size.0, size.1)), "{text}");
        assert!(text.contains("needs 80x24") && text.contains('q'), "{text}");
    }
    for size in [(1, 1), (5, 3), (0, 0), (300, 2)] {
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal.draw(|frame| draw(frame, &model)).unwrap();
    }
}

/// Whatever a board tells, nothing panics and no number is cut.
#[test]
fn extremes_of_a_hostile_board_are_drawn_whole() {
    for (unsigned, signed) in [(u64::MAX, i64::MAX), (u64::MAX, i64::MIN), (1, -1), (0, 0), (u64::MAX >> 1, i64::MIN)] {
        let current = hil_link::window::Current {
            rms: unsigned,
            fundamental: unsigned,
            dc: signed,
            peak: unsigned,
            no_load: false,
            power: Some(hil_link::window::Powers {
                active: signed,
                fundamental_active: signed,
                reactive: signed,
                phase: signed.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
            }),
        };
        let window = hil_link::Window {
            end_frame: unsigned,
            length_q16: unsigned,
            flags: unsigned as u16,
            frequency: Some(unsigned as u32),
            voltage: Some(hil_link::window::Voltage {
                rms: unsigned,
                fundamental: unsigned,
                dc: signed,
                peak: unsigned,
            }),
            currents: std::iter::repeat_n(Some(current), 8).collect(),
            residual: Some(hil_link::ResidualReading {
                rms: unsigned,
                ac: unsigned,
                total: Some(unsigned),
                dc: signed,
                peak: unsigned,
                kind: hil_link::residual::Kind::PulsatingNegative,
            }),
        };
        let mut model = sample::model().unwrap();
        model.update(Message::Window(Box::new(window)));
        for page in PAGES {
            if model.page != page {
                model.act(Action::Show(page));
            }
            let text = lines(&model, LEAST)[..22].join("\n");
            assert!(!text.contains(['…', '#']) && !text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
}

#[test]
fn nothing_is_shown_of_a_board_that_has_told_nothing() {
    for page in PAGES {
        let mut model = Model::default();
        model.update(Message::Met(Box::new(super::super::model::Met {
            board: "b".into(),
            firmware: "1".into(),
            signal: "s".into(),
            config: signal::strip().unwrap().plan.config,
        })));
        model.act(Action::Show(page));
        for size in SIZES {
            assert!(!lines(&model, size).join("\n").contains("NaN"));
        }
        model.update(Message::Lost("unplugged".into()));
        let text = lines(&model, LEAST).join("\n");
        assert!(!text.contains("NaN") && text.contains("alarms are not known"), "{text}");
    }
}
