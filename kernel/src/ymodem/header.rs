//! The block before a file: its name, NUL, its length in decimal digits; after a space, or NUL, what is not used here.

use images::digits;

/// What the sender says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name: bytes as the sender's system has them, never none, without NUL.
    pub name: &'a [u8],
    /// Its length in bytes, if the sender says it. All common tools do.
    pub length: Option<u32>,
}

/// The content of a block that describes no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<'a> File<'a> {
    /// Reads the content of the block; `None` if the name is empty: no more files.
    pub(super) fn parse(content: &'a [u8]) -> Result<Option<File<'a>>, Malformed> {
        let mut fields = content.split(|byte| *byte == 0);
        let (name, rest) = (fields.next().unwrap_or(&[]), fields.next());
        if name.is_empty() {
            return Ok(None);
        }
        // Without a NUL behind it, this is no name.
        let rest = rest.ok_or(Malformed)?;
        let digits = rest.split(|byte| *byte == b' ').next().unwrap_or(&[]);
        let length = digits::number(digits, false);
        match length.is_some() || digits.is_empty() {
            true => Ok(Some(File { name, length })),
            false => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length; the name must be what stands before it.
    fn length(start: &[u8]) -> Result<Option<u32>, Malformed> {
        let mut content = [0; 128];
        content[..start.len()].copy_from_slice(start);
        let file = File::parse(&content)?.expect("a name");
        assert!(start.starts_with(file.name) && !file.name.is_empty());
        Ok(file.length)
    }

    #[test]
    fn further_fields_are_not_used() {
        assert_eq!(length(b"hello.bf\x00106"), Ok(Some(106)));
        assert_eq!(length(b"hello.bf\x00106 14727532345 100644 0 1 106"), Ok(Some(106)));
        assert_eq!(length(b"hello.bf\x00106\0junk"), Ok(Some(106)));
    }

    #[test]
    fn a_length_may_be_missing() {
        assert_eq!(length(b"hello.bf"), Ok(None));
        assert_eq!(length(b"hello.bf\0 123"), Ok(None));
    }

    #[test]
    fn no_name_is_no_file() {
        assert_eq!(File::parse(&[0; 128]), Ok(None));
    }

    #[test]
    fn what_is_no_header_is_malformed() {
        assert_eq!(File::parse(&[b'+'; 128]), Err(Malformed), "no NUL");
        assert_eq!(length(b"a\x0012x"), Err(Malformed));
        assert_eq!(length(b"a\0-1"), Err(Malformed));
        assert_eq!(length(b"a\x004294967295"), Ok(Some(u32::MAX)));
        assert_eq!(length(b"a\x004294967296"), Err(Malformed), "longer than any flash");
    }
}
