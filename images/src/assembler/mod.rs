//! A macro assembler: Brainfuck that is written with names.
//!
//! It is not a compiler. Every macro says which cells it uses and what it leaves in them, the pointer is tracked while the
//! text is written, and what comes out is plain text of the eight commands that any interpreter runs.
//!
//! - A [`Cell`] has a name in the Rust program and an offset in a [`Space`]. The first space is the home of the
//!   registers; others are frames of an array, of which only the lanes are known. Only a scan
//!   ([`Assembler::scan`]) leads from one space to another, and [`Assembler::arrive`] says where.
//! - Every loop ends at the cell on which it began. A block that ends in another space is a mistake in
//!   the program that uses the assembler, and panics with the names of both places.
//! - Nothing relies on a cell being zero unless its macro says so, and nothing on the width of a cell: the text
//!   runs on wrapping cells of 7 bits or more, as long as its constants fit.
//!
//! ```
//! use images::assembler::{Assembler, Goal};
//! let mut a = Assembler::new(Goal::Size);
//! let (count, letter) = (a.cell(), a.cell());
//! a.set(count, 3);
//! a.while_nz(count, |a| {
//!     a.print(letter, count, "");
//!     a.set(letter, 72);
//!     a.output(letter);
//!     a.add(count, -1);
//! });
//! let text = a.finish();
//! # use images::{machine::{BOARD, EndOfInput}, reference::{Program, Reference}};
//! let program = Program::new(text.as_bytes()).unwrap();
//! let mut machine = Reference::new(BOARD, b"", EndOfInput::Wait);
//! machine.run(&program, 10_000);
//! assert_eq!(machine.output, b"HHH");
//! ```

mod arithmetic;
mod flow;
mod layout;
mod palette;
mod text;

pub use arithmetic::Case;
pub use flow::{Flow, Label, Routine};
pub use layout::Layout;
pub use palette::Palette;

/// What a macro spares where it has the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Fewer commands in the text.
    Size,
    /// Fewer commands carried out.
    Steps,
}

/// A region with offsets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space(pub u8);

/// The registers, where a program begins.
pub const HOME: Space = Space(0);

/// A place on the tape, as far as it is known while the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The region that the offset counts in.
    pub space: Space,
    /// Cells from the origin of the region, to the right.
    pub offset: i32,
}

impl Cell {
    /// The cell so many cells to the right, in the same space.
    pub const fn at(self, offset: i32) -> Cell {
        Cell { space: self.space, offset: self.offset + offset }
    }
}

/// A lane of an array's frames.
pub const fn lane(space: Space, offset: i32) -> Cell {
    Cell { space, offset }
}

/// Writes the text and knows where the pointer is.
#[derive(Clone, Debug)]
pub struct Assembler {
    text: String,
    goal: Goal,
    /// Where the commands written so far leave the pointer.
    written: Cell,
    /// Where it shall be; the moves are written with the next other command.
    wanted: Cell,
    layout: Layout,
    /// Registers that are 0 whenever no macro uses them.
    spare: Vec<Cell>,
}

impl Assembler {
    /// An empty text, with the pointer at the first register.
    pub fn new(goal: Goal) -> Self {
        Self::with_layout(goal, Layout::default())
    }

    /// As [`Assembler::new`], with registers where an earlier run of the same program found them to be best.
    pub fn with_layout(goal: Goal, layout: Layout) -> Self {
        let origin = lane(HOME, 0);
        Assembler { text: String::new(), goal, written: origin, wanted: origin, layout, spare: Vec::new() }
    }

    /// What the macros spare.
    pub fn goal(&self) -> Goal {
        self.goal
    }

    /// A new register.
    pub fn cell(&mut self) -> Cell {
        self.array(1)
    }

    /// The first of so many new registers that lie side by side.
    pub fn array(&mut self, length: usize) -> Cell {
        lane(HOME, self.layout.allocate(length))
    }

    /// The registers so far stay where they are in any layout. Single registers that are allocated later may lie at these
    /// offsets between them.
    pub fn fix_layout(&mut self, gaps: Vec<i32>) {
        self.layout.fix(gaps);
    }

    /// A register that macros may use instead of the helpers that they are told, if it is nearer: 0 when the program begins,
    /// like any helper.
    pub fn spare(&mut self, cell: Cell) {
        self.spare.push(cell);
    }

    /// The helper for a macro that goes back and forth between it and a cell.
    fn nearest(&self, cell: Cell, told: Cell, not: Cell) -> Cell {
        let spare = self.spare.iter().filter(|spare| spare.space == cell.space && **spare != not);
        spare.chain([&told]).min_by_key(|spare| spare.offset.abs_diff(cell.offset)).copied().unwrap_or(told)
    }

    /// The registers as they were placed and used.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where the pointer will be.
    pub fn here(&self) -> Cell {
        self.wanted
    }

    /// Moves to a cell of the same space.
    pub fn goto(&mut self, cell: Cell) {
        assert_eq!(
            cell.space, self.wanted.space,
            "goto {cell:?} from {:?}: only a scan leaves a space",
            self.wanted
        );
        self.wanted = cell;
    }

    /// Says that the pointer, where it is, is the cell.
    pub fn arrive(&mut self, cell: Cell) {
        self.flush();
        self.written = cell;
        self.wanted = cell;
    }

    /// Writes commands that leave the pointer where it is, or move it to where the caller then says that it arrives.
    pub fn raw(&mut self, commands: &str) {
        self.flush();
        self.text.push_str(commands);
    }

    /// `[>>>]`: by the stride (negative: left) until a cell is 0, beginning here. The caller says where it arrives.
    pub fn scan(&mut self, stride: i32) {
        self.flush();
        self.text.push('[');
        self.push_moves(stride);
        self.text.push(']');
    }

    /// Moves so many cells without a name for the place; the caller says where it arrives.
    pub fn step(&mut self, cells: i32) {
        self.flush();
        self.push_moves(cells);
    }

    /// A loop while the cell is not 0. The body may go anywhere in its space.
    pub fn while_nz(&mut self, cell: Cell, body: impl FnOnce(&mut Self)) {
        self.goto(cell);
        self.raw("[");
        body(self);
        self.goto(cell);
        self.raw("]");
    }

    /// The text as it stands.
    pub fn finish(mut self) -> String {
        self.flush();
        self.text
    }

    /// Takes the text written so far and goes on with an empty one at the given place.
    pub(crate) fn take(&mut self, next: Cell) -> String {
        self.flush();
        self.written = next;
        self.wanted = next;
        std::mem::take(&mut self.text)
    }

    fn push_moves(&mut self, cells: i32) {
        let command = if cells < 0 { "<" } else { ">" };
        self.text.push_str(&command.repeat(cells.unsigned_abs() as usize));
    }

    fn flush(&mut self) {
        let distance = self.wanted.offset - self.written.offset;
        if distance != 0 {
            if self.wanted.space == HOME {
                self.layout.note_move(self.written.offset, self.wanted.offset);
            }
            self.push_moves(distance);
            self.written = self.wanted;
        }
    }
}
