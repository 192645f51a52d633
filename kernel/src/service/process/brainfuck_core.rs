//! The Brainfuck core, as the process knows it: what a driver has to do.

use images::machine::Fault as CoreFault;

/// How the core has stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// At the end of the program.
    Halted,
    /// With a fault; `None` if it has a code that nobody knows.
    Fault(Option<CoreFault>),
}

/// What the core does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// It waits for a byte of input.
    pub input: bool,
    /// It runs, waiting included.
    pub running: bool,
    /// It has not taken the byte that it was given last.
    pub pending: bool,
    /// It has stopped by itself.
    pub stopped: Option<Stopped>,
}

/// The Brainfuck core, and how it is told what to do.
pub trait Core {
    /// What it does.
    fn status(&mut self) -> Status;
    /// Takes the byte of output, if there is one.
    fn take_output(&mut self) -> Option<u8>;
    /// Gives it a byte of input.
    fn give_input(&mut self, byte: u8);
    /// The byte of input that it was given last.
    fn input(&mut self) -> u8;
    /// Whether a byte of input has come from the line since the last time.
    fn take_fed(&mut self) -> bool;
    /// Stops it, and makes everything as before its first program, but the cells.
    fn clear(&mut self);
    /// Its program: address of the first word, and number of words.
    fn set_program(&mut self, address: u32, words: u32);
    /// Goes on at the position.
    fn go(&mut self);
    /// Stops before the next word. It runs for a few cycles more, and its output may have to be taken for it to stop, if the line
    /// is not its own.
    fn stop(&mut self);
    /// Number of the next word.
    fn position(&mut self) -> u32;
    /// Sets it.
    fn set_position(&mut self, position: u32);
    /// Number of the cell that it points to.
    fn pointer(&mut self) -> u16;
    /// Sets it.
    fn set_pointer(&mut self, pointer: u16);
    /// Opens a loop whose first word has this number.
    fn open_loop(&mut self, first: u32);
    /// Closes all loops.
    fn close_loops(&mut self);
    /// What a read at the end of the input does, and whether there is no more input, in the core's coding, 4 bits at most.
    fn input_mode(&mut self) -> u8;
    /// Sets it.
    fn set_input_mode(&mut self, mode: u8);
    /// Cycles that it has run for, waiting included, since the program was started.
    fn cycles(&mut self) -> u64;
    /// Words executed since then.
    fn words(&mut self) -> u64;
    /// The machine is to be notified if the core has stopped, if it waits for input, if a byte of input comes from the line.
    fn listen(&mut self, input: bool, fed: bool);
}

/// Bit of the input mode: there is no more input.
pub const NO_MORE_INPUT: u8 = 1 << 2;
