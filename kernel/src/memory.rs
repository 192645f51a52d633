//! The one address space, as the kernel reaches it: only ever on behalf of a machine that holds a capability.

/// What is behind addresses. The kernel asks for nothing that is not in a region which it was given.
pub trait Memory {
    /// Reads the bytes from an address on.
    fn read(&mut self, address: u32, bytes: &mut [u8]);

    /// Writes bytes from an address on.
    fn write(&mut self, address: u32, bytes: &[u8]);
}
