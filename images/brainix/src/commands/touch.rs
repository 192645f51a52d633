//! `touch name..`: makes empty files where there are none.

use crate::system::System;

/// There is no time of day to change in those that exist.
pub fn write(s: &mut System) {
    let flag = s.flag;
    let (find_name, make_file, next_name) =
        (s.routines.find_name, s.routines.make_file, s.routines.next_name);
    super::change_files(s);
    super::each(s, next_name, |f| {
        f.call(find_name);
        f.call_unless(flag, make_file);
    });
}
