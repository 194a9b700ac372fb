//! The device's settings on a board: those in use, those on the chip, and those that an import makes.
//!
//! In come requests, out go answers. This file must not know what a setting means: whoever uses one asks for those in use.
//!
//! An import works on a copy, so nothing is seen of it before it is applied; then it is written as one
//! [`pair`](crate::store::pair) of copies, and a power cut at any byte leaves the old settings or the new ones. They are taken
//! into use by a restart, as a whole.

use core::fmt::Write as _;

use heapless::String;
use hil_link::{LineVerdict, Response, SettingsAnswer, SettingsRequest, SettingsState};
use metering_core::quantity::{Second, WattSecond};

use crate::device::settings::line::{self, Change};
use crate::device::settings::{MAX_BYTES, Settings, VERSION};
use crate::energy::Keeper;
use crate::meter::refusal;
use crate::store::map::SETTINGS;
use crate::store::pair::{Area, Pair, ROOM, Refused};
use crate::store::{self, Chip, Found};
use crate::writer::{Writer, write};

const AREA: Area = Area { copies: SETTINGS, magic: *b"MSET", version: VERSION };

/// An import that has begun.
#[derive(Clone)]
struct Import {
    settings: Settings,
    ignored: u16,
}

/// Where a reset to the factory's settings stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reset {
    /// None goes on.
    None,
    /// One is wanted; a copy that is being written comes first.
    Wanted,
    /// It is being written.
    Writing,
    /// It is made, or could not be.
    Done,
}

/// The settings.
pub(crate) struct Setup {
    pair: Pair,
    found: Found,
    in_use: Settings,
    kept: Settings,
    /// What is being written.
    next: Option<Settings>,
    import: Option<Import>,
    reset: Reset,
}

impl Setup {
    /// Reads the chip. Without settings there that can be read, those of the factory are in use.
    pub(crate) fn open<C: Chip>(chip: &mut C) -> Self {
        let (pair, content) = Pair::open(chip, AREA);
        let kept = content.and_then(|content| Settings::decode(&content.bytes));
        let found = match pair.report().found {
            Found::Restored if kept.is_none() => Found::Corrupt,
            found => found,
        };
        let kept = kept.unwrap_or_default();
        Self { pair, found, in_use: kept.clone(), kept, next: None, import: None, reset: Reset::None }
    }

    /// Those in use.
    pub(crate) const fn in_use(&self) -> &Settings {
        &self.in_use
    }

    /// When the energy registers are saved by those in use.
    pub(crate) fn saving(&self) -> store::Settings {
        let saving = &self.in_use.saving;
        store::Settings {
            interval: Second::from_num(saving.interval_s),
            energy: WattSecond::from_num(u32::from(saving.energy_wh) * 3_600),
            on_interruption: saving.on_interruption,
        }
    }

    /// A restart: those that are kept are in use from now on.
    pub(crate) fn restart(&mut self) {
        self.in_use.clone_from(&self.kept);
    }

    /// Executes a request, all but `Start`.
    pub(crate) fn execute<C: Chip>(
        &mut self,
        request: &SettingsRequest<'_>,
        keeper: &mut Keeper<C>,
        mut now_us: impl FnMut() -> u64,
    ) -> Response {
        match *request {
            SettingsRequest::Export { from } => return Response::Settings(self.export(from)),
            SettingsRequest::Line { text } => {
                return self.line(text).map_or_else(nothing_begun, |it| Response::Settings(SettingsAnswer::Line(it)));
            }
            SettingsRequest::Begin => {
                let settings = self.next.as_ref().unwrap_or(&self.kept).clone();
                self.import = Some(Import { settings, ignored: 0 });
            }
            SettingsRequest::Apply => {
                let Some(import) = &self.import else { return nothing_begun() };
                if self.reset == Reset::Wanted {
                    return Response::Error(refusal("settings", &Refused::Busy));
                }
                if let Err(error) = self.pair.save(keeper.chip(), &import.settings.encode()) {
                    return Response::Error(refusal("settings", &error));
                }
                self.next = self.import.take().map(|import| import.settings);
                self.work(keeper, &mut now_us);
            }
            SettingsRequest::Cancel => self.import = None,
            SettingsRequest::Show | SettingsRequest::Start { .. } => {}
        }
        Response::Settings(SettingsAnswer::State(self.state()))
    }

    /// Makes the factory's settings, whatever an import is about.
    pub(crate) fn factory_reset<C: Chip>(&mut self, keeper: &mut Keeper<C>, mut now_us: impl FnMut() -> u64) {
        (self.reset, self.import) = (Reset::Wanted, None);
        self.work(keeper, &mut now_us);
    }

    /// Takes that a reset is made, or could not be.
    pub(crate) fn take_reset(&mut self) -> bool {
        let is_done = self.reset == Reset::Done;
        if is_done {
            self.reset = Reset::None;
        }
        is_done
    }

    /// Goes on with what is being written.
    pub(crate) fn work<C: Chip>(&mut self, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
        self.drive(keeper, now_us);
        if self.reset == Reset::Wanted && !self.pair.is_busy() {
            let factory = Settings::default();
            match self.pair.save(keeper.chip(), &factory.encode()) {
                Ok(()) => (self.next, self.reset) = (Some(factory), Reset::Writing),
                // A board without a chip has them all the same, until it starts again.
                Err(Refused::Absent) => (self.kept, self.reset) = (factory, Reset::Done),
                Err(_) => self.reset = Reset::Done,
            }
            self.drive(keeper, now_us);
        }
    }

    fn drive<C: Chip>(&mut self, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
        let saves = self.pair.report().saves;
        write(&mut self.pair, Writer::Settings, keeper, now_us);
        if !self.pair.is_busy()
            && let Some(next) = self.next.take()
        {
            if self.pair.report().saves > saves {
                self.kept = next;
            }
            if self.reset == Reset::Writing {
                self.reset = Reset::Done;
            }
        }
    }

    fn line(&mut self, text: &str) -> Option<LineVerdict> {
        let import = self.import.as_mut()?;
        Some(match line::read(text) {
            Ok(Change::Nothing) => LineVerdict::Hidden,
            Ok(change) => {
                change.apply(&mut import.settings);
                LineVerdict::Taken
            }
            Err(ignored) => {
                import.ignored = import.ignored.saturating_add(1);
                let mut reason = String::new();
                // A text longer than the field is cut, which says enough.
                let _cut = write!(reason, "{ignored}");
                LineVerdict::Ignored(reason)
            }
        })
    }

    /// Whole lines of those that are kept, as many as have room.
    fn export(&self, from: u16) -> SettingsAnswer {
        let mut text = String::new();
        let mut next = from;
        for line in line::export(&self.kept, from.into()) {
            if text.len() + line.len() + 1 > text.capacity() {
                return SettingsAnswer::Text { text, next: Some(next) };
            }
            // There is room, see above.
            let _room = text.push_str(&line).and_then(|()| text.push('\n'));
            next = next.saturating_add(1);
        }
        SettingsAnswer::Text { text, next: None }
    }

    fn state(&self) -> SettingsState {
        let report = self.pair.report();
        SettingsState {
            in_use: self.in_use.digest(),
            kept: self.kept.digest(),
            imported: self.import.as_ref().map(|import| import.settings.digest()),
            ignored: self.import.as_ref().map_or(0, |import| import.ignored),
            memory: self.found.into(),
            saved: report.saved,
            pending: report.pending || matches!(self.reset, Reset::Wanted | Reset::Writing),
            saves: report.saves,
            faults: report.faults,
        }
    }
}

fn nothing_begun() -> Response {
    Response::Error(refusal("settings", &"no import has begun"))
}

const _: () = assert!(MAX_BYTES <= ROOM, "a copy has room for all settings");
