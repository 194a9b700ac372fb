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

use crate::device::settings::line::{self, Change, Ignored};
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

/// What became of settings that were to be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// They are kept.
    Kept,
    /// The chip does not take them; those before are kept.
    Not,
}

/// Where an import stands that somebody waits for to be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apply {
    /// Nobody waits.
    None,
    /// It is to be written as soon as the chip is free.
    Wanted,
    /// It is being written.
    Writing,
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
    /// It is made (`true`), or could not be.
    Done(bool),
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
    apply: Apply,
    /// What became of it.
    written: Option<Written>,
}

impl Setup {
    /// Reads the chip. Without settings there that can be read, those of the factory are in use.
    pub(crate) fn open<C: Chip>(chip: &mut C) -> Self {
        let (pair, content) = Pair::open(chip, AREA);
        let kept = content.and_then(|content| Settings::decode(content.version, &content.bytes));
        let found = match pair.report().found {
            Found::Restored if kept.is_none() => Found::Corrupt,
            found => found,
        };
        let kept = kept.unwrap_or_default();
        Self {
            pair,
            found,
            in_use: kept.clone(),
            kept,
            next: None,
            import: None,
            reset: Reset::None,
            apply: Apply::None,
            written: None,
        }
    }

    /// Those in use.
    pub(crate) const fn in_use(&self) -> &Settings {
        &self.in_use
    }

    /// Those that are kept.
    pub(crate) const fn kept(&self) -> &Settings {
        &self.kept
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
                self.import = None;
                self.begin();
            }
            SettingsRequest::Apply => {
                if self.import.is_none() {
                    return nothing_begun();
                }
                if self.reset == Reset::Wanted {
                    return Response::Error(refusal("settings", &Refused::Busy));
                }
                if let Err(error) = self.write(keeper) {
                    return Response::Error(refusal("settings", &error));
                }
                self.work(keeper, &mut now_us);
            }
            SettingsRequest::Cancel => self.cancel(),
            SettingsRequest::Show | SettingsRequest::Start { .. } => {}
        }
        Response::Settings(SettingsAnswer::State(self.state()))
    }

    /// Changes one setting of the import; begins one where there is none.
    ///
    /// # Errors
    /// Why the line is none that does.
    pub(crate) fn change(&mut self, text: &str) -> Result<(), Ignored> {
        line::read(text)?.apply(self.begin());
        Ok(())
    }

    /// Forgets the import.
    pub(crate) fn cancel(&mut self) {
        self.import = None;
    }

    /// Wants the import to be kept as soon as there is [`work`](Self::work); tells whether there is one.
    /// [`take_written`](Self::take_written) tells the end.
    pub(crate) fn want_apply(&mut self) -> bool {
        let is_there = self.import.is_some();
        if is_there {
            self.apply = Apply::Wanted;
        }
        is_there
    }

    /// Takes what became of an import that was wanted to be kept.
    pub(crate) fn take_written(&mut self) -> Option<Written> {
        self.written.take()
    }

    /// What an import has made so far; `None`: none has begun.
    pub(crate) fn imported(&self) -> Option<&Settings> {
        self.import.as_ref().map(|import| &import.settings)
    }

    /// Whether there is work for the chip.
    pub(crate) fn is_busy(&self) -> bool {
        self.pair.is_busy() || self.apply == Apply::Wanted || self.reset == Reset::Wanted
    }

    /// The settings of the import; those that are kept where none had begun.
    fn begin(&mut self) -> &mut Settings {
        let kept = self.next.as_ref().unwrap_or(&self.kept);
        &mut self.import.get_or_insert_with(|| Import { settings: kept.clone(), ignored: 0 }).settings
    }

    /// Begins to write the import.
    fn write<C: Chip>(&mut self, keeper: &mut Keeper<C>) -> Result<(), Refused> {
        let Some(import) = &self.import else { return Ok(()) };
        self.pair.save(keeper.chip(), &import.settings.encode())?;
        self.next = self.import.take().map(|import| import.settings);
        Ok(())
    }

    /// Makes the factory's settings, whatever an import is about.
    pub(crate) fn factory_reset<C: Chip>(&mut self, keeper: &mut Keeper<C>, mut now_us: impl FnMut() -> u64) {
        self.reset = Reset::Wanted;
        self.cancel();
        self.work(keeper, &mut now_us);
    }

    /// Takes that a reset is made (`true`), or could not be; `None`: none has ended.
    pub(crate) fn take_reset(&mut self) -> Option<bool> {
        let Reset::Done(is_made) = self.reset else { return None };
        self.reset = Reset::None;
        Some(is_made)
    }

    /// Goes on with what is being written.
    pub(crate) fn work<C: Chip>(&mut self, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
        self.drive(keeper, now_us);
        if self.reset == Reset::Wanted && !self.pair.is_busy() {
            let factory = Settings::default();
            match self.pair.save(keeper.chip(), &factory.encode()) {
                Ok(()) => (self.next, self.reset) = (Some(factory), Reset::Writing),
                // A board without a chip has them all the same, until it starts again.
                Err(Refused::Absent) => (self.kept, self.reset) = (factory, Reset::Done(true)),
                Err(_) => self.reset = Reset::Done(false),
            }
            self.drive(keeper, now_us);
        }
        if self.apply == Apply::Wanted && !self.pair.is_busy() {
            // It may have been forgotten, or applied by somebody else.
            if self.import.is_some() && self.write(keeper).is_ok() {
                self.apply = Apply::Writing;
                self.drive(keeper, now_us);
            } else {
                (self.apply, self.written) = (Apply::None, Some(Written::Not));
            }
        }
    }

    fn drive<C: Chip>(&mut self, keeper: &mut Keeper<C>, now_us: &mut dyn FnMut() -> u64) {
        let saves = self.pair.report().saves;
        write(&mut self.pair, Writer::Settings, keeper, now_us);
        if !self.pair.is_busy()
            && let Some(next) = self.next.take()
        {
            let is_kept = self.pair.report().saves > saves;
            if is_kept {
                self.kept = next;
            }
            if self.reset == Reset::Writing {
                self.reset = Reset::Done(is_kept);
            } else if self.apply == Apply::Writing {
                let written = if is_kept { Written::Kept } else { Written::Not };
                (self.apply, self.written) = (Apply::None, Some(written));
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

    /// How they stand.
    pub(crate) fn state(&self) -> SettingsState {
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
