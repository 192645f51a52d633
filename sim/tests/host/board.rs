//! A board in memory: the kernel's line editor and receiver at the other end of a line, in a time of its own.

use kernel::files::Name;
use kernel::line_editor::{LineEditor, Reply};
use kernel::service::console::LEAVE_KEY;
use kernel::service::shell::LINE;
use kernel::ymodem::{Action, Error, Event, Receiver, BLOCK_BYTES, HEADER_BYTES};
use sim::host::cells::{row, CELLS};
use sim::host::line::Line;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(10);
/// A byte on the line.
const BYTE: Duration = Duration::from_micros(87);
const COMPLAINT: &str = "there is no such command; type help";

/// What the line does to bytes: in `often` bytes one is flipped, lost or joined by another one.
#[derive(Clone, Debug)]
pub struct Noise {
    state: u64,
    often: u64,
}

impl Noise {
    pub fn new(seed: u64, often: u64) -> Noise {
        Noise { state: seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, often }
    }

    /// xorshift64.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 11
    }

    fn pass(&mut self, byte: u8) -> Vec<u8> {
        if self.next() % self.often != 0 {
            return vec![byte];
        }
        let other = self.next() as u8;
        match self.next() % 3 {
            0 => vec![byte ^ (1 << (other % 8))],
            1 => vec![],
            _ => vec![other, byte],
        }
    }
}

/// What the board does.
enum Doing {
    Shell,
    /// A program, which prints this from time to time.
    Program(&'static [u8]),
    Loading(Box<Receiver>),
}

/// The board and its line.
pub struct Board {
    doing: Doing,
    editor: LineEditor<LINE>,
    buffer: [u8; BLOCK_BYTES],
    file: (String, Vec<u8>),
    came: VecDeque<u8>,
    now: Duration,
    ticked: Duration,
    pub files: Vec<(String, Vec<u8>)>,
    pub cells: Vec<u8>,
    /// Lines that were carried out.
    pub lines: Vec<String>,
    pub noise: Option<Noise>,
    /// Neither reads nor prints.
    pub stalled: bool,
    /// Stalls with the first block of a file.
    pub stalls_in_file: bool,
    /// After so many bytes the port is gone.
    pub unplugged_after: Option<usize>,
    /// Refuses files with this text.
    pub refuses: Option<&'static str>,
    /// Knows `set`.
    pub knows_set: bool,
}

impl Board {
    pub fn new() -> Board {
        Board {
            doing: Doing::Shell,
            editor: LineEditor::new(),
            buffer: [0; BLOCK_BYTES],
            file: (String::new(), Vec::new()),
            came: VecDeque::new(),
            now: Duration::ZERO,
            ticked: Duration::ZERO,
            files: Vec::new(),
            cells: (0..CELLS).map(|cell| (cell / 7) as u8).collect(),
            lines: Vec::new(),
            noise: None,
            stalled: false,
            stalls_in_file: false,
            unplugged_after: None,
            refuses: None,
            knows_set: true,
        }
    }

    /// What was printed since the last time.
    pub fn printed(&mut self) -> Vec<u8> {
        self.came.drain(..).collect()
    }

    pub fn run_program(&mut self, prints: &'static [u8]) {
        self.doing = Doing::Program(prints);
    }

    /// The content of the newest file of that name.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().rev().find(|file| file.0 == name).map(|file| &file.1[..])
    }

    fn print(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match &mut self.noise {
                Some(noise) => self.came.extend(noise.pass(*byte)),
                None => self.came.push_back(*byte),
            }
        }
    }

    /// A byte arrives.
    pub fn take(&mut self, byte: u8) {
        if self.stalled {
            return;
        }
        match &mut self.doing {
            Doing::Shell => self.edit(byte),
            Doing::Program(_) if byte == LEAVE_KEY => {
                self.doing = Doing::Shell;
                self.print(b"\r\nleft; resume goes on\r\n> ");
            }
            Doing::Program(_) => {}
            Doing::Loading(receiver) => {
                let action = receiver.byte(byte, &mut self.buffer);
                self.act(action);
            }
        }
    }

    fn edit(&mut self, byte: u8) {
        let reply = self.editor.byte(byte);
        let mut echo = Vec::new();
        reply.print(&mut echo);
        self.print(&echo);
        match reply {
            Reply::Dropped => self.print(b"> "),
            Reply::Line => {
                let line = String::from_utf8(self.editor.line().to_owned()).expect("ASCII");
                self.execute(&line);
            }
            _ => {}
        }
    }

    fn execute(&mut self, line: &str) {
        self.lines.push(line.to_owned());
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let numbers: Vec<usize> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
        let mut said = String::new();
        match (words.first().copied(), &numbers[..]) {
            (None, _) => {}
            (Some("load"), []) => {
                self.doing = Doing::Loading(Box::new(Receiver::new()));
                return self.tick(Duration::ZERO);
            }
            (Some("mem"), [first, count]) => {
                for at in (*first..(first + count).min(CELLS)).step_by(16) {
                    said += &row(at, &self.cells[at..(at + 16).min(CELLS)]);
                    said += "\r\n";
                }
            }
            (Some("set"), [first, values @ ..]) if self.knows_set => {
                for (cell, value) in self.cells.iter_mut().skip(*first).zip(values) {
                    *cell = *value as u8;
                }
            }
            _ => said = format!("{COMPLAINT}\r\n"),
        }
        self.print(said.as_bytes());
        self.print(b"> ");
    }

    fn act(&mut self, mut action: Action) {
        loop {
            self.print(action.send);
            let Doing::Loading(receiver) = &mut self.doing else { return };
            action = match action.event {
                None => return,
                Some(Event::File) => {
                    let mut bytes = [0; HEADER_BYTES];
                    let file = receiver.file(&mut self.buffer, &mut bytes).expect("offered");
                    self.file = (String::from_utf8_lossy(file.name).into_owned(), Vec::new());
                    self.stalled |= self.stalls_in_file;
                    match self.refuses {
                        Some(_) => receiver.refuse(),
                        None if Name::new(&self.file.0).is_err() => receiver.refuse(),
                        None => receiver.accept(),
                    }
                }
                Some(Event::Bytes) => {
                    let mut bytes = [0; BLOCK_BYTES];
                    let count = receiver.read(&mut self.buffer, 0, &mut bytes);
                    self.file.1.extend(&bytes[..count]);
                    receiver.accept()
                }
                Some(Event::FileEnd) => {
                    self.files.push(self.file.clone());
                    receiver.accept()
                }
                Some(Event::Done) => return self.end_load("loaded: so many commands".to_owned()),
                Some(Event::Failed(Error::Refused)) => {
                    let text = self.refuses.unwrap_or("no such name; give another one");
                    return self.end_load(text.to_owned());
                }
                Some(Event::Failed(error)) => return self.end_load(error.to_string()),
            };
        }
    }

    fn end_load(&mut self, said: String) {
        self.doing = Doing::Shell;
        self.print(format!("{said}\r\n> ").as_bytes());
    }

    /// So much time passes.
    pub fn tick(&mut self, time: Duration) {
        self.now += time;
        let passed = (self.now - self.ticked).as_millis() as u32;
        self.ticked += Duration::from_millis(passed.into());
        if self.stalled {
            return;
        }
        match &mut self.doing {
            Doing::Shell => {}
            Doing::Program(prints) => {
                let prints = *prints;
                self.print(prints);
            }
            Doing::Loading(receiver) => {
                let action = receiver.tick(passed);
                self.act(action);
            }
        }
    }

    fn pull(&mut self, bytes: usize) -> io::Result<()> {
        match &mut self.unplugged_after {
            Some(left) if *left < bytes => Err(io::ErrorKind::BrokenPipe.into()),
            Some(left) => {
                *left -= bytes;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Line for Board {
    fn read(&mut self, bytes: &mut [u8], most: Duration) -> io::Result<usize> {
        let end = self.now + most;
        while self.came.is_empty() && self.now < end {
            self.tick(TICK.min(end - self.now));
        }
        let count = bytes.len().min(self.came.len());
        self.pull(count)?;
        bytes.iter_mut().zip(self.came.drain(..count)).for_each(|(to, from)| *to = from);
        self.tick(BYTE * count as u32);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes {
            self.pull(1)?;
            self.tick(BYTE);
            let arrives = match &mut self.noise {
                Some(noise) => noise.pass(*byte),
                None => vec![*byte],
            };
            arrives.into_iter().for_each(|byte| self.take(byte));
        }
        Ok(())
    }

    fn now(&mut self) -> Duration {
        self.now
    }
}
