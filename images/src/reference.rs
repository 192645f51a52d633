//! The reference machine: the eight commands as written, one at a time, nothing fused. It is what every other
//! machine here is compared with, so it is kept easy to believe rather than fast.

use crate::machine::{EndOfInput, Fault, Limits, Stop};
use crate::text::{BracketError, Command, Scanner};

/// A program as the reference machine holds it.
#[derive(Clone, Debug)]
pub struct Program {
    commands: Vec<Command>,
    /// For each bracket the number of its partner; 0 elsewhere.
    partner: Vec<u32>,
}

impl Program {
    /// Reads a program text.
    pub fn new(text: &[u8]) -> Result<Program, BracketError> {
        let mut scanner = Scanner::new();
        let mut commands = Vec::new();
        for &byte in text {
            commands.extend(scanner.byte(byte)?);
        }
        scanner.finish()?;
        let mut partner = vec![0; commands.len()];
        let mut opens = Vec::new();
        for (number, command) in commands.iter().enumerate() {
            match command {
                Command::Open => opens.push(number),
                Command::Close => {
                    let open = opens.pop().expect("the scanner has matched the brackets");
                    partner[number] = open as u32;
                    partner[open] = number as u32;
                }
                _ => {}
            }
        }
        Ok(Program { commands, partner })
    }
}

/// The machine and what is connected to it.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    /// The tape. All zero at first start; may be set before a run.
    pub cells: Vec<u8>,
    /// The cell at which the pointer stands.
    pub pointer: usize,
    /// The rightmost cell at which the pointer has stood.
    pub highest: usize,
    /// All bytes sent so far.
    pub output: Vec<u8>,
    /// Commands carried out so far.
    pub executed: u64,
    input: std::slice::Iter<'a, u8>,
    mode: EndOfInput,
    depth_limit: u32,
    depth: u32,
    next: usize,
}

impl<'a> Reference<'a> {
    /// A machine with a clean tape, at the first command.
    pub fn new(limits: Limits, input: &'a [u8], mode: EndOfInput) -> Self {
        Reference {
            cells: vec![0; limits.cells as usize],
            pointer: 0,
            highest: 0,
            output: Vec::new(),
            executed: 0,
            input: input.iter(),
            mode,
            depth_limit: limits.depth,
            depth: 0,
            next: 0,
        }
    }

    /// Runs until the program stops, or until `budget` more commands are done.
    pub fn run(&mut self, program: &Program, budget: u64) -> Stop {
        let end = self.executed.saturating_add(budget);
        while let Some(command) = program.commands.get(self.next) {
            if self.executed >= end {
                return Stop::Limit;
            }
            if let Err(stop) = self.step(program, *command) {
                return stop;
            }
            self.executed += 1;
            self.next += 1;
        }
        Stop::Halted
    }

    fn step(&mut self, program: &Program, command: Command) -> Result<(), Stop> {
        let partner = program.partner[self.next] as usize;
        match command {
            Command::Right => {
                if self.pointer + 1 == self.cells.len() {
                    return Err(self.fault(Fault::RightEnd));
                }
                self.pointer += 1;
                self.highest = self.highest.max(self.pointer);
            }
            Command::Left => {
                if self.pointer == 0 {
                    return Err(self.fault(Fault::LeftEnd));
                }
                self.pointer -= 1;
            }
            Command::Increment => self.cells[self.pointer] = self.cells[self.pointer].wrapping_add(1),
            Command::Decrement => self.cells[self.pointer] = self.cells[self.pointer].wrapping_sub(1),
            Command::Output => self.output.push(self.cells[self.pointer]),
            Command::Input => {
                let value = match self.input.next() {
                    Some(byte) => Some(*byte),
                    None => self.mode.apply(self.cells[self.pointer]),
                };
                self.cells[self.pointer] = value.ok_or(Stop::InputEnded)?;
            }
            Command::Open => {
                if self.cells[self.pointer] == 0 {
                    self.next = partner;
                } else if self.depth == self.depth_limit {
                    return Err(self.fault(Fault::LoopDepth));
                } else {
                    self.depth += 1;
                }
            }
            Command::Close => {
                if self.cells[self.pointer] == 0 {
                    self.depth -= 1;
                } else {
                    self.next = partner;
                }
            }
        }
        Ok(())
    }

    fn fault(&self, fault: Fault) -> Stop {
        Stop::Fault { fault, at: self.next as u64, cell: self.pointer as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limits = Limits { cells: 4, depth: 2, words: 0 };

    fn run(text: &str, input: &[u8], mode: EndOfInput) -> (Stop, Vec<u8>, Vec<u8>) {
        let program = Program::new(text.as_bytes()).expect("balanced");
        let mut machine = Reference::new(SMALL, input, mode);
        let stop = machine.run(&program, 1000);
        (stop, machine.output, machine.cells)
    }

    #[test]
    fn cells_wrap() {
        assert_eq!(run("-.+.", b"", EndOfInput::Wait), (Stop::Halted, vec![255, 0], vec![0; 4]));
    }

    #[test]
    fn the_four_ends_of_input() {
        let end = |mode| run("++,.", b"", mode);
        assert_eq!(end(EndOfInput::Zero).1, [0]);
        assert_eq!(end(EndOfInput::MinusOne).1, [255]);
        assert_eq!(end(EndOfInput::Unchanged).1, [2]);
        assert_eq!(end(EndOfInput::Wait).0, Stop::InputEnded);
    }

    #[test]
    fn faults_name_command_and_cell() {
        let fault = |fault, at, cell| Stop::Fault { fault, at, cell };
        assert_eq!(run("+<", b"", EndOfInput::Wait).0, fault(Fault::LeftEnd, 1, 0));
        assert_eq!(run(">>>>", b"", EndOfInput::Wait).0, fault(Fault::RightEnd, 3, 3));
        assert_eq!(run("+[[[]]]", b"", EndOfInput::Wait).0, fault(Fault::LoopDepth, 3, 0));
    }

    #[test]
    fn a_loop_that_is_skipped_needs_no_depth() {
        assert_eq!(run("+[[>[]<-]]", b"", EndOfInput::Wait).0, Stop::Halted);
    }

    #[test]
    fn the_budget_counts_commands() {
        let program = Program::new(b"+[]").expect("balanced");
        let mut machine = Reference::new(SMALL, b"", EndOfInput::Wait);
        assert_eq!(machine.run(&program, 10), Stop::Limit);
        assert_eq!(machine.executed, 10);
    }
}
