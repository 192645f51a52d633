//! A queue of bytes in one block RAM.
//!
//! In: a byte while `write`. Out: the oldest byte while `valid`, until it is taken with `read`; a byte can be read
//! two cycles after it was written, one each cycle. A byte written while `full` is dropped, and `overrun` says so
//! in that cycle. After a `clear` only a byte that is written in the same cycle is in it.

use crate::local::Local;
use crate::ram::BlockRam;
use crate::register::Register;
use rust_hdl::prelude::*;

/// A queue of 2^N bytes; `N1` = N + 1.
#[derive(LogicBlock)]
pub struct Fifo<const N: usize, const N1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// A byte to keep,
    pub write_data: Signal<In, Bits<8>>,
    /// in this cycle.
    pub write: Signal<In, bool>,
    /// There is no room.
    pub full: Signal<Out, bool>,
    /// A byte was dropped in this cycle.
    pub overrun: Signal<Out, bool>,
    /// The oldest byte,
    pub read_data: Signal<Out, Bits<8>>,
    /// if there is one.
    pub valid: Signal<Out, bool>,
    /// It is taken in this cycle.
    pub read: Signal<In, bool>,
    /// All bytes are forgotten in this cycle.
    pub clear: Signal<In, bool>,

    /// Both count once more round than the memory has places, to tell full from empty.
    writes: Register<Bits<N1>>,
    reads: Register<Bits<N1>>,
    filled: Register<bool>,
    queue: BlockRam<Bits<8>, N>,

    next_read: Local<Bits<N1>>,
    used: Local<Bits<N1>>,
    is_full: Local<bool>,
    one: Constant<Bits<N1>>,
    top: Constant<Bits<5>>,
}

impl<const N: usize, const N1: usize> Default for Fifo<N, N1> {
    fn default() -> Self {
        assert!(N1 == N + 1, "one bit more than an address");
        Fifo {
            clock: Default::default(),
            write_data: Default::default(),
            write: Default::default(),
            full: Default::default(),
            overrun: Default::default(),
            read_data: Default::default(),
            valid: Default::default(),
            read: Default::default(),
            clear: Default::default(),
            writes: Default::default(),
            reads: Default::default(),
            filled: Default::default(),
            queue: Default::default(),
            next_read: Default::default(),
            used: Default::default(),
            is_full: Default::default(),
            one: Constant::new(1.into()),
            top: Constant::new((N as u64).into()),
        }
    }
}

impl<const N: usize, const N1: usize> Logic for Fifo<N, N1> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, writes, reads, filled);
        clock!(self, clock, queue);
        self.used.next = self.writes.q.val() - self.reads.q.val();
        self.is_full.next = self.used.val().get_bit(self.top.val().index());
        self.full.next = self.is_full.val();
        self.overrun.next = self.write.val() & self.is_full.val();
        self.queue.write_address.next = bit_cast::<N, N1>(self.writes.q.val());
        self.queue.write_data.next = self.write_data.val();
        self.queue.write_enable.next = self.write.val() & !self.is_full.val();
        if self.write.val() & !self.is_full.val() {
            self.writes.d.next = self.writes.q.val() + self.one.val();
        }
        self.next_read.next = self.reads.q.val();
        if self.read.val() & self.filled.q.val() {
            self.next_read.next = self.reads.q.val() + self.one.val();
        }
        if self.clear.val() {
            self.next_read.next = self.writes.q.val();
        }
        self.reads.d.next = self.next_read.val();
        self.filled.d.next = self.next_read.val() != self.writes.q.val();
        self.queue.read_address.next = bit_cast::<N, N1>(self.next_read.val());
        self.queue.read_enable.next = true;
        self.read_data.next = self.queue.read_data.val();
        self.valid.next = self.filled.q.val();
    }
}
