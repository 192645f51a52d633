//! Boot: from any tape to a sound one.
//!
//! Nothing is known when a program begins: the tape is clean, or another program's, or ours as the last power cut left it. What
//! is worked with is made clean. The store is kept if the magic pattern is there, and laid out if it is not. A
//! transaction that was open is ended, one way or the other.

use images::assembler::{lane, Assembler, Cell, Label, HOME};

use crate::stacks;
use crate::store::{LIVE, NEXT};
use crate::system::System;
use crate::tape::{
    bit, magic, BLANK_FRAME, BLOCKS, BLOCK_FRAMES, DECIDED, FRAME, GUARD, HOME_START, LINE_STRIDE, MAGIC,
    OPEN, STORE_EDGE,
};

/// What runs before the flow: from the first cell to home, with all registers 0.
pub fn prologue(s: &System) -> String {
    let mut a = Assembler::new(images::assembler::Goal::Steps);
    // Here the first cell of the tape is far left of home.
    a.arrive(lane(HOME, -HOME_START));
    left_array(&mut a);
    let kept: Vec<Cell> = (0..MAGIC.len()).map(magic).chain([OPEN, DECIDED]).collect();
    for cell in
        (0..stacks::exists(0).offset + 1).map(|offset| lane(HOME, offset)).filter(|cell| !kept.contains(cell))
    {
        a.clear(cell);
    }
    // Of the pattern's cells that are not 0: those that should be, and the others. These two cells lie left of home.
    let (ones, zeros) = (lane(HOME, -1), lane(HOME, -2));
    a.clear(ones);
    a.clear(zeros);
    for (index, &expected) in MAGIC.iter().enumerate() {
        a.test_untouched(magic(index), if expected { ones } else { zeros });
    }
    // Anything but all of the ones and none of the zeros is no store.
    let all = MAGIC.iter().filter(|&&one| one).count() as i32;
    a.add(ones, -all);
    a.if_nz(ones, |a| a.add(zeros, 1));
    // A store that was just laid out has no head.
    a.if_else(zeros, ones, lay_out, find_head);
    stacks::clear_all(&mut a);
    a.goto(s.flow.origin());
    a.finish()
}

/// The guard at the far end of the left array, and no marks up to the left edge.
fn left_array(a: &mut Assembler) {
    let mark = |frame: i32| lane(HOME, -frame * LINE_STRIDE);
    a.set(mark(GUARD), 1);
    // The frames that are no whole group.
    let group = GUARD / LINE_GROUPS;
    for frame in (GUARD - GUARD % LINE_GROUPS..GUARD).rev() {
        a.clear(mark(frame));
    }
    // How many groups are to be done goes along from one to the next.
    let beside = |cell: Cell| cell.at(1);
    let first = mark(LINE_GROUPS * group);
    let next = first.at(group * LINE_STRIDE);
    a.set(beside(first), LINE_GROUPS as u8);
    a.goto(beside(first));
    a.raw("[");
    a.add(beside(first), -1);
    for frame in 1..=group {
        a.clear(first.at(frame * LINE_STRIDE));
    }
    a.clear(beside(next));
    a.move_to(beside(first), &[(beside(next), 1)]);
    a.goto(beside(next));
    a.raw("]");
    a.arrive(beside(mark(0)));
}

/// An empty store: marks, blank frames, and blocks that are neither live nor will be. The pattern is written last.
fn lay_out(a: &mut Assembler) {
    a.clear(OPEN);
    a.clear(DECIDED);
    let frame = |number: i32| STORE_EDGE.at(FRAME * number);
    for number in 1..BLANK_FRAME {
        a.set(frame(number), 1);
        a.set(stacks::exists(number), 1);
    }
    a.set(frame(BLANK_FRAME), 1);
    for bit in 1..FRAME {
        a.clear(frame(BLANK_FRAME).at(bit));
    }
    // Behind the last block there is another frame, which the next group begins with.
    a.set(frame(BLANK_FRAME + 1), 1);
    a.clear(frame(BLANK_FRAME + 2));
    let to_end = |a: &mut Assembler| {
        a.goto(frame(1));
        a.scan(FRAME);
        a.arrive(bit(1, -1));
    };
    let groups = lane(HOME, -1);
    a.add(groups, GROUPS);
    a.while_nz(groups, |a| {
        a.add(groups, -1);
        to_end(a);
        let frames = BLOCKS / GROUPS * BLOCK_FRAMES;
        for number in 0..frames {
            a.set(bit(number, -1), 1);
            if number % BLOCK_FRAMES == 0 {
                for cell in [LIVE, NEXT] {
                    a.clear(cell.at(FRAME * number));
                }
            }
        }
        a.set(bit(frames, -1), 1);
        a.clear(bit(frames + 1, -1));
        a.clear(bit(frames + 2, -1));
        a.goto(bit(frames, -1));
        a.scan(-FRAME);
        a.arrive(STORE_EDGE);
    });
    for (index, &one) in MAGIC.iter().enumerate() {
        a.set(magic(index), u8::from(one));
    }
}

/// The marks of the left array are cleared in so many groups: more make the text shorter and the boot longer.
const LINE_GROUPS: i32 = 3;

/// The blocks are laid out in so many groups: more make the text shorter and the boot of a clean tape longer.
const GROUPS: i32 = 2;

/// Fills the mark that a head has left, if there is one: the first mark that is 0 has one of 1 behind it, unless it is the
/// end of the store.
fn find_head(a: &mut Assembler) {
    let mark: Cell = STORE_EDGE.at(FRAME);
    a.goto(mark);
    a.scan(FRAME);
    a.step(FRAME);
    a.raw("[");
    a.step(-FRAME);
    a.raw("+");
    a.scan(FRAME);
    a.raw("]");
    a.step(-FRAME);
    // Behind the store's end, where it was a head, else at it.
    a.step(-FRAME);
    a.scan(-FRAME);
    a.arrive(STORE_EDGE);
}

/// The flow's first block: ends the transaction that a power cut has left open.
pub fn recover(s: &mut System, shell: Label) {
    let t = s.temporary;
    let settle = s.routines.settle;
    s.flow.code(|a| a.test_untouched(OPEN, t[4]));
    s.flow.if_nz(t[4], |f| f.call(settle));
    s.flow.jump(shell);
}
