//! A Modbus master in memory.

#[path = "../../../../../metering-core/fuzz/src/modbus.rs"]
pub mod fuzz;

use hil_board::{Port, Received};

use super::Bench;
use fuzz::{ADDRESS, SILENCE_US, crc, frame};

/// A character of 11 bits at 19 200 baud takes 573 microseconds.
pub const CHARACTER_US: u64 = 573;

/// Function, register, number of registers or value.
pub fn message(function: u8, register: u16, count: u16) -> Vec<u8> {
    let mut message = vec![function];
    message.extend(register.to_be_bytes());
    message.extend(count.to_be_bytes());
    message
}

/// To write some registers.
pub fn writing(register: u16, values: &[u16]) -> Vec<u8> {
    let mut message = message(16, register, values.len() as u16);
    message.push(2 * values.len() as u8);
    message.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    message
}

/// Sends a frame to a board and gives what it answers after the silence.
pub fn exchange(bench: &mut Bench, frame: &[u8]) -> Vec<u8> {
    let port = bench.board.platform();
    for &byte in frame {
        port.now_us += CHARACTER_US;
        let at_us = port.now_us;
        port.further[Port::Modbus as usize].down.push_back(Received { byte, at_us });
    }
    for us in [0, SILENCE_US - 1, 1] {
        assert!(bench.board.platform().further[Port::Modbus as usize].up.is_empty(), "the silence has not ended");
        bench.board.platform().now_us += us;
        // More than 64 bytes are taken in several looks.
        for _ in 0..=frame.len() / 64 {
            bench.board.poll().unwrap();
        }
    }
    std::mem::take(&mut bench.board.platform().further[Port::Modbus as usize].up)
}

/// Asks for registers and takes the answer apart.
pub fn read(bench: &mut Bench, function: u8, register: u16, count: u16) -> Vec<u16> {
    let answer = exchange(bench, &frame(ADDRESS, &message(function, register, count)));
    let (body, sum) = answer.split_at(answer.len() - 2);
    assert_eq!(sum, crc(body));
    assert_eq!(body[..3], [ADDRESS, function, 2 * count as u8]);
    body[3..].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

pub fn long(words: &[u16]) -> i32 {
    (i32::from(words[0]) << 16) | i32::from(words[1])
}

/// A sensor's 21 fields.
pub fn fields(bench: &mut Bench, function: u8, first: u16) -> Vec<i32> {
    read(bench, function, first, 42).chunks(2).map(long).collect()
}
