//! The companion with a memory and LEDs: what its area and speed are measured on, and the smallest system that runs a program.
//!
//! The memory is at address 0, the LEDs are in the lowest byte of any word from 0x8000_0000 on. Every answer comes in the cycle after
//! its request; anywhere else it is a fault.

use crate::byte_ram::ByteRam;
use crate::companion::rv32::Rv32;
use crate::local::Local;
use crate::register::{Held, Register};
use rust_hdl::prelude::*;

/// [`Rv32`] with 4 KB.
#[derive(LogicBlock, Default)]
pub struct CompanionTop {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// See [`Rv32`].
    pub reset: Signal<In, bool>,
    /// See [`Rv32`].
    pub interrupt_timer: Signal<In, bool>,
    /// See [`Rv32`].
    pub interrupt_uart: Signal<In, bool>,
    /// See [`Rv32`].
    pub interrupt_core: Signal<In, bool>,
    /// What was written to the LEDs last.
    pub leds: Signal<Out, Bits<8>>,
    /// See [`Rv32`].
    pub retired: Signal<Out, bool>,
    /// See [`Rv32`].
    pub asleep: Signal<Out, bool>,
    /// The processor.
    pub cpu: Rv32,
    /// The memory.
    pub memory: ByteRam<10>,
    reset_pin: Register<bool>,
    timer_pin: Register<bool>,
    uart_pin: Register<bool>,
    core_pin: Register<bool>,
    retired_pin: Register<bool>,
    asleep_pin: Register<bool>,
    light: Held<Bits<8>>,
    ready: Register<bool>,
    fault: Register<bool>,
    address: Local<Bits<32>>,
    word_address: Local<Bits<32>>,
    beyond: Local<Bits<32>>,
    is_device: Local<bool>,
    is_memory: Local<bool>,
    memory_address: Local<Bits<10>>,
    data: Local<Bits<32>>,
}

impl Logic for CompanionTop {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            reset_pin,
            timer_pin,
            uart_pin,
            core_pin,
            retired_pin,
            asleep_pin,
            ready,
            fault
        );
        clock!(self, clock, cpu, memory, light);
        self.reset_pin.d.next = self.reset.val();
        self.timer_pin.d.next = self.interrupt_timer.val();
        self.uart_pin.d.next = self.interrupt_uart.val();
        self.core_pin.d.next = self.interrupt_core.val();
        self.retired_pin.d.next = self.cpu.retired.val();
        self.asleep_pin.d.next = self.cpu.asleep.val();
        self.retired.next = self.retired_pin.q.val();
        self.asleep.next = self.asleep_pin.q.val();
        self.cpu.reset.next = self.reset_pin.q.val();
        self.cpu.reset_address.next = bits::<32>(0);
        self.cpu.interrupt_timer.next = self.timer_pin.q.val();
        self.cpu.interrupt_uart.next = self.uart_pin.q.val();
        self.cpu.interrupt_core.next = self.core_pin.q.val();

        self.address.next = self.cpu.bus_address.val();
        self.word_address.next = self.address.val() >> 2;
        self.beyond.next = self.address.val() & bits::<32>(0x7FFF_F000);
        self.is_device.next = self.address.val().get_bit(31);
        self.is_memory.next = !self.beyond.val().any() & !self.is_device.val();
        self.memory_address.next = bit_cast::<10, 32>(self.word_address.val());
        if self.cpu.near_read.val() {
            self.memory_address.next = self.cpu.near_address.val();
        }
        self.memory.address.next = self.memory_address.val();
        self.memory.read.next =
            (self.cpu.bus_request.val() & !self.cpu.bus_write.val().any()) | self.cpu.near_read.val();
        self.cpu.near_data.next = self.memory.read_data.val();
        self.memory.write.next = bits::<4>(0);
        if self.cpu.bus_request.val() & self.is_memory.val() {
            self.memory.write.next = self.cpu.bus_write.val();
        }
        self.data.next = self.cpu.bus_out.val();
        self.memory.write_data.next = self.data.val();
        self.light.d.next = self.data.val().get_bits::<8>(0);
        self.light.load.next =
            self.cpu.bus_request.val() & self.is_device.val() & self.cpu.bus_write.val().get_bit(0);
        self.light.clear.next = self.reset_pin.q.val();
        self.leds.next = self.light.q.val();
        self.ready.d.next = self.cpu.bus_request.val();
        self.fault.d.next = !self.is_device.val() & !self.is_memory.val();
        self.cpu.bus_ready.next = self.ready.q.val();
        self.cpu.bus_fault.next = self.fault.q.val();
        self.cpu.bus_in.next = self.memory.read_data.val();
    }
}
