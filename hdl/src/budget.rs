//! What the hardware may cost on the HX8K. Synthesis is checked against these tables.

use crate::line_cache::{CompanionCache, ProgramCache};
use crate::system::core_unit::WORD_ADDRESS_BITS;
use crate::system::serial_port::QUEUE_BITS;
use images::machine::{Limits, BOARD};

/// Bits of one of the iCE40's block RAMs.
pub const BRAM_BITS: u32 = 4096;
/// Block RAMs of the HX8K.
pub const BRAMS: u32 = 32;
/// Logic cells of the HX8K.
pub const LCS: u32 = 7680;

/// A part of a design and the block RAMs it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Block RAMs.
    pub brams: u32,
}

/// What a design may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Parts with block RAM. The numbers are exact, not limits.
    pub parts: &'static [Part],
    /// Most logic cells.
    pub lcs: u32,
    /// Least clock rate in MHz.
    pub mhz: f64,
}

impl Budget {
    /// Block RAMs of all parts.
    pub fn brams(&self) -> u32 {
        self.parts.iter().map(|part| part.brams).sum()
    }
}

/// Block RAMs for so many words. The widest a block is used here is 16 bits, with 256 words.
const fn blocks(words: u32, bits: u32) -> u32 {
    let fit = BRAM_BITS / 16;
    if words <= fit {
        bits.div_ceil(16)
    } else {
        (words * bits).div_ceil(BRAM_BITS)
    }
}

const LIMITS: Limits = BOARD;
const CELLS: Part = Part { name: "cells", brams: blocks(LIMITS.cells, 8) };
const LOOPS: Part = Part { name: "loop stack", brams: blocks(LIMITS.depth, LIMITS.words.ilog2()) };
const CODE: Part = Part { name: "program", brams: blocks(LIMITS.words, 16) };
const RECEIVED: Part = Part { name: "receive FIFO", brams: blocks(1 << crate::board::RECEIVED_BITS, 8) };

/// The core with its memories, its ports registered at the pins.
pub const CORE: Budget = Budget { parts: &[CELLS, LOOPS, CODE], lcs: 900, mhz: 90.0 };

/// The board, with its program in block RAM.
pub const BOARD_TOP: Budget =
    Budget { parts: &[CELLS, LOOPS, CODE, RECEIVED], lcs: 1200, mhz: crate::pll::LOGIC_HZ as f64 / 1e6 };

/// Registers of the companion: 32 and its stored control and status registers, once for each operand.
const REGISTERS: Part = Part { name: "registers", brams: 2 * blocks(64, 32) };
const MEMORY: Part = Part { name: "memory", brams: 4 * blocks(1024, 8) };

/// The companion with its memory. It had 1,500 logic cells before compressed instructions and early fetches: what these buy is in
/// docs/computer.md.
pub const COMPANION: Budget = Budget { parts: &[REGISTERS, MEMORY], lcs: 2150, mhz: 48.0 };

const PROGRAM_LOOPS: Part =
    Part { name: "loop stack", brams: blocks(LIMITS.depth, WORD_ADDRESS_BITS as u32) };
/// The words of a cache, and its tags.
const CACHE: Part = Part {
    name: "companion cache",
    brams: blocks(CompanionCache::WORDS, CompanionCache::WORD_BITS)
        + blocks(CompanionCache::LINES, CompanionCache::TAG_BITS),
};
const PROGRAM_CACHE: Part = Part {
    name: "program cache",
    brams: blocks(ProgramCache::WORDS, ProgramCache::WORD_BITS)
        + blocks(ProgramCache::LINES, ProgramCache::TAG_BITS),
};
const QUEUES: Part = Part { name: "serial queues", brams: 2 * blocks(1 << QUEUE_BITS, 8) };

/// The computer: at least 35 % of the logic cells stay free.
pub const COMPUTER: Budget = Budget {
    parts: &[CELLS, PROGRAM_LOOPS, REGISTERS, MEMORY, CACHE, PROGRAM_CACHE, QUEUES],
    lcs: LCS * 65 / 100,
    mhz: map::CLOCK_HZ as f64 / 1e6,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_designs_fit_the_chip() {
        for budget in [CORE, BOARD_TOP, COMPANION, COMPUTER] {
            assert!(budget.brams() <= BRAMS && budget.lcs <= LCS);
        }
    }
}
