//! A clock of 64 bits that never stops, and an alarm.
//!
//! In: the device bus (see [`crate::system`]). Out: `interrupt`, while the time of the cycle before was not before the
//! alarm's. A reset stops the alarm, not the clock.

use crate::local::Local;
use crate::register::{halves, joined, Register};
use map::timer;
use rust_hdl::prelude::*;

// The literals in the kernel below.
const _: () = assert!(timer::TIME_LOW == 0 && timer::TIME_HIGH == 4);
const _: () = assert!(timer::COMPARE_LOW == 8 && timer::COMPARE_HIGH == 12);

/// The timer. See the [module](self).
#[derive(LogicBlock)]
pub struct Timer {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// No alarm.
    pub reset: Signal<In, bool>,
    /// A register's number: its offset, divided by 4.
    pub number: Signal<In, Bits<5>>,
    /// Write it in this cycle.
    pub write: Signal<In, bool>,
    /// What to write.
    pub data_in: Signal<In, Bits<32>>,
    /// The register, in this cycle.
    pub data_out: Signal<Out, Bits<32>>,
    /// The time has come.
    pub interrupt: Signal<Out, bool>,

    time_low: Register<Bits<32>>,
    time_high: Register<Bits<32>>,
    compare_low: Register<Bits<32>>,
    compare_high: Register<Bits<32>>,
    due: Register<bool>,
    value: Local<Bits<32>>,
    later: Local<bool>,
    one: Constant<Bits<32>>,
    never: Constant<Bits<32>>,
}

impl Default for Timer {
    fn default() -> Self {
        Timer {
            clock: Default::default(),
            reset: Default::default(),
            number: Default::default(),
            write: Default::default(),
            data_in: Default::default(),
            data_out: Default::default(),
            interrupt: Default::default(),
            time_low: Default::default(),
            time_high: Default::default(),
            compare_low: Default::default(),
            compare_high: Default::default(),
            due: Default::default(),
            value: Default::default(),
            later: Default::default(),
            one: Constant::new(1.into()),
            never: Constant::new(0xFFFF_FFFF_u64.into()),
        }
    }
}

impl Timer {
    /// In simulation: cycles until the time is the alarm's, 0 if it is not before it; `None` if the alarm is that of the
    /// reset.
    pub fn alarm(&self) -> Option<u64> {
        let time = joined(self.time_low.q.val(), self.time_high.q.val());
        let alarm = joined(self.compare_low.q.val(), self.compare_high.q.val());
        (alarm != u64::MAX).then(|| alarm.saturating_sub(time))
    }

    /// In simulation: so many cycles pass, fewer than are left until the alarm, and nobody uses the timer.
    pub fn skip(&mut self, cycles: u64) {
        let time = joined(self.time_low.q.val(), self.time_high.q.val());
        let (low, high) = halves(time.wrapping_add(cycles));
        self.time_low.set(low);
        self.time_high.set(high);
    }
}

impl Logic for Timer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, time_low, time_high, compare_low, compare_high, due);
        self.time_low.d.next = self.time_low.q.val() + self.one.val();
        if self.time_low.q.val().all() {
            self.time_high.d.next = self.time_high.q.val() + self.one.val();
        }
        self.later.next = (self.time_high.q.val() > self.compare_high.q.val())
            | ((self.time_high.q.val() == self.compare_high.q.val())
                & (self.time_low.q.val() >= self.compare_low.q.val()));
        self.due.d.next = self.later.val();
        self.interrupt.next = self.due.q.val();

        self.value.next = bits::<32>(0);
        match self.number.val().index() {
            0 => self.value.next = self.time_low.q.val(),
            1 => self.value.next = self.time_high.q.val(),
            2 => self.value.next = self.compare_low.q.val(),
            3 => self.value.next = self.compare_high.q.val(),
            _ => {}
        }
        self.data_out.next = self.value.val();
        if self.write.val() {
            match self.number.val().index() {
                2 => self.compare_low.d.next = self.data_in.val(),
                3 => self.compare_high.d.next = self.data_in.val(),
                _ => {}
            }
            // No alarm from two halves that do not belong together.
            self.due.d.next = false;
        }
        if self.reset.val() {
            self.compare_low.d.next = self.never.val();
            self.compare_high.d.next = self.never.val();
        }
    }
}
