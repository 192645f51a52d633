//! The whole board: the computer's pins, its flash, and the host at its serial line.
//!
//! An engine runs the chip until one of its outputs changes; what hangs on the pins looks then, and not in every
//! cycle. While nothing happens but that the timer's alarm comes nearer, the cycles are not simulated at all: at a
//! terminal so much time passes as for the user, and else the alarm comes at once.

mod rust_engine;
#[cfg(verilator)]
mod verilator_engine;

use crate::flash::{self, Flash};
use crate::model::{EngineKind, NoVerilator};
use crate::serial::{Receiver, Sender};
use crate::session::{Console, Next, Waited};
use hdl::uart::divisor;
use map::{BAUD, CLOCK_HZ};
use std::io;
use std::time::Duration;

/// Nanoseconds of a cycle.
const CYCLE_NS: u64 = 1_000_000_000 / CLOCK_HZ as u64;
/// Cycles between two questions whether the user wants to stop.
const POLL_CYCLES: u64 = 1 << 16;
/// Cycles that a byte needs from the line to a companion that sleeps, and more: everything in an idle chip is still then.
const SETTLE_CYCLES: u64 = 1000;
/// Cycles before the alarm that are not skipped.
const ALARM_CYCLES: u64 = 16;

/// Every wire between the chip and the board, and what a simulator may see inside. The order is that of the C++ shim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Wires {
    /// In: the button, low while it is pressed.
    pub rst_n: bool,
    /// In: serial line to the chip.
    pub usb_rx: bool,
    /// In: from the flash.
    pub flash_miso: bool,
    /// Out: serial line from the chip.
    pub usb_tx: bool,
    /// Out: the LEDs.
    pub led: u8,
    /// Out: the flash's clock has a pulse in this cycle.
    pub flash_sck: bool,
    /// Out: the flash is selected while it is low.
    pub flash_select_n: bool,
    /// Out: to the flash.
    pub flash_mosi: bool,
    /// Inside: the companion sleeps, and the Brainfuck core is stopped or waits for input.
    pub idle: bool,
    /// Inside: the Brainfuck core waits for a byte of input.
    pub waiting: bool,
    /// Inside: instructions that the companion has executed since power-up.
    pub instructions: u64,
    /// Inside: cycles until the time has come for which the companion would wake: 0 if it has come, all ones if there is
    /// none, because the timer has no alarm or its interrupt is not enabled.
    pub alarm: u64,
    /// Inside: cycles of a bit on the serial line.
    pub cycles_of_a_bit: u64,
}

/// What runs the chip.
pub trait Engine {
    /// Runs until an output (or `idle`) is not what `wires` says, or the flash's clock has a pulse, for `most` cycles at most. How many they were.
    fn run(&mut self, wires: &mut Wires, most: u64) -> u64;
    /// What so many cycles do to a chip in which nothing happens: only time is counted. It has been idle for long enough
    /// for everything in it to be still, and the alarm is more cycles away.
    fn skip(&mut self, cycles: u64);
    /// The cells.
    fn cells(&self) -> Vec<u8>;
    /// Sets the first cells.
    fn set_cells(&mut self, cells: &[u8]);
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The computer waits for input that will not come.
    InputEnded,
    /// The budget of cycles ran out.
    CycleLimit,
    /// The user stopped the run.
    Quit,
    /// The power failed.
    PowerCut,
}

/// The board, switched on.
pub struct Computer {
    engine: Box<dyn Engine>,
    wires: Wires,
    flash: Flash,
    sender: Sender,
    receiver: Receiver,
    cycles: u64,
    /// The host has declared the input over.
    ended: bool,
    /// Since when the computer has been idle, with nothing on its line or at its flash.
    idle_since: Option<u64>,
    polled: u64,
}

impl Computer {
    /// A board with this flash.
    pub fn new(engine: EngineKind, mut flash: Flash) -> Result<Computer, NoVerilator> {
        // At power-up the chip's pins are inputs, and the board pulls the select line up.
        flash.tick(flash::Pins { select_n: true, clock: false, mosi: false }, 0);
        let engine = match engine {
            EngineKind::Rust => rust_engine::new(),
            #[cfg(verilator)]
            EngineKind::Verilator => verilator_engine::new(),
            #[cfg(not(verilator))]
            EngineKind::Verilator => return Err(NoVerilator),
        };
        let bit = divisor(CLOCK_HZ.into(), BAUD.into());
        Ok(Computer {
            engine,
            wires: Wires {
                rst_n: true,
                usb_rx: true,
                usb_tx: true,
                flash_select_n: true,
                cycles_of_a_bit: bit,
                ..Wires::default()
            },
            flash,
            sender: Sender::new(bit),
            receiver: Receiver::new(bit),
            cycles: 0,
            ended: false,
            idle_since: None,
            polled: 0,
        })
    }

    /// The flash, as it is now.
    pub fn flash(&self) -> &Flash {
        &self.flash
    }

    /// The power is gone, in the middle of whatever the flash does. Whether the flash's file has kept all of it.
    pub fn switch_off(&mut self) -> io::Result<()> {
        self.flash.cut_power();
        self.flash.close()
    }

    /// The chip, to look at its cells.
    pub fn engine(&mut self) -> &mut dyn Engine {
        self.engine.as_mut()
    }

    /// The wires, as they are now.
    pub fn wires(&self) -> &Wires {
        &self.wires
    }

    /// Cycles since power-up.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Presses the button, or lets it go.
    pub fn press(&mut self, pressed: bool) {
        self.wires.rst_n = !pressed;
    }

    /// Runs until the input ends or `max_cycles` have passed since power-up.
    pub fn run(&mut self, console: &mut dyn Console, max_cycles: u64) -> io::Result<Stopped> {
        loop {
            if self.cycles >= max_cycles {
                return Ok(Stopped::CycleLimit);
            }
            if self.cycles >= self.polled + POLL_CYCLES {
                self.polled = self.cycles;
                if console.wants_to_quit() {
                    return Ok(Stopped::Quit);
                }
            }
            if let Some(byte) = self.step(max_cycles) {
                console.put(byte)?;
            }
            if !self.flash.is_powered() {
                return Ok(Stopped::PowerCut);
            }
            if self.sender.is_idle() {
                if let Some(byte) = console.poll()? {
                    self.sender.send(byte);
                }
            }
            if self.waits() {
                // Before much time is skipped.
                if console.wants_to_quit() {
                    return Ok(Stopped::Quit);
                }
                let next = match self.alarm() {
                    Some(alarm) => self.rest(console, alarm.min(max_cycles - self.cycles))?,
                    None => Some(console.next()?),
                };
                self.idle_since = Some(self.cycles);
                match next {
                    Some(Next::Byte(byte)) => self.sender.send(byte),
                    Some(Next::End) if self.ended => return Ok(Stopped::InputEnded),
                    Some(Next::End) => {
                        self.ended = true;
                        self.sender.send_break();
                    }
                    Some(Next::Quit) => return Ok(Stopped::Quit),
                    None => {}
                }
            }
        }
    }

    /// Cycles that may be skipped before the companion's alarm. One that is further away than the flash can count is none.
    fn alarm(&self) -> Option<u64> {
        let time = self.cycles.checked_add(self.wires.alarm)?;
        (time <= u64::MAX / CYCLE_NS).then(|| self.wires.alarm.saturating_sub(ALARM_CYCLES))
    }

    /// Lets time pass for an idle computer, `most` cycles at most, or until the console has something.
    fn rest(&mut self, console: &mut dyn Console, most: u64) -> io::Result<Option<Next>> {
        if most == 0 {
            return Ok(None);
        }
        let second = u64::from(CLOCK_HZ);
        let most_time = Duration::new(most / second, (most % second * CYCLE_NS) as u32);
        let Waited { passed, next } = console.wait(most_time, self.wires.waiting)?;
        let cycles = passed.as_nanos() / u128::from(CYCLE_NS);
        self.skip(cycles.min(most.into()) as u64);
        Ok(next.filter(|next| *next != Next::End))
    }

    /// Nothing happens for so many cycles.
    fn skip(&mut self, cycles: u64) {
        self.engine.skip(cycles);
        self.wires.alarm -= cycles;
        self.cycles += cycles;
        self.tick_flash();
    }

    /// The flash looks at its pins, and at the time.
    fn tick_flash(&mut self) {
        self.wires.flash_miso = self.flash.cycle(self.flash_pins(), self.cycles * CYCLE_NS);
    }

    fn flash_pins(&self) -> flash::Pins {
        flash::Pins {
            select_n: self.wires.flash_select_n,
            clock: self.wires.flash_sck,
            mosi: self.wires.flash_mosi,
        }
    }

    /// Cycles in which an idle computer settles: the second half of a stop bit is still on its way when a byte is received.
    fn settle_cycles(&self) -> u64 {
        self.wires.cycles_of_a_bit + SETTLE_CYCLES
    }

    /// Nothing will happen any more without a byte or an alarm.
    fn waits(&mut self) -> bool {
        let quiet = self.wires.idle && self.wires.usb_tx && self.sender.is_idle() && self.receiver.is_idle();
        if !quiet {
            self.idle_since = None;
            return false;
        }
        self.cycles >= *self.idle_since.get_or_insert(self.cycles) + self.settle_cycles()
    }

    /// Runs until something happens at the pins, or may have to. A byte that the host has received.
    fn step(&mut self, max_cycles: u64) -> Option<u8> {
        self.wires.usb_rx = self.sender.level();
        let most =
            self.sender.steady_cycles().min(POLL_CYCLES).min(max_cycles - self.cycles).min(
                self.idle_since.map_or(u64::MAX, |since| since + self.settle_cycles() + 1 - self.cycles),
            );
        let (tx, pins) = (self.wires.usb_tx, self.flash_pins());
        let cycles = self.engine.run(&mut self.wires, most);
        self.cycles += cycles;
        self.sender.advance(cycles);
        // The host's end follows the board's: nobody has to set it by hand.
        self.sender.set_rate(self.wires.cycles_of_a_bit);
        self.receiver.set_rate(self.wires.cycles_of_a_bit);
        if self.flash_pins() != pins || self.wires.flash_sck {
            self.idle_since = None;
        }
        self.tick_flash();
        self.receiver.advance(tx, cycles)
    }
}
