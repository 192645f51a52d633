//! The cells of the chip: what programs and erases do to them over time, and what is left of those that are cut off.

use super::{Cut, PAGE, SIZE};
use std::ops::Range;

/// Something that keeps the chip busy.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub work: Work,
    /// When it began.
    pub start_ns: u64,
    /// When it will be done.
    pub end_ns: u64,
}

impl Operation {
    /// The bytes that it may change.
    pub fn region(&self) -> Range<usize> {
        match &self.work {
            Work::Program { address, .. } => {
                let page = address / PAGE * PAGE;
                page..page + PAGE
            }
            Work::Erase { region } => region.clone(),
            Work::Unknown => 0..0,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Work {
    Program {
        /// Address of the first byte; the others follow in its page.
        address: usize,
        /// At most a page.
        data: Vec<u8>,
        /// Bytes that are programmed already.
        done: usize,
    },
    Erase {
        region: Range<usize>,
    },
    /// What was going on at the start: it changes nothing.
    Unknown,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Going,
    Done,
    /// Here the power fails.
    Cut,
}

pub(super) struct Array {
    pub bytes: Vec<u8>,
    cut: Option<Cut>,
    /// Bytes programmed since power-up.
    programmed: u64,
    /// Erases begun since power-up.
    erases: u32,
}

impl Array {
    pub fn new(mut bytes: Vec<u8>, cut: Option<Cut>) -> Array {
        bytes.resize(SIZE, 0xff);
        Array { bytes, cut, programmed: 0, erases: 0 }
    }

    /// Counts an erase that begins.
    pub fn begin_erase(&mut self) {
        self.erases += 1;
    }

    /// Does what is to be done of an operation by now.
    pub fn advance(&mut self, operation: &mut Operation, now_ns: u64) -> Progress {
        let Operation { work, start_ns, end_ns } = operation;
        let is_over = now_ns >= *end_ns;
        match work {
            Work::Program { address, data, done } => {
                let elapsed = u128::from(now_ns.saturating_sub(*start_ns));
                let due = if is_over {
                    data.len()
                } else {
                    // Less than the length, as less than all of the time has gone by.
                    (data.len() as u128 * elapsed / u128::from(*end_ns - *start_ns)) as usize
                };
                loop {
                    if self.cut == Some(Cut::AfterBytes(self.programmed)) {
                        return Progress::Cut;
                    }
                    if *done >= due {
                        break;
                    }
                    let page = *address / PAGE * PAGE;
                    self.bytes[page + (*address + *done) % PAGE] &= data[*done];
                    *done += 1;
                    self.programmed += 1;
                }
            }
            Work::Erase { region } => {
                let middle = *start_ns + (*end_ns - *start_ns) / 2;
                if self.cut == Some(Cut::InErase(self.erases)) && now_ns >= middle {
                    return Progress::Cut;
                }
                if is_over {
                    self.bytes[region.clone()].fill(0xff);
                }
            }
            Work::Unknown => {}
        }
        if is_over {
            Progress::Done
        } else {
            Progress::Going
        }
    }

    /// Leaves an operation in the middle. A program has done what it has done; the bytes of an erase are old, erased,
    /// or have some of their bits set.
    pub fn abort(&mut self, operation: Operation) {
        let Work::Erase { region } = operation.work else {
            return;
        };
        for address in region {
            let random = scramble(address as u64);
            self.bytes[address] |= match random % 3 {
                0 => 0,
                1 => 0xff,
                _ => (random >> 8) as u8,
            };
        }
    }
}

/// A number that looks random but is the same for an address each time (the finalizer of SplitMix64).
fn scramble(address: u64) -> u64 {
    let mut value = (address + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
