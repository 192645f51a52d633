//! Arithmetic, logic and comparisons of the companion, without shifts.
//!
//! In: two operands and what to do. Out, in the same cycle: the result, and how the operands compare.

use super::adder::Adder;
use crate::local::Local;
use rust_hdl::prelude::*;

/// The ALU. Functions have the numbers of RV32I's `funct3`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Alu {
    /// The first operand.
    pub a: Signal<In, Bits<32>>,
    /// The second one.
    pub b: Signal<In, Bits<32>>,
    /// 0 sum, 2 less, 3 less unsigned, 4 xor, 6 or, 7 and; 1: the bits of b that a does not have.
    pub operation: Signal<In, Bits<3>>,
    /// The adder subtracts: for differences and comparisons.
    pub subtract: Signal<In, bool>,
    /// Comparisons are unsigned.
    pub without_sign: Signal<In, bool>,
    /// What the adder says, whatever the function.
    pub sum: Signal<Out, Bits<32>>,
    /// What the function says.
    pub result: Signal<Out, Bits<32>>,
    /// The operands are equal, if the adder subtracts.
    pub equal: Signal<Out, bool>,
    /// The first operand is less, if the adder subtracts.
    pub less: Signal<Out, bool>,

    adder: Adder,
    total: Local<Bits<32>>,
    is_less: Local<bool>,
    value: Local<Bits<32>>,
}

impl Logic for Alu {
    #[hdl_gen]
    fn update(&mut self) {
        self.adder.a.next = self.a.val();
        self.adder.b.next = self.b.val();
        self.adder.subtract.next = self.subtract.val();
        self.total.next = self.adder.sum.val();
        self.sum.next = self.total.val();
        self.equal.next = !self.total.val().any();
        // If the signs are the same, they do not matter. The carry is there before the sum's sign.
        self.is_less.next = !self.adder.carry.val();
        if self.a.val().get_bit(31) != self.b.val().get_bit(31) {
            self.is_less.next = self.a.val().get_bit(31) ^ self.without_sign.val();
        }
        self.less.next = self.is_less.val();
        self.value.next = self.total.val();
        match self.operation.val().index() {
            1 => self.value.next = self.b.val() & !self.a.val(),
            2 => {
                self.value.next = bits::<32>(0);
                if self.is_less.val() {
                    self.value.next = bits::<32>(1);
                }
            }
            3 => {
                self.value.next = bits::<32>(0);
                if self.is_less.val() {
                    self.value.next = bits::<32>(1);
                }
            }
            4 => self.value.next = self.a.val() ^ self.b.val(),
            6 => self.value.next = self.a.val() | self.b.val(),
            7 => self.value.next = self.a.val() & self.b.val(),
            _ => {}
        }
        self.result.next = self.value.val();
    }
}
