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

// Bit by bit: the companion cannot multiply and divide, and the compiler's functions for 64 bits are large.

/// A quotient. (The divisor has 31 bits at most.)
fn divided(mut number: u64, by: u32) -> u64 {
    let mut rest = 0;
    for _ in 0..u64::BITS {
        rest = rest << 1 | (number >> (u64::BITS - 1)) as u32;
        // The quotient takes the place of the bits that are seen to.
        number <<= 1;
        if rest >= by {
            rest -= by;
            number |= 1;
        }
    }
    number
}

/// A sum with a product.
fn plus_product(mut sum: u64, mut times: u32, number: u32) -> u64 {
    let mut product = u64::from(number);
    while times != 0 {
        if times & 1 != 0 {
            sum += product;
        }
        (times, product) = (times >> 1, product << 1);
    }
    sum
}

impl<C: Clock> Machine for Timekeeper<C> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        let now = self.clock.now();
        if let Event::Call { message: ref question, reply, .. } = event {
            let place = self.waiting.iter_mut().find(|place| place.is_none());
            let (label, words) = match (question.label, place) {
                (WAIT, Some(place)) => {
                    *place = Some((reply, plus_product(now, question.words[0], C::TICKS)));
                    (None, [0; 3])
                }
                (WAIT, None) => (Some(answer::FAILED), [0; 3]),
                (NOW, _) => {
                    let milliseconds = divided(now, C::TICKS);
                    (Some(answer::DONE), [milliseconds as u32, (milliseconds >> 32) as u32, 0])
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotients_and_products_are_those_of_the_host(number: u64, shift in 0..64, by in 1..1_u32 << 31, times: u32) {
            let number = number >> shift;
            prop_assert_eq!(divided(number, by), number / u64::from(by));
            let sum = number >> 1;
            prop_assert_eq!(plus_product(sum, times, by), sum + u64::from(times) * u64::from(by));
        }
    }
}
