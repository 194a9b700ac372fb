//! The way of a request to the board and of its answer back, over a port that may be bad or gone.
//!
//! In come requests, out go answers or one sentence why there is none. The rules of waiting and repeating stand in
//! `hil-link`; here are the port and the clock that it was not given. This file must not know what requests mean.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail, ensure};
use hil_link::{Client, Next, Policy, Request, Response, samples_frame};

use super::Terms;
use crate::board::{Board, Killer, Ports};
use crate::terminal::say;

/// Most bytes of samples the bench puts into a request, whatever the board would take.
const MAX_DATA: usize = 4096;

/// How often a port that is gone is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// How long the user's wish to stop, or a board that has ended, may go unnoticed.
const NOTICE: Duration = Duration::from_millis(50);

/// How long a line may take no byte.
const DEAF: Duration = Duration::from_secs(4);

/// A port, and the client whose requests go over it.
pub(super) struct Line {
    board: Board,
    client: Box<Client<{ samples_frame(MAX_DATA) + 1 }>>,
    start: Instant,
    /// Bytes received, right or wrong.
    received: u64,
    is_greeted: bool,
    terms: Terms,
    /// When the port failed for the first time in the present request.
    failed_at: Option<Instant>,
}

impl Line {
    pub(super) fn new(board: Board, terms: Terms) -> Self {
        // Another first number each time, so that a late answer to an earlier session is told apart.
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let policy = Policy::at(board.baud());
        Self {
            board,
            client: Box::new(Client::new(seed as u16, policy)),
            start: Instant::now(),
            received: 0,
            is_greeted: false,
            terms,
            failed_at: None,
        }
    }

    /// The board has answered; from now on it is lost when it is silent.
    pub(super) fn greeted(&mut self) {
        self.is_greeted = true;
    }

    pub(super) fn killer(&self) -> Option<Killer> {
        self.board.killer()
    }

    pub(super) fn ports(&self) -> Option<&Ports> {
        self.board.ports()
    }

    pub(super) fn client(&self) -> &Client<{ samples_frame(MAX_DATA) + 1 }> {
        &self.client
    }

    /// Most bytes of samples in a request.
    pub(super) fn data(&self) -> usize {
        self.client.policy().data(MAX_DATA)
    }

    /// Asks the board, again where the line is bad. A port that was gone and is back makes no difference to the board, as
    /// long as it was not restarted.
    pub(super) fn ask(&mut self, request: &Request<'_>) -> Result<Response> {
        ensure!(!self.is_stopped(), "interrupted");
        self.failed_at = None;
        let now = self.now();
        let bytes = self.client.begin(request, now).map_err(|error| anyhow!("{error}"))?;
        if let Err(error) = send(&mut self.board, &self.terms.stop, bytes) {
            self.look_for(&error)?;
        }
        loop {
            ensure!(!self.is_stopped(), "interrupted");
            let now = self.now();
            let wait = match self.client.next(now) {
                Next::Wait(until) => Duration::from_millis(until.saturating_sub(now)).min(NOTICE),
                Next::Idle => NOTICE,
                Next::Send(bytes) => {
                    if let Err(error) = send(&mut self.board, &self.terms.stop, bytes) {
                        self.look_for(&error)?;
                    }
                    continue;
                }
                Next::GaveUp => bail!(self.silent()),
            };
            if let Some(answer) = self.listen(wait)? {
                return Ok(answer);
            }
        }
    }

    /// Takes what has come; the answer, if it is whole.
    fn listen(&mut self, wait: Duration) -> Result<Option<Response>> {
        let mut buffer = [0; 512];
        let count = match self.board.read(&mut buffer, wait) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => 0,
            Err(error) => {
                self.look_for(&error)?;
                return Ok(None);
            }
        };
        self.received += count as u64;
        let now = self.now();
        for &byte in &buffer[..count] {
            if let Some(answer) = self.client.receive(byte, now) {
                return answer.map(Some).map_err(|error| anyhow!("{error}: another version of the protocol?"));
            }
        }
        if count == 0
            && let Some(gone) = self.board.gone()
        {
            bail!("the board is lost: {gone}");
        }
        Ok(None)
    }

    /// The port fails: waits until it is there again and takes it up, where that can be. All failures of a request share
    /// one patience, so that one that comes back and fails again is not waited for without an end.
    fn look_for(&mut self, error: &io::Error) -> Result<()> {
        if error.kind() == ErrorKind::TimedOut {
            // It is there: to open it again helps nobody.
            bail!("the board is lost: its port has taken no byte for {} s", DEAF.as_secs());
        }
        let may_return = self.board.let_go();
        if !may_return || self.terms.patience.is_zero() {
            // The emulator's end closes a moment before its process can be seen to have ended.
            std::thread::sleep(Duration::from_millis(100));
            let why = self.board.gone().unwrap_or_else(|| format!("its port says: {error}"));
            bail!("the board is lost: {why}");
        }
        let begun = Instant::now();
        let failed_at = *self.failed_at.get_or_insert(begun);
        let (port, patience) = (self.board.port().to_owned(), self.terms.patience);
        ensure!(
            failed_at.elapsed() < patience,
            "the board is lost: its port has come back and failed again for {} s ({error})",
            patience.as_secs_f64()
        );
        let left = patience.saturating_sub(failed_at.elapsed()).as_secs_f64();
        say(&format!("port {port} is gone ({error}); waiting {left:.1} s for it to come back"));
        loop {
            ensure!(!self.is_stopped(), "interrupted");
            // Before the first try as well: what has just failed is seldom right at once.
            std::thread::sleep(LOOK);
            match self.board.reopen() {
                Ok(()) => break,
                Err(why) if failed_at.elapsed() >= patience => {
                    bail!("the board is lost: its port has not come back within {} s ({why})", patience.as_secs_f64())
                }
                Err(_) => {}
            }
        }
        say(&format!("port {port} is back after {:.1} s", begun.elapsed().as_secs_f64()));
        self.client.reconnected();
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.terms.stop.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn silent(&self) -> String {
        let baud = self.board.baud();
        if self.received == 0 {
            format!("the board does not answer (nothing received at {baud} baud): is it powered and is this its port?")
        } else if !self.is_greeted {
            format!(
                "the board does not answer: {} bytes received at {baud} baud, none of them an answer; does the \
                 baud rate fit (--baud), and is this its port?",
                self.received
            )
        } else {
            "the board is lost: it has stopped answering".into()
        }
    }
}

/// Writes all bytes, however slow the line; `TimedOut` when not one is taken for four seconds. Leaves off when `stop` is set.
fn send(board: &mut Board, stop: &AtomicBool, mut bytes: &[u8]) -> io::Result<()> {
    let mut moved = Instant::now();
    while !bytes.is_empty() && !stop.load(Ordering::Relaxed) {
        match board.write(bytes) {
            Ok(count @ 1..) => (bytes, moved) = (&bytes[count..], Instant::now()),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::TimedOut && moved.elapsed() < DEAF => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
