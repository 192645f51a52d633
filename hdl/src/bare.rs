//! The bare machine: the core and its program memory, with byte ports for a simulator.
//!
//! In: a byte in a cycle with `in_valid`, which waits in a mailbox until the core takes it; the host gives the next
//! one when `in_full` is low. Out: a byte in every cycle with `out_valid`; there is no way to make the core wait.
//! Nothing comes out in the cycle in which something goes in: every port is behind a register, so a simulator
//! evaluates the machine once a cycle.

use crate::core::Core;
use crate::ram::BlockRam;
use crate::register::Register;
use crate::word::Word;
use rust_hdl::prelude::*;

/// The core with a program memory of 2^P words, which a simulator fills. The parameters are those of [`Core`].
#[derive(LogicBlock, Default)]
pub struct Bare<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Back to the first word.
    pub reset: Signal<In, bool>,
    /// A byte for the core,
    pub in_data: Signal<In, Bits<8>>,
    /// in this cycle.
    pub in_valid: Signal<In, bool>,
    /// There will be no more bytes.
    pub in_end: Signal<In, bool>,
    /// The core has not taken the last byte yet.
    pub in_full: Signal<Out, bool>,
    /// A byte from the core,
    pub out_data: Signal<Out, Bits<8>>,
    /// in this cycle.
    pub out_valid: Signal<Out, bool>,
    /// See [`Core`].
    pub stopped: Signal<Out, bool>,
    /// See [`Core`].
    pub fault: Signal<Out, Bits<3>>,
    /// The core.
    pub core: Core<A, A1, P, S, S1>,
    /// The program memory.
    pub code: BlockRam<Word, P>,
    reset_now: Register<bool>,
    mail: Register<Bits<8>>,
    full: Register<bool>,
    over: Register<bool>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for Bare<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, reset_now, mail, full, over);
        clock!(self, clock, core, code);
        self.reset_now.d.next = self.reset.val();
        self.over.d.next = self.in_end.val();
        if self.core.in_ready.val() {
            self.full.d.next = false;
        }
        if self.in_valid.val() {
            self.mail.d.next = self.in_data.val();
            self.full.d.next = true;
        }
        self.in_full.next = self.full.q.val();
        self.core.reset.next = self.reset_now.q.val();
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
        self.core.in_data.next = self.mail.q.val();
        self.core.in_valid.next = self.full.q.val();
        self.core.in_end.next = self.over.q.val();
        self.core.out_ready.next = true;
        self.out_data.next = self.core.out_data.val();
        self.out_valid.next = self.core.out_valid.val();
        self.stopped.next = self.core.stopped.val();
        self.fault.next = self.core.fault.val();
        self.code.read_address.next = self.core.fetch_address.val();
        self.code.read_enable.next = true;
        self.core.fetch_word.next = self.code.read_data.val();
        self.core.fetch_ready.next = true;
        self.code.write_address.next = bits::<P>(0);
        self.code.write_data.next = self.code.read_data.val();
        self.code.write_enable.next = false;
    }
}
