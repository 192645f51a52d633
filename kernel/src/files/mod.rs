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
//! Nothing of the directory is kept in RAM: every operation walks over the region.

mod check;
mod draft;
mod name;
mod run;
mod space;

use core::ops::Range;

use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlashErrorKind};

pub use check::{Check, Damage};
pub use draft::Draft;
pub use name::{Name, NAME_BYTES};
pub use space::Free;

use crate::flash::Partition;
use name::is_name;
use run::{Found, Record, Run, State, CONTENT, NONE, RECORDS, REMOVED, SETTLED};

/// The files in a region of the flash `F`, which is a handle to share if others need the flash as well.
pub struct Files<F> {
    partition: Partition<F>,
    /// The highest id that was ever seen.
    newest: u32,
    /// The sector behind the newest run: where the search for space begins.
    behind: u32,
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

/// A line of the list of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: Name,
    /// The file.
    pub file: File,
}

/// What goes wrong with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// No name for a file.
    #[error("a file's name has 1 to {NAME_BYTES} characters, no space and no slash; choose another one")]
    Name,
    /// No such file.
    #[error("there is no file of this name; look for it with ls")]
    NotFound,
    /// No piece of free space is large enough.
    #[error("{largest} bytes fit into the largest free piece; remove a file with rm")]
    NoSpace {
        /// Bytes of the largest file that can be created.
        largest: u32,
    },
    /// More is written than was asked for.
    #[error("there is space for {most} bytes only; create the file again with more")]
    TooLong {
        /// Bytes that were asked for.
        most: u32,
    },
    /// The content is not what was written.
    #[error("the file is damaged; remove it with rm and write it again")]
    Damaged,
    /// All ids are used up.
    #[error("the files have no numbers left; copy them to a host, erase the flash and write them again")]
    NoIds,
    /// The flash did not obey.
    #[error("the flash failed: {0}; try again after a restart")]
    Flash(NorFlashErrorKind),
}

impl From<NorFlashErrorKind> for FilesError {
    fn from(kind: NorFlashErrorKind) -> Self {
        FilesError::Flash(kind)
    }
}

impl<F: MultiwriteNorFlash> Files<F> {
    const SECTOR_BYTES: u32 = Partition::<F>::SECTOR_BYTES;

    /// The files at these addresses of the flash, which begin and end where sectors do.
    ///
    /// Finishes what was begun when the power was cut, and removes the drafts. Fails only if the flash fails.
    pub fn mount(flash: F, addresses: Range<u32>) -> Result<Self, FilesError> {
        let mut files = Files { partition: Partition::new(flash, addresses), newest: 0, behind: 0 };
        let mut newest = 0;
        let mut at = 0;
        while let Some(run) = files.next_run(&mut at)? {
            if run.id >= newest {
                newest = run.id;
                files.behind = run.end();
            }
            files.newest = files.newest.max(run.id);
            match &run.state {
                State::Draft => files.mark_removed(run.start)?,
                State::Live(live) => {
                    // The id of a replaced file may be nowhere else any more, but no other file must get it.
                    if live.record.replaces != NONE {
                        files.newest = files.newest.max(live.record.replaces);
                    }
                    if !live.settled {
                        files.settle(run.start, live.slot, live.record.replaces)?;
                    }
                }
                State::Dead => {}
            }
        }
        Ok(files)
    }

    /// All files, in the order of their places.
    pub fn list(&mut self) -> List<'_, F> {
        List { files: self, at: 0 }
    }

    /// The file of this name. Reads its content, to compare the CRC.
    pub fn open(&mut self, name: &str) -> Result<File, FilesError> {
        let run = self.find(name)?;
        let live = run.live().ok_or(FilesError::NotFound)?;
        if self.is_sound(run.start, &live.record)? {
            self.file(run.id, run.start, live.record.length)
        } else {
            Err(FilesError::Damaged)
        }
    }

    /// Gives a file another name. A file that has this name already is replaced.
    ///
    /// The third time, and every second time from then on, the file is copied: that needs space.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), FilesError> {
        if !is_name(to.as_bytes()) {
            return Err(FilesError::Name);
        }
        let mut run = self.find(from)?;
        if from == to {
            return Ok(());
        }
        if run.live().is_some_and(|live| live.blank == RECORDS) {
            self.copy(from)?;
            run = self.find(from)?;
        }
        let live = run.live().ok_or(FilesError::NotFound)?;
        let replaces = self.id_of(to)?;
        self.publish(run.start, live.blank, Record { replaces, ..live.record }, to)
    }

    /// Removes a file. Its content stays where it is until the next draft is created.
    pub fn remove(&mut self, name: &str) -> Result<(), FilesError> {
        let run = self.find(name)?;
        self.mark_removed(run.start)
    }

    /// Reads what is at sector `at`, which no run covers, and moves `at` behind it. `None` at the end.
    fn step(&mut self, at: &mut u32) -> Result<Option<Found>, FilesError> {
        if *at >= self.partition.sectors() {
            return Ok(None);
        }
        let found = run::find(&mut self.partition, *at)?;
        *at = match &found {
            Found::Run(run) => run.end(),
            Found::Nothing | Found::Damaged => *at + 1,
        };
        Ok(Some(found))
    }

    /// The next run from sector `at` on; moves `at` behind it.
    fn next_run(&mut self, at: &mut u32) -> Result<Option<Run>, FilesError> {
        while let Some(found) = self.step(at)? {
            if let Found::Run(run) = found {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// The run of the file of this name.
    fn find(&mut self, name: &str) -> Result<Run, FilesError> {
        let mut best = None;
        let mut at = 0;
        while let Some(run) = self.next_run(&mut at)? {
            let Some(live) = run.live() else { continue };
            if run::with_name(&mut self.partition, run.start, live.slot, |its| its == name)? {
                best = best.max(Some((!run.damaged, run.id, run.start)));
            }
        }
        let (_, _, start) = best.ok_or(FilesError::NotFound)?;
        match run::find(&mut self.partition, start)? {
            Found::Run(run) => Ok(run),
            Found::Nothing | Found::Damaged => Err(FilesError::NotFound),
        }
    }

    /// The id of the file of this name, [`NONE`] if there is none.
    fn id_of(&mut self, name: &str) -> Result<u32, FilesError> {
        match self.find(name) {
            Ok(run) => Ok(run.id),
            Err(FilesError::NotFound) => Ok(NONE),
            Err(error) => Err(error),
        }
    }

    /// Writes a record, which is the moment when everything is done, and settles it.
    fn publish(&mut self, start: u32, slot: u32, record: Record, name: &str) -> Result<(), FilesError> {
        self.append(start, slot, record, name)?;
        self.settle(start, slot, record.replaces)
    }

    /// Not inlined, so that the record's bytes leave the stack before the walk of [`Self::settle`].
    #[inline(never)]
    fn append(&mut self, start: u32, slot: u32, record: Record, name: &str) -> Result<(), FilesError> {
        let offset = start * Self::SECTOR_BYTES + Record::offset(slot);
        Ok(self.partition.program(offset, &record.to_bytes(name))?)
    }

    /// Does what a record asks for: removes the file that is replaced.
    fn settle(&mut self, start: u32, slot: u32, replaces: u32) -> Result<(), FilesError> {
        if replaces != NONE {
            let mut at = 0;
            while let Some(run) = self.next_run(&mut at)? {
                if run.id == replaces && run.start != start && run.live().is_some() {
                    self.mark_removed(run.start)?;
                }
            }
        }
        Ok(self.partition.mark(start * Self::SECTOR_BYTES + SETTLED + slot)?)
    }

    fn mark_removed(&mut self, start: u32) -> Result<(), FilesError> {
        Ok(self.partition.mark(start * Self::SECTOR_BYTES + REMOVED)?)
    }

    fn name(&mut self, start: u32, slot: u32) -> Result<Name, FilesError> {
        run::with_name(&mut self.partition, start, slot, Name::new)?
    }

    /// Is the content what was written?
    fn is_sound(&mut self, start: u32, record: &Record) -> Result<bool, FilesError> {
        Ok(self.partition.crc(start * Self::SECTOR_BYTES + CONTENT, record.length)? == record.crc)
    }

    fn file(&self, id: u32, start: u32, length: u32) -> Result<File, FilesError> {
        let address = self.partition.address(start * Self::SECTOR_BYTES + CONTENT, length as usize)?;
        Ok(File { id, address, length })
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
        loop {
            match self.files.next_run(&mut self.at) {
                Ok(Some(Run { state: State::Live(live), id, start, .. })) => {
                    let file = self.files.file(id, start, live.record.length);
                    let entry =
                        file.and_then(|file| Ok(Entry { name: self.files.name(start, live.slot)?, file }));
                    return Some(entry);
                }
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => {
                    self.at = u32::MAX;
                    return Some(Err(error));
                }
            }
        }
    }
}
