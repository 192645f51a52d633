//! A memory of 32-bit words, each byte of which can be written alone: four block RAMs side by side.
//!
//! In: a word's address, taken at a rising clock edge, with `read` or with the bytes to write. Out: the word that was read, one
//! cycle later, held until the next read. One of both in a cycle.

use crate::local::Local;
use crate::ram::BlockRam;
use rust_hdl::prelude::*;

/// 2^N words.
#[derive(LogicBlock, Default)]
pub struct ByteRam<const N: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Which word.
    pub address: Signal<In, Bits<N>>,
    /// Read it in this cycle.
    pub read: Signal<In, bool>,
    /// Write these bytes of it in this cycle, bit 0 for the lowest.
    pub write: Signal<In, Bits<4>>,
    /// What to write, each byte where it belongs.
    pub write_data: Signal<In, Bits<32>>,
    /// What was read last.
    pub read_data: Signal<Out, Bits<32>>,
    /// The bytes of all words, the lowest one first.
    pub lanes: [BlockRam<Bits<8>, N>; 4],
    written: Local<Bits<32>>,
}

impl<const N: usize> Logic for ByteRam<N> {
    #[hdl_gen]
    fn update(&mut self) {
        self.written.next = self.write_data.val();
        for lane in 0..4 {
            self.lanes[lane].clock.next = self.clock.val();
            self.lanes[lane].read_address.next = self.address.val();
            self.lanes[lane].read_enable.next = self.read.val();
            self.lanes[lane].write_address.next = self.address.val();
            self.lanes[lane].write_enable.next = self.write.val().get_bit(lane);
        }
        self.lanes[0].write_data.next = self.written.val().get_bits::<8>(0);
        self.lanes[1].write_data.next = self.written.val().get_bits::<8>(8);
        self.lanes[2].write_data.next = self.written.val().get_bits::<8>(16);
        self.lanes[3].write_data.next = self.written.val().get_bits::<8>(24);
        self.read_data.next = bit_cast::<32, 8>(self.lanes[0].read_data.val())
            | (bit_cast::<32, 8>(self.lanes[1].read_data.val()) << 8)
            | (bit_cast::<32, 8>(self.lanes[2].read_data.val()) << 16)
            | (bit_cast::<32, 8>(self.lanes[3].read_data.val()) << 24);
    }
}
