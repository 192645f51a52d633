//! `help`: what there is.

use crate::system::System;

/// Prints the names of the commands and the signs of the line, always to the console: text that can go to a file takes
/// twice the room in the image.
pub fn write(s: &mut System) {
    let cells = s.division;
    s.flow.code(|a| {
        a.print_long(
            cells,
            concat!(
                "bf cat clear cp du echo exit false help\n",
                "logout ls mv pwd rm touch true whoami\n",
                "< > >> ; && ||\n",
            ),
        )
    });
}
