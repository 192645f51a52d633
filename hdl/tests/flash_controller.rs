//! What the flash controller promises, against a model of the flash.

mod common;

use common::cycle;
use hdl::flash_controller::FlashController;
use hdl::line_cache::{CompanionCache, LINE_BITS};
use rust_hdl::prelude::*;
use std::collections::VecDeque;

const CLOCK_HZ: u64 = 50_000_000;
const LINE_BYTES: u64 = 8;
/// Cycles that the flash rests after ABh, and the fewest between two commands, at this clock.
const REST: u64 = 150;
const DESELECT: u64 = 3;
/// Cycles of a line, that of the request and that of the last piece included: behind the last one, or not.
const BEHIND: u64 = 1 + 1 + 8 * LINE_BYTES + 2;
const ELSEWHERE: u64 = 1 + (1 + DESELECT) + 32 + 8 * LINE_BYTES + 2;

/// The byte of flash at an address.
fn flash(address: u64) -> u64 {
    (address.wrapping_mul(0x9E37_79B9) >> 7 ^ address) & 0xFF
}

/// The line with this number, in pieces of 16 bits.
fn line(number: u64) -> Vec<u64> {
    let address = number * LINE_BYTES;
    (0..LINE_BYTES).step_by(2).map(|byte| flash(address + byte) | flash(address + byte + 1) << 8).collect()
}

/// A flash on its pins: answers 03h, 05h and 9Fh. A pulse of its clock is in the second half of a cycle, and `miso` changes behind it.
#[derive(Default)]
struct Flash {
    miso: bool,
    /// Bits received in this selection, and as a number.
    bits: u64,
    value: u64,
    /// Bytes that it still says it is busy in.
    busy: u32,
    /// Cycles since it was selected last.
    deselected: u64,
    /// The bytes of each command, those sent to it while it answers included.
    commands: Vec<Vec<u8>>,
}

impl Flash {
    /// What it does with the pins of this cycle. `miso` is that of the next one.
    fn cycle(&mut self, sck: bool, select_n: bool, mosi: bool) {
        if select_n {
            self.deselected += 1;
            self.bits = 0;
            assert!(!sck, "no clock while not selected");
        } else {
            if self.deselected > 0 {
                assert!(self.deselected >= DESELECT, "selected again after {} cycles", self.deselected);
                self.deselected = 0;
                self.value = 0;
                self.commands.push(Vec::new());
            }
            if sck {
                self.value = self.value << 1 | u64::from(mosi);
                self.bits += 1;
                if self.bits % 8 == 0 {
                    let command = self.commands.last_mut().expect("selected");
                    command.push(self.value as u8);
                }
                self.answer();
            }
        }
    }

    /// Changes `miso`, at a falling edge.
    fn answer(&mut self) {
        let command = self.commands.last().expect("selected");
        let bit = 7 - self.bits % 8;
        let bytes = self.bits / 8;
        let byte = match (command.first(), bytes) {
            (Some(0x03), 4..) => {
                let address = command[1..4].iter().fold(0, |address, byte| address << 8 | u64::from(*byte));
                flash(address + bytes - 4)
            }
            (Some(0x05), 1..) => {
                let busy = self.busy > 0;
                if bit == 0 {
                    self.busy = self.busy.saturating_sub(1);
                }
                0x54 | u64::from(busy)
            }
            (Some(0x9F), 1..=3) => [0xEF, 0x40, 0x16][bytes as usize - 1],
            _ => 0xFF,
        };
        self.miso = byte >> bit & 1 == 1;
    }
}

/// The clients, as numbers: their order here.
const COMPANION: usize = 0;
const PROGRAM: usize = 1;

/// A controller, its flash, and what its clients wait for and get.
struct Bench {
    controller: FlashController<LINE_BITS>,
    flash: Flash,
    /// The lines that each client still wants, in order.
    wanted: [VecDeque<u64>; 2],
    /// What each has of the first of them.
    pieces: [Vec<u64>; 2],
    /// Lines as they were completed: the client, the line, the cycle.
    served: Vec<(usize, u64, u64)>,
    cycles: u64,
}

impl Bench {
    fn new(busy: u32) -> Self {
        let mut controller = FlashController::new(CLOCK_HZ);
        controller.connect_all();
        Bench {
            controller,
            flash: Flash { busy, deselected: DESELECT, ..Flash::default() },
            wanted: Default::default(),
            pieces: Default::default(),
            served: Vec::new(),
            cycles: 0,
        }
    }

    /// One that has started.
    fn started() -> Self {
        let mut bench = Bench::new(0);
        bench.cycles(400);
        bench.flash.commands.clear();
        bench
    }

    /// One cycle. A piece counts from the next one on, as in a cache.
    fn cycle(&mut self) {
        let controller = &mut self.controller;
        let front = |client: usize| self.wanted[client].front().copied();
        controller.companion_line_request.next = front(COMPANION).is_some();
        controller.program_line_request.next = front(PROGRAM).is_some();
        controller.companion_line_address.next = front(COMPANION).unwrap_or(0).into();
        controller.program_line_address.next = front(PROGRAM).unwrap_or(0).into();
        controller.miso.next = self.flash.miso;
        let (pins, arrived, data) = cycle(
            controller,
            |controller| &mut controller.clock,
            |controller| {
                (
                    (controller.sck.val(), controller.select_n.val(), controller.mosi.val()),
                    [controller.companion_fill_valid.val(), controller.program_fill_valid.val()],
                    controller.fill_data.val().to_u64(),
                )
            },
        );
        self.flash.cycle(pins.0, pins.1, pins.2);
        for client in (0..2).filter(|client| arrived[*client]) {
            let number = self.wanted[client].front().expect("only those that wait are served");
            let pieces = &mut self.pieces[client];
            if let Some(before) = pieces.last() {
                assert_eq!(data & 0xFFFF, *before, "the piece before stays in the lower half");
            }
            pieces.push(data >> 16);
            if pieces.len() as u64 == LINE_BYTES / 2 {
                assert_eq!(*pieces, line(*number), "line {number:x} for client {client}");
                self.served.push((client, *number, self.cycles));
                pieces.clear();
                self.wanted[client].pop_front();
            }
        }
        self.cycles += 1;
    }

    fn cycles(&mut self, number: u64) {
        for _ in 0..number {
            self.cycle();
        }
    }

    /// Asks for a line; the cycles from the request, its own included, to the last piece.
    fn read(&mut self, client: usize, number: u64) -> u64 {
        let (begin, served) = (self.cycles, self.served.len());
        self.wanted[client].push_back(number);
        while self.served.len() == served {
            assert!(self.cycles - begin < 2000, "line {number:x} never comes");
            self.cycle();
        }
        self.cycles - begin
    }

    /// Sends a byte for the firmware; the one received, and the cycles it took.
    fn exchange(&mut self, byte: u64) -> (u64, u64) {
        self.controller.command_byte.next = byte.into();
        self.controller.command_send.next = true;
        self.cycle();
        self.controller.command_send.next = false;
        let begin = self.cycles;
        while self.controller.command_busy.val() {
            assert!(self.cycles - begin < 100, "busy for ever");
            self.cycle();
        }
        (self.controller.command_received.val().to_u64(), self.cycles - begin)
    }

    /// The commands since last time, each with so many bytes.
    fn commands(&mut self, bytes: usize) -> Vec<Vec<u8>> {
        let commands = std::mem::take(&mut self.flash.commands);
        commands.into_iter().map(|command| command.into_iter().take(bytes).collect()).collect()
    }
}

#[test]
fn it_wakes_the_flash_and_waits_while_it_is_busy() {
    let mut bench = Bench::new(5);
    bench.wanted[PROGRAM].push_back(0x1234);
    while bench.flash.commands.len() < 2 {
        bench.cycle();
    }
    assert_eq!(bench.flash.commands[0], [0xAB]);
    bench.cycles(1000);
    let commands = bench.commands(usize::MAX);
    assert_eq!(
        (commands[1][0], commands[1].len()),
        (0x05, 1 + 5 + 1),
        "six bytes of status, the last not busy"
    );
    assert_eq!(commands[2][..4], [0x03, 0x00, 0x91, 0xA0]);
    assert_eq!(commands.len(), 3);
    assert_eq!(bench.served.len(), 1);
}

#[test]
fn it_rests_for_three_microseconds() {
    let mut bench = Bench::new(0);
    let mut selected = Vec::new();
    for _ in 0..400 {
        bench.cycle();
        selected.push(!bench.controller.select_n.val());
    }
    let first = selected.iter().position(|selected| *selected).expect("selected");
    let rest = selected[first..].iter().skip_while(|selected| **selected).take_while(|selected| !**selected);
    assert!((REST..REST + 10).contains(&(rest.count() as u64)));
}

#[test]
fn a_line_takes_its_cycles() {
    let mut bench = Bench::started();
    // Not selected, then selected but somewhere else, then right behind.
    assert_eq!(bench.read(COMPANION, 0xABCDE), ELSEWHERE);
    assert_eq!(bench.read(PROGRAM, 0x00001), ELSEWHERE);
    for number in 2..5 {
        assert_eq!(bench.read(number as usize % 2, number), BEHIND);
    }
    bench.cycles(50);
    assert_eq!(bench.read(PROGRAM, 5), BEHIND);
    assert_eq!(bench.read(PROGRAM, 5), ELSEWHERE);
    assert_eq!(bench.commands(4), [[3, 0x55, 0xE6, 0xF0], [3, 0, 0, 0x08], [3, 0, 0, 0x28]]);
}

#[test]
fn clients_take_turns() {
    // Even when one of them could go on for ever.
    for [one, other] in [[COMPANION, PROGRAM], [PROGRAM, COMPANION]] {
        let mut bench = Bench::started();
        for number in 0..6 {
            bench.wanted[one].push_back(0x2000 + number);
            bench.wanted[other].push_back(0x3000 + 2 * number);
        }
        bench.cycles(12 * (ELSEWHERE + 2));
        let turns: Vec<usize> = bench.served.iter().map(|(client, ..)| *client).collect();
        assert!(turns.len() == 12 && turns.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
    }
}

#[test]
fn a_client_alone_is_served_at_once_whoever_was_last() {
    let mut bench = Bench::started();
    for (number, client) in [COMPANION, COMPANION, PROGRAM, PROGRAM, COMPANION].into_iter().enumerate() {
        assert_eq!(bench.read(client, 0x100 * (number as u64 + 1)), ELSEWHERE);
    }
}

#[test]
fn clients_take_turns_between_commands_too() {
    let mut bench = Bench::started();
    for number in 0..3 {
        bench.wanted[COMPANION].push_back(number);
        bench.wanted[PROGRAM].push_back(0x1000 + number);
    }
    for lines in 1..=6 {
        while bench.served.len() < lines {
            bench.cycle();
        }
        bench.controller.command_hold.next = true;
        bench.cycles(5);
        assert!(bench.controller.command_owned.val());
        bench.controller.command_hold.next = false;
    }
    let turns: Vec<usize> = bench.served.iter().map(|(client, ..)| *client).collect();
    assert_eq!(turns, [PROGRAM, COMPANION, PROGRAM, COMPANION, PROGRAM, COMPANION]);
}

#[test]
fn the_firmware_has_the_flash_for_itself() {
    let mut bench = Bench::started();
    bench.wanted[COMPANION].push_back(7);
    bench.cycles(100);
    bench.wanted[COMPANION].push_back(8);
    bench.controller.command_hold.next = true;
    bench.cycle();
    while !bench.controller.command_owned.val() {
        assert!(bench.served.is_empty(), "owned right after the line");
        bench.cycle();
    }
    assert_eq!(bench.served.len(), 1);
    bench.cycles(2);
    assert!(bench.controller.select_n.val());
    bench.controller.command_select.next = true;
    let answers = [0x9F, 0, 0, 0].map(|byte| bench.exchange(byte));
    assert_eq!(answers[1..], [(0xEF, 9), (0x40, 9), (0x16, 9)]);
    bench.controller.command_select.next = false;
    bench.cycles(10);
    // An erasure, after which the flash is busy.
    bench.controller.command_select.next = true;
    for byte in [0x20, 0x12, 0x30, 0x00] {
        bench.exchange(byte);
    }
    bench.controller.command_select.next = false;
    bench.flash.busy = 20;
    bench.cycles(1000);
    assert_eq!(bench.served.len(), 1, "lines wait");
    bench.controller.command_hold.next = false;
    bench.cycle();
    // Asked for again: not while it is busy.
    bench.controller.command_hold.next = true;
    bench.cycles(20 * 8);
    assert!(!bench.controller.command_owned.val());
    bench.controller.command_hold.next = false;
    bench.cycles(1000);
    assert_eq!(bench.served.last().map(|(client, number, _)| (*client, *number)), Some((COMPANION, 8)));
    let commands = bench.commands(4);
    assert_eq!(commands[1], [0x9F, 0, 0, 0]);
    assert_eq!(commands[2], [0x20, 0x12, 0x30, 0x00]);
    assert_eq!(commands[3][0], 0x05);
    assert_eq!(commands[4], [0x03, 0, 0, 0x40]);
    assert_eq!(commands.len(), 5);
}

#[test]
fn a_reset_in_any_cycle_of_a_line_starts_again() {
    for moment in (0..330).step_by(7) {
        let mut bench = Bench::started();
        bench.wanted[PROGRAM].push_back(0x55);
        bench.cycles(moment);
        bench.controller.reset.next = true;
        bench.cycle();
        bench.controller.reset.next = false;
        bench.pieces[PROGRAM].clear();
        if bench.wanted[PROGRAM].is_empty() {
            bench.wanted[PROGRAM].push_back(0x55);
        }
        bench.flash.commands.clear();
        bench.flash.deselected = DESELECT;
        bench.cycles(800);
        let commands = bench.commands(1);
        assert_eq!(commands[commands.len() - 3..], [[0xAB], [0x05], [0x03]], "reset in cycle {moment}");
        assert_eq!(bench.served.last().map(|(_, number, _)| *number), Some(0x55));
    }
}

#[test]
fn a_cache_on_the_controller_reads_what_is_in_flash() {
    let mut bench = Bench::started();
    let mut cache = CompanionCache::default();
    cache.connect_all();
    let words = [(0x10_0000u64, 3 + ELSEWHERE), (0x10_0001, 1), (0x10_0002, 3 + BEHIND), (0, 3 + ELSEWHERE)];
    for (address, expected) in words {
        cache.request.next = true;
        cache.address.next = address.into();
        for cycles in 0.. {
            assert!(cycles < 1000, "the word at {address:x} never comes");
            // All that the two say to each other comes from registers.
            if cache.line_request.val() && bench.wanted[COMPANION].is_empty() {
                bench.wanted[COMPANION].push_back(cache.line_address.val().to_u64());
            }
            cache.fill_valid.next = bench.controller.companion_fill_valid.val();
            cache.fill_data.next = bench.controller.fill_data.val();
            let (ready, data) =
                cycle(&mut cache, |cache| &mut cache.clock, |cache| (cache.ready.val(), cache.data.val()));
            bench.cycle();
            cache.request.next = false;
            if cycles > 0 && ready {
                let word: u64 = (0..4).map(|byte| flash(4 * address + byte) << (8 * byte)).sum();
                assert_eq!((data.to_u64(), cycles), (word, expected));
                break;
            }
        }
    }
}
