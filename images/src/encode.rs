//! Commands to instruction words, as a stream: a few hundred bytes of state for a program of any length.
//!
//! Words leave in order, through a [`Sink`]. The one thing that is not known in time is how far a loop reaches:
//! its distance word leaves as [`ERASED`] and is patched when the loop closes, once, which a flash can do.
//!
//! What may be fused is decided by what can be seen: cells, output, and where which fault stops the program. A
//! move that might leave the tape is therefore never cancelled against a later one, unless the program has been
//! at the cell in between since the last loop began or ended (`known`), and a fused loop behaves as its first
//! turn would where it cannot run (see [`isa`]).

use crate::isa::{self, Factor, Op, Word, DISTANCE_UNIT, ERASED, FUSED_DEPTH};
use crate::text::Command;

/// Where the words go.
pub trait Sink {
    /// What can go wrong in writing.
    type Error;

    /// Takes the word for the next address. The first word is that of address 0.
    fn append(&mut self, word: u16, origin: Origin) -> Result<(), Self::Error>;

    /// Address of the last [`ERASED`] word that was appended and not yet patched: of the innermost loop that is open.
    fn last_erased(&mut self) -> Result<Option<u32>, Self::Error>;

    /// Replaces an [`ERASED`] word that was appended at this address.
    fn patch(&mut self, address: u32, word: u16) -> Result<(), Self::Error>;
}

/// Which commands a word stands for, as far as a fault must name one of them. Numbers count commands from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Origin {
    /// The command that faults if the word's operation does.
    pub command: u32,
    /// The first move command of the run that the word's step ends with.
    pub run: u32,
    /// Where that run starts, relative to the pointer before the word.
    pub run_start: i32,
}

impl Origin {
    /// Of a word that moves nowhere.
    fn at(command: u32) -> Origin {
        Origin { command, run: command, run_start: 0 }
    }

    /// The command that left a tape of `cells` cells, to the right or to the left, when the pointer was at `pointer`
    /// (modulo `cells`) before the word.
    pub fn moving_command(&self, pointer: u32, cells: u32, right: bool) -> u32 {
        // Before the word the pointer may be off the tape, behind a multiply loop that had nothing to multiply.
        let start = (i64::from(pointer) + i64::from(self.run_start)).rem_euclid(cells.into());
        let allowed = if right { i64::from(cells) - 1 - start } else { start };
        self.run + allowed as u32
    }
}

/// Why a program cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError<E> {
    /// The sink failed.
    #[error("the words could not be written")]
    Sink(E),
    /// A loop spans more words than a distance word can say.
    #[error("a loop's body is longer than the machine can skip")]
    TooLong,
    /// A `]` without a loop, or the end inside of one. [`crate::text::Scanner`] names the place.
    #[error("the brackets do not match")]
    Brackets,
}

impl<E> From<E> for EncodeError<E> {
    fn from(error: E) -> Self {
        EncodeError::Sink(error)
    }
}

const STEP_MAX: i32 = (1 << (isa::STEP_BITS - 1)) - 1;
const STEP_MIN: i32 = -STEP_MAX - 1;
const VALUE_MAX: i8 = (1 << (isa::ARG_BITS - 1)) - 1;
const VALUE_MIN: i8 = -VALUE_MAX - 1;
/// Multiply loops reach at most so far, either way: one word then always brings the pointer back.
const REACH_MAX: i32 = (1 << (isa::REACH_BITS - 1)) - 1;
/// Runs that the body of a fused loop may have.
const BODY_RUNS: usize = 24;

/// Neighbouring commands of one kind: moves in one direction, or changes of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    moves: bool,
    amount: i32,
    first: u32,
}

/// A run as the body of a loop keeps it: its first command counts from the `[`.
#[derive(Clone, Copy, Debug)]
struct ShortRun {
    amount: i16,
    first: u16,
    moves: bool,
}

/// The commands since the last `[`, as long as they might be a loop to fuse.
#[derive(Clone, Debug)]
struct Body {
    open: u32,
    runs: [ShortRun; BODY_RUNS],
    len: usize,
}

impl Body {
    fn new() -> Body {
        Body { open: 0, runs: [ShortRun { amount: 0, first: 0, moves: false }; BODY_RUNS], len: 0 }
    }

    fn begin(&mut self, open: u32) {
        (self.open, self.len) = (open, 0);
    }

    fn run(&self, at: usize) -> Option<Run> {
        let run = self.runs[..self.len].get(at)?;
        Some(Run { moves: run.moves, amount: run.amount.into(), first: self.open + u32::from(run.first) })
    }

    fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        (0..self.len).filter_map(|at| self.run(at))
    }

    /// The only run, if there is one.
    fn only(&self) -> Option<Run> {
        self.run(0).filter(|_| self.len == 1)
    }

    /// Adds a move or a change; `false` if there is no room.
    fn take(&mut self, moves: bool, amount: i16, command: u32) -> bool {
        if let Some(last) = self.runs[..self.len].last_mut() {
            if last.moves == moves && (!moves || (last.amount > 0) == (amount > 0)) {
                let sum = last.amount.checked_add(amount);
                last.amount = sum.unwrap_or(last.amount);
                return sum.is_some();
            }
        }
        let first = u16::try_from(command - self.open).ok();
        let (Some(slot), Some(first)) = (self.runs.get_mut(self.len), first) else {
            return false;
        };
        *slot = ShortRun { moves, amount, first };
        self.len += 1;
        true
    }
}

/// A sink that goes on when it has failed: then nothing goes there any more, and the first error is the result.
struct Out<'a, S: Sink> {
    sink: &'a mut S,
    error: Option<EncodeError<S::Error>>,
}

impl<S: Sink> Out<'_, S> {
    fn append(&mut self, word: u16, origin: Origin) {
        if self.error.is_none() {
            self.error = self.sink.append(word, origin).err().map(EncodeError::Sink);
        }
    }

    fn last_erased(&mut self) -> Option<u32> {
        match self.sink.last_erased() {
            Ok(address) => address,
            Err(error) => {
                self.fail(EncodeError::Sink(error));
                None
            }
        }
    }

    fn patch(&mut self, address: u32, word: u16) {
        if self.error.is_none() {
            self.error = self.sink.patch(address, word).err().map(EncodeError::Sink);
        }
    }

    fn fail(&mut self, error: EncodeError<S::Error>) {
        if self.error.is_none() {
            self.error = Some(error);
        }
    }

    fn result(self) -> Result<(), EncodeError<S::Error>> {
        self.error.map_or(Ok(()), Err)
    }
}

/// A multiply loop, recognised.
struct Multiply {
    dec_first: bool,
    /// Reaches that must be checked before it runs: at most one to either side.
    left: Option<i8>,
    right: Option<i8>,
}

/// The encoder. Feed it commands, then [`finish`](Encoder::finish); always with the same sink.
///
/// ```
/// use images::encode::{Encoder, Origin, Sink};
/// use images::isa::ERASED;
/// use images::text::Command;
/// struct Words(Vec<u16>);
/// impl Sink for Words {
///     type Error = std::convert::Infallible;
///     fn append(&mut self, word: u16, _: Origin) -> Result<(), Self::Error> { self.0.push(word); Ok(()) }
///     fn last_erased(&mut self) -> Result<Option<u32>, Self::Error> {
///         Ok(self.0.iter().rposition(|word| *word == ERASED).map(|at| at as u32))
///     }
///     fn patch(&mut self, at: u32, word: u16) -> Result<(), Self::Error> { self.0[at as usize] = word; Ok(()) }
/// }
/// let mut words = Words(Vec::new());
/// let mut encoder = Encoder::new();
/// for byte in b">>[-]" {
///     encoder.command(&mut words, Command::from_byte(*byte).unwrap()).unwrap();
/// }
/// assert_eq!(encoder.finish(&mut words).unwrap(), 2); // one word that moves and clears, one that halts
/// ```
pub struct Encoder {
    /// Loops that are open.
    depth: u32,
    address: u32,
    command: u32,
    body: Body,
    /// The body may be a loop to fuse.
    collects: bool,
    // Positions are relative to where the pointer was after the last loop began or ended.
    /// Where the core's pointer is after the words that have left.
    at: i32,
    /// Where the program's pointer is.
    cursor: i32,
    /// The cells between these are on the tape: the program has been there.
    known: (i32, i32),
    /// The run of moves that ends at the cursor: first command, start, direction.
    run: Option<(u32, i32, i32)>,
    /// Inside of a multiply loop, where moving off the tape is no fault if there is nothing to multiply.
    multiplying: bool,
    /// The last word is of a multiply loop, and may have left the tape.
    away: bool,
    /// The change pending for the cell at the cursor.
    value: u8,
    clears: bool,
    changes: bool,
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder::new()
    }
}

impl Encoder {
    /// An encoder at the beginning of a program.
    pub fn new() -> Self {
        Encoder {
            depth: 0,
            address: 0,
            command: 0,
            body: Body::new(),
            collects: false,
            at: 0,
            cursor: 0,
            known: (0, 0),
            run: None,
            multiplying: false,
            away: false,
            value: 0,
            clears: false,
            changes: false,
        }
    }

    /// Takes the next command.
    #[inline(never)]
    pub fn command<S: Sink>(&mut self, sink: &mut S, command: Command) -> Result<(), EncodeError<S::Error>> {
        let mut out = Out { sink, error: None };
        self.take(&mut out, command);
        out.result()
    }

    /// Puts a mode word at the head of the program. Only before the first command.
    pub fn end_of_input<S: Sink>(
        &mut self,
        sink: &mut S,
        mode: crate::machine::EndOfInput,
    ) -> Result<(), EncodeError<S::Error>> {
        let mut out = Out { sink, error: None };
        self.emit(&mut out, Op::Mode(mode), 0);
        out.result()
    }

    /// Ends the program with `halt`. The number of its words.
    pub fn finish<S: Sink>(&mut self, sink: &mut S) -> Result<u32, EncodeError<S::Error>> {
        if self.collects || self.depth > 0 {
            return Err(EncodeError::Brackets);
        }
        let mut out = Out { sink, error: None };
        self.settle_value(&mut out);
        self.emit(&mut out, Op::Halt, self.command);
        out.result()?;
        Ok(self.address)
    }

    fn take<S: Sink>(&mut self, out: &mut Out<S>, command: Command) {
        let number = self.command;
        self.command += 1;
        let (moves, amount) = match command {
            Command::Right => (true, 1),
            Command::Left => (true, -1),
            Command::Increment => (false, 1),
            Command::Decrement => (false, -1),
            Command::Output => {
                self.spill(out);
                let value = self.carried(out);
                return self.emit(out, Op::Out(value), number);
            }
            Command::Input => {
                self.spill(out);
                self.settle_value(out);
                if self.away {
                    // A word that waits must not be the one that comes back to the tape: the core stops only on it.
                    self.test_cursor(out);
                }
                return self.emit(out, Op::In, number);
            }
            Command::Open => {
                self.spill(out);
                self.body.begin(number);
                self.collects = true;
                return;
            }
            Command::Close => {
                if self.collects {
                    self.fuse(out);
                    if !self.collects {
                        return;
                    }
                    self.spill(out);
                }
                return self.close(out, number);
            }
        };
        if self.collects {
            if self.body.take(moves, amount, number) {
                return;
            }
            self.spill(out);
        }
        self.apply(out, Run { moves, amount: amount.into(), first: number });
    }

    /// The body that was collected is not (only) a loop to fuse: encode what there is of it.
    fn spill<S: Sink>(&mut self, out: &mut Out<S>) {
        if !core::mem::take(&mut self.collects) {
            return;
        }
        self.open(out, self.body.open);
        let mut at = 0;
        while let Some(run) = self.body.run(at) {
            self.apply(out, run);
            at += 1;
        }
    }

    fn open<S: Sink>(&mut self, out: &mut Out<S>, number: u32) {
        let value = self.carried(out);
        self.emit(out, Op::Open(value), number);
        self.depth += 1;
        self.append(out, ERASED, Origin::at(number));
        self.forget();
    }

    fn close<S: Sink>(&mut self, out: &mut Out<S>, number: u32) {
        let value = self.carried(out);
        self.emit(out, Op::Close(value), number);
        self.forget();
        let open = (self.depth > 0).then(|| out.last_erased()).flatten();
        let Some(open) = open else { return out.fail(EncodeError::Brackets) };
        self.depth -= 1;
        loop {
            let distance = self.address - (open + 1);
            if let Some(word) = isa::encode_distance(distance) {
                return out.patch(open, word);
            }
            if distance % DISTANCE_UNIT == 0 {
                return out.fail(EncodeError::TooLong);
            }
            self.append(out, Word::NOTHING.encode(), Origin::at(number));
        }
    }

    fn apply<S: Sink>(&mut self, out: &mut Out<S>, run: Run) {
        if run.moves {
            self.walk(out, run);
        } else {
            self.value = self.value.wrapping_add(run.amount as u8);
            self.changes = true;
        }
    }

    /// Moves the cursor, and leaves behind the words that must test a cell on the way.
    #[inline(never)]
    fn walk<S: Sink>(&mut self, out: &mut Out<S>, run: Run) {
        self.settle_value(out);
        let direction = run.amount.signum();
        let continues = self.run.is_some_and(|(first, start, going)| {
            going == direction && first + start.abs_diff(self.cursor) == run.first
        });
        if !continues {
            if !self.is_known(self.cursor) {
                self.test_cursor(out);
            }
            self.run = Some((run.first, self.cursor, direction));
        }
        self.cursor += run.amount;
        while !(STEP_MIN..=STEP_MAX).contains(&(self.cursor - self.at)) {
            let (cursor, run) = (self.cursor, self.run);
            self.cursor = self.at + (self.cursor - self.at).clamp(STEP_MIN, STEP_MAX);
            self.test_cursor(out);
            (self.cursor, self.run) = (cursor, run);
        }
    }

    fn is_known(&self, position: i32) -> bool {
        (self.known.0..=self.known.1).contains(&position)
    }

    /// Sends the core's pointer to the cursor, with nothing to do there but to be on the tape.
    fn test_cursor<S: Sink>(&mut self, out: &mut Out<S>) {
        let op = if self.multiplying { Op::MulAdd(Factor::Nothing) } else { Op::Add(0) };
        self.emit(out, op, self.command);
    }

    /// Leaves the pending change of the cell behind, if there is one.
    fn settle_value<S: Sink>(&mut self, out: &mut Out<S>) {
        if !self.changes {
            return;
        }
        let first = part(self.value);
        let rest = self.value.wrapping_sub(first as u8);
        let op = if self.clears { Op::Set(first) } else { Op::Add(first) };
        (self.value, self.clears, self.changes) = (0, false, false);
        self.emit(out, op, self.command);
        self.add_words(out, rest);
    }

    fn add_words<S: Sink>(&mut self, out: &mut Out<S>, mut rest: u8) {
        while rest != 0 {
            let value = part(rest);
            rest = rest.wrapping_sub(value as u8);
            self.emit(out, Op::Add(value), self.command);
        }
    }

    /// The pending change, for an operation to take along. If one word cannot, it is left behind before.
    #[inline(never)]
    fn carried<S: Sink>(&mut self, out: &mut Out<S>) -> i8 {
        let value = part(self.value);
        if self.clears || value as u8 != self.value {
            self.settle_value(out);
            return 0;
        }
        (self.value, self.changes) = (0, false);
        value
    }

    /// A word at the cursor.
    fn emit<S: Sink>(&mut self, out: &mut Out<S>, op: Op, number: u32) {
        let (run, start, _) = self.run.take().unwrap_or((number, self.cursor, 0));
        let word = Word { step: (self.cursor - self.at) as i8, op };
        let run_start = start - self.at;
        self.at = self.cursor;
        self.away = matches!(op, Op::MulAdd(_));
        self.known = (self.known.0.min(self.at), self.known.1.max(self.at));
        self.append(out, word.encode(), Origin { command: number, run, run_start });
    }

    #[inline(never)]
    fn append<S: Sink>(&mut self, out: &mut Out<S>, word: u16, origin: Origin) {
        out.append(word, origin);
        self.address += 1;
    }

    /// A loop begins or ends here: what was known of the cells around holds no longer.
    fn forget(&mut self) {
        (self.at, self.cursor, self.known, self.run) = (0, 0, (0, 0), None);
    }

    /// Encodes the loop that was collected as fewer words than its commands, if it is of a kind that allows it.
    #[inline(never)]
    fn fuse<S: Sink>(&mut self, out: &mut Out<S>) {
        if self.depth >= FUSED_DEPTH {
            return;
        }
        match self.body.only() {
            Some(change) if !change.moves && change.amount % 2 != 0 => {
                (self.value, self.clears, self.changes) = (0, true, true);
            }
            Some(step) if step.moves && (STEP_MIN..=STEP_MAX).contains(&step.amount) => {
                self.settle_value(out);
                if self.cursor != self.at || !self.is_known(self.cursor) {
                    self.test_cursor(out);
                }
                let word = Word { step: step.amount as i8, op: Op::Scan };
                self.append(out, word.encode(), Origin::at(step.first));
                self.forget();
            }
            _ => match self.recognise_multiply() {
                Some(multiply) => self.multiply(out, &multiply),
                None => return,
            },
        }
        self.collects = false;
    }

    #[inline(never)]
    fn recognise_multiply(&self) -> Option<Multiply> {
        let mut offset = 0;
        let (mut left, mut right) = (0, 0);
        let mut reached_before_dec = None;
        for run in self.body.runs() {
            if run.moves {
                offset += run.amount;
                left = left.min(offset);
                right = right.max(offset);
            } else if offset == 0 {
                if run.amount != -1 || reached_before_dec.is_some() {
                    return None;
                }
                reached_before_dec = Some((left, right));
            }
        }
        let (left_before, right_before) = reached_before_dec?;
        if offset != 0 || left < -REACH_MAX || right > REACH_MAX {
            return None;
        }
        // The word that begins the loop tests the cursor itself, and with it all that lies between.
        let on_tape = (self.known.0.min(self.cursor), self.known.1.max(self.cursor));
        let known = |offset| (on_tape.0..=on_tape.1).contains(&(self.cursor + offset));
        let settled_before = (left_before == left || known(left)) && (right_before == right || known(right));
        let dec_first = left_before == 0 && right_before == 0;
        if !dec_first && !settled_before {
            return None; // a fault would have to know whether the cell was counted down already
        }
        Some(Multiply {
            dec_first,
            left: (!known(left)).then_some(left as i8),
            right: (!known(right)).then_some(right as i8),
        })
    }

    #[inline(never)]
    fn multiply<S: Sink>(&mut self, out: &mut Out<S>, multiply: &Multiply) {
        self.settle_value(out);
        let source = self.cursor;
        if let (Some(left), Some(_)) = (multiply.left, multiply.right) {
            self.emit(out, Op::Check(left), self.body.open);
        }
        let reach = multiply.right.or(multiply.left).unwrap_or(0);
        let dec_first = multiply.dec_first;
        self.emit(out, Op::Mul { reach, dec_first }, self.body.open);
        let known = self.known;
        self.multiplying = true;
        let mut at = 0;
        while let Some(run) = self.body.run(at) {
            if run.moves {
                self.walk(out, run);
            } else if self.cursor != source {
                self.muladd(out, &run);
            }
            at += 1;
        }
        self.multiplying = false;
        // With nothing to multiply, none of these cells was tested.
        (self.known, self.run) = (known, None);
    }

    /// One word for each digit of the factor, written with the digits -1, 0 and 1.
    fn muladd<S: Sink>(&mut self, out: &mut Out<S>, run: &Run) {
        let mut rest = i32::from(run.amount as i8);
        for shift in 0..8 {
            if rest & 1 != 0 {
                let digit = if rest & 3 == 3 { -1 } else { 1 };
                rest -= digit;
                let negative = digit < 0;
                self.emit(out, Op::MulAdd(Factor::Power { shift, negative }), run.first);
            }
            rest >>= 1;
        }
    }
}

/// As much of a change as fits into one word.
fn part(value: u8) -> i8 {
    (value as i8).clamp(VALUE_MIN, VALUE_MAX)
}
