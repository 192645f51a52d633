//! Free space: what no draft and no file covers.
//!
//! Dead runs count as free. They are erased from the last sector to the first, and the header becomes void before
//! its sector is erased: so whenever the power is cut, the run is still there, or nothing is left that could be taken
//! for a header.

use core::ops::Range;

use embedded_storage::nor_flash::MultiwriteNorFlash;

use super::run::{self, Run, State, CONTENT, RECORD_BYTES};
use super::{Files, FilesError};
use crate::flash::{FlashError, MARK};

/// How much space is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free {
    /// Bytes of all free sectors.
    pub bytes: u32,
    /// Bytes of the largest file that can be created.
    pub largest: u32,
}

impl<F: MultiwriteNorFlash> Files<F> {
    /// How much space is free.
    pub fn free(&mut self) -> Result<Free, FilesError> {
        let (mut bytes, mut largest) = (0, 0);
        let mut at = 0;
        while let Some(piece) = self.next_piece(&mut at)? {
            bytes += (piece.end - piece.start) * Self::SECTOR_BYTES;
            largest = largest.max(Self::room(&piece));
        }
        Ok(Free { bytes, largest })
    }

    /// Finds so many sectors and makes them blank. They are the first ones behind the newest run, so that the sectors
    /// are used in turn.
    pub(super) fn claim(&mut self, sectors: u32) -> Result<u32, FilesError> {
        let (mut first, mut next) = (None, None);
        let mut at = 0;
        while let Some(piece) = self.next_piece(&mut at)? {
            let fits = |start: &u32| piece.end.saturating_sub(*start) >= sectors;
            first = first.or(Some(piece.start).filter(fits));
            next = next.or(Some(piece.start.max(self.behind)).filter(fits));
        }
        let start = next.or(first).ok_or(FilesError::NoSpace)?;
        self.clear(start..start + sectors)?;
        Ok(start)
    }

    /// Bytes of the largest content for a piece of free sectors.
    fn room(piece: &Range<u32>) -> u32 {
        (piece.end - piece.start) * Self::SECTOR_BYTES - CONTENT
    }

    /// The next piece of free sectors from sector `at` on, as large as it gets; moves `at` behind it.
    fn next_piece(&mut self, at: &mut u32) -> Result<Option<Range<u32>>, FlashError> {
        let (mut start, mut run) = (*at, Run::NONE);
        while *at < self.end {
            let sector = *at;
            if !run::find(&mut self.partition, sector, &mut run)? {
                *at += 1;
                continue;
            }
            *at = run.end();
            match run.state {
                State::Dead => {}
                State::Draft | State::Live if start < sector => return Ok(Some(start..sector)),
                State::Draft | State::Live => start = *at,
            }
        }
        *at = self.partition.sectors();
        Ok(Some(start..*at).filter(|piece| !piece.is_empty()))
    }

    /// Makes free sectors blank, and with them the dead runs that they are part of.
    fn clear(&mut self, sectors: Range<u32>) -> Result<(), FlashError> {
        let (mut at, mut run) = (0, Run::NONE);
        while self.next_run(&mut at, &mut run)? && run.start < sectors.end {
            if matches!(run.state, State::Dead) && run.end() > sectors.start {
                for sector in (run.start + 1..run.end()).rev() {
                    self.partition.erase(sector)?;
                }
                self.partition.program(run.start * Self::SECTOR_BYTES, &[MARK; RECORD_BYTES])?;
                self.partition.erase(run.start)?;
            }
        }
        for sector in sectors {
            self.partition.erase(sector)?;
        }
        Ok(())
    }
}
