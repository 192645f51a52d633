//! Digits to numbers.

/// The number that these decimal or hexadecimal digits say. `None` if there are none, other bytes among them, or if it takes
/// more than 32 bits. (`u32::from_str_radix` would take a sign.)
pub fn number(digits: &[u8], is_hexadecimal: bool) -> Option<u32> {
    let mut number = 0_u32;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' | b'A'..=b'F' if is_hexadecimal => (byte & 0xF) + 9,
            _ => return None,
        };
        // By shifts: the companion cannot multiply.
        let (most, shifted) = match is_hexadecimal {
            true => (u32::MAX >> 4, number << 4),
            false => (u32::MAX / 10, (number << 3).wrapping_add(number << 1)),
        };
        number = Some(shifted).filter(|_| number <= most)?.checked_add(digit.into())?;
    }
    Some(number).filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(digits in "[0-9a-fA-F]{0,11}", is_hexadecimal: bool) {
            let expected = u32::from_str_radix(&digits, if is_hexadecimal { 16 } else { 10 }).ok();
            prop_assert_eq!(number(digits.as_bytes(), is_hexadecimal), expected);
        }
    }

    #[test]
    fn the_largest_number_has_32_bits_and_other_characters_are_none() {
        assert_eq!(number(b"4294967295", false), Some(u32::MAX));
        assert_eq!(number(b"4294967296", false), None);
        assert_eq!(number(b"42949672950", false), None);
        assert_eq!(number(b"fFfFfFfF", true), Some(u32::MAX));
        assert_eq!(number(b"100000000", true), None);
        for word in [&b""[..], b"+1", b"-1", b"1 ", b"1g", b"1.5"] {
            assert_eq!((number(word, false), number(word, true)), (None, None), "{word:?}");
        }
    }
}
