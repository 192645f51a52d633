//! `whoami`: there is one user.

use crate::system::System;

/// Prints the name.
pub fn write(s: &mut System) {
    s.say("root\n");
}
