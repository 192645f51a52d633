//! Saved cells and checkpoints in a region of the flash.
//!
//! The region is divided into slots for one state each:
//!
//! ```text
//!     0  magic         89 42 46 53  ("BFS")
//!     4  version       1
//!     5  checkpoint    1: there is one, 0: only cells
//!     6  end of input  the checkpoint's mode
//!     7  pending       1: an input byte is pending, 0: none
//!     8  input         that byte
//!     9  unused        FF
//!    10  pointer       u16
//!    12  position      u32
//!    16  sequence      u32: grows from state to state
//!    20  owner         u32
//!    24  unused        FF FF FF FF
//!    28  body crc      u32: CRC-32 (ISO-HDLC) of the cells
//!    32  head crc      u32: CRC-32 of the 32 bytes before
//!    36  forgotten     a mark: programmed to 0
//!   256  the cells, a byte each
//! ```
//!
//! All numbers are little-endian. The header is written last; whatever happens, what an owner saved before is still
//! there. A state goes into the next slot behind the newest one of all, so that the slots wear alike, but no owner's
//! newest state is ever overwritten.
//!
//! The loops that are open follow from program and position: [`images::open_loops`].

use core::ops::Range;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::crc32::Crc32;
use images::packed;
use images::record::{is_sealed, number, put, seal};
use images::say::{Printer, Say};

use crate::flash::{chunks, is_mark, FlashError, Partition, CHUNK_BYTES, ERASED, PAGE_BYTES};

/// Magic and version.
const BEGINNING: [u8; 5] = [0x89, b'B', b'F', b'S', 1];
// Offsets in a header.
const SEQUENCE: usize = 16;
const OWNER: usize = 20;
const CRC: usize = 28;
/// Where a header says whether there is a checkpoint, and which one.
const CHECKPOINT: Range<usize> = 5..16;
/// Bytes of a header with its CRC.
const HEADER_BYTES: usize = 36;
/// Offset in a slot of the mark.
const FORGOTTEN: u32 = HEADER_BYTES as u32;
/// Offset in a slot of the cells.
const CONTENT: u32 = PAGE_BYTES;

/// Where a state comes from.
pub trait Source {
    /// Copies cells, from cell `at` on.
    fn cells(&mut self, at: u16, into: &mut [u8]);
}

/// Where a state goes to.
pub trait Sink {
    /// Takes cells, from cell `at` on.
    fn cells(&mut self, at: u16, from: &[u8]);
}

/// Where a program goes on, apart from its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of the next instruction word.
    pub position: u32,
    /// Number of the cell that the program points to.
    pub pointer: u16,
    /// What a read at the end of input does, in the core's coding.
    pub end_of_input: u8,
    /// An input byte that waits for its read.
    pub pending: Option<u8>,
}

/// A state that is saved: what its slot says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    slot: u32,
    head: Head,
}

/// The header of a slot, and the mark behind it.
type Head = [u8; HEADER_BYTES + 1];

/// What saving did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The state was written.
    Written,
    /// The owner's newest state is the same one: nothing was written.
    Unchanged,
}

/// What goes wrong with saved states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as what it stands in place of: results are in registers then.
#[repr(u32)]
pub enum SavedError {
    /// Every slot has the newest state of some owner.
    Full,
    /// The state is overwritten or damaged since it was found.
    Damaged,
    /// All sequence numbers are used up.
    NoNumbers,
    /// The flash did not obey.
    Flash,
}

impl Say for SavedError {
    fn say(&self, to: &mut dyn Printer) {
        let text = match self {
            SavedError::Full => {
                packed!("all places for saved cells are taken; forget those of a program that is not needed any more")
            }
            SavedError::Damaged => packed!("the saved cells are damaged; look for the newest ones again"),
            SavedError::NoNumbers => {
                packed!("the saved cells have no numbers left; erase their part of the flash")
            }
            SavedError::Flash => packed!("the flash failed; try again after a restart"),
        };
        to.text(text);
    }
}

images::said!(SavedError);

impl SavedError {
    /// The error with a number, which is that of the variant.
    pub fn from_number(number: u32) -> SavedError {
        match number {
            0 => SavedError::Full,
            1 => SavedError::Damaged,
            2 => SavedError::NoNumbers,
            _ => SavedError::Flash,
        }
    }
}

impl From<FlashError> for SavedError {
    fn from(_: FlashError) -> Self {
        SavedError::Flash
    }
}

impl State {
    /// None yet.
    const NONE: State = State { slot: 0, head: [ERASED; HEADER_BYTES + 1] };

    /// The state of an owner that is to be saved: without its place, its number and its cells.
    fn new(owner: u32, checkpoint: Option<Checkpoint>) -> State {
        let mut state = State::NONE;
        let bytes = &mut state.head;
        bytes[..BEGINNING.len()].copy_from_slice(&BEGINNING);
        bytes[5] = checkpoint.is_some().into();
        if let Some(Checkpoint { position, pointer, end_of_input, pending }) = checkpoint {
            bytes[6] = end_of_input;
            bytes[7] = pending.is_some().into();
            bytes[8] = pending.unwrap_or(ERASED);
            bytes[10..12].copy_from_slice(&pointer.to_le_bytes());
            put(bytes, 12, position);
        }
        put(bytes, OWNER, owner);
        state
    }

    /// Where the program goes on; with `None` there are only the cells.
    #[inline(never)]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let bytes = &self.head;
        self.is_checkpoint().then(|| Checkpoint {
            position: number(bytes, 12),
            pointer: (number(bytes, 8) >> 16) as u16,
            end_of_input: bytes[6],
            pending: (bytes[7] == 1).then_some(bytes[8]),
        })
    }

    fn is_checkpoint(&self) -> bool {
        self.head[5] == 1
    }

    /// Whose state it is.
    pub fn owner(&self) -> u32 {
        number(&self.head, OWNER)
    }

    /// No two states have one sequence number.
    fn sequence(&self) -> u32 {
        number(&self.head, SEQUENCE)
    }

    /// CRC of the cells.
    fn crc(&self) -> u32 {
        number(&self.head, CRC)
    }

    fn is_forgotten(&self) -> bool {
        is_mark(self.head[HEADER_BYTES])
    }
}

/// The states of `CELLS` cells (at most 65536), in a region of the flash `F`, which is a handle to share if others need
/// the flash as well. Nothing is kept in RAM.
pub struct Saved<F, const CELLS: usize> {
    partition: Partition<F>,
}

impl<F: MultiwriteNorFlash, const CELLS: usize> Saved<F, CELLS> {
    const SECTOR_BYTES: u32 = Partition::<F>::SECTOR_BYTES;
    const CELL_BYTES: u32 = {
        assert!(CELLS <= 1 << 16, "a pointer has 16 bits");
        CELLS as u32
    };
    /// Sectors of a slot.
    const SLOT_SECTORS: u32 = (CONTENT + Self::CELL_BYTES).div_ceil(Self::SECTOR_BYTES);
    const SLOT_BYTES: u32 = Self::SLOT_SECTORS * Self::SECTOR_BYTES;

    /// The states at these addresses of the flash, which begin and end where sectors do.
    pub fn new(flash: F, addresses: Range<u32>) -> Self {
        Self { partition: Partition::new(flash, addresses) }
    }

    /// An owner's newest state that is sound: if a newer one is damaged, it is the one before.
    pub fn newest(&mut self, owner: u32) -> Result<Option<State>, SavedError> {
        let mut state = State::NONE;
        Ok(self.find_newest(owner, &mut state)?.then_some(state))
    }

    /// Of all owners' newest states the last one that has a checkpoint: the program to go on with. An owner whose newest
    /// state has only cells is passed over.
    pub fn newest_checkpoint(&mut self) -> Result<Option<State>, SavedError> {
        let mut state = State::NONE;
        let found = self.find(&|state| state.is_checkpoint(), Self::is_newest, &mut state)?;
        Ok(found.then_some(state))
    }

    /// Gives back a state, in pieces. After an error, what the sink has is of no use.
    pub fn load(&mut self, state: &State, sink: &mut impl Sink) -> Result<(), SavedError> {
        let mut found = State::NONE;
        if !self.header(state.slot, &mut found)? || found.head != state.head {
            return Err(SavedError::Damaged);
        }
        let content = state.slot * Self::SLOT_BYTES + CONTENT;
        let mut crc = Crc32::new();
        let mut buffer = [0; CHUNK_BYTES as usize];
        for (at, length) in chunks(Self::CELL_BYTES) {
            let bytes = &mut buffer[..length];
            self.partition.read(content + at, bytes)?;
            crc.update(bytes);
            sink.cells(at as u16, bytes);
        }
        if crc.value() == state.crc() {
            Ok(())
        } else {
            Err(SavedError::Damaged)
        }
    }

    /// Saves a state, unless it is the owner's newest one already. The source is read twice.
    pub fn save(
        &mut self,
        owner: u32,
        checkpoint: Option<Checkpoint>,
        source: &mut impl Source,
    ) -> Result<Outcome, SavedError> {
        let mut state = State::new(owner, checkpoint);
        let mut other = State::NONE;
        if self.find_newest(owner, &mut other)?
            && other.head[CHECKPOINT] == state.head[CHECKPOINT]
            && self.pass(other.slot, source, false)?.is_some()
        {
            return Ok(Outcome::Unchanged);
        }
        let (mut sequence, mut slot) = (0, 0);
        if let Some(last) = self.last(u32::MAX, &|_| true)? {
            self.header(last, &mut other)?;
            sequence = other.sequence().checked_add(1).ok_or(SavedError::NoNumbers)?;
            slot = last + 1;
        }
        let slot = self.spare(slot)?;

        // The header's sector first: a header never stands before a content that is half erased.
        for sector in 0..Self::SLOT_SECTORS {
            self.partition.erase(slot * Self::SLOT_SECTORS + sector)?;
        }
        let crc = self.pass(slot, source, true)?.unwrap_or_default();
        let header = &mut state.head[..HEADER_BYTES];
        put(header, SEQUENCE, sequence);
        put(header, CRC, crc);
        seal(header);
        self.partition.program(slot * Self::SLOT_BYTES, header)?;
        Ok(Outcome::Written)
    }

    /// Forgets all states of an owner, the newest one last: until then it is what it was. The headers stay, since the
    /// next state goes behind the newest one, be it forgotten or not.
    pub fn forget(&mut self, owner: u32) -> Result<(), SavedError> {
        let (mut newest, mut state) = (State::NONE, State::NONE);
        let is_there = self.find_newest(owner, &mut newest)?;
        for slot in 0..self.slots() {
            let is_last = is_there && slot == newest.slot;
            if !is_last && self.header(slot, &mut state)? && state.owner() == owner && !state.is_forgotten() {
                self.mark_forgotten(slot)?;
            }
        }
        if is_there {
            self.mark_forgotten(newest.slot)?;
        }
        Ok(())
    }

    /// Is it its owner's newest one?
    #[inline(never)]
    fn is_newest(&mut self, state: &State) -> Result<bool, FlashError> {
        let mut newest = State::NONE;
        Ok(self.find_newest(state.owner(), &mut newest)? && newest.slot == state.slot)
    }

    #[inline(never)]
    fn find_newest(&mut self, owner: u32, state: &mut State) -> Result<bool, FlashError> {
        self.find(&|state| state.owner() == owner, Self::is_sound, state)
    }

    /// Finds the last state that is wanted and that does: those that do not are passed over. Whether there is one.
    // It is put where it is wanted: results that are copied are on the stack twice.
    #[inline(never)]
    fn find(
        &mut self,
        wanted: &dyn Fn(&State) -> bool,
        does: fn(&mut Self, &State) -> Result<bool, FlashError>,
        state: &mut State,
    ) -> Result<bool, FlashError> {
        let mut most = Some(u32::MAX);
        while let Some(up_to) = most {
            let last = self.last(up_to, &|state| !state.is_forgotten() && wanted(state))?;
            let Some(slot) = last else { break };
            self.header(slot, state)?;
            if does(self, state)? {
                return Ok(true);
            }
            most = state.sequence().checked_sub(1);
        }
        Ok(false)
    }

    fn slots(&self) -> u32 {
        self.partition.sectors() / Self::SLOT_SECTORS
    }

    /// The first slot from `slot` on, around the region, that has no owner's newest state.
    #[inline(never)]
    fn spare(&mut self, mut slot: u32) -> Result<u32, SavedError> {
        let mut state = State::NONE;
        for _ in 0..self.slots() {
            if slot >= self.slots() {
                slot = 0;
            }
            if !self.header(slot, &mut state)? || state.is_forgotten() || !self.is_newest(&state)? {
                return Ok(slot);
            }
            slot += 1;
        }
        Err(SavedError::Full)
    }

    /// Reads what a slot says. Whether there is a header.
    #[inline(never)]
    fn header(&mut self, slot: u32, state: &mut State) -> Result<bool, FlashError> {
        state.slot = slot;
        self.partition.read(slot * Self::SLOT_BYTES, &mut state.head)?;
        Ok(state.head.starts_with(&BEGINNING) && is_sealed(&state.head[..HEADER_BYTES]))
    }

    /// The slot of the state with the highest sequence of those that are wanted, up to this one.
    #[inline(never)]
    fn last(&mut self, most: u32, wanted: &dyn Fn(&State) -> bool) -> Result<Option<u32>, FlashError> {
        let (mut last, mut state) = (None, State::NONE);
        let (mut slot, slots) = (0, self.slots());
        let mut least = 0;
        loop {
            // Most slots are blank.
            slot = self.partition.next_begun(slot, slots, Self::SLOT_BYTES, BEGINNING[0])?;
            if slot >= slots {
                return Ok(last);
            }
            if self.header(slot, &mut state)? {
                let sequence = state.sequence();
                if (least..=most).contains(&sequence) && wanted(&state) {
                    (last, least) = (Some(slot), sequence);
                }
            }
            slot += 1;
        }
    }

    fn is_sound(&mut self, state: &State) -> Result<bool, FlashError> {
        Ok(self.partition.crc(state.slot * Self::SLOT_BYTES + CONTENT, Self::CELL_BYTES)? == state.crc())
    }

    /// Goes through the content that a source would have, and `writes` it to a slot, or compares it with what is there. Its CRC;
    /// `None` if something else is there.
    #[inline(never)]
    fn pass(&mut self, slot: u32, source: &mut impl Source, writes: bool) -> Result<Option<u32>, FlashError> {
        let mut crc = Crc32::new();
        let mut buffer = [0; CHUNK_BYTES as usize];
        for (at, length) in chunks(Self::CELL_BYTES) {
            let bytes = &mut buffer[..length];
            source.cells(at as u16, bytes);
            crc.update(bytes);
            let offset = slot * Self::SLOT_BYTES + CONTENT + at;
            if writes {
                self.partition.program(offset, bytes)?;
            } else if !self.partition.holds(offset, bytes)? {
                return Ok(None);
            }
        }
        Ok(Some(crc.value()))
    }

    fn mark_forgotten(&mut self, slot: u32) -> Result<(), FlashError> {
        self.partition.mark(slot * Self::SLOT_BYTES + FORGOTTEN)
    }
}
