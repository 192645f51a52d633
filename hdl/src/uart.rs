//! The serial line: 8 data bits, no parity, 1 stop bit, least significant bit first.
//!
//! A bit lasts `clock / baud` cycles, rounded: [`divisor`]. Both blocks take that number, less one; it changes while nothing is on
//! the line. The line is high when nothing is sent. Registers power up at 0, so
//! both ends keep the line inverted: it is idle from the first cycle on.

use crate::local::Local;
use crate::register::Register;
use rust_hdl::prelude::*;

/// Cycles of a bit at this clock and baud rate, rounded.
///
/// # Panics
/// If the clock is not at least 4 times the baud rate, or a bit is longer than 65,535 cycles.
pub fn divisor(clock_hz: u64, baud: u64) -> u64 {
    let cycles = (clock_hz + baud / 2) / baud;
    assert!((4..=65_535).contains(&cycles), "no such baud rate at this clock");
    cycles
}

/// Sends bytes.
///
/// In: the cycles of a bit, less one; a byte while `valid`, taken in the cycle with `ready`. Out: the line, 10 bits for each byte, without a gap
/// if the next byte is there in time.
#[derive(LogicBlock)]
pub struct Transmitter {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The byte to send,
    pub data: Signal<In, Bits<8>>,
    /// if there is one.
    pub valid: Signal<In, bool>,
    /// It is taken in this cycle.
    pub ready: Signal<Out, bool>,
    /// The serial line.
    pub line: Signal<Out, bool>,
    /// The cycles of a bit, less one.
    pub last_of_a_bit: Signal<In, Bits<16>>,

    /// Bits still to send, inverted: 0 is the idle line and the stop bit.
    bits_left: Register<Bits<9>>,
    /// Bits sent of this byte, 0 when idle.
    number: Register<Bits<4>>,
    cycles: Register<Bits<16>>,
    low: Register<bool>,
    last_cycle: Local<bool>,
    can_take: Local<bool>,
    inverted: Local<Bits<8>>,
    last_bit: Constant<Bits<4>>,
    one_bit: Constant<Bits<4>>,
    one_cycle: Constant<Bits<16>>,
}

impl Default for Transmitter {
    fn default() -> Self {
        Transmitter {
            clock: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            line: Default::default(),
            last_of_a_bit: Default::default(),
            bits_left: Default::default(),
            number: Default::default(),
            cycles: Default::default(),
            low: Default::default(),
            last_cycle: Default::default(),
            can_take: Default::default(),
            inverted: Default::default(),
            last_bit: Constant::new(10.into()),
            one_bit: Constant::new(1.into()),
            one_cycle: Constant::new(1.into()),
        }
    }
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bits_left, number, cycles, low);
        self.last_cycle.next = self.cycles.q.val() == self.last_of_a_bit.val();
        self.can_take.next = !self.number.q.val().any()
            | ((self.number.q.val() == self.last_bit.val()) & self.last_cycle.val());
        self.cycles.d.next = self.cycles.q.val() + self.one_cycle.val();
        if self.last_cycle.val() {
            self.cycles.d.next = bits::<16>(0);
            if self.number.q.val().any() {
                self.number.d.next = self.number.q.val() + self.one_bit.val();
                self.low.d.next = self.bits_left.q.val().get_bit(0);
                self.bits_left.d.next = self.bits_left.q.val() >> 1;
            }
        }
        self.inverted.next = !self.data.val();
        if self.can_take.val() {
            self.number.d.next = bits::<4>(0);
            self.cycles.d.next = bits::<16>(0);
            self.low.d.next = false;
            if self.valid.val() {
                self.number.d.next = self.one_bit.val();
                self.low.d.next = true;
                self.bits_left.d.next = bit_cast::<9, 8>(self.inverted.val());
            }
        }
        self.ready.next = self.can_take.val();
        self.line.next = !self.low.q.val();
    }
}

/// Receives bytes.
///
/// In: the cycles of a bit, less one; the line, not synchronised. Out: a byte, for the one cycle with `valid`, in the middle of its stop bit.
/// A start bit that is over before its middle was noise. A byte without a stop bit is not given out: it raises
/// `framing_error` for a cycle, or, if the line was low throughout, `line_break`; the next start bit is looked for
/// when the line is high again.
#[derive(LogicBlock)]
pub struct Receiver {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The serial line.
    pub line: Signal<In, bool>,
    /// The byte received,
    pub data: Signal<Out, Bits<8>>,
    /// in this cycle.
    pub valid: Signal<Out, bool>,
    /// A byte came without a stop bit.
    pub framing_error: Signal<Out, bool>,
    /// The line was low for longer than a byte.
    pub line_break: Signal<Out, bool>,
    /// The cycles of a bit, less one.
    pub last_of_a_bit: Signal<In, Bits<16>>,

    /// The line, inverted, made safe in two steps.
    unsafe_low: Register<bool>,
    low: Register<bool>,
    busy: Register<bool>,
    /// After a byte without a stop bit: wait for the line to become idle.
    stuck: Register<bool>,
    cycles: Register<Bits<16>>,
    /// Bits sampled, start bit included.
    number: Register<Bits<4>>,
    bits_in: Register<Bits<8>>,
    sample: Local<bool>,
    half_cycles: Local<Bits<16>>,
    one_cycle: Constant<Bits<16>>,
    one_bit: Constant<Bits<4>>,
    stop_bit: Constant<Bits<4>>,
    top: Constant<Bits<8>>,
}

impl Default for Receiver {
    fn default() -> Self {
        Receiver {
            clock: Default::default(),
            line: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            framing_error: Default::default(),
            line_break: Default::default(),
            last_of_a_bit: Default::default(),
            unsafe_low: Default::default(),
            low: Default::default(),
            busy: Default::default(),
            stuck: Default::default(),
            cycles: Default::default(),
            number: Default::default(),
            bits_in: Default::default(),
            sample: Default::default(),
            half_cycles: Default::default(),
            one_cycle: Constant::new(1.into()),
            one_bit: Constant::new(1.into()),
            stop_bit: Constant::new(9.into()),
            top: Constant::new(0x80.into()),
        }
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, unsafe_low, low, busy, stuck, cycles, number, bits_in);
        self.unsafe_low.d.next = !self.line.val();
        self.low.d.next = self.unsafe_low.q.val();
        self.data.next = self.bits_in.q.val();
        self.valid.next = false;
        self.framing_error.next = false;
        self.line_break.next = false;

        // The start bit is sampled in its middle, the others a whole bit apart from there.
        self.sample.next = self.cycles.q.val() == self.last_of_a_bit.val();
        self.half_cycles.next = self.last_of_a_bit.val() >> 1;
        if !self.number.q.val().any() {
            self.sample.next = self.cycles.q.val() == self.half_cycles.val();
        }
        self.cycles.d.next = self.cycles.q.val() + self.one_cycle.val();
        if self.sample.val() {
            self.cycles.d.next = bits::<16>(0);
            self.number.d.next = self.number.q.val() + self.one_bit.val();
            if !self.number.q.val().any() {
                if !self.low.q.val() {
                    self.busy.d.next = false;
                }
            } else if self.number.q.val() == self.stop_bit.val() {
                self.busy.d.next = false;
                self.stuck.d.next = self.low.q.val();
                self.valid.next = self.busy.q.val() & !self.low.q.val();
                self.line_break.next = self.busy.q.val() & self.low.q.val() & !self.bits_in.q.val().any();
                self.framing_error.next = self.busy.q.val() & self.low.q.val() & self.bits_in.q.val().any();
            } else {
                self.bits_in.d.next = self.bits_in.q.val() >> 1;
                if !self.low.q.val() {
                    self.bits_in.d.next = (self.bits_in.q.val() >> 1) | self.top.val();
                }
            }
        }
        if !self.busy.q.val() {
            self.cycles.d.next = bits::<16>(0);
            self.number.d.next = bits::<4>(0);
            self.busy.d.next = self.low.q.val() & !self.stuck.q.val();
            if !self.low.q.val() {
                self.stuck.d.next = false;
            }
        }
    }
}
