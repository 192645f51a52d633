//! What is damaged.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::packed;
use images::say::{Printer, Say};

use super::run::{self, Run};
use super::{Files, FilesError, Name};
use crate::flash::FlashError;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// No header can be read where one could be. After a power cut that may be all there ever was.
    Header {
        /// Number of the sector in the region.
        sector: u32,
    },
    /// A part of a file's header cannot be read.
    Record {
        /// Number of the sector in the region.
        sector: u32,
        /// The file's name.
        name: Name,
    },
    /// A file's content is not what was written.
    Content {
        /// Number of the file's first sector in the region.
        sector: u32,
        /// The file's name.
        name: Name,
    },
}

impl Say for Damage {
    fn say(&self, to: &mut dyn Printer) {
        let (Damage::Header { sector } | Damage::Record { sector, .. } | Damage::Content { sector, .. }) =
            self;
        to.text(packed!("sector ")).number(*sector);
        match self {
            Damage::Header { .. } => {
                to.text(packed!(" is neither a file nor blank; it is free, and erased when its turn comes"))
            }
            Damage::Record { name, .. } => {
                to.text(packed!(": the header of ")).bytes(name.as_bytes());
                to.text(packed!(" is damaged, the name may be an old one; write it again"))
            }
            Damage::Content { name, .. } => {
                to.text(packed!(": ")).bytes(name.as_bytes());
                to.text(packed!(" is damaged; remove it with rm and write it again"))
            }
        };
    }
}

images::said!(Damage);

impl<F: MultiwriteNorFlash> Files<F> {
    /// Looks for damage, at most one for each file. Reads all the contents.
    pub fn check(&mut self) -> Check<'_, F> {
        Check { files: self, at: 0 }
    }

    /// The first damage from a place on; moves the place behind it.
    #[inline(never)]
    pub(crate) fn next_damage(&mut self, at: &mut u32) -> Result<Option<Damage>, FlashError> {
        let mut run = Run::NONE;
        while *at < self.partition.sectors() {
            let sector = *at;
            if !run::find(&mut self.partition, sector, &mut run)? {
                *at += 1;
                if run::is_damaged(&mut self.partition, sector)? {
                    return Ok(Some(Damage::Header { sector }));
                }
                continue;
            }
            *at = run.end();
            if !run.is_live() {
                continue;
            }
            let is_sound = self.is_sound(&run)?;
            if !is_sound || run.damaged {
                let mut name = Name::NONE;
                run::name(&mut self.partition, &run, &mut name)?;
                return Ok(Some(match is_sound {
                    false => Damage::Content { sector, name },
                    true => Damage::Record { sector, name },
                }));
            }
        }
        Ok(None)
    }
}

/// The damages, one after the other.
pub struct Check<'a, F> {
    files: &'a mut Files<F>,
    at: u32,
}

impl<F: MultiwriteNorFlash> Iterator for Check<'_, F> {
    type Item = Result<Damage, FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let damage = self.files.next_damage(&mut self.at).map_err(FilesError::from).transpose();
        if matches!(damage, Some(Err(_))) {
            self.at = u32::MAX;
        }
        damage
    }
}
