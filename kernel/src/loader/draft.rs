//! Where an image is written.

/// The memory failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftError;

/// Erased memory for one image file.
///
/// It is as narrow as a NOR flash: no byte is written twice, and bytes that nobody writes stay erased, FFh. Writes
/// are short, mostly of 2 bytes, and mostly in ascending order; what is read has been written, or is erased.
pub trait Draft {
    /// Bytes there are.
    fn capacity(&self) -> u32;

    /// Writes erased bytes, all of them within the capacity.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), DraftError>;

    /// Reads bytes, all of them within the capacity.
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), DraftError>;
}
