//! A sender as lrzsz has it: invitation, blocks with retries, EOT, the next file.

use std::collections::VecDeque;

use crc::{Crc, CRC_16_XMODEM};

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const CAN: u8 = 0x18;
const EOT: u8 = 0x04;
/// How long the sender waits for an answer, in milliseconds.
const PATIENCE_MS: u32 = 10_000;
const RETRIES: u32 = 10;

/// One block on the line.
pub fn block(number: u8, content: &[u8]) -> Vec<u8> {
    let start = if content.len() == 128 { 1 } else { 2 };
    let crc = Crc::<u16>::new(&CRC_16_XMODEM).checksum(content);
    [&[start, number, !number], content, &crc.to_be_bytes()].concat()
}

/// The content of the block before a file.
pub fn header(name: &str, length: Option<usize>) -> Vec<u8> {
    let length = length.map_or(String::new(), |length| format!("{length} 14727532345 100644"));
    padded(format!("{name}\0{length}").as_bytes(), 128, 0)
}

/// The block after the last file.
pub fn no_header() -> Vec<u8> {
    block(0, &[0; 128])
}

/// The content of one block out of a piece of a file.
pub fn padded(piece: &[u8], size: usize, padding: u8) -> Vec<u8> {
    let mut content = piece.to_vec();
    content.resize(size, padding);
    content
}

/// What the sender waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Invitation,
    Answer,
    Over,
}

/// The messages that are left, each with whether an invitation must come before it.
pub struct Sender {
    messages: VecDeque<(bool, Vec<u8>)>,
    wait: Wait,
    waited: u32,
    retries: u32,
    last: u8,
    pub line: VecDeque<u8>,
}

impl Sender {
    /// A sender of one file, in blocks of 128 or 1024 bytes.
    pub fn new(file: &[u8], announce: bool, size: usize) -> Sender {
        let mut messages = VecDeque::new();
        messages.push_back((true, block(0, &header("file", announce.then_some(file.len())))));
        for (index, piece) in file.chunks(size).enumerate() {
            // As lrzsz: short blocks for what is left, if they are enough.
            let size = if piece.len() <= 128 { 128 } else { size };
            messages.push_back((index == 0, block(index as u8 + 1, &padded(piece, size, 0x1A))));
        }
        messages.push_back((file.is_empty(), vec![EOT]));
        messages.push_back((true, no_header()));
        Sender { messages, wait: Wait::Invitation, waited: 0, retries: 0, last: 0, line: VecDeque::new() }
    }

    fn send(&mut self) {
        self.wait = Wait::Answer;
        self.waited = 0;
        match self.messages.front() {
            Some((_, message)) => self.line.extend(message),
            None => self.wait = Wait::Over,
        }
    }

    fn again(&mut self) {
        self.retries += 1;
        if self.retries > RETRIES {
            self.wait = Wait::Over;
        } else {
            self.send();
        }
    }

    pub fn byte(&mut self, byte: u8) {
        let cancelled = byte == CAN && self.last == CAN;
        self.last = byte;
        match (self.wait, byte) {
            (Wait::Over, _) => {}
            _ if cancelled => self.wait = Wait::Over,
            (Wait::Invitation, b'C' | NAK) => self.send(),
            (Wait::Answer, ACK) => {
                self.messages.pop_front();
                self.retries = 0;
                match self.messages.front() {
                    Some((true, _)) => (self.wait, self.waited) = (Wait::Invitation, 0),
                    _ => self.send(),
                }
            }
            (Wait::Answer, b'C' | NAK) => self.again(),
            _ => {}
        }
    }

    pub fn tick(&mut self, milliseconds: u32) {
        self.waited += milliseconds;
        match self.wait {
            Wait::Invitation if self.waited >= 6 * PATIENCE_MS => self.wait = Wait::Over,
            Wait::Answer if self.waited >= PATIENCE_MS => self.again(),
            _ => {}
        }
    }
}
