//! The Brainfuck core's registers as the process knows the core.

use images::machine::Fault;
use kernel::service::process::{self, Status, Stopped};
use map::core::{
    control, output, status, BASE, CLOSE, CONTROL, CYCLES_HIGH, CYCLES_LOW, DEPTH, ENABLE, INPUT, LENGTH,
    LOOP, MODE, OUTPUT, POINTER, POSITION, PROGRAM, STATUS, WORDS_HIGH, WORDS_LOW,
};
use map::interrupts;

use crate::bus;

/// Bits of the input mode.
const MODE_BITS: u32 = 0b111;

const _: () = assert!(process::NO_MORE_INPUT == 1 << map::core::mode::END);

/// The core. There is one, and whoever has this may use it.
pub struct Core;

fn set(register: u32, value: u32) {
    // SAFETY: a register of the core, which is no memory. The core writes only to its cells.
    unsafe { bus::write(BASE + register, value) }
}

fn get(register: u32) -> u32 {
    bus::read(BASE + register)
}

/// Two registers that count on while they are read.
fn count(low: u32, high: u32) -> u64 {
    loop {
        let before = get(high);
        let value = get(low);
        if get(high) == before {
            return u64::from(before) << 32 | u64::from(value);
        }
    }
}

impl process::Core for Core {
    fn status(&mut self) -> Status {
        let now = get(STATUS);
        let has = |bit: u32| now >> bit & 1 != 0;
        let stopped = if has(status::FAULT) {
            Some(Stopped::Fault(Fault::from_code((now >> status::FAULT_CODE & 7) as u8)))
        } else {
            has(status::HALTED).then_some(Stopped::Halted)
        };
        Status {
            input: has(status::INPUT),
            running: has(status::RUNNING),
            pending: has(status::PENDING),
            stopped,
        }
    }

    fn take_output(&mut self) -> Option<u8> {
        let taken = get(OUTPUT);
        (taken >> output::THERE & 1 != 0).then_some(taken as u8)
    }

    fn give_input(&mut self, byte: u8) {
        set(INPUT, byte.into());
    }

    fn input(&mut self) -> u8 {
        get(INPUT) as u8
    }

    fn take_fed(&mut self) -> bool {
        let is_fed = get(STATUS) >> status::FED & 1 != 0;
        if is_fed {
            set(STATUS, 1 << status::FED);
        }
        is_fed
    }

    fn clear(&mut self) {
        set(CONTROL, 1 << control::CLEAR);
    }

    fn set_program(&mut self, address: u32, words: u32) {
        set(PROGRAM, address);
        set(LENGTH, words);
    }

    fn go(&mut self) {
        set(CONTROL, 1 << control::START);
    }

    fn stop(&mut self) {
        set(CONTROL, 1 << control::STOP);
    }

    fn position(&mut self) -> u32 {
        get(POSITION)
    }

    fn set_position(&mut self, position: u32) {
        set(POSITION, position);
    }

    fn pointer(&mut self) -> u16 {
        get(POINTER) as u16
    }

    fn set_pointer(&mut self, pointer: u16) {
        set(POINTER, pointer.into());
    }

    fn open_loop(&mut self, first: u32) {
        set(LOOP, first);
    }

    fn close_loops(&mut self) {
        for _ in 0..get(DEPTH) {
            set(CLOSE, 0);
        }
    }

    fn input_mode(&mut self) -> u8 {
        (get(MODE) & MODE_BITS) as u8
    }

    fn set_input_mode(&mut self, mode: u8) {
        set(MODE, u32::from(mode) & MODE_BITS);
    }

    fn cycles(&mut self) -> u64 {
        count(CYCLES_LOW, CYCLES_HIGH)
    }

    fn words(&mut self) -> u64 {
        count(WORDS_LOW, WORDS_HIGH)
    }

    fn listen(&mut self, input: bool, fed: bool) {
        let bits = u32::from(input) << status::INPUT
            | u32::from(fed) << status::FED
            | 1 << status::HALTED
            | 1 << status::FAULT;
        set(ENABLE, bits);
        crate::interrupts::listen(interrupts::CORE);
    }
}
