//! The one address space, as the kernel reaches it: only ever on behalf of a machine that holds a capability.

/// What is behind an address did not obey: a flash that could not be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryError;

/// What is behind addresses. The kernel asks for nothing that is not in a region which it was given.
pub trait Memory {
    /// Reads the bytes from an address on.
    ///
    /// # Errors
    /// They cannot be read now.
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError>;

    /// Writes bytes from an address on. In the flash that programs them: bits are only cleared.
    ///
    /// # Errors
    /// Not all of them are written.
    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), MemoryError>;
}
