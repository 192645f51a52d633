//! Typed bytes to lines: echo, mending, and what a terminal sends besides characters.

use heapless::Vec;
use images::packed;
use images::say::Printer;

const CONTROL_C: u8 = 0x03;
const BACKSPACE: u8 = 0x08;
const LINE_FEED: u8 = 0x0A;
const CARRIAGE_RETURN: u8 = 0x0D;
const CONTROL_U: u8 = 0x15;
const CONTROL_W: u8 = 0x17;
const ESCAPE: u8 = 0x1B;
const DELETE: u8 = 0x7F;

/// What the editor made of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reply {
    /// Nothing to print.
    Nothing,
    /// The character was taken.
    Echo(u8),
    /// So many characters were taken back.
    Erase(usize),
    /// The line is full.
    Bell,
    /// The line is complete: [`LineEditor::line`].
    Line,
    /// Ctrl-C: the line was dropped.
    Dropped,
}

impl Reply {
    /// Prints it with this. The caller prints its prompt after [`Reply::Dropped`] and, when it has seen to the line,
    /// after [`Reply::Line`].
    pub fn print(self, out: &mut dyn Printer) {
        let (text, times) = match self {
            Reply::Nothing => return,
            Reply::Echo(byte) => return out.bytes(&[byte]),
            Reply::Erase(count) => (packed!("\x08 \x08"), count),
            Reply::Bell => (packed!("\x07"), 1),
            Reply::Line => (packed!("\r\n"), 1),
            Reply::Dropped => (packed!("^C\r\n"), 1),
        };
        for _ in 0..times {
            out.text(text);
        }
    }
}

/// Where in an escape sequence the typed bytes are. Source: ECMA-48, sections 5.4 and 8.3.119 (SS3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    /// In none.
    Outside,
    /// After ESC.
    Begun,
    /// After `ESC [`: parameters, then a byte from 40h on. An arrow key is `ESC [ A`.
    Control,
    /// After `ESC O`: one more byte. F1 is `ESC O P`.
    Single,
}

/// A line of at most `N` characters, each of them printable ASCII.
///
/// Backspace (08h or 7Fh) takes back a character, Ctrl-W a word and Ctrl-U the line; Ctrl-C drops it. CR, LF and CR LF
/// end it. Other control characters, bytes above 7Eh and escape sequences are swallowed. (ESC typed alone takes the
/// next character with it.)
///
/// ```
/// use kernel::line_editor::{LineEditor, Reply};
/// let mut editor = LineEditor::<80>::new();
/// let replies: Vec<Reply> = b"lx\x08s\r".iter().map(|byte| editor.byte(*byte)).collect();
/// assert_eq!(replies, [Reply::Echo(b'l'), Reply::Echo(b'x'), Reply::Erase(1), Reply::Echo(b's'), Reply::Line]);
/// assert_eq!(editor.line(), b"ls");
/// ```
#[derive(Clone, Debug)]
pub struct LineEditor<const N: usize> {
    line: Vec<u8, N>,
    /// The line was complete with the last byte that counted.
    complete: bool,
    /// The last byte was CR: an LF belongs to it.
    returned: bool,
    escape: Escape,
}

impl<const N: usize> Default for LineEditor<N> {
    fn default() -> Self {
        LineEditor::new()
    }
}

impl<const N: usize> LineEditor<N> {
    /// An empty line.
    pub const fn new() -> Self {
        LineEditor { line: Vec::new(), complete: false, returned: false, escape: Escape::Outside }
    }

    /// The line so far; after [`Reply::Line`] the complete line, until the next byte.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// Takes the next typed byte.
    pub fn byte(&mut self, byte: u8) -> Reply {
        if core::mem::take(&mut self.complete) {
            self.line.clear();
        }
        let returned = core::mem::replace(&mut self.returned, byte == CARRIAGE_RETURN);
        if self.escapes(byte) {
            return Reply::Nothing;
        }
        match byte {
            LINE_FEED if returned => Reply::Nothing,
            CARRIAGE_RETURN | LINE_FEED => {
                self.complete = true;
                Reply::Line
            }
            BACKSPACE | DELETE => self.keep(self.line.len().saturating_sub(1)),
            CONTROL_W => {
                let is_space = |byte: &u8| *byte == b' ';
                let end = self.line.iter().rposition(|byte| !is_space(byte)).unwrap_or(0);
                let word = self.line.iter().take(end).rposition(is_space);
                self.keep(word.map_or(0, |space| space + 1))
            }
            CONTROL_U => self.keep(0),
            CONTROL_C => {
                self.line.clear();
                Reply::Dropped
            }
            b' '..DELETE => match self.line.push(byte) {
                Ok(()) => Reply::Echo(byte),
                Err(_) => Reply::Bell,
            },
            _ => Reply::Nothing,
        }
    }

    /// Whether the byte belongs to an escape sequence. A control character ends the sequence and counts for itself.
    fn escapes(&mut self, byte: u8) -> bool {
        let (escape, belongs) = match (self.escape, byte) {
            (_, ESCAPE) => (Escape::Begun, true),
            (Escape::Outside, _) | (_, 0..b' ') => (Escape::Outside, false),
            (Escape::Begun, b'[') => (Escape::Control, true),
            (Escape::Begun, b'O') => (Escape::Single, true),
            (Escape::Control, b' '..b'@') => (Escape::Control, true),
            _ => (Escape::Outside, true),
        };
        self.escape = escape;
        belongs
    }

    /// Takes back all but the first characters.
    fn keep(&mut self, characters: usize) -> Reply {
        match self.line.len() - characters {
            0 => Reply::Nothing,
            erased => {
                self.line.truncate(characters);
                Reply::Erase(erased)
            }
        }
    }
}
