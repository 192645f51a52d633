//! Measures the kernel: what a call and its answer take, between two machines, with everything else of Fusion away.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};
use core::cell::Cell;

use firmware::memory::Space;
use firmware::uart::Uart;
use kernel::capability::{Capability, Object, Rights, Slot};
use kernel::context::Context;
use kernel::machine::{Fault, Machine, MachineId};
use kernel::message::{Event, Message};
use kernel::system::Tables;

/// Calls before the first one that counts: they fill the cache.
const BEFORE: u32 = 16;
/// Calls that count.
const CALLS: u32 = 64;

const ANSWERS: MachineId = MachineId(1);

/// Calls, and calls again when it has the answer.
struct Asks<'a> {
    endpoint: Slot,
    answers: &'a Cell<u32>,
}

impl Machine for Asks<'_> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        if let Event::Reply { result: Ok(answer), .. } = event {
            self.answers.set(self.answers.get() + answer.words[0]);
        }
        context.call(self.endpoint, &Message { label: 1, words: [1, 2, 3] }, None)?;
        Ok(())
    }

    fn restart(&mut self) {}
}

/// Answers.
struct Answers;

impl Machine for Answers {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        if let Event::Call { ref message, reply, .. } = event {
            context.reply(reply, message, None)?;
        }
        Ok(())
    }

    fn restart(&mut self) {}
}

/// Takes one of the places that Fusion's machines have.
struct Idle;

impl Machine for Idle {
    fn handle(&mut self, _: Event, _: &mut dyn Context) -> Result<(), Fault> {
        Ok(())
    }

    fn restart(&mut self) {}
}

/// Cycles so far.
fn cycles() -> u32 {
    let cycles;
    // SAFETY: reads a counter.
    unsafe { asm!("csrr {}, mcycle", out(reg) cycles, options(nomem, nostack)) };
    cycles
}

/// What the reset code jumps to.
#[no_mangle]
extern "C" fn main() -> ! {
    let mut kernel = Tables::new();
    let capability =
        Capability { object: Object::Endpoint { receiver: ANSWERS, badge: 0 }, rights: Rights::EXECUTE };
    let Ok(endpoint) = kernel.capabilities.give(MachineId(0), capability) else { panic!() };
    let answers = &Cell::new(0);
    let [a, b, c, d] = &mut [Idle, Idle, Idle, Idle];
    let machines: &mut [&mut dyn Machine; 6] =
        &mut [&mut Asks { endpoint, answers }, &mut Answers, a, b, c, d];
    let mut after = |count| {
        while answers.get() < count {
            kernel.step(machines, &mut Space);
        }
        cycles()
    };
    let begin = after(BEFORE);
    let end = after(BEFORE + CALLS);
    let mut uart = Uart;
    uart.hex((end - begin) / CALLS);
    uart.text(" cycles\n");
    loop {
        // SAFETY: sleeps for ever.
        unsafe { asm!("wfi", options(nomem, nostack)) };
    }
}

// Nothing traps.
global_asm!(
    ".pushsection .text.trap, \"ax\"",
    ".balign 4",
    ".global enter",
    "enter:",
    "j enter",
    ".popsection"
);

/// A mistake in this program.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: traps, and stays there.
    unsafe { asm!("ebreak", options(noreturn)) }
}
