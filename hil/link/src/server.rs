//! The board's end: each request is executed once, however often its frame comes.
//!
//! In come frames, out goes the answer as a frame. What a request does is the caller's, as a closure; this file must not
//! know meters or ports.

use crate::frame::{Frame, Kind, encode};
use crate::message::{Error, Request, Response};
use crate::{ANSWER_MAX, PROTOCOL_VERSION};

/// The last request's number and the answer to it.
#[derive(Clone, Debug)]
pub struct Server {
    /// `None` before the first `Hello` of the right version.
    last: Option<u16>,
    /// A zero, then the frame.
    answer: [u8; 1 + ANSWER_MAX],
    length: usize,
    /// Answer to a request out of order, at most 13 bytes.
    refusal: [u8; 16],
}

impl Server {
    /// A server that waits for its first `Hello`.
    pub const fn new() -> Self {
        Self { last: None, answer: [0; 1 + ANSWER_MAX], length: 0, refusal: [0; 16] }
    }

    /// Takes a frame and returns the frame to send, `None` when it was no request.
    ///
    /// A request with the number of the last one is not executed: its answer is sent again. One with the number after
    /// it is executed; any other is refused. `Hello` is always executed: its number is the first of a new session.
    pub fn serve(&mut self, frame: &Frame<'_>, execute: impl FnOnce(&Request<'_>) -> Response) -> Option<&[u8]> {
        if frame.kind != Kind::Request {
            return None;
        }
        let seq = frame.seq;
        let response = match (read(frame.message), self.last) {
            (Some(Request::Hello { version }), _) if version != PROTOCOL_VERSION => {
                self.last = None;
                Response::Error(Error::Version { board: PROTOCOL_VERSION })
            }
            (Some(hello @ Request::Hello { .. }), _) => {
                self.last = Some(seq);
                execute(&hello)
            }
            (_, None) => Response::Error(Error::NoHello),
            // With the zero in front: if the end of the first answer was lost, it must not spoil this one.
            (_, Some(last)) if seq == last => return Some(&self.answer[..self.length]),
            (request, Some(last)) if seq == last.wrapping_add(1) => {
                self.last = Some(seq);
                request.map_or(Response::Error(Error::Unknown), |request| execute(&request))
            }
            (_, Some(last)) => {
                // Kept apart: the last request may still be asked for again.
                let response = Response::Error(Error::Sequence { expected: last.wrapping_add(1) });
                return encode(Kind::Response, seq, &response, &mut self.refusal).ok().map(|end| &self.refusal[..end]);
            }
        };
        // Cannot fail: `ANSWER_MAX` holds the longest answer (tests/golden/longest.rs).
        self.length = 1 + encode(Kind::Response, seq, &response, &mut self.answer[1..]).unwrap_or(0);
        Some(&self.answer[1..self.length])
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a message. Bytes behind it are allowed only in a `Hello`, which a later version may make longer.
fn read(message: &[u8]) -> Option<Request<'_>> {
    match postcard::take_from_bytes(message) {
        Ok((request, [])) => Some(request),
        Ok((hello @ Request::Hello { .. }, _)) => Some(hello),
        _ => None,
    }
}
