//! What braiNIX must do, in Rust: a model of the shell and of its store, to compare the image with. It is written from the
//! behaviour, not from the image, except for the sizes, which it takes from the map of the tape.

use brainix::tape::{self, BLOCKS, BLOCK_BYTES};

/// What the shell prints when it waits for a line.
pub const PROMPT: &str = "root@braiNIX:/# ";

/// A block of the store.
#[derive(Clone, Default)]
struct Block {
    /// In force now, and after the command.
    live: bool,
    next: bool,
    owner: u8,
    /// 0 is the name.
    sequence: u8,
    bytes: Vec<u8>,
}

/// The machine's memory.
#[derive(Clone)]
pub struct Shell {
    blocks: Vec<Block>,
    failed: bool,
    /// Everything that was printed.
    pub printed: Vec<u8>,
    /// What is still to be read.
    pub input: std::collections::VecDeque<u8>,
    /// The session ended with a program that seems to run for ever.
    pub endless: bool,
}

/// Why a line or a command stops.
enum Stop {
    /// No more input.
    Starved,
    /// The shell was left.
    Left,
    /// A message.
    Failed(&'static str),
    /// A program that seems to run for ever.
    Endless,
}

#[derive(Clone, Copy, PartialEq)]
enum Item {
    Letter(u8),
    Blank,
    Redirection(usize),
    End(&'static str),
}

/// Where a command's output goes.
#[derive(Default)]
struct Io {
    out: Option<(u8, u8)>,
    buffer: Vec<u8>,
    input: Option<u8>,
}

const GUARD: usize = tape::GUARD as usize;
const FULL: usize = BLOCK_BYTES as usize;
/// Characters after which the next one is too many, and so is the line feed.
pub const LINE: usize = brainix::editor::ROOM as usize + 1;

/// Commands after which a program is said to run for ever.
const PATIENCE: u32 = 100_000;

impl Default for Shell {
    fn default() -> Self {
        Shell {
            blocks: vec![Block::default(); BLOCKS as usize],
            failed: false,
            printed: Vec::new(),
            input: Default::default(),
            endless: false,
        }
    }
}

impl Shell {
    /// Switches on, types the input, and says whether the shell was left.
    pub fn session(&mut self, input: &[u8]) -> bool {
        self.input = input.iter().copied().collect();
        self.failed = false;
        loop {
            match self.line() {
                Ok(()) => {}
                Err(Stop::Left) => return true,
                Err(stop) => {
                    self.endless = matches!(stop, Stop::Endless);
                    return false;
                }
            }
        }
    }

    /// Names and contents of all files, in the order of the names' blocks.
    pub fn files(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let names = self.blocks.iter().filter(|block| block.live && block.sequence == 0);
        names
            .map(|name| {
                let content =
                    (1..16).filter_map(|sequence| self.find(name.owner, sequence)).flatten().copied();
                (name.bytes.clone(), content.collect())
            })
            .collect()
    }

    /// The power is cut, or the session ends within a command: what was not committed is gone.
    pub fn settle_after_cut(&mut self) {
        self.settle(false);
    }

    fn print(&mut self, text: &str) {
        self.printed.extend(text.as_bytes());
    }

    fn read(&mut self) -> Result<u8, Stop> {
        self.input.pop_front().ok_or(Stop::Starved)
    }

    /// One line: typed, echoed, carried out.
    fn line(&mut self) -> Result<(), Stop> {
        self.print(PROMPT);
        let mut typed: Vec<u8> = Vec::new();
        let mut over = false;
        // Where the physical line begins.
        let mut begin = 0;
        loop {
            let byte = self.read()?;
            match byte {
                0 | 255 => {}
                8 | 127 => {
                    if typed.len() > begin {
                        typed.pop();
                        self.print("\x08 \x08");
                    }
                }
                21 => {
                    while typed.len() > begin {
                        typed.pop();
                        self.print("\x08 \x08");
                    }
                }
                b'\n' if typed.len() >= LINE => {
                    self.printed.push(b'\n');
                    over = true;
                    break;
                }
                _ if typed.len() >= LINE => {
                    self.printed.push(7);
                    over = true;
                }
                _ => {
                    self.printed.push(byte);
                    typed.push(byte);
                    if byte == b'\n' {
                        if lex(&typed).is_some() {
                            break;
                        }
                        begin = typed.len();
                    }
                }
            }
        }
        if over {
            self.failed = true;
            self.print("line too long\n");
            return Ok(());
        }
        let items = lex(&typed).expect("the line is whole");
        // The frame before the line, then the line.
        let mut frames = typed.len() + 2;
        let mut before = ";";
        for command in items.split_inclusive(|item| matches!(item, Item::End(_))) {
            let (Some(Item::End(end)), words) = (command.last(), &command[..command.len() - 1]) else {
                unreachable!("commands have ends")
            };
            if (before != "&&" || !self.failed) && (before != "||" || self.failed) {
                self.command(words, &mut frames)?;
            }
            before = end;
        }
        Ok(())
    }

    fn command(&mut self, items: &[Item], frames: &mut usize) -> Result<(), Stop> {
        let mut io = Io::default();
        let result = self.redirect_and_run(items, &mut io, frames);
        let result = match result {
            Ok(()) => self.flush(&mut io).map_err(Stop::Failed),
            other => other,
        };
        match result {
            Ok(()) => self.settle(true),
            Err(Stop::Failed(message)) => {
                self.settle(false);
                self.failed = true;
                self.print(message);
                self.print("\n");
            }
            other => return other,
        }
        Ok(())
    }

    fn redirect_and_run(&mut self, items: &[Item], io: &mut Io, frames: &mut usize) -> Result<(), Stop> {
        let mut rest = Vec::new();
        let mut at = 0;
        let mut error = None;
        while at < items.len() {
            let Item::Redirection(mode) = items[at] else {
                rest.push(items[at]);
                at += 1;
                continue;
            };
            at += 1;
            rest.push(Item::Blank);
            while items.get(at) == Some(&Item::Blank) {
                at += 1;
            }
            let mut name = Vec::new();
            while let Some(Item::Letter(letter)) = items.get(at) {
                name.push(*letter);
                at += 1;
            }
            // Of several mistakes the last one is reported; nothing is opened after one.
            if name.is_empty() {
                error = Some("syntax error");
            } else if name.len() > FULL {
                error = Some("name too long");
            } else if error.is_none() {
                error = self.redirect(mode, &name, io).err();
            }
        }
        if let Some(message) = error {
            return Err(Stop::Failed(message));
        }
        let words: Vec<Vec<u8>> = rest
            .split(|item| *item == Item::Blank)
            .filter(|word| !word.is_empty())
            .map(|word| {
                let letter = |item: &Item| match item {
                    Item::Letter(letter) => *letter,
                    _ => unreachable!("words are letters"),
                };
                word.iter().map(letter).collect()
            })
            .collect();
        if !words.is_empty() || io.out.is_some() {
            self.failed = false;
        }
        match words.split_first() {
            None => Ok(()),
            Some((name, arguments)) => self.run(name, arguments, io, frames),
        }
    }

    fn redirect(&mut self, mode: usize, name: &[u8], io: &mut Io) -> Result<(), &'static str> {
        if mode == 2 {
            io.input = Some(self.file(name).ok_or("no such file")?);
            return Ok(());
        }
        if io.out.is_some() {
            self.settle(false);
            io.out = None;
            io.buffer.clear();
        }
        self.open(name, mode == 1, io)
    }

    fn open(&mut self, name: &[u8], append: bool, io: &mut Io) -> Result<(), &'static str> {
        let owner = match self.file(name) {
            Some(owner) => owner,
            None => self.make(name)?,
        };
        io.out = Some((owner, 1));
        if append {
            let blocks = self
                .blocks
                .iter()
                .filter(|block| block.next && block.owner == owner && block.sequence > 0)
                .count() as u8;
            if blocks > 0 {
                io.out = Some((owner, blocks));
                let last = self
                    .blocks
                    .iter_mut()
                    .find(|block| block.live && block.owner == owner && block.sequence == blocks)
                    .expect("no gaps");
                last.next = false;
                io.buffer = last.bytes.clone();
            }
        } else {
            for block in &mut self.blocks {
                if block.owner == owner && block.sequence > 0 {
                    block.next = false;
                }
            }
        }
        Ok(())
    }

    fn file(&self, name: &[u8]) -> Option<u8> {
        let found = self.blocks.iter().find(|block| block.next && block.sequence == 0 && block.bytes == name);
        found.map(|block| block.owner)
    }

    fn find(&self, owner: u8, sequence: u8) -> Option<&Vec<u8>> {
        let found = |block: &&Block| block.live && block.owner == owner && block.sequence == sequence;
        self.blocks.iter().find(found).map(|block| &block.bytes)
    }

    fn make(&mut self, name: &[u8]) -> Result<u8, &'static str> {
        let taken =
            |owner| self.blocks.iter().any(|block| block.next && block.sequence == 0 && block.owner == owner);
        let owner = (0..16).find(|&owner| !taken(owner)).ok_or("no space left")?;
        self.write(owner, 0, name.to_vec())?;
        Ok(owner)
    }

    fn write(&mut self, owner: u8, sequence: u8, bytes: Vec<u8>) -> Result<(), &'static str> {
        let free = self.blocks.iter_mut().find(|block| !block.live && !block.next).ok_or("no space left")?;
        *free = Block { live: false, next: true, owner, sequence, bytes };
        Ok(())
    }

    fn flush(&mut self, io: &mut Io) -> Result<(), &'static str> {
        if let Some((owner, sequence)) = &mut io.out {
            if !io.buffer.is_empty() {
                if *sequence == 16 {
                    return Err("no space left");
                }
                let (owner, number) = (*owner, *sequence);
                *sequence += 1;
                self.write(owner, number, std::mem::take(&mut io.buffer))?;
            }
        }
        Ok(())
    }

    fn put(&mut self, io: &mut Io, bytes: &[u8]) -> Result<(), Stop> {
        for &byte in bytes {
            if io.out.is_none() {
                self.printed.push(byte);
            } else {
                if io.buffer.len() == FULL {
                    self.flush(io).map_err(Stop::Failed)?;
                }
                io.buffer.push(byte);
            }
        }
        Ok(())
    }

    fn settle(&mut self, commit: bool) {
        for block in &mut self.blocks {
            if commit {
                block.live = block.next;
            } else {
                block.next = block.live;
            }
        }
    }

    fn content(&self, owner: u8) -> Vec<u8> {
        (1..16).map_while(|sequence| self.find(owner, sequence)).flatten().copied().collect()
    }

    fn named(&self, name: Option<&Vec<u8>>) -> Result<u8, Stop> {
        let name = self.name(name)?;
        self.file(name).ok_or(Stop::Failed("no such file"))
    }

    fn name<'a>(&self, name: Option<&'a Vec<u8>>) -> Result<&'a Vec<u8>, Stop> {
        let name = name.ok_or(Stop::Failed("missing file name"))?;
        if name.len() > FULL {
            return Err(Stop::Failed("name too long"));
        }
        Ok(name)
    }

    fn run(
        &mut self,
        name: &[u8],
        arguments: &[Vec<u8>],
        io: &mut Io,
        frames: &mut usize,
    ) -> Result<(), Stop> {
        if let b"cp" | b"mv" | b"rm" | b"touch" = name {
            self.name(arguments.first())?;
            // What a `>>` has kept of its file is written before the files are changed.
            self.flush(io).map_err(Stop::Failed)?;
        }
        match name {
            b"true" => {}
            b"false" => self.failed = true,
            b"exit" | b"logout" => return Err(Stop::Left),
            b"pwd" => self.put(io, b"/\n")?,
            b"whoami" => self.put(io, b"root\n")?,
            b"clear" => self.put(io, b"\n\n\n\n\n\n\n\n\n")?,
            b"help" => self.print(HELP),
            b"echo" => {
                let bare = arguments.first().is_some_and(|first| first == b"-n");
                self.put(io, &arguments[usize::from(bare)..].join(&b' '))?;
                if !bare {
                    self.put(io, b"\n")?;
                }
            }
            b"du" => {
                let held = |block: &&Block| block.next && block.sequence > 0;
                let size: usize = self.blocks.iter().filter(held).map(|block| block.bytes.len()).sum();
                self.put(io, format!("{size:<8}.\n").as_bytes())?;
            }
            b"ls" if arguments.is_empty() => {
                for index in 0..self.blocks.len() {
                    let block = &self.blocks[index];
                    if block.next && block.sequence == 0 {
                        let line = [&block.bytes[..], b"\n"].concat();
                        self.put(io, &line)?;
                    }
                }
            }
            b"ls" => {
                for argument in arguments {
                    self.named(Some(argument))?;
                    self.put(io, &[&argument[..], b"\n"].concat())?;
                }
            }
            b"cat" => match (arguments, io.input) {
                ([], Some(owner)) => {
                    let bytes = self.content(owner);
                    self.put(io, &bytes)?;
                }
                ([], None) => return Err(Stop::Failed("missing file name")),
                _ => {
                    for argument in arguments {
                        let owner = self.named(Some(argument))?;
                        let bytes = self.content(owner);
                        self.put(io, &bytes)?;
                    }
                }
            },
            b"touch" => {
                for argument in arguments {
                    let name = self.name(Some(argument))?;
                    if self.file(name).is_none() {
                        self.make(name).map_err(Stop::Failed)?;
                    }
                }
            }
            b"rm" => {
                for argument in arguments {
                    let owner = self.named(Some(argument))?;
                    for block in self.blocks.iter_mut().filter(|block| block.owner == owner) {
                        block.next = false;
                    }
                }
            }
            b"cp" => {
                let owner = self.named(arguments.first())?;
                let to = self.name(arguments.get(1))?;
                self.open(to, false, io).map_err(Stop::Failed)?;
                let bytes = self.content(owner);
                self.put(io, &bytes)?;
            }
            b"mv" => {
                let owner = self.named(arguments.first())?;
                let to = self.name(arguments.get(1))?;
                for block in &mut self.blocks {
                    if block.owner == owner && block.sequence == 0 {
                        block.next = false;
                    }
                }
                if let Some(gone) = self.file(to) {
                    for block in self.blocks.iter_mut().filter(|block| block.owner == gone) {
                        block.next = false;
                    }
                }
                self.write(owner, 0, to.clone()).map_err(Stop::Failed)?;
            }
            b"bf" => self.bf(arguments.first(), io, frames)?,
            _ => return Err(Stop::Failed("command not found")),
        }
        Ok(())
    }

    fn bf(&mut self, name: Option<&Vec<u8>>, io: &mut Io, frames: &mut usize) -> Result<(), Stop> {
        let mut program = Vec::new();
        let owner = name.map(|name| self.named(Some(name))).transpose()?;
        let mut error = None;
        // Each frame needs another free one before the guard.
        let mut frame = |error: &mut Option<&'static str>| {
            if *frames + 2 == GUARD {
                *error = Some("out of cells");
            } else {
                *frames += 1;
            }
        };
        if owner.is_none() {
            self.print("\nEnter program:\n\n");
        }
        frame(&mut error);
        let mut source: std::collections::VecDeque<u8> =
            owner.map(|owner| self.content(owner).into()).unwrap_or_default();
        let mut line_feed = false;
        let mut depth = 0;
        loop {
            let byte = if owner.is_some() {
                let Some(byte) = source.pop_front() else { break };
                byte
            } else {
                let byte = self.input.pop_front().ok_or(Stop::Starved)?;
                if byte == 0 || byte == 255 {
                    continue;
                }
                self.printed.push(byte);
                if byte == b'\n' && line_feed {
                    break;
                }
                line_feed = byte == b'\n';
                byte
            };
            if b"+,-.<>[]".contains(&byte) && error.is_none() {
                match byte {
                    // A depth is a cell.
                    b'[' if depth == 255 => error = Some("out of cells"),
                    b'[' => depth += 1,
                    b']' if depth == 0 => error = Some("unbalanced brackets"),
                    b']' => depth -= 1,
                    _ => {}
                }
                if error.is_none() {
                    frame(&mut error);
                    program.push(byte);
                }
            }
        }
        // The end, the fence and the first cell.
        for _ in 0..3 {
            frame(&mut error);
        }
        if depth != 0 && error.is_none() {
            error = Some("unbalanced brackets");
        }
        if let Some(error) = error {
            return Err(Stop::Failed(error));
        }
        if owner.is_none() {
            self.print("Running...\n\n");
        }
        let mut source: std::collections::VecDeque<u8> =
            io.input.map(|owner| self.content(owner).into()).unwrap_or_default();
        let mut cells = vec![0u8];
        let (mut at, mut next) = (0, 0);
        let mut patience = PATIENCE;
        while let Some(&command) = program.get(next) {
            patience -= 1;
            if patience == 0 {
                return Err(Stop::Endless);
            }
            match command {
                b'+' => cells[at] = cells[at].wrapping_add(1),
                b'-' => cells[at] = cells[at].wrapping_sub(1),
                b'.' => {
                    let byte = cells[at];
                    self.put(io, &[byte])?;
                }
                b',' if io.input.is_some() => cells[at] = source.pop_front().unwrap_or(0),
                b',' => cells[at] = self.read()?,
                b'<' if at == 0 => break,
                b'<' => at -= 1,
                b'>' => {
                    at += 1;
                    if at == cells.len() {
                        if *frames + 2 == GUARD {
                            return Err(Stop::Failed("out of cells"));
                        }
                        *frames += 1;
                        cells.push(0);
                    }
                }
                b'[' | b']' => {
                    if (command == b'[') == (cells[at] == 0) {
                        let step: isize = if command == b'[' { 1 } else { -1 };
                        let mut open = 1;
                        while open > 0 {
                            next = next.wrapping_add_signed(step);
                            match program[next] {
                                b'[' => open += step,
                                b']' => open -= step,
                                _ => {}
                            }
                        }
                    }
                }
                _ => unreachable!("only commands are kept"),
            }
            next += 1;
        }
        if owner.is_none() {
            self.print("\n\nSuccess!\n\n");
        }
        Ok(())
    }
}

const HELP: &str =
    "bf cat clear cp du echo exit false help\nlogout ls mv pwd rm touch true whoami\n< > >> ; && ||\n";

/// The items of a line that ends with a line feed; `None` if it goes on.
fn lex(line: &[u8]) -> Option<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    let mut bytes = line.iter().copied().peekable();
    // A sign that may become an operator is only one if its fellow is the very next character.
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => loop {
                match bytes.next()? {
                    b'\'' => break,
                    letter => items.push(Item::Letter(letter)),
                }
            },
            b'"' => loop {
                match bytes.next()? {
                    b'"' => break,
                    b'\\' => items.push(Item::Letter(bytes.next()?)),
                    letter => items.push(Item::Letter(letter)),
                }
            },
            b'\\' => match bytes.next()? {
                b'\n' => {}
                letter => items.push(Item::Letter(letter)),
            },
            b'#' => while bytes.next_if(|&byte| byte != b'\n').is_some() {},
            b' ' => items.push(Item::Blank),
            b'\n' => {
                items.push(Item::End("\n"));
                return Some(items);
            }
            b';' => items.push(Item::End(";")),
            b'&' if bytes.next_if_eq(&b'&').is_some() => items.push(Item::End("&&")),
            b'|' if bytes.next_if_eq(&b'|').is_some() => items.push(Item::End("||")),
            b'<' => items.push(Item::Redirection(2)),
            b'>' if bytes.next_if_eq(&b'>').is_some() => items.push(Item::Redirection(1)),
            b'>' => items.push(Item::Redirection(0)),
            letter => items.push(Item::Letter(letter)),
        }
    }
    None
}
