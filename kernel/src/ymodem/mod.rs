//! YMODEM: files over the serial line, as `sb` of lrzsz and the terminal programs that call it send them.
//!
//! ```text
//!   sender                          receiver
//!                                   'C'                  every second, until somebody sends
//!   block 0: name, length           ACK 'C'
//!   block 1, 2, .. 255, 0, 1 ..     ACK each             NAK: once more
//!   EOT                             ACK 'C'
//!   block 0: no name                ACK                  no more files
//! ```
//!
//! A block is 128 or 1024 bytes with a number and a CRC; the block with the number 0 that comes before a
//! file says what it is. The [`Receiver`] is fed bytes and time.
//!
//! Source: Chuck Forsberg, "XMODEM/YMODEM Protocol Reference", 1988, chapters 4 to 7; where it leaves a choice,
//! lrzsz 0.12.21.

mod block;
mod header;
mod receiver;

pub use block::{Buffer, LONG as BLOCK_BYTES, SHORT as HEADER_BYTES};
pub use header::File;
pub use receiver::{Action, Error, Event, Receiver};

/// The next 128 bytes follow.
pub const SOH: u8 = 0x01;
/// The next 1024 bytes follow.
pub const STX: u8 = 0x02;
/// The file has ended.
pub const EOT: u8 = 0x04;
/// The block is right, send the next.
pub const ACK: u8 = 0x06;
/// The block was damaged, send it again.
pub const NAK: u8 = 0x15;
/// Two of them: the other side gives up.
pub const CAN: u8 = 0x18;
/// Send, with CRCs.
pub const INVITATION: u8 = b'C';
/// What fills a file's last block.
pub const PADDING: u8 = 0x1A;
