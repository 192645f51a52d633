//! The console: the serial line, which the others share.
//!
//! Who reads gets what is typed; a later reader ends the reading of the one before. A program gets the line itself: its bytes go
//! between line and core without anybody else, until a key or a break takes the line away, or somebody else wants it again.

use super::{answer, message, reply};
use crate::capability::Slot;
use crate::context::Context;
use crate::machine::{Fault, Machine};
use crate::message::{Event, Message, SendError};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Error, ErrorKind, Read, Write};
use heapless::{Deque, Vec};

/// Call: for typed bytes, at most as many as the first word says, at most [`MOST`], and none behind the end of a line: they may be for
/// somebody else. The answer comes when there are some: its label says how many ([`typed`]), [`bytes`] has them. There are none if
/// another one reads from now on.
pub const READ: u32 = 0;
/// Call: prints a few bytes; [`write()`] makes the message. The answer's label has [`typed::LOST`] if a program had the line and bytes
/// that were typed for it were lost.
pub const WRITE: u32 = 1;
/// Call: prints so many bytes of the region that is lent, from its first one on.
pub const PRINT: u32 = 2;
/// Message: a program has the line, as soon as everything has been printed, until the next call. The program is left then, if it has
/// not ended.
pub const LEND: u32 = 3;
/// Call: for typed bytes, to be written into the region that is lent: at most as many as the first word says, from the place in the
/// second word on. The answer comes when there are some; its first word is how many. There are none if another one reads from now on.
pub const RECEIVE: u32 = 4;

/// Bytes in a message.
pub const MOST: usize = 12;
/// The key that leads out of a program: Ctrl-\.
pub const LEAVE_KEY: u8 = 0x1C;
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
pub fn bytes(answer: &Message) -> Bytes {
    Bytes { words: answer.words, at: 0, end: (answer.label & typed::COUNT) as u8 }
}

/// Bytes of a message, one after the other.
pub struct Bytes {
    /// The first byte is the lowest one.
    words: [u32; 3],
    at: u8,
    end: u8,
}

impl Bytes {
    /// None.
    pub const NONE: Bytes = Bytes { words: [0; 3], at: 0, end: 0 };
}

impl Iterator for Bytes {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.at >= self.end {
            return None;
        }
        let word = self.words.get(usize::from(self.at / 4))?;
        let byte = word >> (8 * (self.at % 4));
        self.at += 1;
        Some(byte as u8)
    }
}

/// Bytes as words, the first one lowest.
#[inline(never)]
fn pack(bytes: &[u8]) -> [u32; 3] {
    let mut words = [0; 3];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks(4)) {
        for byte in bytes.iter().rev() {
            *word = *word << 8 | u32::from(*byte);
        }
    }
    words
}

/// A serial line with queues of its own. A read may tell of a break, as an error of the kind `Other`.
pub trait Line: Read<u8> + Write<u8> {
    /// The byte that takes the line from the Brainfuck core, also if it came before that had it.
    fn set_key(&mut self, key: u8);

    /// The core has the line, until the key comes, or a break, or it is taken back. Nobody else reads or writes then, and what was
    /// typed before the key or the break is gone.
    fn lend(&mut self);

    /// The core has the line no more.
    fn take_back(&mut self);

    /// Whether bytes were lost since the last time, whoever had the line. A read may tell it before, as an error.
    fn take_lost(&mut self) -> bool;

    /// Whether the key or a break has taken the line from the core since the last time.
    fn take_left(&mut self) -> bool;

    /// The machine is to be notified if the core has lost the line, if bytes have been received, or if there is room to send some.
    fn listen(&mut self, received: bool, room: bool);
}

/// Something to print.
struct Printing {
    reply: Slot,
    /// Where the bytes are, if not in the words.
    region: Option<Slot>,
    words: [u32; 3],
    at: u16,
    length: u16,
    /// The label of the answer.
    label: u32,
}

impl Printing {
    /// Sends as much as there is room for. Whether that was the rest.
    fn send(&mut self, line: &mut impl Line, context: &mut dyn Context) -> bool {
        while self.at < self.length {
            let mut piece = [0; PIECE];
            let length = piece.len().min((self.length - self.at).into());
            let piece = &mut piece[..length];
            match self.region {
                Some(region) => {
                    if context.read(region, self.at.into(), piece).is_err() {
                        return true;
                    }
                }
                None => {
                    let rest = Bytes { words: self.words, at: self.at as u8, end: self.length as u8 };
                    piece.iter_mut().zip(rest).for_each(|(to, from)| *to = from);
                }
            }
            for byte in piece {
                if let Err(nb::Error::WouldBlock) = line.write(*byte) {
                    return false;
                }
                self.at += 1;
            }
        }
        true
    }
}

/// Who reads.
#[derive(Clone, Copy)]
struct Reader {
    reply: Slot,
    /// Bytes at most.
    most: u32,
    /// Where they go, if not into the answer.
    into: Option<(Slot, u32)>,
}

/// Who has the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// Who calls.
    All,
    /// A program, when everything has been printed.
    Next,
    /// A program.
    Program,
}

/// The machine that has the line.
pub struct Console<L> {
    line: L,
    /// What to notify when a program is left.
    leaving: Slot,
    owner: Owner,
    reader: Option<Reader>,
    /// Flags for the next answer.
    flags: u32,
    printing: Deque<Printing, PRINTING>,
}

impl<L: Line> Console<L> {
    /// A console on this line. The notification is set when a program is left.
    pub const fn new(line: L, leaving: Slot) -> Self {
        Console { line, leaving, owner: Owner::All, reader: None, flags: 0, printing: Deque::new() }
    }

    /// The next byte from the line.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.line.read() {
                Ok(byte) => return Some(byte),
                Err(nb::Error::WouldBlock) => return None,
                // A break: nobody but a program has a use for one.
                Err(nb::Error::Other(error)) if error.kind() == ErrorKind::Other => {}
                Err(nb::Error::Other(_)) => self.flags |= typed::LOST,
            }
        }
    }

    /// Another one reads from now on, or nobody.
    fn set_reader(&mut self, reader: Option<Reader>, context: &mut dyn Context) {
        if let Some(Reader { reply, .. }) = core::mem::replace(&mut self.reader, reader) {
            super::reply(context, reply, 0, 0);
        }
    }

    /// Gives the reader what there is.
    fn deliver(&mut self, context: &mut dyn Context) {
        let Some(Reader { reply, most, into }) = self.reader else { return };
        let (count, words) = match into {
            None => {
                let mut bytes = Vec::<u8, MOST>::new();
                while bytes.len() < MOST.min(most as usize) {
                    let Some(byte) = self.next() else { break };
                    bytes.push(byte).unwrap_or_default();
                    if matches!(byte, b'\r' | b'\n') {
                        break;
                    }
                }
                (bytes.len() as u32, pack(&bytes))
            }
            Some((region, place)) => {
                let Some(count) = self.fill(region, place, most, context) else { return };
                (0, [count, 0, 0])
            }
        };
        if into.is_none() && count == 0 && most > 0 && self.flags == 0 {
            return;
        }
        // What was lost may have been a part of this line, though it is told behind what was received.
        if self.line.take_lost() {
            self.flags |= typed::LOST;
        }
        let label = count | core::mem::take(&mut self.flags);
        self.reader = None;
        // A reader that is gone leaves the bytes to nobody.
        let _ = context.reply(reply, &message(label, words), None);
    }

    /// Writes what was typed into a region. How many bytes; `None` if there is nothing yet.
    #[inline(never)]
    fn fill(&mut self, region: Slot, place: u32, most: u32, context: &mut dyn Context) -> Option<u32> {
        let mut count = 0;
        loop {
            let mut piece = Vec::<u8, RECEIVED>::new();
            while count + (piece.len() as u32) < most && !piece.is_full() {
                let Some(byte) = self.next() else { break };
                piece.push(byte).unwrap_or_default();
            }
            if piece.is_empty() {
                return (count > 0 || most == 0 || self.flags != 0).then_some(count);
            }
            // A region that is gone or too small takes no more.
            if context.write(region, place.saturating_add(count), &piece).is_err() {
                return Some(count);
            }
            count += piece.len() as u32;
            // What comes meanwhile is for the next time: a reader has something to do with what is there.
            if !piece.is_full() {
                return Some(count);
            }
        }
    }

    /// Sends what there is room for.
    fn send(&mut self, context: &mut dyn Context) {
        while let Some(printing) = self.printing.front_mut() {
            if !printing.send(&mut self.line, context) {
                return;
            }
            reply(context, printing.reply, printing.label, 0);
            self.printing.pop_front();
        }
    }

    /// The line is for who calls: a program that has it is left. Whether bytes that were typed for it were lost.
    fn take_back(&mut self, context: &mut dyn Context) -> Result<bool, SendError> {
        if core::mem::replace(&mut self.owner, Owner::All) == Owner::All {
            return Ok(false);
        }
        context.notify(self.leaving)?;
        self.line.take_back();
        Ok(self.line.take_lost())
    }

    fn call(
        &mut self,
        question: &Message,
        reply: Slot,
        region: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        let is_lost = self.take_back(context)?;
        let [most, place, _] = question.words;
        let (region, length) = match question.label & 0xFF {
            READ => {
                self.set_reader(Some(Reader { reply, most, into: None }), context);
                return Ok(());
            }
            RECEIVE => {
                let into = region.map(|region| (region, place));
                self.set_reader(Some(Reader { reply, most, into }), context);
                return Ok(());
            }
            WRITE => (None, (question.label >> 8).min(MOST as u32)),
            // Without a region there is nothing to print, however much was asked for.
            _ => (region, region.map_or(0, |_| most)),
        };
        let label = if is_lost { typed::LOST } else { answer::DONE };
        let printing = Printing { reply, region, words: question.words, at: 0, length: length as u16, label };
        if self.printing.push_back(printing).is_err() {
            super::reply(context, reply, answer::FAILED, 0);
        }
        Ok(())
    }
}

impl<L: Line> Machine for Console<L> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        match event {
            // After a fault a program may have had the line.
            Event::Start => {
                self.line.set_key(LEAVE_KEY);
                self.owner = Owner::Program;
                self.take_back(context)?;
            }
            Event::Call { ref message, reply, lent, .. } => self.call(message, reply, lent, context)?,
            Event::Message { message: Message { label: LEND, .. }, .. } => {
                self.set_reader(None, context);
                self.owner = Owner::Next;
            }
            _ => {}
        }
        if self.line.take_left() {
            context.notify(self.leaving)?;
        }
        self.deliver(context);
        self.send(context);
        if self.owner == Owner::Next && self.printing.is_empty() {
            self.line.lend();
            self.owner = Owner::Program;
        }
        self.line.listen(self.reader.is_some(), !self.printing.is_empty());
        Ok(())
    }

    fn restart(&mut self) {
        self.printing.clear();
        self.reader = None;
    }
}
