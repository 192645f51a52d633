//! `clear`: makes room on the screen.

use crate::stacks::{self, BLOCK, CARRY};
use crate::system::System;

/// As many line feeds as braiNIX always printed.
const LINE_FEEDS: i32 = 9;

/// Sends them.
pub fn write(s: &mut System) {
    let count = s.temporary[0];
    s.flow.code(|a| {
        a.add(count, LINE_FEEDS);
        a.while_nz(count, |a| {
            a.add(count, -1);
            a.add(CARRY, i32::from(b'\n'));
            stacks::push(a, BLOCK);
        });
    });
    s.flow.call(s.routines.put_bytes);
}
