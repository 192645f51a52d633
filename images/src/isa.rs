//! The instruction words of the Brainfuck core: 16 bits, one a cycle.
//!
//! ```text
//!   15  13 12      6 5      0
//!  +------+---------+--------+      step  signed: move the pointer by so many cells, first of all
//!  |  op  |   arg   |  step  |      arg   signed 7 bits, or as the operation says
//!  +------+---------+--------+
//!
//!  op 0  system   arg = 1rrrrrr  check     remember whether cell pointer+r is off the tape
//!                 arg = 01znsss  muladd    add T * 2^s to the cell; n: subtract; z: add nothing
//!                 arg = 0000001  halt
//!                 arg = 0000010  in        the cell becomes the next byte of input
//!                 arg = 00001mm  mode      what `in` does at the end of the input (`EndOfInput` code)
//!  op 1  add      add arg to the cell
//!  op 2  set      the cell becomes arg
//!  op 3  out      add arg, then send the cell
//!  op 4  open     add arg, then enter the loop if the cell is not 0, else skip it; the next word is the distance
//!  op 5  close    add arg, then back to the loop's first word if the cell is not 0
//!  op 6  mul      arg = drrrrrr: begin a multiply loop that reaches as far as pointer+r; d: it counts down first
//!  op 7  scan     while the cell is not 0, move by step
//! ```
//!
//! 0x0000 (an empty memory) and 0xFFFF (an erased flash) are not words: the core stops on them.
//!
//! **Distance.** The word after `open` is no instruction but the number of words from the word after it to the
//! word after the loop's `close`: below 0x8000 directly, else its lower 15 bits in units of 64 words (an encoder
//! pads such a loop with words that do nothing). Distances are relative, so a program runs wherever it lies.
//!
//! **Multiply loops.** `[->+++>+<<]` is `mul`, then one `muladd` per power of two per target. `mul` takes T from
//! the cell and clears it. A loop whose cell is 0 does nothing in plain Brainfuck, so with T = 0 its `muladd`
//! words add nothing and may move off the tape; the word after the last of them comes back. That word is no `in`:
//! the core cannot be stopped before it, and `in` may wait for long. If the cell is not 0 and the loop reaches over an end of the tape (pointer+r, or a `check` before), plain Brainfuck would stop in
//! the middle of the first turn: then T becomes 1, the cell is left as it is (d: counted down once), and the
//! `muladd` words carry out exactly that first turn up to the fault.

use crate::machine::EndOfInput;

/// Bits of a word's step field, signed.
pub const STEP_BITS: usize = 6;
/// Bits of a word's argument field.
pub const ARG_BITS: usize = 7;
/// Bits of a word's operation field.
pub const OP_BITS: usize = 3;
/// Bits of an instruction word.
pub const WORD_BITS: usize = STEP_BITS + ARG_BITS + OP_BITS;
/// Bits of the reach in the argument of `mul` and `check`, signed.
pub const REACH_BITS: usize = 6;

/// The operation codes.
pub mod op {
    #![allow(missing_docs)]
    pub const SYSTEM: u16 = 0;
    pub const ADD: u16 = 1;
    pub const SET: u16 = 2;
    pub const OUT: u16 = 3;
    pub const OPEN: u16 = 4;
    pub const CLOSE: u16 = 5;
    pub const MUL: u16 = 6;
    pub const SCAN: u16 = 7;
}

/// The arguments of the system operation.
pub mod sys {
    #![allow(missing_docs)]
    pub const HALT: u16 = 1;
    pub const IN: u16 = 2;
    /// Plus the code of an `EndOfInput`.
    pub const MODE: u16 = 4;
    /// Plus `shift | NEGATIVE | NOTHING`.
    pub const MULADD: u16 = 1 << 5;
    pub const NEGATIVE: u16 = 1 << 3;
    pub const NOTHING: u16 = 1 << 4;
    /// Plus a reach.
    pub const CHECK: u16 = 1 << 6;
}

/// The word of an erased flash: not an instruction.
pub const ERASED: u16 = 0xFFFF;
/// Loops are fused only down to this depth of nesting, because every machine can hold so many open loops: a
/// fused loop can then never hide a loop-depth fault.
pub const FUSED_DEPTH: u32 = 256;

const DISTANCE_FAR: u32 = 0x8000;
/// Far distances are counted in so many words.
pub const DISTANCE_UNIT: u32 = 1 << DISTANCE_UNIT_BITS;
/// The binary logarithm of [`DISTANCE_UNIT`].
pub const DISTANCE_UNIT_BITS: usize = 6;

/// One instruction word, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Cells to move before the operation, -32 ..= 31.
    pub step: i8,
    /// What to do at the new cell.
    pub op: Op,
}

/// The operations. See the [module](self) for what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    /// -64 ..= 63
    Add(i8),
    /// -64 ..= 63, taken modulo 256
    Set(i8),
    /// -64 ..= 63
    Out(i8),
    /// -64 ..= 63
    Open(i8),
    /// -64 ..= 63
    Close(i8),
    Mul {
        /// -32 ..= 31
        reach: i8,
        dec_first: bool,
    },
    MulAdd(Factor),
    /// Reach -32 ..= 31
    Check(i8),
    Scan,
    In,
    Mode(EndOfInput),
    Halt,
}

/// What a `muladd` word multiplies T with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Factor {
    Nothing,
    /// 2^shift, or minus that; shift 0 ..= 7
    Power {
        shift: u8,
        negative: bool,
    },
}

fn field(value: i8, bits: usize) -> u16 {
    value as u16 & ((1 << bits) - 1)
}

fn signed(value: u16, bits: usize) -> i8 {
    let shift = 16 - bits;
    (((value << shift) as i16) >> shift) as i8
}

impl Word {
    /// The word that does nothing.
    pub const NOTHING: Word = Word { step: 0, op: Op::Add(0) };

    /// The 16 bits of this word. Fields that do not fit are cut to their widths.
    pub fn encode(self) -> u16 {
        let (code, arg) = match self.op {
            Op::Add(value) => (op::ADD, field(value, ARG_BITS)),
            Op::Set(value) => (op::SET, field(value, ARG_BITS)),
            Op::Out(value) => (op::OUT, field(value, ARG_BITS)),
            Op::Open(value) => (op::OPEN, field(value, ARG_BITS)),
            Op::Close(value) => (op::CLOSE, field(value, ARG_BITS)),
            Op::Mul { reach, dec_first } => {
                (op::MUL, (dec_first as u16) << REACH_BITS | field(reach, REACH_BITS))
            }
            Op::MulAdd(Factor::Nothing) => (op::SYSTEM, sys::MULADD | sys::NOTHING),
            Op::MulAdd(Factor::Power { shift, negative }) => {
                (op::SYSTEM, sys::MULADD | (negative as u16 * sys::NEGATIVE) | u16::from(shift & 7))
            }
            Op::Check(reach) => (op::SYSTEM, sys::CHECK | field(reach, REACH_BITS)),
            Op::Scan => (op::SCAN, 0),
            Op::In => (op::SYSTEM, sys::IN),
            Op::Mode(mode) => (op::SYSTEM, sys::MODE | mode as u16),
            Op::Halt => (op::SYSTEM, sys::HALT),
        };
        code << (STEP_BITS + ARG_BITS) | arg << STEP_BITS | field(self.step, STEP_BITS)
    }

    /// The word with these 16 bits; `None` if the core would stop on it.
    pub fn decode(bits: u16) -> Option<Word> {
        let step = signed(bits, STEP_BITS);
        let arg = bits >> STEP_BITS & ((1 << ARG_BITS) - 1);
        let value = signed(arg, ARG_BITS);
        let op = match bits >> (STEP_BITS + ARG_BITS) {
            op::ADD => Op::Add(value),
            op::SET => Op::Set(value),
            op::OUT => Op::Out(value),
            op::OPEN => Op::Open(value),
            op::CLOSE => Op::Close(value),
            op::MUL => Op::Mul { reach: signed(arg, REACH_BITS), dec_first: arg >> REACH_BITS != 0 },
            op::SCAN if arg == 0 => Op::Scan,
            op::SYSTEM if arg & sys::CHECK != 0 => Op::Check(signed(arg, REACH_BITS)),
            op::SYSTEM if arg & sys::MULADD != 0 => Op::MulAdd(if arg & sys::NOTHING != 0 {
                Factor::Nothing
            } else {
                Factor::Power { shift: (arg & 7) as u8, negative: arg & sys::NEGATIVE != 0 }
            }),
            op::SYSTEM if arg & !3 == sys::MODE => Op::Mode(EndOfInput::ALL[usize::from(arg & 3)]),
            op::SYSTEM if arg == sys::IN => Op::In,
            op::SYSTEM if arg == sys::HALT => Op::Halt,
            _ => return None,
        };
        Some(Word { step, op })
    }
}

/// The distance word for a loop that is left `words` words further on; `None` if the loop must first be padded to
/// a multiple of [`DISTANCE_UNIT`], or is too long for any word.
pub fn encode_distance(words: u32) -> Option<u16> {
    if words < DISTANCE_FAR {
        return Some(words as u16);
    }
    let units = words / DISTANCE_UNIT;
    if words % DISTANCE_UNIT == 0 && units < DISTANCE_FAR - 1 {
        Some((DISTANCE_FAR | units) as u16)
    } else {
        None
    }
}

/// The words to skip that a distance word stands for.
pub fn decode_distance(distance: u16) -> u32 {
    let distance = u32::from(distance);
    if distance < DISTANCE_FAR {
        distance
    } else {
        (distance - DISTANCE_FAR) * DISTANCE_UNIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_decodes_encodes_to_itself() {
        for bits in 0..=u16::MAX {
            if let Some(word) = Word::decode(bits) {
                let again = word.encode();
                // A `muladd` that adds nothing has four spare bits; no other word has two spellings.
                if word.op == Op::MulAdd(Factor::Nothing) {
                    assert_eq!(Word::decode(again), Some(word), "{bits:04x}");
                } else {
                    assert_eq!(again, bits, "{word:?}");
                }
            }
        }
    }

    #[test]
    fn empty_and_erased_memory_hold_no_words() {
        assert_eq!(Word::decode(0x0000), None);
        assert_eq!(Word::decode(ERASED), None);
    }

    #[test]
    fn distances_survive() {
        for words in [0, 1, 0x7FFF, 0x8000, 0x8040, 64 * 32766] {
            let word = encode_distance(words).expect("a distance that fits");
            assert_eq!(decode_distance(word), words);
            assert_ne!(word, ERASED);
        }
        assert_eq!(encode_distance(0x8001), None, "must be padded");
        assert_eq!(encode_distance(64 * 32767), None, "would look erased");
    }
}
