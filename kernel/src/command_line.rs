//! A typed line as words, and words as numbers.

use images::digits;
use images::packed;
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
                (column, packed!(": this quote is never closed; add a \" at the end of the name"))
            }
            QuoteError::Misplaced { column } => {
                (column, packed!(": quotes belong around a whole name; write \"like this\""))
            }
        };
        to.text(packed!("column ")).number(*column as u32).text(text);
    }
}

images::said!(QuoteError);

/// The words of a line: separated by spaces, or in quotes, with all characters up to the next quote.
///
/// After an error there are no more words.
///
/// ```
/// use kernel::command_line::Words;
/// let words: Result<Vec<&[u8]>, _> = Words::new(b"run \"tic tac toe.bf\"").collect();
/// assert_eq!(words.unwrap(), [&b"run"[..], b"tic tac toe.bf"]);
/// ```
#[derive(Clone, Debug)]
pub struct Words<'a> {
    line: &'a [u8],
    /// What is still to be split.
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// The words of this line.
    pub fn new(line: &'a [u8]) -> Words<'a> {
        Words { line, rest: line }
    }

    /// The column of the first byte of the rest, and so many bytes further on.
    fn column(&self, further: usize) -> usize {
        let before = self.line.len() - self.rest.len() + further;
        // Bytes that continue a character of UTF-8 have no column.
        self.line.iter().take(before).filter(|byte| *byte & 0xC0 != 0x80).count() + 1
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Result<&'a [u8], QuoteError>;

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        while let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let is_quoted = *self.rest.first()? == b'"';
        let from = usize::from(is_quoted);
        let end = if is_quoted { b'"' } else { b' ' };
        let behind = self.rest.iter().skip(from).position(|byte| *byte == end).map(|length| from + length);
        let word = self.rest.get(from..behind.unwrap_or(self.rest.len())).unwrap_or_default();
        let error = if is_quoted {
            match behind.map(|quote| (quote + 1, self.rest.get(quote + 1))) {
                None => Some(QuoteError::Unclosed { column: self.column(0) }),
                Some((_, None | Some(b' '))) => None,
                Some((behind, _)) => Some(QuoteError::Misplaced { column: self.column(behind) }),
            }
        } else {
            let quote = word.iter().position(|byte| *byte == b'"');
            quote.map(|quote| QuoteError::Misplaced { column: self.column(quote) })
        };
        // Without its last byte, a space or a quote.
        self.rest = behind
            .filter(|_| error.is_none())
            .and_then(|behind| self.rest.get(behind + 1..))
            .unwrap_or_default();
        Some(error.map_or(Ok(word), Err))
    }
}

/// The number that a word says: decimal, or hexadecimal after `0x`. `None` if it says none of 32 bits.
///
/// ```
/// use kernel::command_line::number;
/// assert_eq!(number(b"4096"), number(b"0x1000"));
/// ```
pub fn number(word: &[u8]) -> Option<u32> {
    match word.strip_prefix(b"0x") {
        Some(digits) => digits::number(digits, true),
        None => digits::number(word, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Vec<&str>, QuoteError> {
        let text = |word| core::str::from_utf8(word).expect("the line is UTF-8");
        Words::new(line.as_bytes()).map(|word| word.map(text)).collect()
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
        let all: Vec<_> = Words::new(br#"a"b c d"#).collect();
        assert_eq!(all, [Err(QuoteError::Misplaced { column: 2 })]);
    }

    #[test]
    fn numbers_are_decimal_or_hexadecimal() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"0123"), Some(123));
        assert_eq!(number(b"4294967295"), Some(u32::MAX));
        assert_eq!(number(b"0xFFFFffff"), Some(u32::MAX));
        assert_eq!(number(b"0x0"), Some(0));
    }

    #[test]
    fn numbers_that_are_too_large_and_other_words_are_none() {
        for word in ["4294967296", "0x100000000", "99999999999999999999"] {
            assert_eq!(number(word.as_bytes()), None, "{word}");
        }
        for word in ["", "0x", "+1", "0x+1", "-1", "-", "1 ", "12a", "0X1", "1.5", "ten", "x10"] {
            assert_eq!(number(word.as_bytes()), None, "{word}");
        }
    }
}
