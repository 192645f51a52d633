//! What every machine of this project has in common, whether it is made of Rust or of gates: its limits, its
//! faults and its conventions for the end of the input.

use core::fmt;
use core::str::FromStr;

/// The sizes of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Cells on the tape, of 8 bits each.
    pub cells: u32,
    /// Loops that may be open at the same time.
    pub depth: u32,
    /// Instruction words of program memory.
    pub words: u32,
}

/// The machine that fits the Alchitry Cu.
pub const BOARD: Limits = Limits { cells: 1 << 12, depth: 1 << 8, words: 1 << 11 };

/// The computer: the board's core, its program in the flash.
pub const COMPUTER: Limits = Limits { words: 1 << 21, ..BOARD };

/// The machine that only simulators can build.
pub const BIG: Limits = Limits { cells: 1 << 16, depth: 1 << 10, words: 1 << 21 };

/// Why a machine stopped before the end of its program. The numbers are the hardware's fault codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fault {
    /// `<` at the first cell.
    LeftEnd = 1,
    /// `>` at the last cell.
    RightEnd = 2,
    /// `[` entered with as many loops open as the machine can remember.
    LoopDepth = 3,
    /// A loop end without an open loop: only a damaged image has one.
    LoopEnd = 4,
    /// An instruction word that means nothing: only a damaged image has one.
    UnknownWord = 5,
    /// An instruction word behind the program's last: only a damaged image goes there. (A machine that is not told
    /// the length of its program finds an unknown word there.)
    ProgramEnd = 6,
}

impl Fault {
    /// Every fault, in the order of the codes.
    pub const ALL: [Fault; 6] = [
        Fault::LeftEnd,
        Fault::RightEnd,
        Fault::LoopDepth,
        Fault::LoopEnd,
        Fault::UnknownWord,
        Fault::ProgramEnd,
    ];

    /// The fault with this hardware code; `None` for 0 (no fault) and for codes that no fault has.
    pub fn from_code(code: u8) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| *fault as u8 == code)
    }

    /// A short name for reports and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Fault::LeftEnd => "left-end",
            Fault::RightEnd => "right-end",
            Fault::LoopDepth => "loop-depth",
            Fault::LoopEnd => "loop-end",
            Fault::UnknownWord => "unknown-word",
            Fault::ProgramEnd => "program-end",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::LeftEnd => "moved left of the first cell",
            Fault::RightEnd => "moved right of the last cell",
            Fault::LoopDepth => "more loops open than the machine can remember",
            Fault::LoopEnd => "a loop ends that never began",
            Fault::UnknownWord => "an instruction word that means nothing",
            Fault::ProgramEnd => "went on behind the program's last word",
        })
    }
}

/// What `,` does when there is no more input and never will be. The numbers are the hardware's mode codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum EndOfInput {
    /// Wait for ever (a simulator stops the run instead).
    #[default]
    Wait = 0,
    /// The cell becomes 0.
    Zero = 1,
    /// The cell becomes 255.
    MinusOne = 2,
    /// The cell keeps its value.
    Unchanged = 3,
}

impl EndOfInput {
    /// Every mode, in the order of the codes.
    pub const ALL: [EndOfInput; 4] =
        [EndOfInput::Wait, EndOfInput::Zero, EndOfInput::MinusOne, EndOfInput::Unchanged];

    /// What a user calls it.
    pub fn name(self) -> &'static str {
        match self {
            EndOfInput::Wait => "wait",
            EndOfInput::Zero => "0",
            EndOfInput::MinusOne => "-1",
            EndOfInput::Unchanged => "unchanged",
        }
    }

    /// The mode that a user calls so.
    pub fn named(name: &[u8]) -> Option<EndOfInput> {
        let name = if name == b"255" { b"-1" } else { name };
        EndOfInput::ALL.into_iter().find(|mode| mode.name().as_bytes() == name)
    }

    /// What the cell holds after a `,` at the end of the input; `None` if the machine waits.
    pub fn apply(self, value: u8) -> Option<u8> {
        match self {
            EndOfInput::Wait => None,
            EndOfInput::Zero => Some(0),
            EndOfInput::MinusOne => Some(255),
            EndOfInput::Unchanged => Some(value),
        }
    }
}

impl fmt::Display for EndOfInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no end-of-input mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", UnknownMode::TEXT)]
pub struct UnknownMode;

impl UnknownMode {
    /// What a user is told.
    pub const TEXT: &str = "the end of input is one of 0, -1, unchanged, wait";
}

impl FromStr for EndOfInput {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        EndOfInput::named(text.as_bytes()).ok_or(UnknownMode)
    }
}

/// How a run of one of the software machines ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The program came to its end.
    Halted,
    /// The machine stopped at the command (or word) with this number.
    Fault {
        /// What happened.
        fault: Fault,
        /// Position of the offending command (reference machine) or address of the word (word machine).
        at: u64,
        /// The cell at which the pointer stood when the command could not be carried out.
        cell: u32,
    },
    /// A `,` waits for input that never comes.
    InputEnded,
    /// The budget of commands or words ran out.
    Limit,
}
