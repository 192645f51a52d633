//! The timekeeper: answers when the time has come.

use super::{answer, message};
use crate::capability::Slot;
use crate::context::Context;
use crate::machine::{Fault, Machine};
use crate::message::Event;

/// Call: the first word is a time in milliseconds. The answer comes when it is over. `FAILED` at once if too many wait.
pub const WAIT: u32 = 0;
/// Call: the answer is the time since power-up in milliseconds, in the first two words, the lower half first.
pub const NOW: u32 = 1;

/// Calls that can wait at the same time.
const WAITING: usize = 3;

/// A clock with an alarm. It counts ticks.
pub trait Clock {
    /// Ticks in a millisecond.
    const TICKS: u32;

    /// Time since power-up, in ticks.
    fn now(&mut self) -> u64;

    /// The machine is to be notified when the time has come; with `None` not any more. It may be notified too early.
    fn set_alarm(&mut self, at: Option<u64>);
}

/// The machine that has the clock.
pub struct Timekeeper<C> {
    clock: C,
    /// Who waits, until when.
    waiting: [Option<(Slot, u64)>; WAITING],
}

impl<C: Clock> Timekeeper<C> {
    /// A timekeeper with this clock.
    pub const fn new(clock: C) -> Self {
        Timekeeper { clock, waiting: [None; WAITING] }
    }
}

/// A quotient, bit by bit: the companion cannot divide, and the compiler's function for this is large.
fn divided(number: u64, by: u32) -> u64 {
    let (mut quotient, mut rest) = (0, 0);
    for bit in (0..u64::BITS).rev() {
        rest = rest << 1 | (number >> bit) as u32 & 1;
        let is_in = rest >= by;
        quotient = quotient << 1 | u64::from(is_in);
        rest -= if is_in { by } else { 0 };
    }
    quotient
}

impl<C: Clock> Machine for Timekeeper<C> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        let now = self.clock.now();
        if let Event::Call { message: question, reply, .. } = event {
            let until = now + u64::from(question.words[0]) * u64::from(C::TICKS);
            let milliseconds = divided(now, C::TICKS);
            let place = self.waiting.iter_mut().find(|place| place.is_none());
            let (label, words) = match (question.label, place) {
                (WAIT, Some(place)) => {
                    *place = Some((reply, until));
                    (None, [0; 3])
                }
                (WAIT, None) => (Some(answer::FAILED), [0; 3]),
                (NOW, _) => (Some(answer::DONE), [milliseconds as u32, (milliseconds >> 32) as u32, 0]),
                _ => (Some(answer::NONE), [0; 3]),
            };
            if let Some(label) = label {
                // One that is gone does not wait.
                let _ = context.reply(reply, &message(label, words), None);
            }
        }
        let mut next = u64::MAX;
        for place in &mut self.waiting {
            match *place {
                Some((reply, until)) if until <= now => {
                    *place = None;
                    super::reply(context, reply, answer::DONE, 0);
                }
                Some((_, until)) => next = next.min(until),
                None => {}
            }
        }
        self.clock.set_alarm((next != u64::MAX).then_some(next));
        Ok(())
    }

    fn restart(&mut self) {
        self.waiting = [None; WAITING];
    }
}
