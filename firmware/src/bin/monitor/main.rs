//! What the companion runs: a monitor on the serial line that starts Brainfuck programs.
//!
//! It executes in place, in the flash. RAM is 4 KB: no variables but those on the stack.
#![no_std]
#![no_main]

mod brainfuck;
mod flash_test;
mod memory_test;
mod monitor;
mod sleep;
mod trap;

use brainfuck::{Program, Unusable};
use firmware::uart::Uart;

/// What the reset code jumps to.
#[no_mangle]
extern "C" fn main() -> ! {
    let mut uart = Uart;
    uart.text("\r\nBrainFusion monitor\r\n");
    // Without the cells: a reset in the middle would leave them changed.
    memory_test::ram(&mut uart);
    let address = map::FLASH + map::FILES;
    match Program::at(address) {
        Ok(program) => {
            uart.text("starting the program in the flash; Ctrl-] stops it\r\n");
            program.run(&mut uart);
        }
        Err(Unusable::None) => uart.text("no program in the flash; type help\r\n"),
        Err(error) => {
            uart.hex(address);
            uart.text(error.text());
            uart.text("\r\n");
        }
    }
    monitor::run(&mut uart)
}

/// A mistake in the firmware: [`trap`] reports the place, and the monitor goes on.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: the trap leaves this code for good.
    unsafe { core::arch::asm!("ebreak", options(noreturn)) }
}
