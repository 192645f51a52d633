//! The process: the Brainfuck core as a machine, made of gates, that looks like any other one.
//!
//! Its image is a region that can be read and executed, its cells are another one, and while it runs the line is its own: the console
//! lends it. It is started, left and continued by one call each, which is answered when the program has ended or was left.
//!
//! The cells are saved when the program ends, when it has waited for input for a moment, and before anything that would lose
//! them; never if nothing has changed. While no program runs they can be lent to somebody who needs memory: what was in them is in the
//! flash then, and comes back before it is needed.

mod brainfuck_core;
mod refusal;

pub use brainfuck_core::{Core, Status, Stopped, NO_MORE_INPUT};

use super::storage::{self, CELLS};
use super::{answer, ask, console, is_answer, message, timekeeper, Text, LENT};
use crate::capability::{Capability, Object, Rights, Slot};
use crate::context::Context;
use crate::files::NAME_BYTES;
use crate::machine::{Fault, Machine};
use crate::message::{CallError, CallId, Event, Message, SendError};
use crate::saved::{Checkpoint, SavedError};
use heapless::Vec;
use images::file::{Header, HEADER_BYTES};
use images::machine::{EndOfInput, Fault as CoreFault, UnknownMode, COMPUTER};
use images::open_loops::OpenLoops;
use images::packed;
use images::requirements::{Miss, Requirements};
use images::say::{Printer, Say};
use refusal::Refusal;

/// Call: runs a program from its first command. The words are the length of its name, which is in the region that is lent, 1 if its
/// cells are to be zero, and 1 if all of it was compared with its CRC already.
pub const RUN: u32 = 0;
/// Call: continues the program that was left, or else the newest checkpoint.
pub const RESUME: u32 = 1;
/// Call: ends the program that was left.
pub const STOP: u32 = 2;
/// Call: saves the program that was left.
pub const SAVE: u32 = 3;
/// Call: puts the program that was left back to where it was saved. If the first word is the length of a name: only cells, those of
/// that program.
pub const RESTORE: u32 = 4;
/// Call: says what the core does.
pub const STATUS: u32 = 5;
/// Call: shows the cells from the number in the first word on, at most as many as the second word says.
pub const CELLS_LINE: u32 = 6;
/// Call: what a read at the end of the input does, the number in the first word; or, if that is [`NO_MORE`], there is no more input.
pub const END_OF_INPUT: u32 = 7;
/// Call: says how much the core has done.
pub const COUNTS: u32 = 8;
/// Call: for the cells, as memory. With the answer comes their region, to be read and written; it is taken back with the next program.
pub const BORROW: u32 = 9;
/// Call: saves what would be lost.
pub const KEEP: u32 = 10;
/// Call: sets cells from the number in the first word on. The second word is how many; what they are is in the region that is lent.
pub const SET: u32 = 11;

/// See [`END_OF_INPUT`].
pub const NO_MORE: u32 = u32::MAX;

/// Bit of a notification: the core wants something.
pub const CORE: u16 = 1;
/// Bit of a notification: the user leaves the program.
pub const LEAVE: u16 = 2;

/// A program has waited for so long when its cells are saved, in milliseconds.
pub const IDLE_MS: u32 = 500;
/// Cells in a line.
pub const ROW: u32 = 16;
/// Bytes of output that a core has which stops, and one more.
const OUTPUT: usize = 3;
/// Bytes of zeros that are written at once.
const ZEROS: usize = 64;

/// What the process may use.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// Endpoint of the console.
    pub console: Slot,
    /// Endpoint of the storage.
    pub storage: Slot,
    /// Endpoint of the timekeeper.
    pub timekeeper: Slot,
    /// Region of the cells.
    pub cells: Slot,
}

/// How far a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Empty,
    Running,
    /// It was left.
    Left,
    /// It has ended, and its cells are saved.
    Ended(Stopped),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The program's next wish.
    Running,
    /// The cells are saved because the program waits; it goes on then.
    Resting,
    /// What would be lost is saved, before anything else is done.
    Keeping,
    /// The cells are saved because that was asked for.
    Saving,
    /// The cells of a program that has ended are saved.
    Ending,
    /// The image is opened.
    Opening,
    /// The newest checkpoint's image is opened.
    Finding,
    /// Cells are loaded for a program that begins.
    Beginning,
    /// A checkpoint is loaded for a program that goes on.
    Continuing,
    /// The cells come back from the flash.
    Returning,
    /// The state of the program that was left is loaded.
    Restoring,
    /// The output that the core still had is printed.
    Flushing,
    /// The image's name is looked up.
    Naming,
}

/// A step, whose mistakes have been told. An error starts the machine again.
type Done = Result<(), SendError>;

/// The machine that has the core.
pub struct Process<C> {
    core: C,
    slots: Slots,
    phase: Phase,
    image: Option<Slot>,
    /// Whose cells the cells are.
    owner: u32,
    /// The cells are lent: what was in them is in the flash.
    is_away: bool,
    /// What a read at the end of the input does, if the image does not say it.
    mode: u8,
    /// The call that is carried out, or was last.
    question: Message,
    /// The right to answer it, until it is answered.
    reply: Option<Slot>,
    /// What it lends.
    lent: Option<Slot>,
    step: Step,
    /// What comes next in it.
    awaited: Option<CallId>,
    output: Vec<u8, OUTPUT>,
    sleeping: Option<CallId>,
    /// It was given something, or started, since the timekeeper was asked.
    is_active: bool,
    /// Its cells may be other ones than those that are saved.
    is_changed: bool,
    is_leaving: bool,
    /// Why the cells could not be saved.
    unsaved: Option<SavedError>,
}

impl<C: Core> Process<C> {
    /// A process on this core.
    pub const fn new(core: C, slots: Slots) -> Self {
        Process {
            core,
            slots,
            phase: Phase::Empty,
            image: None,
            owner: 0,
            is_away: false,
            mode: EndOfInput::Wait as u8,
            question: Message { label: 0, words: [0; 3] },
            reply: None,
            lent: None,
            step: Step::Running,
            awaited: None,
            output: Vec::new(),
            sleeping: None,
            is_active: false,
            is_changed: false,
            is_leaving: false,
            unsaved: None,
        }
    }

    /// Answers the call that is being carried out.
    #[inline(never)]
    fn finish(&mut self, label: u32, text: &dyn Say, context: &mut dyn Context) -> Done {
        if let Some(reply) = self.reply.take() {
            answer(context, reply, label, self.lent, text);
        }
        Ok(())
    }

    /// Answers it with a capability, or nothing.
    #[inline(never)]
    fn finish_quietly(&mut self, capability: Option<Slot>, context: &mut dyn Context) -> Done {
        if let Some(reply) = self.reply.take() {
            let _ = context.reply(reply, &message(answer::DONE, [0; 3]), capability);
        }
        Ok(())
    }

    #[inline(never)]
    fn refuse(&mut self, refusal: Refusal, context: &mut dyn Context) -> Done {
        self.finish(answer::FAILED, &refusal, context)
    }

    /// Asks the storage, and remembers what for.
    #[inline(never)]
    fn ask(&mut self, question: Message, lent: Option<Slot>, step: Step, context: &mut dyn Context) -> Done {
        self.step = step;
        let lent = lent.map(|lent| (lent, LENT));
        ask(context, self.slots.storage, question, lent, &mut self.awaited)
    }

    /// Saves the cells, and where the program is if it is to go on there.
    #[inline(never)]
    fn save(&mut self, goes_on: bool, step: Step, context: &mut dyn Context) -> Done {
        let checkpoint = goes_on.then(|| self.checkpoint());
        self.ask(storage::saved(self.owner, checkpoint), Some(self.slots.cells), step, context)
    }

    #[inline(never)]
    fn load(&mut self, owner: u32, step: Step, context: &mut dyn Context) -> Done {
        self.ask(message(storage::LOAD, [owner, 0, 0]), Some(self.slots.cells), step, context)
    }

    /// Asks for what has to do with a name: that is where the caller lends it.
    #[inline(never)]
    fn ask_by_name(&mut self, label: u32, first: u32, step: Step, context: &mut dyn Context) -> Done {
        let is_checked = label == storage::OPEN && self.question.label == RUN && self.question.words[2] == 0;
        self.ask(message(label, [first, is_checked.into(), 0]), self.lent, step, context)
    }

    /// Where the program that has stopped goes on.
    fn checkpoint(&mut self) -> Checkpoint {
        Checkpoint {
            position: self.core.position(),
            pointer: self.core.pointer(),
            end_of_input: self.core.input_mode(),
            pending: self.core.status().pending.then(|| self.core.input()),
        }
    }

    /// The cells hold what is not saved.
    fn would_lose(&self) -> bool {
        self.is_changed && !self.is_away
    }

    /// Begins what was asked for.
    fn begin(&mut self, context: &mut dyn Context) -> Done {
        let [first, ..] = self.question.words;
        match self.question.label {
            RUN | KEEP | BORROW if self.would_lose() => {
                self.save(self.phase == Phase::Left, Step::Keeping, context)
            }
            RUN | KEEP | BORROW => self.kept(context),
            RESUME if self.phase != Phase::Left => {
                self.ask_by_name(storage::RESUMABLE, 0, Step::Finding, context)
            }
            STOP | SAVE | RESTORE if self.phase != Phase::Left => self.refuse(Refusal::NothingLeft, context),
            RESUME | STOP | SAVE | CELLS_LINE | SET => self.with_cells(context),
            RESTORE => {
                context.revoke(self.slots.cells)?;
                match first {
                    0 => self.load(self.owner, Step::Restoring, context),
                    _ => self.open(context),
                }
            }
            STATUS => self.status(context),
            END_OF_INPUT => self.set_end_of_input(first, context),
            _ => self.count(context),
        }
    }

    /// Says how much the core has done.
    #[inline(never)]
    fn count(&mut self, context: &mut dyn Context) -> Done {
        let mut text = Text::new(context, self.lent);
        let out =
            text.out().text(packed!("core: ")).decimal(self.core.cycles(), 0, 0).text(packed!(" cycles, "));
        out.decimal(self.core.words(), 0, 0).text(packed!(" words since the program began"));
        self.end(text, answer::DONE)
    }

    /// Answers with a text.
    #[inline(never)]
    fn end(&mut self, mut text: Text, label: u32) -> Done {
        if let Some(reply) = self.reply.take() {
            text.answer(reply, label);
        }
        Ok(())
    }

    /// What could be lost is saved.
    #[inline(never)]
    fn kept(&mut self, context: &mut dyn Context) -> Done {
        let mut lent = None;
        match self.question.label {
            RUN => return self.open(context),
            BORROW => {
                let region = context.capability(self.slots.cells)?.object;
                let rights = Rights::READ | Rights::WRITE | Rights::GRANT;
                lent = Some(context.mint(self.slots.cells, Some(region), rights)?);
                self.is_away = true;
            }
            _ => {}
        }
        self.finish_quietly(lent, context)
    }

    /// Opens the image whose name was lent.
    fn open(&mut self, context: &mut dyn Context) -> Done {
        self.ask_by_name(storage::OPEN, self.question.words[0], Step::Opening, context)
    }

    /// Goes on with the cells where they belong.
    #[inline(never)]
    fn with_cells(&mut self, context: &mut dyn Context) -> Done {
        context.revoke(self.slots.cells)?;
        if self.is_away && self.phase != Phase::Empty {
            return self.load(self.owner, Step::Returning, context);
        }
        self.is_away = false;
        match self.question.label {
            RESUME => self.go(context),
            label @ (SAVE | STOP) => self.save(label == SAVE, Step::Saving, context),
            SET => self.set_cells(context),
            _ => self.show_cells(context),
        }
    }

    #[inline(never)]
    fn set_cells(&mut self, context: &mut dyn Context) -> Done {
        let [first, count, _] = self.question.words;
        let is_within = first.checked_add(count).is_some_and(|end| end <= CELLS as u32);
        let set = |at: u32, context: &mut dyn Context| {
            let mut cell = [0];
            context.read(self.lent?, at, &mut cell).ok()?;
            context.write(self.slots.cells, first + at, &cell).ok()
        };
        if !is_within || !(0..count).all(|at| set(at, context).is_some()) {
            return self.refuse(Refusal::NoCell, context);
        }
        self.is_changed = true;
        self.finish_quietly(None, context)
    }

    #[inline(never)]
    fn show_cells(&mut self, context: &mut dyn Context) -> Done {
        let [first, count, _] = self.question.words;
        let count = count.min(ROW).min((CELLS as u32).saturating_sub(first));
        let mut cells = [0; ROW as usize];
        let cells = &mut cells[..count as usize];
        if count == 0 || context.read(self.slots.cells, first, cells).is_err() {
            return self.refuse(Refusal::NoCell, context);
        }
        let mut text = Text::new(context, self.lent);
        let out = text.out().column(first, 4).text(packed!(" "));
        for cell in cells.iter() {
            out.column((*cell).into(), 4);
        }
        out.text(packed!("  "));
        for cell in cells.iter() {
            out.bytes(&[if cell.is_ascii_graphic() { *cell } else { b'.' }]);
        }
        self.end(text, answer::DONE)
    }

    fn status(&mut self, context: &mut dyn Context) -> Done {
        match self.image.map(|image| context.capability(image)) {
            Some(Ok(Capability { object: Object::Region(region), .. })) => {
                self.ask_by_name(storage::NAME, region.address(), Step::Naming, context)
            }
            Some(_) => self.tell(0, context),
            None => self.finish(answer::DONE, &packed!("no program"), context),
        }
    }

    /// Says what the program of this name does; the name is in the region that is lent.
    #[inline(never)]
    fn tell(&mut self, length: u32, context: &mut dyn Context) -> Done {
        let mut name = [0; NAME_BYTES];
        let name = name.get_mut(..length as usize).unwrap_or_default();
        let is_there = self.lent.is_some_and(|lent| context.read(lent, 0, name).is_ok());
        let name = if is_there && length > 0 { &*name } else { b"(removed)" };
        let state = match self.phase {
            Phase::Left => packed!("left"),
            Phase::Ended(Stopped::Halted) => packed!("ended"),
            Phase::Ended(Stopped::Fault(_)) => packed!("failed"),
            Phase::Empty | Phase::Running => packed!("running"),
        };
        let cells = match (self.unsaved, self.is_changed) {
            (Some(_), _) => packed!("cells could not be saved"),
            (None, true) => packed!("cells not saved"),
            (None, false) => packed!("cells saved"),
        };
        let mut text = Text::new(context, self.lent);
        let out = text.out();
        out.bytes(name);
        self.place(out.text(packed!(": ")).text(state)).text(packed!("; ")).text(cells);
        self.end(text, answer::DONE)
    }

    /// Prints where the program is.
    fn place<'a>(&mut self, out: &'a mut dyn Printer) -> &'a mut dyn Printer {
        let (position, pointer) = (self.core.position(), self.core.pointer());
        out.text(packed!(" at word ")).number(position).text(packed!(", cell ")).number(pointer.into())
    }

    fn set_end_of_input(&mut self, mode: u32, context: &mut dyn Context) -> Done {
        let is_left = self.phase == Phase::Left;
        if mode == NO_MORE {
            if !is_left {
                return self.refuse(Refusal::NothingLeft, context);
            }
            let mode = self.core.input_mode();
            self.core.set_input_mode(mode | NO_MORE_INPUT);
            return self.finish(answer::DONE, &packed!("its input ends here; resume continues it"), context);
        }
        let Some(mode) = EndOfInput::ALL.get(mode as usize) else {
            return self.finish(answer::FAILED, &packed!(UnknownMode::TEXT), context);
        };
        self.mode = *mode as u8;
        if is_left {
            let flag = self.core.input_mode() & NO_MORE_INPUT;
            self.core.set_input_mode(self.mode | flag);
        }
        let mut text = Text::new(context, self.lent);
        text.out().text(packed!("at the end of the input: ")).name(mode.name());
        self.end(text, answer::DONE)
    }

    /// Takes an image that was opened. Its owner.
    #[inline(never)]
    fn take_image(&mut self, image: Option<Slot>, context: &mut dyn Context) -> Result<u32, Refusal> {
        let image = image.ok_or(Refusal::NoProgram)?;
        let Object::Region(region) = context.capability(image)?.object else {
            return Err(Refusal::NoProgram);
        };
        let mut bytes = [0; HEADER_BYTES];
        context.read(image, 0, &mut bytes).map_err(|_| Refusal::NoProgram)?;
        let header = Header::from_bytes(&bytes).map_err(|_| Refusal::NoProgram)?;
        let length = header.words.checked_mul(2).and_then(|bytes| bytes.checked_add(HEADER_BYTES as u32));
        if length.is_none_or(|length| length > region.bytes()) {
            return Err(Refusal::Damaged);
        }
        if self.question.label == RUN {
            self.fits(context).map_err(Refusal::Needs)?;
        }
        if self.question.label != RESTORE {
            context.revoke(self.slots.cells)?;
            self.forget_image(context);
            self.image = Some(image);
            self.is_away = false;
            self.owner = header.body_crc;
            self.core.clear();
            self.core.set_program(region.address() + HEADER_BYTES as u32, header.words);
            self.core.set_input_mode(self.mode);
            self.phase = Phase::Empty;
        }
        Ok(header.body_crc)
    }

    /// Puts the core where a checkpoint says.
    #[inline(never)]
    fn put_back(&mut self, checkpoint: Checkpoint, context: &mut dyn Context) -> Result<(), Refusal> {
        let image = self.image.ok_or(Refusal::Removed)?;
        let mut bytes = [0; HEADER_BYTES];
        context.read(image, 0, &mut bytes)?;
        let words = Header::from_bytes(&bytes).map_err(|_| Refusal::Damaged)?.words;
        let read = |word: u32| {
            let mut bytes = [0; 2];
            context.read(image, HEADER_BYTES as u32 + 2 * word, &mut bytes)?;
            Ok::<_, Refusal>(u16::from_le_bytes(bytes))
        };
        self.core.close_loops();
        for first in OpenLoops::new(words, checkpoint.position, read).map_err(|_| Refusal::Damaged)? {
            self.core.open_loop(first.map_err(|_| Refusal::Damaged)?);
        }
        self.core.set_position(checkpoint.position);
        self.core.set_pointer(checkpoint.pointer);
        self.core.set_input_mode(checkpoint.end_of_input);
        if let Some(byte) = checkpoint.pending {
            self.core.give_input(byte);
        }
        Ok(())
    }

    /// The program runs from here on, with cells that are zero.
    fn go_with_zeros(&mut self, context: &mut dyn Context) -> Done {
        for at in (0..CELLS).step_by(ZEROS) {
            context.write(self.slots.cells, at as u32, &[0; ZEROS])?;
        }
        self.go(context)
    }

    /// The program runs from here on.
    #[inline(never)]
    fn go(&mut self, context: &mut dyn Context) -> Done {
        self.step = Step::Running;
        if self.phase == Phase::Left && self.image.is_none_or(|image| context.capability(image).is_err()) {
            return self.refuse(Refusal::Removed, context);
        }
        self.phase = Phase::Running;
        (self.is_active, self.is_changed, self.is_leaving) = (true, true, false);
        context.send(self.slots.console, &message(console::LEND, [0; 3]), None)?;
        self.core.go();
        self.attend(context)
    }

    /// The program runs, and nothing else is done.
    fn is_running(&self) -> bool {
        self.phase == Phase::Running && self.step == Step::Running && self.reply.is_some()
    }

    /// Looks at what the core does.
    fn attend(&mut self, context: &mut dyn Context) -> Done {
        if !self.is_running() {
            return Ok(());
        }
        let status = self.look();
        if self.is_leaving {
            return self.leave(context);
        }
        if let Some(stopped) = status.stopped {
            self.take_last();
            self.phase = Phase::Ended(stopped);
            return self.save(false, Step::Ending, context);
        }
        if status.input && self.sleeping.is_none() {
            self.sleep(context)?;
        }
        let is_awake = self.sleeping.is_none();
        self.core.listen(is_awake && !status.input, is_awake && status.input);
        Ok(())
    }

    /// What the core does, and whether it has gone on.
    fn look(&mut self) -> Status {
        if self.core.take_fed() {
            (self.is_active, self.is_changed) = (true, true);
        }
        self.core.status()
    }

    fn sleep(&mut self, context: &mut dyn Context) -> Done {
        if core::mem::take(&mut self.is_active) {
            let question = message(timekeeper::WAIT, [IDLE_MS, 0, 0]);
            ask(context, self.slots.timekeeper, question, None, &mut self.sleeping)?;
        }
        Ok(())
    }

    /// A moment has passed since the program began to wait for input: if it still does, its cells are saved.
    fn rest(&mut self, context: &mut dyn Context) -> Done {
        if !self.is_running() || !self.look().input || self.is_active {
            return self.attend(context);
        }
        self.halt();
        self.save(true, Step::Resting, context)
    }

    /// Stops the core between two words.
    fn halt(&mut self) {
        self.core.stop();
        while self.core.status().running && !self.output.is_full() {
            self.take_last();
        }
        self.take_last();
    }

    fn take_last(&mut self) {
        if !self.output.is_full() {
            self.output.extend(self.core.take_output());
        }
    }

    /// The user leaves the program.
    #[inline(never)]
    fn leave(&mut self, context: &mut dyn Context) -> Done {
        self.halt();
        self.is_leaving = false;
        self.phase = Phase::Left;
        self.flush(context)
    }

    /// Prints what is left.
    fn flush(&mut self, context: &mut dyn Context) -> Done {
        self.step = Step::Flushing;
        ask(context, self.slots.console, console::write(&self.output), None, &mut self.awaited)?;
        self.output.clear();
        Ok(())
    }

    /// Says what has become of the program.
    #[inline(never)]
    fn report(&mut self, is_lost: bool, context: &mut dyn Context) -> Done {
        let mut text = Text::new(context, self.lent);
        let out = text.out();
        let (label, next) = match self.phase {
            Phase::Ended(Stopped::Halted) => {
                out.text(packed!("\r\nthe program has ended"));
                (answer::DONE, packed!(""))
            }
            Phase::Ended(Stopped::Fault(fault)) => {
                let fault = fault.map_or("unknown fault", CoreFault::name);
                self.place(out.text(packed!("\r\nthe program has failed: ")).name(fault));
                (answer::FAILED, packed!(""))
            }
            _ => {
                self.place(out.text(packed!("\r\nleft")));
                (answer::DONE, packed!("; resume continues it"))
            }
        };
        if is_lost {
            out.text(packed!(" (some of its input was lost)"));
        }
        if self.unsaved.is_some() {
            out.text(packed!("; its cells could not be saved"));
        }
        out.text(next);
        self.end(text, label)
    }

    /// Storage or console has answered.
    #[inline(never)]
    fn stored(
        &mut self,
        result: Result<Message, CallError>,
        capability: Option<Slot>,
        context: &mut dyn Context,
    ) -> Done {
        let answer = match result {
            Ok(answer) => answer,
            // What has become of the program is to be said all the same.
            Err(_) if self.step == Step::Flushing => Message::default(),
            Err(_) => return self.refuse(Refusal::Storage, context),
        };
        let is_done = answer.label != answer::FAILED;
        let is_none = answer.label == answer::NONE;
        match self.step {
            Step::Keeping | Step::Saving | Step::Ending | Step::Resting => {
                self.unsaved = (!is_done).then(|| storage::error(&answer));
                self.is_changed &= !is_done;
                self.saved(is_none, context)
            }
            Step::Opening | Step::Finding if !is_done => {
                // The storage has written why.
                if let Some(reply) = self.reply.take() {
                    let _ = context.reply(reply, &answer, None);
                }
                Ok(())
            }
            Step::Finding if is_none => self.refuse(Refusal::NothingSaved, context),
            Step::Opening | Step::Finding => self.opened(capability, context),
            Step::Beginning | Step::Continuing | Step::Returning | Step::Restoring if !is_done => {
                self.refuse(Refusal::Unloaded(storage::error(&answer)), context)
            }
            Step::Beginning if is_none => self.go_with_zeros(context),
            Step::Beginning => self.go(context),
            Step::Returning => {
                self.is_away = false;
                self.with_cells(context)
            }
            Step::Continuing => match storage::checkpoint(&answer).filter(|_| !is_none) {
                None => self.refuse(Refusal::NothingSaved, context),
                Some(checkpoint) => match self.put_back(checkpoint, context) {
                    Ok(()) => self.go(context),
                    Err(refusal) => self.refuse(refusal, context),
                },
            },
            Step::Restoring => self.restored(&answer, is_none, context),
            Step::Naming => self.tell(if is_none { 0 } else { answer.words[0] }, context),
            Step::Flushing => self.report(answer.label & console::typed::LOST != 0, context),
            Step::Running => Ok(()),
        }
    }

    /// An image was opened: cells are loaded for it.
    fn opened(&mut self, image: Option<Slot>, context: &mut dyn Context) -> Done {
        let owner = self.take_image(image, context);
        let (label, is_new) = (self.question.label, self.question.words[1] != 0);
        if let Some(image) = image.filter(|_| owner.is_err() || label == RESTORE) {
            let _ = context.delete(image);
        }
        match (owner, label) {
            (Err(refusal), _) => self.refuse(refusal, context),
            (Ok(owner), RESTORE) => self.load(owner, Step::Restoring, context),
            (Ok(owner), RESUME) => self.load(owner, Step::Continuing, context),
            (Ok(_), _) if is_new => self.go_with_zeros(context),
            (Ok(owner), _) => self.load(owner, Step::Beginning, context),
        }
    }

    /// The cells are saved, or could not be.
    fn saved(&mut self, is_same: bool, context: &mut dyn Context) -> Done {
        match (self.step, self.question.label, self.unsaved) {
            (Step::Resting, ..) => {
                self.step = Step::Running;
                self.core.go();
                self.attend(context)
            }
            (Step::Ending, ..) => self.flush(context),
            (_, STOP, unsaved) => {
                self.phase = Phase::Empty;
                self.forget_image(context);
                self.core.clear();
                self.is_changed = false;
                let mut text = Text::new(context, self.lent);
                let out = text.out().text(packed!("the program was stopped"));
                if let Some(error) = &unsaved {
                    out.text(packed!("; its cells are lost: ")).say(error);
                }
                self.end(text, answer::DONE)
            }
            (_, _, Some(error)) => self.refuse(Refusal::Unsaved(error), context),
            (Step::Keeping, ..) => self.kept(context),
            _ => {
                let text = if is_same {
                    packed!("nothing has changed since it was saved")
                } else {
                    packed!("saved")
                };
                self.finish(answer::DONE, &text, context)
            }
        }
    }

    /// The state that was saved is there.
    fn restored(&mut self, answer: &Message, is_none: bool, context: &mut dyn Context) -> Done {
        if is_none {
            return self.refuse(Refusal::NoCells, context);
        }
        self.is_away = false;
        self.is_changed = self.question.words[0] != 0;
        let text = match storage::checkpoint(answer) {
            _ if self.is_changed => packed!("the cells are those of that program"),
            None => packed!("the cells are as they were saved"),
            Some(checkpoint) => {
                if let Err(refusal) = self.put_back(checkpoint, context) {
                    return self.refuse(refusal, context);
                }
                packed!("it is as it was saved; resume continues it")
            }
        };
        self.finish(answer::DONE, &text, context)
    }

    fn forget_image(&mut self, context: &mut dyn Context) {
        if let Some(image) = self.image.take() {
            // It may have been taken back already.
            let _ = context.delete(image);
        }
    }

    /// Whether the machine has what the program needs, according to its name.
    #[inline(never)]
    fn fits(&self, context: &mut dyn Context) -> Result<(), Miss> {
        let mut bytes = [0; NAME_BYTES];
        let read = bytes.get_mut(..self.question.words[0] as usize).zip(self.lent);
        let Some(bytes) = read.and_then(|(bytes, lent)| context.read(lent, 0, bytes).ok().map(|()| &*bytes))
        else {
            return Ok(());
        };
        Requirements::promised(bytes).map_or(Ok(()), |requires| requires.fits(COMPUTER))
    }
}

impl<C: Core> Machine for Process<C> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        Ok(match event {
            Event::Start => {
                self.core.clear();
                Ok(())
            }
            Event::Call { reply, lent, .. } if self.reply.is_some() => {
                answer(context, reply, answer::FAILED, lent, &Refusal::Busy);
                Ok(())
            }
            Event::Call { message: question, reply, lent, .. } => {
                (self.question, self.reply, self.lent, self.step) =
                    (question, Some(reply), lent, Step::Running);
                self.begin(context)
            }
            Event::Notification { bits } => {
                self.is_leaving |= bits & LEAVE != 0;
                self.attend(context)
            }
            Event::Reply { call, result, capability } => {
                if is_answer(&mut self.awaited, call) {
                    self.stored(result, capability, context)
                } else if is_answer(&mut self.sleeping, call) {
                    self.rest(context)
                } else {
                    Ok(())
                }
            }
            Event::Message { .. } => Ok(()),
        }?)
    }

    fn restart(&mut self) {
        (self.phase, self.image, self.is_away) = (Phase::Empty, None, false);
        (self.reply, self.awaited, self.sleeping) = (None, None, None);
        self.output.clear();
        (self.is_active, self.is_changed, self.is_leaving) = (false, false, false);
    }
}
