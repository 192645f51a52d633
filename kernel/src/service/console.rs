//! The console: the serial line, which the others share.
//!
//! Who reads gets what is typed; a later reader ends the reading of the one before. While a program has the line, a key
//! takes it away, or a break.

use super::{answer, message};
use crate::capability::Slot;
use crate::context::Context;
use crate::machine::{Fault, Machine};
use crate::message::{Event, Message};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Error, ErrorKind, Read, Write};
use heapless::{Deque, Vec};

/// Call: for typed bytes, at most as many as the first word says, at most [`MOST`], and none behind the end of a line: they may be for
/// somebody else. The second word is 1 if a program reads. The answer comes when there are some: its label says how many
/// ([`typed`]), [`bytes`] has them. There are none if another one reads from now on.
pub const READ: u32 = 0;
/// Call: prints a few bytes; [`write()`] makes the message.
pub const WRITE: u32 = 1;
/// Call: prints so many bytes of the region that is lent, from its first one on.
pub const PRINT: u32 = 2;
/// Message: a program has the line from now on, until somebody else reads: the key and a break lead out of it.
pub const WATCH: u32 = 3;
/// Call: for typed bytes, to be written into the region that is lent: at most as many as the first word says, from the place in the
/// second word on. The answer comes when there are some; its first word is how many. There are none if another one reads from now on.
pub const RECEIVE: u32 = 4;

/// Bytes in a message.
pub const MOST: usize = 12;
/// The key that leads out of a program: Ctrl-\.
pub const LEAVE_KEY: u8 = 0x1C;
/// Bytes that are kept for the reader, beside those in the line's own queue.
const TYPED: usize = 32;
/// Calls to print that can wait: one of the one that has the line, and those that their callers have forgotten.
const PRINTING: usize = 3;
/// Bytes that are taken out of a region at once.
const PIECE: usize = 16;
/// Bytes that are written into a region at once.
const RECEIVED: usize = 64;

/// The answer's label: how many bytes, and what else there is to know.
pub mod typed {
    /// The bits of the number of bytes.
    pub const COUNT: u32 = 0xFF;
    /// Typed bytes were lost before these.
    pub const LOST: u32 = 1 << 8;
}

/// The message that prints a few bytes: those that fit into one.
pub fn write(bytes: &[u8]) -> Message {
    let count = bytes.len().min(MOST);
    message(WRITE | (count as u32) << 8, pack(&bytes[..count]))
}

/// The bytes that a [`READ`] was answered with.
pub fn bytes(answer: &Message) -> Vec<u8, MOST> {
    unpack(answer.words, (answer.label & typed::COUNT) as usize)
}

/// One of the bytes that a [`READ`] was answered with.
pub fn byte(answer: &Message, at: usize) -> Option<u8> {
    let is_there = at < ((answer.label & typed::COUNT) as usize).min(MOST);
    is_there.then(|| (answer.words[at / 4] >> (8 * (at % 4))) as u8)
}

/// Bytes as words, the first one lowest.
fn pack(bytes: &[u8]) -> [u32; 3] {
    let mut words = [0; 3];
    for (at, byte) in bytes.iter().enumerate().take(MOST) {
        words[at / 4] |= u32::from(*byte) << (8 * (at % 4));
    }
    words
}

fn unpack(words: [u32; 3], count: usize) -> Vec<u8, MOST> {
    (0..count.min(MOST)).map(|at| (words[at / 4] >> (8 * (at % 4))) as u8).collect()
}

/// A serial line with queues of its own. A read may tell of a break, as an error of the kind `Other`.
pub trait Line: Read<u8> + Write<u8> {
    /// Whether there was a break since the last time.
    fn take_break(&mut self) -> bool;

    /// The machine is to be notified at a break, if bytes have been received, or if there is room to send some.
    fn listen(&mut self, received: bool, room: bool);
}

/// Something to print.
struct Printing {
    reply: Slot,
    /// Where the bytes are, if not in the words.
    region: Option<Slot>,
    words: [u32; 3],
    at: u32,
    length: u32,
}

/// Who reads.
struct Reader {
    reply: Slot,
    /// Bytes at most.
    most: u32,
    /// Where they go, if not into the answer.
    into: Option<(Slot, u32)>,
}

/// The machine that has the line.
pub struct Console<L> {
    line: L,
    /// What to notify when a program is left.
    leaving: Slot,
    typed: Deque<u8, TYPED>,
    reader: Option<Reader>,
    is_watching: bool,
    /// Flags for the next answer.
    flags: u32,
    printing: Deque<Printing, PRINTING>,
}

impl<L: Line> Console<L> {
    /// A console on this line. The notification is set when a program is left.
    pub const fn new(line: L, leaving: Slot) -> Self {
        Console {
            line,
            leaving,
            typed: Deque::new(),
            reader: None,
            is_watching: false,
            flags: 0,
            printing: Deque::new(),
        }
    }

    /// Takes what was received.
    fn receive(&mut self, context: &mut dyn Context) -> Result<(), Fault> {
        if self.line.take_break() {
            self.take_break(context)?;
        }
        while !self.typed.is_full() {
            match self.next(context)? {
                Some(LEAVE_KEY) if self.is_watching => self.leave(context)?,
                Some(byte) => self.typed.push_back(byte).unwrap_or_default(),
                None => break,
            }
        }
        Ok(())
    }

    /// The next byte from the line.
    fn next(&mut self, context: &mut dyn Context) -> Result<Option<u8>, Fault> {
        loop {
            match self.line.read() {
                Ok(byte) => return Ok(Some(byte)),
                Err(nb::Error::WouldBlock) => return Ok(None),
                Err(nb::Error::Other(error)) if error.kind() == ErrorKind::Other => {
                    self.take_break(context)?
                }
                Err(nb::Error::Other(_)) => self.flags |= typed::LOST,
            }
        }
    }

    fn take_break(&mut self, context: &mut dyn Context) -> Result<(), Fault> {
        // Nobody else has a use for one.
        match self.is_watching {
            true => self.leave(context),
            false => Ok(()),
        }
    }

    /// Nobody reads any more.
    fn cancel(&mut self, context: &mut dyn Context) {
        if let Some(Reader { reply, .. }) = self.reader.take() {
            let _ = context.reply(reply, message(0, [0; 3]), None);
        }
    }

    /// The program loses the line, and what was typed for it. It does not read any more: what comes now is for somebody else.
    fn leave(&mut self, context: &mut dyn Context) -> Result<(), Fault> {
        self.cancel(context);
        self.is_watching = false;
        self.typed.clear();
        self.flags = 0;
        Ok(context.notify(self.leaving)?)
    }

    /// Gives the reader what there is.
    fn deliver(&mut self, context: &mut dyn Context) -> Result<(), Fault> {
        if self.typed.is_empty() && self.flags == 0 {
            return Ok(());
        }
        let Some(Reader { reply, most, into }) = self.reader.take() else { return Ok(()) };
        let (count, words) = match into {
            None => {
                let mut bytes = Vec::<u8, MOST>::new();
                while bytes.len() < MOST.min(most as usize) {
                    let Some(byte) = self.typed.pop_front() else { break };
                    bytes.push(byte).unwrap_or_default();
                    if matches!(byte, b'\r' | b'\n') {
                        break;
                    }
                }
                (bytes.len() as u32, pack(&bytes))
            }
            Some((region, place)) => (0, [self.fill(region, place, most, context)?, 0, 0]),
        };
        let label = count | core::mem::take(&mut self.flags);
        // A reader that is gone leaves the bytes to nobody.
        let _ = context.reply(reply, message(label, words), None);
        Ok(())
    }

    /// Writes what was typed, and what is in the line's queue, into a region. How many bytes.
    #[inline(never)]
    fn fill(&mut self, region: Slot, place: u32, most: u32, context: &mut dyn Context) -> Result<u32, Fault> {
        let mut count = 0;
        loop {
            let mut piece = Vec::<u8, RECEIVED>::new();
            while count + (piece.len() as u32) < most && !piece.is_full() {
                let Some(byte) =
                    self.typed.pop_front().map_or_else(|| self.next(context), |byte| Ok(Some(byte)))?
                else {
                    break;
                };
                piece.push(byte).unwrap_or_default();
            }
            // A region that is gone or too small takes no more.
            if piece.is_empty() || context.write(region, place.saturating_add(count), &piece).is_err() {
                return Ok(count);
            }
            count += piece.len() as u32;
            // What comes meanwhile is for the next time: a reader has something to do with what is there.
            if !piece.is_full() {
                return Ok(count);
            }
        }
    }

    /// Sends what there is room for.
    fn send(&mut self, context: &mut dyn Context) {
        while let Some(mut printing) = self.printing.pop_front() {
            if !self.send_part(&mut printing, context) {
                // It comes from there: there is room.
                let _ = self.printing.push_front(printing);
                return;
            }
            let _ = context.reply(printing.reply, message(answer::DONE, [0; 3]), None);
        }
    }

    /// Sends as much as there is room for. Whether that was the rest.
    fn send_part(&mut self, printing: &mut Printing, context: &mut dyn Context) -> bool {
        while printing.at < printing.length {
            let mut piece = [0; PIECE];
            let length = piece.len().min((printing.length - printing.at) as usize);
            let piece = &mut piece[..length];
            match printing.region {
                Some(region) => {
                    if context.read(region, printing.at, piece).is_err() {
                        return true;
                    }
                }
                None => {
                    let bytes = unpack(printing.words, printing.length as usize);
                    piece
                        .iter_mut()
                        .zip(bytes.iter().skip(printing.at as usize))
                        .for_each(|(to, from)| *to = *from);
                }
            }
            for byte in piece {
                if let Err(nb::Error::WouldBlock) = self.line.write(*byte) {
                    return false;
                }
                printing.at += 1;
            }
        }
        true
    }

    /// Another one reads from now on.
    fn read(&mut self, reader: Reader, context: &mut dyn Context) {
        if let Some(Reader { reply, .. }) = self.reader.replace(reader) {
            let _ = context.reply(reply, message(0, [0; 3]), None);
        }
    }

    fn call(&mut self, question: Message, reply: Slot, region: Option<Slot>, context: &mut dyn Context) {
        let printing = match question.label & 0xFF {
            READ => {
                let is_program = question.words[1] != 0;
                if is_program && !self.is_watching {
                    // It was left, and does not know it yet.
                    let _ = context.reply(reply, message(0, [0; 3]), None);
                    return;
                }
                self.is_watching = is_program;
                return self.read(Reader { reply, most: question.words[0], into: None }, context);
            }
            RECEIVE => {
                self.is_watching = false;
                let [most, place, _] = question.words;
                return self
                    .read(Reader { reply, most, into: region.map(|region| (region, place)) }, context);
            }
            WRITE => Printing {
                reply,
                region: None,
                words: question.words,
                at: 0,
                length: (question.label >> 8).min(MOST as u32),
            },
            _ => Printing { reply, region, words: [0; 3], at: 0, length: question.words[0] },
        };
        if self.printing.push_back(printing).is_err() {
            let _ = context.reply(reply, message(answer::FAILED, [0; 3]), None);
        }
    }
}

impl<L: Line> Machine for Console<L> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        match event {
            Event::Call { message, reply, lent, .. } => self.call(message, reply, lent, context),
            Event::Message { message: Message { label: WATCH, .. }, .. } => {
                self.cancel(context);
                self.is_watching = true;
                // The key can have come before.
                if self.typed.iter().any(|byte| *byte == LEAVE_KEY) {
                    self.leave(context)?;
                }
            }
            _ => {}
        }
        self.receive(context)?;
        self.deliver(context)?;
        self.send(context);
        // What was taken made room.
        self.receive(context)?;
        self.line.listen(!self.typed.is_full(), !self.printing.is_empty());
        Ok(())
    }

    fn restart(&mut self) {
        self.typed.clear();
        self.printing.clear();
        self.reader = None;
        self.is_watching = false;
    }
}
