//! The timer as the timekeeper's clock.

use kernel::service::timekeeper;
use map::timer::{BASE, COMPARE_HIGH, COMPARE_LOW, TIME_HIGH, TIME_LOW};
use map::{interrupts::TIMER, CLOCK_HZ};

use crate::{bus, interrupts};

/// The timer. There is one, and whoever has this may use it.
pub struct Clock;

fn set(register: u32, value: u32) {
    // SAFETY: a register of the timer, which is no memory.
    unsafe { bus::write(BASE + register, value) }
}

impl timekeeper::Clock for Clock {
    const TICKS: u32 = CLOCK_HZ / 1000;

    fn now(&mut self) -> u64 {
        loop {
            let high = bus::read(BASE + TIME_HIGH);
            let low = bus::read(BASE + TIME_LOW);
            // Not if the lower half has begun anew between.
            if bus::read(BASE + TIME_HIGH) == high {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }

    fn set_alarm(&mut self, at: Option<u64>) {
        let time = at.unwrap_or(u64::MAX);
        // Never an alarm that is neither the old one nor the new one.
        set(COMPARE_HIGH, u32::MAX);
        set(COMPARE_LOW, time as u32);
        set(COMPARE_HIGH, (time >> 32) as u32);
        interrupts::listen(TIMER);
    }
}
