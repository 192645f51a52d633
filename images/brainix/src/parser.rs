//! The parser: what the frames of the typed line mean.
//!
//! A head in the left array, the cursor, goes from item to item. What has been carried out has kind 0; so the beginning of
//! a command is found again after its redirections were looked for.

use images::assembler::{Assembler, Case, Cell};

use crate::editor::kinds::*;
use crate::files::open_input_of;
use crate::left::{self, NEAR, NEAR_FLAG};
use crate::message;
use crate::stacks::{self, BLOCK, CARRY, WORD};
use crate::system::System;
use crate::tape::{character, kind, mark, BLOCK_BYTES, LEFT_EDGE, LINE_STRIDE};

/// Modes of redirections: one more than the number of their kind.
pub const MODE_APPEND: u8 = number(APPEND) + 1;
const MODE_INPUT: u8 = number(INPUT) + 1;

/// The routines of this part.
pub fn define(s: &mut System) {
    fetch(s);
    take_letter(s);
    word(s);
    redirections(s);
}

/// From home to the cursor.
fn to_cursor(a: &mut Assembler) {
    left::out(a, 1);
}

/// From the cursor to home.
fn home(a: &mut Assembler) {
    left::home(a, 1);
}

/// Adds a cell of the cursor's frame to a register and leaves 0 in it.
fn take(a: &mut Assembler, from: Cell, register: Cell) {
    take_each(a, from, |a| a.add(register, 1));
}

/// Carries out the body, at home, for each 1 in a cell of the cursor's frame, and leaves 0 in it.
fn take_each(a: &mut Assembler, from: Cell, body: impl FnOnce(&mut Assembler)) {
    to_cursor(a);
    a.while_nz(from, |a| {
        a.add(from, -1);
        home(a);
        body(a);
        to_cursor(a);
    });
    home(a);
}

/// Adds a register to the kind of the cursor's frame and leaves 0 in it.
fn put_kind(a: &mut Assembler, register: Cell) {
    a.while_nz(register, |a| {
        a.add(register, -1);
        to_cursor(a);
        a.add(kind(0), 1);
        home(a);
    });
}

/// Puts the cursor before the line. Its frame is one whose kind is 0.
pub fn rewind(a: &mut Assembler) {
    a.clear(LEFT_EDGE.at(kind(1).offset));
    a.clear(LEFT_EDGE.at(mark(1).offset));
}

/// Removes the line.
pub fn remove_line(a: &mut Assembler) {
    to_cursor(a);
    a.add(mark(0), 1);
    a.goto(mark(0));
    a.scan(-LINE_STRIDE);
    a.step(LINE_STRIDE);
    a.raw("[-");
    a.step(LINE_STRIDE);
    a.raw("]");
    a.arrive(LEFT_EDGE);
}

/// The cursor goes to the next item: its kind, taken out of its frame, and its class.
fn fetch(s: &mut System) {
    let l = s.line;
    s.flow.define(s.routines.fetch, |f| {
        f.code(|a| {
            to_cursor(a);
            a.add(mark(0), 1);
            a.add(mark(1), -1);
            a.goto(mark(1));
            a.arrive(mark(0));
            home(a);
            for cell in [l.kind, l.letter, l.blank, l.redirection, l.end] {
                a.clear(cell);
            }
            a.clear(l.number);
            // The remainder of the kind is the class, the quotient the number. What is missing from the next number is counted.
            let missing = NEAR;
            a.add(missing, i32::from(CLASSES));
            take_each(a, kind(0), |a| {
                a.add(l.kind, 1);
                a.add(missing, -1);
                a.when_zero(missing, |a| {
                    a.add(missing, i32::from(CLASSES));
                    a.add(l.number, 1);
                });
            });
            let flags = [
                (END_CLASS, l.end),
                (REDIRECTION_CLASS, l.redirection),
                (BLANK_CLASS, l.blank),
                (LETTER_CLASS, l.letter),
            ];
            let mut cases: Vec<Case<'_>> = flags
                .into_iter()
                .map(|(value, flag)| -> Case<'_> { (CLASSES - value, Box::new(move |a| a.add(flag, 1))) })
                .collect();
            a.switch(missing, NEAR_FLAG, &mut cases, &mut |_| {});
        });
    });
}

/// Appends the letter at the cursor to the word that is being read, or says that the word is long.
fn take_letter(s: &mut System) {
    let (room, long) = (s.line.room, s.long);
    s.flow.define(s.routines.take_letter, |f| {
        f.code(|a| {
            a.copy(room, NEAR, NEAR_FLAG);
            a.if_else(
                NEAR,
                NEAR_FLAG,
                |a| {
                    a.add(room, -1);
                    take(a, character(0), CARRY);
                    stacks::push(a, BLOCK);
                },
                |a| a.set(long, 1),
            );
        });
    });
}

/// No letter of a word was read.
fn clear_word(a: &mut Assembler, room: Cell, long: Cell) {
    stacks::clear(a, &[WORD, BLOCK]);
    a.set(room, BLOCK_BYTES as u8);
    a.clear(long);
}

/// Less 1 for each letter that was read of a word, in a register that was 0.
fn count_letters(a: &mut Assembler, room: Cell) {
    a.copy(room, NEAR, NEAR_FLAG);
    a.add(NEAR, -BLOCK_BYTES);
}

/// The next word of the command: `flag`, `stacks::WORD`, `long`. At the end of the command `terminator` says which one it is.
///
/// If `pieces` is 1, a long word comes in pieces as long as a name: `partial` says that its end is still to come, perhaps as
/// an empty piece.
fn word(s: &mut System) {
    let (l, t, flag, long) = (s.line, s.temporary, s.flag, s.long);
    let routines = s.routines;
    s.flow.define(s.routines.word, |f| {
        let going = l.going;
        f.code(|a| {
            clear_word(a, l.room, long);
            a.zero(l.terminator, going, t[0]);
        });
        f.while_nz(
            going,
            |_| {},
            |f| {
                f.call(routines.fetch);
                f.code(|a| a.add(going, 1));
                f.if_nz(l.letter, |f| {
                    f.call(routines.take_letter);
                    f.code(|a| {
                        a.copy(l.pieces, t[0], t[1]);
                        a.if_flag(t[0], |a| {
                            a.clear(l.partial);
                            a.zero(l.room, t[1], t[2]);
                            a.if_flag(t[1], |a| {
                                a.clear(going);
                                a.add(l.partial, 1);
                            });
                        });
                    });
                });
                f.code(|a| {
                    a.move_to(l.redirection, &[(l.blank, 1)]);
                    // A blank ends a word; there may be many before it.
                    a.if_flag(l.blank, |a| {
                        count_letters(a, l.room);
                        a.move_to(l.partial, &[(NEAR, -1)]);
                        a.if_nz(NEAR, |a| a.clear(going));
                    });
                    a.if_flag(l.end, |a| {
                        a.clear(going);
                        a.clear(l.partial);
                        a.add(l.terminator, 1);
                        a.move_to(l.number, &[(l.terminator, 1)]);
                    });
                });
            },
        );
        f.code(|a| {
            a.clear(flag);
            stacks::when_top(a, BLOCK, |a| a.add(flag, 1));
            stacks::turn_word(a);
        });
    });
}

/// Looks through the command for redirections and opens their files; what belongs to them becomes blank. The cursor is
/// before and after at the beginning of the command.
fn redirections(s: &mut System) {
    let (l, t, flag, long, error, io, file) = (s.line, s.temporary, s.flag, s.long, s.error, s.io, s.file);
    let routines = s.routines;
    s.flow.define(s.routines.redirections, |f| {
        let (going, found) = (l.going, f.cell());
        f.code(|a| {
            clear_word(a, l.room, long);
            a.clear(l.mode);
        });
        f.repeat(going, |f| {
            f.call(routines.fetch);
            f.code(|a| {
                a.add(going, 1);
                a.clear(found);
                // Within a redirection: its letters, and what ends its name.
                a.copy(l.mode, t[3], t[0]);
                a.if_nz(t[3], |a| {
                    a.move_to(l.letter, &[(t[4], 1)]);
                    // A blank between the sign and the name is no end.
                    a.if_flag(l.blank, |a| {
                        count_letters(a, l.room);
                        a.if_nz(NEAR, |a| a.add(found, 1));
                    });
                    for cell in [l.redirection, l.end] {
                        a.copy(cell, found, t[0]);
                    }
                });
            });
            f.if_nz(t[4], |f| {
                f.code(|a| a.set(l.kind, NOTHING));
                f.call(routines.take_letter);
            });
            f.if_nz(found, |f| {
                f.code(|a| {
                    count_letters(a, l.room);
                    a.if_else(NEAR, NEAR_FLAG, |_| {}, |a| a.set(error, message::SYNTAX));
                    stacks::turn_word(a);
                    a.if_flag(long, |a| a.set(error, message::LONG_NAME));
                    a.zero(error, t[4], t[0]);
                    a.clear(flag);
                    a.equals(l.mode, i32::from(MODE_INPUT), flag, t[0]);
                });
                f.if_nz(t[4], |f| {
                    f.if_else(
                        flag,
                        |f| {
                            f.call(routines.find_name);
                            f.code(|a| {
                                a.if_else(
                                    flag,
                                    t[0],
                                    |a| open_input_of(a, io, file, t),
                                    |a| a.set(error, message::NO_FILE),
                                );
                            });
                        },
                        |f| {
                            // Only the last output counts.
                            f.code(|a| a.copy(io.redirected, t[4], t[0]));
                            f.call_if(t[4], routines.abandon);
                            f.call(routines.open_output);
                        },
                    );
                });
                f.code(|a| {
                    a.clear(flag);
                    clear_word(a, l.room, long);
                    a.clear(l.mode);
                });
            });
            f.code(|a| {
                a.if_flag(l.redirection, |a| {
                    a.clear(l.kind);
                    a.add(l.kind, i32::from(BLANK));
                    a.add(l.mode, 1);
                    a.move_to(l.number, &[(l.mode, 1)]);
                });
                put_kind(a, l.kind);
                a.if_flag(l.end, |a| a.clear(going));
            });
        });
        f.code(|a| {
            // Back to the last frame whose kind is 0.
            to_cursor(a);
            a.add(mark(0), 1);
            a.goto(kind(0));
            a.scan(LINE_STRIDE);
            a.arrive(kind(0));
            a.add(mark(0), -1);
            home(a);
        });
    });
}
