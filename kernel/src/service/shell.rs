//! The shell: a line at a time, a command each.
//!
//! Nearly every command is one call to another machine, which writes its text into the region that the shell lends: the shell prints
//! what is there.

use super::{
    answer, ask, console, is_answer, line, loader, message, process, storage, timekeeper, Text, LENT,
};
use crate::capability::{Capability, Held, Object, Rights, Slot};
use crate::command_line::{number, QuoteError, Words};
use crate::context::Context;
use crate::files::NAME_BYTES;
use crate::line_editor::{LineEditor, Reply};
use crate::machine::{Fault, Machine, MachineId};
use crate::message::{CallId, Event, Message, SendError};
use crate::system::{NAMES, PAGE_BYTES};
use core::ops::RangeInclusive;
use heapless::Vec;
use images::machine::EndOfInput;
use images::packed;
use images::packed::Packed;
use images::say::{Printer, Say};

/// Characters of a line: two names and a command.
pub const LINE: usize = 2 * NAME_BYTES + 12;
/// How long a key can prevent that a program starts by itself, in milliseconds.
pub const START_MS: u32 = 1_000;
/// What is printed when the shell waits for a line.
const PROMPT: &[u8] = b"> ";
/// Cells that are shown if nothing is said.
const SHOWN: u32 = 64;
/// An echo that is longer is printed before more is added: for one byte it has 9 bytes at most.
const ECHO: u32 = PAGE_BYTES - 16;

/// The board, as far as the shell needs it.
pub trait Board {
    /// Why it has started.
    fn cause(&self) -> Packed;
    /// What made the firmware start again, if something did.
    fn crash(&self) -> Option<Crash>;
    /// The most bytes of RAM that the stack has had, and what it can have.
    fn stack(&self) -> (u32, u32);
    /// Bits a second that the serial line can have.
    fn bauds(&self) -> RangeInclusive<u32>;
    /// Sets them, when all has been printed.
    fn set_baud(&mut self, baud: u32);
    /// Starts the board again, when all has been printed.
    fn reset(&mut self);
}

/// A trap or a panic of the firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// What, in words.
    pub name: Packed,
    /// What, as RISC-V numbers it in `mcause`.
    pub cause: u32,
    /// At which instruction.
    pub place: u32,
    /// An address, if that says something.
    pub value: u32,
}

impl Say for Crash {
    fn say(&self, to: &mut dyn Printer) {
        to.text(self.name)
            .text(packed!(" (cause "))
            .hex(self.cause)
            .text(packed!(") in the instruction at "))
            .hex(self.place);
        to.text(packed!(", value ")).hex(self.value);
    }
}

images::said!(Crash);

/// What the shell may use.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// Endpoint of the console.
    pub console: Slot,
    /// Endpoint of the storage.
    pub storage: Slot,
    /// Endpoint of the process.
    pub process: Slot,
    /// Endpoint of the timekeeper.
    pub timekeeper: Slot,
    /// Endpoint of the loader.
    pub loader: Slot,
    /// Region for names and texts.
    pub page: Slot,
    /// The kernel, to be read.
    pub kernel: Slot,
}

/// What a command's line is printed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Help,
    Files,
    Damage,
    Capabilities,
    Faults,
    Counts,
    Cells,
}

/// What the shell does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// It has printed who it is.
    Greeting,
    /// It asks which program starts by itself.
    Asking,
    /// It has printed which one.
    Announcing,
    /// It has that one compared with its CRC.
    Checking,
    /// A key prevents it now.
    Delaying,
    /// It asks once more: that one is to be run.
    Starting,
    /// It has printed the prompt, or an echo.
    Prompting,
    /// It waits for bytes.
    Reading,
    /// It has printed the line's end.
    Ending,
    /// Somebody carries out a command.
    Calling,
    /// Somebody makes a line of a list.
    Listing,
    /// It prints a line of a list, and goes on with the next one.
    PrintingOne,
    /// It prints the last line of what is to be said.
    Printing,
    /// What would be lost is saved before the board starts again.
    Keeping,
    /// It prints that the line gets another speed.
    ChangingSpeed,
    /// It prints that the board starts again.
    Resetting,
}

/// The machine that the user talks to.
pub struct Shell<B> {
    board: B,
    slots: Slots,
    editor: LineEditor<LINE>,
    /// Bytes that were read and are still to be seen to.
    typed: console::Bytes,
    doing: Doing,
    /// The list that is printed, and the number of the line that is next.
    source: Source,
    number: u32,
    /// The number behind the last cell that is shown.
    end: u32,
    /// Bits a second that the line gets.
    baud: u32,
    awaited: Option<CallId>,
    /// The time in which a key prevents the start.
    delay: Option<CallId>,
}

/// A call that names go with: its label, and how many names at least and at most.
#[derive(Clone, Copy)]
struct Named {
    label: u8,
    least: u8,
    most: u8,
}

/// What a command does.
#[derive(Clone, Copy)]
enum Does {
    /// Prints lines.
    List(Source),
    /// Calls a machine.
    Storage(Named),
    Process(Named),
    Loader(Named),
    Run,
    ShowCells,
    SetCells,
    EndOfInput,
    SetSpeed,
    Reset,
    /// It is a key.
    Nothing,
}

/// A command.
struct Command {
    /// What `help` says: how it is typed, its name first, then a colon, and what it is for.
    help: Packed,
    does: Does,
}

impl Command {
    /// How it is typed.
    fn usage(&self) -> Usage {
        let mut usage = Usage { bytes: Vec::new(), is_whole: false };
        self.help.say(&mut usage);
        usage
    }

    fn is(&self, name: &[u8]) -> bool {
        self.usage().bytes.split(|byte| *byte == b' ').next() == Some(name)
    }
}

const fn command(help: Packed, does: Does) -> Command {
    Command { help, does }
}

/// What stands before the colon of a help. The longest has 25 bytes.
struct Usage {
    bytes: Vec<u8, 32>,
    /// The colon was there.
    is_whole: bool,
}

impl Printer for Usage {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.is_whole |= *byte == b':';
            if !self.is_whole {
                let _ = self.bytes.push(*byte);
            }
        }
    }
}

const fn named(label: u32, least: u8, most: u8) -> Named {
    Named { label: label as u8, least, most }
}

/// The commands in the order of `help`.
static COMMANDS: [Command; 22] = {
    use Does::*;
    [
        command(packed!("help: show this"), List(Source::Help)),
        command(packed!("ls: list the files"), List(Source::Files)),
        command(
            packed!("load: receive files by YMODEM, programs as text or as images"),
            Loader(named(loader::LOAD, 0, 0)),
        ),
        command(
            packed!("rm NAME: remove a file, and the cells that its program has saved"),
            Storage(named(storage::REMOVE, 1, 1)),
        ),
        command(packed!("mv NAME NEW: rename a file"), Storage(named(storage::RENAME, 2, 2))),
        command(packed!("check: look for damaged files"), List(Source::Damage)),
        command(
            packed!("run [-n] NAME: run a program with its saved cells, -n: with cells that are zero"),
            Run,
        ),
        command(
            packed!("start [NAME]: which program starts by itself when the board does; without a name: none"),
            Storage(named(storage::START, 0, 1)),
        ),
        command(packed!("stop: end the program that was left"), Process(named(process::STOP, 0, 0))),
        command(
            packed!("resume: continue the program that was left, or else what was saved last"),
            Process(named(process::RESUME, 0, 0)),
        ),
        command(
            packed!("save: save the program that was left: its cells, and where it is"),
            Process(named(process::SAVE, 0, 0)),
        ),
        command(
            packed!(
                "restore [NAME]: put it back to where it was saved; NAME: with the cells of that program"
            ),
            Process(named(process::RESTORE, 0, 1)),
        ),
        command(packed!("ps: show what the program does"), Process(named(process::STATUS, 0, 0))),
        command(packed!("caps: show who holds what: object, rights, parent"), List(Source::Capabilities)),
        command(packed!("mem [CELL [COUNT]]: show cells"), ShowCells),
        command(packed!("set CELL VALUE...: set cells, from this one on"), SetCells),
        command(
            packed!("eof [0|-1|unchanged|wait]: what reads do at the end of the input; alone: it ends here"),
            EndOfInput,
        ),
        command(packed!("baud RATE: set the speed of the serial line, until the next start"), SetSpeed),
        command(
            packed!("fault: show what has failed: machine, cause, address, generation"),
            List(Source::Faults),
        ),
        command(packed!("stat: show times, counts and the stack"), List(Source::Counts)),
        command(packed!("reset: save what would be lost and start the board again"), Reset),
        command(packed!("Ctrl-\\: leave a running program; so does a break"), Nothing),
    ]
};

/// What is wrong with a line.
enum Complaint {
    Usage(&'static Command),
    Text(Packed),
    Quote(QuoteError),
}

impl From<QuoteError> for Complaint {
    fn from(error: QuoteError) -> Complaint {
        Complaint::Quote(error)
    }
}

impl Say for Complaint {
    fn say(&self, to: &mut dyn Printer) {
        match self {
            Complaint::Usage(command) => to.text(packed!("type: ")).bytes(&command.usage().bytes),
            Complaint::Text(text) => text.say(to),
            Complaint::Quote(error) => error.say(to),
        };
    }
}

/// Words behind a command.
const MOST_ARGUMENTS: usize = 3;

/// Which cells to set: the number of the first one, and how many. What they become is in the page then.
#[inline(never)]
fn set(words: Words, page: Slot, context: &mut dyn Context) -> Result<[u32; 2], Complaint> {
    const NUMBER: Complaint =
        Complaint::Text(packed!("set CELL VALUE...: cells are 0 to 4095, values 0 to 255"));
    let (mut first, mut count) = (None, 0);
    for word in words {
        let number = number(word?).ok_or(NUMBER)?;
        if first.is_none() {
            first = Some(number);
            continue;
        }
        let value = u8::try_from(number).map_err(|_| NUMBER)?;
        context.write(page, count, &[value]).map_err(|_| NUMBER)?;
        count += 1;
    }
    first.filter(|_| count > 0).map(|first| [first, count]).ok_or(NUMBER)
}

/// The capability with this number among those of all machines.
fn held(context: &dyn Context, kernel: Slot, number: u32) -> Option<(Packed, Held)> {
    let mut number = number as usize;
    for (machine, name) in NAMES.iter().enumerate() {
        let mut index = 0;
        while let Ok(held) = context.held_by(kernel, MachineId(machine as u8), index) {
            if number == 0 {
                return Some((*name, held));
            }
            (number, index) = (number - 1, index + 1);
        }
    }
    None
}

fn name_of(machine: MachineId) -> Packed {
    NAMES.get(usize::from(machine.0)).copied().unwrap_or(packed!("nobody"))
}

/// Writes what somebody holds.
#[inline(never)]
fn describe(text: &mut Text, holder: Packed, held: &Held) {
    let Held { slot, capability: Capability { object, rights }, parent } = held;
    text.out().text(holder);
    // Names in 10 columns.
    let columns = 14_u32.saturating_sub(text.length());
    let out = text.out().column(slot.number().into(), columns as usize).text(packed!("  "));
    out.text(match object {
        Object::Region(_) => packed!("region "),
        Object::Endpoint { .. } => packed!("endpoint of "),
        Object::Reply(_) => packed!("reply"),
        Object::Notification { .. } => packed!("notification of "),
        Object::Device(_) => packed!("device "),
        Object::File(_) => packed!("file "),
        Object::Process(_) => packed!("process "),
        Object::Kernel => packed!("kernel"),
    });
    match object {
        Object::Region(region) => out
            .hex_digits(region.address(), 8)
            .text(packed!(", "))
            .number(region.bytes())
            .text(packed!(" bytes")),
        Object::Endpoint { receiver, .. } => out.text(name_of(*receiver)),
        Object::Notification { receiver, bits } => {
            out.text(name_of(*receiver)).text(packed!(", bits ")).hex((*bits).into())
        }
        Object::Device(number) | Object::Process(number) => out.number((*number).into()),
        Object::File(number) => out.number(*number),
        Object::Reply(_) | Object::Kernel => out,
    };
    out.text(packed!("; "));
    for (bit, letter) in (0..).zip(b"rwxg") {
        let is_there = rights.include(Rights::from_bits(1 << bit));
        out.bytes(&[if is_there { *letter } else { b'-' }]);
    }
    if let Some((machine, slot)) = parent {
        out.text(packed!("; from ")).text(name_of(*machine)).text(packed!(" ")).number(slot.number().into());
    }
}

impl<B: Board> Shell<B> {
    /// A shell on this board that may use these.
    pub const fn new(board: B, slots: Slots) -> Self {
        Shell {
            board,
            slots,
            editor: LineEditor::new(),
            typed: console::Bytes::NONE,
            doing: Doing::Greeting,
            source: Source::Help,
            number: 0,
            end: 0,
            baud: 0,
            awaited: None,
            delay: None,
        }
    }

    fn call(
        &mut self,
        endpoint: Slot,
        question: Message,
        doing: Doing,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        self.doing = doing;
        let lend = Some((self.slots.page, LENT));
        match ask(context, endpoint, question, lend, &mut self.awaited) {
            Ok(()) => Ok(()),
            // Nobody is there to do it.
            Err(error) => self.complain(&error, context),
        }
    }

    /// Prints what cannot be done.
    #[inline(never)]
    fn complain(&mut self, error: &dyn Say, context: &mut dyn Context) -> Result<(), SendError> {
        let length = line(context, Some(self.slots.page), error);
        self.print(length, Doing::Printing, context)
    }

    /// Prints what is in the page.
    #[inline(never)]
    fn print(&mut self, length: u32, doing: Doing, context: &mut dyn Context) -> Result<(), SendError> {
        self.doing = doing;
        let lend = Some((self.slots.page, Rights::READ));
        let question = message(console::PRINT, [length, 0, 0]);
        ask(context, self.slots.console, question, lend, &mut self.awaited)
    }

    #[inline(never)]
    fn greet(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        let mut text = Text::new(context, Some(self.slots.page));
        let out = text
            .out()
            .text(packed!("\r\nFusion, started by "))
            .text(self.board.cause())
            .text(packed!("; type help"));
        if let Some(crash) = self.board.crash() {
            out.text(packed!("\r\nit had failed: ")).say(&crash);
        }
        let length = text.line();
        self.print(length, Doing::Greeting, context)
    }

    fn ask_start(&mut self, doing: Doing, context: &mut dyn Context) -> Result<(), SendError> {
        self.call(self.slots.storage, message(storage::STARTS, [0; 3]), doing, context)
    }

    #[inline(never)]
    fn announce(&mut self, length: u32, context: &mut dyn Context) -> Result<(), SendError> {
        let mut name = [0; NAME_BYTES];
        let name = name.get_mut(..length as usize).unwrap_or_default();
        context.read(self.slots.page, 0, name)?;
        let mut text = Text::new(context, Some(self.slots.page));
        text.bytes(name);
        text.out().text(packed!(" starts in a moment; a key prevents it"));
        let printed = text.line();
        self.print(printed, Doing::Announcing, context)
    }

    #[inline(never)]
    fn announce_baud(&mut self, baud: u32, context: &mut dyn Context) -> Result<(), SendError> {
        let bauds = self.board.bauds();
        let mut text = Text::new(context, Some(self.slots.page));
        let out = text.out();
        let doing = if bauds.contains(&baud) {
            out.number(baud).text(packed!(" from here on: set the terminal to it"));
            self.baud = baud;
            Doing::ChangingSpeed
        } else {
            out.text(packed!("the line can have "))
                .number(*bauds.start())
                .text(packed!(" to "))
                .number(*bauds.end());
            out.text(packed!("; give one of these"));
            Doing::Printing
        };
        let length = text.line();
        self.print(length, doing, context)
    }

    fn prompt(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        self.doing = Doing::Prompting;
        ask(context, self.slots.console, console::write(PROMPT), None, &mut self.awaited)
    }

    fn read(&mut self, most: usize, doing: Doing, context: &mut dyn Context) -> Result<(), SendError> {
        self.doing = doing;
        let question = message(console::READ, [most as u32, 0, 0]);
        ask(context, self.slots.console, question, None, &mut self.awaited)
    }

    /// Sees to the bytes that were read.
    #[inline(never)]
    fn edit(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        let mut echo = Text::new(context, Some(self.slots.page));
        let mut doing = Doing::Prompting;
        while doing == Doing::Prompting && echo.length() < ECHO {
            let Some(byte) = self.typed.next() else { break };
            match self.editor.byte(byte) {
                // Cursor left, and erase to the end of the line: ECMA-48, sections 8.3.18 and 8.3.41.
                Reply::Erase(count) if count > 1 => {
                    echo.out().text(packed!("\x1B[")).number(count as u32).text(packed!("D\x1B[K"));
                }
                reply => {
                    reply.print(echo.out());
                    match reply {
                        Reply::Line => doing = Doing::Ending,
                        Reply::Dropped => echo.bytes(PROMPT),
                        _ => {}
                    }
                }
            }
        }
        match echo.length() {
            0 => self.read(console::MOST, Doing::Reading, context),
            length => self.print(length, doing, context),
        }
    }

    /// Carries out the line.
    #[inline(never)]
    fn execute(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        match self.begin(context) {
            Ok(begun) => begun,
            Err(complaint) => self.complain(&complaint, context),
        }
    }

    /// Begins what the line asks for.
    fn begin(&mut self, context: &mut dyn Context) -> Result<Result<(), SendError>, Complaint> {
        let mut split = Words::new(self.editor.line());
        let Some(name) = split.next() else { return Ok(self.prompt(context)) };
        let name = name?;
        let command = COMMANDS.iter().find(|command| command.is(name));
        if let Some(Command { does: Does::SetCells, .. }) = command {
            let [first, count] = set(split, self.slots.page, context)?;
            return Ok(self.ask_process(process::SET, first, count, Doing::Calling, context));
        }
        let (mut words, mut count) = ([&b""[..]; MOST_ARGUMENTS], 0);
        for word in split {
            const TOO_MUCH: Complaint = Complaint::Text(packed!("that is too much for one line; type help"));
            *words.get_mut(count).ok_or(TOO_MUCH)? = word?;
            count += 1;
        }
        let words = words.get(..count).unwrap_or_default();
        let command = command.ok_or(Complaint::Text(packed!("there is no such command; type help")))?;
        let usage = Complaint::Usage(command);
        let run = named(process::RUN, 1, 1);
        let (endpoint, call, first) = match (command.does, words) {
            (Does::List(source), []) => return Ok(self.begin_list(source, 0, 0, context)),
            (Does::Storage(call), _) => (self.slots.storage, call, 0),
            (Does::Process(call), _) => (self.slots.process, call, 0),
            (Does::Loader(call), _) => (self.slots.loader, call, 0),
            (Does::Run, [b"-n", _]) => (self.slots.process, run, 1),
            (Does::Run, _) => (self.slots.process, run, 0),
            (Does::ShowCells, numbers @ ([] | [_] | [_, _])) => {
                let of = |at: usize, default| numbers.get(at).map_or(Some(default), |word| number(word));
                let (Some(first), Some(count)) = (of(0, 0), of(1, SHOWN)) else {
                    return Err(Complaint::Text(packed!(
                        "this is not a number of cells; write one like 64 or 0x40"
                    )));
                };
                let end = first.saturating_add(count.max(1));
                return Ok(self.begin_list(Source::Cells, first, end, context));
            }
            (Does::EndOfInput, modes @ ([] | [_])) => {
                let mode = match modes {
                    [mode, ..] => EndOfInput::named(mode).ok_or(usage)? as u32,
                    [] => process::NO_MORE,
                };
                return Ok(self.ask_process(process::END_OF_INPUT, mode, 0, Doing::Calling, context));
            }
            (Does::SetSpeed, [rate]) => {
                let rate = number(rate).ok_or(usage)?;
                return Ok(self.announce_baud(rate, context));
            }
            (Does::Reset, []) => return Ok(self.ask_process(process::KEEP, 0, 0, Doing::Keeping, context)),
            _ => return Err(usage),
        };
        let names = words.get(first..).unwrap_or_default();
        if !(usize::from(call.least)..=usize::from(call.most)).contains(&names.len()) {
            return Err(usage);
        }
        // The names are in the page one behind the other.
        let mut at = 0;
        let mut question = message(call.label.into(), [0, first as u32, 0]);
        for (name, length) in names.iter().zip(&mut question.words) {
            if context.write(self.slots.page, at, name).is_err() {
                return Err(Complaint::Text(packed!("the name is too long; give a shorter one")));
            }
            *length = name.len() as u32;
            at += *length;
        }
        Ok(self.call(endpoint, question, Doing::Calling, context))
    }

    #[inline(never)]
    fn ask_process(
        &mut self,
        label: u32,
        first: u32,
        second: u32,
        doing: Doing,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        self.call(self.slots.process, message(label, [first, second, 0]), doing, context)
    }

    /// Prints the lines of a list, from a number on, up to another one.
    fn begin_list(
        &mut self,
        source: Source,
        number: u32,
        end: u32,
        context: &mut dyn Context,
    ) -> Result<(), SendError> {
        (self.source, self.number, self.end) = (source, number, end);
        self.list(context)
    }

    /// Makes the next line of the list, or has it made.
    #[inline(never)]
    fn list(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        let Slots { storage, timekeeper, page, kernel, .. } = self.slots;
        let (number, doing, page) = (self.number, Doing::Listing, Some(page));
        let length = match (self.source, number) {
            (Source::Files, _) => {
                return self.call(storage, message(storage::LIST, [number, 0, 0]), doing, context)
            }
            (Source::Damage, _) => {
                return self.call(storage, message(storage::CHECK, [number, 0, 0]), doing, context)
            }
            (Source::Cells, _) => {
                return self.ask_process(process::CELLS_LINE, number, self.end - number, doing, context)
            }
            (Source::Counts, 0) => {
                let (used, most) = self.board.stack();
                let mut text = Text::new(context, page);
                text.out()
                    .text(packed!("stack: "))
                    .number(used)
                    .text(packed!(" of "))
                    .number(most)
                    .text(packed!(" bytes used at most"));
                text.line()
            }
            (Source::Counts, 1) => {
                return self.call(timekeeper, message(timekeeper::NOW, [0; 3]), doing, context)
            }
            (Source::Counts, _) => return self.ask_process(process::COUNTS, 0, 0, doing, context),
            (Source::Help, _) => match COMMANDS.get(number as usize) {
                None => return self.prompt(context),
                Some(command) => {
                    let mut text = Text::new(context, page);
                    text.out().text(command.help);
                    text.line()
                }
            },
            (Source::Capabilities, _) => match held(context, kernel, number) {
                None => return self.prompt(context),
                Some((holder, held)) => {
                    let mut text = Text::new(context, page);
                    describe(&mut text, holder, &held);
                    text.line()
                }
            },
            (Source::Faults, _) => match (context.fault(kernel, number as usize), number) {
                (Ok(record), _) => {
                    let mut text = Text::new(context, page);
                    let out = text.out().text(name_of(record.machine));
                    out.text(packed!(": cause ")).number(record.fault.cause.get().into());
                    out.text(packed!(", address ")).hex(record.fault.address);
                    out.text(packed!(", generation ")).number(record.generation.into());
                    text.line()
                }
                (Err(_), 0) => {
                    let mut text = Text::new(context, page);
                    match self.board.crash() {
                        Some(crash) => text.out().text(packed!("firmware: ")).say(&crash),
                        None => text.out().text(packed!("no faults")),
                    };
                    let length = text.line();
                    return self.print(length, Doing::Printing, context);
                }
                (Err(_), _) => return self.prompt(context),
            },
        };
        self.number += 1;
        self.print(length, Doing::PrintingOne, context)
    }

    /// A line was made.
    #[inline(never)]
    fn listed(&mut self, answer: &Message, context: &mut dyn Context) -> Result<(), SendError> {
        let mut length = answer.words[0];
        let next = match (self.source, answer.label) {
            (_, answer::FAILED) => None,
            (Source::Counts, _) if self.number == 1 => {
                let [low, high, _] = answer.words;
                let milliseconds = u64::from(high) << 32 | u64::from(low);
                let mut text = Text::new(context, Some(self.slots.page));
                text.out()
                    .text(packed!("time since power-up: "))
                    .decimal(milliseconds, 0, 3)
                    .text(packed!(" s"));
                length = text.line();
                Some(self.number + 1)
            }
            (Source::Cells, _) => Some(self.number + process::ROW).filter(|next| *next < self.end),
            (_, answer::MORE) => Some(answer.words[1]),
            _ => None,
        };
        self.number = next.unwrap_or(0);
        match (length, next) {
            (0, _) => self.prompt(context),
            (_, Some(_)) => self.print(length, Doing::PrintingOne, context),
            (_, None) => self.print(length, Doing::Printing, context),
        }
    }

    /// What was asked for is there.
    fn answered(&mut self, answer: &Message, context: &mut dyn Context) -> Result<(), SendError> {
        let length = answer.words[0];
        let is_done = answer.label == answer::DONE;
        match self.doing {
            // What has failed just now is not started again by itself.
            Doing::Greeting if self.board.crash().is_some() => self.prompt(context),
            Doing::Greeting => self.ask_start(Doing::Asking, context),
            Doing::Asking if is_done => self.announce(length, context),
            Doing::Asking => self.prompt(context),
            Doing::Announcing => {
                let question = message(timekeeper::WAIT, [START_MS, 0, 0]);
                ask(context, self.slots.timekeeper, question, None, &mut self.delay)?;
                // In the time that passes anyway.
                let question = message(storage::STARTS, [1, 0, 0]);
                self.call(self.slots.storage, question, Doing::Checking, context)
            }
            Doing::Checking if is_done && self.delay.is_some() => self.read(1, Doing::Delaying, context),
            Doing::Checking if is_done => self.ask_start(Doing::Starting, context),
            Doing::Checking => self.print(length, Doing::Printing, context),
            Doing::Delaying => self.prompt(context),
            Doing::Starting if is_done => {
                let question = message(process::RUN, [length, 0, 1]);
                self.call(self.slots.process, question, Doing::Calling, context)
            }
            Doing::Starting => self.prompt(context),
            Doing::Prompting => self.edit(context),
            Doing::Reading => match self.take(answer, context)? {
                true => self.edit(context),
                false => Ok(()),
            },
            Doing::Ending => self.execute(context),
            Doing::Listing => self.listed(answer, context),
            Doing::PrintingOne => self.list(context),
            Doing::Printing => self.prompt(context),
            Doing::Keeping if is_done => {
                let length = line(context, Some(self.slots.page), &packed!("starting again"));
                self.print(length, Doing::Resetting, context)
            }
            Doing::Calling | Doing::Keeping if length > 0 => self.print(length, Doing::Printing, context),
            Doing::Calling | Doing::Keeping => self.prompt(context),
            Doing::ChangingSpeed => {
                self.board.set_baud(self.baud);
                self.prompt(context)
            }
            Doing::Resetting => {
                self.board.reset();
                Ok(())
            }
        }
    }

    /// Takes the bytes that were read. Whether the line goes on.
    fn take(&mut self, answer: &Message, context: &mut dyn Context) -> Result<bool, SendError> {
        self.typed = console::bytes(answer);
        if answer.label & console::typed::LOST == 0 {
            return Ok(true);
        }
        // A line that is not whole is not carried out.
        self.editor = LineEditor::new();
        self.typed = console::Bytes::NONE;
        self.complain(&packed!("\r\nsome typed bytes were lost; type the line again, more slowly"), context)?;
        Ok(false)
    }

    /// Nothing has prevented the start.
    fn start(&mut self, context: &mut dyn Context) -> Result<(), SendError> {
        if self.doing == Doing::Delaying {
            self.awaited = None;
            return self.ask_start(Doing::Starting, context);
        }
        Ok(())
    }
}

impl<B: Board> Machine for Shell<B> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        Ok(match event {
            Event::Start => self.greet(context),
            Event::Reply { call, result, .. } if is_answer(&mut self.awaited, call) => match result {
                Ok(answer) => self.answered(&answer, context),
                Err(error) => self.complain(&error, context),
            },
            Event::Reply { call, .. } if is_answer(&mut self.delay, call) => self.start(context),
            _ => Ok(()),
        }?)
    }

    fn restart(&mut self) {
        self.editor = LineEditor::new();
        self.typed = console::Bytes::NONE;
        (self.doing, self.awaited, self.delay) = (Doing::Greeting, None, None);
    }
}
