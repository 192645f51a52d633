//! Names of files.

use super::FilesError;
use crate::flash::ERASED;

/// Bytes of the longest name.
pub const NAME_BYTES: usize = 48;

/// A file's name: 1 to 48 characters of ASCII that can be seen. A space would end a word of a command, and the slash
/// is kept for what may come.
// As it is in the flash: erased bytes behind its end. It is copied in words.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(4))]
pub struct Name(pub(super) [u8; NAME_BYTES]);

/// Are these bytes a name?
#[inline(never)]
pub(crate) fn is_name(bytes: &[u8]) -> bool {
    (1..=NAME_BYTES).contains(&bytes.len())
        && bytes.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'/')
}

/// The name at the start of bytes.
#[inline(never)]
pub(super) fn name_in(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == ERASED).next().unwrap_or_default()
}

impl Name {
    /// None yet.
    pub(super) const NONE: Name = Name([ERASED; NAME_BYTES]);

    /// A name, if it is one.
    pub fn new(text: &str) -> Result<Name, FilesError> {
        Name::from_bytes(text.as_bytes())
    }

    /// The name that these bytes are, if they are one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Name, FilesError> {
        let mut name = Name::NONE;
        match name.0.get_mut(..bytes.len()) {
            Some(place) if is_name(bytes) => place.copy_from_slice(bytes),
            _ => return Err(FilesError::Name),
        }
        Ok(name)
    }

    /// The characters.
    pub fn as_bytes(&self) -> &[u8] {
        name_in(&self.0)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl core::fmt::Display for Name {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl core::fmt::Debug for Name {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), formatter)
    }
}
