//! `cat name..` or `cat < name`: prints files.

use crate::files::open_input;
use crate::system::System;

/// One after the other; ends at the first name that no file has.
pub fn write(s: &mut System) {
    let (r, t, io, file, named) = (s.store, s.temporary, s.io, s.file, s.named);
    let (copy, next_file) = (s.routines.copy, s.routines.next_file);
    super::each(s, next_file, |f| {
        f.code(|a| open_input(a, r, t, io, file));
        f.call(copy);
    });
    s.flow.code(|a| {
        // No name at all: the input, if there is one.
        a.copy(named, t[0], t[1]);
        a.if_else(t[0], t[1], |_| {}, |a| a.copy(io.has_input, t[4], t[0]));
        a.if_nz(t[4], |a| {
            a.add(named, 1);
            a.add(t[3], 1);
            open_input(a, r, t, io, io.input);
        });
        a.move_to(t[3], &[(t[4], 1)]);
    });
    s.flow.if_nz(t[4], |f| f.call(copy));
}
