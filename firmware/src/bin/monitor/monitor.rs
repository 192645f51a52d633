//! The monitor: commands on the serial line, a line each.

use core::arch::asm;

use embedded_hal_nb::nb;
use embedded_hal_nb::serial::Read;
use heapless::Vec;

use crate::brainfuck::Program;
use crate::{flash_test, memory_test, sleep};
use firmware::bus;
use firmware::uart::{Error, Uart};

/// Characters of a line.
const LINE: usize = 64;
/// Most arguments of a command.
const ARGUMENTS: usize = 2;
/// Words that `dump` shows if it is not told how many, and at most.
const DUMP: (u32, u32) = (0x20, 0x400);
// The texts below say so.
const _: () = assert!(DUMP.0 == 0x20 && DUMP.1 == 0x400);
/// Words in a row of `dump`.
const ROW: u32 = 4;

/// A command. Its arguments are numbers.
struct Command {
    name: &'static str,
    /// What to type behind the name.
    usage: &'static str,
    /// What it does.
    text: &'static str,
    /// Arguments at least and at most.
    arguments: (usize, usize),
    run: fn(&mut Uart, &[u32]) -> Result<(), Complaint>,
}

/// A wrong argument: what is wrong, and what to do.
type Complaint = &'static str;

const COMMANDS: &[Command] = &[
    Command {
        name: "peek",
        usage: " ADDR",
        text: "show the word at ADDR",
        arguments: (1, 1),
        run: |uart, arguments| {
            uart.hex(bus::read(aligned(arguments[0])?));
            uart.text("\r\n");
            Ok(())
        },
    },
    Command {
        name: "poke",
        usage: " ADDR WORD",
        text: "write a word to ADDR",
        arguments: (2, 2),
        run: |_, arguments| {
            // SAFETY: none. The user may change everything, the stack included; a reset mends it.
            unsafe { bus::write(aligned(arguments[0])?, arguments[1]) };
            Ok(())
        },
    },
    Command {
        name: "dump",
        usage: " ADDR [COUNT]",
        text: "show COUNT words from ADDR on, 20 if it is missing, 400 at most",
        arguments: (1, 2),
        run: dump,
    },
    Command {
        name: "run",
        usage: " ADDR",
        text: "call machine code and show what it returns in a0",
        arguments: (1, 1),
        run: call,
    },
    Command {
        name: "test",
        usage: "",
        text: "test RAM and cells; they keep their contents",
        arguments: (0, 0),
        run: |uart, _| {
            memory_test::ram(uart);
            memory_test::cells(uart);
            Ok(())
        },
    },
    Command {
        name: "flash",
        usage: "",
        text: "test the flash in a sector that is empty",
        arguments: (0, 0),
        run: |uart, _| {
            flash_test::run(uart);
            Ok(())
        },
    },
    Command {
        name: "bf",
        usage: " [ADDR]",
        text:
            "run the Brainfuck program in the flash, or that at ADDR; Ctrl-] stops it, a break ends its input",
        arguments: (0, 1),
        run: brainfuck,
    },
    Command {
        name: "reset",
        usage: "",
        text: "start the board again",
        arguments: (0, 0),
        run: |uart, _| {
            uart.text("starting again\r\n");
            uart.finish();
            loop {
                // SAFETY: a register of the board, and nothing of this run is wanted any more.
                unsafe { bus::write(map::board::BASE + map::board::RESET, 1) };
            }
        },
    },
    Command { name: "help", usage: "", text: "show this", arguments: (0, 0), run: help },
];

/// Reads and carries out commands, for ever.
pub fn run(uart: &mut Uart) -> ! {
    let mut after_return = false;
    loop {
        uart.text("> ");
        match read_line(uart, &mut after_return) {
            Some(line) => execute(uart, &line),
            None => uart.text("some characters were lost; type the line again\r\n"),
        }
    }
}

/// Reads a line and echoes it; `None` if some of it was lost. A line ends with a return, a line feed, or both.
fn read_line(uart: &mut Uart, after_return: &mut bool) -> Option<Vec<u8, LINE>> {
    let mut line = Vec::new();
    let mut lost = false;
    loop {
        let byte = match uart.read() {
            Ok(byte) => byte,
            Err(nb::Error::Other(Error::Overrun | Error::Framing)) => {
                lost = true;
                continue;
            }
            Err(nb::Error::Other(Error::Break)) => continue,
            Err(nb::Error::WouldBlock) => {
                sleep::until(0);
                continue;
            }
        };
        let second = byte == b'\n' && *after_return;
        *after_return = byte == b'\r';
        match byte {
            b'\n' if second => {}
            b'\r' | b'\n' => {
                uart.text("\r\n");
                return if lost { None } else { Some(line) };
            }
            // Backspace, and delete, which many terminals send in its place.
            0x08 | 0x7F => {
                if line.pop().is_some() {
                    uart.text("\x08 \x08");
                }
            }
            // Ctrl-C gives the line up.
            0x03 => {
                uart.text("^C\r\n");
                return Some(Vec::new());
            }
            b' '..=b'~' if line.push(byte).is_ok() => uart.byte(byte),
            // The bell: no room for it, or no character.
            _ => uart.byte(0x07),
        }
    }
}

/// Carries out a line.
fn execute(uart: &mut Uart, line: &[u8]) {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let Some(name) = words.next() else { return };
    let Some(command) = COMMANDS.iter().find(|command| command.name.as_bytes() == name) else {
        return complain(uart, name, " is no command; type help");
    };
    let mut arguments: Vec<u32, ARGUMENTS> = Vec::new();
    for word in words {
        let Some(number) = number(word) else {
            return complain(
                uart,
                word,
                " is no number of up to 8 hexadecimal digits; type one like 80000100",
            );
        };
        if arguments.push(number).is_err() || arguments.len() > command.arguments.1 {
            return usage(uart, command);
        }
    }
    if arguments.len() < command.arguments.0 {
        return usage(uart, command);
    }
    if let Err(complaint) = (command.run)(uart, &arguments) {
        uart.text(complaint);
        uart.text("\r\n");
    }
}

fn complain(uart: &mut Uart, word: &[u8], complaint: Complaint) {
    uart.byte(b'"');
    word.iter().for_each(|byte| uart.byte(*byte));
    uart.byte(b'"');
    uart.text(complaint);
    uart.text("\r\n");
}

fn usage(uart: &mut Uart, command: &Command) {
    uart.text("type: ");
    uart.text(command.name);
    uart.text(command.usage);
    uart.text("\r\n");
}

/// A hexadecimal number, with `0x` before it or without.
fn number(word: &[u8]) -> Option<u32> {
    let digits = word.strip_prefix(b"0x").unwrap_or(word);
    if !(1..=8).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

fn aligned(address: u32) -> Result<u32, Complaint> {
    if address % 4 == 0 {
        Ok(address)
    } else {
        Err("words and instructions are at multiples of 4; give such an address")
    }
}

fn dump(uart: &mut Uart, arguments: &[u32]) -> Result<(), Complaint> {
    let first = aligned(arguments[0])?;
    let count = arguments.get(1).copied().unwrap_or(DUMP.0);
    if !(1..=DUMP.1).contains(&count) {
        return Err("COUNT is 1 to 400, hexadecimal; give such a number");
    }
    for row in (0..count).step_by(ROW as usize) {
        let words = row..count.min(row + ROW);
        // Each word is read once: it may be a register.
        let mut characters: Vec<u8, { 4 * ROW as usize }> = Vec::new();
        uart.hex(first.wrapping_add(4 * row));
        uart.byte(b' ');
        for word in words.map(|index| bus::read(first.wrapping_add(4 * index))) {
            uart.byte(b' ');
            uart.hex(word);
            characters
                .extend(word.to_le_bytes().map(|byte| if matches!(byte, b' '..=b'~') { byte } else { b'.' }));
        }
        uart.text("  ");
        characters.iter().for_each(|byte| uart.byte(*byte));
        uart.text("\r\n");
    }
    Ok(())
}

fn call(uart: &mut Uart, arguments: &[u32]) -> Result<(), Complaint> {
    let address = aligned(arguments[0])?;
    let result: u32;
    // SAFETY: none. The user says that there is code that keeps to the calling convention; what traps comes back by
    // `crate::trap`, from what hangs a reset comes back.
    unsafe { asm!("jalr {}", in(reg) address, lateout("a0") result, clobber_abi("C")) };
    uart.text("a0 = ");
    uart.hex(result);
    uart.text("\r\n");
    Ok(())
}

fn brainfuck(uart: &mut Uart, arguments: &[u32]) -> Result<(), Complaint> {
    let address = arguments.first().copied().unwrap_or(map::FLASH + map::FILES);
    let program = Program::at(address).and_then(|program| program.check().map(|()| program));
    match program {
        Ok(program) => program.run(uart),
        Err(error) => {
            uart.hex(address);
            uart.text(error.text());
            uart.text("\r\n");
        }
    }
    Ok(())
}

fn help(uart: &mut Uart, _: &[u32]) -> Result<(), Complaint> {
    for command in COMMANDS {
        uart.text(command.name);
        uart.text(command.usage);
        uart.text(": ");
        uart.text(command.text);
        uart.text("\r\n");
    }
    uart.text("numbers are hexadecimal; ");
    for (place, name) in [(map::RAM, "RAM "), (map::FLASH, ", flash "), (map::CELLS, ", cells ")] {
        uart.text(name);
        uart.hex(place);
    }
    uart.text(", devices ");
    uart.hex(map::DEVICES[0].base);
    uart.text("\r\n");
    Ok(())
}
