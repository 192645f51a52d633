//! Services: the machines that make a computer of the kernel.
//!
//! Each says in its own file what it is asked for: the labels of the calls, and what their words mean. What they answer looks alike:
//! a label of [`answer`], and mostly the length of a text for the user, which is then in the region that was lent.

pub mod console;
pub mod loader;
pub mod process;
pub mod shell;
pub mod storage;
pub mod timekeeper;

use crate::capability::{CapabilityError, Object, Rights, Slot};
use crate::context::Context;
use crate::machine::Fault;
use crate::message::{CallId, Message, SendError};
use images::say::{Printer, Say};

/// Labels of answers.
pub mod answer {
    /// It is done. The first word is the length of the text, if there is one.
    pub const DONE: u32 = 0;
    /// It could not be done. The text says why.
    pub const FAILED: u32 = 1;
    /// There is a text, and more from the place in the second word on.
    pub const MORE: u32 = 2;
    /// There is no such thing.
    pub const NONE: u32 = 3;
}

/// Causes of faults ([`Fault::cause`](crate::machine::Fault::cause)) of services.
pub mod cause {
    use core::num::NonZeroU16;

    /// A capability that should have been there was not, or did not do. The address is the number of the error.
    pub const CAPABILITY: NonZeroU16 = NonZeroU16::MIN;
    /// A message could not be sent. The address is the number of the error.
    pub const MESSAGE: NonZeroU16 = NonZeroU16::MIN.saturating_add(1);
}

impl From<CapabilityError> for Fault {
    #[inline(never)]
    fn from(error: CapabilityError) -> Fault {
        Fault { cause: cause::CAPABILITY, address: error as u32 }
    }
}

impl From<SendError> for Fault {
    #[cold]
    #[inline(never)]
    fn from(error: SendError) -> Fault {
        let address = match error {
            SendError::Capability(error) => return error.into(),
            SendError::QueueFull => 0,
            SendError::TooManyCalls => 1,
            SendError::Cycle => 2,
            SendError::Stopped => 3,
        };
        Fault { cause: cause::MESSAGE, address }
    }
}

/// A message.
pub(crate) const fn message(label: u32, words: [u32; 3]) -> Message {
    Message { label, words }
}

/// What a region is lent with for a text to be written into, by others too.
pub(crate) const LENT: Rights = Rights::ALL;

/// Text on its way into a region, from its first byte on. What does not fit is left out.
pub struct Text<'a> {
    context: &'a mut dyn Context,
    region: Option<Slot>,
    length: u32,
    room: u32,
}

impl<'a> Text<'a> {
    /// Nothing yet. Without a region nothing is written.
    #[inline(never)] // As the others: small is fast where code comes out of a slow flash.
    pub fn new(context: &'a mut dyn Context, region: Option<Slot>) -> Text<'a> {
        let room = match region.map(|region| context.capability(region)) {
            Some(Ok(capability)) => match capability.object {
                Object::Region(region) => region.bytes(),
                _ => 0,
            },
            _ => 0,
        };
        Text { context, region, length: 0, room }
    }

    /// Bytes so far.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// To print with.
    pub fn out(&mut self) -> &mut dyn Printer {
        self
    }

    /// Ends the line. Bytes in all.
    #[inline(never)]
    pub fn line(&mut self) -> u32 {
        self.bytes(b"\r\n");
        self.length
    }

    /// Ends the line and answers with all of it. A caller that is gone does not want it any more.
    #[inline(never)]
    pub(crate) fn answer(&mut self, reply: Slot, label: u32) {
        self.bytes(b"\r\n");
        let _ = self.context.reply(reply, &message(label, [self.length, 0, 0]), None);
    }
}

impl Printer for Text<'_> {
    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        let part = bytes.get(..(self.room - self.length) as usize).unwrap_or(bytes);
        if let Some(region) = self.region.filter(|_| !part.is_empty()) {
            if self.context.write(region, self.length, part).is_ok() {
                self.length += part.len() as u32;
            }
        }
    }
}

/// Writes a line into a region. Its length.
#[inline(never)]
pub(crate) fn line(context: &mut dyn Context, region: Option<Slot>, text: &dyn Say) -> u32 {
    let mut line = Text::new(context, region);
    line.out().say(text);
    line.line()
}

/// Answers with a line of text.
#[inline(never)]
pub(crate) fn answer(
    context: &mut dyn Context,
    reply: Slot,
    label: u32,
    region: Option<Slot>,
    text: &dyn Say,
) {
    let mut line = Text::new(context, region);
    line.out().say(text);
    line.answer(reply, label);
}

/// Answers with a label and a word. A caller that is gone does not want it any more.
#[inline(never)]
pub(crate) fn reply(context: &mut dyn Context, reply: Slot, label: u32, first: u32) {
    let _ = context.reply(reply, &message(label, [first, 0, 0]), None);
}

/// Calls an endpoint, and notes what is waited for.
#[inline(never)]
pub(crate) fn ask(
    context: &mut dyn Context,
    endpoint: Slot,
    question: Message,
    lend: Option<(Slot, Rights)>,
    awaited: &mut Option<CallId>,
) -> Result<(), SendError> {
    *awaited = Some(context.call(endpoint, &question, lend)?);
    Ok(())
}

/// Whether this is the answer to a call that is waited for. From then on none is.
#[inline(never)]
pub(crate) fn is_answer(awaited: &mut Option<CallId>, call: CallId) -> bool {
    let is_it = *awaited == Some(call);
    if is_it {
        *awaited = None;
    }
    is_it
}
