//! `clear`: makes room on the screen.

use crate::system::System;

/// Prints nine line feeds, as braiNIX always did.
pub fn write(s: &mut System) {
    s.say("\n\n\n\n\n\n\n\n\n");
}
