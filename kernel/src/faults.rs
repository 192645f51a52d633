//! The last faults.

use crate::machine::{Fault, MachineId};

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
    cause: u16,
    generation: u16,
    address: u32,
}

/// The last [`FAULTS`] faults.
#[derive(Debug)]
pub struct Faults {
    /// The newest comes last.
    kept: [Kept; FAULTS],
    machines: [MachineId; FAULTS],
    /// How many there are, [`FAULTS`] at most.
    count: u8,
}

impl Faults {
    /// There was none.
    pub const fn new() -> Self {
        let none = Kept { cause: 0, generation: 0, address: 0 };
        Faults { kept: [none; FAULTS], machines: [MachineId(0); FAULTS], count: 0 }
    }

    /// One more: the oldest is forgotten.
    pub fn write(&mut self, FaultRecord { machine, fault, generation }: FaultRecord) {
        for newer in 1..FAULTS {
            self.kept[newer - 1] = self.kept[newer];
            self.machines[newer - 1] = self.machines[newer];
        }
        self.kept[FAULTS - 1] = Kept { cause: fault.cause, generation, address: fault.address };
        self.machines[FAULTS - 1] = machine;
        self.count = (self.count + 1).min(FAULTS as u8);
    }

    /// The `index`-th of them, the oldest first.
    pub fn get(&self, index: usize) -> Option<FaultRecord> {
        if index >= usize::from(self.count) {
            return None;
        }
        let place = FAULTS - usize::from(self.count) + index;
        let (Kept { cause, generation, address }, machine) =
            (*self.kept.get(place)?, *self.machines.get(place)?);
        Some(FaultRecord { machine, fault: Fault { cause, address }, generation })
    }
}
