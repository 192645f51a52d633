//! The companion in rust-hdl's simulation.

use super::{Companion, Wires, REGISTERS, WORDS};
use crate::rust_model::settle;
use hdl::companion_top::CompanionTop;
use rust_hdl::prelude::*;

pub struct RustCompanion {
    top: CompanionTop,
}

impl RustCompanion {
    pub fn new() -> Self {
        let mut top = CompanionTop::default();
        top.connect_all();
        RustCompanion { top }
    }
}

impl Companion for RustCompanion {
    fn cycle(&mut self, wires: &mut Wires) {
        self.top.reset.next = wires.reset;
        self.top.interrupt_timer.next = wires.timer;
        self.top.interrupt_uart.next = wires.uart;
        self.top.interrupt_core.next = wires.core;
        self.top.clock.next = false.into();
        settle(&mut self.top);
        wires.leds = self.top.leds.val().to_u64() as u8;
        wires.retired = self.top.cpu.retired.val();
        wires.trapped = self.top.cpu.trapped.val();
        wires.asleep = self.top.cpu.asleep.val();
        self.top.clock.next = true.into();
        settle(&mut self.top);
        wires.pc = self.top.cpu.pc.q.val().to_u64() as u32;
    }

    fn registers(&self) -> [u32; REGISTERS] {
        let content = self.top.cpu.registers.content();
        std::array::from_fn(|index| content[index].to_u64() as u32)
    }

    fn set_register(&mut self, index: usize, value: u32) {
        self.top.cpu.registers.content_mut()[index] = u64::from(value).into();
        self.top.cpu.registers_b.content_mut()[index] = u64::from(value).into();
    }

    fn memory(&self) -> Vec<u32> {
        let byte = |lane: usize, word: usize| self.top.memory.lanes[lane].content()[word].to_u64() as u8;
        (0..WORDS).map(|word| u32::from_le_bytes(std::array::from_fn(|lane| byte(lane, word)))).collect()
    }

    fn set_memory(&mut self, words: &[u32]) {
        for (lane, ram) in self.top.memory.lanes.iter_mut().enumerate() {
            for (place, word) in ram.content_mut().iter_mut().zip(words) {
                *place = u64::from(word.to_le_bytes()[lane]).into();
            }
        }
    }
}
