//! The files in a flash's content, as the kernel on the board sees them: the same code writes them here.

use embedded_storage::nor_flash::{
    check_erase, check_read, check_write, ErrorType, MultiwriteNorFlash, NorFlash, NorFlashErrorKind,
    ReadNorFlash,
};
use kernel::files::{Files, FilesError};
use kernel::service::storage::STARTS_FILE;
use map::{FILES, FLASH_BYTES, SECTOR_BYTES};

/// A content that is a flash to the file system.
struct Chip<'a>(&'a mut [u8]);

impl ErrorType for Chip<'_> {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Chip<'_> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        check_read(self, offset, bytes.len())?;
        bytes.copy_from_slice(&self.0[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Chip<'_> {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR_BYTES as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        check_erase(self, from, to)?;
        self.0[from as usize..to as usize].fill(0xFF);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        check_write(self, offset, bytes.len())?;
        self.0[offset as usize..].iter_mut().zip(bytes).for_each(|(old, new)| *old &= new);
        Ok(())
    }
}

impl MultiwriteNorFlash for Chip<'_> {}

/// Writes a file, in place of one that has the name. The content is that of a whole flash.
pub fn install(flash: &mut [u8], name: &str, bytes: &[u8]) -> Result<(), FilesError> {
    let mut files = Files::mount(Chip(flash), FILES..FLASH_BYTES)?;
    let length = u32::try_from(bytes.len()).map_err(|_| FilesError::TooLong)?;
    let mut draft = files.create(name, length)?;
    files.write(&mut draft, 0, bytes)?;
    files.seal(draft)?;
    Ok(())
}

/// Says which program starts by itself when the board does.
pub fn set_start(flash: &mut [u8], name: &str) -> Result<(), FilesError> {
    install(flash, STARTS_FILE, name.as_bytes())
}

/// The content of a file.
pub fn read(flash: &mut [u8], name: &str) -> Result<Vec<u8>, FilesError> {
    let mut files = Files::mount(Chip(flash), FILES..FLASH_BYTES)?;
    let file = files.open(name)?;
    Ok(flash[file.address as usize..][..file.length as usize].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_there_and_is_replaced() {
        let mut flash = vec![0xFF; FLASH_BYTES as usize];
        install(&mut flash, "a", b"one").expect("there is room");
        install(&mut flash, "b", &[7; 10_000]).expect("there is room");
        install(&mut flash, "a", b"two").expect("there is room");
        assert_eq!(read(&mut flash, "a").expect("it is there"), b"two");
        assert_eq!(read(&mut flash, "b").expect("it is there"), [7; 10_000]);
        assert_eq!(read(&mut flash, "c"), Err(FilesError::NotFound));
        assert!(flash[..FILES as usize].iter().all(|byte| *byte == 0xFF), "written out of the files");
    }
}
