//! An adder that also subtracts, in one carry chain.
//!
//! In: two numbers. Out: their sum or difference and the carry, in the same cycle. Written in Verilog by hand, because a carry that enters a
//! chain cannot be said in rust-hdl, and yosys makes a second chain of an addition of three numbers.

use rust_hdl::prelude::*;

/// Adds or subtracts.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Adder {
    /// The first number.
    pub a: Signal<In, Bits<32>>,
    /// The second one.
    pub b: Signal<In, Bits<32>>,
    /// `a - b` instead of `a + b`.
    pub subtract: Signal<In, bool>,
    /// The result, modulo 2^32.
    pub sum: Signal<Out, Bits<32>>,
    /// What is carried out of it: of a difference, that nothing is borrowed.
    pub carry: Signal<Out, bool>,
}

impl Logic for Adder {
    fn update(&mut self) {
        let (a, b) = (self.a.val().to_u64() as u32, self.b.val().to_u64() as u32);
        let (sum, over) = if self.subtract.val() { a.overflowing_sub(b) } else { a.overflowing_add(b) };
        self.sum.next = u64::from(sum).into();
        self.carry.next = over != self.subtract.val();
    }

    fn connect(&mut self) {
        self.sum.connect();
        self.carry.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
reg below;
always @(*) {carry, sum, below} = {1'b0, a, 1'b1} + {1'b0, b ^ {32{subtract}}, subtract};
"
            .into(),
        )
    }
}
