//! The word machine: what the instruction words mean, without pipeline, cycles or speculation. The hardware is
//! compared with it word by word, and it is compared with the reference machine.

use crate::isa::{self, Factor, Op, Word};
use crate::machine::{EndOfInput, Fault, Limits, Stop};

/// The machine and what is connected to it.
#[derive(Clone, Debug)]
pub struct WordMachine<'a> {
    /// The tape.
    pub cells: Vec<u8>,
    /// The pointer. Off the tape only between `muladd` words that have nothing to multiply.
    pub pointer: i64,
    /// All bytes sent so far.
    pub output: Vec<u8>,
    /// Words carried out so far; each step of a scan is one, distance words are none.
    pub executed: u64,
    /// Address of the next word.
    pub next: u32,
    /// What a read at the end of the input does.
    pub mode: EndOfInput,
    input: std::slice::Iter<'a, u8>,
    depth_limit: usize,
    loops: Vec<u32>,
    /// T of the multiply loops.
    multiplicand: u8,
    /// A `check` has found its cell off the tape.
    checked_off: bool,
}

impl<'a> WordMachine<'a> {
    /// A machine with a clean tape, at address 0.
    pub fn new(limits: Limits, input: &'a [u8]) -> Self {
        WordMachine {
            cells: vec![0; limits.cells as usize],
            pointer: 0,
            output: Vec::new(),
            executed: 0,
            next: 0,
            input: input.iter(),
            mode: EndOfInput::Wait,
            depth_limit: limits.depth as usize,
            loops: Vec::new(),
            multiplicand: 0,
            checked_off: false,
        }
    }

    /// Goes on with this input.
    pub fn set_input(&mut self, input: &'a [u8]) {
        self.input = input.iter();
    }

    /// Goes on with these loops open, the outermost first: see [`WordMachine::loops`].
    pub fn set_loops(&mut self, loops: Vec<u32>) {
        self.loops = loops;
    }

    /// Runs until the program stops, or until `budget` more words are done.
    ///
    /// The cell of a fault is where the pointer stood before the word, modulo the cells, which for a long move is not
    /// yet the end of the tape; [`crate::encode::Origin::moving_command`] finds the command from it.
    pub fn run(&mut self, words: &[u16], budget: u64) -> Stop {
        let end = self.executed.saturating_add(budget);
        loop {
            if self.executed >= end {
                return Stop::Limit;
            }
            let before = self.pointer;
            match self.step(words) {
                Ok(()) => self.executed += 1,
                Err(Halt::Fault(fault)) => {
                    if fault != Fault::LoopDepth {
                        self.pointer = before;
                    }
                    return Stop::Fault {
                        fault,
                        at: u64::from(self.next),
                        cell: self.pointer.rem_euclid(self.cells.len() as i64) as u32,
                    };
                }
                Err(Halt::Halted) => return Stop::Halted,
                Err(Halt::InputEnded) => return Stop::InputEnded,
            }
        }
    }

    /// The loop stack: for each open loop the address of its first word, the outermost first.
    pub fn loops(&self) -> &[u32] {
        &self.loops
    }

    fn is_off(&self, position: i64) -> bool {
        position < 0 || position >= self.cells.len() as i64
    }

    /// Off the tape, where only a multiply loop without work comes, there is one cell that is always 0.
    fn add(&mut self, value: u8) -> u8 {
        match self.cells.get_mut(self.pointer as usize) {
            Some(cell) => {
                *cell = cell.wrapping_add(value);
                *cell
            }
            None => 0,
        }
    }

    fn step(&mut self, words: &[u16]) -> Result<(), Halt> {
        let bits = words.get(self.next as usize).copied().unwrap_or(0);
        let word = Word::decode(bits).ok_or(Halt::Fault(Fault::UnknownWord))?;
        if word.op == Op::Scan && self.add(0) == 0 {
            self.next += 1;
            return Ok(());
        }
        self.pointer += i64::from(word.step);
        let idle = matches!(word.op, Op::MulAdd(_)) && self.multiplicand == 0;
        if self.is_off(self.pointer) && !idle {
            return Err(Halt::Fault(if self.pointer < 0 { Fault::LeftEnd } else { Fault::RightEnd }));
        }
        let mut next = self.next + 1;
        match word.op {
            Op::Add(value) => {
                self.add(value as u8);
            }
            Op::Set(value) => self.cells[self.pointer as usize] = value as u8,
            Op::Out(value) => {
                let value = self.add(value as u8);
                self.output.push(value);
            }
            Op::Open(value) => {
                let distance = words.get(next as usize).copied().unwrap_or(0);
                next += 1;
                if self.add(value as u8) == 0 {
                    next += isa::decode_distance(distance);
                } else if self.loops.len() == self.depth_limit {
                    return Err(Halt::Fault(Fault::LoopDepth));
                } else {
                    self.loops.push(next);
                }
            }
            Op::Close(value) => {
                let begin = *self.loops.last().ok_or(Halt::Fault(Fault::LoopEnd))?;
                if self.add(value as u8) == 0 {
                    self.loops.pop();
                } else {
                    next = begin;
                }
            }
            Op::Check(reach) => self.checked_off = self.is_off(self.pointer + i64::from(reach)),
            Op::Mul { reach, dec_first } => {
                let cell = &mut self.cells[self.pointer as usize];
                self.multiplicand = *cell;
                *cell = 0;
                if self.checked_off || self.is_off(self.pointer + i64::from(reach)) {
                    let turns = self.multiplicand;
                    self.multiplicand = u8::from(turns != 0);
                    self.cells[self.pointer as usize] =
                        if dec_first { turns.saturating_sub(1) } else { turns };
                }
                self.checked_off = false;
            }
            Op::MulAdd(Factor::Nothing) => {}
            Op::MulAdd(Factor::Power { shift, negative }) => {
                let product = self.multiplicand << shift;
                self.add(if negative { product.wrapping_neg() } else { product });
            }
            Op::Scan => next = self.next,
            Op::In => {
                let cell = self.cells[self.pointer as usize];
                let value = match self.input.next() {
                    Some(byte) => Some(*byte),
                    None => self.mode.apply(cell),
                };
                self.cells[self.pointer as usize] = value.ok_or(Halt::InputEnded)?;
            }
            Op::Mode(mode) => self.mode = mode,
            Op::Halt => return Err(Halt::Halted),
        }
        self.next = next;
        Ok(())
    }
}

enum Halt {
    Fault(Fault),
    Halted,
    InputEnded,
}
