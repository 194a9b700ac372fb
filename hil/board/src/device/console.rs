//! The console: a terminal on a serial port, for people and for scripts.
//!
//! In come bytes as they are typed, what the device shows, and outcomes; out go bytes and commands. This module must not
//! know ports, chips or the meter: what a command does to them is done by whoever takes it ([`Console::command`]).
//!
//! - [`editor`]: from bytes to a line, with echo; [`command`]: from a line to a command.
//! - [`answer`]: what is shown; [`alarm`]: what is told unasked; [`output`]: what waits on its way out.
//!
//! An answer is lines and a last one `OK.`, or one line that begins with `ERR.`; a line that is blank or a comment has none.
//! What the device tells unasked is a line that begins with `#`, never within an answer; a line that is being typed is
//! typed again behind it. There is no prompt, and no line waits for a reader: what comes while an answer is on its way waits
//! in a bounded place, and what finds no room there is lost, as on any line without handshake.
pub mod alarm;
pub mod answer;
pub mod command;
pub mod editor;
pub mod output;

use core::fmt::{Display, Write as _};

use heapless::{Deque, String};

use alarm::Alarm;
use answer::{Answer, LINE, View};
use command::Command;
use editor::Editor;
use output::Output;

use super::Snapshot;
use super::settings::Settings;
use crate::outlet::Waiting;

/// Most bytes that wait until an answer is out: two lines.
const AHEAD: usize = 256;

/// Most alarms that wait for an answer or for room; more are counted and told.
const ALARMS: usize = 16;

/// What came of a command.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done; nothing is shown.
    Done,
    /// This is to be shown.
    Show(Answer),
    /// It was refused: why.
    Refused(String<160>),
}

impl Outcome {
    /// Refused, for a reason that is cut where it is too long.
    pub fn refused(why: &dyn Display) -> Self {
        let mut text = String::new();
        // What is there says enough.
        let _cut = write!(text, "{why}");
        Self::Refused(text)
    }
}

/// What an answer is made of, held until it is out.
#[derive(Clone, Debug, Default)]
struct Held {
    snapshot: Snapshot,
    in_use: Settings,
    kept: Settings,
}

impl Held {
    fn hold(&mut self, view: &View<'_>) {
        self.snapshot.clone_from(view.snapshot);
        self.in_use.clone_from(view.in_use);
        self.kept.clone_from(view.kept);
    }

    const fn view(&self) -> View<'_> {
        View { snapshot: &self.snapshot, in_use: &self.in_use, kept: &self.kept }
    }
}

/// The console.
#[derive(Debug, Default)]
pub struct Console {
    editor: Editor,
    output: Output,
    ahead: Deque<u8, AHEAD>,
    /// A command that waits to be taken, or for its outcome.
    command: Option<Command>,
    is_taken: bool,
    answer: Option<(Answer, usize)>,
    /// What the device showed when the answer began: all of it is of one window and of the same settings.
    held: Held,
    alarms: Deque<Alarm, ALARMS>,
    lost_alarms: u32,
}

impl Console {
    /// A console at which nothing was typed.
    pub fn new() -> Self {
        Self::default()
    }

    /// A byte was typed. It is looked at by the next [`step`](Self::step); one that finds no room is lost.
    pub fn typed(&mut self, byte: u8) {
        let _lost = self.ahead.push_back(byte);
    }

    /// Something is to be told unasked.
    pub fn alarm(&mut self, alarm: Alarm) {
        if self.alarms.push_back(alarm).is_err() {
            self.alarms_lost(1);
        }
    }

    /// So many that were to be told were lost on their way here.
    pub fn alarms_lost(&mut self, count: u32) {
        self.lost_alarms = self.lost_alarms.saturating_add(count);
    }

    /// Goes on until a command is to be taken, all is said, or there is no room to say more. Tells whether there is a command.
    pub fn step(&mut self, view: &View<'_>) -> bool {
        loop {
            self.say(view);
            if self.command.is_some() {
                return !self.is_taken;
            }
            // An answer first; and a byte that could not be echoed waits.
            if self.answer.is_some() || self.output.room() < editor::MOST_ECHO + LINE {
                return false;
            }
            let Some(byte) = self.ahead.pop_front() else { return false };
            if self.editor.byte(byte, &mut self.output) {
                match command::read(self.editor.line()) {
                    Ok(Command::Nothing) => self.editor.clear(),
                    Ok(command) => (self.command, self.is_taken) = (Some(command), false),
                    Err(why) => self.reply(Outcome::refused(&why)),
                }
            }
        }
    }

    /// Takes the command that is to be done, and the line it was read from. [`reply`](Self::reply) must follow.
    pub fn command(&mut self) -> Option<(Command, &str)> {
        let command = self.command.filter(|_| !self.is_taken)?;
        self.is_taken = true;
        Some((command, self.editor.line()))
    }

    /// What came of the command.
    pub fn reply(&mut self, outcome: Outcome) {
        self.command = None;
        self.editor.clear();
        match outcome {
            Outcome::Done => self.answer = Some((Answer::Nothing, 0)),
            Outcome::Show(answer) => self.answer = Some((answer, 0)),
            // There is room for a line: a byte was taken.
            Outcome::Refused(why) => self.output.line(&format_args!("ERR. {why}")),
        }
    }

    /// Whether there is more to say or to read as soon as there is room.
    pub fn has_more(&self) -> bool {
        let is_free = self.command.is_none();
        self.answer.is_some() || is_free && !(self.alarms.is_empty() && self.lost_alarms == 0 && self.ahead.is_empty())
    }

    /// What waits on its way out.
    pub fn output(&self) -> &[u8] {
        self.output.bytes()
    }

    /// So many bytes of it are out.
    pub fn sent(&mut self, count: usize) {
        self.output.sent(count);
    }

    /// Nobody takes what waits on its way out: it is thrown away, and so is the answer that was going on.
    pub fn hang_up(&mut self) {
        self.output.clear();
        self.answer = None;
    }

    /// Says what is to be said, as far as there is room.
    fn say(&mut self, view: &View<'_>) {
        while self.output.room() >= LINE {
            if let Some((answer, line)) = &mut self.answer {
                if *line == 0 {
                    self.held.hold(view);
                }
                if let Some(text) = answer.line(*line, &self.held.view()) {
                    self.output.line(&text);
                    *line += 1;
                } else {
                    self.output.line(&"OK.");
                    self.answer = None;
                }
                continue;
            }
            // A command that was taken is answered first.
            if self.command.is_some() || (self.alarms.is_empty() && self.lost_alarms == 0) {
                return;
            }
            let typed = self.editor.line();
            if !typed.is_empty() {
                self.output.line(&"");
            }
            if let Some(alarm) = self.alarms.pop_front() {
                self.output.line(&alarm.text(view.in_use));
            } else {
                let lost = core::mem::take(&mut self.lost_alarms);
                self.output.line(&format_args!("#{lost} alarms lost"));
            }
            self.output.write(typed.as_bytes());
        }
    }
}

impl Waiting for Console {
    fn bytes(&self) -> &[u8] {
        self.output()
    }

    fn sent(&mut self, count: usize) {
        self.sent(count);
    }

    fn throw_away(&mut self) {
        self.hang_up();
    }
}
