//! The board's end of the link: any bytes, in any pieces, damaged frames and frames of right checksum around any message.

use arbitrary::{Arbitrary, Result, Unstructured};
use hil_link::compressed::Decompressor;
use hil_link::{ANSWER_MAX, Decoder, Frame, Kind, Request, Response, Server, encode};
use serde::ser::{Serialize, SerializeTuple, Serializer};

const ROOM: usize = 1_200;

/// Bytes that are written as they are, without their number.
struct Plain<'a>(&'a [u8]);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        let mut out = out.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|byte| out.serialize_element(byte))?;
        out.end()
    }
}

#[derive(Arbitrary)]
enum Piece<'a> {
    /// As it comes.
    Raw(&'a [u8]),
    /// A frame whose checksum is right.
    Wrapped {
        request: bool,
        seq: u8,
        message: &'a [u8],
    },
    Hello {
        seq: u8,
    },
    Samples {
        seq: u8,
        first_frame: u64,
        data: &'a [u8],
    },
    Compressed {
        seq: u8,
        channels: u8,
        is_wide: bool,
        data: &'a [u8],
    },
}

/// Survives all bytes; what is answered is a frame that a decoder reads; the cut into pieces makes no difference.
pub fn frames(bytes: &[u8]) {
    let _ended = run(&mut Unstructured::new(bytes));
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let cut = usize::from(u.int_in_range(1..=255u8)?);
    let mut line = vec![];
    while !u.is_empty() && line.len() < 20_000 {
        let mut frame = vec![0; 70_000];
        let end = match u.arbitrary()? {
            Piece::Raw(raw) => {
                line.extend_from_slice(raw);
                continue;
            }
            Piece::Wrapped { request, seq, message } => {
                let kind = if request { Kind::Request } else { Kind::Response };
                encode(kind, seq.into(), &Plain(message), &mut frame)
            }
            Piece::Hello { seq } => {
                let hello = Request::Hello { version: hil_link::PROTOCOL_VERSION };
                encode(Kind::Request, seq.into(), &hello, &mut frame)
            }
            Piece::Samples { seq, first_frame, data } => {
                encode(Kind::Request, seq.into(), &Request::Samples { first_frame, data }, &mut frame)
            }
            Piece::Compressed { seq, channels, is_wide, data } => {
                let frames = decompress(data, usize::from(channels % 12), if is_wide { 3 } else { 2 });
                encode(Kind::Request, seq.into(), &Request::Compressed { first_frame: 0, frames, data }, &mut frame)
            }
        };
        line.extend_from_slice(&frame[..end.expect("there is room for the longest frame")]);
    }

    let mut one = Board::new();
    for &byte in &line {
        if let Some(Ok(frame)) = one.decoder.push(byte) {
            one.end.serve(&frame);
        }
    }
    let mut other = Board::new();
    for mut piece in line.chunks(cut) {
        while !piece.is_empty() {
            let (taken, frame) = other.decoder.push_slice(piece);
            assert!(taken > 0 && taken <= piece.len());
            piece = &piece[taken..];
            if let Some(Ok(frame)) = frame {
                other.end.serve(&frame);
            }
        }
    }
    assert_eq!(one.end.log, other.end.log);
    assert_eq!(one.decoder.damaged(), other.decoder.damaged());
    Ok(())
}

/// How many frames the bytes hold. Each code fits its width, and takes a bit at least.
fn decompress(data: &[u8], channels: usize, code_bytes: usize) -> u32 {
    let Ok(mut decompressor) = Decompressor::new(data, channels, code_bytes) else { return 0 };
    let end = 1_i32 << (8 * code_bytes - 1);
    let (mut codes, mut frames) = (0, 0);
    let mut each = |code| {
        assert!((-end..end).contains(&code));
        codes += 1;
    };
    while channels > 0 && decompressor.frame(&mut each).is_ok() {
        frames += 1;
    }
    assert!(codes <= 8 * data.len());
    frames
}

struct Board {
    decoder: Decoder<ROOM>,
    end: End,
}

struct End {
    server: Server,
    executed: u32,
    log: Vec<(u16, u32, usize)>,
}

impl Board {
    fn new() -> Self {
        Self { decoder: Decoder::new(), end: End { server: Server::new(), executed: 0, log: vec![] } }
    }
}

impl End {
    fn serve(&mut self, frame: &Frame<'_>) {
        let executed = &mut self.executed;
        let answer = self.server.serve(frame, |_request| {
            *executed += 1;
            Response::Configured
        });
        assert_eq!(answer.is_some(), frame.kind == Kind::Request);
        let Some(answer) = answer else { return };
        // One that is sent again has a zero in front.
        let answer = answer.strip_prefix(&[0]).unwrap_or(answer);
        let (last, inside) = answer.split_last().expect("an answer has bytes");
        assert!(*last == 0 && !inside.contains(&0) && answer.len() <= ANSWER_MAX);
        let mut decoder = Decoder::<ANSWER_MAX>::new();
        for &byte in inside {
            assert!(decoder.push(byte).is_none());
        }
        let read = decoder.push(0).expect("a zero ends the frame").expect("the answer is whole");
        assert!(read.kind == Kind::Response && read.seq == frame.seq);
        self.log.push((frame.seq, self.executed, answer.len()));
    }
}
