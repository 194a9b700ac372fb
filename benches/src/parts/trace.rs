//! How often each instruction was carried out, from the emulator's log.
//!
//! In come lines as they are written, out go counts per address, one set per span between two marks. What is kept is as
//! large as the code that ran, not as the log. This file must not know what the code does.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::ensure;

use crate::emulator::{self, Core};

/// How often the instruction at each address was carried out.
pub type Counts = BTreeMap<u32, u64>;

/// Counts of the spans between marks.
struct Spans {
    /// Address of the first instruction of the mark.
    mark: u32,
    most: usize,
    counts: Vec<Counts>,
    lines: u64,
}

impl Spans {
    fn follow(&mut self, line: &[u8]) -> ControlFlow<()> {
        let Some(address) = address(line) else { return ControlFlow::Continue(()) };
        self.lines += 1;
        if address == self.mark {
            if self.counts.len() == self.most {
                return ControlFlow::Break(());
            }
            self.counts.push(Counts::new());
        }
        if let Some(span) = self.counts.last_mut() {
            *span.entry(address).or_default() += 1;
        }
        ControlFlow::Continue(())
    }
}

/// The address of a line like `Trace 0: 0x7fe1bc000100 [00800408/00000400/00000110/ff020201] Reset`.
fn address(line: &[u8]) -> Option<u32> {
    let line = std::str::from_utf8(line.strip_prefix(b"Trace ")?).ok()?;
    let (_, state) = line.split_once('[')?;
    u32::from_str_radix(state.split('/').nth(1)?, 16).ok()
}

/// Runs an image up to its mark number `spans` + 1; gives the counts from each mark to the next.
///
/// # Errors
/// If there is no emulator, or the image does not get that far.
pub fn trace(core: Core, image: &Path, mark: u32, spans: usize) -> anyhow::Result<Vec<Counts>> {
    let mut found = Spans { mark, most: spans, counts: Vec::new(), lines: 0 };
    let ended = emulator::trace(core, image, |line| found.follow(line));
    ensure!(found.lines > 0, "the emulator's log tells no instruction: {ended:?}");
    ended.map(|()| found.counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_one_address() {
        let line = b"Trace 0: 0x7fe1bc000240 [00800408/0000b138/00000110/ff020201] __pre_init\n";
        assert_eq!(address(line), Some(0xb138));
        // Addresses of 64 bits, as later versions write them.
        assert_eq!(address(b"Trace 0: 0x7f [00/000000000000b138/00/ff] \n"), Some(0xb138));
        for other in [&b"IN: Reset\n"[..], b"Trace 0: 0x7f\n", b"Trace 0: [/xyz/]", b"Trace \xff[/1/", b""] {
            assert_eq!(address(other), None, "{other:?}");
        }
    }

    #[test]
    fn what_lies_before_the_first_mark_is_not_counted() {
        let mut spans = Spans { mark: 0x20, most: 2, counts: Vec::new(), lines: 0 };
        let mut ended = Vec::new();
        for address in [0x10, 0x20, 0x10, 0x10, 0x20, 0x12, 0x20] {
            ended.push(spans.follow(format!("Trace 0: 0x1 [0/{address:08x}/0/0] f\n").as_bytes()).is_break());
        }
        assert_eq!(ended, [false, false, false, false, false, false, true]);
        let first = Counts::from([(0x20, 1), (0x10, 2)]);
        assert_eq!(spans.counts, [first, Counts::from([(0x20, 1), (0x12, 1)])]);
        assert_eq!(spans.lines, 7);
    }
}
