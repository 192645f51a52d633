//! The last faults.

use crate::machine::{Fault, MachineId};
use core::num::NonZeroU16;

/// Faults that are remembered.
pub const FAULTS: usize = 4;

/// A fault, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// Whose.
    pub machine: MachineId,
    /// What and where.
    pub fault: Fault,
    /// How often the machine had been started again before.
    pub generation: u16,
}

/// A fault as it is kept: 8 bytes.
#[derive(Clone, Copy, Debug)]
struct Kept {
    cause: NonZeroU16,
    generation: u16,
    address: u32,
}

/// The last [`FAULTS`] faults.
#[derive(Debug)]
pub struct Faults {
    /// The newest comes last.
    kept: [Kept; FAULTS],
    /// Whose they are: [`NOBODY`]'s are none.
    machines: [MachineId; FAULTS],
}

const NOBODY: MachineId = MachineId(u8::MAX);

impl Default for Faults {
    fn default() -> Self {
        Faults::new()
    }
}

impl Faults {
    /// There was none.
    pub const fn new() -> Self {
        let none = Kept { cause: NonZeroU16::MIN, generation: 0, address: 0 };
        Faults { kept: [none; FAULTS], machines: [NOBODY; FAULTS] }
    }

    /// One more: the oldest is forgotten.
    pub fn write(&mut self, FaultRecord { machine, fault, generation }: FaultRecord) {
        for newer in 1..FAULTS {
            self.kept[newer - 1] = self.kept[newer];
            self.machines[newer - 1] = self.machines[newer];
        }
        self.kept[FAULTS - 1] = Kept { cause: fault.cause, generation, address: fault.address };
        self.machines[FAULTS - 1] = machine;
    }

    /// The `index`-th of them, the oldest first.
    pub fn get(&self, index: usize) -> Option<FaultRecord> {
        let none = self.machines.iter().take_while(|machine| **machine == NOBODY).count();
        let Kept { cause, generation, address } = *self.kept.get(none + index)?;
        let machine = *self.machines.get(none + index)?;
        Some(FaultRecord { machine, fault: Fault { cause, address }, generation })
    }
}
