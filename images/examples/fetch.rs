//! What fetching costs a Brainfuck core whose program is in flash: cycles per word, for some shapes of the
//! cache between the two, with and without fetching the next line ahead.
//!
//! `cargo run --release -p images --features host --example fetch`
//!
//! A model of cycles, not of gates. Fetches are those of the word machine, and after `open` and `close` those
//! that the core makes on a wrong guess, for which it does not wait. A line costs what `hdl::flash_controller`
//! says, at 50 MHz: 8 cycles a byte and 39, or 4 if the flash was at it already. Nobody else reads the flash.

use images::image::Image;
use images::isa::{Op, Word};
use images::machine::{Stop, COMPUTER};
use images::programs::ALL;
use images::words::WordMachine;

/// Words of a program that are looked at.
const WORDS: u64 = 20_000_000;
/// Some lines typed at braiNIX's prompt.
const TYPED: &[u8] =
    b"ls\necho hello > a\ncat a\necho more >> a; cat a a\ncp a b && mv b c; ls\ndu; rm a c\npwd\n";

/// What is fetched ahead.
#[derive(Clone, Copy, PartialEq)]
enum Ahead {
    Nothing,
    /// The next line after each that the core had to wait for.
    AfterMiss,
    /// Also the next one after the first use of a line that was fetched ahead.
    AfterUse,
    /// The next line after a miss; what comes is given up at once when the core waits for another line.
    GivenUp,
}

/// A direct-mapped cache and its flash.
struct Cache {
    line_words: u32,
    ahead: Ahead,
    /// For each place the line there, and whether it was fetched ahead and not used yet.
    lines: Vec<(Option<u32>, bool)>,
    cycles: u64,
    /// A line that comes and nobody waits for, and when it has come.
    coming: Option<(u32, u64)>,
    /// The line behind the last one.
    next: Option<u32>,
}

impl Cache {
    fn new(lines: u32, bytes: u32, ahead: Ahead) -> Cache {
        Cache {
            line_words: bytes / 2,
            ahead,
            lines: vec![(None, false); lines as usize],
            cycles: 0,
            coming: None,
            next: None,
        }
    }

    fn place(&mut self, line: u32) -> &mut (Option<u32>, bool) {
        let places = self.lines.len();
        &mut self.lines[line as usize % places]
    }

    /// Cycles from now until this line has come.
    fn transfer(&mut self, line: u32) -> u64 {
        let begin = if self.next == Some(line) { 4 } else { 39 };
        self.next = Some(line + 1);
        begin + 16 * u64::from(self.line_words)
    }

    /// A line that has come by now is there.
    fn settle(&mut self) {
        if let Some((line, done)) = self.coming {
            if done <= self.cycles {
                *self.place(line) = (Some(line), true);
                self.coming = None;
            }
        }
    }

    /// A line that nobody waits for.
    fn start(&mut self, line: u32) {
        self.settle();
        if self.coming.is_none() && self.place(line).0 != Some(line) {
            let done = self.cycles + self.transfer(line);
            // From its first piece on, what was there is not.
            *self.place(line) = (None, false);
            self.coming = Some((line, done));
        }
    }

    /// The core wants a word and waits for it.
    fn fetch(&mut self, word: u32) {
        let line = word / self.line_words;
        self.settle();
        if self.place(line).0 != Some(line) {
            if let Some((coming, done)) = self.coming {
                if self.ahead == Ahead::GivenUp && coming != line {
                    self.coming = None;
                    self.next = None;
                } else {
                    self.cycles = done;
                    self.settle();
                }
            }
        }
        if self.place(line).0 != Some(line) {
            self.cycles += self.transfer(line) + 2;
            *self.place(line) = (Some(line), false);
            if self.ahead != Ahead::Nothing {
                self.start(line + 1);
            }
        } else if std::mem::take(&mut self.place(line).1) && self.ahead == Ahead::AfterUse {
            self.start(line + 1);
        }
        self.cycles += 1;
    }
}

/// Runs a program and gives its fetches to all caches. The words of the program, and those executed.
fn run(text: &[u8], input: &[u8], caches: &mut [Cache]) -> (usize, u64) {
    let image = Image::from_text(text).expect("balanced");
    let mut machine = WordMachine::new(COMPUTER, input);
    let mut loops = Vec::new();
    loop {
        let at = machine.next;
        let op = image.words.get(at as usize).copied().and_then(Word::decode).map(|word| word.op);
        let stop = machine.run(&image.words, 1);
        let (is_open, is_close) = (matches!(op, Some(Op::Open(_))), matches!(op, Some(Op::Close(_))));
        let entered = is_open && machine.next == at + 2;
        let left = is_close && machine.next == at + 1;
        let begin = if left { loops.pop().unwrap_or(0) } else { at + 2 };
        if entered {
            loops.push(begin);
        }
        for cache in &mut *caches {
            cache.fetch(at);
            if is_open {
                cache.fetch(at + 1);
            }
            if left || (is_open && !entered) {
                // The wrong guess.
                for word in begin..=begin + u32::from(left) {
                    cache.start(word / cache.line_words);
                    cache.cycles += 1;
                }
            }
        }
        if stop != Stop::Limit || machine.executed >= WORDS {
            return (image.words.len(), machine.executed);
        }
    }
}

/// Lines and their bytes: caches of 1, 2 and 4 KB.
const SHAPES: [(u32, u32); 10] =
    [(256, 4), (128, 8), (64, 16), (32, 32), (256, 8), (128, 16), (64, 32), (512, 8), (256, 16), (128, 32)];
const AHEAD: [(&str, Ahead); 4] = [
    ("nothing ahead", Ahead::Nothing),
    ("after a miss", Ahead::AfterMiss),
    ("after use too", Ahead::AfterUse),
    ("given up", Ahead::GivenUp),
];

fn main() {
    let brainix = std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("brainix_v")))
        .expect("make images");
    let brainix = std::fs::read(brainix).expect("the image");
    let mut programs: Vec<(&str, &[u8], &[u8])> =
        vec![("braiNIX, boot", &brainix, b""), ("braiNIX, lines", &brainix, TYPED)];
    programs.extend(ALL.iter().map(|program| (program.name, program.text, program.input)));
    print!("{:14}", "");
    for (lines, bytes) in SHAPES {
        print!("{:>8}", format!("{lines}x{bytes}"));
    }
    println!();
    for (name, text, input) in programs {
        let mut caches: Vec<Cache> = AHEAD
            .iter()
            .flat_map(|(_, ahead)| SHAPES.map(|(lines, bytes)| Cache::new(lines, bytes, *ahead)))
            .collect();
        let (length, words) = run(text, input, &mut caches);
        println!("{name}: {length} words, {words} executed");
        for ((name, _), row) in AHEAD.iter().zip(caches.chunks(SHAPES.len())) {
            print!("{name:14}");
            for cache in row {
                print!("{:8.2}", cache.cycles as f64 / words as f64);
            }
            println!();
        }
    }
}
