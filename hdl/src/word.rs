//! An instruction word as wires: the fields of [`images::isa`], lowest first.

// The derive makes public methods without documentation.
#![allow(missing_docs)]

use images::isa::{ARG_BITS, OP_BITS, STEP_BITS};
use rust_hdl::prelude::*;

/// The 16 bits of a word, in three fields.
#[derive(Copy, Clone, PartialEq, Debug, Default, LogicStruct)]
pub struct Word {
    /// Cells to move before the operation, signed.
    pub step: Bits<STEP_BITS>,
    /// What the operation works with.
    pub arg: Bits<ARG_BITS>,
    /// The operation.
    pub op: Bits<OP_BITS>,
}

impl From<u16> for Word {
    fn from(bits: u16) -> Word {
        let field = |from: usize, width: usize| u64::from(bits >> from) & ((1 << width) - 1);
        Word {
            step: field(0, STEP_BITS).into(),
            arg: field(STEP_BITS, ARG_BITS).into(),
            op: field(STEP_BITS + ARG_BITS, OP_BITS).into(),
        }
    }
}

impl From<Word> for u16 {
    fn from(word: Word) -> u16 {
        let [step, arg, op] = [word.step.to_u64() as u16, word.arg.to_u64() as u16, word.op.to_u64() as u16];
        step | arg << STEP_BITS | op << (STEP_BITS + ARG_BITS)
    }
}
