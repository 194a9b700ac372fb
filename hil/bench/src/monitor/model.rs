//! What the screen shows, apart from how it looks.
//!
//! In come messages from the talk with the board and what the user wants, out goes the state that is drawn. This file
//! must not know terminals, threads, clocks or files; readings are kept as the board gave them.

use hil_link::{Config, EnergyState, Events, Notices, Status, Window};

use super::log::Log;
use super::scope::{Kind, Samples};
use crate::spectrum::Spectrum;
use crate::values::Values;
use datasets::Channels;

/// From the talk with the board.
#[derive(Clone, Debug)]
pub enum Message {
    /// A board is there, greeted and configured; everything begins anew.
    Met(Box<Met>),
    /// The board is gone, for this reason; it is looked for.
    Lost(String),
    /// Frames that the board has metered.
    Samples(Channels<Vec<i32>>),
    /// A window that ended.
    Window(Box<Window>),
    /// Events since the last time.
    Events(Box<Events>),
    /// Notices since the last time.
    Notices(Box<Notices>),
    /// The energy registers.
    Energy(Box<EnergyState>),
    /// The counters of board and link.
    Counters(Counters),
}

/// Who the board is and what it meters.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// Name of the board.
    pub board: String,
    /// Version of its firmware.
    pub firmware: String,
    /// What it meters.
    pub signal: String,
    /// Its configuration.
    pub config: Config,
}

/// Counters of board and link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// Those of the board.
    pub status: Status,
    /// Damaged frames that the bench received in this session.
    pub damaged: u32,
    /// Requests sent again.
    pub resent: u32,
    /// Answers that came twice.
    pub stray: u32,
    /// Seconds of samples per second.
    pub pace: f64,
}

/// A page of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Readings and a small scope.
    #[default]
    Readings,
    /// Voltage, a current, the residual current.
    Scope,
    /// Spectrum of one channel.
    Spectrum,
    /// Fundamental of voltage and currents.
    Phasors,
    /// Energy registers.
    Energy,
    /// Events, alarms, the link.
    Events,
    /// The keys.
    Help,
}

impl Page {
    /// Those that have a number, in its order.
    pub const NUMBERED: [Self; 6] =
        [Self::Readings, Self::Scope, Self::Spectrum, Self::Phasors, Self::Energy, Self::Events];

    /// Name on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Readings => "Readings",
            Self::Scope => "Scope",
            Self::Spectrum => "Spectrum",
            Self::Phasors => "Phasors",
            Self::Energy => "Energy",
            Self::Events => "Events",
            Self::Help => "Keys",
        }
    }
}

/// What the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave.
    Quit,
    /// Another page; the one before where it is there already.
    Show(Page),
    /// The page so many further on.
    Turn(i8),
    /// The channel so many further on.
    Channel(i8),
    /// More or fewer cycles on the scope.
    Cycles(i8),
    /// Stop and go on.
    Pause,
}

/// Where the board is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Link {
    /// There.
    #[default]
    Up,
    /// Gone, for this reason; how often it was looked for in vain.
    Lost(String, u32),
}

/// What a pause keeps as it is.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The board.
    pub met: Option<Met>,
    /// The newest window.
    pub window: Option<Window>,
    /// The newest samples.
    pub samples: Samples,
    /// The energy registers.
    pub energy: Option<EnergyState>,
}

impl Shown {
    /// Readings of the newest window.
    pub fn values(&self) -> Values {
        self.window.as_ref().map(Values::from).unwrap_or_default()
    }

    /// Frequency that pictures are cut by: the one read, else the nominal one.
    pub fn hertz(&self) -> f64 {
        let nominal = match self.met.as_ref().map(|met| met.config.nominal) {
            Some(hil_link::Nominal::Hz60) => 60.0,
            _ => 50.0,
        };
        self.values().frequency_hz.filter(|hz| (20.0..200.0).contains(hz)).unwrap_or(nominal)
    }

    /// Spectrum of a channel.
    pub fn spectrum(&self, kind: Kind) -> Option<Spectrum> {
        let (rate_hz, hz) = (self.samples.rate_hz, self.hertz());
        Spectrum::new(&self.samples.channel(kind)?.newest(Spectrum::frames(rate_hz, hz)), rate_hz, hz)
    }
}

/// Everything the screen shows.
#[derive(Clone, Debug)]
pub struct Model {
    /// The page.
    pub page: Page,
    /// Where the board is.
    pub link: Link,
    /// Events and alarms; a pause does not hold them.
    pub log: Log,
    /// Counters; a pause does not hold them.
    pub counters: Counters,
    /// Cycles on the scope, 1 to 10.
    pub cycles: usize,
    /// A word to the user, until the next key.
    pub note: Option<String>,
    /// Seconds since the board was last heard, while it is up.
    pub silent_s: u64,
    /// The user wants to leave.
    pub quit: bool,
    back: Page,
    channel: usize,
    live: Shown,
    frozen: Option<Box<Shown>>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            page: Page::Readings,
            link: Link::Up,
            log: Log::default(),
            counters: Counters::default(),
            cycles: 2,
            note: None,
            silent_s: 0,
            quit: false,
            back: Page::Readings,
            channel: 0,
            live: Shown::default(),
            frozen: None,
        }
    }
}

impl Model {
    /// Takes a message.
    pub fn update(&mut self, message: Message) {
        let rate_hz = self.live.samples.rate_hz;
        self.silent_s = 0;
        match message {
            Message::Met(met) => {
                self.log.restart();
                self.log.note(format!("board {} {} is there", met.board, met.firmware));
                (self.link, self.counters) = (Link::Up, Counters::default());
                self.live = Shown { samples: Samples::new(&met.config), met: Some(*met), ..Shown::default() };
            }
            Message::Lost(reason) => {
                let tries = match &self.link {
                    Link::Up => {
                        self.log.restart();
                        self.log.note(format!("the board went: {reason}"));
                        0
                    }
                    Link::Lost(_, tries) => tries + 1,
                };
                // Old readings must not look like new ones.
                let met = self.live.met.take();
                let samples = met.as_ref().map(|met| Samples::new(&met.config)).unwrap_or_default();
                self.live = Shown { met, samples, ..Shown::default() };
                self.link = Link::Lost(reason, tries);
            }
            Message::Samples(codes) => self.live.samples.push(&codes),
            Message::Window(window) => self.live.window = Some(*window),
            Message::Events(events) => self.log.events(&events, rate_hz),
            Message::Notices(notices) => self.log.notices(&notices, rate_hz),
            Message::Energy(state) => self.live.energy = Some(*state),
            Message::Counters(counters) => self.counters = counters,
        }
    }

    /// Does what the user wants.
    pub fn act(&mut self, action: Action) {
        self.note = None;
        match action {
            Action::Quit => self.quit = true,
            Action::Show(page) if page == self.page => self.page = self.back,
            Action::Show(page) => (self.back, self.page) = (self.page, page),
            Action::Turn(by) => {
                let at = Page::NUMBERED.iter().position(|page| *page == self.page).unwrap_or(0);
                self.page = Page::NUMBERED[moved(at, by, Page::NUMBERED.len())];
            }
            Action::Channel(by) => self.channel = moved(self.channel, by, self.shown().samples.channels().len()),
            Action::Cycles(by) => self.cycles = self.cycles.saturating_add_signed(isize::from(by)).clamp(1, 10),
            Action::Pause => {
                self.frozen = match self.frozen.take() {
                    Some(_) => None,
                    None => Some(Box::new(self.live.clone())),
                };
            }
        }
    }

    /// What is on the screen: what is now, or what was when it was paused.
    pub fn shown(&self) -> &Shown {
        self.frozen.as_deref().unwrap_or(&self.live)
    }

    /// Whether the screen stands still.
    pub fn is_paused(&self) -> bool {
        self.frozen.is_some()
    }

    /// The channel that the user chose.
    pub fn channel(&self) -> Option<Kind> {
        let channels = self.shown().samples.channels();
        channels.get(self.channel).or(channels.first()).map(|kept| kept.kind)
    }

    /// The channels of the scope: the voltage, the current chosen (else the first), the residual current.
    pub fn lanes(&self) -> Vec<Kind> {
        let current = match self.channel() {
            Some(Kind::Current(number)) => number,
            _ => 0,
        };
        let wanted = [Kind::Voltage, Kind::Current(current), Kind::Residual];
        wanted.into_iter().filter(|kind| self.shown().samples.channel(*kind).is_some()).collect()
    }
}

/// So many places further on, around the end.
fn moved(at: usize, by: i8, count: usize) -> usize {
    (at as isize + isize::from(by)).rem_euclid(count.max(1) as isize) as usize
}
