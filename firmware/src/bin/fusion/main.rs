//! Fusion on the board: what boots.
//!
//! It executes in place, in the flash. The compiler has put the kernel together; what is left to do is to copy it to the RAM,
//! of which there are 4 KB, and to make the machines.
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
use kernel::system::{self, Map, System, Tables, PAGE_BYTES};
use map::{CELLS, FILES, FLASH, FLASH_BYTES, RAM, RAM_BYTES, SAVED};
use trap::{Companion, SIGNALS};

type Fusion = System<Uart, Flash, Core, Clock, Board>;

/// Where everything is.
const MAP: Map = Map {
    places: Places { window: FLASH, files: FILES..FLASH_BYTES, saved: SAVED..FILES },
    cells: region(CELLS, COMPUTER.cells),
    // The linker leaves the end of the RAM out.
    page: region(RAM + RAM_BYTES - PAGE_BYTES, PAGE_BYTES),
};

/// The kernel before its first turn.
static TABLES: Tables = system::wire(&MAP).0;

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

/// Makes kernel and machines.
///
/// # Safety
/// It is called once.
// Apart from `main`, whose stack is there for ever.
#[inline(never)]
unsafe fn make() -> (&'static mut Tables, &'static mut Fusion) {
    static mut KERNEL: MaybeUninit<Tables> = MaybeUninit::uninit();
    static mut SYSTEM: MaybeUninit<Fusion> = MaybeUninit::uninit();
    // SAFETY: the copy is whole and is the only one that is used: the one in the flash stays as it is. Nobody else refers to
    // the copy, nor to the machines, which are made where they stay.
    let (kernel, system) = unsafe {
        let kernel = addr_of_mut!(KERNEL).cast::<Tables>();
        kernel.copy_from_nonoverlapping(&TABLES, 1);
        (&mut *kernel, &mut *addr_of_mut!(SYSTEM))
    };
    let slots = const { system::wire(&MAP).1 };
    (kernel, system.write(System::new(Uart, Flash, Core, Clock, Board, slots, MAP.places)))
}

/// What the reset code jumps to.
#[no_mangle]
extern "C" fn main() -> ! {
    board::fill_stack();
    // SAFETY: this function is called once.
    let (kernel, system) = unsafe { make() };
    // SAFETY: from here on interrupts are handled, and handlers change nothing but the signals.
    unsafe { firmware::interrupts::enable() };
    loop {
        system.turn(kernel, &mut Space, &SIGNALS, &mut Companion);
        if !board::is_stack_whole() {
            trap::stack_overflow();
        }
    }
}
