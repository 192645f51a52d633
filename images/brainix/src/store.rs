//! The store: blocks of bits in which files are kept.
//!
//! A block has a header of two frames, then [`BLOCK_BYTES`] frames of a byte each, lowest bit first:
//!
//! ```text
//!  frame 0   length (4 bits)   next   live
//!  frame 1   owner (4 bits)   sequence (4 bits)
//! ```
//!
//! The bytes are pushed in the order of a file and popped on the way into a block: the last one comes first.
//!
//! A file is all live blocks of one owner: sequence 0 is its name, the others are its content; a block that is not full ends with
//! 0 in the file's order.
//!
//! **Invariant**: at any command, the blocks with "live" are a whole state of all files. A live block is never written.
//! A transaction writes new blocks with "next" alone, and takes "next" from blocks that shall go. The commit point is one
//! command that makes `DECIDED` 1: from then on "next" counts, also after a power cut, and is copied to "live".
//! Before it, "live" counts and is copied to "next".
//!
//! **Head**: one mark of 0 in the mark lane says which frame is meant. Reading a bit does not change it: its value only
//! decides which way the pointer goes home.

use images::assembler::{Assembler, Cell, Flow};

use crate::stacks::{self, BLOCK, CARRY, NEW};
use crate::system::{System, HELD};
use crate::tape::{bit, BLOCKS, BLOCK_BYTES, BLOCK_FRAMES, DECIDED, FRAME, MARK, OPEN, STORE_EDGE};

/// In force after the transaction.
pub const NEXT: Cell = bit(0, 4);
/// In force.
pub const LIVE: Cell = bit(0, 5);
/// Values of four bits: owners, sequences; the weight of the second four bits of a byte.
pub const NIBBLE: i32 = 16;

/// From home to the frame with the head.
fn to_head(a: &mut Assembler) {
    a.goto(STORE_EDGE);
    a.step(FRAME);
    a.scan(FRAME);
    a.arrive(MARK);
}

/// From the frame with the head to home.
fn home(a: &mut Assembler) {
    a.goto(MARK);
    a.step(-FRAME);
    a.scan(-FRAME);
    a.arrive(STORE_EDGE);
}

/// Carries out the body, at home, if a bit of the head's frame is 1.
pub fn read_bit(a: &mut Assembler, bit: Cell, body: impl FnOnce(&mut Assembler)) {
    to_head(a);
    a.goto(bit);
    a.raw("[");
    home(a);
    body(a);
    // A bit of 0 in the blank frame, as far from a mark as the other from the head.
    stacks::pass_by(a);
    a.goto(bit);
    a.raw("]");
    a.arrive(bit);
    home(a);
}

/// Writes a bit from a flag, which is 0 afterwards.
fn write_bit(a: &mut Assembler, bit: Cell, flag: Cell) {
    to_head(a);
    a.clear(bit);
    home(a);
    a.if_flag(flag, |a| {
        to_head(a);
        a.add(bit, 1);
        home(a);
    });
}

/// Writes a byte, which is 0 afterwards, into the head's frame: counts up from 0, so that bits above the highest one are never
/// anything but 0.
fn write_byte(a: &mut Assembler, byte: Cell) {
    to_head(a);
    for place in 0..8 {
        a.clear(bit(0, place));
    }
    home(a);
    a.while_nz(byte, |a| {
        a.add(byte, -1);
        to_head(a);
        a.goto(bit(0, 0));
        // Over the ones to the first zero; on the way back, to the mark, the ones become zeros.
        a.raw("[>]+<[-<]");
        a.arrive(MARK);
        home(a);
    });
}

/// Moves the head by so many frames.
pub fn move_head(a: &mut Assembler, frames: i32) {
    to_head(a);
    a.add(MARK, 1);
    a.step(FRAME * frames);
    a.arrive(MARK);
    a.add(MARK, -1);
    home(a);
}

/// There is no head any more.
pub fn drop_head(a: &mut Assembler) {
    to_head(a);
    a.add(MARK, 1);
    home(a);
}

/// The registers of the store.
#[derive(Clone, Copy)]
pub struct Registers {
    /// Blocks from the head's to the last; 0 if there is no head.
    pub remaining: Cell,
    /// Header of the head's block: in force, in force after the transaction, owner, sequence.
    pub live: Cell,
    /// See `live`.
    pub next: Cell,
    /// See `live`.
    pub owner: Cell,
    /// See `live`.
    pub sequence: Cell,
    /// A byte that was read: the first cell of a division.
    pub value: Cell,
    /// How many bytes are left of the block that was read, 0 to [`BLOCK_BYTES`].
    pub length: Cell,
    /// What is to be written: owner, sequence, length. All 0 after the block was written.
    pub new_owner: Cell,
    /// See `new_owner`.
    pub new_sequence: Cell,
    /// See `new_owner`.
    pub new_length: Cell,
}

impl Registers {
    /// New registers.
    pub fn new(flow: &mut Flow, value: Cell) -> Self {
        let mut cell = || flow.cell();
        Registers {
            remaining: cell(),
            live: cell(),
            next: cell(),
            owner: cell(),
            sequence: cell(),
            value,
            length: cell(),
            new_owner: cell(),
            new_sequence: cell(),
            new_length: cell(),
        }
    }
}

/// The routines of the store.
pub fn define(s: &mut System) {
    next_block(s);
    read_byte(s);
    read_block(s);
    write_block(s);
    drop_blocks(s);
    settle(s);
}

/// To the first block, or to the next: its header in the registers, or `flag` 0 and no head after the last one. Owner and
/// sequence are read only if the block is or will be live.
fn next_block(s: &mut System) {
    let (r, t, flag) = (s.store, s.temporary, s.flag);
    let read_byte = s.routines.read_byte;
    s.flow.define(s.routines.next_block, |f| {
        f.code(|a| {
            for cell in [r.live, r.next, r.owner, r.sequence, flag] {
                a.clear(cell);
            }
            a.copy(r.remaining, t[0], t[1]);
            a.if_else(
                t[0],
                t[1],
                |a| {
                    a.add(r.remaining, -1);
                    a.copy(r.remaining, t[0], t[2]);
                    a.if_else(
                        t[0],
                        t[2],
                        |a| {
                            move_head(a, BLOCK_FRAMES);
                            a.add(flag, 1);
                        },
                        drop_head,
                    );
                },
                |a| {
                    stacks::pass_by(a);
                    a.add(bit(1, -1), -1);
                    a.arrive(MARK);
                    home(a);
                    a.add(r.remaining, BLOCKS);
                    a.add(flag, 1);
                },
            );
            a.copy(flag, t[0], t[1]);
            a.if_flag(t[0], |a| {
                for (bit, register) in [(LIVE, r.live), (NEXT, r.next)] {
                    read_bit(a, bit, |a| {
                        a.add(register, 1);
                        a.add(t[4], 1);
                    });
                }
            });
        });
        f.if_nz(t[4], |f| {
            f.code(|a| move_head(a, 1));
            f.call(read_byte);
            f.code(|a| {
                a.divide(r.value, NIBBLE);
                a.move_to(r.value.at(2), &[(r.owner, 1)]);
                a.move_to(r.value.at(3), &[(r.sequence, 1)]);
                move_head(a, -1);
            });
        });
    });
}

/// The byte of the head's frame in `value`, which was 0.
fn read_byte(s: &mut System) {
    let r = s.store;
    s.flow.define(s.routines.read_byte, |f| {
        f.code(|a| {
            for place in 0..8 {
                read_bit(a, bit(0, place), |a| a.add(r.value, 1 << place));
            }
        });
    });
}

/// The length and the bytes of the head's block, in `stacks::BLOCK`. The head stays.
fn read_block(s: &mut System) {
    let (r, t) = (s.store, s.temporary);
    let read_byte = s.routines.read_byte;
    s.flow.define(s.routines.read_block, |f| {
        let count = t[3];
        f.code(|a| a.clear(r.length));
        f.call(read_byte);
        f.code(|a| {
            // What is below next and live.
            a.divide(r.value, NIBBLE);
            a.move_to(r.value.at(2), &[(r.length, 1)]);
            a.clear(r.value.at(3));
            a.set(count, BLOCK_BYTES as u8 + 1);
            stacks::clear(a, &[BLOCK]);
            move_head(a, 1);
        });
        f.while_nz(
            t[4],
            |f| {
                f.code(|a| {
                    a.add(count, -1);
                    a.copy(count, t[4], t[0]);
                });
            },
            |f| {
                f.code(|a| move_head(a, 1));
                f.call(read_byte);
                f.code(|a| {
                    a.move_to(r.value, &[(CARRY, 1)]);
                    stacks::push(a, BLOCK);
                });
            },
        );
        f.code(|a| move_head(a, 1 - BLOCK_FRAMES));
    });
}

/// Writes the new block, its bytes from `stacks::NEW`, which becomes live with the commit; an error if all blocks are in
/// use. Leaves 0 in its registers, unless there is an error.
fn write_block(s: &mut System) {
    let (r, t, flag) = (s.store, s.temporary, s.flag);
    let (next_block, error) = (s.routines.next_block, s.error);
    let searching = t[HELD];
    s.flow.define(s.routines.write_block, |f| {
        // A block that is neither live nor will be.
        f.repeat(searching, |f| {
            f.call(next_block);
            f.code(|a| {
                a.if_else(
                    flag,
                    t[0],
                    |a| {
                        for cell in [r.live, r.next] {
                            a.copy(cell, searching, t[1]);
                        }
                    },
                    |a| a.set(error, crate::message::NO_SPACE),
                );
            });
        });
        f.code(|a| {
            a.copy(r.remaining, t[0], t[1]);
            a.if_nz(t[0], |a| {
                open(a);
                // What is missing from a full block.
                a.copy(r.new_length, t[1], t[0]);
                a.add(t[0], BLOCK_BYTES);
                different(a, t[0], t[1]);
                a.while_nz(t[0], |a| {
                    a.add(t[0], -1);
                    stacks::push(a, NEW);
                });
                // All frames alike: the header comes before the bytes. Its "next" is written, and "live" stays 0.
                a.add(r.new_length, NIBBLE);
                a.move_to(r.new_sequence, &[(r.new_owner, NIBBLE)]);
                a.add(t[0], BLOCK_FRAMES);
                a.while_nz(t[0], |a| {
                    a.add(t[0], -1);
                    a.move_to(r.new_length, &[(r.value, 1)]);
                    a.move_to(r.new_owner, &[(r.new_length, 1)]);
                    stacks::pop(a, NEW, r.new_owner);
                    write_byte(a, r.value);
                    move_head(a, 1);
                });
                drop_head(a);
                a.clear(r.remaining);
            });
        });
    });
}

/// A transaction is open from here on. It may be so already: never is the cell 0 on the way.
fn open(a: &mut Assembler) {
    a.add(OPEN, 1);
}

/// Takes the head's block from the state after the commit.
pub fn drop_block(a: &mut Assembler) {
    open(a);
    to_head(a);
    a.clear(NEXT);
    home(a);
}

/// The temporary register that says what `drop_blocks` leaves, and what it can be.
pub const KEEP: usize = HELD;
/// See [`KEEP`].
pub const KEEP_NAME: i32 = 1;
/// See [`KEEP`].
pub const KEEP_CONTENT: i32 = 2;

/// Takes the blocks of the new owner from the state after the commit, except what the last temporary register says is kept. Both
/// are 0 afterwards.
fn drop_blocks(s: &mut System) {
    let (r, t, flag) = (s.store, s.temporary, s.flag);
    let next_block = s.routines.next_block;
    s.flow.define(s.routines.drop_blocks, |f| {
        f.while_call(flag, next_block, |a| {
            // What speaks against it: another owner, not in force, to be kept.
            let against = t[0];
            a.copy(r.new_owner, t[1], t[2]);
            different(a, r.owner, t[1]);
            a.if_nz(r.owner, |a| a.add(against, 1));
            a.add(against, 1);
            a.if_flag(r.next, |a| a.add(against, -1));
            a.if_else(r.sequence, t[1], |a| a.add(t[2], KEEP_CONTENT), |a| a.add(t[2], KEEP_NAME));
            a.copy(t[KEEP], t[1], r.owner);
            different(a, t[2], t[1]);
            a.if_else(t[2], t[1], |_| {}, |a| a.add(against, 1));
            a.not(against, t[1]);
            a.if_flag(t[1], drop_block);
        });
        f.code(|a| {
            a.clear(r.new_owner);
            a.clear(t[KEEP]);
        });
    });
}

/// `a` becomes 0 if it equals `b`, else something else; `b` becomes 0.
pub fn different(asm: &mut Assembler, a: Cell, b: Cell) {
    asm.move_to(b, &[(a, -1)]);
}

/// Ends the transaction: what is next becomes live if it is decided, else what is live stays.
fn settle(s: &mut System) {
    let (r, t, flag) = (s.store, s.temporary, s.flag);
    let next_block = s.routines.next_block;
    s.flow.define(s.routines.settle, |f| {
        f.while_call(flag, next_block, |a| {
            a.test_untouched(DECIDED, t[0]);
            a.if_else(t[0], t[1], |a| write_bit(a, LIVE, r.next), |a| write_bit(a, NEXT, r.live));
        });
        f.code(|a| {
            // In this order: a transaction that is open but not decided leaves "live" as it is.
            a.clear(DECIDED);
            a.clear(OPEN);
        });
    });
}

/// The commit point.
pub fn decide(a: &mut Assembler) {
    a.add(DECIDED, 1);
}
