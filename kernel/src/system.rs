//! The system: the kernel with its machines, and who may do what.

use crate::capability::{Capability, Object, Rights, Slot};
use crate::kernel::Kernel;
use crate::machine::{Machine, MachineId, Machines};
use crate::memory::Memory;
use crate::region::Region;
use crate::service::console::{Console, Line};
use crate::service::loader::{self, Loader};
use crate::service::process::{self, Core, Process};
use crate::service::shell::{self, Board, Shell};
use crate::service::storage::{Places, Storage, CELLS};
use crate::service::timekeeper::{Clock, Timekeeper};
use crate::signals::{Signals, Sleep};
use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::packed;
use images::packed::Packed;

/// Machines.
const MACHINES: usize = 6;
/// Capabilities that each can hold.
const SLOTS: usize = 12;
/// Capabilities that there are: 17 are given at the start, the rest is for files and what is lent, of which there were never
/// more than 6 at the same time.
const CAPABILITIES: usize = 26;
/// Messages that can wait for one machine.
const QUEUE: usize = 4;
/// Messages and calls on their way, of which there were never more than 6 at the same time.
const RECORDS: usize = 8;

const CONSOLE: MachineId = MachineId(0);
const STORAGE: MachineId = MachineId(1);
const PROCESS: MachineId = MachineId(2);
const TIMEKEEPER: MachineId = MachineId(3);
const LOADER: MachineId = MachineId(4);
const SHELL: MachineId = MachineId(5);

/// Names of the machines, by their numbers.
pub const NAMES: [Packed; MACHINES] = [
    packed!("console"),
    packed!("storage"),
    packed!("process"),
    packed!("timekeeper"),
    packed!("loader"),
    packed!("shell"),
];

/// Bytes of the shell's page, in which names and texts are handed on: a line of the longest text.
pub const PAGE_BYTES: u32 = 160;

/// What interrupts, by its number among the [`Signals`].
pub mod signal {
    /// The serial line.
    pub const LINE: usize = 0;
    /// The clock.
    pub const CLOCK: usize = 1;
    /// The Brainfuck core.
    pub const CORE: usize = 2;
    /// How many there are.
    pub const COUNT: usize = 3;
}

/// Whom a signal notifies, with which bits.
const ROUTES: [(MachineId, u16); signal::COUNT] = [(CONSOLE, 1), (TIMEKEEPER, 1), (PROCESS, process::CORE)];

/// Where things are in the address space.
pub struct Map {
    /// The flash, and what is where in it.
    pub places: Places,
    /// The cells of the core: [`CELLS`].
    pub cells: Region,
    /// RAM for names and texts: [`PAGE_BYTES`].
    pub page: Region,
}

/// What the machines may use.
pub struct Slots {
    leaving: Slot,
    files: Slot,
    process: process::Slots,
    loader: loader::Slots,
    shell: shell::Slots,
}

/// The machines, which have the drivers: serial line, flash, Brainfuck core, clock and board.
pub struct System<L, F, C, K, B> {
    console: Console<L>,
    storage: Storage<F>,
    process: Process<C>,
    timekeeper: Timekeeper<K>,
    loader: Loader,
    shell: Shell<B>,
}

/// The capability to call a machine.
const fn call(receiver: MachineId) -> Object {
    Object::Endpoint { receiver, badge: 0 }
}

/// The kernel with tables of Fusion's size.
pub type Tables = Kernel<MACHINES, SLOTS, CAPABILITIES, QUEUE, RECORDS>;

/// Gives a machine a capability.
const fn give(kernel: &mut Tables, to: MachineId, object: Object, rights: Rights) -> Slot {
    match kernel.capabilities.give(to, Capability { object, rights }) {
        Ok(slot) => slot,
        Err(_) => {
            panic!("regions of a system do not overlap, and its tables have room for all that is given")
        }
    }
}

/// The kernel, which gives everyone what it may use, and no more. A program for one board lets the compiler do it.
///
/// # Panics
/// Regions of the map that overlap or do not have the right size.
pub const fn wire(map: &Map) -> (Tables, Slots) {
    let Map { places, cells, page } = map;
    let mut kernel = Kernel::new();
    let files_bytes = places.files.end - places.files.start;
    let Some(region) = Region::new(places.window + places.files.start, files_bytes) else {
        panic!("there is room for files")
    };
    assert!(cells.bytes() == CELLS as u32 && page.bytes() == PAGE_BYTES);

    let leaving = Object::Notification { receiver: PROCESS, bits: process::LEAVE };
    let leaving = give(&mut kernel, CONSOLE, leaving, Rights::WRITE);
    let files = give(&mut kernel, STORAGE, Object::Region(region), Rights::ALL);
    let share = Rights::READ.or(Rights::WRITE).or(Rights::GRANT);
    let process = process::Slots {
        console: give(&mut kernel, PROCESS, call(CONSOLE), Rights::EXECUTE.or(Rights::WRITE)),
        storage: give(&mut kernel, PROCESS, call(STORAGE), Rights::EXECUTE),
        timekeeper: give(&mut kernel, PROCESS, call(TIMEKEEPER), Rights::EXECUTE),
        cells: give(&mut kernel, PROCESS, Object::Region(*cells), share),
    };
    let loader = loader::Slots {
        console: give(&mut kernel, LOADER, call(CONSOLE), Rights::EXECUTE),
        storage: give(&mut kernel, LOADER, call(STORAGE), Rights::EXECUTE),
        timekeeper: give(&mut kernel, LOADER, call(TIMEKEEPER), Rights::EXECUTE),
        process: give(&mut kernel, LOADER, call(PROCESS), Rights::EXECUTE),
    };
    let shell = shell::Slots {
        console: give(&mut kernel, SHELL, call(CONSOLE), Rights::EXECUTE),
        storage: give(&mut kernel, SHELL, call(STORAGE), Rights::EXECUTE),
        process: give(&mut kernel, SHELL, call(PROCESS), Rights::EXECUTE),
        timekeeper: give(&mut kernel, SHELL, call(TIMEKEEPER), Rights::EXECUTE),
        loader: give(&mut kernel, SHELL, call(LOADER), Rights::EXECUTE),
        page: give(&mut kernel, SHELL, Object::Region(*page), share),
        kernel: give(&mut kernel, SHELL, Object::Kernel, Rights::READ),
    };
    (kernel, Slots { leaving, files, process, loader, shell })
}

impl<L: Line, F: MultiwriteNorFlash + Clone, C: Core, K: Clock, B: Board> System<L, F, C, K, B> {
    /// The bytes of RAM that each part takes: kernel, console, storage, process, timekeeper, loader, shell.
    pub const BYTES: [usize; 1 + MACHINES] = [
        size_of::<Tables>(),
        size_of::<Console<L>>(),
        size_of::<Storage<F>>(),
        size_of::<Process<C>>(),
        size_of::<Timekeeper<K>>(),
        size_of::<Loader>(),
        size_of::<Shell<B>>(),
    ];

    /// The machines before their first event.
    pub fn new(line: L, flash: F, core: C, clock: K, board: B, slots: Slots, places: Places) -> Self {
        System {
            console: Console::new(line, slots.leaving),
            storage: Storage::new(flash, places, slots.files),
            process: Process::new(core, slots.process),
            timekeeper: Timekeeper::new(clock),
            loader: Loader::new(slots.loader),
            shell: Shell::new(board, slots.shell),
        }
    }

    /// One turn: what interrupts have posted, then one event for one machine, or sleep if there is none.
    pub fn turn(
        &mut self,
        kernel: &mut Tables,
        memory: &mut dyn Memory,
        signals: &Signals<{ signal::COUNT }>,
        processor: &mut impl Sleep,
    ) {
        crate::signals::run(kernel, self, memory, signals, &ROUTES, processor);
    }
}

impl<L: Line, F: MultiwriteNorFlash + Clone, C: Core, K: Clock, B: Board> Machines for System<L, F, C, K, B> {
    #[inline(always)] // There is one caller.
    fn get(&mut self, machine: MachineId) -> Option<&mut dyn Machine> {
        Some(match machine {
            CONSOLE => &mut self.console,
            STORAGE => &mut self.storage,
            PROCESS => &mut self.process,
            TIMEKEEPER => &mut self.timekeeper,
            LOADER => &mut self.loader,
            SHELL => &mut self.shell,
            _ => return None,
        })
    }
}
