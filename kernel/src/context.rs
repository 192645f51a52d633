//! What a machine can do while it handles an event.

use crate::capability::{Capability, CapabilityError, Held, Object, Rights, Slot};
use crate::faults::FaultRecord;
use crate::machine::MachineId;
use crate::message::{CallId, Message, SendError};
use crate::region::Region;

/// The kernel, as the machine sees it that handles an event. Each operation checks all before it changes anything.
pub trait Context {
    /// Who handles the event.
    fn me(&self) -> MachineId;

    /// What is in a slot.
    ///
    /// # Errors
    /// `Empty`.
    fn capability(&self, slot: Slot) -> Result<Capability, CapabilityError>;

    /// Sends a message to an endpoint, and a capability with it.
    ///
    /// # Errors
    /// `Forbidden` without [`Rights::WRITE`], or if the capability has no [`Rights::GRANT`]; `QueueFull`.
    fn send(&mut self, endpoint: Slot, message: &Message, capability: Option<Slot>) -> Result<(), SendError>;

    /// Calls an endpoint. What is lent, with these rights at most, is taken back when the answer comes.
    ///
    /// # Errors
    /// `Forbidden` without [`Rights::EXECUTE`]; `Cycle`; `QueueFull`; `TooManyCalls`.
    fn call(
        &mut self,
        endpoint: Slot,
        message: &Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError>;

    /// Answers a call, once.
    ///
    /// # Errors
    /// `Empty` if it was answered, or nobody waits any more.
    fn reply(&mut self, reply: Slot, message: &Message, capability: Option<Slot>) -> Result<(), SendError>;

    /// Sets the bits of a notification.
    ///
    /// # Errors
    /// `Forbidden` without [`Rights::WRITE`].
    fn notify(&mut self, notification: Slot) -> Result<(), SendError>;

    /// Reads the bytes at an offset of a region.
    ///
    /// # Errors
    /// `Forbidden` without [`Rights::READ`]; `OutOfRange` if not all of them are in the region: then none is read.
    fn read(&mut self, region: Slot, offset: u32, bytes: &mut [u8]) -> Result<(), CapabilityError>;

    /// Writes bytes at an offset of a region.
    ///
    /// # Errors
    /// `Forbidden` without [`Rights::WRITE`]; `OutOfRange` if not all of them are in the region: then none is written.
    fn write(&mut self, region: Slot, offset: u32, bytes: &[u8]) -> Result<(), CapabilityError>;

    /// See [`crate::capability::Capabilities::mint`]; for the machine itself.
    ///
    /// # Errors
    /// As there.
    fn mint(&mut self, slot: Slot, part: Option<Object>, rights: Rights) -> Result<Slot, CapabilityError>;

    /// See [`crate::capability::Capabilities::delete`]. A call whose reply is deleted is dropped.
    ///
    /// # Errors
    /// As there.
    fn delete(&mut self, slot: Slot) -> Result<(), CapabilityError>;

    /// See [`crate::capability::Capabilities::revoke`].
    ///
    /// # Errors
    /// As there.
    fn revoke(&mut self, slot: Slot) -> Result<(), CapabilityError>;

    /// See [`crate::capability::Capabilities::revoke_part`].
    ///
    /// # Errors
    /// As there.
    fn revoke_part(&mut self, slot: Slot, part: Region) -> Result<(), CapabilityError>;

    /// What a machine holds: the capability in the `index`-th slot of its table that is in use, and who holds what
    /// it was made from. For who holds the kernel itself ([`Object::Kernel`]) and may read it.
    ///
    /// # Errors
    /// `Forbidden`, `WrongObject`; `Empty` behind the last one.
    fn held_by(&self, kernel: Slot, machine: MachineId, index: usize) -> Result<Held, CapabilityError>;

    /// The `index`-th of the last faults, from the oldest on. For who may read the kernel.
    ///
    /// # Errors
    /// `Forbidden`, `WrongObject`; `Empty` behind the last one.
    fn fault(&self, kernel: Slot, index: usize) -> Result<FaultRecord, CapabilityError>;
}
