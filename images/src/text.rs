//! Program text: which bytes are commands, where they stand, and whether the brackets match.
//!
//! The scanner takes one byte at a time and needs the same few words of memory for a program of any size, so the
//! companion can run it on a file that comes in over the serial line.

use crate::packed;
use crate::say::{Printer, Say};

/// The eight commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Command {
    Right = b'>',
    Left = b'<',
    Increment = b'+',
    Decrement = b'-',
    Output = b'.',
    Input = b',',
    Open = b'[',
    Close = b']',
}

impl Command {
    /// The command that this byte is; `None` if it is a comment.
    pub fn from_byte(byte: u8) -> Option<Command> {
        Some(match byte {
            b'>' => Command::Right,
            b'<' => Command::Left,
            b'+' => Command::Increment,
            b'-' => Command::Decrement,
            b'.' => Command::Output,
            b',' => Command::Input,
            b'[' => Command::Open,
            b']' => Command::Close,
            _ => return None,
        })
    }
}

/// A place in the text. Both count from 1; the column counts characters (of UTF-8, where it is that).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Say for Position {
    fn say(&self, to: &mut dyn Printer) {
        to.text(packed!("line ")).number(self.line).text(packed!(", column ")).number(self.column);
    }
}

/// Brackets that do not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BracketError {
    /// A `]` with no loop open.
    Unopened(Position),
    /// The text ended with loops open; the outermost of them began here.
    Unclosed {
        /// Where the outermost open loop begins.
        position: Position,
        /// How many loops are open.
        missing: u32,
    },
}

impl Say for BracketError {
    fn say(&self, to: &mut dyn Printer) {
        match self {
            BracketError::Unopened(position) => {
                to.say(position)
                    .text(packed!(": this `]` closes no loop; remove it or add the `[` it belongs to"));
            }
            BracketError::Unclosed { position, missing } => {
                to.say(position).text(packed!(": this `[` is never closed (")).number(*missing);
                to.text(packed!(" `]` missing at the end)"));
            }
        }
    }
}

crate::said!(Position, BracketError);

/// What a text measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Measure {
    /// Number of commands; comments do not count.
    pub commands: u32,
    /// Most loops open at the same time, counted in the text.
    pub depth: u32,
}

/// Reads text byte by byte: finds the commands, keeps their position, checks the brackets, measures.
///
/// ```
/// use images::text::{Command, Scanner};
/// let mut scanner = Scanner::new();
/// assert_eq!(scanner.byte(b'[').unwrap(), Some(Command::Open));
/// assert_eq!(scanner.byte(b'x').unwrap(), None);
/// assert_eq!(scanner.finish().unwrap_err().to_string(),
///            "line 1, column 1: this `[` is never closed (1 `]` missing at the end)");
/// ```
#[derive(Clone, Debug)]
pub struct Scanner {
    position: Position,
    measure: Measure,
    depth: u32,
    outermost: Position,
}

impl Default for Scanner {
    fn default() -> Self {
        Scanner::new()
    }
}

impl Scanner {
    /// A scanner at the beginning of a text.
    pub fn new() -> Scanner {
        let start = Position { line: 1, column: 0 };
        Scanner { position: start, measure: Measure::default(), depth: 0, outermost: start }
    }

    /// Takes the next byte. The command, if it is one.
    pub fn byte(&mut self, byte: u8) -> Result<Option<Command>, BracketError> {
        let continues_a_character = byte & 0xC0 == 0x80;
        if !continues_a_character {
            self.position.column += 1;
        }
        let command = Command::from_byte(byte);
        match command {
            Some(Command::Open) => {
                if self.depth == 0 {
                    self.outermost = self.position;
                }
                self.depth += 1;
                self.measure.depth = self.measure.depth.max(self.depth);
            }
            Some(Command::Close) => match self.depth.checked_sub(1) {
                Some(depth) => self.depth = depth,
                None => return Err(BracketError::Unopened(self.position)),
            },
            _ => {}
        }
        self.measure.commands += u32::from(command.is_some());
        if byte == b'\n' {
            self.position.line += 1;
            self.position.column = 0;
        }
        Ok(command)
    }

    /// Where the last byte stood.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The measure of the whole text.
    pub fn finish(&self) -> Result<Measure, BracketError> {
        match self.depth {
            0 => Ok(self.measure),
            missing => Err(BracketError::Unclosed { position: self.outermost, missing }),
        }
    }
}

/// Checks and measures a whole text.
pub fn measure(text: &[u8]) -> Result<Measure, BracketError> {
    let mut scanner = Scanner::new();
    for &byte in text {
        scanner.byte(byte)?;
    }
    scanner.finish()
}

/// Where the command with this number (from 0) stands; `None` if the text has fewer.
pub fn position_of(text: &[u8], command: u64) -> Option<Position> {
    let mut scanner = Scanner::new();
    let mut seen = 0;
    for &byte in text {
        if scanner.byte(byte).ok()?.is_some() {
            if seen == command {
                return Some(scanner.position());
            }
            seen += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_close_is_named_with_its_place() {
        let error = measure(b"+[-]\n ]").unwrap_err();
        assert_eq!(error, BracketError::Unopened(Position { line: 2, column: 2 }));
    }

    #[test]
    fn the_outermost_open_loop_is_named() {
        let error = measure(b"[]\n+[[]\n[").unwrap_err();
        let position = Position { line: 2, column: 2 };
        assert_eq!(error, BracketError::Unclosed { position, missing: 2 });
    }

    #[test]
    fn columns_count_characters_and_any_bytes_are_comments() {
        assert_eq!(position_of("äöü+".as_bytes(), 0), Some(Position { line: 1, column: 4 }));
        assert_eq!(measure(b"\xFF\xFE+\x00").map(|m| m.commands), Ok(1));
    }

    #[test]
    fn an_empty_text_is_a_program_of_no_commands() {
        assert_eq!(measure(b""), Ok(Measure::default()));
        assert_eq!(measure(b"no commands here"), Ok(Measure::default()));
    }

    #[test]
    fn depth_is_the_deepest_nesting() {
        assert_eq!(measure(b"[[]][[[]]]").map(|m| m.depth), Ok(3));
    }

    #[test]
    fn ten_megabytes_of_open_brackets_are_refused() {
        let text = vec![b'['; 10 << 20];
        let position = Position { line: 1, column: 1 };
        assert_eq!(measure(&text), Err(BracketError::Unclosed { position, missing: 10 << 20 }));
    }
}
