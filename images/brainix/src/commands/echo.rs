//! `echo [-n] [word..]`: prints the words, one space between them, and a line feed unless there is `-n`.

use images::assembler::{Assembler, Cell};

use crate::stacks::{COUNT, SPARE, WORD};
use crate::system::System;

/// Words of any length: they come in pieces.
pub fn write(s: &mut System) {
    let (l, t, flag, byte) = (s.line, s.temporary, s.flag, s.byte);
    let routines = s.routines;
    // The next piece is the first one; something was printed; a word ended since; the option was given.
    let [first, printed, gap, bare] = s.local;
    let f = &mut s.flow;
    f.code(|a| {
        for cell in [printed, gap, bare, l.partial] {
            a.clear(cell);
        }
        a.set(first, 1);
        a.set(l.pieces, 1);
    });
    f.while_nz(
        t[4],
        |f| {
            f.code(|a| {
                a.zero(l.terminator, t[4], t[0]);
            });
        },
        |f| {
            f.call(routines.word);
            f.code(|a| {
                // The option is no word.
                a.if_flag(first, |a| {
                    is_option(a, t[0]);
                    a.if_flag(t[0], |a| {
                        a.add(bare, 1);
                        a.clear(flag);
                    });
                });
            });
            f.if_nz(flag, |f| {
                f.if_nz(gap, |f| {
                    f.code(|a| a.add_big(byte, t[0], i32::from(b' ')));
                    f.call(routines.put);
                });
                f.call(routines.spell);
                f.code(|a| a.set(printed, 1));
            });
            // No space within a word.
            f.code(|a| {
                a.zero(l.partial, t[2], t[0]);
                a.if_flag(t[2], |a| {
                    a.clear(gap);
                    a.copy(printed, gap, t[0]);
                });
            });
        },
    );
    f.code(|a| a.clear(l.pieces));
    f.if_else(
        bare,
        |_| {},
        |f| {
            f.code(|a| a.add(byte, i32::from(b'\n')));
            f.call(routines.put);
        },
    );
}

/// Whether the word is `-n`, in a register that was 0.
fn is_option(a: &mut Assembler, is: Cell) {
    let letters = [(WORD.byte(1), b'-'), (WORD.byte(2), b'n'), (WORD.byte(3), 0)];
    for (cell, letter) in letters {
        a.add_big(cell, SPARE, -i32::from(letter));
    }
    for (cell, _) in letters {
        a.when_untouched(cell, |a| a.add(COUNT, 1));
    }
    for (cell, letter) in letters {
        a.add_big(cell, SPARE, i32::from(letter));
    }
    a.not(COUNT, is);
}
