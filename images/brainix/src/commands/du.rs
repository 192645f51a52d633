//! `du`: how many bytes the files hold.

use crate::stacks::{self, BLOCK, CARRY, SPARE};
use crate::system::System;

/// Digits of the number: the store holds fewer than 1,000 bytes.
const DIGITS: usize = 3;
/// Columns of the number.
const COLUMNS: i32 = 8;

/// The sum of the lengths of all blocks with content, left-aligned in eight columns, and the folder's name.
pub fn write(s: &mut System) {
    let (r, t, flag) = (s.store, s.temporary, s.flag);
    let routines = s.routines;
    // The highest first.
    let digits = s.local;
    let f = &mut s.flow;
    f.code(|a| {
        digits.iter().take(DIGITS).for_each(|&digit| a.clear(digit));
    });
    f.while_nz(
        flag,
        |f| f.call(routines.next_block),
        |f| {
            f.code(|a| {
                a.if_nz(r.sequence, |a| {
                    a.move_to(r.next, &[(t[4], 1)]);
                });
            });
            f.if_nz(t[4], |f| {
                f.call(routines.read_block);
                f.code(|a| {
                    a.while_nz(r.length, |a| {
                        a.add(r.length, -1);
                        a.add(digits[DIGITS - 1], 1);
                        for index in (1..DIGITS).rev() {
                            a.equals(digits[index], 10, t[1], t[0]);
                            a.if_flag(t[1], |a| {
                                a.clear(digits[index]);
                                a.add(digits[index - 1], 1);
                            });
                        }
                    });
                });
            });
        },
    );
    f.code(|a| {
        stacks::clear(a, &[BLOCK]);
        a.add_each(vec![(BLOCK.byte(1), b'.'), (BLOCK.byte(2), b'\n')], CARRY);
        // Spaces instead of the leading zeros, and behind the number.
        let spaces = t[3];
        a.add(spaces, COLUMNS - DIGITS as i32);
        a.zero(digits[0], t[2], t[0]);
        a.if_flag(t[2], |a| {
            a.add(spaces, 1);
            a.zero(digits[1], t[1], t[0]);
            a.if_flag(t[1], |a| a.add(spaces, 1));
        });
        a.while_nz(spaces, |a| {
            a.add(spaces, -1);
            a.add_big(CARRY, SPARE, i32::from(b' '));
            stacks::push(a, BLOCK);
        });
        // The last digit, and those before it until all of them are 0.
        let more = t[3];
        a.add(more, 1);
        a.while_nz(more, |a| {
            a.clear(more);
            a.add_big(CARRY, SPARE, i32::from(b'0'));
            a.move_to(digits[2], &[(CARRY, 1)]);
            stacks::push(a, BLOCK);
            a.move_to(digits[1], &[(digits[2], 1), (more, 1)]);
            a.move_to(digits[0], &[(digits[1], 1), (more, 1)]);
        });
    });
    f.call(routines.put_bytes);
}
