//! The system: the kernel with its machines, and who may do what.

use crate::capability::{Capability, CapabilityError, Object, Rights, Slot};
use crate::kernel::Kernel;
use crate::machine::{Machine, MachineId};
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

/// Machines.
const MACHINES: usize = 6;
/// Capabilities that each can hold.
const SLOTS: usize = 10;
/// Messages that can wait for one machine.
const QUEUE: usize = 4;
/// Messages and calls on their way.
const RECORDS: usize = 12;

const CONSOLE: MachineId = MachineId(0);
const STORAGE: MachineId = MachineId(1);
const PROCESS: MachineId = MachineId(2);
const TIMEKEEPER: MachineId = MachineId(3);
const LOADER: MachineId = MachineId(4);
const SHELL: MachineId = MachineId(5);

/// Names of the machines, by their numbers.
pub const NAMES: [&str; MACHINES] = ["console", "storage", "process", "timekeeper", "loader", "shell"];

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

/// What the system is put together from: the drivers of the board, and where things are in the address space.
pub struct Parts<L, F, C, K, B> {
    /// The serial line.
    pub line: L,
    /// The flash.
    pub flash: F,
    /// Where the files and the saved cells are in it.
    pub places: Places,
    /// The Brainfuck core.
    pub core: C,
    /// The cells in the address space.
    pub cells: Region,
    /// The clock.
    pub clock: K,
    /// The board.
    pub board: B,
    /// [`PAGE_BYTES`] of RAM in the address space.
    pub page: Region,
}

/// The kernel and its machines.
pub struct System<L, F, C, K, B> {
    kernel: Kernel<MACHINES, SLOTS, QUEUE, RECORDS>,
    console: Console<L>,
    storage: Storage<F>,
    process: Process<C>,
    timekeeper: Timekeeper<K>,
    loader: Loader,
    shell: Shell<B>,
}

impl<L: Line, F: MultiwriteNorFlash + Clone, C: Core, K: Clock, B: Board> System<L, F, C, K, B> {
    /// Gives everyone what it may use, and no more.
    ///
    /// # Errors
    /// Regions that overlap or are empty; the tables of the kernel are too small.
    pub fn new(parts: Parts<L, F, C, K, B>) -> Result<Self, CapabilityError> {
        let Parts { line, flash, places, core, cells, clock, board, page } = parts;
        let mut kernel = Kernel::new();
        let mut give = |to: MachineId, object: Object, rights: Rights| -> Result<Slot, CapabilityError> {
            kernel.capabilities.give(to, Capability { object, rights })
        };
        let call = |receiver: MachineId| Object::Endpoint { receiver, badge: 0 };
        let files = places
            .window
            .checked_add(places.files.start)
            .and_then(|address| Region::new(address, places.files.end.saturating_sub(places.files.start)))
            .ok_or(CapabilityError::OutOfRange)?;
        if cells.bytes() != CELLS as u32 {
            return Err(CapabilityError::OutOfRange);
        }

        let leaving = Object::Notification { receiver: PROCESS, bits: process::LEAVE };
        let console = Console::new(line, give(CONSOLE, leaving, Rights::WRITE)?);
        let storage = Storage::new(flash, places, give(STORAGE, Object::Region(files), Rights::ALL)?);
        let process = Process::new(
            core,
            process::Slots {
                console: give(PROCESS, call(CONSOLE), Rights::EXECUTE | Rights::WRITE)?,
                storage: give(PROCESS, call(STORAGE), Rights::EXECUTE)?,
                timekeeper: give(PROCESS, call(TIMEKEEPER), Rights::EXECUTE)?,
                cells: give(PROCESS, Object::Region(cells), Rights::READ | Rights::WRITE | Rights::GRANT)?,
            },
        );
        let loader = Loader::new(loader::Slots {
            console: give(LOADER, call(CONSOLE), Rights::EXECUTE)?,
            storage: give(LOADER, call(STORAGE), Rights::EXECUTE)?,
            timekeeper: give(LOADER, call(TIMEKEEPER), Rights::EXECUTE)?,
            process: give(LOADER, call(PROCESS), Rights::EXECUTE)?,
        });
        let shell = Shell::new(
            board,
            shell::Slots {
                console: give(SHELL, call(CONSOLE), Rights::EXECUTE)?,
                storage: give(SHELL, call(STORAGE), Rights::EXECUTE)?,
                process: give(SHELL, call(PROCESS), Rights::EXECUTE)?,
                timekeeper: give(SHELL, call(TIMEKEEPER), Rights::EXECUTE)?,
                loader: give(SHELL, call(LOADER), Rights::EXECUTE)?,
                page: give(SHELL, Object::Region(page), Rights::READ | Rights::WRITE | Rights::GRANT)?,
                kernel: give(SHELL, Object::Kernel, Rights::READ)?,
            },
        );
        let timekeeper = Timekeeper::new(clock);
        Ok(System { kernel, console, storage, process, timekeeper, loader, shell })
    }

    /// One turn: what interrupts have posted, then one event for one machine, or sleep if there is none.
    pub fn turn(
        &mut self,
        memory: &mut dyn Memory,
        signals: &Signals<{ signal::COUNT }>,
        processor: &mut impl Sleep,
    ) {
        let machines: &mut [&mut dyn Machine; MACHINES] = &mut [
            &mut self.console,
            &mut self.storage,
            &mut self.process,
            &mut self.timekeeper,
            &mut self.loader,
            &mut self.shell,
        ];
        crate::signals::run(&mut self.kernel, machines, memory, signals, &ROUTES, processor);
    }
}
