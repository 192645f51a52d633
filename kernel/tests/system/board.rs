//! A board for the whole system: the words of a program are carried out by the word machine, the flash is one whose power can be
//! cut, and the line, the clock and the core interrupt as devices do.

use crate::nor::{Cut, Nor, SECTOR};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{ErrorKind, ErrorType, Read, Write};
use embedded_storage::nor_flash::{self, MultiwriteNorFlash, NorFlash, NorFlashErrorKind, ReadNorFlash};
use images::isa::{Op, Word};
use images::machine::{EndOfInput, Stop, COMPUTER};
use images::packed;
use images::packed::Packed;
use images::words::WordMachine;
use kernel::memory::{Memory, MemoryError};
use kernel::region::Region;
use kernel::service::console::Line;
use kernel::service::process::{Core, Status, Stopped, NO_MORE_INPUT};
use kernel::service::shell::{self, Crash};
use kernel::service::storage::Places;
use kernel::service::timekeeper::Clock;
use kernel::signals::{Signals, Sleep};
use kernel::system::{self, signal, Map, System, Tables, PAGE_BYTES};
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

/// Bytes that nobody prints between two looks at them.
const MOST_PRINTED: usize = 1 << 20;

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
    /// It is to stop before the next word that does not belong to the one before.
    is_stopping: bool,
    /// The word that was carried out last belongs together with the next one.
    is_within: bool,
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
            is_stopping: false,
            is_within: false,
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
        matches!(self.next(), Some(Op::In))
    }

    fn waits(&self) -> bool {
        let ends = self.no_more && self.machine.mode != EndOfInput::Wait;
        self.running && self.is_reading() && self.input.is_none() && !ends
    }

    fn next(&self) -> Option<Op> {
        Word::decode(*self.words.get(self.machine.next as usize)?).map(|word| word.op)
    }

    /// Carries out a word, if it can.
    fn step(&mut self) {
        if self.is_stopping && !self.is_within {
            self.running = false;
        }
        if !self.running || self.waits() || self.output.is_some() {
            return;
        }
        self.is_within = matches!(self.next(), Some(Op::Check(_) | Op::Mul { .. } | Op::MulAdd(_)));
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
    /// What is typed when the core has executed so many words.
    later: (u64, Vec<u8>),
    /// What the line has printed.
    pub printed: Vec<u8>,
    /// What is typed and has not come in yet: it does when the processor has nothing to do.
    typed: VecDeque<u8>,
    /// The byte that takes the line from the core.
    key: u8,
    /// The core has the line.
    is_lent: bool,
    is_left: bool,
    overrun: bool,
    listens: [bool; 2],
    /// Time in milliseconds.
    pub now: u64,
    alarm: Option<u64>,
    /// What made the firmware start again.
    pub crash: Option<Crash>,
    /// The next time that cells are written it fails.
    pub cells_fail: bool,
    /// It was started again by the shell.
    pub was_reset: bool,
    pub baud: u32,
    /// Nothing happens any more without a byte, or without time.
    is_quiet: bool,
}

pub type Shared = Rc<RefCell<World>>;

/// The drivers: all of them see the same world.
#[derive(Clone)]
pub struct Driver(pub Shared);

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
        let printed = &mut self.0.borrow_mut().printed;
        printed.push(byte);
        assert!(printed.len() < MOST_PRINTED, "it prints without end");
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), Overrun> {
        Ok(())
    }
}

impl Line for Driver {
    fn set_key(&mut self, key: u8) {
        self.0.borrow_mut().key = key;
    }

    fn lend(&mut self) {
        let mut world = self.0.borrow_mut();
        let key = world.key;
        match world.received.iter().position(|byte| *byte == key) {
            None => world.is_lent = true,
            Some(at) => {
                world.received.drain(..=at);
                world.is_left = true;
            }
        }
    }

    fn take_back(&mut self) {
        self.0.borrow_mut().is_lent = false;
    }

    fn take_lost(&mut self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().overrun)
    }

    fn take_left(&mut self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().is_left)
    }

    fn listen(&mut self, received: bool, room: bool) {
        self.0.borrow_mut().listens = [received, room];
    }
}

impl Clock for Driver {
    const TICKS: u32 = 1;

    fn now(&mut self) -> u64 {
        self.0.borrow().now
    }

    fn set_alarm(&mut self, at: Option<u64>) {
        self.0.borrow_mut().alarm = at;
    }
}

impl shell::Board for Driver {
    fn cause(&self) -> Packed {
        packed!("power")
    }

    fn crash(&self) -> Option<Crash> {
        self.0.borrow().crash
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
        let core = &mut self.0.borrow_mut().core;
        if core.is_stopping {
            core.step();
        }
        Status {
            input: core.waits(),
            running: core.running,
            pending: core.input.is_some(),
            stopped: core.stopped,
        }
    }

    fn take_output(&mut self) -> Option<u8> {
        self.0.borrow_mut().core.output.take()
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
        let core = &mut self.0.borrow_mut().core;
        (core.running, core.is_stopping) = (true, false);
    }

    fn stop(&mut self) {
        self.0.borrow_mut().core.is_stopping = true;
        self.status();
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
                if std::mem::take(&mut world.cells_fail) {
                    return Err(MemoryError);
                }
                world.core.machine.cells[(address - CELLS) as usize..][..bytes.len()].copy_from_slice(bytes)
            }
            WINDOW.. => return world.nor.write(address - WINDOW, bytes).map_err(|_| MemoryError),
            _ => world.page[(address - PAGE) as usize..][..bytes.len()].copy_from_slice(bytes),
        }
        Ok(())
    }
}

/// The processor: when it has nothing to do, the world goes on.
pub struct Processor<'a>(pub &'a Shared, pub &'a Signals<{ signal::COUNT }>);

impl Sleep for Processor<'_> {
    fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool) {
        if is_idle() {
            let mut world = self.0.borrow_mut();
            for _ in 0..100 {
                world.core.step();
                world.exchange();
                if world.core.executed >= world.later.0 && world.typed.is_empty() && !world.later.1.is_empty()
                {
                    let later = std::mem::take(&mut world.later.1);
                    later.into_iter().for_each(|byte| world.receive(byte));
                    break;
                }
            }
            let comes = !world.typed.is_empty();
            world.type_on();
            world.is_quiet = !world.interrupt(self.1)
                && !comes
                && (!world.core.running || world.core.waits() || world.core.output.is_some());
        }
    }
}

impl World {
    /// Everything as it is after a power failure, with this flash.
    pub fn new(mut nor: Nor) -> Shared {
        nor.power_on();
        Rc::new(RefCell::new(World {
            nor,
            page: vec![0; PAGE_BYTES as usize],
            // Cells come up with anything.
            core: CoreState::new(vec![0x5A; COMPUTER.cells as usize]),
            received: VecDeque::new(),
            later: (0, Vec::new()),
            printed: Vec::new(),
            typed: VecDeque::new(),
            key: 0,
            is_lent: false,
            is_left: false,
            overrun: false,
            listens: [false; 2],
            now: 0,
            alarm: None,
            crash: None,
            cells_fail: false,
            was_reset: false,
            baud: 0,
            is_quiet: false,
        }))
    }

    /// What is typed comes in, as far as there is room for it. The core takes what it waits for meanwhile.
    fn type_on(&mut self) {
        while self.received.len() < QUEUE && !self.is_left {
            let Some(byte) = self.typed.pop_front() else { return };
            self.receive(byte);
            for _ in 0..100 {
                if !self.is_lent {
                    break;
                }
                self.core.step();
                self.exchange();
            }
        }
    }

    /// A byte comes in.
    pub fn receive(&mut self, byte: u8) {
        if self.is_lent && self.key == byte {
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
        (self.is_lent, self.is_left) = (false, true);
    }

    /// While the core has the line its bytes go by themselves.
    fn exchange(&mut self) {
        if !self.is_lent {
            return;
        }
        self.printed.extend(self.core.output.take());
        if self.core.waits() && !self.core.no_more {
            if let Some(byte) = self.received.pop_front() {
                (self.core.input, self.core.given, self.core.is_fed) = (Some(byte), byte, true);
            }
        }
    }

    /// Goes on to the next alarm until then. Whether there is one.
    pub fn has_alarm(&mut self, end: u64) -> bool {
        let alarm = self.alarm.filter(|alarm| *alarm <= end);
        self.now = alarm.unwrap_or(end);
        alarm.is_some()
    }

    /// Whether nothing happens any more by itself.
    pub fn take_quiet(&mut self) -> bool {
        std::mem::take(&mut self.is_quiet)
    }

    /// Types something when the core has executed so many words.
    pub fn typed_later(&mut self, words: u64, bytes: &[u8]) {
        self.later = (words, bytes.to_vec());
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

/// Where things are.
pub fn map() -> Map {
    let saved = (SECTOR * SAVED_SECTORS) as u32 + SECTOR as u32;
    let end = (SECTOR * FILE_SECTORS) as u32 + saved;
    Map {
        places: Places { window: WINDOW, files: saved..end, saved: SECTOR as u32..saved },
        cells: Region::new(CELLS, COMPUTER.cells).expect("a region"),
        page: Region::new(PAGE, PAGE_BYTES).expect("a region"),
    }
}

/// The board, switched on.
pub struct Board {
    pub world: Shared,
    kernel: Tables,
    system: System<Driver, Driver, Driver, Driver, Driver>,
    signals: Signals<{ signal::COUNT }>,
}

impl Board {
    /// A board with this flash, after a power failure.
    pub fn new(nor: Nor) -> Board {
        let world = World::new(nor);
        let driver = || Driver(world.clone());
        let map = map();
        let (kernel, slots) = system::wire(&map);
        let system = System::new(driver(), driver(), driver(), driver(), driver(), slots, map.places);
        Board { world, kernel, system, signals: Signals::new() }
    }

    /// Runs until nothing happens any more by itself; time stands still.
    pub fn run(&mut self) {
        let mut memory = Driver(self.world.clone());
        self.world.borrow_mut().is_quiet = false;
        for _ in 0..5_000_000 {
            self.system.turn(
                &mut self.kernel,
                &mut memory,
                &self.signals,
                &mut Processor(&self.world, &self.signals),
            );
            if self.world.borrow_mut().take_quiet() {
                return;
            }
        }
        panic!("it does not come to rest; it printed {}", self.text());
    }

    /// Types something when this has been printed, whatever is going on then. What was printed, up to the end.
    pub fn typed_at(&mut self, end: &str, bytes: &[u8]) -> String {
        let mut memory = Driver(self.world.clone());
        while !self.world.borrow().printed.ends_with(end.as_bytes()) {
            self.system.turn(
                &mut self.kernel,
                &mut memory,
                &self.signals,
                &mut Processor(&self.world, &self.signals),
            );
        }
        self.typed(bytes)
    }

    /// Lets so many milliseconds pass.
    pub fn wait(&mut self, milliseconds: u64) {
        self.run();
        let end = self.world.borrow().now + milliseconds;
        while self.world.borrow_mut().has_alarm(end) {
            self.run();
        }
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
        if world.is_lent {
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
