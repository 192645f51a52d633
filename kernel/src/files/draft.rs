//! Files to be.

use embedded_storage::nor_flash::MultiwriteNorFlash;

use images::crc32::crc32;

use super::run::{header, sectors_for, Run, CONTENT, NONE};
use super::{File, Files, FilesError, Name, Sealed};
use crate::flash::{chunks, FlashError, CHUNK_BYTES};

/// A file that is being written. It has its sectors, but no list shows it before it is sealed. To be given back to
/// the [`Files`] that it is from: a draft that is dropped keeps its sectors until the next mount.
#[derive(Debug)]
#[must_use = "a draft is sealed or abandoned"]
pub struct Draft {
    name: Name,
    id: u32,
    start: u32,
    most: u32,
    length: u32,
}

impl<F: MultiwriteNorFlash> Files<F> {
    /// Begins a file of at most so many bytes. Erases what was removed, if its turn has come: 45 ms for each sector.
    pub fn create(&mut self, name: impl AsRef<[u8]>, most_bytes: u32) -> Result<Draft, FilesError> {
        let name = Name::from_bytes(name.as_ref())?;
        let start = self.begin(most_bytes)?;
        Ok(Draft { name, id: self.newest, start, most: most_bytes, length: 0 })
    }

    /// Makes a file of these bytes, as a draft that is sealed: nobody has seen the file that it replaces.
    pub(crate) fn put(&mut self, name: &[u8], bytes: &[u8]) -> Result<(), FilesError> {
        let length = bytes.len() as u32;
        let start = self.begin(length)?;
        self.partition.program(start * Self::SECTOR_BYTES + CONTENT, bytes)?;
        self.publish(&Run::new(start, length, crc32(bytes)), name)?;
        Ok(())
    }

    /// Begins a run for so many bytes, which has the newest id then. Its first sector.
    #[inline(never)]
    fn begin(&mut self, most_bytes: u32) -> Result<u32, FilesError> {
        let id = self.newest.checked_add(1).filter(|&id| id != NONE).ok_or(FilesError::NoIds)?;
        let sectors = sectors_for(most_bytes, Self::SECTOR_BYTES);
        let start = self.claim(sectors)?;
        self.end = self.end.max(start + sectors);
        self.partition.program(start * Self::SECTOR_BYTES, &header(id, sectors))?;
        self.newest = id;
        self.behind = start + sectors;
        Ok(start)
    }

    /// Writes bytes of the content, in any order. What is written twice keeps the bits that are 1 both times; what is
    /// left out stays FF.
    pub fn write(&mut self, draft: &mut Draft, offset: u32, bytes: &[u8]) -> Result<(), FilesError> {
        let length = u32::try_from(bytes.len()).ok();
        let end = length.and_then(|length| offset.checked_add(length)).filter(|&end| end <= draft.most);
        let end = end.ok_or(FilesError::TooLong)?;
        draft.length = draft.length.max(end);
        Ok(self.partition.program(draft.start * Self::SECTOR_BYTES + CONTENT + offset, bytes)?)
    }

    /// Where a draft is, with all the bytes that it can have: for who writes them without [`Files::write`].
    pub fn place(&self, draft: &Draft) -> File {
        self.place_of(draft, draft.most)
    }

    /// Makes a file of a draft, in one moment: it ends with the last byte that was written. It replaces the file that
    /// has the name already. What was asked for and not needed is free again.
    ///
    /// If that fails, the draft is removed by the next mount.
    pub fn seal(&mut self, draft: Draft) -> Result<Sealed, FilesError> {
        let replaced = self.publish_draft(&draft, draft.length)?;
        Ok(Sealed { file: self.place_of(&draft, draft.length), replaced })
    }

    /// Makes a file of so many bytes of a draft. The file that it replaces.
    #[inline(never)]
    pub(crate) fn publish_draft(&mut self, draft: &Draft, length: u32) -> Result<Option<File>, FilesError> {
        if length > draft.most {
            return Err(FilesError::TooLong);
        }
        let crc = self.partition.crc(draft.start * Self::SECTOR_BYTES + CONTENT, length)?;
        let replaced = self.publish(&Run::new(draft.start, length, crc), draft.name.as_bytes())?;
        self.behind = draft.start + sectors_for(length, Self::SECTOR_BYTES);
        Ok(replaced)
    }

    fn place_of(&self, draft: &Draft, length: u32) -> File {
        File { id: draft.id, address: self.address(draft.start), length }
    }

    /// Gives up a draft.
    pub fn abandon(&mut self, draft: Draft) -> Result<(), FilesError> {
        Ok(self.give_up(&draft)?)
    }

    pub(crate) fn give_up(&mut self, draft: &Draft) -> Result<(), FlashError> {
        self.mark_removed(draft.start)
    }

    /// Copies a file's content to another run, which is `run` then. It becomes a file when it gets a record.
    #[inline(never)]
    pub(super) fn copy(&mut self, run: &mut Run) -> Result<(), FilesError> {
        self.check_content(run)?;
        let length = run.record.length;
        let start = self.begin(length)?;
        self.copy_content(run.start, start, length)?;
        (run.start, run.id, run.blank) = (start, self.newest, 0);
        Ok(())
    }

    // A frame of its own: it is large, and not needed by what comes before.
    #[inline(never)]
    fn copy_content(&mut self, from: u32, to: u32, length: u32) -> Result<(), FlashError> {
        let mut buffer = [0; CHUNK_BYTES as usize];
        for (at, length) in chunks(length) {
            let bytes = &mut buffer[..length];
            self.partition.read(from * Self::SECTOR_BYTES + CONTENT + at, bytes)?;
            self.partition.program(to * Self::SECTOR_BYTES + CONTENT + at, bytes)?;
        }
        Ok(())
    }
}
