//! The map of the tape.
//!
//! ```text
//!  0            left                                 home                          store          last
//!  | guard | .. line, program and cells of bf <- | 0 | registers | 0 | stacks | blank | blocks | 0 0 |
//!            frames of 3, growing to the left      `- left edge     `- store edge, frames of 9
//! ```
//!
//! Both arrays have a mark lane that is 1 from the edge on, and 0 at the edge, at the far end, and at the heads: a scan
//! along it leads from the edge to the nearest head and back. Nothing else is ever written to the mark lanes.
//!
//! What must survive a power cut is only ever tested for being 0 or not, never moved: the blocks of the store hold one bit a cell,
//! and so do the kept cells, of the pattern and behind the store's edge.

use images::assembler::{lane, Cell, Space, HOME};

/// Frames of the left array, whose sizes are those of a typed character: mark, character, kind.
pub const LINE_FRAMES: i32 = 360;
/// The frame whose mark is always 1, and ends the left array. Its cells and those of the frame behind it may be used by the way.
pub const GUARD: i32 = LINE_FRAMES - 2;
/// Cells of a frame of the left array.
pub const LINE_STRIDE: i32 = 3;
/// Where the registers begin: at the left edge.
pub const HOME_START: i32 = LINE_FRAMES * LINE_STRIDE;
/// Cells from the left edge up to the store's edge: the pattern and the registers. It is part of the format of
/// the store: images that shall find each other's files agree on it.
pub const HOME_CELLS: i32 = 88;

/// Cells of a frame of the store: a mark and eight bits.
pub const FRAME: i32 = 9;
/// Bytes in a block, and the most in a file's name.
pub const BLOCK_BYTES: i32 = 12;
/// Frames of a block: two of its header, then its bytes.
pub const BLOCK_FRAMES: i32 = 2 + BLOCK_BYTES;
/// Blocks in the store.
pub const BLOCKS: i32 = 20;
/// The frame between the stacks, which are as long as a block's bytes, and the first block: always blank between macros. Reading
/// a bit ends there if the bit is 1 (see `store`).
pub const BLANK_FRAME: i32 = BLOCK_BYTES + 1;

/// The first cell that does not exist.
pub const TAPE_CELLS: i32 = HOME_START + HOME_CELLS + FRAME * (BLANK_FRAME + BLOCKS * BLOCK_FRAMES + 3) + 1;

/// The left edge: always 0.
pub const LEFT_EDGE: Cell = lane(HOME, 0);
/// The store's edge: always 0.
pub const STORE_EDGE: Cell = lane(HOME, HOME_CELLS);
/// The mark of the first block.
pub const FIRST_BLOCK: Cell = lane(HOME, HOME_CELLS + FRAME * (BLANK_FRAME + 1));

/// Cells that tell a tape with a store from any other: 0 and not 0, in this pattern.
pub const MAGIC: [bool; 8] = [true, false, true, true, false, false, true, false];

/// Kept cells lie between cells that are 0 at boot, when they are tested; then there are registers. The pattern is beside the left
/// edge.
pub const fn magic(index: usize) -> Cell {
    lane(HOME, 2 + 2 * index as i32)
}
/// The left edge, the pattern and the cells between. The other registers follow.
pub const KEPT_CELLS: i32 = magic(MAGIC.len() - 1).offset + 2;
/// Kept, between the store's edge and the first frame: a transaction is open, the blocks' bits "live" and "next" may
/// differ.
pub const OPEN: Cell = lane(HOME, HOME_CELLS + 2);
/// Kept: the open transaction is decided, "next" counts.
pub const DECIDED: Cell = lane(HOME, HOME_CELLS + 6);

/// A frame of the left array, seen from itself.
pub const LINE: Space = Space(1);
/// The mark of the left frame that is so many further from home.
pub const fn mark(frame: i32) -> Cell {
    lane(LINE, -LINE_STRIDE * frame)
}
/// The character, code or value of the left frame that is so many further from home.
pub const fn character(frame: i32) -> Cell {
    lane(LINE, -LINE_STRIDE * frame - 1)
}
/// The kind of the left frame that is so many further from home.
pub const fn kind(frame: i32) -> Cell {
    lane(LINE, -LINE_STRIDE * frame - 2)
}

/// A frame of the store, seen from itself.
pub const STORE: Space = Space(2);
/// The mark of a frame of the store.
pub const MARK: Cell = lane(STORE, 0);
/// A bit, 0 to 7, of the frame that is so many further from home.
pub const fn bit(frame: i32, bit: i32) -> Cell {
    lane(STORE, FRAME * frame + 1 + bit)
}
