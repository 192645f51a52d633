//! The cells of the core as memory of the companion: four to a word, the lowest address in the lowest byte.
//!
//! In: a word's address, with `request` for a cycle, and which bytes of it to write, if any. Out: `ready`, seven cycles
//! later, with what was read. To the core: a cell in each of the four cycles after the request.

use crate::local::Local;
use crate::register::{Held, Register};
use rust_hdl::prelude::*;

/// The window. `A`: bits of a cell's address.
#[derive(LogicBlock, Default)]
pub struct CellWindow<const A: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The first cell of a word,
    pub address: Signal<In, Bits<A>>,
    /// to be read or written from this cycle on.
    pub request: Signal<In, bool>,
    /// Which bytes to write, bit 0 for the lowest; 0 to read.
    pub write: Signal<In, Bits<4>>,
    /// What to write.
    pub data_in: Signal<In, Bits<32>>,
    /// What was read,
    pub data_out: Signal<Out, Bits<32>>,
    /// in this cycle.
    pub ready: Signal<Out, bool>,
    /// See [`crate::core::Core`].
    pub cell_address: Signal<Out, Bits<A>>,
    /// See [`crate::core::Core`].
    pub cell_in: Signal<Out, Bits<8>>,
    /// See [`crate::core::Core`].
    pub cell_write: Signal<Out, bool>,
    /// See [`crate::core::Core`].
    pub cell_out: Signal<In, Bits<8>>,

    first: Held<Bits<A>>,
    mask: Register<Bits<4>>,
    /// What is still to be written, and above it what has been read.
    bytes: Register<Bits<32>>,
    /// Cycles since the request; 0 at rest.
    count: Register<Bits<3>>,
    rest: Local<Bits<32>>,
    cell_number: Local<Bits<A>>,
    step: Local<Bits<3>>,
}

impl<const A: usize> Logic for CellWindow<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, mask, bytes, count);
        clock!(self, clock, first);
        self.first.d.next = self.address.val();
        self.first.load.next = self.request.val();
        self.first.clear.next = false;
        self.step.next = self.count.q.val() - bits::<3>(1);
        self.cell_number.next = bit_cast::<A, 3>(self.step.val());
        self.cell_address.next = self.first.q.val() | (self.cell_number.val() & bits::<A>(3));
        self.cell_in.next = bit_cast::<8, 32>(self.bytes.q.val());
        self.cell_write.next = self.mask.q.val().get_bit(0);
        self.rest.next = bit_cast::<32, 8>(self.cell_out.val()) << 24;
        if self.count.q.val().any() {
            self.count.d.next = self.count.q.val() + bits::<3>(1);
            self.mask.d.next = self.mask.q.val() >> 1;
            self.bytes.d.next = (self.bytes.q.val() >> 8) | self.rest.val();
        }
        if self.request.val() {
            self.count.d.next = bits::<3>(1);
            self.mask.d.next = self.write.val();
            self.bytes.d.next = self.data_in.val();
        }
        self.data_out.next = self.bytes.q.val();
        self.ready.next = self.count.q.val().all();
    }
}
