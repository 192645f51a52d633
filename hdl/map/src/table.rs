//! The map as a table, and the macro that makes constants and table of one text.

/// A device: its registers are words at multiples of 4 from its base.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub text: &'static str,
    /// Address of its first register.
    pub base: u32,
    /// By rising offset.
    pub registers: &'static [Register],
}

/// A register of 32 bits.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// What it is called.
    pub name: &'static str,
    /// What reads and writes do.
    pub text: &'static str,
    /// Bytes from the device's base.
    pub offset: u32,
    /// What may be done with it.
    pub access: Access,
    /// The parts of it that have a name, by rising bit.
    pub fields: &'static [Field],
}

/// A bit of a register, or the lowest of several.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What it is called.
    pub name: &'static str,
    /// What it means.
    pub text: &'static str,
    /// The number of its lowest bit.
    pub bit: u32,
}

/// What may be done with a register. Where it may not be read it reads as 0; where it may not be written, writes
/// change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read.
    R,
    /// Write.
    W,
    /// Both.
    RW,
}

/// Constants and the table of them, of one text.
macro_rules! devices {
    ($(
        #[doc = $device_text:literal]
        $device:ident at $base:literal {$(
            #[doc = $text:literal]
            $register:ident = $offset:literal, $access:ident $(, $fields:ident {$(
                #[doc = $field_text:literal]
                $field:ident = $bit:literal,
            )*})?;
        )*}
    )*) => {
        $(
            #[doc = $device_text]
            pub mod $device {
                /// Address of the first register.
                pub const BASE: u32 = $base;
                $(
                    #[doc = $text]
                    pub const $register: u32 = $offset;
                    $(
                        #[doc = concat!("Bits of `", stringify!($register), "`, by number.")]
                        pub mod $fields {
                            $(
                                #[doc = $field_text]
                                pub const $field: u32 = $bit;
                            )*
                        }
                    )?
                )*
            }
        )*
        /// All devices, by rising address.
        pub const DEVICES: &[$crate::table::Device] = &[$($crate::table::Device {
            name: stringify!($device),
            text: $device_text,
            base: $base,
            registers: &[$($crate::table::Register {
                name: stringify!($register),
                text: $text,
                offset: $offset,
                access: $crate::table::Access::$access,
                fields: &[$($($crate::table::Field {
                    name: stringify!($field),
                    text: $field_text,
                    bit: $bit,
                },)*)?],
            },)*],
        },)*];
    };
}
pub(crate) use devices;
