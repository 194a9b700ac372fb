//! What is typed, by hand and at random, against an editor written here anew.

use super::desk::{Desk, event, snapshot};
use hil_link::EventKind;
use proptest::prelude::*;

#[test]
fn a_line_is_edited() {
    let mut desk = Desk::new();
    desk.typed(b"helo\x08lpp\x7f");
    assert_eq!(desk.shown()[1], "hellp");
    desk.typed(b"\x08\x08\x08\x08\x08\x08\x08help\r\n");
    assert_eq!(desk.done.last().unwrap().1, "help");
    // Up brings it back, down and Ctrl-U take it away, and what was typed before.
    desk.typed(b"residual\x1b[A");
    assert_eq!(desk.shown()[1], "help");
    desk.typed(b"\x1b[B");
    assert_eq!(desk.shown()[1], "");
    desk.typed(b"\x1bOAx\x08");
    assert_eq!(desk.shown()[1], "help");
    desk.typed(b"\x15residual show");
    assert_eq!(desk.shown()[1], "residual show");
    desk.typed(b"\x03");
    assert_eq!(desk.shown(), ["residual show^C".to_owned(), String::new()]);
    assert_eq!(desk.done.len(), 1);
    // A comment or an error is a last line as well; an empty one is none.
    desk.typed(b"nonsense\n\r\n\x1b[A");
    assert_eq!(desk.shown()[1], "nonsense");
    // Keys that this terminal does not know, a lone ESC, and bytes that are no ASCII.
    desk.typed(b"\x15\x1b[3~\x1b[1;5C\x1b[24~\x1bOP\x00\x01\xff\xc3\xa4\t\x1b\x1bhelp");
    assert_eq!(desk.shown()[1], "help");
    // Full: a bell.
    desk.out.clear();
    desk.typed(format!("\x15{}", "x".repeat(130)).as_bytes());
    let full = [vec![b'x'; 120], vec![7; 10]].concat();
    assert!(desk.out.ends_with(&full), "{:?}", desk.out);
}

/// What an editor does, in a simple way: the lines that it ends, and what stands in the last.
fn edited(bytes: &[u8]) -> (Vec<String>, String) {
    let (mut lines, mut line, mut last) = (vec![], String::new(), String::new());
    let mut rest = bytes;
    let mut after_return = false;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let was_return = std::mem::take(&mut after_return);
        match byte {
            b' '..=b'~' if line.len() < 120 => line.push(byte.into()),
            8 | 0x7f => drop(line.pop()),
            0x15 | 3 => line.clear(),
            b'\n' if was_return => {}
            b'\r' | b'\n' => {
                after_return = byte == b'\r';
                if !line.is_empty() {
                    last.clone_from(&line);
                }
                lines.push(std::mem::take(&mut line));
            }
            0x1b => {
                let arrow = |key: u8, line: &mut String| match key {
                    b'A' => line.clone_from(&last),
                    b'B' => line.clear(),
                    _ => {}
                };
                match rest {
                    [b'O', key, more @ ..] => {
                        arrow(*key, &mut line);
                        rest = more;
                    }
                    [b'O'] => rest = &[],
                    [b'[', more @ ..] => {
                        let length = more.iter().take_while(|&&one| (b' '..=b'?').contains(&one)).count().min(16);
                        match more.get(length) {
                            Some(&key) if (b'@'..=b'~').contains(&key) => {
                                if length == 0 {
                                    arrow(key, &mut line);
                                }
                                rest = &more[length + 1..];
                            }
                            // No sequence: what broke it is a byte as any other.
                            Some(_) => rest = &more[length..],
                            None => rest = &[],
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    (lines, line)
}

/// Bytes as people, scripts and noise give them.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "linesensor 1 all show", "portsensor all \"0,1,2\" show", "residual show", "settings show", "settings apply",
            "system fabsettings", "help", "energy reset", "portsensor 3 label set \"Rack\"", "\r", "\r\n", "\n", "\x1b[A",
            "\x1b[B", "\x1bOA", "\x1b[1;5C", "\x1b", "\x1b[", "\x08", "\x7f", "\x03", "\x15", "\"", "#", " ", "all", "show",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..6),
        1 => prop::collection::vec(b' '..=b'~', 0..140),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in any_bytes(), takes in 1_usize..40, alarms in prop::collection::vec(0_usize..600, 0..4)) {
        let mut desk = Desk::new();
        desk.takes = takes;
        desk.snapshot = snapshot();
        for (n, &byte) in bytes.iter().enumerate() {
            if alarms.contains(&n) {
                desk.console.alarm(event(true, EventKind::Dip, 100.0));
            }
            desk.console.typed(byte);
            desk.settle();
        }
        let (lines, typed) = edited(&bytes);
        // Each line that was ended and is a command was taken as it stands, in order.
        let mut ended = lines.iter();
        for (_, line) in &desk.done {
            prop_assert!(ended.any(|one| one == line), "{:?} of {:?}", line, lines);
        }
        // Nothing but text, line ends and the few controls of an editor goes out.
        let is_sound = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | 7 | 8 | 0x1b);
        prop_assert!(desk.out.iter().all(is_sound));
        // The terminal shows what is typed, as far as it fits a row.
        let shown = desk.shown()[1].clone();
        prop_assert!(shown.trim_end() == typed.trim_end(), "{:?} is shown, {:?} is typed", shown, typed);
        // And whatever was before, this is obeyed.
        desk.takes = usize::MAX;
        desk.typed(b"x\x03");
        prop_assert_eq!(desk.ask("residual rated set 100"), vec!["OK.".to_owned()]);
    }
}
