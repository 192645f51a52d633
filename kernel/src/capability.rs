//! Capabilities: what a machine may do, and from whom it has the right to.
//!
//! Each machine has a table of slots and knows nothing but their numbers. A capability that was made from another one is
//! its child, whoever holds it: taking something back ([`Capabilities::revoke`]) takes it from everyone who has it by
//! way of that capability. Rights and ranges become smaller from parent to child and never larger.

use crate::machine::MachineId;
use crate::memory::MemoryError;
use crate::message::CallId;
use crate::node::{Hold, Node, Place, Words, MOST_MACHINES, MOST_PLACES, NOWHERE};
use crate::region::Region;
use core::num::NonZeroU16;
use core::ops::BitOr;
use images::packed;
use images::say::{Printer, Say};

/// What may be done with an object: a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights(u8);

impl Rights {
    /// Nothing.
    pub const NONE: Rights = Rights(0);
    /// Read a region, a device, a file; see a process.
    pub const READ: Rights = Rights(1);
    /// Write to it; send to an endpoint; notify.
    pub const WRITE: Rights = Rights(2);
    /// Execute it; call an endpoint; run a process.
    pub const EXECUTE: Rights = Rights(4);
    /// Give it, or something made from it, to another machine.
    pub const GRANT: Rights = Rights(8);
    /// All of them.
    pub const ALL: Rights = Rights(15);

    /// Those that are in one set or the other.
    pub const fn or(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// As bits, four of them.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Rights {
        Rights(bits)
    }

    /// Those that are in both sets.
    pub const fn and(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }

    /// Whether all of these are among them.
    pub const fn include(self, other: Rights) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Rights {
    type Output = Rights;

    fn bitor(self, other: Rights) -> Rights {
        self.or(other)
    }
}

/// What a capability is for.
// With its kind in a word all of it is copied in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Object {
    /// A range of addresses.
    Region(Region),
    /// Where a machine takes messages; the badge tells it which of its capabilities was used.
    Endpoint {
        /// Who receives.
        receiver: MachineId,
        /// What the receiver is told.
        badge: u16,
    },
    /// The answer to one call; gone when it is given. It cannot be copied, and is not given to others. It takes no place in a
    /// table of capabilities.
    Reply(CallId),
    /// Bits that can be set for a machine.
    Notification {
        /// Whose bits.
        receiver: MachineId,
        /// Those that are set.
        bits: u16,
    },
    /// A device, by its number.
    Device(u8),
    /// A file, by the identity that the file system gave it.
    File(u32),
    /// A process, by its number.
    Process(u8),
    /// The kernel itself: who may read it sees what everyone holds, and the faults.
    Kernel,
}

/// A capability, as its machine knows it: the number of its place. When the place is free and used again it has another serial
/// number, so a capability that is gone is not taken for its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// Not zero, so that none at all takes no room beside it.
pub struct Slot(NonZeroU16);

impl Slot {
    /// The serial number is not zero.
    pub(crate) const fn new(number: u8, serial: u8) -> Slot {
        match NonZeroU16::new((serial as u16) << 8 | number as u16) {
            Some(slot) => Slot(slot),
            None => Slot(NonZeroU16::MIN),
        }
    }

    /// That of a call.
    #[inline(always)]
    pub(crate) const fn of_call(number: NonZeroU16) -> Slot {
        Slot(number)
    }

    /// Whether it is the one with this number in the lower half, and this serial number in the upper one.
    #[inline(always)]
    pub(crate) const fn is(self, numbers: u16) -> bool {
        self.0.get() == numbers
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0.get() as u8
    }

    const fn index(self) -> usize {
        self.number() as usize
    }

    /// Whether it is the right to answer a call.
    pub(crate) const fn is_for_call(self) -> bool {
        self.index() >= MOST_PLACES
    }

    /// The record of the call that it is the right to answer, if it is one.
    pub(crate) const fn call_index(self) -> usize {
        self.index() % MOST_PLACES
    }

    const fn serial(self) -> u8 {
        (self.0.get() >> 8) as u8
    }
}

/// An object and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What it is for.
    pub object: Object,
    /// What may be done.
    pub rights: Rights,
}

/// A capability in a machine's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// In which slot.
    pub slot: Slot,
    /// The capability.
    pub capability: Capability,
    /// Who holds what it was made from, and in which slot.
    pub parent: Option<(MachineId, Slot)>,
}

/// Why nothing was done with a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as a register: results are handed on in registers.
#[repr(u32)]
pub enum CapabilityError {
    /// There is nothing in this slot.
    Empty,
    /// The capability is for something else.
    WrongObject,
    /// The capability does not allow it.
    Forbidden,
    /// A table has no free slot.
    TableFull,
    /// A part that is not within the whole, or overlaps what it may not.
    OutOfRange,
    /// What is behind the region did not obey.
    Memory,
}

impl Say for CapabilityError {
    fn say(&self, to: &mut dyn Printer) {
        to.text(match self {
            CapabilityError::Empty => {
                packed!("there is no capability in this slot; it may have been revoked: ask for a new one")
            }
            CapabilityError::WrongObject => {
                packed!("this capability is for something else; use another slot")
            }
            CapabilityError::Forbidden => {
                packed!("this capability does not allow that; ask its owner for one with more rights")
            }
            CapabilityError::TableFull => {
                packed!("the table of capabilities is full; delete one that is not needed")
            }
            CapabilityError::OutOfRange => packed!("this is not within the region; ask for a part of it"),
            CapabilityError::Memory => {
                packed!("the memory behind this region failed; try again after a restart")
            }
        });
    }
}

images::said!(CapabilityError);

impl From<MemoryError> for CapabilityError {
    fn from(_: MemoryError) -> Self {
        CapabilityError::Memory
    }
}

/// The tables of all machines: `N` capabilities, of which one machine holds `S` at most. (`N` is 128 at most.)
#[derive(Debug)]
pub struct Capabilities<const S: usize, const N: usize> {
    nodes: [Node; N],
    words: [Words; N],
}

impl<const S: usize, const N: usize> Capabilities<S, N> {
    const FITS: () = assert!(N <= MOST_PLACES, "rights to answer have other numbers");

    /// Empty tables.
    pub const fn new() -> Self {
        let () = Self::FITS;
        Capabilities { nodes: [Node::FREE; N], words: [[0; 2]; N] }
    }

    /// What is in a slot.
    #[inline(never)]
    fn node(&self, machine: MachineId, slot: Slot) -> Result<&Node, CapabilityError> {
        match self.nodes.get(slot.index()) {
            Some(node) if node.is_used() && node.is(machine, slot.serial()) => Ok(node),
            // It is in the record of its call, and good for nothing else.
            None if slot.is_for_call() => Err(CapabilityError::WrongObject),
            _ => Err(CapabilityError::Empty),
        }
    }

    /// Where it is.
    fn find(&self, machine: MachineId, slot: Slot) -> Result<usize, CapabilityError> {
        self.node(machine, slot).map(|_| slot.index())
    }

    /// What is in a place.
    const fn object(&self, place: usize) -> Option<Object> {
        self.nodes[place].object(&self.words[place])
    }

    const fn slot(&self, place: usize) -> Slot {
        Slot::new(place as u8, self.nodes[place].serial)
    }

    /// What is in a slot.
    pub fn get(&self, machine: MachineId, slot: Slot) -> Result<Capability, CapabilityError> {
        let rights = self.node(machine, slot)?.rights();
        Ok(Capability { object: self.object(slot.index()).ok_or(CapabilityError::Empty)?, rights })
    }

    /// What is in a slot, if it allows this.
    pub fn with_rights(
        &self,
        machine: MachineId,
        slot: Slot,
        rights: Rights,
    ) -> Result<Object, CapabilityError> {
        if !self.node(machine, slot)?.rights().include(rights) {
            return Err(CapabilityError::Forbidden);
        }
        self.object(slot.index()).ok_or(CapabilityError::Empty)
    }

    /// What came to a machine, if it is still there.
    #[inline(always)]
    pub(crate) fn still(&self, machine: MachineId, slot: Option<Slot>) -> Option<Slot> {
        match slot {
            Some(slot) if self.node(machine, slot).is_ok() => Some(slot),
            _ => None,
        }
    }

    /// Who is behind an endpoint, and the badge, if the machine may use it so: in one look.
    #[inline(always)]
    pub(crate) fn endpoint(&self, machine: MachineId, slot: Slot, right: Rights) -> Option<(MachineId, u16)> {
        let node = self.nodes.get(slot.index())?;
        if node.is(machine, slot.serial()) {
            node.endpoint(self.words.get(slot.index())?, right)
        } else {
            None
        }
    }

    // Also carried out by the compiler, when a system is put together: hence a loop.
    const fn put(
        &mut self,
        machine: MachineId,
        (capability, words): (Node, Words),
        parent: Place,
        hold: Hold,
    ) -> Result<usize, CapabilityError> {
        let (mut place, mut held, mut free) = (0, 0, 0);
        while place < N {
            if self.nodes[place].holder().0 == machine.0 {
                held += 1;
            }
            place += 1;
        }
        while free < N && self.nodes[free].is_used() {
            free += 1;
        }
        if free == N || held >= S || machine.0 as usize >= MOST_MACHINES {
            return Err(CapabilityError::TableFull);
        }
        self.nodes[free].put(capability, machine, parent, hold);
        self.words[free] = words;
        Ok(free)
    }

    /// Gives a machine a capability that is made from none: the kernel's own right, used when the system is put together.
    ///
    /// # Errors
    /// `OutOfRange` if it is a region that overlaps one that was given before; `WrongObject` if it is an answer to a call.
    pub const fn give(
        &mut self,
        machine: MachineId,
        capability: Capability,
    ) -> Result<Slot, CapabilityError> {
        if let Object::Reply(_) = capability.object {
            return Err(CapabilityError::WrongObject);
        }
        if let Object::Region(region) = capability.object {
            let mut place = 0;
            while place < N {
                if let Some(Object::Region(other)) = self.object(place) {
                    if self.nodes[place].parent == NOWHERE && other.overlaps(region) {
                        return Err(CapabilityError::OutOfRange);
                    }
                }
                place += 1;
            }
        }
        match self.put(machine, Node::new(capability.object, capability.rights), NOWHERE, Hold::Always) {
            Ok(place) => Ok(self.slot(place)),
            Err(error) => Err(error),
        }
    }

    /// Makes a child for `to`, with those of the rights that the parent has: of the same object, or of `part` of it (part
    /// of a region, an endpoint with a badge, fewer bits).
    ///
    /// # Errors
    /// `Forbidden` if it is for another machine and the parent has no [`Rights::GRANT`], `OutOfRange` or `WrongObject` if
    /// it is no part of the parent's object.
    pub fn mint(
        &mut self,
        machine: MachineId,
        slot: Slot,
        to: MachineId,
        part: Option<Object>,
        rights: Rights,
    ) -> Result<Slot, CapabilityError> {
        let place = self.derive(machine, slot, to, part, rights, Hold::UntilFault)?;
        Ok(self.slot(place))
    }

    /// Lends a capability until a call is answered: as [`Capabilities::mint`].
    pub(crate) fn lend(
        &mut self,
        machine: MachineId,
        slot: Slot,
        to: MachineId,
        rights: Rights,
    ) -> Result<Slot, CapabilityError> {
        let place = self.derive(machine, slot, to, None, rights, Hold::UntilReply)?;
        Ok(self.slot(place))
    }

    fn derive(
        &mut self,
        machine: MachineId,
        slot: Slot,
        to: MachineId,
        part: Option<Object>,
        rights: Rights,
        hold: Hold,
    ) -> Result<usize, CapabilityError> {
        let mut node = *self.node(machine, slot)?;
        let mut words = self.words[slot.index()];
        if machine != to && !node.rights().include(Rights::GRANT) {
            return Err(CapabilityError::Forbidden);
        }
        if let Some(part) = part {
            let whole = node.object(&words).ok_or(CapabilityError::Empty)?;
            (node, words) = Node::new(narrowed(whole, part)?, node.rights());
        }
        self.put(to, (node.with(rights), words), slot.number(), hold)
    }

    /// Moves a capability to another machine, with its place in the tree.
    ///
    /// # Errors
    /// `Forbidden` if it has no [`Rights::GRANT`], or is lent.
    pub fn transfer(
        &mut self,
        machine: MachineId,
        slot: Slot,
        to: MachineId,
    ) -> Result<Slot, CapabilityError> {
        let node = self.node(machine, slot)?;
        // What is lent stays where it was lent to: it must be found when it is taken back.
        if !node.rights().include(Rights::GRANT) || node.hold() == Hold::UntilReply {
            return Err(CapabilityError::Forbidden);
        }
        let is_held = |node: &&Node| node.holder() == to;
        if machine != to && self.nodes.iter().filter(is_held).count() >= S {
            return Err(CapabilityError::TableFull);
        }
        let node = &mut self.nodes[slot.index()];
        node.hand_over(to);
        Ok(Slot::new(slot.number(), node.serial))
    }

    /// Takes a capability out of its slot. Its children stay: they are its parent's now.
    ///
    /// # Errors
    /// `Empty`.
    pub fn delete(&mut self, machine: MachineId, slot: Slot) -> Result<(), CapabilityError> {
        let place = self.find(machine, slot)?;
        self.drop_at(place);
        Ok(())
    }

    /// Takes away all that was made from a capability, at once. It stays itself.
    ///
    /// # Errors
    /// `Empty`.
    pub fn revoke(&mut self, machine: MachineId, slot: Slot) -> Result<(), CapabilityError> {
        let place = self.find(machine, slot)?;
        self.prune(place);
        Ok(())
    }

    /// Takes away those regions that were made from this one and overlap a part of it, with all that was made from them.
    ///
    /// # Errors
    /// `Empty`.
    pub fn revoke_part(
        &mut self,
        machine: MachineId,
        slot: Slot,
        part: Region,
    ) -> Result<(), CapabilityError> {
        let root = self.find(machine, slot)?;
        for place in 0..N {
            if usize::from(self.nodes[place].parent) == root
                && matches!(self.object(place), Some(Object::Region(region)) if region.overlaps(part))
            {
                self.prune(place);
                self.clear(place);
            }
        }
        Ok(())
    }

    /// Takes back what was lent, and all that was made from it.
    pub(crate) fn take_back(&mut self, machine: MachineId, lent: Slot) {
        if let Ok(place) = self.find(machine, lent) {
            self.prune(place);
            self.clear(place);
        }
    }

    /// A machine begins anew: it has what it had before the first event, and what is still to come to it.
    pub(crate) fn reset(&mut self, machine: MachineId, is_to_come: impl Fn(Slot) -> bool) {
        for place in 0..N {
            let node = &self.nodes[place];
            let is_mine = node.is_used() && node.holder() == machine;
            if is_mine && node.hold() != Hold::Always && !is_to_come(self.slot(place)) {
                self.drop_at(place);
            }
        }
    }

    /// All that a machine holds.
    pub fn held_by(&self, machine: MachineId) -> impl Iterator<Item = Held> + '_ {
        (0..).map_while(move |index| self.held(machine, &mut { index }))
    }

    /// The `index`-th of all that a machine holds. If there are fewer: so many are left to be counted.
    pub(crate) fn held(&self, machine: MachineId, index: &mut usize) -> Option<Held> {
        for place in 0..N {
            let node = &self.nodes[place];
            if !node.is_used() || node.holder() != machine {
                continue;
            }
            if *index == 0 {
                let capability = Capability { object: self.object(place)?, rights: node.rights() };
                let parent = self.nodes.get(usize::from(node.parent));
                let parent = parent.map(|parent| (parent.holder(), Slot::new(node.parent, parent.serial)));
                return Some(Held { slot: self.slot(place), capability, parent });
            }
            *index -= 1;
        }
        None
    }

    /// Clears all below a place.
    fn prune(&mut self, root: usize) {
        // Down to one that has no children, which goes, and up again.
        let mut place = root;
        loop {
            let child = self.nodes.iter().position(|node| usize::from(node.parent) == place);
            place = match child {
                Some(child) => child,
                None if place == root => return,
                None => {
                    let parent = self.nodes[place].parent;
                    self.clear(place);
                    usize::from(parent)
                }
            };
        }
    }

    fn drop_at(&mut self, place: usize) {
        let parent = self.nodes[place].parent;
        for node in self.nodes.iter_mut().filter(|node| usize::from(node.parent) == place) {
            node.parent = parent;
        }
        self.clear(place);
    }

    fn clear(&mut self, place: usize) {
        self.nodes[place].clear();
    }
}

impl<const S: usize, const N: usize> Default for Capabilities<S, N> {
    fn default() -> Self {
        Capabilities::new()
    }
}

/// The part, if it is one.
fn narrowed(whole: Object, part: Object) -> Result<Object, CapabilityError> {
    match (whole, part) {
        (Object::Region(whole), Object::Region(part)) if whole.contains(part) => Ok(Object::Region(part)),
        (Object::Region(_), Object::Region(_)) => Err(CapabilityError::OutOfRange),
        // Only what has no badge yet can get one: else the receiver could be deceived.
        (Object::Endpoint { receiver, badge: 0 }, Object::Endpoint { receiver: same, badge })
            if receiver == same =>
        {
            Ok(Object::Endpoint { receiver, badge })
        }
        (Object::Notification { receiver, bits }, Object::Notification { receiver: same, bits: part })
            if receiver == same && part & !bits == 0 =>
        {
            Ok(Object::Notification { receiver, bits: part })
        }
        _ => Err(CapabilityError::WrongObject),
    }
}
