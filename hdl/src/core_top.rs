//! The bare machine with a register at every pin: what the core's area and speed are measured on.

use crate::bare::Bare;
use crate::word::Word;
use rust_hdl::prelude::*;

/// [`Bare`], every port one cycle later.
#[derive(LogicBlock, Default)]
pub struct CoreTop<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// See [`Bare`].
    pub reset: Signal<In, bool>,
    /// See [`Bare`].
    pub load_address: Signal<In, Bits<P>>,
    /// See [`Bare`].
    pub load_word: Signal<In, Word>,
    /// See [`Bare`].
    pub load_enable: Signal<In, bool>,
    /// See [`Bare`].
    pub out_ready: Signal<In, bool>,
    /// See [`Bare`].
    pub in_data: Signal<In, Bits<8>>,
    /// See [`Bare`].
    pub in_valid: Signal<In, bool>,
    /// See [`Bare`].
    pub in_end: Signal<In, bool>,
    /// See [`Bare`].
    pub out_data: Signal<Out, Bits<8>>,
    /// See [`Bare`].
    pub out_valid: Signal<Out, bool>,
    /// See [`Bare`].
    pub in_ready: Signal<Out, bool>,
    /// See [`Bare`].
    pub running: Signal<Out, bool>,
    /// See [`Bare`].
    pub waiting: Signal<Out, bool>,
    /// See [`Bare`].
    pub stopped: Signal<Out, bool>,
    /// See [`Bare`].
    pub fault: Signal<Out, Bits<3>>,
    /// See [`Bare`].
    pub stop_address: Signal<Out, Bits<P>>,
    /// See [`Bare`].
    pub stop_pointer: Signal<Out, Bits<A>>,
    /// See [`Bare`].
    pub retired: Signal<Out, bool>,
    bare: Bare<A, A1, P, S, S1>,
    reset_pin: DFF<bool>,
    load_address_pin: DFF<Bits<P>>,
    load_word_pin: DFF<Word>,
    load_enable_pin: DFF<bool>,
    out_ready_pin: DFF<bool>,
    in_data_pin: DFF<Bits<8>>,
    in_valid_pin: DFF<bool>,
    in_end_pin: DFF<bool>,
    out_data_pin: DFF<Bits<8>>,
    out_valid_pin: DFF<bool>,
    in_ready_pin: DFF<bool>,
    running_pin: DFF<bool>,
    waiting_pin: DFF<bool>,
    stopped_pin: DFF<bool>,
    fault_pin: DFF<Bits<3>>,
    stop_address_pin: DFF<Bits<P>>,
    stop_pointer_pin: DFF<Bits<A>>,
    retired_pin: DFF<bool>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for CoreTop<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, bare, reset_pin, load_address_pin, load_word_pin, load_enable_pin, out_ready_pin, in_data_pin, in_valid_pin, in_end_pin, out_data_pin, out_valid_pin, in_ready_pin, running_pin, waiting_pin, stopped_pin, fault_pin, stop_address_pin, stop_pointer_pin, retired_pin);
        self.reset_pin.d.next = self.reset.val();
        self.bare.reset.next = self.reset_pin.q.val();
        self.load_address_pin.d.next = self.load_address.val();
        self.bare.load_address.next = self.load_address_pin.q.val();
        self.load_word_pin.d.next = self.load_word.val();
        self.bare.load_word.next = self.load_word_pin.q.val();
        self.load_enable_pin.d.next = self.load_enable.val();
        self.bare.load_enable.next = self.load_enable_pin.q.val();
        self.out_ready_pin.d.next = self.out_ready.val();
        self.bare.out_ready.next = self.out_ready_pin.q.val();
        self.in_data_pin.d.next = self.in_data.val();
        self.bare.in_data.next = self.in_data_pin.q.val();
        self.in_valid_pin.d.next = self.in_valid.val();
        self.bare.in_valid.next = self.in_valid_pin.q.val();
        self.in_end_pin.d.next = self.in_end.val();
        self.bare.in_end.next = self.in_end_pin.q.val();
        self.out_data_pin.d.next = self.bare.out_data.val();
        self.out_data.next = self.out_data_pin.q.val();
        self.out_valid_pin.d.next = self.bare.out_valid.val();
        self.out_valid.next = self.out_valid_pin.q.val();
        self.in_ready_pin.d.next = self.bare.in_ready.val();
        self.in_ready.next = self.in_ready_pin.q.val();
        self.running_pin.d.next = self.bare.running.val();
        self.running.next = self.running_pin.q.val();
        self.waiting_pin.d.next = self.bare.waiting.val();
        self.waiting.next = self.waiting_pin.q.val();
        self.stopped_pin.d.next = self.bare.stopped.val();
        self.stopped.next = self.stopped_pin.q.val();
        self.fault_pin.d.next = self.bare.fault.val();
        self.fault.next = self.fault_pin.q.val();
        self.stop_address_pin.d.next = self.bare.stop_address.val();
        self.stop_address.next = self.stop_address_pin.q.val();
        self.stop_pointer_pin.d.next = self.bare.stop_pointer.val();
        self.stop_pointer.next = self.stop_pointer_pin.q.val();
        self.retired_pin.d.next = self.bare.retired.val();
        self.retired.next = self.retired_pin.q.val();
    }
}
