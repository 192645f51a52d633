//! Programs to try the machine with, written for this project, each with its input and the output it must
//! give.
//!
//! They are the files of `images/programs`. All of them fit [`crate::machine::BOARD`]; those with a fault
//! stop with it after they have given their output.

use crate::machine::{EndOfInput, Fault};

/// A program, what goes in and what must come out.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its name: the file name without folder and extension.
    pub name: &'static str,
    /// The program text, with comments.
    pub text: &'static [u8],
    /// All of its input.
    pub input: &'static [u8],
    /// Everything it sends before it stops.
    pub output: &'static [u8],
    /// What it expects to happen at the end of the input.
    pub end_of_input: EndOfInput,
    /// The fault that stops it. `None` if it halts, or, with input and [`EndOfInput::Wait`], waits for more.
    pub fault: Option<Fault>,
}

macro_rules! program {
    ($name:literal) => {
        program!($name, b"", EndOfInput::Wait, None)
    };
    ($name:literal, input until $mode:ident) => {
        program!($name, include_bytes!(concat!("../programs/", $name, ".in")), EndOfInput::$mode, None)
    };
    ($name:literal, fault $fault:ident) => {
        program!($name, b"", EndOfInput::Wait, Some(Fault::$fault))
    };
    ($name:literal, $input:expr, $mode:expr, $fault:expr) => {
        Program {
            name: $name,
            text: include_bytes!(concat!("../programs/", $name, ".bf")),
            input: $input,
            output: include_bytes!(concat!("../programs/", $name, ".out")),
            end_of_input: $mode,
            fault: $fault,
        }
    };
}

/// Every program, those that fault last.
pub const ALL: &[Program] = &[
    program!("hello"),
    program!("cat_zero", input until Zero),
    program!("cat_minus_one", input until MinusOne),
    program!("cat_unchanged", input until Unchanged),
    program!("cat_wait", input until Wait),
    program!("mirror", input until Wait),
    program!("squares"),
    program!("primes"),
    program!("sorter", input until Zero),
    program!("triangle"),
    program!("fractal"),
    program!("factors"),
    program!("hanoi"),
    program!("mandelbrot"),
    program!("deep"),
    program!("wide"),
    program!("wrap"),
    program!("fault_left", fault LeftEnd),
    program!("fault_right", fault RightEnd),
    program!("fault_depth", fault LoopDepth),
    program!("fault_scan", fault LeftEnd),
    program!("fault_multiply", fault LeftEnd),
];

/// The program with this name.
pub fn find(name: &str) -> Option<&'static Program> {
    ALL.iter().find(|program| program.name == name)
}
