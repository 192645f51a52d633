//! A capability as it is kept: 12 bytes, of which there are some for each machine in little RAM.

use crate::capability::{Object, Rights};
use crate::machine::MachineId;
use crate::message::CallId;
use crate::region::Region;

/// Place of a capability among all.
pub type Place = u8;

/// No place: the parent of what the kernel has given at the start.
pub const NOWHERE: Place = u8::MAX;

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

/// Machines that can be told apart: 6 bits.
pub const MOST_MACHINES: usize = 64;

const RIGHTS: u8 = 0xF;
const HOLD: u32 = 6;

/// A capability, or a free place for one.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What the object's kind needs: address, receiver, number.
    first: u32,
    /// The rest of it: length, badge, bits.
    second: u32,
    /// Kind of the object in the upper half, 0 if the place is free; rights in the lower half.
    kind_rights: u8,
    /// Until when in the upper two bits, whose in the others.
    hold_holder: u8,
    /// What it was made from.
    pub parent: Place,
    /// How often the place has been used.
    pub serial: u8,
}

impl Node {
    /// A place that was never used.
    pub const FREE: Node =
        Node { first: 0, second: 0, kind_rights: 0, hold_holder: 0, parent: NOWHERE, serial: 0 };

    /// Puts a capability here.
    pub const fn put(
        &mut self,
        object: Object,
        rights: Rights,
        holder: MachineId,
        parent: Place,
        hold: Hold,
    ) {
        let (kind, first, second) = match object {
            Object::Region(region) => (1, region.address(), region.bytes()),
            Object::Endpoint { receiver, badge } => (2, receiver.0 as u32, badge as u32),
            Object::Reply(call) => (3, call.number(), 0),
            Object::Notification { receiver, bits } => (4, receiver.0 as u32, bits as u32),
            Object::Device(number) => (5, number as u32, 0),
            Object::File(number) => (6, number, 0),
            Object::Process(number) => (7, number as u32, 0),
            Object::Kernel => (8, 0, 0),
        };
        *self = Node {
            first,
            second,
            kind_rights: kind << 4 | rights.bits(),
            hold_holder: (hold as u8) << HOLD | holder.0,
            parent,
            serial: self.serial.wrapping_add(1),
        };
    }

    /// Nothing is here.
    pub const fn clear(&mut self) {
        self.kind_rights = 0;
    }

    /// Whether there is something here.
    pub const fn is_used(&self) -> bool {
        self.kind_rights != 0
    }

    /// What is here.
    pub const fn object(&self) -> Option<Object> {
        let Node { first, second, .. } = *self;
        Some(match self.kind_rights >> 4 {
            1 => match Region::new(first, second) {
                Some(region) => Object::Region(region),
                None => return None,
            },
            2 => Object::Endpoint { receiver: MachineId(first as u8), badge: second as u16 },
            3 => Object::Reply(CallId::from_number(first)),
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
        MachineId(self.hold_holder & (MOST_MACHINES as u8 - 1))
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
