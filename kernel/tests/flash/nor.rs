//! A NOR flash that is misused loudly, and whose power can be cut.

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, NorFlashErrorKind, ReadNorFlash};

/// Bytes of a sector: small, so that there are few places for cuts.
pub const SECTOR: usize = 512;
/// What stands before and behind a region under test.
const OTHERS: u8 = 0xA5;

/// When the power is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// After so many programmed bytes, when another one should be programmed.
    Program(usize),
    /// In an erase, after so many others.
    Erase(usize, Left),
}

/// What a cut erase leaves in the sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// What was there.
    Untouched,
    /// So many bytes as they were, the others erased.
    Erased(usize),
    /// So many bytes as they were, the others with some of their bits erased.
    Mixed(usize),
    /// Anything.
    Garbage,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    pub calls: usize,
    pub bytes: usize,
}

/// The flash.
#[derive(Clone)]
pub struct Nor {
    pub bytes: Vec<u8>,
    /// Erases of each sector.
    pub erases: Vec<usize>,
    /// Bytes programmed since the power is on.
    pub programmed: usize,
    /// Sectors erased since the power is on.
    pub erased: usize,
    /// What was read since the power is on.
    pub reads: Reads,
    cut: Option<Cut>,
    off: bool,
}

impl Nor {
    /// A flash with a blank region of so many sectors, with a sector of others before and behind.
    pub fn blank(sectors: usize) -> Self {
        let mut bytes = vec![0xFF; (sectors + 2) * SECTOR];
        bytes[..SECTOR].fill(OTHERS);
        bytes[(sectors + 1) * SECTOR..].fill(OTHERS);
        let erases = vec![0; sectors + 2];
        Self { bytes, erases, programmed: 0, erased: 0, reads: Reads::default(), cut: None, off: false }
    }

    /// Addresses of the region.
    pub fn region(&self) -> std::ops::Range<u32> {
        SECTOR as u32..(self.bytes.len() - SECTOR) as u32
    }

    /// Erases of each sector of the region.
    pub fn wear(&self) -> &[usize] {
        &self.erases[1..self.erases.len() - 1]
    }

    /// Cuts the power later.
    pub fn cut(&mut self, cut: Cut) {
        self.cut = Some(cut);
    }

    /// The power is on again, and nothing is counted yet.
    pub fn power_on(&mut self) {
        (self.off, self.cut, self.programmed, self.erased) = (false, None, 0, 0);
        self.reads = Reads::default();
        assert!(self.bytes[..SECTOR].iter().all(|&byte| byte == OTHERS), "written before the region");
        let end = self.bytes.len() - SECTOR;
        assert!(self.bytes[end..].iter().all(|&byte| byte == OTHERS), "written behind the region");
    }

    fn powered(&self) -> Result<(), NorFlashErrorKind> {
        if self.off {
            Err(NorFlashErrorKind::Other)
        } else {
            Ok(())
        }
    }
}

impl ErrorType for Nor {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Nor {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.powered()?;
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        self.reads.calls += 1;
        self.reads.bytes += bytes.len();
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Nor {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.powered()?;
        let (from, to) = (from as usize, to as usize);
        assert!(from % SECTOR == 0 && to == from + SECTOR, "sectors are erased one by one");
        assert!(self.region().contains(&(from as u32)), "erased out of the region");
        let sector = &mut self.bytes[from..to];
        match self.cut {
            Some(Cut::Erase(erase, left)) if erase == self.erased => {
                let mut random = Random((from + self.programmed) as u64);
                match left {
                    Left::Untouched => {}
                    Left::Erased(behind) => sector[behind..].fill(0xFF),
                    Left::Mixed(behind) => {
                        sector[behind..].iter_mut().for_each(|byte| *byte |= random.byte());
                    }
                    Left::Garbage => sector.iter_mut().for_each(|byte| *byte = random.byte()),
                }
                self.off = true;
                return Err(NorFlashErrorKind::Other);
            }
            _ => sector.fill(0xFF),
        }
        self.erases[from / SECTOR] += 1;
        self.erased += 1;
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.powered()?;
        let start = offset as usize;
        for (old, &new) in self.bytes[start..].iter_mut().zip(bytes) {
            if self.cut == Some(Cut::Program(self.programmed)) {
                self.off = true;
                return Err(NorFlashErrorKind::Other);
            }
            assert_eq!(*old & new, new, "bits that are 0 programmed to 1 at {offset:#x}");
            *old = new;
            self.programmed += 1;
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Nor {}

/// Numbers that look random and are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }

    pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
        let mut random = Random(seed);
        (0..length).map(|_| random.byte()).collect()
    }
}
