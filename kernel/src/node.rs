//! A capability as it is kept: 12 bytes, of which there are some for each machine in little RAM.
//!
//! They are in two tables, of 4 and of 8 bytes: the companion cannot multiply by 12.

use crate::capability::{Object, Rights};
use crate::machine::MachineId;
use crate::region::Region;

/// Place of a capability among all.
pub type Place = u8;

/// No place: the parent of what the kernel has given at the start.
pub const NOWHERE: Place = u8::MAX;

/// Places at most: their numbers are those of slots, of which the upper half is for calls.
pub const MOST_PLACES: usize = 128;

/// Until when a capability is held, if nobody takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// For ever: it was there before the first event.
    Always,
    /// Until its machine fails.
    UntilFault,
    /// Until the call is answered that it was lent for.
    UntilReply,
}

/// Machines that can be told apart: one less than a word has bits.
pub const MOST_MACHINES: usize = 31;

const RIGHTS: u8 = 0xF;
const HOLD: u32 = 6;
/// In place of a holder where the place is free.
const NOBODY: u8 = 31;
/// The kind of an endpoint.
const ENDPOINT: u8 = 2;

/// What the object's kind needs: address, receiver or number, and the rest of it: length, badge or bits.
pub type Words = [u32; 2];

/// A capability without its words, or a free place for one.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Kind of the object in the upper half, 0 if the place is free; rights in the lower half.
    kind_rights: u8,
    /// Until when in the upper two bits, whose in the others.
    hold_holder: u8,
    /// What it was made from.
    pub parent: Place,
    /// How often the place has been used, 0 if never.
    pub serial: u8,
}

impl Node {
    /// A place that was never used.
    pub const FREE: Node = Node { kind_rights: 0, hold_holder: NOBODY, parent: NOWHERE, serial: 0 };

    /// A capability that nobody has yet.
    pub const fn new(object: Object, rights: Rights) -> (Node, Words) {
        let (kind, first, second) = match object {
            Object::Region(region) => (1, region.address(), region.bytes()),
            Object::Endpoint { receiver, badge } => (ENDPOINT, receiver.0 as u32, badge as u32),
            // That is in the record of its call.
            Object::Reply(_) => (0, 0, 0),
            Object::Notification { receiver, bits } => (4, receiver.0 as u32, bits as u32),
            Object::Device(number) => (5, number as u32, 0),
            Object::File(number) => (6, number, 0),
            Object::Process(number) => (7, number as u32, 0),
            Object::Kernel => (8, 0, 0),
        };
        (Node { kind_rights: kind << 4 | rights.bits(), ..Node::FREE }, [first, second])
    }

    /// Puts a capability here.
    pub const fn put(&mut self, capability: Node, holder: MachineId, parent: Place, hold: Hold) {
        let hold_holder = (hold as u8) << HOLD | holder.0;
        *self = Node { hold_holder, parent, serial: self.next_serial(), ..capability };
    }

    /// The same with those of its rights only.
    pub fn with(self, rights: Rights) -> Node {
        Node { kind_rights: self.kind_rights & (!RIGHTS | rights.bits()), ..self }
    }

    /// The next serial number: from 1 on again after 255.
    const fn next_serial(&self) -> u8 {
        if self.serial == u8::MAX {
            1
        } else {
            self.serial + 1
        }
    }

    /// It is another machine's, until that fails.
    pub fn hand_over(&mut self, to: MachineId) {
        self.hold_holder = (Hold::UntilFault as u8) << HOLD | to.0;
        self.serial = self.next_serial();
    }

    /// Nothing is here.
    pub const fn clear(&mut self) {
        self.kind_rights = 0;
        self.hold_holder = NOBODY;
        self.parent = NOWHERE;
    }

    /// Whether there is something here.
    pub const fn is_used(&self) -> bool {
        self.kind_rights != 0
    }

    /// Whether it is this machine's, with this serial number.
    #[inline(always)]
    pub const fn is(&self, machine: MachineId, serial: u8) -> bool {
        self.serial == serial && self.holder().0 == machine.0
    }

    /// Who is behind an endpoint, and the badge, if this is one with this right.
    #[inline(always)]
    pub const fn endpoint(&self, words: &Words, right: Rights) -> Option<(MachineId, u16)> {
        let wanted = ENDPOINT << 4 | right.bits();
        if self.kind_rights & (0xF0 | right.bits()) != wanted {
            return None;
        }
        Some((MachineId(words[0] as u8), words[1] as u16))
    }

    /// What is here.
    pub const fn object(&self, words: &Words) -> Option<Object> {
        let [first, second] = *words;
        Some(match self.kind_rights >> 4 {
            1 => Object::Region(Region::of_node(first, second)),
            ENDPOINT => Object::Endpoint { receiver: MachineId(first as u8), badge: second as u16 },
            4 => Object::Notification { receiver: MachineId(first as u8), bits: second as u16 },
            5 => Object::Device(first as u8),
            6 => Object::File(first),
            7 => Object::Process(first as u8),
            8 => Object::Kernel,
            _ => return None,
        })
    }

    /// What may be done with it.
    pub const fn rights(&self) -> Rights {
        Rights::from_bits(self.kind_rights & RIGHTS)
    }

    /// Whose it is.
    pub const fn holder(&self) -> MachineId {
        MachineId(self.hold_holder & NOBODY)
    }

    /// Until when.
    pub const fn hold(&self) -> Hold {
        match self.hold_holder >> HOLD {
            0 => Hold::Always,
            1 => Hold::UntilFault,
            _ => Hold::UntilReply,
        }
    }
}
