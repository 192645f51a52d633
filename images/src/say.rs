//! Text for users, made of its parts.
//!
//! `core::fmt` does the same and much more, but takes a tenth of a kernel that has 48 KB. What is [`Say`] is displayed on the host
//! too, with the same words: [`said`](crate::said).

use crate::packed::Packed;
use core::fmt;

/// Where text goes.
pub trait Printer {
    /// Takes the next bytes.
    fn bytes(&mut self, bytes: &[u8]);
}

#[cfg(feature = "host")]
impl Printer for Vec<u8> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.extend(bytes);
    }
}

/// Something that is told to the user.
pub trait Say {
    /// Prints it.
    fn say(&self, to: &mut dyn Printer);
}

/// Digits of the largest number.
const DIGITS: usize = 20;

impl dyn Printer + '_ {
    /// Prints a text.
    #[inline(never)]
    pub fn text(&mut self, text: Packed) -> &mut Self {
        text.say(self);
        self
    }

    /// Prints a name.
    #[inline(never)]
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.bytes(name.as_bytes());
        self
    }

    /// Prints what something says.
    pub fn say(&mut self, what: &dyn Say) -> &mut Self {
        what.say(self);
        self
    }

    /// Prints a number in decimal digits.
    #[inline(never)]
    pub fn number(&mut self, number: u32) -> &mut Self {
        self.decimal(number.into(), 0, 0)
    }

    /// Prints a number in so many columns, to the right.
    #[inline(never)]
    pub fn column(&mut self, number: u32, columns: usize) -> &mut Self {
        self.decimal(number.into(), columns, 0)
    }

    /// Prints a number in so many columns, to the right, with so many digits behind a point.
    // The companion cannot divide: the digits are doubled, bit by bit.
    #[inline(never)]
    pub fn decimal(&mut self, mut number: u64, columns: usize, behind: usize) -> &mut Self {
        // The last one first, and how many there are.
        let (mut digits, mut count) = ([0_u8; DIGITS], 0);
        for _ in 0..u64::BITS {
            let mut carry = (number >> (u64::BITS - 1)) as u8;
            number <<= 1;
            for (at, digit) in digits.iter_mut().enumerate() {
                if at == count && carry == 0 {
                    break;
                }
                count = count.max(at + 1);
                *digit = 2 * *digit + carry;
                carry = (*digit > 9).into();
                *digit -= 10 * carry;
            }
        }
        let count = count.max(behind + 1);
        for (at, digit) in digits.iter().enumerate().rev() {
            if at < count {
                self.bytes(&[b'0' + digit]);
            } else if at < columns {
                self.bytes(b" ");
            }
            if at == behind && at != 0 {
                self.bytes(b".");
            }
        }
        self
    }

    /// Prints a number in hexadecimal digits behind `0x`, as many as it takes.
    pub fn hex(&mut self, number: u32) -> &mut Self {
        self.hex_digits(number, 1)
    }

    /// Prints a number in hexadecimal digits behind `0x`, so many at least.
    #[inline(never)]
    pub fn hex_digits(&mut self, number: u32, least: u32) -> &mut Self {
        self.bytes(b"0x");
        for left in (0..8).rev() {
            let rest = number >> (4 * left);
            if rest != 0 || left < least {
                let digit = (rest & 0xF) as u8;
                self.bytes(&[if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }]);
            }
        }
        self
    }
}

/// The host's `Display` of what is [`Say`].
pub fn display(what: &dyn Say, formatter: &mut fmt::Formatter) -> fmt::Result {
    struct Host<'a, 'b>(&'a mut fmt::Formatter<'b>, fmt::Result);
    impl Printer for Host<'_, '_> {
        fn bytes(&mut self, bytes: &[u8]) {
            for part in bytes.utf8_chunks() {
                self.1 = self.1.and_then(|()| self.0.write_str(part.valid()));
            }
        }
    }
    let mut host = Host(formatter, Ok(()));
    what.say(&mut host);
    host.1
}

/// Makes errors of types that are [`Say`]: `Display` and `Error`.
#[macro_export]
macro_rules! said {
    ($($name:ty),* $(,)?) => {$(
        impl core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter) -> core::fmt::Result {
                $crate::say::display(self, formatter)
            }
        }

        impl core::error::Error for $name {}
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(print: impl FnOnce(&mut dyn Printer) -> &mut dyn Printer) -> String {
        let mut bytes = Vec::new();
        print(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(number: u64, shift in 0..64, columns in 0..20usize) {
            let number = number >> shift;
            prop_assert_eq!(printed(|to| to.decimal(number, columns, 0)), format!("{number:columns$}"));
            let parts = format!("{}.{:03}", number / 1000, number % 1000);
            prop_assert_eq!(printed(|to| to.decimal(number, 0, 3)), parts);
            let number = number as u32;
            prop_assert_eq!(printed(|to| to.number(number)), number.to_string());
            prop_assert_eq!(printed(|to| to.column(number, 8)), format!("{number:8}"));
            prop_assert_eq!(printed(|to| to.hex(number)), format!("{number:#x}"));
            prop_assert_eq!(printed(|to| to.hex_digits(number, 8)), format!("{number:#010x}"));
        }
    }

    #[test]
    fn the_least_and_the_most_are_numbers() {
        assert_eq!(printed(|to| to.number(0).name(" ").column(0, 3)), "0   0");
        assert_eq!(printed(|to| to.decimal(u64::MAX, 0, 0)), u64::MAX.to_string());
        assert_eq!(printed(|to| to.hex(0).name(" ").hex(u32::MAX)), "0x0 0xffffffff");
    }
}
