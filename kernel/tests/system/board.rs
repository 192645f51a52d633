//! A board for the whole system: the words of a program are carried out by the word machine, the flash is one whose power can be
//! cut, and the line, the clock and the core interrupt as devices do.

use crate::nor::{Cut, Nor, SECTOR};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{ErrorKind, ErrorType, Read, Write};
use embedded_storage::nor_flash::{self, MultiwriteNorFlash, NorFlash, NorFlashErrorKind, ReadNorFlash};
use images::isa::{Op, Word};
use images::machine::{EndOfInput, Stop, COMPUTER};
use images::words::WordMachine;
use kernel::memory::{Memory, MemoryError};
use kernel::region::Region;
use kernel::service::console::Line;
use kernel::service::process::{Core, Status, Stopped, NO_MORE_INPUT};
use kernel::service::shell::{self, Crash};
use kernel::service::storage::Places;
use kernel::service::timekeeper::Clock;
use kernel::signals::{Signals, Sleep};
use kernel::system::{signal, Map, System, PAGE_BYTES};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Where things are in the address space.
const PAGE: u32 = 0x100;
const WINDOW: u32 = 0x2000_0000;
const CELLS: u32 = 0x4000_0000;
/// Sectors of the saved cells: four slots.
const SAVED_SECTORS: usize = 4 * 9;
/// Sectors of the files.
const FILE_SECTORS: usize = 200;
/// Bytes that the line's queues hold.
const QUEUE: usize = 512;

/// A byte each, to be handed to the word machine one by one.
static BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = at as u8;
        at += 1;
    }
    bytes
};

/// A blank flash of the right size.
pub fn blank() -> Nor {
    Nor::blank(SAVED_SECTORS + FILE_SECTORS)
}

struct CoreState {
    machine: WordMachine<'static>,
    words: Vec<u16>,
    running: bool,
    stopped: Option<Stopped>,
    output: Option<u8>,
    input: Option<u8>,
    /// The byte of input that was given last.
    given: u8,
    /// One came from the line.
    is_fed: bool,
    no_more: bool,
    /// For input, and for a byte from the line; it always is for the end.
    listens: Option<[bool; 2]>,
    executed: u64,
}

impl CoreState {
    fn new(cells: Vec<u8>) -> CoreState {
        let mut machine = WordMachine::new(COMPUTER, &[]);
        machine.cells = cells;
        CoreState {
            machine,
            words: Vec::new(),
            running: false,
            stopped: None,
            output: None,
            input: None,
            given: 0,
            is_fed: false,
            no_more: false,
            listens: None,
            executed: 0,
        }
    }

    fn is_reading(&self) -> bool {
        let next = self.words.get(self.machine.next as usize).and_then(|word| Word::decode(*word));
        matches!(next, Some(Word { op: Op::In, .. }))
    }

    fn waits(&self) -> bool {
        let ends = self.no_more && self.machine.mode != EndOfInput::Wait;
        self.running && self.is_reading() && self.input.is_none() && !ends
    }

    /// Carries out a word, if it can.
    fn step(&mut self) {
        if !self.running || self.waits() || self.output.is_some() {
            return;
        }
        if self.is_reading() {
            if let Some(byte) = self.input.take() {
                self.machine.set_input(&BYTES[usize::from(byte)..][..1]);
            }
        }
        let stop = self.machine.run(&self.words, 1);
        self.machine.set_input(&[]);
        self.executed += 1;
        self.output = self.machine.output.pop();
        self.stopped = match stop {
            Stop::Limit => return,
            Stop::Halted => Some(Stopped::Halted),
            Stop::Fault { fault, .. } => Some(Stopped::Fault(Some(fault))),
            Stop::InputEnded => None,
        };
        self.running = false;
    }

    fn wants(&self) -> bool {
        let Some([input, fed]) = self.listens else { return false };
        (input && self.waits()) || (fed && self.is_fed) || self.stopped.is_some()
    }
}

/// Everything that is not the kernel.
pub struct World {
    pub nor: Nor,
    page: Vec<u8>,
    core: CoreState,
    received: VecDeque<u8>,
    /// What is typed when the core has run for a while.
    later: Vec<u8>,
    /// What the line has printed.
    pub printed: Vec<u8>,
    /// What is typed and has not come in yet: a byte does when the processor has nothing to do.
    typed: VecDeque<u8>,
    /// The byte that takes the line from the core, while that has it.
    key: Option<u8>,
    is_left: bool,
    overrun: bool,
    listens: [bool; 2],
    /// Time in milliseconds.
    pub now: u64,
    alarm: Option<u64>,
    /// It was started again by the shell.
    pub was_reset: bool,
    pub baud: u32,
    /// Nothing happens any more without a byte, or without time.
    is_quiet: bool,
}

type Shared = Rc<RefCell<World>>;

/// The drivers: all of them see the same world.
#[derive(Clone)]
pub struct Driver(Shared);

#[derive(Debug)]
pub struct Overrun;

impl embedded_hal_nb::serial::Error for Overrun {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Overrun
    }
}

impl ErrorType for Driver {
    type Error = Overrun;
}

impl Read<u8> for Driver {
    fn read(&mut self) -> nb::Result<u8, Overrun> {
        let mut world = self.0.borrow_mut();
        match world.received.pop_front() {
            Some(byte) => Ok(byte),
            None if std::mem::take(&mut world.overrun) => Err(nb::Error::Other(Overrun)),
            None => Err(nb::Error::WouldBlock),
        }
    }
}

impl Write<u8> for Driver {
    fn write(&mut self, byte: u8) -> nb::Result<(), Overrun> {
        self.0.borrow_mut().printed.push(byte);
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), Overrun> {
        Ok(())
    }
}

impl Line for Driver {
    fn lend(&mut self, key: u8) {
        self.0.borrow_mut().key = Some(key);
    }

    fn take_back(&mut self) -> bool {
        let mut world = self.0.borrow_mut();
        world.key = None;
        std::mem::take(&mut world.overrun)
    }

    fn take_left(&mut self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().is_left)
    }

    fn listen(&mut self, received: bool, room: bool) {
        self.0.borrow_mut().listens = [received, room];
    }
}

impl Clock for Driver {
    fn now(&mut self) -> u64 {
        self.0.borrow().now
    }

    fn set_alarm(&mut self, at: Option<u64>) {
        self.0.borrow_mut().alarm = at;
    }
}

impl shell::Board for Driver {
    fn cause(&self) -> &'static str {
        "power"
    }

    fn crash(&self) -> Option<Crash> {
        None
    }

    fn stack(&self) -> (u32, u32) {
        (500, 1000)
    }

    fn bauds(&self) -> RangeInclusive<u32> {
        1200..=1_000_000
    }

    fn set_baud(&mut self, baud: u32) {
        self.0.borrow_mut().baud = baud;
    }

    fn reset(&mut self) {
        self.0.borrow_mut().was_reset = true;
    }
}

impl Core for Driver {
    fn status(&mut self) -> Status {
        let core = &self.0.borrow().core;
        Status {
            output: core.output.is_some(),
            input: core.waits(),
            running: core.running,
            pending: core.input.is_some(),
            stopped: core.stopped,
        }
    }

    fn take_output(&mut self) -> u8 {
        self.0.borrow_mut().core.output.take().unwrap_or(0)
    }

    fn give_input(&mut self, byte: u8) {
        let core = &mut self.0.borrow_mut().core;
        (core.input, core.given) = (Some(byte), byte);
    }

    fn input(&mut self) -> u8 {
        self.0.borrow().core.given
    }

    fn take_fed(&mut self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().core.is_fed)
    }

    fn clear(&mut self) {
        let core = &mut self.0.borrow_mut().core;
        let (words, listens) = (std::mem::take(&mut core.words), core.listens);
        *core = CoreState::new(std::mem::take(&mut core.machine.cells));
        (core.words, core.listens) = (words, listens);
    }

    fn set_program(&mut self, address: u32, words: u32) {
        let mut world = self.0.borrow_mut();
        let bytes = &world.nor.bytes[(address - WINDOW) as usize..][..2 * words as usize];
        let words = bytes.chunks(2).map(|word| u16::from_le_bytes([word[0], word[1]])).collect();
        world.core.words = words;
    }

    fn go(&mut self) {
        self.0.borrow_mut().core.running = true;
    }

    fn stop(&mut self) {
        self.0.borrow_mut().core.running = false;
    }

    fn position(&mut self) -> u32 {
        self.0.borrow().core.machine.next
    }

    fn set_position(&mut self, position: u32) {
        self.0.borrow_mut().core.machine.next = position;
    }

    fn pointer(&mut self) -> u16 {
        self.0.borrow().core.machine.pointer as u16
    }

    fn set_pointer(&mut self, pointer: u16) {
        self.0.borrow_mut().core.machine.pointer = pointer.into();
    }

    fn open_loop(&mut self, first: u32) {
        let machine = &mut self.0.borrow_mut().core.machine;
        machine.set_loops([machine.loops(), &[first]].concat());
    }

    fn close_loops(&mut self) {
        self.0.borrow_mut().core.machine.set_loops(Vec::new());
    }

    fn input_mode(&mut self) -> u8 {
        let core = &self.0.borrow().core;
        core.machine.mode as u8 | if core.no_more { NO_MORE_INPUT } else { 0 }
    }

    fn set_input_mode(&mut self, mode: u8) {
        let core = &mut self.0.borrow_mut().core;
        core.machine.mode = EndOfInput::ALL[usize::from(mode & 3)];
        core.no_more = mode & NO_MORE_INPUT != 0;
    }

    fn cycles(&mut self) -> u64 {
        2 * self.0.borrow().core.executed
    }

    fn words(&mut self) -> u64 {
        self.0.borrow().core.executed
    }

    fn listen(&mut self, input: bool, fed: bool) {
        self.0.borrow_mut().core.listens = Some([input, fed]);
    }
}

impl nor_flash::ErrorType for Driver {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Driver {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.borrow_mut().nor.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.borrow().nor.capacity()
    }
}

impl NorFlash for Driver {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.borrow_mut().nor.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.borrow_mut().nor.write(offset, bytes)
    }
}

impl MultiwriteNorFlash for Driver {}

impl Memory for Driver {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError> {
        let world = self.0.borrow();
        let (memory, at) = match address {
            CELLS.. => (&world.core.machine.cells, address - CELLS),
            WINDOW.. => (&world.nor.bytes, address - WINDOW),
            _ => (&world.page, address - PAGE),
        };
        bytes.copy_from_slice(&memory[at as usize..][..bytes.len()]);
        Ok(())
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        let mut world = self.0.borrow_mut();
        match address {
            CELLS.. => {
                assert!(!world.core.running, "cells are written while the core runs");
                world.core.machine.cells[(address - CELLS) as usize..][..bytes.len()].copy_from_slice(bytes)
            }
            WINDOW.. => return world.nor.write(address - WINDOW, bytes).map_err(|_| MemoryError),
            _ => world.page[(address - PAGE) as usize..][..bytes.len()].copy_from_slice(bytes),
        }
        Ok(())
    }
}

/// The processor: when it has nothing to do, the world goes on.
struct Processor<'a>(&'a Shared, &'a Signals<{ signal::COUNT }>);

impl Sleep for Processor<'_> {
    fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool) {
        if is_idle() {
            let mut world = self.0.borrow_mut();
            for _ in 0..100 {
                world.core.step();
                world.exchange();
            }
            if world.core.executed > 500 {
                let later = std::mem::take(&mut world.later);
                world.typed.extend(later);
            }
            let comes = world.typed.pop_front();
            comes.into_iter().for_each(|byte| world.receive(byte));
            world.is_quiet = !world.interrupt(self.1)
                && comes.is_none()
                && world.typed.is_empty()
                && (!world.core.running || world.core.waits());
        }
    }
}

impl World {
    /// A byte comes in.
    pub fn receive(&mut self, byte: u8) {
        if self.key == Some(byte) {
            self.leave();
        } else if self.received.len() < QUEUE {
            self.received.push_back(byte);
        } else {
            self.overrun = true;
        }
    }

    /// Key or break take the line from the core.
    fn leave(&mut self) {
        self.received.clear();
        (self.key, self.is_left) = (None, true);
    }

    /// While the core has the line its bytes go by themselves.
    fn exchange(&mut self) {
        let Some(key) = self.key else { return };
        self.printed.extend(self.core.output.take());
        if self.received.front() == Some(&key) {
            self.received.pop_front();
            (self.key, self.is_left) = (None, true);
        } else if self.core.waits() && !self.core.no_more {
            if let Some(byte) = self.received.pop_front() {
                (self.core.input, self.core.given, self.core.is_fed) = (Some(byte), byte, true);
            }
        }
    }

    /// Types something when the core has executed some hundred words.
    pub fn typed_later(&mut self, bytes: &[u8]) {
        self.later = bytes.to_vec();
    }

    /// Interrupts if a device wants attention, which is not listened to from then on. Whether one does.
    fn interrupt(&mut self, signals: &Signals<{ signal::COUNT }>) -> bool {
        let [received, room] = self.listens;
        let line = self.is_left || (received && (!self.received.is_empty() || self.overrun)) || room;
        let clock = self.alarm.is_some_and(|alarm| alarm <= self.now);
        let core = self.core.wants();
        self.listens = if line { [false; 2] } else { self.listens };
        self.core.listens = self.core.listens.filter(|_| !core);
        self.alarm = self.alarm.filter(|_| !clock);
        for (source, wants) in [(signal::LINE, line), (signal::CLOCK, clock), (signal::CORE, core)] {
            if wants {
                signals.post(source);
            }
        }
        line || clock || core
    }
}

/// The board, switched on.
pub struct Board {
    pub world: Shared,
    system: System<Driver, Driver, Driver, Driver, Driver>,
    signals: Signals<{ signal::COUNT }>,
}

impl Board {
    /// A board with this flash, after a power failure.
    pub fn new(mut nor: Nor) -> Board {
        nor.power_on();
        let world = Rc::new(RefCell::new(World {
            nor,
            page: vec![0; PAGE_BYTES as usize],
            // Cells come up with anything.
            core: CoreState::new(vec![0x5A; COMPUTER.cells as usize]),
            received: VecDeque::new(),
            later: Vec::new(),
            printed: Vec::new(),
            typed: VecDeque::new(),
            key: None,
            is_left: false,
            overrun: false,
            listens: [false; 2],
            now: 0,
            alarm: None,
            was_reset: false,
            baud: 0,
            is_quiet: false,
        }));
        let driver = || Driver(world.clone());
        let saved = (SECTOR * SAVED_SECTORS) as u32 + SECTOR as u32;
        let end = (SECTOR * FILE_SECTORS) as u32 + saved;
        let map = Map {
            places: Places { window: WINDOW, files: saved..end, saved: SECTOR as u32..saved },
            cells: Region::new(CELLS, COMPUTER.cells).expect("a region"),
            page: Region::new(PAGE, PAGE_BYTES).expect("a region"),
        };
        let system = System::new(driver(), driver(), driver(), driver(), driver(), map);
        Board { world, system, signals: Signals::new() }
    }

    /// Runs until nothing happens any more by itself; time stands still.
    pub fn run(&mut self) {
        let mut memory = Driver(self.world.clone());
        self.world.borrow_mut().is_quiet = false;
        for _ in 0..5_000_000 {
            self.system.turn(&mut memory, &self.signals, &mut Processor(&self.world, &self.signals));
            if std::mem::take(&mut self.world.borrow_mut().is_quiet) {
                return;
            }
        }
        panic!("it does not come to rest; it printed {}", self.text());
    }

    /// Types something when this has been printed, whatever is going on then. What was printed, up to the end.
    pub fn typed_at(&mut self, end: &str, bytes: &[u8]) -> String {
        let mut memory = Driver(self.world.clone());
        while !self.world.borrow().printed.ends_with(end.as_bytes()) {
            self.system.turn(&mut memory, &self.signals, &mut Processor(&self.world, &self.signals));
        }
        self.typed(bytes)
    }

    /// Lets so many milliseconds pass.
    pub fn wait(&mut self, milliseconds: u64) {
        self.run();
        let end = self.world.borrow().now + milliseconds;
        loop {
            let alarm = self.world.borrow().alarm.filter(|alarm| *alarm <= end);
            let Some(alarm) = alarm else { break };
            self.world.borrow_mut().now = alarm;
            self.run();
        }
        self.world.borrow_mut().now = end;
    }

    /// Types bytes, as fast as the line takes them. What was printed since the last time.
    pub fn typed(&mut self, bytes: &[u8]) -> String {
        self.world.borrow_mut().typed.extend(bytes);
        self.run();
        self.text()
    }

    /// Types a line.
    pub fn line(&mut self, line: &str) -> String {
        self.typed(format!("{line}\r").as_bytes())
    }

    /// A break on the line.
    pub fn send_break(&mut self) -> String {
        let mut world = self.world.borrow_mut();
        if world.key.is_some() {
            world.leave();
        }
        drop(world);
        self.run();
        self.text()
    }

    /// Bytes were lost.
    pub fn overrun(&mut self) {
        self.world.borrow_mut().overrun = true;
    }

    /// What was printed since the last time.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.world.borrow_mut().printed)).into_owned()
    }

    /// The flash, after the power has failed.
    pub fn nor(&self) -> Nor {
        self.world.borrow().nor.clone()
    }

    /// Cuts the power later.
    pub fn cut(&mut self, cut: Cut) {
        self.world.borrow_mut().nor.cut(cut);
    }

    /// The cells.
    pub fn cells(&self) -> Vec<u8> {
        self.world.borrow().core.machine.cells.clone()
    }
}
