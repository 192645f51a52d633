//! Three stacks of bytes, as deep as a block is long, in the frames before the first block.
//!
//! A file's bytes go through them: typed letters are pushed, turned round, and popped; a block is read in the order opposite to
//! that in which it was written. Only the top is near to home, and every step takes all frames along in one loop.
//!
//! ```text
//!  frame:  mark | 0 | word | carry | block | count | new | 0 | 1 in all frames, 0 before and behind them
//! ```

use images::assembler::{lane, Assembler, Cell};

use crate::tape::{FRAME, STORE, STORE_EDGE};

/// A stack: its lane. Between two stacks is a lane of 0.
#[derive(Clone, Copy)]
pub struct Stack(i32);

/// The last word, its first letter on top.
pub const WORD: Stack = Stack(2);
/// The block that was read, its first byte on top; the word that is being read, its last letter on top.
pub const BLOCK: Stack = Stack(4);
/// The block that is being written, its last byte on top.
pub const NEW: Stack = Stack(6);

/// What is pushed, seen from home; 0 afterwards.
pub const CARRY: Cell = STORE_EDGE.at(FRAME + CARRY_LANE);

/// Two more cells of that frame, 0 whenever no macro uses them.
pub const SPARE: Cell = STORE_EDGE.at(FRAME + 1);
/// See [`SPARE`].
pub const COUNT: Cell = STORE_EDGE.at(FRAME + COUNT_LANE);

const CARRY_LANE: i32 = 3;
const COUNT_LANE: i32 = 5;
const FRAME_LANE: i32 = 8;

/// The cell that says that a frame belongs to the stacks, seen from home.
pub const fn exists(frame: i32) -> Cell {
    STORE_EDGE.at(FRAME * frame + FRAME_LANE)
}

impl Stack {
    /// A byte, number 1 is the top, seen from home.
    pub const fn byte(self, number: i32) -> Cell {
        STORE_EDGE.at(FRAME * number + self.0)
    }

    /// The byte on top, seen from home.
    pub const fn top(self) -> Cell {
        self.byte(1)
    }
}

/// A lane of the frame that is so many further from home.
const fn cell(frame: i32, offset: i32) -> Cell {
    lane(STORE, FRAME * frame + offset)
}

/// From home to the frame behind the stacks.
pub fn pass_by(a: &mut Assembler) {
    a.goto(exists(1));
    a.scan(FRAME);
    a.arrive(cell(0, FRAME_LANE));
}

/// From home along all frames to the one behind them, with the body in each.
pub fn each_frame(a: &mut Assembler, body: impl FnOnce(&mut Assembler)) {
    a.goto(exists(1));
    a.raw("[");
    a.arrive(cell(0, FRAME_LANE));
    body(a);
    a.goto(cell(1, FRAME_LANE));
    a.raw("]");
    a.arrive(cell(0, FRAME_LANE));
}

/// From the frame behind the stacks to home.
fn home(a: &mut Assembler) {
    a.goto(cell(-1, FRAME_LANE));
    a.scan(-FRAME);
    a.arrive(exists(0));
}

/// In a frame: its byte goes to the next one, and the carried one takes its place.
fn carry(a: &mut Assembler, stack: Stack) {
    a.move_to(cell(0, stack.0), &[(cell(1, CARRY_LANE), 1)]);
    a.move_to(cell(0, CARRY_LANE), &[(cell(0, stack.0), 1)]);
}

/// In a frame: the byte of the next one takes the place of its own, which is 0.
fn draw(a: &mut Assembler, stack: Stack) {
    a.move_to(cell(1, stack.0), &[(cell(0, stack.0), 1)]);
}

/// Pushes the byte in [`CARRY`]. There must be room: the last byte must be 0.
pub fn push(a: &mut Assembler, stack: Stack) {
    each_frame(a, |a| carry(a, stack));
    home(a);
}

/// Adds the byte on top to a register and takes it off.
pub fn pop(a: &mut Assembler, stack: Stack, to: Cell) {
    a.move_to(stack.top(), &[(to, 1)]);
    each_frame(a, |a| draw(a, stack));
    home(a);
}

/// From one stack to another.
pub fn pass(a: &mut Assembler, from: Stack, to: Stack) {
    a.move_to(from.top(), &[(CARRY, 1)]);
    each_frame(a, |a| {
        carry(a, to);
        draw(a, from);
    });
    home(a);
}

/// The word that was read: what is in [`BLOCK`] goes to [`WORD`], which is empty.
pub fn turn_word(a: &mut Assembler) {
    a.while_nz(BLOCK.top(), |a| pass(a, BLOCK, WORD));
}

/// All of one stack takes the place of another, which is empty.
pub fn replace(a: &mut Assembler, from: Stack, to: Stack) {
    each_frame(a, |a| a.move_to(cell(0, from.0), &[(cell(0, to.0), 1)]));
    home(a);
}

/// Makes stacks empty.
pub fn clear(a: &mut Assembler, stacks: &[Stack]) {
    each_frame(a, |a| stacks.iter().for_each(|stack| a.clear(cell(0, stack.0))));
    home(a);
}

/// Makes all of the frames' cells 0, and those of the frame behind them that are ever used.
pub fn clear_all(a: &mut Assembler) {
    each_frame(a, |a| (1..FRAME_LANE).for_each(|lane| a.clear(cell(0, lane))));
    for lane in [CARRY_LANE, COUNT_LANE] {
        a.clear(cell(0, lane));
    }
    home(a);
}

/// Carries out the body if the byte on top is not 0.
pub fn when_top(a: &mut Assembler, stack: Stack, body: impl FnOnce(&mut Assembler)) {
    a.when_untouched(stack.top(), body);
}

/// Empties [`BLOCK`], and sets the register to 1 if it was not the same as [`WORD`].
pub fn compare(a: &mut Assembler, different: Cell) {
    each_frame(a, |a| {
        let (word, carry, block, count) =
            (cell(0, WORD.0), cell(0, CARRY_LANE), cell(0, BLOCK.0), cell(0, COUNT_LANE));
        a.move_to(word, &[(carry, 1), (block, -1)]);
        a.move_to(carry, &[(word, 1)]);
        a.if_nz(block, |a| a.add(count, 1));
        // The differences are counted on the way.
        a.move_to(count, &[(cell(1, COUNT_LANE), 1)]);
    });
    a.if_nz(cell(0, COUNT_LANE), |a| {
        home(a);
        a.set(different, 1);
        a.goto(COUNT);
        // As far from the frame before as behind the stacks, and 0 as well.
        a.arrive(cell(0, COUNT_LANE));
    });
    home(a);
}

/// The letters of [`WORD`] become numbers: `a` to `z` 1 to 26. The end stays 0, and nothing else becomes 0.
pub fn number_letters(a: &mut Assembler) {
    each_frame(a, |a| {
        let (word, number, helper) = (cell(0, WORD.0), cell(0, CARRY_LANE), cell(0, WORD.0 - 1));
        a.move_to(word, &[(number, 1)]);
        a.while_nz(number, |a| {
            a.add_big(number, helper, 1 - i32::from(b'a'));
            // What would be 0 is a number that no letter has.
            a.add(word, -1);
            a.while_nz(number, |a| {
                a.add(word, 1);
                a.move_to(number, &[(word, 1)]);
            });
        });
    });
    home(a);
}
