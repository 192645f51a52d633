//! The Verilator engine: the C functions of the shim, behind [`Model`].
#![allow(unsafe_code)]

use crate::model::{MachineKind, Model, Shape, Wires};
use images::machine::Limits;
use std::ffi::c_void;

/// The functions of one model.
struct Functions {
    new: unsafe extern "C" fn() -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
    cycle: unsafe extern "C" fn(*mut c_void, *mut Wires),
    cells: unsafe extern "C" fn(*mut c_void) -> *mut u8,
    code: unsafe extern "C" fn(*mut c_void) -> *mut u16,
}

macro_rules! functions {
    ($new:ident, $free:ident, $cycle:ident, $cells:ident, $code:ident) => {{
        extern "C" {
            fn $new() -> *mut c_void;
            fn $free(model: *mut c_void);
            fn $cycle(model: *mut c_void, wires: *mut Wires);
            fn $cells(model: *mut c_void) -> *mut u8;
            fn $code(model: *mut c_void) -> *mut u16;
        }
        Functions { new: $new, free: $free, cycle: $cycle, cells: $cells, code: $code }
    }};
}

struct VerilatorModel {
    /// From `new`, until `free` on drop; nobody else has it.
    handle: *mut c_void,
    functions: Functions,
    limits: Limits,
}

/// A new model.
pub fn new(machine: MachineKind, shape: Shape) -> Box<dyn Model> {
    let functions = match (shape, machine) {
        (Shape::Bare, MachineKind::Board) => {
            functions!(bare_board_new, bare_board_free, bare_board_cycle, bare_board_cells, bare_board_code)
        }
        (Shape::Bare, MachineKind::Big) => {
            functions!(bare_big_new, bare_big_free, bare_big_cycle, bare_big_cells, bare_big_code)
        }
        (Shape::Board, MachineKind::Board) => functions!(
            board_board_new,
            board_board_free,
            board_board_cycle,
            board_board_cells,
            board_board_code
        ),
        (Shape::Board, MachineKind::Big) => {
            functions!(board_big_new, board_big_free, board_big_cycle, board_big_cells, board_big_code)
        }
    };
    // SAFETY: `new` has no conditions.
    let handle = unsafe { (functions.new)() };
    Box::new(VerilatorModel { handle, functions, limits: machine.limits() })
}

impl VerilatorModel {
    fn cell_memory(&self) -> *mut u8 {
        // SAFETY: the handle is a live model.
        unsafe { (self.functions.cells)(self.handle) }
    }
}

impl Model for VerilatorModel {
    fn cycle(&mut self, wires: &mut Wires) {
        // SAFETY: the handle is a live model, and `Wires` has the layout of the shim's struct.
        unsafe { (self.functions.cycle)(self.handle, wires) }
    }

    fn load(&mut self, words: &[u16]) {
        assert!(words.len() <= self.limits.words as usize, "the program fits");
        // SAFETY: the model's program memory has `limits.words` words and nothing else refers to it now.
        unsafe {
            let memory = (self.functions.code)(self.handle);
            std::slice::from_raw_parts_mut(memory, words.len()).copy_from_slice(words);
        }
    }

    fn cells(&self) -> Vec<u8> {
        // SAFETY: the model's cell memory has `limits.cells` bytes, and nothing changes it during the copy.
        unsafe { std::slice::from_raw_parts(self.cell_memory(), self.limits.cells as usize).to_vec() }
    }

    fn set_cells(&mut self, cells: &[u8]) {
        assert!(cells.len() <= self.limits.cells as usize, "the cells fit");
        // SAFETY: as in `cells`; nothing else refers to it now.
        unsafe {
            std::slice::from_raw_parts_mut(self.cell_memory(), cells.len()).copy_from_slice(cells);
        }
    }
}

impl Drop for VerilatorModel {
    fn drop(&mut self) {
        // SAFETY: the handle is a live model, and this is its last use.
        unsafe { (self.functions.free)(self.handle) }
    }
}
