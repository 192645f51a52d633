//! The computer: companion, Brainfuck core, flash and devices on one chip.
//!
//! ```text
//!   Rv32 ---- bus ---- ByteRam
//!                  |-- LineCache ---- FlashController ---- pins of the flash
//!                  |                     |    |
//!                  |-- FlashPort --------+    LineCache
//!                  |                             |
//!                  |-- CoreUnit -----------------+
//!                  |      |
//!                  |-- SerialPort, Timer, BoardPort ------ pins
//! ```
//!
//! **Map**: the crate [`map`]. Memory and devices answer in the cycle after the request, the flash when its cache has the
//! word (one cycle too, if it is there), the cells seven cycles after it. Where nothing is, and what cannot be done
//! there, is a fault: writes to flash, instructions out of cells and devices, parts of a device's register written,
//! cells while the core runs.
//!
//! **Device bus**: in a cycle with `read` or `write`, `number` is a register's offset divided by 4; a device gives the
//! register in the same cycle, and what a read or a write does happens at its end.
//!
//! Everything is in one clock domain, 50 MHz: the companion does not reach much more. The core would.

pub mod board_port;
pub mod cell_window;
pub mod core_unit;
pub mod counter;
pub mod flash_port;
pub mod serial_port;
pub mod timer;

use crate::byte_ram::ByteRam;
use crate::clock_pin::ClockPin;
use crate::companion::rv32::Rv32;
use crate::flash_controller::FlashController;
use crate::line_cache::{CompanionCache, ProgramCache, LINE_BITS, SECTOR_BITS};
use crate::local::Local;
use crate::pins;
use crate::pll::Pll;
use crate::register::Register;
use board_port::BoardPort;
use core_unit::{CoreUnit, WORD_ADDRESS_BITS};
use flash_port::FlashPort;
use rust_hdl::prelude::*;
use serial_port::SerialPort;
use timer::Timer;

// The literals in the kernel below: the regions, by the bits of an address that tell them.
const _: () = assert!(map::RAM == 0 && map::RAM_BYTES == 1 << 12);
const _: () = assert!(map::FLASH == 0x080 << 22 && map::FLASH_BYTES == 1 << 22);
const _: () = assert!(map::CELLS == 0x40000 << 12);
const _: () = assert!(map::board::BASE == 0x10_0000 << 11 && map::uart::BASE == map::board::BASE + 0x100);
const _: () =
    assert!(map::timer::BASE == map::board::BASE + 0x200 && map::flash::BASE == map::board::BASE + 0x300);
const _: () = assert!(map::core::BASE == map::board::BASE + 0x400 && map::DEVICES.len() == 5);

/// The registers that a device has, a bit each.
fn registers(device: usize) -> Constant<Bits<32>> {
    let bits = map::DEVICES[device].registers.iter().map(|register| 1u64 << (register.offset / 4));
    Constant::new(bits.sum::<u64>().into())
}

/// The computer: its ports are pins. `A`, `A1`, `S` and `S1` are those of [`crate::core::Core`]; the cells are 2^12.
#[derive(LogicBlock)]
pub struct System<const A: usize, const A1: usize, const S: usize, const S1: usize> {
    /// 100 MHz.
    pub clock: Signal<In, Clock>,
    /// The button, low while it is pressed.
    pub rst_n: Signal<In, bool>,
    /// From the host.
    pub usb_rx: Signal<In, bool>,
    /// To the host.
    pub usb_tx: Signal<Out, bool>,
    /// What the firmware shows.
    pub led: Signal<Out, Bits<8>>,
    /// The flash's clock.
    pub flash_sck: Signal<Out, bool>,
    /// The flash is selected while it is low.
    pub flash_select_n: Signal<Out, bool>,
    /// To the flash.
    pub flash_mosi: Signal<Out, bool>,
    /// From the flash.
    pub flash_miso: Signal<In, bool>,

    /// The companion.
    pub cpu: Rv32,
    /// The companion's memory.
    pub ram: ByteRam<10>,
    /// The Brainfuck core.
    pub unit: CoreUnit<A, A1, WORD_ADDRESS_BITS, S, S1>,
    pll: Pll,
    cache: CompanionCache,
    program_cache: ProgramCache,
    controller: FlashController<LINE_BITS>,
    clock_pin: ClockPin,
    board_port: BoardPort,
    serial_port: SerialPort,
    timer: Timer,
    flash_port: FlashPort,

    answered: Register<bool>,
    fault: Register<bool>,
    from_ram: Register<bool>,
    from_flash: Register<bool>,
    device_value: Register<Bits<32>>,

    reset: Local<bool>,
    address: Local<Bits<32>>,
    ram_address: Local<Bits<10>>,
    accessed: Local<Bits<32>>,
    accessed_kilobytes: Local<Bits<20>>,
    request: Local<bool>,
    access: Local<bool>,
    writes: Local<bool>,
    mask: Local<Bits<4>>,
    data: Local<Bits<32>>,
    number: Local<Bits<5>>,
    device: Local<Bits<3>>,
    kilobytes: Local<Bits<20>>,
    megabytes: Local<Bits<10>>,
    devices: Local<Bits<21>>,
    known: Local<Bits<32>>,
    flash_word: Local<Bits<20>>,
    first_cell: Local<Bits<A>>,
    is_ram: Local<bool>,
    is_flash: Local<bool>,
    is_cells: Local<bool>,
    is_device: Local<bool>,
    is_register: Local<bool>,
    accesses_device: Local<bool>,
    reads_device: Local<bool>,
    writes_device: Local<bool>,
    value: Local<Bits<32>>,
    answer: Local<Bits<32>>,
    forget: Local<bool>,
    sector: Local<Bits<SECTOR_BITS>>,

    board_registers: Constant<Bits<32>>,
    uart_registers: Constant<Bits<32>>,
    timer_registers: Constant<Bits<32>>,
    flash_registers: Constant<Bits<32>>,
    core_registers: Constant<Bits<32>>,
    first_instruction: Constant<Bits<32>>,
}

impl<const A: usize, const A1: usize, const S: usize, const S1: usize> Default for System<A, A1, S, S1> {
    fn default() -> Self {
        assert!(A == 12, "the cell window is 4 KB");
        System {
            clock: pins::clock(),
            rst_n: pins::input(pins::RST_N),
            usb_rx: pins::input(pins::USB_RX),
            usb_tx: pins::output(pins::USB_TX),
            led: pins::leds(),
            flash_sck: pins::output(pins::FLASH_SCK),
            flash_select_n: pins::output(pins::FLASH_SELECT_N),
            flash_mosi: pins::output(pins::FLASH_MOSI),
            flash_miso: pins::input(pins::FLASH_MISO),
            cpu: Default::default(),
            ram: Default::default(),
            unit: Default::default(),
            pll: Pll::mhz_50(),
            cache: Default::default(),
            program_cache: Default::default(),
            controller: FlashController::new(u64::from(map::CLOCK_HZ)),
            clock_pin: Default::default(),
            board_port: Default::default(),
            serial_port: Default::default(),
            timer: Default::default(),
            flash_port: Default::default(),
            answered: Default::default(),
            fault: Default::default(),
            from_ram: Default::default(),
            from_flash: Default::default(),
            device_value: Default::default(),
            reset: Default::default(),
            address: Default::default(),
            ram_address: Default::default(),
            accessed: Default::default(),
            accessed_kilobytes: Default::default(),
            request: Default::default(),
            access: Default::default(),
            writes: Default::default(),
            mask: Default::default(),
            data: Default::default(),
            number: Default::default(),
            device: Default::default(),
            kilobytes: Default::default(),
            megabytes: Default::default(),
            devices: Default::default(),
            known: Default::default(),
            flash_word: Default::default(),
            first_cell: Default::default(),
            is_ram: Default::default(),
            is_flash: Default::default(),
            is_cells: Default::default(),
            is_device: Default::default(),
            is_register: Default::default(),
            accesses_device: Default::default(),
            reads_device: Default::default(),
            writes_device: Default::default(),
            value: Default::default(),
            answer: Default::default(),
            forget: Default::default(),
            sector: Default::default(),
            board_registers: registers(0),
            uart_registers: registers(1),
            timer_registers: registers(2),
            flash_registers: registers(3),
            core_registers: registers(4),
            first_instruction: Constant::new(u64::from(map::FLASH + map::FIRMWARE).into()),
        }
    }
}

impl<const A: usize, const A1: usize, const S: usize, const S1: usize> System<A, A1, S, S1> {
    /// In simulation: cycles until the timer's time has come, if it has an alarm, for which the companion would wake.
    pub fn alarm(&self) -> Option<u64> {
        self.timer.alarm().filter(|_| self.cpu.wakes_for_timer())
    }

    /// In simulation: cycles of a bit on the serial line.
    pub fn cycles_of_a_bit(&self) -> u64 {
        self.serial_port.cycles_of_a_bit()
    }

    /// In simulation: so many cycles pass in which nothing happens but that time is counted. The companion sleeps, the core is
    /// stopped or waits, the pins stand still; there are more cycles until the alarm. The logic must settle then.
    pub fn skip(&mut self, cycles: u64) {
        self.cpu.skip(cycles);
        self.unit.skip(cycles);
        self.timer.skip(cycles);
    }
}

impl<const A: usize, const A1: usize, const S: usize, const S1: usize> Logic for System<A, A1, S, S1> {
    #[hdl_gen]
    fn update(&mut self) {
        self.pll.clock_in.next = self.clock.val();
        self.cpu.clock.next = self.pll.clock_out.val();
        self.ram.clock.next = self.pll.clock_out.val();
        self.unit.clock.next = self.pll.clock_out.val();
        self.cache.clock.next = self.pll.clock_out.val();
        self.program_cache.clock.next = self.pll.clock_out.val();
        self.controller.clock.next = self.pll.clock_out.val();
        self.board_port.clock.next = self.pll.clock_out.val();
        self.serial_port.clock.next = self.pll.clock_out.val();
        self.timer.clock.next = self.pll.clock_out.val();
        self.flash_port.clock.next = self.pll.clock_out.val();
        self.answered.clock.next = self.pll.clock_out.val();
        self.fault.clock.next = self.pll.clock_out.val();
        self.from_ram.clock.next = self.pll.clock_out.val();
        self.from_flash.clock.next = self.pll.clock_out.val();
        self.device_value.clock.next = self.pll.clock_out.val();

        // ---- Reset ----
        self.board_port.clock_good.next = self.pll.locked.val();
        self.board_port.rst_n.next = self.rst_n.val();
        self.reset.next = self.board_port.reset.val();
        self.cpu.reset.next = self.reset.val();
        self.cpu.reset_address.next = self.first_instruction.val();
        self.unit.reset.next = self.reset.val();
        self.cache.reset.next = self.reset.val();
        self.program_cache.reset.next = self.reset.val();
        self.controller.reset.next = self.reset.val();
        self.serial_port.reset.next = self.reset.val();
        self.timer.reset.next = self.reset.val();
        self.flash_port.reset.next = self.reset.val();

        // ---- Whose address it is ----
        self.address.next = self.cpu.bus_address.val();
        self.mask.next = self.cpu.bus_write.val();
        self.data.next = self.cpu.bus_out.val();
        self.request.next = self.cpu.bus_request.val() & !self.reset.val();
        self.access.next = self.cpu.bus_access.val() & !self.reset.val();
        self.writes.next = self.mask.val().any();
        self.kilobytes.next = self.address.val().get_bits::<20>(12);
        self.megabytes.next = self.address.val().get_bits::<10>(22);
        // What is only accessed, and not executed, looks at the address that is known early.
        self.accessed.next = self.cpu.access_address.val();
        self.accessed_kilobytes.next = self.accessed.val().get_bits::<20>(12);
        self.devices.next = self.accessed.val().get_bits::<21>(11);
        self.device.next = self.accessed.val().get_bits::<3>(8);
        self.number.next = self.accessed.val().get_bits::<5>(2);
        self.is_ram.next = !self.kilobytes.val().any();
        self.is_flash.next = (self.megabytes.val() == bits::<10>(0x080)) & !self.writes.val();
        self.is_cells.next = (self.accessed_kilobytes.val() == bits::<20>(0x40000))
            & self.unit.stopped.val()
            & !self.cpu.bus_fetch.val();
        self.known.next = bits::<32>(0);
        match self.device.val().index() {
            0 => self.known.next = self.board_registers.val(),
            1 => self.known.next = self.uart_registers.val(),
            2 => self.known.next = self.timer_registers.val(),
            3 => self.known.next = self.flash_registers.val(),
            4 => self.known.next = self.core_registers.val(),
            _ => {}
        }
        self.is_register.next =
            self.known.val().get_bit(self.number.val().index()) & !self.accessed.val().get_bit(7);
        self.is_device.next = (self.devices.val() == bits::<21>(0x10_0000))
            & self.is_register.val()
            & !self.cpu.bus_fetch.val()
            & (self.mask.val().all() | !self.writes.val());

        // ---- Memory ----
        self.ram_address.next = self.address.val().get_bits::<10>(2);
        if self.cpu.near_read.val() {
            self.ram_address.next = self.cpu.near_address.val();
        }
        self.ram.address.next = self.ram_address.val();
        self.ram.read.next = (self.request.val() & !self.writes.val()) | self.cpu.near_read.val();
        self.cpu.near_data.next = self.ram.read_data.val();
        self.ram.write_data.next = self.data.val();
        self.ram.write.next = bits::<4>(0);
        if self.request.val() & self.is_ram.val() {
            self.ram.write.next = self.mask.val();
        }

        // ---- Flash ----
        self.flash_word.next = self.address.val().get_bits::<20>(2);
        self.cache.address.next = bit_cast::<22, 20>(self.flash_word.val());
        self.cache.request.next = self.request.val() & self.is_flash.val();
        self.program_cache.address.next = bit_cast::<23, WORD_ADDRESS_BITS>(self.unit.fetch_address.val());
        self.program_cache.request.next = self.unit.fetch_request.val();
        self.unit.fetch_word.next = self.program_cache.data.val();
        self.unit.fetch_ready.next = self.program_cache.ready.val();
        self.controller.companion_line_address.next = self.cache.line_address.val();
        self.controller.companion_line_request.next = self.cache.line_request.val();
        self.cache.fill_valid.next = self.controller.companion_fill_valid.val();
        self.cache.fill_data.next = self.controller.fill_data.val();
        self.controller.program_line_address.next = self.program_cache.line_address.val();
        self.controller.program_line_request.next = self.program_cache.line_request.val();
        self.program_cache.fill_valid.next = self.controller.program_fill_valid.val();
        self.program_cache.fill_data.next = self.controller.fill_data.val();
        self.clock_pin.clock.next = self.pll.clock_out.val();
        self.clock_pin.pulse.next = self.controller.sck.val();
        self.flash_sck.next = self.clock_pin.pin.val();
        self.flash_select_n.next = self.controller.select_n.val();
        self.flash_mosi.next = self.controller.mosi.val();
        self.controller.miso.next = self.flash_miso.val();
        self.controller.command_hold.next = self.flash_port.hold.val();
        self.controller.command_select.next = self.flash_port.select.val();
        self.controller.command_byte.next = self.flash_port.send_byte.val();
        self.controller.command_send.next = self.flash_port.send.val();
        self.flash_port.owned.next = self.controller.command_owned.val();
        self.flash_port.busy.next = self.controller.command_busy.val();
        self.flash_port.received.next = self.controller.command_received.val();
        self.sector.next = self.flash_port.sector.val();
        self.forget.next = self.flash_port.forget.val();
        self.cache.forget_sector.next = self.sector.val();
        self.cache.forget.next = self.forget.val();
        self.program_cache.forget_sector.next = self.sector.val();
        self.program_cache.forget.next = self.forget.val();
        self.flash_port.forgetting.next = self.cache.forgetting.val() | self.program_cache.forgetting.val();

        // ---- The core's bytes ----
        self.unit.line_room.next = self.serial_port.core_room.val();
        self.serial_port.core_out.next = self.unit.line_out.val();
        self.serial_port.core_send.next = self.unit.line_send.val();
        self.unit.line_valid.next = self.serial_port.core_valid.val();
        self.unit.line_in.next = self.serial_port.core_in.val();
        self.serial_port.core_take.next = self.unit.line_take.val();

        // ---- Cells ----
        self.first_cell.next = bit_cast::<A, 32>(self.accessed.val()) & bits::<A>(0xFFC);
        self.unit.cell_address.next = self.first_cell.val();
        self.unit.cell_request.next = self.access.val() & self.is_cells.val();
        self.unit.cell_mask.next = self.mask.val();

        // ---- Devices ----
        self.accesses_device.next = self.access.val() & self.is_device.val();
        self.reads_device.next = self.accesses_device.val() & !self.writes.val();
        self.writes_device.next = self.accesses_device.val() & self.writes.val();
        self.board_port.number.next = self.number.val();
        self.serial_port.number.next = self.number.val();
        self.timer.number.next = self.number.val();
        self.flash_port.number.next = self.number.val();
        self.unit.number.next = self.number.val();
        self.board_port.data_in.next = self.data.val();
        self.serial_port.data_in.next = self.data.val();
        self.timer.data_in.next = self.data.val();
        self.flash_port.data_in.next = self.data.val();
        self.unit.data_in.next = self.data.val();
        self.board_port.write.next = self.writes_device.val() & (self.device.val() == bits::<3>(0));
        self.serial_port.read.next = self.reads_device.val() & (self.device.val() == bits::<3>(1));
        self.serial_port.write.next = self.writes_device.val() & (self.device.val() == bits::<3>(1));
        self.timer.write.next = self.writes_device.val() & (self.device.val() == bits::<3>(2));
        self.flash_port.write.next = self.writes_device.val() & (self.device.val() == bits::<3>(3));
        self.unit.read.next = self.reads_device.val() & (self.device.val() == bits::<3>(4));
        self.unit.write.next = self.writes_device.val() & (self.device.val() == bits::<3>(4));
        self.value.next = bits::<32>(0);
        if self.is_device.val() {
            match self.device.val().index() {
                0 => self.value.next = self.board_port.data_out.val(),
                1 => self.value.next = self.serial_port.data_out.val(),
                2 => self.value.next = self.timer.data_out.val(),
                3 => self.value.next = self.flash_port.data_out.val(),
                _ => self.value.next = self.unit.data_out.val(),
            }
        }
        self.device_value.d.next = self.value.val();
        self.serial_port.line_in.next = self.usb_rx.val();
        self.usb_tx.next = self.serial_port.line_out.val();
        self.led.next = self.board_port.led.val();

        // ---- The answer ----
        self.answered.d.next = self.request.val() & !self.is_flash.val() & !self.is_cells.val();
        self.fault.d.next =
            !self.is_ram.val() & !self.is_flash.val() & !self.is_cells.val() & !self.is_device.val();
        self.from_ram.d.next = self.is_ram.val();
        self.from_flash.d.next = self.from_flash.q.val();
        if self.request.val() {
            self.from_flash.d.next = self.is_flash.val();
        }
        self.answer.next = self.device_value.q.val();
        if self.from_ram.q.val() {
            self.answer.next = self.ram.read_data.val();
        }
        if self.from_flash.q.val() {
            self.answer.next = self.cache.data.val();
        }
        if self.unit.cell_ready.val() {
            self.answer.next = self.unit.cell_data.val();
        }
        self.cpu.bus_in.next = self.answer.val();
        self.cpu.bus_ready.next = self.answered.q.val()
            | (self.from_flash.q.val() & self.cache.ready.val())
            | self.unit.cell_ready.val();
        self.cpu.bus_fault.next = self.fault.q.val() & self.answered.q.val();
        self.cpu.interrupt_timer.next = self.timer.interrupt.val();
        self.cpu.interrupt_uart.next = self.serial_port.interrupt.val();
        self.cpu.interrupt_core.next = self.unit.interrupt.val();
    }
}
