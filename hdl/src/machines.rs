//! The machines, as types: what [`images::machine::Limits`] says in numbers.

use crate::bare::Bare;
use crate::board::Board;
use crate::core_top::CoreTop;
use crate::system::core_unit::WORD_ADDRESS_BITS;
use crate::system::System;
use images::machine::{Limits, BIG, BOARD, COMPUTER};

/// The core of the board machine and its program, without anything around.
pub type BoardBare = Bare<12, 13, 11, 8, 9>;
/// The core of the big machine and its program, without anything around.
pub type BigBare = Bare<16, 17, 21, 10, 11>;
/// The board.
pub type AlchitryCu = Board<12, 13, 11, 8, 9>;
/// The board, if it had the memory of the big machine.
pub type BigBoard = Board<16, 17, 21, 10, 11>;
/// The computer.
pub type Computer = System<12, 13, 8, 9>;
/// The board machine's core between registers.
pub type BoardCoreTop = CoreTop<12, 13, 11, 8, 9>;

const fn is(limits: Limits, cells: u32, words: u32, depth: u32) -> bool {
    limits.cells == 1 << cells && limits.words == 1 << words && limits.depth == 1 << depth
}
const _: () = assert!(is(BOARD, 12, 11, 8) && is(BIG, 16, 21, 10));
const _: () = assert!(is(COMPUTER, 12, WORD_ADDRESS_BITS as u32, 8));
