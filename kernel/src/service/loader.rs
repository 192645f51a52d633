//! The loader: files that come over the serial line become programs in the storage.
//!
//! The line's bytes come from the console, blocks are kept in the cells, which the process lends, and what a block holds is checked and
//! encoded straight into the file that the storage has begun.

use super::{answer, ask, console, is_answer, line, message, process, storage, timekeeper, LENT};
use crate::capability::{Object, Rights, Slot};
use crate::context::Context;
use crate::files::{FilesError, NAME_BYTES};
use crate::flash::{is_erased, ERASED};
use crate::loader::{most_bytes, Draft, DraftError, LoadError, Loader as Translation, Summary};
use crate::machine::{Fault, Machine};
use crate::message::{CallError, CallId, Event, Message, SendError};
use crate::ymodem::{self, Action, Buffer, Receiver, HEADER_BYTES};
use heapless::Vec;
use images::packed;
use images::say::{Printer, Say};

/// Call: receives files and makes programs of them. The text of the answer says what came, or why not.
pub const LOAD: u32 = 0;

/// Time between two looks at the clock, in milliseconds.
const TICK_MS: u32 = 100;
/// Bytes that are translated at once.
const PIECE: usize = 32;
/// Bytes that the receiver gets at once.
const FED: usize = 32;
/// Where in the lent cells bytes come in, behind a block.
const RECEIVED: u32 = ymodem::BLOCK_BYTES as u32;
/// How many at once: what the line's queue holds.
const MOST_RECEIVED: u32 = 512;
/// Bytes that are held back.
const HELD: usize = 32;
/// The length that is assumed if the sender does not say one: what a kilobyte less than the largest files has.
const UNKNOWN_LENGTH: u32 = 64 * 1024;

/// What the loader may use.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// Endpoint of the console.
    pub console: Slot,
    /// Endpoint of the storage.
    pub storage: Slot,
    /// Endpoint of the timekeeper.
    pub timekeeper: Slot,
    /// Endpoint of the process.
    pub process: Slot,
}

/// What is waited for, beside bytes and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Borrowing,
    Receiving,
    /// The sender's next block is asked for, before the last one is translated.
    Answering,
    /// A block is to be translated.
    Translating,
    /// The file has ended: its program is to be completed.
    Completing,
    /// It is complete, and to be sealed.
    Completed,
    Creating,
    Sealing,
    Abandoning,
}

/// A transfer.
struct Session {
    reply: Slot,
    lent: Option<Slot>,
    step: Step,
    receiver: Receiver,
    /// Where blocks are kept.
    buffer: Option<Slot>,
    /// Where the program is written.
    draft: Option<Slot>,
    translation: Option<Translation>,
    held: Held,
    summary: Option<Summary>,
    /// Files that have become programs.
    files: u32,
    /// Length of the text that says why a file was refused.
    refused: Option<u32>,
}

/// The machine that loads.
pub struct Loader {
    slots: Slots,
    session: Option<Session>,
    awaited: Option<CallId>,
    reading: Option<CallId>,
    ticking: Option<CallId>,
}

/// Words that are written together: to program a few bytes takes as long as to program many.
struct Held {
    at: u32,
    bytes: Vec<u8, HELD>,
}

/// The file that is being written.
struct Store<'a> {
    context: &'a mut dyn Context,
    region: Slot,
    capacity: u32,
    held: &'a mut Held,
}

impl<'a> Store<'a> {
    fn new(
        context: &'a mut dyn Context,
        region: Option<Slot>,
        held: &'a mut Held,
    ) -> Result<Self, LoadError> {
        let region = region.ok_or(LoadError::Over)?;
        match context.capability(region).map_err(|_| LoadError::Storage)?.object {
            Object::Region(file) => Ok(Store { context, region, capacity: file.bytes(), held }),
            _ => Err(LoadError::Over),
        }
    }

    /// Writes what is held back.
    #[inline(never)]
    fn flush(&mut self) -> Result<(), DraftError> {
        let written = self.context.write(self.region, self.held.at, &self.held.bytes);
        self.held.bytes.clear();
        written.map_err(|_| DraftError)
    }

    /// Whether nothing was written to these bytes yet.
    #[inline(never)]
    fn is_erased(&mut self, at: u32, length: usize) -> bool {
        let mut bytes = [0; HELD];
        let bytes = &mut bytes[..length];
        self.context.read(self.region, at, bytes).is_ok() && is_erased(bytes)
    }

    /// Holds bytes back, if they are behind those that are held and there is room. Erased bytes between are programmed
    /// with what they are, which changes nothing.
    fn hold(&mut self, offset: u32, bytes: &[u8]) -> Option<()> {
        let Held { at, bytes: held } = &*self.held;
        let end = *at + held.len() as u32;
        let gap = offset.checked_sub(end).filter(|_| !held.is_empty())? as usize;
        if held.len().checked_add(gap)?.checked_add(bytes.len())? > HELD || !self.is_erased(end, gap) {
            return None;
        }
        let held = &mut self.held.bytes;
        held.resize(held.len() + gap, ERASED).ok()?;
        held.extend_from_slice(bytes).ok()
    }
}

impl Draft for Store<'_> {
    fn capacity(&self) -> u32 {
        self.capacity
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), DraftError> {
        if self.hold(offset, bytes).is_some() {
            return Ok(());
        }
        self.flush()?;
        self.held.at = offset;
        match self.held.bytes.extend_from_slice(bytes) {
            Ok(()) => Ok(()),
            Err(()) => self.context.write(self.region, offset, bytes).map_err(|_| DraftError),
        }
    }

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), DraftError> {
        self.flush()?;
        self.context.read(self.region, offset, bytes).map_err(|_| DraftError)
    }
}

/// The memory that blocks are kept in.
struct Blocks<'a> {
    context: &'a mut dyn Context,
    region: Option<Slot>,
}

impl Buffer for Blocks<'_> {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(region) = self.region {
            // If it is taken back, the block is another one in the end: the transfer fails, and nothing else.
            let _ = self.context.write(region, at as u32, bytes);
        }
    }

    fn get(&mut self, at: usize, bytes: &mut [u8]) {
        if let Some(region) = self.region {
            let _ = self.context.read(region, at as u32, bytes);
        }
    }
}

impl Session {
    fn blocks<'a>(&self, context: &'a mut dyn Context) -> Blocks<'a> {
        Blocks { context, region: self.buffer }
    }

    /// Hands a few of the bytes that were received to the receiver, from `at` on, and moves `at` behind them.
    // A frame of its own: what they lead to does not need it.
    #[inline(never)]
    fn feed(&mut self, at: &mut u32, end: u32, context: &mut dyn Context) -> Action {
        let mut blocks = self.blocks(context);
        let mut piece = [0; FED];
        let length = piece.len().min((end - *at) as usize);
        let piece = &mut piece[..length];
        blocks.get(*at as usize, piece);
        let (taken, action) = self.receiver.bytes(piece, &mut blocks);
        *at += taken as u32;
        action
    }

    // A frame of its own: a translation is large.
    #[inline(never)]
    fn translate(&mut self) {
        (self.translation, self.summary) = (Some(Translation::new()), None);
        self.held.bytes.clear();
    }

    /// Notes why the file is refused.
    #[inline(never)]
    fn refuse(&mut self, error: LoadError, context: &mut dyn Context) -> Action {
        self.refused = Some(line(context, self.lent, &error));
        self.receiver.refuse()
    }

    /// Translates what came, and goes on.
    #[inline(never)]
    fn take(&mut self, context: &mut dyn Context) -> Action {
        self.step = Step::Receiving;
        match self.take_pieces(context) {
            Ok(()) => self.receiver.accept(),
            Err(error) => self.refuse(error, context),
        }
    }

    fn take_pieces(&mut self, context: &mut dyn Context) -> Result<(), LoadError> {
        let mut at = 0;
        loop {
            let mut piece = [0; PIECE];
            let length = self.receiver.read(&mut self.blocks(context), at, &mut piece);
            if length == 0 {
                return Ok(());
            }
            at += length;
            let translation = self.translation.as_mut().ok_or(LoadError::Over)?;
            translation.push(&mut Store::new(context, self.draft, &mut self.held)?, &piece[..length])?;
        }
    }

    /// The file has ended: completes its program.
    #[inline(never)]
    fn complete(&mut self, context: &mut dyn Context) -> Action {
        self.step = Step::Completed;
        match self.seal(context) {
            Ok(()) => Action::default(),
            Err(error) => {
                self.step = Step::Receiving;
                self.refuse(error, context)
            }
        }
    }

    fn seal(&mut self, context: &mut dyn Context) -> Result<(), LoadError> {
        let mut store = Store::new(context, self.draft, &mut self.held)?;
        let mut seal = self.translation.as_mut().ok_or(LoadError::Over)?.finish(&mut store)?;
        while self.summary.is_none() {
            self.summary = seal.step(&mut store)?;
        }
        Ok(store.flush()?)
    }
}

/// What came.
struct Loaded<'a>(&'a Session);

impl Say for Loaded<'_> {
    fn say(&self, to: &mut dyn Printer) {
        let Session { files, summary, .. } = self.0;
        let Some(Summary { commands, depth, length, .. }) = summary else {
            to.text(packed!("no file came"));
            return;
        };
        to.text(packed!("loaded"));
        if *files > 1 {
            to.text(packed!(", ")).number(files - 1).text(packed!(" before it, the last"));
        }
        to.text(packed!(": ")).number(*commands).text(packed!(" commands, ")).number(*depth);
        to.text(packed!(" loops deep, ")).number(*length).text(packed!(" bytes"));
    }
}

impl Loader {
    /// A loader that may use these.
    pub const fn new(slots: Slots) -> Self {
        Loader { slots, session: None, awaited: None, reading: None, ticking: None }
    }

    #[inline(never)]
    fn begin(&mut self, reply: Slot, lent: Option<Slot>, context: &mut dyn Context) -> Result<(), SendError> {
        self.session = Some(Session {
            reply,
            lent,
            step: Step::Borrowing,
            receiver: Receiver::new(),
            buffer: None,
            draft: None,
            translation: None,
            held: Held { at: 0, bytes: Vec::new() },
            summary: None,
            files: 0,
            refused: None,
        });
        let lend = lent.map(|lent| (lent, LENT));
        let question = message(process::BORROW, [0; 3]);
        ask(context, self.slots.process, question, lend, &mut self.awaited)
    }

    /// Hands on what was received.
    #[inline(never)]
    fn feed(&mut self, answer: &Message, context: &mut dyn Context) -> Result<(), SendError> {
        let mut at = RECEIVED;
        let end = at + answer.words[0].min(MOST_RECEIVED);
        while let Some(session) = self.session.as_mut().filter(|_| at < end) {
            let action = session.feed(&mut at, end, context);
            self.act(action, context)?;
        }
        Ok(())
    }

    /// Does what the receiver says.
    #[inline(never)]
    fn act(&mut self, action: Action, context: &mut dyn Context) -> Result<(), SendError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let call = send(self.slots.console, action.send, context);
        match action.event {
            None => {}
            Some(ymodem::Event::File) => return self.create(context),
            Some(ymodem::Event::Bytes) => {
                session.step = match call {
                    Some(_) => Step::Answering,
                    None => Step::Translating,
                };
                self.awaited = call;
            }
            Some(ymodem::Event::FileEnd) => session.step = Step::Completing,
            Some(ymodem::Event::Done) => return self.end(None, context),
            Some(ymodem::Event::Failed(error)) => return self.end(Some(error), context),
        }
        Ok(())
    }

    /// Does what takes most of the stack, when nothing else is on it any more.
    #[inline(never)]
    fn work(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        while let Some(session) = &mut self.session {
            let action = match session.step {
                Step::Translating => session.take(context),
                Step::Completing => session.complete(context),
                Step::Completed => {
                    let length = session.summary.map_or(0, |summary| summary.length);
                    return self.ask(storage::SEAL, [length, 0, 0], Step::Sealing, context);
                }
                _ => break,
            };
            self.act(action, context)?;
        }
        Ok(())
    }

    fn ask(
        &mut self,
        label: u32,
        words: [u32; 3],
        step: Step,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        let lent = self.session.as_mut().and_then(|session| {
            session.step = step;
            // What says why a file was refused stays.
            session.lent.filter(|_| session.refused.is_none())
        });
        let lend = lent.map(|lent| (lent, LENT));
        ask(context, self.slots.storage, message(label, words), lend, &mut self.awaited)
    }

    /// A file begins: asks the storage for one.
    #[inline(never)]
    fn create(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut header = [0; HEADER_BYTES];
        let Some(file) = session.receiver.file(&mut session.blocks(context), &mut header) else {
            return Ok(());
        };
        let name = file.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let most = most_bytes(file.length.unwrap_or(UNKNOWN_LENGTH));
        let is_written =
            name.len() <= NAME_BYTES && session.lent.is_some_and(|lent| context.write(lent, 0, name).is_ok());
        let length = name.len() as u32;
        if !is_written {
            session.refused = Some(line(context, session.lent, &FilesError::Name));
            let action = session.receiver.refuse();
            return self.act(action, context);
        }
        self.ask(storage::CREATE, [length, most, 0], Step::Creating, context)
    }

    /// The transfer is over.
    #[inline(never)]
    fn end(&mut self, error: Option<ymodem::Error>, context: &mut dyn Context) -> Result<(), SendError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        if let (Some(error), None) = (error, session.refused) {
            session.refused = Some(line(context, session.lent, &error));
        }
        if session.draft.is_some() {
            return self.ask(storage::ABANDON, [0; 3], Step::Abandoning, context);
        }
        self.report(context);
        Ok(())
    }

    #[inline(never)]
    fn report(&mut self, context: &mut dyn Context) {
        let Some(session) = &self.session else { return };
        if let Some(buffer) = session.buffer {
            // It may have been taken back.
            let _ = context.delete(buffer);
        }
        match session.refused {
            Some(length) => super::reply(context, session.reply, answer::FAILED, length),
            None => answer(context, session.reply, answer::DONE, session.lent, &Loaded(session)),
        }
        self.session = None;
    }

    /// Process or storage has answered.
    #[inline(never)]
    fn answered(
        &mut self,
        result: Result<Message, CallError>,
        capability: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let is_done = matches!(result, Ok(answer) if answer.label == answer::DONE);
        let length = match result {
            Ok(answer) => answer.words[0],
            Err(error) => line(context, session.lent, &error),
        };
        let step = core::mem::replace(&mut session.step, Step::Receiving);
        let action = match step {
            Step::Abandoning => {
                self.report(context);
                return Ok(());
            }
            Step::Borrowing if is_done => {
                session.buffer = capability;
                session.receiver.tick(0)
            }
            Step::Borrowing => {
                session.refused = Some(length);
                self.report(context);
                return Ok(());
            }
            Step::Answering => {
                session.step = Step::Translating;
                return Ok(());
            }
            Step::Creating if is_done => {
                session.draft = capability;
                session.translate();
                session.receiver.accept()
            }
            Step::Sealing if is_done => {
                session.draft = None;
                session.files += 1;
                session.receiver.accept()
            }
            _ => {
                session.refused = Some(length);
                session.receiver.refuse()
            }
        };
        self.act(action, context)
    }

    /// Asks for bytes and for time, as long as there is a transfer.
    #[inline(never)]
    fn go_on(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        if self.session.as_ref().is_some_and(|session| session.step != Step::Borrowing) {
            if self.reading.is_none() {
                let question = message(console::RECEIVE, [MOST_RECEIVED, RECEIVED, 0]);
                let lend = self.session.as_ref().and_then(|session| session.buffer);
                let lend = lend.map(|buffer| (buffer, Rights::WRITE));
                ask(context, self.slots.console, question, lend, &mut self.reading)?;
            }
            if self.ticking.is_none() {
                let question = message(timekeeper::WAIT, [TICK_MS, 0, 0]);
                ask(context, self.slots.timekeeper, question, None, &mut self.ticking)?;
            }
        }
        Ok(())
    }
}

/// Sends an answer to the sender, if there is one. One that is lost is asked for again.
// A frame of its own: what comes next does not need it.
#[inline(never)]
fn send(console: Slot, bytes: &[u8], context: &mut dyn Context) -> Option<CallId> {
    if bytes.is_empty() {
        return None;
    }
    context.call(console, &console::write(bytes), None).ok()
}

impl Machine for Loader {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        match event {
            Event::Call { reply, lent, .. } if self.session.is_some() => {
                answer(context, reply, answer::FAILED, lent, &packed!("files are being received; try again"));
            }
            Event::Call { reply, lent, .. } => self.begin(reply, lent, context)?,
            Event::Reply { call, result, capability } => {
                if is_answer(&mut self.awaited, call) {
                    self.answered(result, capability, context)?;
                } else if is_answer(&mut self.reading, call) {
                    if let Ok(answer) = result {
                        self.feed(&answer, context)?;
                    }
                } else if is_answer(&mut self.ticking, call) {
                    if let Some(session) =
                        self.session.as_mut().filter(|session| session.step != Step::Borrowing)
                    {
                        let action = session.receiver.tick(TICK_MS);
                        self.act(action, context)?;
                    }
                }
                self.work(context)?;
                self.go_on(context)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn restart(&mut self) {
        (self.session, self.awaited, self.reading, self.ticking) = (None, None, None, None);
    }
}
