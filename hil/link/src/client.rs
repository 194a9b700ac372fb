//! The bench's end: one request at a time, sent again until its answer comes.
//!
//! In come requests, received bytes and the time; out go bytes to send and answers. This file must not know a port or a
//! clock: all times are milliseconds of a clock of the caller's that never goes back.

use crate::ANSWER_MAX;
use crate::decoder::Decoder;
use crate::frame::{Kind, Overflow, encode};
use crate::message::{Request, Response};

/// How long to wait and how often to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Milliseconds from handing over a request to sending it again. Must exceed what the line and the board need for
    /// the longest request, or every request is sent twice.
    pub timeout_ms: u64,
    /// How often a request is sent again before the client gives up.
    pub retries: u32,
}

impl Policy {
    /// Gives up 4 s after the request: one second each for the first and three more times.
    pub const DEFAULT: Self = Self { timeout_ms: 1000, retries: 3 };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What the caller has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// No request is open.
    Idle,
    /// Read from the port, but no longer than until this time, in milliseconds.
    Wait(u64),
    /// The answer is late: send these bytes, then ask again.
    Send(&'a [u8]),
    /// No answer to any attempt. The request is closed; only `Hello` makes sense now.
    GaveUp,
}

/// Why a request could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// The answer to the last one is still to come.
    #[error("a request is still open")]
    Busy,
    /// The request is longer than the client's buffer.
    #[error("the request is longer than the client's buffer")]
    Overflow(#[from] Overflow),
}

/// The answer has a right checksum but cannot be read: the board speaks another protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the board's answer cannot be read")]
pub struct Unreadable;

/// The bench's end of a link. `OUT` is the room for a request, in bytes: at least
/// [`samples_frame`](crate::samples_frame)` + 1`.
#[derive(Clone, Debug)]
pub struct Client<const OUT: usize> {
    policy: Policy,
    /// A zero, then the frame of the open request.
    request: [u8; OUT],
    length: usize,
    /// Number of the open request, or of the next one.
    seq: u16,
    open: Option<Open>,
    decoder: Decoder<ANSWER_MAX>,
    resent: u32,
    stray: u32,
}

/// State of the open request.
#[derive(Clone, Copy, Debug)]
struct Open {
    deadline_ms: u64,
    tries_left: u32,
}

impl<const OUT: usize> Client<OUT> {
    /// A client whose first request has the number `first_seq`. A different one for each session keeps late answers of
    /// the last session apart.
    pub const fn new(first_seq: u16, policy: Policy) -> Self {
        Self {
            policy,
            request: [0; OUT],
            length: 0,
            seq: first_seq,
            open: None,
            decoder: Decoder::new(),
            resent: 0,
            stray: 0,
        }
    }

    /// Opens a request and returns the bytes to send.
    ///
    /// # Errors
    /// [`BeginError`] when another request is open or this one does not fit into the buffer.
    pub fn begin(&mut self, request: &Request<'_>, now_ms: u64) -> Result<&[u8], BeginError> {
        if self.open.is_some() {
            return Err(BeginError::Busy);
        }
        let room = self.request.get_mut(1..).ok_or(Overflow)?;
        self.length = 1 + encode(Kind::Request, self.seq, request, room)?;
        self.open =
            Some(Open { deadline_ms: now_ms.saturating_add(self.policy.timeout_ms), tries_left: self.policy.retries });
        Ok(&self.request[1..self.length])
    }

    /// What to do at this time. Ask after everything received has been handed over.
    pub fn next(&mut self, now_ms: u64) -> Next<'_> {
        match &mut self.open {
            None => Next::Idle,
            Some(open) if now_ms < open.deadline_ms => Next::Wait(open.deadline_ms),
            Some(open) if open.tries_left > 0 => {
                open.tries_left -= 1;
                open.deadline_ms = now_ms.saturating_add(self.policy.timeout_ms);
                self.resent = self.resent.saturating_add(1);
                // With the zero in front: if the end of the last attempt was lost, it must not spoil this one.
                Next::Send(&self.request[..self.length])
            }
            Some(_) => {
                self.close();
                Next::GaveUp
            }
        }
    }

    /// Takes one received byte; `Some` when it completed the answer to the open request.
    pub fn receive(&mut self, byte: u8) -> Option<Result<Response, Unreadable>> {
        let frame = self.decoder.push(byte)?.ok()?;
        if self.open.is_none() || frame.kind != Kind::Response || frame.seq != self.seq {
            self.stray = self.stray.saturating_add(1);
            return None;
        }
        let response = match postcard::take_from_bytes(frame.message) {
            Ok((response, [])) => Ok(response),
            _ => Err(Unreadable),
        };
        self.close();
        Some(response)
    }

    /// Damaged frames received.
    pub const fn damaged(&self) -> u32 {
        self.decoder.damaged()
    }

    /// Requests sent again.
    pub const fn resent(&self) -> u32 {
        self.resent
    }

    /// Frames received that answered no open request: second answers to a request that was sent again.
    pub const fn stray(&self) -> u32 {
        self.stray
    }

    fn close(&mut self) {
        self.open = None;
        self.seq = self.seq.wrapping_add(1);
    }
}
