//! What each block promises, on its own. That its Verilog does the same is shown by the lock-step tests.

mod common;

use common::cycle;
use hdl::bare::Bare;
use hdl::fifo::Fifo;
use hdl::ram::BlockRam;
use hdl::uart::{divisor, Receiver, Transmitter};
use images::isa::{Op, Word};
use rust_hdl::prelude::*;

/// Cycles to a bit in these tests.
const BIT: u64 = 8;

#[test]
fn the_divisor_is_rounded() {
    assert_eq!(divisor(80_000_000, 1_000_000), 80);
    assert_eq!(divisor(100_000_000, 115_200), 868);
}

#[test]
fn the_transmitter_sends_ten_bits_and_the_next_byte_right_behind() {
    let mut uart = Transmitter::default();
    uart.connect_all();
    uart.last_of_a_bit.next = (BIT - 1).into();
    let mut levels = Vec::new();
    let mut bytes = [0xA5u64, 0x01].into_iter();
    uart.data.next = 0xA5u64.into();
    uart.valid.next = true;
    let mut taken = 0;
    for _ in 0..BIT * 21 {
        let (level, ready) =
            cycle(&mut uart, |uart| &mut uart.clock, |uart| (uart.line.val(), uart.ready.val()));
        levels.push(level);
        if ready && taken < 2 {
            taken += 1;
            bytes.next();
            uart.data.next = 0x01u64.into();
            uart.valid.next = taken < 2;
        }
    }
    // The byte is taken in the first cycle, its start bit begins in the second.
    let middle = |bit: u64| levels[(1 + bit * BIT + BIT / 2) as usize];
    let bits: String = (0..20).map(|bit| if middle(bit) { '1' } else { '0' }).collect();
    assert_eq!(bits, "01010010110100000001", "start, bits from the lowest, stop; twice");
}

/// What a receiver reports for a line given as levels, each for so many cycles.
fn receive(line: &[(bool, u64)]) -> (Vec<u8>, u32, u32) {
    let mut uart = Receiver::default();
    uart.connect_all();
    uart.last_of_a_bit.next = (BIT - 1).into();
    let (mut bytes, mut errors, mut breaks) = (Vec::new(), 0, 0);
    for (level, cycles) in line {
        for _ in 0..*cycles {
            uart.line.next = *level;
            cycle(
                &mut uart,
                |uart| &mut uart.clock,
                |uart| {
                    if uart.valid.val() {
                        bytes.push(uart.data.val().to_u8());
                    }
                    errors += u32::from(uart.framing_error.val());
                    breaks += u32::from(uart.line_break.val());
                },
            );
        }
    }
    (bytes, errors, breaks)
}

#[test]
fn the_receiver_takes_a_byte() {
    // 0x0F: start, four ones, four zeros, stop.
    let byte = [(true, 20), (false, BIT), (true, 4 * BIT), (false, 4 * BIT), (true, 2 * BIT)];
    assert_eq!(receive(&byte), (vec![0x0F], 0, 0));
}

#[test]
fn a_start_bit_shorter_than_half_a_bit_is_noise() {
    assert_eq!(receive(&[(true, 20), (false, BIT / 2 - 2), (true, 12 * BIT)]), (vec![], 0, 0));
}

#[test]
fn a_byte_without_stop_bit_is_a_framing_error_and_the_next_one_is_taken() {
    let bad = [(true, 20), (false, BIT), (true, 8 * BIT), (false, BIT), (true, 3 * BIT)];
    let good = [(false, BIT), (true, 4 * BIT), (false, 4 * BIT), (true, 2 * BIT)];
    assert_eq!(receive(&[&bad[..], &good].concat()), (vec![0x0F], 1, 0));
}

#[test]
fn a_long_low_line_is_one_break() {
    assert_eq!(receive(&[(true, 20), (false, 40 * BIT), (true, 3 * BIT)]), (vec![], 0, 1));
}

#[test]
fn a_fifo_gives_what_it_was_given_and_says_what_it_dropped() {
    let mut fifo = Fifo::<2, 3>::default();
    fifo.connect_all();
    let mut dropped = 0;
    for byte in 1..=6u64 {
        fifo.write.next = true;
        fifo.write_data.next = byte.into();
        dropped += u32::from(cycle(&mut fifo, |fifo| &mut fifo.clock, |fifo| fifo.overrun.val()));
    }
    fifo.write.next = false;
    fifo.read.next = true;
    let mut read = Vec::new();
    for _ in 0..10 {
        cycle(
            &mut fifo,
            |fifo| &mut fifo.clock,
            |fifo| {
                if fifo.valid.val() {
                    read.push(fifo.read_data.val().to_u8());
                }
            },
        );
    }
    assert_eq!((read, dropped), (vec![1, 2, 3, 4], 2));
}

#[test]
fn a_fifo_that_is_cleared_has_nothing_but_what_is_written_then() {
    let mut fifo = Fifo::<2, 3>::default();
    fifo.connect_all();
    for byte in 1..=4u64 {
        fifo.write.next = byte != 3;
        fifo.clear.next = byte == 3 || byte == 4;
        fifo.write_data.next = byte.into();
        cycle(&mut fifo, |fifo| &mut fifo.clock, |_| ());
    }
    fifo.write.next = false;
    fifo.clear.next = false;
    fifo.read.next = true;
    let mut read = Vec::new();
    for _ in 0..5 {
        cycle(
            &mut fifo,
            |fifo| &mut fifo.clock,
            |fifo| read.extend(fifo.valid.val().then(|| fifo.read_data.val().to_u8())),
        );
    }
    assert_eq!(read, [4]);
}

#[test]
fn a_block_ram_holds_what_it_read_while_it_does_not_read() {
    let mut ram = BlockRam::<Bits<8>, 4>::new(&[7u64.into(), 9u64.into()]);
    ram.connect_all();
    let mut seen = Vec::new();
    for (address, enable) in [(1u64, true), (0, false), (0, true), (0, true)] {
        ram.read_address.next = address.into();
        ram.read_enable.next = enable;
        seen.push(cycle(&mut ram, |ram| &mut ram.clock, |ram| ram.read_data.val().to_u8()));
    }
    assert_eq!(seen, [0, 9, 9, 7]);
}

#[test]
fn a_reset_begins_the_program_again_on_the_cells_as_they_are() {
    let program = [Op::Out(1), Op::Halt].map(|op| hdl::word::Word::from(Word { step: 0, op }.encode()));
    let mut bare = Bare::<4, 5, 4, 2, 3>::default();
    bare.code = BlockRam::new(&program);
    bare.connect_all();
    let mut sent = Vec::new();
    for number in 0..30 {
        bare.reset.next = number == 12 || number == 20;
        cycle(
            &mut bare,
            |bare| &mut bare.clock,
            |bare| {
                if bare.out_valid.val() {
                    sent.push(bare.out_data.val().to_u8());
                }
            },
        );
    }
    assert_eq!(sent, [1, 2, 3]);
}
