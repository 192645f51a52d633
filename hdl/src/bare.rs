//! The bare machine: the core and its program memory, with its byte ports as they are.

use crate::core::Core;
use crate::ram::BlockRam;
use crate::word::Word;
use rust_hdl::prelude::*;

/// The core with a program memory of 2^P words.
///
/// The program is written through the load port while the core is held in reset, or put into the memory by a
/// simulator.
#[derive(LogicBlock, Default)]
pub struct Bare<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Back to the first word.
    pub reset: Signal<In, bool>,
    /// Where to put a program word,
    pub load_address: Signal<In, Bits<P>>,
    /// the word,
    pub load_word: Signal<In, Word>,
    /// in this cycle.
    pub load_enable: Signal<In, bool>,
    /// See [`Core`].
    pub out_data: Signal<Out, Bits<8>>,
    /// See [`Core`].
    pub out_valid: Signal<Out, bool>,
    /// See [`Core`].
    pub out_ready: Signal<In, bool>,
    /// See [`Core`].
    pub in_data: Signal<In, Bits<8>>,
    /// See [`Core`].
    pub in_valid: Signal<In, bool>,
    /// See [`Core`].
    pub in_ready: Signal<Out, bool>,
    /// See [`Core`].
    pub in_end: Signal<In, bool>,
    /// See [`Core`].
    pub running: Signal<Out, bool>,
    /// See [`Core`].
    pub waiting: Signal<Out, bool>,
    /// See [`Core`].
    pub stopped: Signal<Out, bool>,
    /// See [`Core`].
    pub fault: Signal<Out, Bits<3>>,
    /// See [`Core`].
    pub stop_address: Signal<Out, Bits<P>>,
    /// See [`Core`].
    pub stop_pointer: Signal<Out, Bits<A>>,
    /// See [`Core`].
    pub retired: Signal<Out, bool>,
    /// The core.
    pub core: Core<A, A1, P, S, S1>,
    /// The program memory.
    pub code: BlockRam<Word, P>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for Bare<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, core, code);
        self.core.reset.next = self.reset.val();
        self.code.read_address.next = self.core.fetch_address.val();
        self.code.read_enable.next = true;
        self.code.write_address.next = self.load_address.val();
        self.code.write_data.next = self.load_word.val();
        self.code.write_enable.next = self.load_enable.val();
        self.core.fetch_word.next = self.code.read_data.val();
        self.core.fetch_ready.next = true;
        self.out_data.next = self.core.out_data.val();
        self.out_valid.next = self.core.out_valid.val();
        self.core.out_ready.next = self.out_ready.val();
        self.core.in_data.next = self.in_data.val();
        self.core.in_valid.next = self.in_valid.val();
        self.in_ready.next = self.core.in_ready.val();
        self.core.in_end.next = self.in_end.val();
        self.running.next = self.core.running.val();
        self.waiting.next = self.core.waiting.val();
        self.stopped.next = self.core.stopped.val();
        self.fault.next = self.core.fault.val();
        self.stop_address.next = self.core.stop_address.val();
        self.stop_pointer.next = self.core.stop_pointer.val();
        self.retired.next = self.core.retired.val();
    }
}
