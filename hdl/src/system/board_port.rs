//! Reset, its cause, and the LEDs as a device.
//!
//! In: the device bus (see [`crate::system`]), the button, whether the clock is steady. Out: `reset`, for 16 cycles or
//! longer from power-up, while the button is pressed, and after the firmware wanted it.

use crate::local::Local;
use crate::register::{Held, Register};
use map::board;
use map::board::reset_cause;
use rust_hdl::prelude::*;

// The literals in the kernel below.
const _: () = assert!(board::LEDS == 0 && board::RESET_CAUSE == 4 && board::RESET == 8);
const _: () = assert!(reset_cause::POWER == 0 && reset_cause::BUTTON == 1 && reset_cause::FIRMWARE == 2);

/// The port. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct BoardPort {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The clock is steady.
    pub clock_good: Signal<In, bool>,
    /// The button, low while it is pressed.
    pub rst_n: Signal<In, bool>,
    /// Start again.
    pub reset: Signal<Out, bool>,
    /// A register's number: its offset, divided by 4.
    pub number: Signal<In, Bits<5>>,
    /// Write it in this cycle.
    pub write: Signal<In, bool>,
    /// What to write.
    pub data_in: Signal<In, Bits<32>>,
    /// The register, in this cycle.
    pub data_out: Signal<Out, Bits<32>>,
    /// The LEDs.
    pub led: Signal<Out, Bits<8>>,

    /// The button, inverted, made safe in two steps.
    unsafe_pressed: Register<bool>,
    pressed: Register<bool>,
    steady: Register<bool>,
    /// Cycles since the reason for the reset has gone.
    count: Register<Bits<4>>,
    running: Register<bool>,
    /// 0 power, 1 button, 2 firmware.
    cause: Register<Bits<2>>,
    lights: Held<Bits<8>>,
    value: Local<Bits<32>>,
}

impl Logic for BoardPort {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, unsafe_pressed, pressed, steady, count, running, cause);
        clock!(self, clock, lights);
        self.unsafe_pressed.d.next = !self.rst_n.val();
        self.pressed.d.next = self.unsafe_pressed.q.val();
        self.steady.d.next = self.clock_good.val();
        if !self.count.q.val().all() {
            self.count.d.next = self.count.q.val() + bits::<4>(1);
        }
        // A register is 0 at power-up, and the reset is in force then.
        self.running.d.next = self.count.q.val().all();
        self.reset.next = !self.running.q.val();
        if !self.steady.q.val() {
            self.count.d.next = bits::<4>(0);
            self.cause.d.next = bits::<2>(0);
        }
        if self.pressed.q.val() {
            self.count.d.next = bits::<4>(0);
            self.cause.d.next = bits::<2>(1);
        }
        if self.write.val() & (self.number.val() == bits::<5>(2)) {
            self.count.d.next = bits::<4>(0);
            self.cause.d.next = bits::<2>(2);
        }
        self.lights.d.next = bit_cast::<8, 32>(self.data_in.val());
        self.lights.load.next = self.write.val() & !self.number.val().any();
        self.lights.clear.next = !self.running.q.val();
        self.led.next = self.lights.q.val();

        self.value.next = bits::<32>(0);
        match self.number.val().index() {
            0 => self.value.next = bit_cast::<32, 8>(self.lights.q.val()),
            1 => self.value.next = bits::<32>(1) << self.cause.q.val(),
            _ => {}
        }
        self.data_out.next = self.value.val();
    }
}
