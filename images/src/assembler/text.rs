//! Macros that read and print.

use super::{Assembler, Cell};

impl Assembler {
    /// Sends the cell.
    pub fn output(&mut self, cell: Cell) {
        self.goto(cell);
        self.raw(".");
    }

    /// Receives a byte into the cell.
    pub fn input(&mut self, cell: Cell) {
        self.goto(cell);
        self.raw(",");
    }

    /// Sends a text with the help of two cells that are 0 before and after: from one byte to the next by
    /// the difference, by a product where that is shorter.
    pub fn print(&mut self, cell: Cell, helper: Cell, text: &str) {
        let mut last = 0;
        for byte in text.bytes() {
            self.add_big(cell, helper, i32::from(byte) - last);
            self.output(cell);
            last = i32::from(byte);
        }
        if last != 0 {
            self.clear(cell);
        }
    }
}
