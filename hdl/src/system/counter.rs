//! A counter of 64 bits.
//!
//! In: `count`, for a cycle that counts; `clear`, which wins. Out: the number, from the next cycle on; for the upper
//! half one cycle later.

use crate::local::Local;
use crate::register::{halves, joined, Held, Register};
use rust_hdl::prelude::*;

/// The counter. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct Counter {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// One more.
    pub count: Signal<In, bool>,
    /// 0 again.
    pub clear: Signal<In, bool>,
    /// The number, lower half,
    pub low: Signal<Out, Bits<32>>,
    /// and upper half.
    pub high: Signal<Out, Bits<32>>,
    lower: Held<Bits<32>>,
    upper: Held<Bits<32>>,
    carry: Register<bool>,
    more: Local<Bits<32>>,
}

impl Counter {
    /// In simulation: so many cycles pass, all of which count or none, and none clears.
    pub fn skip(&mut self, cycles: u64) {
        if cycles == 0 {
            return;
        }
        let counted = if self.count.val() { cycles } else { 0 };
        let before = joined(self.lower.q.val(), self.upper.q.val());
        let number = before.wrapping_add(u64::from(self.carry.q.val()) << 32).wrapping_add(counted);
        // In the cycle after the lower half has become 0, the upper one does not know yet.
        let carry = counted > 0 && number as u32 == 0;
        let (lower, upper) = halves(number.wrapping_sub(u64::from(carry) << 32));
        self.lower.set(lower);
        self.upper.set(upper);
        self.carry.set(carry);
    }
}

impl Logic for Counter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, carry);
        clock!(self, clock, lower, upper);
        self.more.next = self.lower.q.val() + bits::<32>(1);
        self.lower.d.next = self.more.val();
        self.lower.load.next = self.count.val();
        self.lower.clear.next = self.clear.val();
        self.carry.d.next = self.count.val() & self.lower.q.val().all() & !self.clear.val();
        self.upper.d.next = self.upper.q.val() + bits::<32>(1);
        self.upper.load.next = self.carry.q.val();
        self.upper.clear.next = self.clear.val();
        self.low.next = self.lower.q.val();
        self.high.next = self.upper.q.val();
    }
}
