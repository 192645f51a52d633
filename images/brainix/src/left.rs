//! Ways through the left array: from home over its heads, which have marks of 0, and back.

use images::assembler::{Assembler, Cell};

use crate::tape::{mark, LEFT_EDGE, LINE_STRIDE};

/// Two registers left of the left edge, where no frame begins: near the array. They are 0 whenever no routine uses them.
pub const NEAR: Cell = LEFT_EDGE.at(-2);
/// See [`NEAR`].
pub const NEAR_FLAG: Cell = LEFT_EDGE.at(-1);

/// From home to the mark of 0 with this number, from 1 on: a head, or the array's end.
pub fn out(a: &mut Assembler, marks: usize) {
    a.goto(LEFT_EDGE);
    for _ in 0..marks {
        a.step(-LINE_STRIDE);
        a.scan(-LINE_STRIDE);
    }
    a.arrive(mark(0));
}

/// The way back.
pub fn home(a: &mut Assembler, marks: usize) {
    a.goto(mark(0));
    for _ in 0..marks {
        a.step(LINE_STRIDE);
        a.scan(LINE_STRIDE);
    }
    a.arrive(LEFT_EDGE);
}
