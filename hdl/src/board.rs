//! The board: core, program and serial line on an Alchitry Cu.
//!
//! The program is in block RAM from power-up; it starts by itself, and again when the button is pressed. The bytes
//! of the machine go over the USB serial line. A break on the line is the end of the input.

use crate::core::Core;
use crate::fifo::Fifo;
use crate::local::Local;
use crate::pins;
use crate::pll::{Pll, LOGIC_HZ};
use crate::ram::BlockRam;
use crate::register::Register;
use crate::uart::{divisor, Receiver, Transmitter};
use crate::word::Word;
use rust_hdl::prelude::*;

/// Bits a second on the serial line.
pub const BAUD: u64 = 1_000_000;

/// The binary logarithm of the bytes that wait for the program.
pub const RECEIVED_BITS: usize = 9;

/// What the LEDs mean: the number of each.
pub mod leds {
    /// The program runs, waiting included.
    pub const RUNNING: u8 = 0;
    /// The program waits for a byte of input.
    pub const WAITING: u8 = 1;
    /// The program has come to its end.
    pub const HALTED: u8 = 2;
    /// The program was stopped by a fault.
    pub const FAULT: u8 = 3;
    /// The lowest of three LEDs with the fault's code.
    pub const FAULT_CODE: u8 = 4;
    /// Since reset a byte came damaged, or more bytes came than the machine could keep.
    pub const SERIAL_ERROR: u8 = 7;
}

// The literals in the kernel below.
const _: () = assert!(
    leds::RUNNING == 0
        && leds::WAITING == 1
        && leds::HALTED == 2
        && leds::FAULT == 3
        && leds::FAULT_CODE == 4
        && leds::SERIAL_ERROR == 7
);

/// The board's top: its ports are pins. The parameters are those of [`Core`].
#[derive(LogicBlock)]
pub struct Board<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// 100 MHz.
    pub clock: Signal<In, Clock>,
    /// The button, low while it is pressed.
    pub rst_n: Signal<In, bool>,
    /// From the host.
    pub usb_rx: Signal<In, bool>,
    /// To the host.
    pub usb_tx: Signal<Out, bool>,
    /// See [`leds`].
    pub led: Signal<Out, Bits<8>>,

    /// The core.
    pub core: Core<A, A1, P, S, S1>,
    /// The program.
    pub code: BlockRam<Word, P>,
    pll: Pll,
    receiver: Receiver,
    received: Fifo<RECEIVED_BITS, { RECEIVED_BITS + 1 }>,
    transmitter: Transmitter,
    /// The button, inverted, made safe in two steps.
    unsafe_pressed: Register<bool>,
    pressed: Register<bool>,
    input_ended: Register<bool>,
    serial_error: Register<bool>,
    led_out: Register<Bits<8>>,
    last_of_a_bit: Constant<Bits<16>>,
    has_fault: Local<bool>,
    lights: Local<Bits<8>>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize>
    Board<A, A1, P, S, S1>
{
    /// The board with this program, and its serial line at this many cycles to a bit.
    pub fn new(program: &[u16], cycles_of_a_bit: u64) -> Self {
        let words: Vec<Word> = program.iter().map(|word| Word::from(*word)).collect();
        Board {
            clock: pins::clock(),
            rst_n: pins::input(pins::RST_N),
            usb_rx: pins::input(pins::USB_RX),
            usb_tx: pins::output(pins::USB_TX),
            led: pins::leds(),
            core: Default::default(),
            code: BlockRam::new(&words),
            pll: Default::default(),
            receiver: Default::default(),
            received: Default::default(),
            transmitter: Default::default(),
            unsafe_pressed: Default::default(),
            pressed: Default::default(),
            input_ended: Default::default(),
            serial_error: Default::default(),
            led_out: Default::default(),
            last_of_a_bit: Constant::new((cycles_of_a_bit - 1).into()),
            has_fault: Default::default(),
            lights: Default::default(),
        }
    }
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Default
    for Board<A, A1, P, S, S1>
{
    /// The board with an empty program, at [`BAUD`].
    fn default() -> Self {
        Board::new(&[], divisor(LOGIC_HZ, BAUD))
    }
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for Board<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.pll.clock_in.next = self.clock.val();
        self.core.clock.next = self.pll.clock_out.val();
        self.code.clock.next = self.pll.clock_out.val();
        self.receiver.clock.next = self.pll.clock_out.val();
        self.received.clock.next = self.pll.clock_out.val();
        self.transmitter.clock.next = self.pll.clock_out.val();
        self.unsafe_pressed.clock.next = self.pll.clock_out.val();
        self.pressed.clock.next = self.pll.clock_out.val();
        self.input_ended.clock.next = self.pll.clock_out.val();
        self.serial_error.clock.next = self.pll.clock_out.val();
        self.led_out.clock.next = self.pll.clock_out.val();

        self.unsafe_pressed.d.next = !self.rst_n.val();
        self.pressed.d.next = self.unsafe_pressed.q.val();
        self.core.reset.next = self.pressed.q.val();
        // Nobody stops this core, or looks into it.
        self.core.waits_for_start.next = false;
        self.core.start.next = false;
        self.core.stop.next = false;
        self.core.step.next = false;
        self.core.length.next = bits::<P>(0);
        self.core.bounded.next = false;
        self.core.set_value.next = bits::<32>(0);
        self.core.set_address.next = false;
        self.core.set_pointer.next = false;
        self.core.set_mode.next = false;
        self.core.open_loop.next = false;
        self.core.close_loop.next = false;
        self.core.cell_address.next = bits::<A>(0);
        self.core.cell_in.next = bits::<8>(0);
        self.core.cell_write.next = false;

        self.code.read_address.next = self.core.fetch_address.val();
        self.code.read_enable.next = true;
        self.code.write_address.next = bits::<P>(0);
        self.code.write_data.next = self.code.read_data.val();
        self.code.write_enable.next = false;
        self.core.fetch_word.next = self.code.read_data.val();
        self.core.fetch_ready.next = true;

        self.receiver.last_of_a_bit.next = self.last_of_a_bit.val();
        self.transmitter.last_of_a_bit.next = self.last_of_a_bit.val();
        self.receiver.line.next = self.usb_rx.val();
        self.received.write_data.next = self.receiver.data.val();
        self.received.write.next = self.receiver.valid.val();
        self.core.in_data.next = self.received.read_data.val();
        self.core.in_valid.next = self.received.valid.val();
        self.received.read.next = self.core.in_ready.val();
        self.received.clear.next = false;
        self.transmitter.data.next = self.core.out_data.val();
        self.transmitter.valid.next = self.core.out_valid.val();
        self.core.out_ready.next = self.transmitter.ready.val();
        self.usb_tx.next = self.transmitter.line.val();

        // What was received before the break is still to be read.
        self.core.in_end.next = self.input_ended.q.val() & !self.received.valid.val();
        self.input_ended.d.next = (self.input_ended.q.val() | self.receiver.line_break.val())
            & !self.pressed.q.val()
            & !self.receiver.valid.val();
        self.serial_error.d.next =
            (self.serial_error.q.val() | self.receiver.framing_error.val() | self.received.overrun.val())
                & !self.pressed.q.val();

        self.has_fault.next = self.core.fault.val().any();
        self.lights.next = bits::<8>(0);
        self.lights.next = self.lights.val().replace_bit(0, self.core.running.val());
        self.lights.next = self.lights.val().replace_bit(1, self.core.waiting.val());
        self.lights.next = self.lights.val().replace_bit(2, self.core.stopped.val() & !self.has_fault.val());
        self.lights.next = self.lights.val().replace_bit(3, self.has_fault.val());
        self.lights.next = self.lights.val().replace_bit(4, self.core.fault.val().get_bit(0));
        self.lights.next = self.lights.val().replace_bit(5, self.core.fault.val().get_bit(1));
        self.lights.next = self.lights.val().replace_bit(6, self.core.fault.val().get_bit(2));
        self.lights.next = self.lights.val().replace_bit(7, self.serial_error.q.val());
        self.led_out.d.next = self.lights.val();
        self.led.next = self.led_out.q.val();
    }
}
