//! Messages, and all else that can happen to a machine.

use crate::capability::{CapabilityError, Slot};
use core::num::NonZeroU32;

/// What machines tell each other: small, and copied. What is large is lent as a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// What it is about: a number that the receiver's documentation explains.
    pub label: u32,
    /// The rest.
    pub words: [u32; 3],
}

/// A call that waits for its answer, as its caller knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// Not zero, so that none at all takes no room beside it: the record is kept with one added.
pub struct CallId(NonZeroU32);

impl CallId {
    /// The record that it is kept in, and how often that was used for a call.
    pub(crate) const fn new(index: u8, generation: u16) -> CallId {
        CallId(NonZeroU32::MIN.saturating_add((generation as u32) << 8 | index as u32))
    }

    /// As it is kept in a capability.
    pub(crate) const fn number(self) -> u32 {
        self.0.get() - 1
    }

    pub(crate) const fn from_number(number: u32) -> CallId {
        CallId(NonZeroU32::MIN.saturating_add(number))
    }

    pub(crate) const fn index(self) -> u8 {
        self.number() as u8
    }

    pub(crate) const fn generation(self) -> u16 {
        (self.number() >> 8) as u16
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
// As wide as what it stands in place of: answers are copied in words.
#[repr(u32)]
pub enum CallError {
    /// Who was called has failed before it answered, and starts again.
    #[error("who was called has failed; call again, it has been started anew")]
    Failed,
    /// Who was called has dropped the call.
    #[error("the call was dropped; ask for something else")]
    Dropped,
}

/// What happens to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It begins, for the first time or again after a fault.
    Start,
    /// Somebody has sent something.
    Message {
        /// Badge of the capability it was sent with.
        badge: u16,
        /// What.
        message: Message,
        /// A capability that came with it: the receiver's now.
        capability: Option<Slot>,
    },
    /// Somebody waits for an answer.
    Call {
        /// Badge of the capability it was called with.
        badge: u16,
        /// The question.
        message: Message,
        /// What to answer with.
        reply: Slot,
        /// A capability that is lent until the answer.
        lent: Option<Slot>,
    },
    /// The answer to a call.
    Reply {
        /// To which one.
        call: CallId,
        /// The answer.
        result: Result<Message, CallError>,
        /// A capability that came with it.
        capability: Option<Slot>,
    },
    /// Bits that were set since the last time: from an interrupt, or from another machine.
    Notification {
        /// Those bits.
        bits: u16,
    },
}

/// Why a message was not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// A capability that does not do.
    #[error(transparent)]
    Capability(#[from] CapabilityError),
    /// The receiver's queue is full.
    #[error("the receiver's queue is full; send again after the next event")]
    QueueFull,
    /// As many calls wait as can.
    #[error("too many calls are waiting for answers; call again when one was answered")]
    TooManyCalls,
    /// Who is called waits, itself or by others, for the caller.
    #[error("who is called waits for this machine; answer first, or send instead")]
    Cycle,
    /// The receiver has failed too often.
    #[error("the receiver has failed too often and was stopped; reset the system")]
    Stopped,
}
