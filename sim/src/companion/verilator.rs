//! The companion that Verilator made: the C functions of `companion_shim.cpp`.
#![allow(unsafe_code)]

use super::{Companion, Wires, REGISTERS, WORDS};
use std::ffi::c_void;

extern "C" {
    fn companion_new() -> *mut c_void;
    fn companion_free(model: *mut c_void);
    fn companion_cycle(model: *mut c_void, wires: *mut Wires);
    fn companion_registers(model: *mut c_void, operand: u32) -> *mut u32;
    fn companion_lane(model: *mut c_void, lane: u32) -> *mut u8;
}

pub struct VerilatorCompanion {
    /// From `companion_new`, until `companion_free` on drop; nobody else has it.
    handle: *mut c_void,
}

impl VerilatorCompanion {
    pub fn new() -> Self {
        // SAFETY: it has no conditions.
        VerilatorCompanion { handle: unsafe { companion_new() } }
    }

    fn lane(&self, lane: usize) -> *mut u8 {
        // SAFETY: the handle is a live model.
        unsafe { companion_lane(self.handle, lane as u32) }
    }
}

impl Companion for VerilatorCompanion {
    fn cycle(&mut self, wires: &mut Wires) {
        // SAFETY: the handle is a live model, and `Wires` has the layout of the shim's struct, which writes only 0 and 1
        // where there is a bool.
        unsafe { companion_cycle(self.handle, wires) }
    }

    fn registers(&self) -> [u32; REGISTERS] {
        // SAFETY: the handle is a live model; its registers are so many words, and nothing changes them during the copy.
        unsafe { *companion_registers(self.handle, 0).cast() }
    }

    fn set_register(&mut self, index: usize, value: u32) {
        assert!(index < REGISTERS, "there is such a register");
        for operand in 0..2 {
            // SAFETY: the handle is a live model, the index is inside its registers, and nothing else refers to them now.
            unsafe { *companion_registers(self.handle, operand).add(index) = value }
        }
    }

    fn memory(&self) -> Vec<u32> {
        // SAFETY: each lane of a live model has so many bytes, and nothing changes them while they are read.
        let lanes: [&[u8]; 4] =
            std::array::from_fn(|lane| unsafe { std::slice::from_raw_parts(self.lane(lane), WORDS) });
        (0..WORDS).map(|word| u32::from_le_bytes(lanes.map(|lane| lane[word]))).collect()
    }

    fn set_memory(&mut self, words: &[u32]) {
        assert!(words.len() <= WORDS, "they fit");
        for lane in 0..4 {
            // SAFETY: as in `memory`; nothing else refers to the lane now.
            let bytes = unsafe { std::slice::from_raw_parts_mut(self.lane(lane), WORDS) };
            for (byte, word) in bytes.iter_mut().zip(words) {
                *byte = word.to_le_bytes()[lane];
            }
        }
    }
}

impl Drop for VerilatorCompanion {
    fn drop(&mut self) {
        // SAFETY: the handle is a live model, and this is its last use.
        unsafe { companion_free(self.handle) }
    }
}
