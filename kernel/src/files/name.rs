//! Names of files.

use heapless::String;

use super::FilesError;

/// Bytes of the longest name.
pub const NAME_BYTES: usize = 48;

/// A file's name: 1 to 48 characters of ASCII that can be seen. A space would end a word of a command, and the slash
/// is kept for what may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String<NAME_BYTES>);

/// Are these bytes a name?
#[inline(never)]
pub(super) fn is_name(bytes: &[u8]) -> bool {
    (1..=NAME_BYTES).contains(&bytes.len())
        && bytes.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'/')
}

impl Name {
    /// A name, if it is one.
    pub fn new(text: &str) -> Result<Name, FilesError> {
        Name::from_bytes(text.as_bytes())
    }

    /// The name that these bytes are, if they are one.
    #[inline(never)]
    pub fn from_bytes(bytes: &[u8]) -> Result<Name, FilesError> {
        if !is_name(bytes) {
            return Err(FilesError::Name);
        }
        let mut name = String::new();
        for byte in bytes {
            name.push((*byte).into()).map_err(|()| FilesError::Name)?;
        }
        Ok(Name(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for Name {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(&self.0)
    }
}
