//! The Brainfuck core as a device: its registers, its program out of the flash, its counters.
//!
//! In: the device bus (see [`crate::system`]), words from a line cache, accesses to the cells. Out: addresses for the
//! cache, `interrupt` while a bit of the status is set that is enabled. Both: bytes from and to the line, if that is the core's
//! (see [`SerialPort`](crate::system::serial_port)); else the firmware passes them by registers. What is written to a register is
//! done a cycle later than it comes.
//!
//! The program is `length` words from `program` on; the core knows its words by number, so what is saved of a stopped
//! program is good for a copy of it elsewhere. The ports to the cache and to the device bus are all there is: with a
//! crossing in each this unit can have a clock of its own.

// A guard of a `match` would be dropped on the way to Verilog.
#![allow(clippy::collapsible_match)]

use crate::core::Core;
use crate::local::Local;
use crate::register::{Held, Register};
use crate::system::cell_window::CellWindow;
use crate::system::counter::Counter;
use crate::word::Word;
use map::core;
use map::core::{control, mode, output, status};
use rust_hdl::prelude::*;

/// Bits of the address of a 16-bit word in flash.
pub const WORD_ADDRESS_BITS: usize = map::FLASH_BYTES.ilog2() as usize - 1;

// The literals in the kernel below.
const _: () = assert!(core::CONTROL == 0 && core::STATUS == 4 && core::ENABLE == 8);
const _: () = assert!(core::OUTPUT == 12 && core::INPUT == 16 && core::MODE == 20);
const _: () = assert!(core::PROGRAM == 24 && core::LENGTH == 28 && core::POSITION == 32);
const _: () = assert!(core::POINTER == 36 && core::DEPTH == 40 && core::LOOP == 44 && core::CLOSE == 48);
const _: () = assert!(core::CYCLES_LOW == 56 && core::CYCLES_HIGH == 60);
const _: () = assert!(core::WORDS_LOW == 64 && core::WORDS_HIGH == 68);
const _: () = assert!(control::START == 0 && control::STOP == 1 && control::STEP == 2 && control::CLEAR == 3);
const _: () = assert!(status::OUTPUT == 0 && status::INPUT == 1 && status::HALTED == 2 && status::FAULT == 3);
const _: () = assert!(status::FED == 4 && status::RUNNING == 5 && status::PENDING == 6);
const _: () = assert!(status::FAULT_CODE == 8 && mode::END == 2 && output::THERE == 8);
const _: () = assert!(map::FLASH == 0x2000_0000 && WORD_ADDRESS_BITS == 21);

/// The unit. See the [module](self). The parameters are those of [`Core`]; `P` is [`WORD_ADDRESS_BITS`].
#[derive(LogicBlock, Default)]
pub struct CoreUnit<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Stop, with no program, no input, no interrupts.
    pub reset: Signal<In, bool>,
    /// A register's number: its offset, divided by 4.
    pub number: Signal<In, Bits<5>>,
    /// Read it in this cycle.
    pub read: Signal<In, bool>,
    /// Write it in this cycle.
    pub write: Signal<In, bool>,
    /// What to write to it, or to the cells.
    pub data_in: Signal<In, Bits<32>>,
    /// The register, in this cycle.
    pub data_out: Signal<Out, Bits<32>>,
    /// Attention, please.
    pub interrupt: Signal<Out, bool>,
    /// The core is stopped: its cells may be accessed.
    pub stopped: Signal<Out, bool>,
    /// See [`CellWindow`].
    pub cell_address: Signal<In, Bits<A>>,
    /// See [`CellWindow`].
    pub cell_request: Signal<In, bool>,
    /// See [`CellWindow`].
    pub cell_mask: Signal<In, Bits<4>>,
    /// See [`CellWindow`].
    pub cell_data: Signal<Out, Bits<32>>,
    /// See [`CellWindow`].
    pub cell_ready: Signal<Out, bool>,
    /// The word wanted: its flash address, divided by 2,
    pub fetch_address: Signal<Out, Bits<P>>,
    /// in this cycle.
    pub fetch_request: Signal<Out, bool>,
    /// The word wanted last,
    pub fetch_word: Signal<In, Bits<16>>,
    /// if it is there.
    pub fetch_ready: Signal<In, bool>,
    /// The line takes a byte of output,
    pub line_room: Signal<In, bool>,
    /// this one,
    pub line_out: Signal<Out, Bits<8>>,
    /// in this cycle.
    pub line_send: Signal<Out, bool>,
    /// The line has a byte of input,
    pub line_valid: Signal<In, bool>,
    /// this one,
    pub line_in: Signal<In, Bits<8>>,
    /// which is taken in this cycle.
    pub line_take: Signal<Out, bool>,

    /// The core.
    pub core: Core<A, A1, P, S, S1>,
    window: CellWindow<A>,
    cycles: Counter,
    words: Counter,
    /// Flash address of the program's first word, divided by 2, and how many there are.
    first_word: Held<Bits<P>>,
    length: Held<Bits<P>>,
    enable: Held<Bits<5>>,
    /// A byte of input that the core has not taken yet.
    mail: Held<Bits<8>>,
    full: Register<bool>,
    over: Register<bool>,
    fed: Register<bool>,
    /// The byte of output was read, or sent, in the last cycle.
    taken: Register<bool>,
    /// The core waited for input in the last cycle.
    waited: Register<bool>,
    /// What was written in the last cycle: whether, to which register, and what.
    writes: Register<bool>,
    register: Register<Bits<5>>,
    written: Register<Bits<32>>,
    attention: Register<bool>,

    clear: Local<bool>,
    is_stopped: Local<bool>,
    is_running: Local<bool>,
    wants_input: Local<bool>,
    has_fault: Local<bool>,
    writes_input: Local<bool>,
    offered: Local<bool>,
    feeds: Local<bool>,
    has_output: Local<bool>,
    for_firmware: Local<bool>,
    sends: Local<bool>,
    status: Local<Bits<5>>,
    control: Local<Bits<4>>,
    starts: Local<bool>,
    value: Local<Bits<32>>,
    address: Local<Bits<P>>,
    half: Local<Bits<32>>,
    fetched: Local<Bits<16>>,
    word: Local<Word>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize>
    CoreUnit<A, A1, P, S, S1>
{
    /// In simulation: so many cycles pass, while the core is stopped or waits and nobody uses the unit.
    pub fn skip(&mut self, cycles: u64) {
        self.cycles.skip(cycles);
    }
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for CoreUnit<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, full, over, fed, taken, waited, writes, register, written, attention);
        clock!(self, clock, core, window, cycles, words, first_word, length, enable, mail);

        // ---- The program ----
        self.address.next = self.first_word.q.val() + self.core.fetch_address.val();
        self.fetch_address.next = self.address.val();
        self.fetch_request.next = self.core.fetch_request.val();
        self.fetched.next = self.fetch_word.val();
        self.word.next.step = self.fetched.val().get_bits::<6>(0);
        self.word.next.arg = self.fetched.val().get_bits::<7>(6);
        self.word.next.op = self.fetched.val().get_bits::<3>(13);
        self.core.fetch_word.next = self.word.val();
        self.core.fetch_ready.next = self.fetch_ready.val();
        self.core.length.next = self.length.q.val();
        self.core.bounded.next = true;

        // ---- What is written, a cycle later: the companion's address comes late in its cycle ----
        self.writes.d.next = self.write.val();
        self.register.d.next = self.number.val();
        self.written.d.next = self.data_in.val();

        // ---- Starting and stopping ----
        self.control.next = bits::<4>(0);
        if self.writes.q.val() & !self.register.q.val().any() {
            self.control.next = bit_cast::<4, 32>(self.written.q.val());
        }
        self.clear.next = self.reset.val() | self.control.val().get_bit(3);
        self.starts.next = self.control.val().get_bit(0) | self.control.val().get_bit(2);
        self.core.reset.next = self.clear.val();
        self.core.waits_for_start.next = true;
        self.core.start.next = self.starts.val();
        self.core.stop.next = self.control.val().get_bit(1);
        self.core.step.next = self.control.val().get_bit(2);
        self.is_stopped.next = self.core.stopped.val();
        self.is_running.next = !self.is_stopped.val();
        self.stopped.next = self.is_stopped.val();

        // ---- What can be written ----
        self.core.set_value.next = self.written.q.val();
        self.core.set_mode.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(5));
        self.core.set_address.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(8));
        self.core.set_pointer.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(9));
        self.core.open_loop.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(11));
        self.core.close_loop.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(12));
        self.enable.d.next = bit_cast::<5, 32>(self.written.q.val());
        self.enable.load.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(2));
        self.enable.clear.next = self.reset.val();
        self.half.next = self.written.q.val() >> 1;
        self.first_word.d.next = bit_cast::<P, 32>(self.half.val());
        self.first_word.load.next =
            self.writes.q.val() & (self.register.q.val() == bits::<5>(6)) & self.is_stopped.val();
        self.first_word.clear.next = self.reset.val();
        self.length.d.next = bit_cast::<P, 32>(self.written.q.val());
        self.length.load.next =
            self.writes.q.val() & (self.register.q.val() == bits::<5>(7)) & self.is_stopped.val();
        self.length.clear.next = self.reset.val();

        // ---- Bytes ----
        self.writes_input.next = self.writes.q.val() & (self.register.q.val() == bits::<5>(4));
        // From the line only what the core waits for: the rest may be for somebody else.
        self.offered.next = self.line_valid.val() & !self.over.q.val();
        self.feeds.next =
            self.offered.val() & self.waited.q.val() & !self.full.q.val() & !self.writes_input.val();
        self.waited.d.next = self.core.waiting.val();
        self.line_take.next = self.feeds.val();
        self.mail.d.next = self.line_in.val();
        if self.writes_input.val() {
            self.mail.d.next = bit_cast::<8, 32>(self.written.q.val());
        }
        self.mail.load.next = self.writes_input.val() | self.feeds.val();
        self.mail.clear.next = false;
        if self.core.in_ready.val() {
            self.full.d.next = false;
        }
        if self.writes_input.val() | self.feeds.val() {
            self.full.d.next = true;
        }
        if self.writes.q.val() & (self.register.q.val() == bits::<5>(1)) & self.written.q.val().get_bit(4) {
            self.fed.d.next = false;
        }
        if self.feeds.val() {
            self.fed.d.next = true;
        }
        if self.writes.q.val() & (self.register.q.val() == bits::<5>(5)) {
            self.over.d.next = self.written.q.val().get_bit(2);
        }
        if self.clear.val() {
            self.full.d.next = false;
            self.over.d.next = false;
            self.fed.d.next = false;
        }
        self.core.in_data.next = self.mail.q.val();
        self.core.in_valid.next = self.full.q.val();
        self.core.in_end.next = self.over.q.val() & !self.full.q.val();
        // A cycle later: the address of a read must not hold the core up in the same one.
        self.has_output.next = self.core.out_valid.val() & !self.taken.q.val();
        self.sends.next = self.line_room.val() & self.has_output.val();
        self.for_firmware.next = !self.line_room.val() & self.has_output.val();
        self.line_send.next = self.sends.val();
        self.line_out.next = self.core.out_data.val();
        self.taken.d.next = (self.read.val() & (self.number.val() == bits::<5>(3)) & self.for_firmware.val())
            | self.sends.val();
        self.core.out_ready.next = self.taken.q.val();

        // ---- Cells ----
        self.window.address.next = self.cell_address.val();
        self.window.request.next = self.cell_request.val();
        self.window.write.next = self.cell_mask.val();
        self.window.data_in.next = self.data_in.val();
        self.cell_data.next = self.window.data_out.val();
        self.cell_ready.next = self.window.ready.val();
        self.core.cell_address.next = self.window.cell_address.val();
        self.core.cell_in.next = self.window.cell_in.val();
        self.core.cell_write.next = self.window.cell_write.val();
        self.window.cell_out.next = self.core.cell_out.val();

        // ---- Counters ----
        self.cycles.count.next = self.core.running.val() & !self.core.boots.val();
        self.cycles.clear.next = self.clear.val()
            | (self.writes.q.val()
                & ((self.register.q.val() == bits::<5>(14)) | (self.register.q.val() == bits::<5>(15))));
        self.words.count.next = self.core.retired.val() & !self.core.boots.val();
        self.words.clear.next = self.clear.val()
            | (self.writes.q.val()
                & ((self.register.q.val() == bits::<5>(16)) | (self.register.q.val() == bits::<5>(17))));

        // ---- What can be read ----
        self.wants_input.next = self.core.waiting.val() & !self.full.q.val() & !self.offered.val();
        self.has_fault.next = self.core.fault.val().any();
        self.status.next = bit_cast::<5, 1>(self.for_firmware.val().into())
            | (bit_cast::<5, 1>(self.wants_input.val().into()) << 1)
            | (bit_cast::<5, 1>(self.core.halted.val().into()) << 2)
            | (bit_cast::<5, 1>(self.has_fault.val().into()) << 3)
            | (bit_cast::<5, 1>(self.fed.q.val().into()) << 4);
        self.attention.d.next = (self.status.val() & self.enable.q.val()).any();
        self.interrupt.next = self.attention.q.val();
        self.value.next = bits::<32>(0);
        match self.number.val().index() {
            1 => {
                self.value.next = bit_cast::<32, 5>(self.status.val())
                    | (bit_cast::<32, 1>(self.is_running.val().into()) << 5)
                    | (bit_cast::<32, 1>(self.full.q.val().into()) << 6)
                    | (bit_cast::<32, 3>(self.core.fault.val()) << 8)
            }
            2 => self.value.next = bit_cast::<32, 5>(self.enable.q.val()),
            3 => {
                if self.for_firmware.val() {
                    self.value.next = bit_cast::<32, 8>(self.core.out_data.val()) | bits::<32>(0x100);
                }
            }
            4 => self.value.next = bit_cast::<32, 8>(self.mail.q.val()),
            5 => {
                self.value.next = bit_cast::<32, 2>(self.core.input_mode.val())
                    | (bit_cast::<32, 1>(self.over.q.val().into()) << 2)
            }
            6 => {
                self.value.next = (bit_cast::<32, P>(self.first_word.q.val()) << 1) | bits::<32>(0x2000_0000)
            }
            7 => self.value.next = bit_cast::<32, P>(self.length.q.val()),
            8 => self.value.next = bit_cast::<32, P>(self.core.stop_address.val()),
            9 => self.value.next = bit_cast::<32, A>(self.core.stop_pointer.val()),
            10 => self.value.next = bit_cast::<32, S1>(self.core.loop_depth.val()),
            11 => self.value.next = bit_cast::<32, P>(self.core.loop_address.val()),
            14 => self.value.next = self.cycles.low.val(),
            15 => self.value.next = self.cycles.high.val(),
            16 => self.value.next = self.words.low.val(),
            17 => self.value.next = self.words.high.val(),
            _ => {}
        }
        self.data_out.next = self.value.val();

        if self.reset.val() {
            self.writes.d.next = false;
            self.attention.d.next = false;
        }
    }
}
