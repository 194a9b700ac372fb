//! A terminal at a board's console, in memory.

use hil_board::{Port, Received};
use hil_link::Request;

use super::Bench;

impl Bench {
    /// Puts bytes on the console's port.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        let port = self.board.platform();
        let at_us = port.now_us;
        port.further[Port::Console as usize].down.extend(bytes.iter().map(|&byte| Received { byte, at_us }));
    }

    /// What the console has sent since the last time.
    pub fn heard(&mut self) -> String {
        self.board.poll().unwrap();
        String::from_utf8(std::mem::take(&mut self.board.platform().further[Port::Console as usize].up)).unwrap()
    }

    /// Types a line; what it is answered, without echo, up to and with `OK.` or the error, and without what is told unasked.
    pub fn type_line(&mut self, line: &str) -> Vec<String> {
        self.type_bytes(format!("{line}\r").as_bytes());
        let mut text = String::new();
        for _ in 0..500 {
            text += &self.heard();
            if let Some((_, answer)) = text.rsplit_once(&format!("{line}\r\n"))
                && answer.ends_with("\r\n")
            {
                let answer: Vec<&str> = answer.lines().filter(|line| !line.starts_with('#')).collect();
                if answer.last().is_some_and(|last| *last == "OK." || last.starts_with("ERR.")) {
                    return answer.into_iter().map(ToOwned::to_owned).collect();
                }
            }
            // What waits for the chip goes on with each request.
            self.ask(&Request::Status);
        }
        panic!("{line:?} is not answered: {text:?}")
    }
}
