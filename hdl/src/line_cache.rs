//! A read-only cache of flash: direct-mapped, in lines.
//!
//! Lines are short and nothing is fetched ahead: a word of braiNIX, while lines are typed, costs 5.7 cycles with
//! 128 lines of 8 bytes and 7.2 with 64 of 16; with the next line fetched after each miss 5.9 and 8.2
//! (`cargo run --release -p images --features host --example fetch`).
//!
//! **Processor.** In: the address of a word, while `request`. Out: the word, with `ready`, one cycle later if
//! the cache holds it; a word each cycle as long as it does. If it does not, `ready` stays low until the line
//! has come, and rises two cycles after its last piece. Then the word stays until the next request or `forget`.
//! A request need not be repeated while it waits; another one replaces it, and `ready` is about the last one
//! always. Words of other lines can be read while a line comes, except in the cycles in which a piece does,
//! where a request waits.
//!
//! **Flash.** Out: the number of a line, while `line_request`, two cycles after the request that misses it.
//! In: the line in pieces of 16 bits, in order, one in each cycle with `fill_valid`, with any gaps between;
//! `fill_data` is the last four bytes of the line so far, the lowest address in the lowest bits.
//! `line_request` falls after the last piece.
//!
//! **Forgetting.** In: `forget`, for a cycle, with the number of a sector of flash, when that sector has
//! changed, or while the firmware has the flash. The cache drops what it has of the sector: it looks at one
//! line every two cycles, `forgetting` is high from the next cycle on until it has looked at all of them, and
//! what is requested or read already waits meanwhile and is looked up again. What is requested in any later
//! cycle than that of `forget` is read from flash after it: a line that is coming just then, of whatever
//! sector, is dropped when it has come and asked for again. A `forget` while `forgetting` drops everything, so
//! that the sector before is not lost.
//!
//! `reset` drops everything, the request and the line asked for included; what sends lines must be reset with
//! it. At power-up the cache is empty.
//!
//! Measured by hand on an iCE40-HX8K, its ports registered (not counted), the slowest of five seeds: [`ProgramCache`] 138 logic
//! cells, 3 block RAMs, 109 MHz. [`CompanionCache`] has 5 block RAMs: with 128 lines, which take 3, Fusion is a fifth slower.

use crate::local::Local;
use crate::ram::BlockRam;
use crate::register::{Held, Register};
use rust_hdl::prelude::*;

/// 256 lines of 8 bytes, read in words of 32 bits, as the companion does.
pub type CompanionCache = LineCache<32, 22, LINE_BITS, 2, 8, 9, 14>;
/// 128 lines of 8 bytes, read in words of 16 bits, as the Brainfuck core does.
pub type ProgramCache = LineCache<16, 23, LINE_BITS, 2, 7, 9, 15>;

/// Bits of a byte's address in flash.
pub const ADDRESS_BITS: usize = 24;
/// Bits of a line's number in flash, for both of them: its byte address, divided by 8.
pub const LINE_BITS: usize = 21;
/// Bits of a sector's number: its byte address, divided by [`map::SECTOR_BYTES`].
pub const SECTOR_BITS: usize = ADDRESS_BITS - map::SECTOR_BYTES.ilog2() as usize;

/// The cache. See the [module](self).
///
/// `D`: bits of a word, 16 or 32; `W`: of a word's address. `F`: bits of a line's number in flash, so that a
/// line has 2^(24 - F) bytes; `P` = 23 - F: of a piece's number in its line. `L`: of a line's number in the
/// cache; `N` = L + W - F: of a word's; `E` = F - L + 1: of a line's tag and its valid bit.
#[derive(LogicBlock)]
pub struct LineCache<
    const D: usize,
    const W: usize,
    const F: usize,
    const P: usize,
    const L: usize,
    const N: usize,
    const E: usize,
> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Forget everything.
    pub reset: Signal<In, bool>,
    /// The word to read: its byte address, divided by the bytes of a word,
    pub address: Signal<In, Bits<W>>,
    /// in this cycle.
    pub request: Signal<In, bool>,
    /// The word requested last,
    pub data: Signal<Out, Bits<D>>,
    /// if it is there.
    pub ready: Signal<Out, bool>,
    /// Drop the lines of a sector,
    pub forget: Signal<In, bool>,
    /// of this one.
    pub forget_sector: Signal<In, Bits<SECTOR_BITS>>,
    /// Lines are being dropped.
    pub forgetting: Signal<Out, bool>,
    /// The line to send: its byte address, divided by the bytes of a line,
    pub line_address: Signal<Out, Bits<F>>,
    /// until it has come.
    pub line_request: Signal<Out, bool>,
    /// The last 32 bits of the line so far,
    pub fill_data: Signal<In, Bits<32>>,
    /// of which the upper 16 come in this cycle.
    pub fill_valid: Signal<In, bool>,

    words: BlockRam<Bits<D>, N>,
    /// For each line its tag, and above that whether it is valid.
    tags: BlockRam<Bits<E>, L>,
    /// Something has been requested: its address.
    asked: Register<bool>,
    wanted: Held<Bits<W>>,
    /// What was read last from both memories belongs to that address.
    looked: Register<bool>,
    /// A line comes: its number, and that of its next piece.
    filling: Register<bool>,
    line: Held<Bits<F>>,
    piece: Held<Bits<P>>,
    /// It was asked for before a `forget`.
    stale: Register<bool>,
    /// Lines are dropped: those of this sector, or all. It is the turn of this one, and its tag has been read.
    sweeping: Register<bool>,
    sector: Held<Bits<SECTOR_BITS>>,
    all: Register<bool>,
    swept: Held<Bits<L>>,
    seen: Register<bool>,

    wanted_tag: Local<Bits<W>>,
    wanted_line: Local<Bits<W>>,
    tag_matches: Local<bool>,
    hit: Local<bool>,
    miss: Local<bool>,
    read: Local<bool>,
    read_word: Local<Bits<N>>,
    read_line: Local<Bits<N>>,
    arrives: Local<bool>,
    complete: Local<bool>,
    sweeps: Local<bool>,
    seen_tag: Local<Bits<E>>,
    seen_sector: Local<Bits<SECTOR_BITS>>,
    drops: Local<bool>,
    line_tag: Local<Bits<F>>,
    word_in_line: Local<Bits<P>>,
    newest: Local<Bits<32>>,

    /// Numbers of bits: of a word's number in its line, of a line's number in the cache, of a word's there,
    /// of a piece's number in its word, of the fill data below a word, and of a tag below its sector.
    offset_bits: Constant<Bits<5>>,
    line_bits: Constant<Bits<5>>,
    word_bits: Constant<Bits<5>>,
    piece_bits: Constant<Bits<5>>,
    older_bits: Constant<Bits<5>>,
    below_sector: Constant<Bits<5>>,
    valid: Constant<Bits<E>>,
    one_piece: Constant<Bits<P>>,
    one_line: Constant<Bits<L>>,
}

impl<
        const D: usize,
        const W: usize,
        const F: usize,
        const P: usize,
        const L: usize,
        const N: usize,
        const E: usize,
    > LineCache<D, W, F, P, L, N, E>
{
    /// Words that it holds,
    pub const WORDS: u32 = 1 << N;
    /// bits of each;
    pub const WORD_BITS: u32 = D as u32;
    /// lines,
    pub const LINES: u32 = 1 << L;
    /// and bits of the tag of each.
    pub const TAG_BITS: u32 = E as u32;
}

impl<
        const D: usize,
        const W: usize,
        const F: usize,
        const P: usize,
        const L: usize,
        const N: usize,
        const E: usize,
    > Default for LineCache<D, W, F, P, L, N, E>
{
    fn default() -> Self {
        assert!((D == 16 && W == ADDRESS_BITS - 1) || (D == 32 && W == ADDRESS_BITS - 2), "words of flash");
        assert!(P == ADDRESS_BITS - 1 - F && N == L + W - F && E == F - L + 1, "parts of an address");
        assert!(F - L >= SECTOR_BITS, "no more lines than a sector has");
        let number = |bits: usize| Constant::new((bits as u64).into());
        LineCache {
            clock: Default::default(),
            reset: Default::default(),
            address: Default::default(),
            request: Default::default(),
            data: Default::default(),
            ready: Default::default(),
            forget: Default::default(),
            forget_sector: Default::default(),
            forgetting: Default::default(),
            line_address: Default::default(),
            line_request: Default::default(),
            fill_data: Default::default(),
            fill_valid: Default::default(),
            words: Default::default(),
            tags: Default::default(),
            asked: Default::default(),
            wanted: Default::default(),
            looked: Default::default(),
            filling: Default::default(),
            line: Default::default(),
            piece: Default::default(),
            stale: Default::default(),
            sweeping: Default::default(),
            sector: Default::default(),
            all: Default::default(),
            swept: Default::default(),
            seen: Default::default(),
            wanted_tag: Default::default(),
            wanted_line: Default::default(),
            tag_matches: Default::default(),
            hit: Default::default(),
            miss: Default::default(),
            read: Default::default(),
            read_word: Default::default(),
            read_line: Default::default(),
            arrives: Default::default(),
            complete: Default::default(),
            sweeps: Default::default(),
            seen_tag: Default::default(),
            seen_sector: Default::default(),
            drops: Default::default(),
            line_tag: Default::default(),
            word_in_line: Default::default(),
            newest: Default::default(),
            offset_bits: number(W - F),
            line_bits: number(L),
            word_bits: number(N),
            piece_bits: number(P - (W - F)),
            older_bits: number(32 - D),
            below_sector: number(F - L - SECTOR_BITS),
            valid: Constant::new((1u64 << (E - 1)).into()),
            one_piece: Constant::new(1.into()),
            one_line: Constant::new(1.into()),
        }
    }
}

impl<
        const D: usize,
        const W: usize,
        const F: usize,
        const P: usize,
        const L: usize,
        const N: usize,
        const E: usize,
    > Logic for LineCache<D, W, F, P, L, N, E>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, asked, looked, filling, stale, sweeping, all, seen);
        clock!(self, clock, words, tags, wanted, line, piece, sector, swept);

        // What was read in the last cycle.
        self.wanted_tag.next = self.wanted.q.val() >> self.word_bits.val();
        self.tag_matches.next =
            self.tags.read_data.val() == (bit_cast::<E, W>(self.wanted_tag.val()) | self.valid.val());
        self.hit.next = self.looked.q.val() & self.tag_matches.val();
        self.miss.next = self.looked.q.val() & !self.tag_matches.val();
        self.ready.next = self.hit.val();
        self.data.next = self.words.read_data.val();

        // A request that waits is looked up in each cycle; one that is answered stays as it is.
        self.wanted.d.next = self.address.val();
        self.wanted.load.next = self.request.val();
        self.wanted.clear.next = false;
        self.read.next = self.request.val() | self.sweeping.q.val() | !self.hit.val();
        self.read_word.next = bit_cast::<N, W>(self.wanted.q.val());
        if self.request.val() {
            self.asked.d.next = true;
            self.read_word.next = bit_cast::<N, W>(self.address.val());
        }
        self.read_line.next = self.read_word.val() >> self.offset_bits.val();
        self.words.read_address.next = self.read_word.val();
        self.words.read_enable.next = self.read.val();
        self.tags.read_address.next = bit_cast::<L, N>(self.read_line.val());
        if self.sweeping.q.val() {
            self.tags.read_address.next = self.swept.q.val();
        }
        self.tags.read_enable.next = self.read.val();

        // The line that comes. It is invalid from its first piece on, and valid with its last.
        self.arrives.next = self.filling.q.val() & self.fill_valid.val();
        self.complete.next = self.arrives.val() & self.piece.q.val().all();
        self.wanted_line.next = self.wanted.q.val() >> self.offset_bits.val();
        self.line.d.next = bit_cast::<F, W>(self.wanted_line.val());
        self.line.load.next = !self.filling.q.val();
        self.line.clear.next = false;
        self.line_address.next = self.line.q.val();
        self.line_request.next = self.filling.q.val();
        self.piece.d.next = self.piece.q.val() + self.one_piece.val();
        self.piece.load.next = self.arrives.val();
        self.piece.clear.next = self.reset.val();
        if self.miss.val() & !self.sweeping.q.val() {
            self.filling.d.next = true;
        }
        if self.complete.val() {
            self.filling.d.next = false;
        }
        if !self.filling.q.val() {
            self.stale.d.next = false;
        }

        // Words. An incomplete one is written too, and again when it is complete.
        self.word_in_line.next = self.piece.q.val() >> self.piece_bits.val();
        self.newest.next = self.fill_data.val() >> self.older_bits.val();
        self.words.write_address.next = (bit_cast::<N, F>(self.line.q.val()) << self.offset_bits.val())
            | bit_cast::<N, P>(self.word_in_line.val());
        self.words.write_data.next = bit_cast::<D, 32>(self.newest.val());
        self.words.write_enable.next = self.arrives.val();

        // Dropping: a tag is read in one cycle and judged in the next. A piece goes first: then it is read again.
        self.sweeps.next = self.seen.q.val() & !self.arrives.val();
        self.seen_tag.next = self.tags.read_data.val() >> self.below_sector.val();
        self.seen_sector.next = bit_cast::<SECTOR_BITS, E>(self.seen_tag.val());
        self.drops.next =
            self.sweeps.val() & (self.all.q.val() | (self.seen_sector.val() == self.sector.q.val()));
        self.seen.d.next = self.sweeping.q.val() & !self.seen.q.val() & !self.arrives.val();
        self.swept.d.next = self.swept.q.val() + self.one_line.val();
        self.swept.load.next = self.sweeps.val();
        self.swept.clear.next = self.forget.val() | self.reset.val();
        self.sector.d.next = self.forget_sector.val();
        self.sector.load.next = self.forget.val();
        self.sector.clear.next = false;
        self.forgetting.next = self.sweeping.q.val();

        // Tags. What is looked up while one is written does not count.
        self.line_tag.next = self.line.q.val() >> self.line_bits.val();
        self.tags.write_address.next = self.swept.q.val();
        if self.arrives.val() {
            self.tags.write_address.next = bit_cast::<L, F>(self.line.q.val());
        }
        self.tags.write_data.next = bit_cast::<E, F>(self.line_tag.val());
        if self.complete.val() & !self.stale.q.val() {
            self.tags.write_data.next = bit_cast::<E, F>(self.line_tag.val()) | self.valid.val();
        }
        self.tags.write_enable.next = self.arrives.val() | self.drops.val();
        if self.read.val() {
            self.looked.d.next =
                (self.request.val() | self.asked.q.val()) & !self.sweeping.q.val() & !self.arrives.val();
        }

        if self.sweeps.val() & self.swept.q.val().all() {
            self.sweeping.d.next = false;
        }
        if !self.sweeping.q.val() {
            self.all.d.next = false;
        }
        if self.forget.val() {
            self.all.d.next = self.sweeping.q.val();
            self.sweeping.d.next = true;
            self.seen.d.next = false;
            self.stale.d.next = true;
        }
        if self.reset.val() {
            self.asked.d.next = false;
            self.looked.d.next = false;
            self.filling.d.next = false;
            self.sweeping.d.next = true;
            self.all.d.next = true;
            self.seen.d.next = false;
        }
    }
}
