//! Files in a region of the flash.
//!
//! The content of a file is contiguous, so that programs are executed and images run where they are. A file is written
//! as a draft, once, and becomes a file by one record, written last; to change it is to write another one that
//! takes its name. Whenever the power is cut, an operation is done or it is not done: [`Files::mount`] finishes what
//! was begun.
//!
//! Runs of sectors are given out in turn, behind the newest one, and what is removed is erased when its turn comes:
//! so all sectors wear alike, and the content of a removed file stays as it was until a draft is created. Files are
//! not moved: free space can be in pieces, and a file needs one piece.
//!
//! After damage two files can have one name: one that lost its newest record falls back to the name before. Then
//! the undamaged one, of these the newest one, has the name, until it is removed or renamed.
//!
//! Nothing of the directory is kept in RAM: every operation walks over the region, as far as there are runs.

mod check;
mod draft;
mod name;
mod run;
mod space;

use core::ops::Range;

use embedded_storage::nor_flash::MultiwriteNorFlash;

pub use check::{Check, Damage};
pub use draft::Draft;
pub(crate) use name::is_name;
pub use name::{Name, NAME_BYTES};
pub use space::Free;

use crate::flash::{FlashError, Partition};
use images::packed;
use images::say::{Printer, Say};
use run::{Record, Run, State, CONTENT, NONE, RECORDS, REMOVED, SETTLED};

/// The files in a region of the flash `F`, which is a handle to share if others need the flash as well.
pub struct Files<F> {
    partition: Partition<F>,
    /// The highest id that was ever seen.
    newest: u32,
    /// The sector behind the newest run: where the search for space begins.
    behind: u32,
    /// The sector behind the last run of the region: no walk for runs goes further.
    end: u32,
}

/// A file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its number: another file of the same name has another one.
    pub id: u32,
    /// Flash address of the first byte of the content.
    pub address: u32,
    /// Bytes of the content.
    pub length: u32,
}

/// What sealing a draft made. The place of a file that is replaced belongs to nobody any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The new file.
    pub file: File,
    /// The file that had the name before.
    pub replaced: Option<File>,
}

/// What renaming a file made. The places of files that are replaced or copied belong to nobody any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The file under its new name: another one than before if it was copied.
    pub file: File,
    /// Another file, which had the new name before.
    pub replaced: Option<File>,
    /// The file as it was before, if it was copied.
    pub copied: Option<File>,
}

/// A line of the list of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: Name,
    /// The file.
    pub file: File,
}

impl Entry {
    /// None yet.
    pub(crate) const NONE: Entry = Entry { name: Name::NONE, file: File { id: 0, address: 0, length: 0 } };
}

/// What goes wrong with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as what it stands in place of: results are in registers then.
#[repr(u32)]
pub enum FilesError {
    /// No name for a file.
    Name,
    /// No such file.
    NotFound,
    /// No piece of free space is large enough: [`Files::free`] says how large the largest one is.
    NoSpace,
    /// More is written than was asked for.
    TooLong,
    /// The content is not what was written.
    Damaged,
    /// All ids are used up.
    NoIds,
    /// The flash did not obey.
    Flash,
}

impl Say for FilesError {
    fn say(&self, to: &mut dyn Printer) {
        let text = match self {
            FilesError::Name => {
                to.text(packed!("a file's name has 1 to ")).number(NAME_BYTES as u32);
                packed!(" characters, no space and no slash; choose another one")
            }
            FilesError::NotFound => packed!("there is no file of this name; look for it with ls"),
            FilesError::NoSpace => packed!("it fits into no free piece; remove a file with rm"),
            FilesError::TooLong => {
                packed!("there is no space for so many bytes; create the file again with more")
            }
            FilesError::Damaged => packed!("the file is damaged; remove it with rm and write it again"),
            FilesError::NoIds => {
                packed!("the files have no numbers left; copy them to a host, erase the flash and write them again")
            }
            FilesError::Flash => packed!("the flash failed; try again after a restart"),
        };
        to.text(text);
    }
}

images::said!(FilesError);

impl From<FlashError> for FilesError {
    fn from(_: FlashError) -> Self {
        FilesError::Flash
    }
}

impl<F: MultiwriteNorFlash> Files<F> {
    const SECTOR_BYTES: u32 = Partition::<F>::SECTOR_BYTES;

    /// The files at these addresses of the flash, which begin and end where sectors do.
    ///
    /// Finishes what was begun when the power was cut, and removes the drafts. Fails only if the flash fails.
    pub fn mount(flash: F, addresses: Range<u32>) -> Result<Self, FilesError> {
        let mut files = Files::new(flash, addresses);
        files.remount()?;
        Ok(files)
    }

    /// The same, to be mounted before all else ([`Files::remount`]).
    pub(crate) const fn new(flash: F, addresses: Range<u32>) -> Self {
        Files { partition: Partition::new(flash, addresses), newest: 0, behind: 0, end: 0 }
    }

    /// Mounts them, for the first time or again.
    #[inline(never)]
    pub(crate) fn remount(&mut self) -> Result<(), FilesError> {
        (self.newest, self.behind, self.end) = (0, 0, self.partition.sectors());
        let (mut newest, mut end) = (0, 0);
        let (mut at, mut run) = (0, Run::NONE);
        while self.next_run(&mut at, &mut run)? {
            end = run.end();
            if run.id >= newest {
                newest = run.id;
                self.behind = end;
            }
            self.newest = self.newest.max(run.id);
            match run.state {
                State::Draft => self.mark_removed(run.start)?,
                State::Live => {
                    // The id of a replaced file may be nowhere else any more, but no other file must get it.
                    if run.record.replaces != NONE {
                        self.newest = self.newest.max(run.record.replaces);
                    }
                    if !run.settled {
                        self.settle(&run)?;
                    }
                }
                State::Dead => {}
            }
        }
        self.end = end;
        Ok(())
    }

    /// The flash that they are in.
    pub(crate) fn flash(&mut self) -> &mut F {
        self.partition.flash()
    }

    /// All files, in the order of their places.
    pub fn list(&mut self) -> List<'_, F> {
        List { files: self, at: 0 }
    }

    /// The file of this name. Reads its content, to compare the CRC.
    pub fn open(&mut self, name: impl AsRef<[u8]>) -> Result<File, FilesError> {
        self.get(name.as_ref(), true)
    }

    /// The file of this name, whatever its content is: for contents that have a CRC of their own.
    pub fn look_up(&mut self, name: impl AsRef<[u8]>) -> Result<File, FilesError> {
        self.get(name.as_ref(), false)
    }

    /// The file of this name; if it `checks`, its content is sound.
    #[inline(never)]
    pub(crate) fn get(&mut self, name: &[u8], checks: bool) -> Result<File, FilesError> {
        let mut run = Run::NONE;
        self.find(name, &mut run)?;
        if checks {
            self.check_content(&run)?;
        }
        Ok(self.file(&run))
    }

    /// Gives a file another name. A file that has this name already is replaced.
    ///
    /// The third time, and every second time from then on, the file is copied: that needs space.
    pub fn rename(&mut self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Result<Renamed, FilesError> {
        self.move_to(from.as_ref(), to.as_ref())
    }

    #[inline(never)]
    fn move_to(&mut self, from: &[u8], to: &[u8]) -> Result<Renamed, FilesError> {
        if !is_name(to) {
            return Err(FilesError::Name);
        }
        let mut run = Run::NONE;
        self.find(from, &mut run)?;
        let file = self.file(&run);
        let (mut replaced, mut copied) = (None, None);
        if from != to {
            if run.blank == RECORDS {
                self.copy(&mut run)?;
                self.publish(&run, from)?;
                run.blank += 1;
                copied = Some(file);
            }
            replaced = self.publish(&run, to)?;
        }
        Ok(Renamed { file: self.file(&run), replaced, copied })
    }

    /// Removes a file and says where it was. Its content stays there until the next draft is created.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Result<File, FilesError> {
        let mut run = Run::NONE;
        self.find(name.as_ref(), &mut run)?;
        self.mark_removed(run.start)?;
        Ok(self.file(&run))
    }

    /// Finds the next run from sector `at` on; moves `at` behind it. Whether there is one.
    // It is put where it is wanted, as those that follow do: results that are copied are on the stack twice.
    #[inline(never)]
    fn next_run(&mut self, at: &mut u32, run: &mut Run) -> Result<bool, FlashError> {
        while *at < self.end {
            *at = self.partition.next_begun(*at, self.end, Self::SECTOR_BYTES, run::MAGIC[0])?;
            if *at < self.end && run::find(&mut self.partition, *at, run)? {
                *at = run.end();
                return Ok(true);
            }
            *at += 1;
        }
        Ok(false)
    }

    /// Finds the run of the file of this name.
    #[inline(never)]
    fn find(&mut self, name: &[u8], run: &mut Run) -> Result<(), FilesError> {
        // Its rank and its place: to read the run again takes less than to keep it on the stack.
        let mut best = None;
        let mut at = 0;
        while self.next_run(&mut at, run)? {
            let rank = (!run.damaged, run.id);
            if run.is_live()
                && best.is_none_or(|(best, _)| best <= rank)
                && run::has_name(&mut self.partition, run, name)?
            {
                best = Some((rank, run.start));
            }
        }
        let (_, start) = best.ok_or(FilesError::NotFound)?;
        match run::find(&mut self.partition, start, run)? {
            true => Ok(()),
            false => Err(FilesError::NotFound),
        }
    }

    /// Writes a record, which is the moment when everything is done, and does what it asks for: the file that has the
    /// name already is the one that is replaced. Returns that one.
    #[inline(never)]
    fn publish(&mut self, run: &Run, name: &[u8]) -> Result<Option<File>, FilesError> {
        let mut replaced = Run::NONE;
        let is_there = match self.find(name, &mut replaced) {
            Ok(()) => true,
            Err(FilesError::NotFound) => false,
            Err(error) => return Err(error),
        };
        let replaces = if is_there { replaced.id } else { NONE };
        self.write_record(run, replaces, name)?;
        if is_there {
            self.mark_removed(replaced.start)?;
        }
        self.mark_settled(run.start, run.blank)?;
        Ok(is_there.then(|| self.file(&replaced)))
    }

    // A frame of its own: it is large, and not needed by what comes before.
    #[inline(never)]
    fn write_record(&mut self, run: &Run, replaces: u32, name: &[u8]) -> Result<(), FlashError> {
        let offset = run.start * Self::SECTOR_BYTES + Record::offset(run.blank);
        let record = Record { replaces, ..run.record };
        self.partition.program(offset, &record.to_bytes(name))
    }

    /// Does what a record asks for that was written before the power was cut: removes the file that is replaced.
    #[inline(never)]
    fn settle(&mut self, by: &Run) -> Result<(), FlashError> {
        // No file has the id that says that none is replaced.
        let (mut at, mut run) = (0, Run::NONE);
        while self.next_run(&mut at, &mut run)? {
            if run.id == by.record.replaces && run.start != by.start && run.is_live() {
                self.mark_removed(run.start)?;
            }
        }
        self.mark_settled(by.start, by.slot)
    }

    fn mark_settled(&mut self, start: u32, slot: u8) -> Result<(), FlashError> {
        self.partition.mark(start * Self::SECTOR_BYTES + SETTLED + u32::from(slot))
    }

    #[inline(never)]
    fn mark_removed(&mut self, start: u32) -> Result<(), FlashError> {
        self.partition.mark(start * Self::SECTOR_BYTES + REMOVED)
    }

    /// Is the content what was written?
    fn is_sound(&mut self, run: &Run) -> Result<bool, FlashError> {
        let Record { length, crc, .. } = run.record;
        Ok(self.partition.crc(run.start * Self::SECTOR_BYTES + CONTENT, length)? == crc)
    }

    /// The file that a run is, which is in the region as all runs are.
    fn file(&self, run: &Run) -> File {
        File { id: run.id, address: self.address(run.start), length: run.record.length }
    }

    /// Address of the content of a run.
    fn address(&self, start: u32) -> u32 {
        self.partition.start() + start * Self::SECTOR_BYTES + CONTENT
    }

    /// An error if the content is not what was written.
    fn check_content(&mut self, run: &Run) -> Result<(), FilesError> {
        match self.is_sound(run)? {
            true => Ok(()),
            false => Err(FilesError::Damaged),
        }
    }

    /// Finds the first file from a place on; moves the place behind it. Whether there is one.
    #[inline(never)]
    pub(crate) fn next_entry(&mut self, at: &mut u32, entry: &mut Entry) -> Result<bool, FlashError> {
        let mut run = Run::NONE;
        while self.next_run(at, &mut run)? {
            if run.is_live() {
                entry.file = self.file(&run);
                run::name(&mut self.partition, &run, &mut entry.name)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The files, one after the other.
pub struct List<'a, F> {
    files: &'a mut Files<F>,
    at: u32,
}

impl<F: MultiwriteNorFlash> Iterator for List<'_, F> {
    type Item = Result<Entry, FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut entry = Entry::NONE;
        let found = self.files.next_entry(&mut self.at, &mut entry);
        if found.is_err() {
            self.at = u32::MAX;
        }
        found.map(|found| found.then_some(entry)).map_err(FilesError::from).transpose()
    }
}
