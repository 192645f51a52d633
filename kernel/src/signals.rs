//! Signals: how interrupts reach machines, without a lock and without a wake-up that is lost.
//!
//! A handler does nothing but [`Signals::post`]. The main loop takes what was posted ([`run`]) and sleeps only after it
//! has looked once more with interrupts held off: one that comes after that look ends the sleep.

use crate::kernel::Kernel;
use crate::machine::{MachineId, Machines};
use crate::memory::Memory;
use core::sync::atomic::{AtomicBool, Ordering};

/// One flag for each of `N` sources.
#[derive(Debug)]
// A byte for each source: that is what a handler writes.
#[repr(transparent)]
pub struct Signals<const N: usize> {
    // Flags, not bits of a word: RV32I has no instruction that changes a word in one piece.
    flags: [AtomicBool; N],
}

impl<const N: usize> Signals<N> {
    /// Nothing was posted.
    pub const fn new() -> Self {
        Signals { flags: [const { AtomicBool::new(false) }; N] }
    }

    /// A source has something: for interrupt handlers. A source that is not there is ignored.
    pub fn post(&self, source: usize) {
        if let Some(flag) = self.flags.get(source) {
            flag.store(true, Ordering::Release);
        }
    }

    /// Whether a source has something.
    pub fn any(&self) -> bool {
        self.flags.iter().any(|flag| flag.load(Ordering::Acquire))
    }

    /// Takes the next source that has something.
    fn take(&self) -> Option<usize> {
        let source = self.flags.iter().position(|flag| flag.load(Ordering::Acquire))?;
        // Cleared before anybody looks at the source: what comes from here on is posted again.
        if let Some(flag) = self.flags.get(source) {
            flag.store(false, Ordering::Release);
        }
        Some(source)
    }
}

impl<const N: usize> Default for Signals<N> {
    fn default() -> Self {
        Signals::new()
    }
}

/// The processor, as far as sleeping is concerned.
pub trait Sleep {
    /// Holds interrupts off. If `is_idle`: waits for an interrupt, which stays pending. Then lets interrupts in again.
    fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool);
}

/// One turn of the main loop: what interrupts have posted, then one event for one machine, or sleep if there is none.
/// `routes` says for each source whom it notifies, with which bits.
pub fn run<const I: usize, const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize>(
    kernel: &mut Kernel<M, S, N, Q, R>,
    machines: &mut impl Machines,
    memory: &mut dyn Memory,
    signals: &Signals<I>,
    routes: &[(MachineId, u16); I],
    processor: &mut impl Sleep,
) {
    while let Some(source) = signals.take() {
        if let Some((machine, bits)) = routes.get(source) {
            kernel.post(*machine, *bits);
        }
    }
    if !kernel.step(machines, memory) {
        processor.sleep_if(&|| !signals.any());
    }
}
