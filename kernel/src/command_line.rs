//! A typed line as words, and words as numbers.

use core::num::IntErrorKind;
use images::say::{Printer, Say};

/// A line that cannot be split into words. Columns count characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteError {
    /// The line ended inside of quotes.
    Unclosed {
        /// Where the quotes begin.
        column: usize,
    },
    /// A quote inside of a word, or a word right behind a quote.
    Misplaced {
        /// Where the quote stands, or the character behind it.
        column: usize,
    },
}

impl Say for QuoteError {
    fn say(&self, to: &mut dyn Printer) {
        let (column, text) = match self {
            QuoteError::Unclosed { column } => {
                (column, ": this quote is never closed; add a \" at the end of the name")
            }
            QuoteError::Misplaced { column } => {
                (column, ": quotes belong around a whole name; write \"like this\"")
            }
        };
        to.text("column ").number(*column as u32).text(text);
    }
}

images::said!(QuoteError);

/// The words of a line: separated by spaces, or in quotes, with all characters up to the next quote.
///
/// After an error there are no more words.
///
/// ```
/// use kernel::command_line::Words;
/// let words: Result<Vec<&str>, _> = Words::new("run \"tic tac toe.bf\"").collect();
/// assert_eq!(words.unwrap(), ["run", "tic tac toe.bf"]);
/// ```
#[derive(Clone, Debug)]
pub struct Words<'a> {
    line: &'a str,
    /// Where the next word is looked for.
    at: usize,
}

impl<'a> Words<'a> {
    /// The words of this line.
    pub fn new(line: &'a str) -> Words<'a> {
        Words { line, at: 0 }
    }

    /// The column of the byte at this place.
    fn column(&self, at: usize) -> usize {
        self.line[..at].chars().count() + 1
    }

    /// The word that begins at `start`, which is no space.
    fn word(&mut self, start: usize) -> Result<&'a str, QuoteError> {
        let line = self.line;
        let Some(quoted) = line[start..].strip_prefix('"') else {
            let word = line[start..].split(' ').next().unwrap_or("");
            self.at = start + word.len();
            return match word.find('"') {
                Some(quote) => Err(QuoteError::Misplaced { column: self.column(start + quote) }),
                None => Ok(word),
            };
        };
        let Some(length) = quoted.find('"') else {
            return Err(QuoteError::Unclosed { column: self.column(start) });
        };
        self.at = start + length + 2;
        match line[self.at..].starts_with(' ') || self.at == line.len() {
            true => Ok(&quoted[..length]),
            false => Err(QuoteError::Misplaced { column: self.column(self.at) }),
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Result<&'a str, QuoteError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.line[self.at..];
        let start = self.at + rest.find(|character| character != ' ')?;
        let word = self.word(start);
        if word.is_err() {
            self.at = self.line.len();
        }
        Some(word)
    }
}

/// A word that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Other characters than digits, or none.
    #[error("this is not a number; write one like 4096 or 0x1000")]
    NotANumber,
    /// More than 32 bits.
    #[error("this number is too large; the largest is {}", u32::MAX)]
    TooLarge,
}

/// The number that a word says: decimal, or hexadecimal after `0x`.
///
/// ```
/// use kernel::command_line::number;
/// assert_eq!(number("4096"), number("0x1000"));
/// ```
pub fn number(word: &str) -> Result<u32, NumberError> {
    let (digits, radix) = match word.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (word, 10),
    };
    // Rust would take a leading plus sign.
    if digits.starts_with('+') {
        return Err(NumberError::NotANumber);
    }
    u32::from_str_radix(digits, radix).map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow => NumberError::TooLarge,
        _ => NumberError::NotANumber,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Vec<&str>, QuoteError> {
        Words::new(line).collect()
    }

    #[test]
    fn spaces_separate_words() {
        assert_eq!(words(""), Ok(vec![]));
        assert_eq!(words("   "), Ok(vec![]));
        assert_eq!(words("  load  a.bf   5 "), Ok(vec!["load", "a.bf", "5"]));
    }

    #[test]
    fn quotes_hold_a_word_together() {
        assert_eq!(words(r#""a b" c "d""#), Ok(vec!["a b", "c", "d"]));
        assert_eq!(words(r#"rm "" "#), Ok(vec!["rm", ""]));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_with_its_column() {
        assert_eq!(words(r#"rm "a b"#), Err(QuoteError::Unclosed { column: 4 }));
        assert_eq!(words(r#"""#), Err(QuoteError::Unclosed { column: 1 }));
        assert_eq!(words(r#""ä" "b"#), Err(QuoteError::Unclosed { column: 5 }));
    }

    #[test]
    fn quotes_belong_around_whole_words() {
        assert_eq!(words(r#"rm a"b c""#), Err(QuoteError::Misplaced { column: 5 }));
        assert_eq!(words(r#"rm "a"b"#), Err(QuoteError::Misplaced { column: 7 }));
        assert_eq!(words(r#"rm "a""b""#), Err(QuoteError::Misplaced { column: 7 }));
    }

    #[test]
    fn after_an_error_there_are_no_more_words() {
        let all: Vec<_> = Words::new(r#"a"b c d"#).collect();
        assert_eq!(all, [Err(QuoteError::Misplaced { column: 2 })]);
    }

    #[test]
    fn numbers_are_decimal_or_hexadecimal() {
        assert_eq!(number("0"), Ok(0));
        assert_eq!(number("0123"), Ok(123));
        assert_eq!(number("4294967295"), Ok(u32::MAX));
        assert_eq!(number("0xFFFFffff"), Ok(u32::MAX));
        assert_eq!(number("0x0"), Ok(0));
    }

    #[test]
    fn numbers_that_are_too_large_are_told_from_other_words() {
        for word in ["4294967296", "0x100000000", "99999999999999999999"] {
            assert_eq!(number(word), Err(NumberError::TooLarge), "{word}");
        }
        for word in ["", "0x", "+1", "0x+1", "-1", "-", "1 ", "12a", "0X1", "1.5", "ten", "x10"] {
            assert_eq!(number(word), Err(NumberError::NotANumber), "{word}");
        }
    }
}
