//! The timekeeper: answers when the time has come.

use super::{answer, message};
use crate::capability::Slot;
use crate::context::Context;
use crate::machine::{Fault, Machine};
use crate::message::Event;
use heapless::Vec;

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
    waiting: Vec<(Slot, u64), WAITING>,
}

impl<C: Clock> Timekeeper<C> {
    /// A timekeeper with this clock.
    pub const fn new(clock: C) -> Self {
        Timekeeper { clock, waiting: Vec::new() }
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
            let answered = match question.label {
                WAIT => {
                    match self.waiting.push((reply, now + u64::from(question.words[0]) * u64::from(C::TICKS)))
                    {
                        Ok(()) => None,
                        Err(_) => Some(message(answer::FAILED, [0; 3])),
                    }
                }
                NOW => {
                    let milliseconds = divided(now, C::TICKS);
                    Some(message(answer::DONE, [milliseconds as u32, (milliseconds >> 32) as u32, 0]))
                }
                _ => Some(message(answer::NONE, [0; 3])),
            };
            if let Some(answered) = answered {
                // One that is gone does not wait.
                let _ = context.reply(reply, answered, None);
            }
        }
        let (mut at, mut next) = (0, None);
        while let Some(&(reply, until)) = self.waiting.get(at) {
            if until <= now {
                self.waiting.swap_remove(at);
                super::reply(context, reply, answer::DONE, 0);
            } else {
                next = Some(next.unwrap_or(until).min(until));
                at += 1;
            }
        }
        self.clock.set_alarm(next);
        Ok(())
    }

    fn restart(&mut self) {
        self.waiting.clear();
    }
}
