//! `rm name..`: removes files, all of them or none.

use crate::system::System;

/// Their blocks are free when the command is done.
pub fn write(s: &mut System) {
    let (r, t, file) = (s.store, s.temporary, s.file);
    let (drop_blocks, next_file) = (s.routines.drop_blocks, s.routines.next_file);
    super::change_files(s);
    super::each(s, next_file, |f| {
        f.code(|a| a.copy(file, r.new_owner, t[0]));
        f.call(drop_blocks);
    });
}
