//! `cp from to`: copies a file.

use crate::files::open_input;
use crate::system::System;

/// The same as `cat from > to`.
pub fn write(s: &mut System) {
    let (r, t, io, line) = (s.store, s.temporary, s.io, s.line);
    let (open_output, copy) = (s.routines.open_output, s.routines.copy);
    let (flag, from, error) = (s.flag, s.local[0], s.error);
    super::change_files(s);
    let f = &mut s.flow;
    f.call(s.routines.two_names);
    f.if_nz(flag, |f| {
        f.code(|a| a.clear(line.mode));
        f.call(open_output);
        f.code(|a| {
            open_input(a, r, t, io, from);
            a.zero(error, t[4], t[0]);
        });
        f.call_if(t[4], copy);
    });
}
