//! The rust engine: rust-hdl's own simulation, driven directly. The testbench threads that rust-hdl offers would
//! make it eighty times slower.

use crate::model::{MachineKind, Model, Shape, Wires};
use hdl::bare::Bare;
use hdl::board::Board;
use hdl::core::Core;
use hdl::ram::BlockRam;
use hdl::word::Word;
use rust_hdl::prelude::*;

/// Rounds in which every design here settles; more means a loop in its logic.
const ROUNDS: usize = 50;

/// A new model.
pub fn new(machine: MachineKind, shape: Shape) -> Box<dyn Model> {
    match (shape, machine) {
        (Shape::Bare, MachineKind::Board) => bare(hdl::machines::BoardBare::default()),
        (Shape::Bare, MachineKind::Big) => bare(hdl::machines::BigBare::default()),
        (Shape::Board, MachineKind::Board) => board(hdl::machines::AlchitryCu::default()),
        (Shape::Board, MachineKind::Big) => board(hdl::machines::BigBoard::default()),
    }
}

/// Until nothing changes any more.
pub(crate) fn settle(block: &mut impl Block) {
    assert!(simulate(block, ROUNDS), "the logic of this design has a loop");
}

fn words(words: &[u16]) -> Vec<Word> {
    words.iter().map(|word| Word::from(*word)).collect()
}

/// A cycle of the clock: low for one round and high again. The low level runs down the hierarchy one block a round, with the high
/// level right behind it.
pub(crate) fn pulse<B: Block>(block: &mut B, clock: fn(&mut B) -> &mut Signal<In, Clock>) {
    clock(block).next = false.into();
    block.update_all();
    clock(block).next = true.into();
    settle(block);
}

/// What a memory holds.
pub(crate) fn bytes<const A: usize>(cells: &BlockRam<Bits<8>, A>) -> Vec<u8> {
    cells.content().iter().map(|cell| cell.to_u8()).collect()
}

/// What a memory shall hold, from its first byte on.
pub(crate) fn set_bytes<const A: usize>(memory: &mut BlockRam<Bits<8>, A>, cells: &[u8]) {
    for (cell, value) in memory.content_mut().iter_mut().zip(cells) {
        *cell = u64::from(*value).into();
    }
}

/// What the core reports, in either shape.
fn report<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize>(
    core: &Core<A, A1, P, S, S1>,
    wires: &mut Wires,
) {
    wires.waiting = core.waiting.val();
    wires.retired = core.retired.val();
    wires.stop_address = core.stop_address.val().to_u32();
    wires.stop_pointer = core.stop_pointer.val().to_u32();
}

fn bare<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize>(
    mut block: Bare<A, A1, P, S, S1>,
) -> Box<dyn Model> {
    block.connect_all();
    settle(&mut block);
    Box::new(block)
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Model
    for Bare<A, A1, P, S, S1>
{
    fn cycle(&mut self, wires: &mut Wires) {
        wires.out_valid = self.out_valid.val();
        wires.out_data = self.out_data.val().to_u8();
        wires.in_full = self.in_full.val();
        wires.stopped = self.stopped.val();
        wires.fault = self.fault.val().to_u8();
        report(&self.core, wires);
        self.reset.next = wires.reset;
        self.in_valid.next = wires.in_valid;
        self.in_end.next = wires.in_end;
        self.in_data.next = u64::from(wires.in_data).into();
        // The clock goes to the core at once, not a block a round like all else: fewer rounds, and the same values,
        // because nothing has changed since they settled.
        for level in [false, true] {
            self.clock.next = level.into();
            self.clock.update_all();
            self.core.clock.next = level.into();
            self.core.clock.update_all();
            self.update_all();
        }
        settle(self);
    }

    fn load(&mut self, program: &[u16]) {
        self.code.content_mut()[..program.len()].copy_from_slice(&words(program));
    }

    fn cells(&self) -> Vec<u8> {
        bytes(&self.core.cells)
    }

    fn set_cells(&mut self, cells: &[u8]) {
        set_bytes(&mut self.core.cells, cells);
    }

    fn block(&self) -> Option<&dyn Block> {
        Some(self)
    }
}

fn board<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize>(
    mut block: Board<A, A1, P, S, S1>,
) -> Box<dyn Model> {
    block.connect_all();
    settle(&mut block);
    Box::new(block)
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Model
    for Board<A, A1, P, S, S1>
{
    fn cycle(&mut self, wires: &mut Wires) {
        wires.usb_tx = self.usb_tx.val();
        wires.led = self.led.val().to_u8();
        report(&self.core, wires);
        self.rst_n.next = !wires.reset;
        self.usb_rx.next = wires.usb_rx;
        pulse(self, |block| &mut block.clock);
    }

    fn load(&mut self, program: &[u16]) {
        self.code.content_mut()[..program.len()].copy_from_slice(&words(program));
    }

    fn cells(&self) -> Vec<u8> {
        bytes(&self.core.cells)
    }

    fn set_cells(&mut self, cells: &[u8]) {
        set_bytes(&mut self.core.cells, cells);
    }

    fn block(&self) -> Option<&dyn Block> {
        Some(self)
    }
}
