//! `pwd`: there is one folder.

use crate::system::System;

/// Prints its name.
pub fn write(s: &mut System) {
    s.say("/\n");
}
