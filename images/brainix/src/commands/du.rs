//! `du`: how many bytes the files hold.

use crate::system::System;

/// Digits of the number: the store holds fewer than 1,000 bytes.
const DIGITS: usize = 3;

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
    let byte = |index: usize| r.bytes.at(index as i32);
    f.code(|a| {
        for index in 0..12 {
            a.clear(byte(index));
        }
        let cells = b"000     .\n".iter().enumerate().map(|(index, letter)| (byte(index), *letter)).collect();
        a.add_each(cells, t[0]);
        for (index, &digit) in digits.iter().take(DIGITS).enumerate() {
            a.move_to(digit, &[(byte(index), 1)]);
        }
        // Leading zeros go: spaces follow instead.
        for _ in 1..DIGITS {
            a.equals(r.bytes, i32::from(b'0'), t[1], t[0]);
            a.if_flag(t[1], |a| {
                a.clear(r.bytes);
                for index in 1..DIGITS {
                    a.move_to(byte(index), &[(byte(index - 1), 1)]);
                }
                a.add_big(byte(DIGITS - 1), t[0], i32::from(b' '));
            });
        }
    });
    f.call(routines.put_bytes);
}
