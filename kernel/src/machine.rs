//! Machines: everything that computes.

use crate::context::Context;
use crate::message::Event;
use core::num::NonZeroU16;

/// Number of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineId(pub u8);

/// What a machine cannot go on after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong: a number that the machine's documentation explains.
    // Not zero, so that no fault is handed on in registers as a fault is.
    pub cause: NonZeroU16,
    /// Where, if that says something: an address, a file, a slot.
    pub address: u32,
}

/// A state machine. It runs to the end of each event, on the one stack that there is: it waits for nothing, and what it
/// wants from others it asks for by message.
pub trait Machine {
    /// Something has happened.
    ///
    /// # Errors
    /// A fault: the machine is started again, its callers get an error.
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault>;

    /// Back to the state before the first event.
    fn restart(&mut self);
}

/// All machines of a system.
pub trait Machines {
    /// The machine with this number.
    fn get(&mut self, machine: MachineId) -> Option<&mut dyn Machine>;
}

impl<const M: usize> Machines for [&mut dyn Machine; M] {
    fn get(&mut self, machine: MachineId) -> Option<&mut dyn Machine> {
        match self.get_mut(usize::from(machine.0)) {
            Some(machine) => Some(&mut **machine),
            None => None,
        }
    }
}
