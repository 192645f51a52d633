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
use images::crc32::{crc32, Crc32};
use images::say::{Printer, Say};

use crate::flash::{chunks, is_mark, number, FlashError, Partition, CHUNK_BYTES, ERASED, PAGE_BYTES};

const MAGIC: [u8; 4] = [0x89, b'B', b'F', b'S'];
const VERSION: u8 = 1;
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

/// A state that is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where the program goes on; with `None` there are only the cells.
    pub checkpoint: Option<Checkpoint>,
    slot: u32,
    sequence: u32,
    owner: u32,
    crc: u32,
}

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
                "all places for saved cells are taken; forget those of a program that is not needed any more"
            }
            SavedError::Damaged => "the saved cells are damaged; look for the newest ones again",
            SavedError::NoNumbers => "the saved cells have no numbers left; erase their part of the flash",
            SavedError::Flash => "the flash failed; try again after a restart",
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
    /// Whose state it is.
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// No two states have one sequence number.
    fn is(&self, other: &State) -> bool {
        self.sequence == other.sequence
    }

    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [ERASED; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = VERSION;
        bytes[5] = self.checkpoint.is_some().into();
        if let Some(checkpoint) = self.checkpoint {
            bytes[6] = checkpoint.end_of_input;
            bytes[7] = checkpoint.pending.is_some().into();
            bytes[8] = checkpoint.pending.unwrap_or(ERASED);
            bytes[10..12].copy_from_slice(&checkpoint.pointer.to_le_bytes());
            bytes[12..16].copy_from_slice(&checkpoint.position.to_le_bytes());
        }
        bytes[16..20].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.owner.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.crc.to_le_bytes());
        let crc = crc32(&bytes[..32]);
        bytes[32..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; HEADER_BYTES], slot: u32) -> Option<State> {
        let sound =
            bytes.starts_with(&MAGIC) && bytes[4] == VERSION && crc32(&bytes[..32]) == number(bytes, 32);
        let checkpoint = Checkpoint {
            position: number(bytes, 12),
            pointer: u16::from_le_bytes([bytes[10], bytes[11]]),
            end_of_input: bytes[6],
            pending: (bytes[7] == 1).then_some(bytes[8]),
        };
        sound.then_some(State {
            checkpoint: (bytes[5] == 1).then_some(checkpoint),
            slot,
            sequence: number(bytes, 16),
            owner: number(bytes, 20),
            crc: number(bytes, 28),
        })
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
        let mut below = None;
        while let Some(state) = self.last(&|state, forgotten| {
            state.owner == owner && !forgotten && below.is_none_or(|below| state.sequence < below)
        })? {
            if self.is_sound(&state)? {
                return Ok(Some(state));
            }
            below = Some(state.sequence);
        }
        Ok(None)
    }

    /// Of all owners' newest states the last one that has a checkpoint: the program to go on with. An owner whose newest
    /// state has only cells is passed over.
    pub fn newest_checkpoint(&mut self) -> Result<Option<State>, SavedError> {
        let mut below = None;
        while let Some(state) = self.last(&|state, forgotten| {
            state.checkpoint.is_some() && !forgotten && below.is_none_or(|below| state.sequence < below)
        })? {
            if self.is_newest(&state)? {
                return Ok(Some(state));
            }
            below = Some(state.sequence);
        }
        Ok(None)
    }

    /// Gives back a state, in pieces. After an error, what the sink has is of no use.
    pub fn load(&mut self, state: &State, sink: &mut impl Sink) -> Result<(), SavedError> {
        if !matches!(self.header(state.slot)?, Some((found, false)) if found.is(state)) {
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
        if crc.value() == state.crc {
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
        if let Some(newest) = self.newest(owner)?.filter(|newest| newest.checkpoint == checkpoint) {
            if self.holds(&newest, source)? {
                return Ok(Outcome::Unchanged);
            }
        }
        let last = self.last(&|_, _| true)?;
        let sequence =
            last.map_or(Some(0), |last| last.sequence.checked_add(1)).ok_or(SavedError::NoNumbers)?;
        let slot = self.spare(last.map_or(0, |last| last.slot + 1))?;

        // The header's sector first: a header never stands before a content that is half erased.
        for sector in 0..Self::SLOT_SECTORS {
            self.partition.erase(slot * Self::SLOT_SECTORS + sector)?;
        }
        let content = slot * Self::SLOT_BYTES + CONTENT;
        let mut crc = Crc32::new();
        Self::stream(source, |at, bytes| {
            crc.update(bytes);
            self.partition.program(content + at, bytes)
        })?;
        let state = State { checkpoint, slot, sequence, owner, crc: crc.value() };
        self.partition.program(slot * Self::SLOT_BYTES, &state.to_bytes())?;
        Ok(Outcome::Written)
    }

    /// Forgets all states of an owner, the newest one last: until then it is what it was. The headers stay, since the
    /// next state goes behind the newest one, be it forgotten or not.
    pub fn forget(&mut self, owner: u32) -> Result<(), SavedError> {
        let newest = self.newest(owner)?;
        for slot in 0..self.slots() {
            match self.header(slot)? {
                Some((state, false))
                    if state.owner == owner && !newest.is_some_and(|newest| newest.is(&state)) =>
                {
                    self.mark_forgotten(slot)?
                }
                _ => {}
            }
        }
        match newest {
            Some(newest) => self.mark_forgotten(newest.slot),
            None => Ok(()),
        }
    }

    /// Is it its owner's newest one?
    #[inline(never)]
    fn is_newest(&mut self, state: &State) -> Result<bool, SavedError> {
        Ok(self.newest(state.owner)?.is_some_and(|newest| newest.is(state)))
    }

    fn slots(&self) -> u32 {
        self.partition.sectors() / Self::SLOT_SECTORS
    }

    /// The first slot from `slot` on, around the region, that has no owner's newest state.
    fn spare(&mut self, slot: u32) -> Result<u32, SavedError> {
        let slots = self.slots();
        for slot in (slot..slots).chain(0..slot.min(slots)) {
            let needed = match self.header(slot)? {
                Some((state, false)) => self.is_newest(&state)?,
                Some((_, true)) | None => false,
            };
            if !needed {
                return Ok(slot);
            }
        }
        Err(SavedError::Full)
    }

    /// What the header in a slot says, and whether it is forgotten.
    fn header(&mut self, slot: u32) -> Result<Option<(State, bool)>, SavedError> {
        let mut bytes = [0; HEADER_BYTES];
        let mut mark = [0];
        self.partition.read(slot * Self::SLOT_BYTES, &mut bytes)?;
        self.partition.read(slot * Self::SLOT_BYTES + FORGOTTEN, &mut mark)?;
        Ok(State::from_bytes(&bytes, slot).map(|state| (state, is_mark(mark[0]))))
    }

    /// The state with the highest sequence of those that are wanted.
    #[inline(never)]
    fn last(&mut self, wanted: &dyn Fn(&State, bool) -> bool) -> Result<Option<State>, SavedError> {
        let mut last: Option<State> = None;
        let (mut at, slots) = (0, self.slots());
        while at < slots {
            // Most slots are blank.
            let slot = self.partition.next_begun(at, slots, Self::SLOT_BYTES, MAGIC[0])?;
            at = slot + 1;
            if slot == slots {
                break;
            }
            if let Some((state, forgotten)) = self.header(slot)? {
                if wanted(&state, forgotten) && last.is_none_or(|last| last.sequence < state.sequence) {
                    last = Some(state);
                }
            }
        }
        Ok(last)
    }

    fn is_sound(&mut self, state: &State) -> Result<bool, SavedError> {
        Ok(self.partition.crc(state.slot * Self::SLOT_BYTES + CONTENT, Self::CELL_BYTES)? == state.crc)
    }

    /// Is a state's content that of the source?
    fn holds(&mut self, state: &State, source: &mut impl Source) -> Result<bool, SavedError> {
        let content = state.slot * Self::SLOT_BYTES + CONTENT;
        let mut same = true;
        Self::stream(source, |at, bytes| {
            let mut buffer = [0; CHUNK_BYTES as usize];
            let saved = &mut buffer[..bytes.len()];
            self.partition.read(content + at, saved)?;
            same &= saved == bytes;
            Ok(())
        })?;
        Ok(same)
    }

    /// Hands on the content that a source would have, in pieces with their offsets.
    fn stream(
        source: &mut impl Source,
        mut each: impl FnMut(u32, &[u8]) -> Result<(), FlashError>,
    ) -> Result<(), SavedError> {
        let mut buffer = [0; CHUNK_BYTES as usize];
        for (at, length) in chunks(Self::CELL_BYTES) {
            let bytes = &mut buffer[..length];
            source.cells(at as u16, bytes);
            each(at, bytes)?;
        }
        Ok(())
    }

    fn mark_forgotten(&mut self, slot: u32) -> Result<(), SavedError> {
        Ok(self.partition.mark(slot * Self::SLOT_BYTES + FORGOTTEN)?)
    }
}
