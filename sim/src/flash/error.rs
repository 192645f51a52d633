//! What a design may do wrong with the chip. Most of it the real chip ignores without a word.

/// Something that the chip does not allow, when it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("flash, at {at_ns} ns: {misuse}")]
pub struct FlashError {
    /// Nanoseconds since power-up.
    pub at_ns: u64,
    /// What happened.
    pub misuse: Misuse,
}

/// What the chip does not allow. The command has no effect, except with [`Misuse::SelectedTooSoon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// Not a command, or one that the model does not have.
    #[error("there is no command {code:02X}h; use one of those in sim/src/flash/command.rs")]
    UnknownCommand {
        /// Its code.
        code: u8,
    },
    /// A program or an erase goes on.
    #[error(
        "command {code:02X}h, but the chip is busy until {until_ns} ns; \
         read status 1 (05h) until its bit 0 is 0, or reset the chip (66h, 99h)"
    )]
    Busy {
        /// Its code.
        code: u8,
        /// When the chip will be ready, in nanoseconds since power-up.
        until_ns: u64,
    },
    /// The chip is in power-down.
    #[error("command {code:02X}h, but the chip is in power-down; release it first (ABh, then 3 us)")]
    Asleep {
        /// Its code.
        code: u8,
    },
    /// The chip goes into power-down, comes out of it, or resets.
    #[error(
        "command {code:02X}h, but power-down, release or reset takes until {until_ns} ns; \
         wait 3 us after B9h and ABh, 30 us after 99h"
    )]
    NotReady {
        /// Its code.
        code: u8,
        /// When it will accept commands, in nanoseconds since power-up.
        until_ns: u64,
    },
    /// A program or an erase without write enable.
    #[error("command {code:02X}h without write enable; send 06h right before it")]
    NotWriteEnabled {
        /// Its code.
        code: u8,
    },
    /// A reset that was not announced.
    #[error("reset (99h) without enable reset; send 66h right before it")]
    ResetNotEnabled,
    /// Select was released in the middle of a byte that the chip was to take.
    #[error("select was released after {bits} bits, in the middle of a byte; send whole bytes")]
    PartOfByte {
        /// Bits sent.
        bits: u64,
    },
    /// Select was released before the address or the dummies were whole.
    #[error(
        "select was released after {sent} bytes of command {code:02X}h; send {needed}: code, address, dummies"
    )]
    TooShort {
        /// Its code.
        code: u8,
        /// Bytes sent.
        sent: u64,
        /// Bytes before any data.
        needed: u64,
    },
    /// Bytes behind a command that has no data.
    #[error("select was released after {sent} bytes of command {code:02X}h; release it after {needed}")]
    TooLong {
        /// Its code.
        code: u8,
        /// Bytes sent.
        sent: u64,
        /// Bytes of the command.
        needed: u64,
    },
    /// A page program without a byte.
    #[error("page program (02h) without data; send 1 to 256 bytes behind the address")]
    NoData,
    /// Select was released for too short a time.
    #[error("select was high for {high_ns} ns only; keep it high for {needed_ns} ns between these commands")]
    SelectedTooSoon {
        /// Nanoseconds for which it was high.
        high_ns: u64,
        /// Nanoseconds for which it must be.
        needed_ns: u64,
    },
}
