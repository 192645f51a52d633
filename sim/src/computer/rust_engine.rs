//! The chip in rust-hdl's own simulation.

use super::{Engine, Wires};
use crate::rust_model::{bytes, pulse, set_bytes, settle};
use hdl::machines::Computer;
use rust_hdl::prelude::*;

struct RustEngine {
    block: Box<Computer>,
    instructions: u64,
}

/// A new chip.
pub fn new() -> Box<dyn Engine> {
    let mut block = Box::<Computer>::default();
    block.connect_all();
    settle(block.as_mut());
    Box::new(RustEngine { block, instructions: 0 })
}

impl RustEngine {
    fn look(&self, wires: Wires) -> Wires {
        let block = &self.block;
        let core = &block.unit.core;
        Wires {
            usb_tx: block.usb_tx.val(),
            led: block.led.val().to_u8(),
            flash_sck: block.flash_sck.val(),
            flash_select_n: block.flash_select_n.val(),
            flash_mosi: block.flash_mosi.val(),
            idle: block.cpu.asleep.val() && (core.stopped.val() || core.waiting.val()),
            waiting: core.waiting.val(),
            instructions: self.instructions,
            alarm: block.alarm().unwrap_or(u64::MAX),
            cycles_of_a_bit: block.cycles_of_a_bit(),
            ..wires
        }
    }
}

impl Engine for RustEngine {
    fn run(&mut self, wires: &mut Wires, most: u64) -> u64 {
        self.block.rst_n.next = wires.rst_n;
        self.block.usb_rx.next = wires.usb_rx;
        self.block.flash_miso.next = wires.flash_miso;
        for cycle in 1..=most {
            self.instructions += u64::from(self.block.cpu.retired.val());
            pulse(self.block.as_mut(), |block| &mut block.clock);
            let before = *wires;
            *wires = self.look(*wires);
            // What changes without an output, or in every cycle, is no reason to stop.
            let Wires { waiting, instructions, alarm, cycles_of_a_bit, .. } = *wires;
            if wires.flash_sck
                || *wires != (Wires { waiting, instructions, alarm, cycles_of_a_bit, ..before })
            {
                return cycle;
            }
        }
        most
    }

    fn skip(&mut self, cycles: u64) {
        self.block.skip(cycles);
        settle(self.block.as_mut());
    }

    fn cells(&self) -> Vec<u8> {
        bytes(&self.block.unit.core.cells)
    }

    fn set_cells(&mut self, cells: &[u8]) {
        set_bytes(&mut self.block.unit.core.cells, cells);
    }
}
