//! The core with its memories and a register at every pin: what its area and speed are measured on. Nobody stops this
//! core or looks into it, so what that takes is not counted.

use crate::core::Core;
use crate::ram::BlockRam;
use crate::register::Register;
use crate::word::Word;
use rust_hdl::prelude::*;

/// [`Core`] and a program memory with a port to write it, every port one cycle later.
#[derive(LogicBlock, Default)]
pub struct CoreTop<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// See [`Core`].
    pub reset: Signal<In, bool>,
    /// Where to put a program word,
    pub load_address: Signal<In, Bits<P>>,
    /// the word,
    pub load_word: Signal<In, Word>,
    /// in this cycle.
    pub load_enable: Signal<In, bool>,
    /// See [`Core`].
    pub out_ready: Signal<In, bool>,
    /// See [`Core`].
    pub in_data: Signal<In, Bits<8>>,
    /// See [`Core`].
    pub in_valid: Signal<In, bool>,
    /// See [`Core`].
    pub in_end: Signal<In, bool>,
    /// See [`Core`].
    pub out_data: Signal<Out, Bits<8>>,
    /// See [`Core`].
    pub out_valid: Signal<Out, bool>,
    /// See [`Core`].
    pub in_ready: Signal<Out, bool>,
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
    core: Core<A, A1, P, S, S1>,
    code: BlockRam<Word, P>,
    reset_pin: Register<bool>,
    load_address_pin: Register<Bits<P>>,
    load_word_pin: Register<Word>,
    load_enable_pin: Register<bool>,
    out_ready_pin: Register<bool>,
    in_data_pin: Register<Bits<8>>,
    in_valid_pin: Register<bool>,
    in_end_pin: Register<bool>,
    out_data_pin: Register<Bits<8>>,
    out_valid_pin: Register<bool>,
    in_ready_pin: Register<bool>,
    running_pin: Register<bool>,
    waiting_pin: Register<bool>,
    stopped_pin: Register<bool>,
    fault_pin: Register<Bits<3>>,
    stop_address_pin: Register<Bits<P>>,
    stop_pointer_pin: Register<Bits<A>>,
    retired_pin: Register<bool>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for CoreTop<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            core,
            code,
            reset_pin,
            load_address_pin,
            load_word_pin,
            load_enable_pin,
            out_ready_pin,
            in_data_pin,
            in_valid_pin,
            in_end_pin,
            out_data_pin,
            out_valid_pin,
            in_ready_pin,
            running_pin,
            waiting_pin,
            stopped_pin,
            fault_pin,
            stop_address_pin,
            stop_pointer_pin,
            retired_pin
        );
        self.reset_pin.d.next = self.reset.val();
        self.load_address_pin.d.next = self.load_address.val();
        self.load_word_pin.d.next = self.load_word.val();
        self.load_enable_pin.d.next = self.load_enable.val();
        self.out_ready_pin.d.next = self.out_ready.val();
        self.in_data_pin.d.next = self.in_data.val();
        self.in_valid_pin.d.next = self.in_valid.val();
        self.in_end_pin.d.next = self.in_end.val();
        self.out_data_pin.d.next = self.core.out_data.val();
        self.out_data.next = self.out_data_pin.q.val();
        self.out_valid_pin.d.next = self.core.out_valid.val();
        self.out_valid.next = self.out_valid_pin.q.val();
        self.in_ready_pin.d.next = self.core.in_ready.val();
        self.in_ready.next = self.in_ready_pin.q.val();
        self.running_pin.d.next = self.core.running.val();
        self.running.next = self.running_pin.q.val();
        self.waiting_pin.d.next = self.core.waiting.val();
        self.waiting.next = self.waiting_pin.q.val();
        self.stopped_pin.d.next = self.core.stopped.val();
        self.stopped.next = self.stopped_pin.q.val();
        self.fault_pin.d.next = self.core.fault.val();
        self.fault.next = self.fault_pin.q.val();
        self.stop_address_pin.d.next = self.core.stop_address.val();
        self.stop_address.next = self.stop_address_pin.q.val();
        self.stop_pointer_pin.d.next = self.core.stop_pointer.val();
        self.stop_pointer.next = self.stop_pointer_pin.q.val();
        self.retired_pin.d.next = self.core.retired.val();
        self.retired.next = self.retired_pin.q.val();
        self.core.reset.next = self.reset_pin.q.val();
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
        self.core.out_ready.next = self.out_ready_pin.q.val();
        self.core.in_data.next = self.in_data_pin.q.val();
        self.core.in_valid.next = self.in_valid_pin.q.val();
        self.core.in_end.next = self.in_end_pin.q.val();
        self.code.read_address.next = self.core.fetch_address.val();
        self.code.read_enable.next = true;
        self.core.fetch_word.next = self.code.read_data.val();
        self.core.fetch_ready.next = true;
        self.code.write_address.next = self.load_address_pin.q.val();
        self.code.write_data.next = self.load_word_pin.q.val();
        self.code.write_enable.next = self.load_enable_pin.q.val();
    }
}
