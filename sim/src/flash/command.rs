//! The commands that the model knows, by the codes of the data sheet's instruction set table.

use super::data_sheet::{
    BLOCK_32K_ERASE_NS, BLOCK_64K_ERASE_NS, CHIP_ERASE_NS, DESELECT_NS, DESELECT_READ_NS, SECTOR,
    SECTOR_ERASE_NS, SIZE,
};

/// A command of the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    JedecId,
    DeviceId,
    UniqueId,
    Status1,
    Status2,
    Status3,
    Read,
    FastRead,
    WriteEnable,
    WriteDisable,
    Program,
    Erase {
        /// Bytes of the region, which begins at a multiple of them.
        bytes: usize,
        /// Typical time.
        ns: u64,
    },
    PowerDown,
    /// Release from power-down, and the device id for those who read on.
    Release,
    EnableReset,
    Reset,
}

impl Command {
    pub fn from_code(code: u8) -> Option<Command> {
        Some(match code {
            0x9f => Command::JedecId,
            0x90 => Command::DeviceId,
            0x4b => Command::UniqueId,
            0x05 => Command::Status1,
            0x35 => Command::Status2,
            0x15 => Command::Status3,
            0x03 => Command::Read,
            0x0b => Command::FastRead,
            0x06 => Command::WriteEnable,
            0x04 => Command::WriteDisable,
            0x02 => Command::Program,
            0x20 => Command::Erase { bytes: SECTOR, ns: SECTOR_ERASE_NS },
            0x52 => Command::Erase { bytes: 32 << 10, ns: BLOCK_32K_ERASE_NS },
            0xd8 => Command::Erase { bytes: 64 << 10, ns: BLOCK_64K_ERASE_NS },
            0xc7 | 0x60 => Command::Erase { bytes: SIZE, ns: CHIP_ERASE_NS },
            0xb9 => Command::PowerDown,
            0xab => Command::Release,
            0x66 => Command::EnableReset,
            0x99 => Command::Reset,
            _ => return None,
        })
    }

    /// Bytes before the data: the code, the address, dummies.
    pub fn head(self) -> u64 {
        match self {
            Command::Read | Command::Program | Command::DeviceId => 4,
            Command::Erase { bytes, .. } if bytes < SIZE => 4,
            Command::FastRead | Command::UniqueId => 5,
            _ => 1,
        }
    }

    /// Select may be released after any bit of the data: "All read instructions can be completed after any clocked
    /// bit" (W25Q32JV data sheet, Instructions).
    pub fn answers(self) -> bool {
        matches!(
            self,
            Command::JedecId
                | Command::DeviceId
                | Command::UniqueId
                | Command::Status1
                | Command::Status2
                | Command::Status3
                | Command::Read
                | Command::FastRead
                | Command::Release
        )
    }

    /// It is accepted while a program or an erase goes on.
    pub fn is_for_busy(self) -> bool {
        matches!(
            self,
            Command::Status1 | Command::Status2 | Command::Status3 | Command::EnableReset | Command::Reset
        )
    }

    /// How long select must stay released after it, in nanoseconds.
    pub fn deselect_ns(self) -> u64 {
        if self.answers() {
            DESELECT_READ_NS
        } else {
            DESELECT_NS
        }
    }
}
