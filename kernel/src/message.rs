//! Messages, and all else that can happen to a machine.

use crate::capability::{CapabilityError, Slot};
use core::num::{NonZeroU16, NonZeroU32};
use images::packed;
use images::say::{Printer, Say};

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
// The number of its record in the lowest byte, with a bit that no capability's number has: hence not zero. Above it, how often the
// record was used.
pub struct CallId(NonZeroU32);

/// What tells the number of a call's record from that of a capability.
const CALL: u8 = 0x80;

impl CallId {
    /// Before the first call that is kept in a record.
    pub(crate) const fn first(index: u8) -> CallId {
        CallId(NonZeroU32::MIN.saturating_add((CALL | index) as u32 - 1))
    }

    /// The next one in the same record.
    #[inline(always)]
    pub(crate) fn next(self) -> CallId {
        let CallId(number) = CallId::first(0);
        CallId(number | self.0.get().wrapping_add(1 << 8))
    }

    /// The right to answer it, as the machine knows it that was called: it is told from that of 255 calls before.
    #[inline(always)]
    pub(crate) fn reply(self) -> Slot {
        Slot::of_call(NonZeroU16::MIN.saturating_add(CALL as u16 - 1) | self.0.get() as u16)
    }

    /// Whether this is the right to answer it.
    #[inline(always)]
    pub(crate) fn is_answered_with(self, slot: Slot) -> bool {
        slot.is(self.0.get() as u16)
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as what it stands in place of: answers are copied in words.
#[repr(u32)]
pub enum CallError {
    /// Who was called has failed before it answered, and starts again.
    Failed,
    /// Who was called has dropped the call.
    Dropped,
}

impl Say for CallError {
    fn say(&self, to: &mut dyn Printer) {
        to.text(match self {
            CallError::Failed => packed!("who was called has failed; call again, it has been started anew"),
            CallError::Dropped => packed!("the call was dropped; ask for something else"),
        });
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// A capability that does not do.
    Capability(CapabilityError),
    /// The receiver's queue is full.
    QueueFull,
    /// As many calls wait as can.
    TooManyCalls,
    /// Who is called waits, itself or by others, for the caller.
    Cycle,
    /// The receiver has failed too often.
    Stopped,
}

impl From<CapabilityError> for SendError {
    fn from(error: CapabilityError) -> Self {
        SendError::Capability(error)
    }
}

impl Say for SendError {
    fn say(&self, to: &mut dyn Printer) {
        to.text(match self {
            SendError::Capability(error) => return error.say(to),
            SendError::QueueFull => packed!("the receiver's queue is full; send again after the next event"),
            SendError::TooManyCalls => {
                packed!("too many calls are waiting for answers; call again when one was answered")
            }
            SendError::Cycle => {
                packed!("who is called waits for this machine; answer first, or send instead")
            }
            SendError::Stopped => {
                packed!("the receiver has failed too often and was stopped; reset the system")
            }
        });
    }
}

images::said!(CallError, SendError);
