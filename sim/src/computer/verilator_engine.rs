//! The chip in Verilator: the C functions of the shim, behind [`Engine`].
#![allow(unsafe_code)]

use super::{Engine, Wires};
use hdl::system::serial_port::SerialPort;
use images::machine::BOARD;
use std::ffi::c_void;

extern "C" {
    fn computer_new() -> *mut c_void;
    fn computer_free(model: *mut c_void);
    fn computer_run(model: *mut c_void, wires: *mut Wires, most: u64) -> u64;
    fn computer_skip(model: *mut c_void, cycles: u64);
    fn computer_cells(model: *mut c_void) -> *mut u8;
}

struct VerilatorEngine {
    /// From `computer_new`, until `computer_free` on drop; nobody else has it.
    handle: *mut c_void,
}

/// A new chip.
pub fn new() -> Box<dyn Engine> {
    // SAFETY: `computer_new` has no conditions.
    let handle = unsafe { computer_new() };
    Box::new(VerilatorEngine { handle })
}

impl Engine for VerilatorEngine {
    fn run(&mut self, wires: &mut Wires, most: u64) -> u64 {
        // SAFETY: the handle is a live model, and `Wires` has the layout of the shim's struct.
        let cycles = unsafe { computer_run(self.handle, wires, most) };
        wires.cycles_of_a_bit = SerialPort::cycles_from(wires.cycles_of_a_bit);
        cycles
    }

    fn skip(&mut self, cycles: u64) {
        // SAFETY: the handle is a live model.
        unsafe { computer_skip(self.handle, cycles) }
    }

    fn cells(&self) -> Vec<u8> {
        // SAFETY: the model's cell memory has so many bytes, and nothing changes it during the copy.
        unsafe { std::slice::from_raw_parts(computer_cells(self.handle), BOARD.cells as usize).to_vec() }
    }

    fn set_cells(&mut self, cells: &[u8]) {
        assert!(cells.len() <= BOARD.cells as usize, "the cells fit");
        // SAFETY: as in `cells`; nothing else refers to it now.
        unsafe {
            std::slice::from_raw_parts_mut(computer_cells(self.handle), cells.len()).copy_from_slice(cells);
        }
    }
}

impl Drop for VerilatorEngine {
    fn drop(&mut self) {
        // SAFETY: the handle is a live model, and this is its last use.
        unsafe { computer_free(self.handle) }
    }
}
