//! A run of a program: a model, its bytes in and out, and why it ended.

use crate::model::{Model, Shape, Wires};
use crate::serial;
use hdl::board::{leds, BAUD};
use hdl::pll::LOGIC_HZ;
use images::machine::Fault;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// Cycles after which a core that was told of the end of the input must have gone on, if its program allows it.
const END_CYCLES: u64 = 8;
/// Cycles in which a machine has left its reset.
const BOOT_CYCLES: u64 = 8;

/// What the input has to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A byte.
    Byte(u8),
    /// No bytes any more.
    End,
    /// The user wants to stop the run.
    Quit,
}

/// What became of a wait for a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// How much time passes for the machine,
    pub passed: Duration,
    /// and what comes then, if anything. The end does not: it is told to a machine that can do nothing else any more.
    pub next: Option<Next>,
}

/// The machine's bytes, at the host's side.
pub trait Console {
    /// The next byte, asked for when the machine can do nothing without it. May block.
    fn next(&mut self) -> io::Result<Next>;
    /// A byte, asked for when the machine rests until its timer wakes it, in `most` of its time. `wanted`: its program
    /// waits for one. Time that passes for a user passes for the machine, and no more than that; it is asked again if it was
    /// not all.
    ///
    /// A console that has none here never blocks in `next`. It gives what is wanted at once, and keeps its bytes else, and
    /// then all of the time passes.
    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        let next = if wanted { self.next()? } else { Next::End };
        Ok(match next {
            Next::End => Waited { passed: most, next: None },
            next => Waited { passed: Duration::ZERO, next: Some(next) },
        })
    }
    /// A byte that is there, asked for when the line is free. A console that has none here keeps its bytes until the machine
    /// waits for them.
    fn poll(&mut self) -> io::Result<Option<u8>> {
        Ok(None)
    }
    /// Asked now and then while the machine runs: does the user want to stop?
    fn wants_to_quit(&mut self) -> bool {
        false
    }
    /// Takes a byte from the machine.
    fn put(&mut self, byte: u8) -> io::Result<()>;
}

/// A console at which something is typed before its own bytes.
pub struct Typed<C> {
    first: VecDeque<u8>,
    then: C,
}

impl<C> Typed<C> {
    /// Types these bytes at once, then the console's.
    pub fn new(first: &[u8], then: C) -> Typed<C> {
        Typed { first: first.iter().copied().collect(), then }
    }

    /// The console.
    pub fn into_inner(self) -> C {
        self.then
    }
}

impl<C: Console> Console for Typed<C> {
    fn next(&mut self) -> io::Result<Next> {
        self.first.pop_front().map_or_else(|| self.then.next(), |byte| Ok(Next::Byte(byte)))
    }

    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        match self.first.pop_front() {
            Some(byte) => Ok(Waited { passed: Duration::ZERO, next: Some(Next::Byte(byte)) }),
            None => self.then.wait(most, wanted),
        }
    }

    fn poll(&mut self) -> io::Result<Option<u8>> {
        self.first.pop_front().map_or_else(|| self.then.poll(), |byte| Ok(Some(byte)))
    }

    fn wants_to_quit(&mut self) -> bool {
        self.then.wants_to_quit()
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.then.put(byte)
    }
}

/// Input from memory, output to memory.
#[derive(Clone, Debug, Default)]
pub struct Buffers {
    /// What is still to be read, last byte first.
    input: Vec<u8>,
    /// What was written.
    pub output: Vec<u8>,
}

impl Buffers {
    /// With this input.
    pub fn new(input: &[u8]) -> Buffers {
        Buffers { input: input.iter().rev().copied().collect(), output: Vec::new() }
    }
}

impl Console for Buffers {
    fn next(&mut self) -> io::Result<Next> {
        Ok(self.input.pop().map_or(Next::End, Next::Byte))
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.output.push(byte);
        Ok(())
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The program came to its end.
    Halted,
    /// The core stopped with a fault.
    Fault {
        /// Which.
        fault: Fault,
        /// Address of the word.
        address: u32,
        /// The pointer before that word.
        pointer: u32,
    },
    /// The program waits for input that will not come.
    InputEnded,
    /// The budget of cycles ran out.
    CycleLimit,
    /// The user stopped the run.
    Quit,
}

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why it ended.
    pub stopped: Stopped,
    /// Clock cycles from the end of the reset until then.
    pub cycles: u64,
    /// Words executed.
    pub words: u64,
}

/// How the bytes get from the console to the core.
enum Port {
    Bytes,
    Serial { sender: serial::Sender, receiver: serial::Receiver },
}

/// A model with a program, ready to run.
pub struct Session {
    model: Box<dyn Model>,
    wires: Wires,
    port: Port,
    cycles: u64,
    words: u64,
    /// Cycle in which the input was declared over.
    ended: Option<u64>,
    /// Cycle in which the board showed that its program has stopped.
    stopped_since: Option<u64>,
    polled: u64,
    cycles_of_a_bit: u64,
    /// Cycles for which nothing has been on the serial line.
    quiet: u64,
}

/// Cycles between two questions whether the user wants to stop.
const POLL_CYCLES: u64 = 1 << 16;

impl Session {
    /// A model in its reset state.
    pub fn new(model: Box<dyn Model>, shape: Shape) -> Session {
        let cycles_of_a_bit = hdl::uart::divisor(LOGIC_HZ, BAUD);
        let port = match shape {
            Shape::Bare => Port::Bytes,
            Shape::Board => Port::Serial {
                sender: serial::Sender::new(cycles_of_a_bit),
                receiver: serial::Receiver::new(cycles_of_a_bit),
            },
        };
        let wires = Wires { usb_rx: true, ..Wires::default() };
        Session {
            model,
            wires,
            port,
            cycles: 0,
            words: 0,
            ended: None,
            stopped_since: None,
            polled: 0,
            cycles_of_a_bit,
            quiet: 0,
        }
    }

    /// The model, to look at its cells.
    pub fn model(&mut self) -> &mut dyn Model {
        self.model.as_mut()
    }

    /// Switches the machine on: it leaves its power-up state by itself. Cycles count from the first word of the
    /// program; before it the core reads its first cell, as if by a word of its own.
    pub fn switch_on(&mut self) {
        for _ in 0..BOOT_CYCLES {
            self.model.cycle(&mut self.wires);
            if self.wires.retired {
                break;
            }
        }
        (self.cycles, self.words) = (0, 0);
    }

    /// Runs until the program stops or `max_cycles` have passed since it started.
    pub fn run(&mut self, console: &mut dyn Console, max_cycles: u64) -> io::Result<Outcome> {
        let stopped = loop {
            if self.cycles >= max_cycles && self.stopped_since.is_none() {
                break Stopped::CycleLimit;
            }
            if self.cycles >= self.polled + POLL_CYCLES {
                self.polled = self.cycles;
                if console.wants_to_quit() {
                    break Stopped::Quit;
                }
            }
            let stopped = match self.port {
                Port::Bytes => self.bare_cycle(console)?,
                Port::Serial { .. } => self.board_cycle(console)?,
            };
            if let Some(stopped) = stopped {
                break stopped;
            }
        };
        Ok(Outcome { stopped, cycles: self.cycles, words: self.words })
    }

    fn count(&mut self) {
        self.cycles += 1;
        self.words += u64::from(self.wires.retired);
    }

    fn bare_cycle(&mut self, console: &mut dyn Console) -> io::Result<Option<Stopped>> {
        self.model.cycle(&mut self.wires);
        if self.wires.stopped {
            return Ok(Some(self.stopped(self.wires.fault)));
        }
        self.count();
        if self.wires.out_valid {
            console.put(self.wires.out_data)?;
        }
        // A byte given in the last cycle shows as `in_full` in the next.
        let given = std::mem::take(&mut self.wires.in_valid);
        if self.wires.waiting && !self.wires.in_full && !given {
            match self.ended {
                None => match console.next()? {
                    Next::Byte(byte) => {
                        self.wires.in_data = byte;
                        self.wires.in_valid = true;
                    }
                    Next::End => {
                        self.wires.in_end = true;
                        self.ended = Some(self.cycles);
                    }
                    Next::Quit => return Ok(Some(Stopped::Quit)),
                },
                Some(since) if self.cycles > since + END_CYCLES => return Ok(Some(Stopped::InputEnded)),
                Some(_) => {}
            }
        } else if let Some(since) = &mut self.ended {
            *since = self.cycles;
        }
        Ok(None)
    }

    fn board_cycle(&mut self, console: &mut dyn Console) -> io::Result<Option<Stopped>> {
        let Port::Serial { sender, receiver } = &mut self.port else {
            return Ok(None);
        };
        self.wires.usb_rx = sender.cycle();
        self.model.cycle(&mut self.wires);
        let received = receiver.cycle(self.wires.usb_tx);
        let busy = !sender.is_idle() || !receiver.is_idle() || !self.wires.usb_tx;
        self.quiet = if busy { 0 } else { self.quiet + 1 };
        // A byte that waits for the one before it begins right behind its stop bit.
        let all_sent = self.quiet > 2 * self.cycles_of_a_bit;
        if let Some(byte) = received {
            console.put(byte)?;
        }
        let led = |number: u8| self.wires.led >> number & 1 != 0;
        if led(leds::HALTED) || led(leds::FAULT) {
            // The last byte may still be on its way.
            let since = *self.stopped_since.get_or_insert(self.cycles);
            self.cycles += 1;
            if all_sent {
                self.cycles = since;
                let code = if led(leds::FAULT) { self.wires.led >> leds::FAULT_CODE & 7 } else { 0 };
                return Ok(Some(self.stopped(code)));
            }
            return Ok(None);
        }
        let waits = led(leds::WAITING);
        self.count();
        let Port::Serial { sender, .. } = &mut self.port else {
            return Ok(None);
        };
        if waits && sender.is_idle() {
            match self.ended {
                None => match console.next()? {
                    Next::Byte(byte) => sender.send(byte),
                    Next::End => {
                        sender.send_break();
                        self.ended = Some(self.cycles);
                    }
                    Next::Quit => return Ok(Some(Stopped::Quit)),
                },
                Some(since) if all_sent && self.cycles > since + END_CYCLES => {
                    return Ok(Some(Stopped::InputEnded))
                }
                Some(_) => {}
            }
        } else if let Some(since) = &mut self.ended {
            *since = self.cycles;
        }
        Ok(None)
    }

    fn stopped(&self, code: u8) -> Stopped {
        match Fault::from_code(code) {
            Some(fault) => {
                Stopped::Fault { fault, address: self.wires.stop_address, pointer: self.wires.stop_pointer }
            }
            None => Stopped::Halted,
        }
    }
}
