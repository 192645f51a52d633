//! Fusion on the board: what boots.
//!
//! It executes in place, in the flash. The compiler has put the system together; what is left to do is to copy it to the RAM,
//! of which there are 4 KB.
#![no_std]
#![no_main]

mod board;
mod kept;
mod trap;

use core::mem::MaybeUninit;
use core::ptr::addr_of_mut;

use board::Board;
use firmware::clock::Clock;
use firmware::core::Core;
use firmware::flash::Flash;
use firmware::memory::Space;
use firmware::uart::Uart;
use images::machine::COMPUTER;
use kernel::region::Region;
use kernel::service::storage::Places;
use kernel::system::{Map, System, PAGE_BYTES};
use map::{CELLS, FILES, FLASH, FLASH_BYTES, RAM, RAM_BYTES, SAVED};
use trap::{Companion, SIGNALS};

type Fusion = System<Uart, Flash, Core, Clock, Board>;

/// The system before its first turn.
static FUSION: Fusion = System::new(
    Uart,
    Flash,
    Core,
    Clock,
    Board,
    Map {
        places: Places { window: FLASH, files: FILES..FLASH_BYTES, saved: SAVED..FILES },
        cells: region(CELLS, COMPUTER.cells),
        // The linker leaves the end of the RAM out.
        page: region(RAM + RAM_BYTES - PAGE_BYTES, PAGE_BYTES),
    },
);

/// Says in the linker's map how many bytes of RAM a part of the system takes. It is not loaded anywhere.
macro_rules! size {
    ($name:ident, $part:expr) => {
        #[used]
        #[link_section = ".sizes"]
        static $name: [u8; Fusion::BYTES[$part]] = [0; Fusion::BYTES[$part]];
    };
}
size!(KERNEL_BYTES, 0);
size!(CONSOLE_BYTES, 1);
size!(STORAGE_BYTES, 2);
size!(PROCESS_BYTES, 3);
size!(TIMEKEEPER_BYTES, 4);
size!(LOADER_BYTES, 5);
size!(SHELL_BYTES, 6);

const fn region(address: u32, bytes: u32) -> Region {
    match Region::new(address, bytes) {
        Some(region) => region,
        None => panic!("it is in the address space"),
    }
}

/// What the reset code jumps to.
#[no_mangle]
extern "C" fn main() -> ! {
    board::fill_stack();
    static mut SYSTEM: MaybeUninit<Fusion> = MaybeUninit::uninit();
    // SAFETY: the copy is whole and is the only one that is used: the one in the flash stays as it is. This function is
    // called once, so nobody else refers to the copy.
    let system = unsafe {
        let system = addr_of_mut!(SYSTEM).cast::<Fusion>();
        system.copy_from_nonoverlapping(&FUSION, 1);
        &mut *system
    };
    // SAFETY: from here on interrupts are handled, and handlers change nothing but the signals.
    unsafe { firmware::interrupts::enable() };
    loop {
        system.turn(&mut Space, &SIGNALS, &mut Companion);
        if !board::is_stack_whole() {
            trap::stack_overflow();
        }
    }
}
