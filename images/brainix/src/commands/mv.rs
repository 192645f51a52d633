//! `mv from to`: gives a file another name.

use crate::store::{KEEP, KEEP_CONTENT};
use crate::system::System;

/// A file that had this name is gone. The content is not touched.
pub fn write(s: &mut System) {
    let (r, t, flag, file) = (s.store, s.temporary, s.flag, s.file);
    let (find_name, drop_blocks, write_name) =
        (s.routines.find_name, s.routines.drop_blocks, s.routines.write_name);
    let from = s.local[0];
    super::change_files(s);
    let f = &mut s.flow;
    f.call(s.routines.two_names);
    f.if_nz(flag, |f| {
        // First its own name goes: moving a file to itself finds nothing to replace.
        f.code(|a| {
            a.copy(from, r.new_owner, t[0]);
            a.add(t[KEEP], KEEP_CONTENT);
        });
        f.call(drop_blocks);
        f.call(find_name);
        f.if_nz(flag, |f| {
            f.code(|a| a.move_to(file, &[(r.new_owner, 1)]));
            f.call(drop_blocks);
        });
        f.code(|a| {
            a.clear(file);
            a.copy(from, file, t[0]);
        });
        f.call(write_name);
    });
}
