//! The bench's end: one request at a time, sent again until its answer comes.
//!
//! In come requests, received bytes and the time; out go bytes to send and answers. This file must not know a port or a
//! clock: all times are milliseconds of a clock of the caller's that never goes back.
//!
//! An answer that does not come is asked for again when the wait of `policy` is over; one whose bytes are coming is
//! waited for, however slow the line; one that came damaged is asked for at once, the first time.

use crate::ANSWER_MAX;
use crate::decoder::Decoder;
use crate::frame::{CHECKSUM, HEADER, Kind, Overflow, encode};
use crate::message::{Request, Response};
use crate::policy::{AnswerTimes, Policy};

/// Bytes that a port may collect before it hands them over: a pause as long as these is none.
const COLLECTED: usize = 16;

/// What the caller has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// No request is open.
    Idle,
    /// Read from the port, but no longer than until this time, in milliseconds.
    Wait(u64),
    /// The answer is late or came damaged: send these bytes, then ask again.
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
    times: AnswerTimes,
    decoder: Decoder<ANSWER_MAX>,
    resent: u32,
    stray: u32,
}

/// State of the open request.
#[derive(Clone, Copy, Debug)]
struct Open {
    begun_ms: u64,
    /// Time of its frame on the line.
    line_ms: u64,
    /// When it is sent again; bytes that come put it off, but not beyond `latest_ms`.
    deadline_ms: u64,
    latest_ms: u64,
    /// The allowance of the next attempt.
    pause_ms: u64,
    /// What is left of the patience.
    left_ms: u64,
    is_resent: bool,
    /// A damaged frame came since the last attempt: what comes behind it need not be the answer.
    is_damaged: bool,
    /// Nothing is waited for any more.
    is_due: bool,
}

impl Open {
    /// An attempt is made now.
    fn attempt(&mut self, policy: &Policy, now_ms: u64) {
        let pause_ms = self.pause_ms.min(self.left_ms);
        self.left_ms -= pause_ms;
        self.deadline_ms = now_ms.saturating_add(self.line_ms + pause_ms);
        self.latest_ms = self.deadline_ms.saturating_add(policy.line_ms(ANSWER_MAX));
        (self.is_damaged, self.is_due) = (false, false);
    }
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
            times: AnswerTimes::new(&policy),
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
        let mut open = Open {
            begun_ms: now_ms,
            line_ms: self.policy.line_ms(self.length - 1),
            deadline_ms: now_ms,
            latest_ms: now_ms,
            pause_ms: self.times.allowance_ms(),
            left_ms: self.policy.patience_ms,
            is_resent: false,
            is_damaged: false,
            is_due: false,
        };
        open.attempt(&self.policy, now_ms);
        self.open = Some(open);
        Ok(&self.request[1..self.length])
    }

    /// What to do at this time. Ask after everything received has been handed over.
    pub fn next(&mut self, now_ms: u64) -> Next<'_> {
        let policy = &self.policy;
        match &mut self.open {
            None => Next::Idle,
            Some(open) if now_ms < open.deadline_ms && !open.is_due => Next::Wait(open.deadline_ms),
            Some(open) if open.left_ms > 0 || open.is_due => {
                // What is asked for at once was not waited for: that wait is still to come.
                if !open.is_due {
                    open.pause_ms = open.pause_ms.saturating_mul(2).min(policy.pause_ms.max(open.pause_ms));
                }
                open.is_resent = true;
                open.attempt(policy, now_ms);
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
    pub fn receive(&mut self, byte: u8, now_ms: u64) -> Option<Result<Response, Unreadable>> {
        if let Some(open) = &mut self.open
            && !open.is_damaged
        {
            let quiet_ms = self.times.allowance_ms() + self.policy.line_ms(COLLECTED);
            let put_off = now_ms.saturating_add(quiet_ms).min(open.latest_ms);
            open.deadline_ms = open.deadline_ms.max(put_off);
        }
        let frame = match (self.decoder.push(byte)?, &mut self.open) {
            (Ok(frame), _) => frame,
            (Err(_), open) => {
                if let Some(open) = open {
                    // Once: what is left of a line full of noise is not filled with requests.
                    (open.is_damaged, open.is_due) = (true, !open.is_resent);
                }
                return None;
            }
        };
        let Some(open) = self.open.filter(|_| frame.kind == Kind::Response && frame.seq == self.seq) else {
            self.stray = self.stray.saturating_add(1);
            return None;
        };
        // With the two bytes that stuffing adds to a short one; a long one has a few more.
        let line_ms = open.line_ms + self.policy.line_ms(HEADER + frame.message.len() + CHECKSUM + 2);
        self.times.note(now_ms.saturating_sub(open.begun_ms).saturating_sub(line_ms), &self.policy);
        let response = match postcard::take_from_bytes(frame.message) {
            Ok((response, [])) => Ok(response),
            _ => Err(Unreadable),
        };
        self.close();
        Some(response)
    }

    /// The policy that it was made with.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The line was gone and is there again: an open request is sent at once, with all of the patience, and what came of an
    /// answer is dropped. How often a line may come back within a request is the caller's to bound.
    pub fn reconnected(&mut self) {
        let _part = self.decoder.push(0);
        if let Some(open) = &mut self.open {
            (open.left_ms, open.is_due) = (self.policy.patience_ms, true);
        }
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
