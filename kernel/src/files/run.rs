//! What is in the flash: runs of sectors, each with a header page.
//!
//! ```text
//!     0  magic     89 42 46 46  ("BFF")
//!     4  version   1
//!     5  unused    FF FF FF
//!     8  id        u32: grows from run to run
//!    12  sectors   u32: how many the run has while it is a draft
//!    16  head crc  u32: CRC-32 (ISO-HDLC) of the 16 bytes before
//!    20  settled   three marks: what the records ask for is done
//!    23  removed   a mark
//!    64  three records of 64 bytes: the first makes a file of the run, the others rename it, the last one counts
//!         0  replaces  u32: id of the file that goes when this one gets its name, FFFFFFFF: none
//!         4  length    u32: bytes of the content
//!         8  body crc  u32: CRC-32 of the content
//!        12  name      48 bytes, FF behind its end
//!        60  crc       u32: CRC-32 of the 60 bytes before
//!   256  the content
//! ```
//!
//! All numbers are little-endian. A mark is a byte that is programmed to 0.
//!
//! A run covers its sectors: the walk over the region goes from header to header and never looks for one in a
//! content. A draft covers all the sectors that were asked for. A file covers what its content needs; it is
//! therefore no draft any more as soon as a record is written or a mark says that there was one, even if the records
//! are damaged since: the sectors behind its content may belong to others.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::record::{is_sealed, number, put, seal};

use super::name::{is_name, name_in, Name, NAME_BYTES};
use crate::flash::{is_erased, is_mark, FlashError, Partition, ERASED, MARK, PAGE_BYTES};

pub(super) const MAGIC: [u8; 4] = [0x89, b'B', b'F', b'F'];
const VERSION: u8 = 1;
/// Bytes of a header with its CRC.
const HEADER_BYTES: usize = 20;
/// Offset in the header page of the mark that the first record is settled.
pub(super) const SETTLED: u32 = 20;
/// Offset in the header page of the mark that the run is removed.
pub(super) const REMOVED: u32 = 23;
/// Marks in a header page.
const MARKS: usize = 4;
/// Bytes of a record.
pub(super) const RECORD_BYTES: usize = 64;
/// Offset in a record of the name.
const NAME: usize = 12;
/// Records in a header page.
pub(super) const RECORDS: u8 = 3;
/// In a record: no file is replaced. No file has this id.
pub(super) const NONE: u32 = u32::MAX;
/// Offset of the content.
pub(super) const CONTENT: u32 = PAGE_BYTES;

/// The header of a new run.
pub(super) fn header(id: u32, sectors: u32) -> [u8; HEADER_BYTES] {
    let mut bytes = [ERASED; HEADER_BYTES];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = VERSION;
    put(&mut bytes, 8, id);
    put(&mut bytes, 12, sectors);
    seal(&mut bytes);
    bytes
}

/// What makes a file of a run, but for the name: that stays in the flash, so that the stack stays small.
#[derive(Clone, Copy)]
pub(super) struct Record {
    /// Id of the file that goes.
    pub replaces: u32,
    /// Bytes of the content.
    pub length: u32,
    /// CRC of the content.
    pub crc: u32,
}

impl Record {
    /// Offset in the header page of a record.
    pub fn offset(slot: u8) -> u32 {
        (u32::from(slot) + 1) * RECORD_BYTES as u32
    }

    /// The bytes of the record, with a name that [`is_name`].
    pub fn to_bytes(self, name: &[u8]) -> [u8; RECORD_BYTES] {
        let mut bytes = [ERASED; RECORD_BYTES];
        put(&mut bytes, 0, self.replaces);
        put(&mut bytes, 4, self.length);
        put(&mut bytes, 8, self.crc);
        bytes[NAME..].iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        seal(&mut bytes);
        bytes
    }
}

/// A run of sectors with a header.
pub(super) struct Run {
    /// The first sector.
    pub start: u32,
    /// Sectors that it covers, at least one.
    pub sectors: u32,
    /// Its number.
    pub id: u32,
    /// A record or a mark is damaged: the name may be one that the file had before.
    pub damaged: bool,
    /// What the sectors are.
    pub state: State,
    /// Which of a file's records counts.
    pub slot: u8,
    /// The first record that is still blank; [`RECORDS`]: none.
    pub blank: u8,
    /// Is done what the record asks for?
    pub settled: bool,
    /// The record of a file.
    pub record: Record,
}

/// What the sectors of a run are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A file to be.
    Draft,
    /// A file.
    Live,
    /// Of no use any more.
    Dead,
}

impl Run {
    /// None yet.
    pub const NONE: Run = Run {
        start: 0,
        sectors: 0,
        id: 0,
        damaged: false,
        state: State::Dead,
        slot: 0,
        blank: 0,
        settled: false,
        record: Record { replaces: NONE, length: 0, crc: 0 },
    };

    /// A run that is about to become a file.
    pub fn new(start: u32, length: u32, crc: u32) -> Run {
        Run { start, record: Record { replaces: NONE, length, crc }, ..Run::NONE }
    }

    /// Sector behind the run.
    pub fn end(&self) -> u32 {
        self.start + self.sectors
    }

    /// This is a file.
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }
}

/// Reads the name of a file.
pub(super) fn name<F: MultiwriteNorFlash>(
    partition: &mut Partition<F>,
    run: &Run,
    name: &mut Name,
) -> Result<(), FlashError> {
    partition.read(name_offset::<F>(run), &mut name.0)
}

/// Does a file have this name? Reads as many bytes as that takes.
#[inline(never)]
pub(super) fn has_name<F: MultiwriteNorFlash>(
    partition: &mut Partition<F>,
    run: &Run,
    name: &[u8],
) -> Result<bool, FlashError> {
    let mut buffer = [0; NAME_BYTES];
    // With one byte more, where a longer name goes on.
    let bytes = &mut buffer[..(name.len() + 1).min(NAME_BYTES)];
    partition.read(name_offset::<F>(run), bytes)?;
    Ok(name_in(bytes) == name)
}

fn name_offset<F: MultiwriteNorFlash>(run: &Run) -> u32 {
    run.start * Partition::<F>::SECTOR_BYTES + Record::offset(run.slot) + NAME as u32
}

/// Sectors of a run for so many bytes of content; more than there are if it is too much.
pub(super) fn sectors_for(content: u32, sector_bytes: u32) -> u32 {
    content.saturating_add(CONTENT + sector_bytes - 1) / sector_bytes
}

/// The bytes of a header page that say what the run is, without its records.
type Head = [u8; HEADER_BYTES + MARKS];

fn is_sound(head: &Head) -> bool {
    head.starts_with(&MAGIC) && head[4] == VERSION && is_sealed(&head[..HEADER_BYTES])
}

/// Finds the run that starts at a sector that no run before covers. Whether there is one: if not, the sector is free. Of a sector without a
/// header no more than the magic is read.
#[inline(never)]
pub(super) fn find<F: MultiwriteNorFlash>(
    partition: &mut Partition<F>,
    start: u32,
    run: &mut Run,
) -> Result<bool, FlashError> {
    let page = start.checked_mul(Partition::<F>::SECTOR_BYTES).ok_or(FlashError)?;
    let mut head: Head = [0; HEADER_BYTES + MARKS];
    let (magic, rest) = head.split_at_mut(MAGIC.len());
    partition.read(page, magic)?;
    if *magic != MAGIC {
        return Ok(false);
    }
    partition.read(page + MAGIC.len() as u32, rest)?;
    if !is_sound(&head) {
        return Ok(false);
    }
    (run.start, run.id, run.sectors) = (start, number(&head, 8), number(&head, 12));
    (run.state, run.blank) = (State::Draft, 0);
    let (_, marks) = head.split_at(HEADER_BYTES);
    run.damaged = marks.iter().any(|&mark| mark != ERASED && mark != MARK);
    let mut is_draft = true;
    for slot in 0..RECORDS {
        let settled = is_mark(marks[usize::from(slot)]);
        let mut bytes = [0; RECORD_BYTES];
        partition.read(page + Record::offset(slot), &mut bytes)?;
        if !settled && is_erased(&bytes) {
            continue;
        }
        run.blank = slot + 1;
        if is_sealed(&bytes) && is_name(name_in(&bytes[NAME..60])) {
            run.record =
                Record { replaces: number(&bytes, 0), length: number(&bytes, 4), crc: number(&bytes, 8) };
            (run.state, run.slot, run.settled) = (State::Live, slot, settled);
        } else if settled || bytes[RECORD_BYTES - 1] != ERASED {
            // It was whole once; without its last byte it never was.
            (is_draft, run.damaged) = (false, true);
        }
    }
    if run.is_live() {
        run.sectors = sectors_for(run.record.length, Partition::<F>::SECTOR_BYTES);
    } else if !is_draft {
        return Ok(false);
    }
    // A run that reaches out of the region would be damage that has the right CRC.
    if run.sectors == 0 || run.sectors > partition.sectors().saturating_sub(start) {
        return Ok(false);
    }
    if is_mark(marks[MARKS - 1]) {
        run.state = State::Dead;
    }
    Ok(true)
}

/// Is a sector at which no run starts damaged? Otherwise there is nothing: it is blank, or what was there was removed or
/// never finished.
pub(super) fn is_damaged<F: MultiwriteNorFlash>(
    partition: &mut Partition<F>,
    start: u32,
) -> Result<bool, FlashError> {
    let page = start.checked_mul(Partition::<F>::SECTOR_BYTES).ok_or(FlashError)?;
    let mut head: Head = [0; HEADER_BYTES + MARKS];
    partition.read(page, &mut head)?;
    let [.., removed] = head;
    if is_sound(&head) {
        // What the header or the records say cannot be.
        return Ok(!is_mark(removed));
    }
    let unfinished = head[0] == MAGIC[0] && head[HEADER_BYTES - 1] == ERASED;
    // The header of a dead run is overwritten by marks before it is erased.
    let void = head[0] == MARK;
    Ok(!(is_erased(&head) || unfinished || void))
}
