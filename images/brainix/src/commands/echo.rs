//! `echo [-n] [word..]`: prints the words, one space between them, and a line feed unless there is `-n`.

use images::assembler::{Assembler, Cell};

use crate::store::different;
use crate::system::{System, TEMPORARIES};

/// Words of any length: they come in pieces.
pub fn write(s: &mut System) {
    let (l, t, flag, byte, name) = (s.line, s.temporary, s.flag, s.byte, s.name);
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
                    is_option(a, name, t);
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

/// Whether the name is `-n`, in `t[0]`, which was 0.
fn is_option(a: &mut Assembler, name: Cell, t: [Cell; TEMPORARIES]) {
    a.clear(t[3]);
    for (index, letter) in [b'-', b'n', 0].into_iter().enumerate() {
        a.copy(name.at(index as i32), t[1], t[2]);
        a.add_big(t[2], t[0], i32::from(letter));
        different(a, t[1], t[2]);
        a.if_nz(t[1], |a| a.add(t[3], 1));
    }
    a.not(t[3], t[0]);
}
