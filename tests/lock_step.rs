//! Each block's Rust against its Verilog, on random inputs.

use hdl::bare::Bare;
use hdl::board::Board;
use hdl::byte_ram::ByteRam;
use hdl::companion::csr;
use hdl::companion::decoder::Decoder;
use hdl::companion::expander::Expander;
use hdl::companion::rv32::Rv32;
use hdl::companion_top::CompanionTop;
use hdl::core::Core;
use hdl::core_top::CoreTop;
use hdl::fifo::Fifo;
use hdl::flash_controller::FlashController;
use hdl::line_cache::LineCache;
use hdl::machines::Computer;
use hdl::pll::Pll;
use hdl::ram::BlockRam;
use hdl::register::{Held, Register};
use hdl::system::board_port::BoardPort;
use hdl::system::cell_window::CellWindow;
use hdl::system::core_unit::CoreUnit;
use hdl::system::counter::Counter;
use hdl::system::flash_port::FlashPort;
use hdl::system::serial_port::SerialPort;
use hdl::system::timer::Timer;
use hdl::uart::{Receiver, Transmitter};
use hdl::word::Word;
use images::isa::{Factor, Op};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rust_hdl::prelude::*;
use sim::flash::{self, Flash};
use sim::flash_image;
use tests::cosimulation::{compare, compare_without_clock};
use tests::MONITOR;

/// The same random numbers in every run: a failure can be looked at again.
fn random() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

/// True once in n.
fn one_in(rng: &mut TestRng, n: u32) -> bool {
    rng.next_u32() % n == 0
}

fn below(rng: &mut TestRng, n: u64) -> u64 {
    rng.next_u64() % n
}

#[test]
fn register() {
    let mut rng = random();
    compare(
        Register::<Bits<8>>::default(),
        |block| &mut block.clock,
        2000,
        |block, _| {
            block.d.next = below(&mut rng, 256).into();
        },
    );
}

#[test]
fn held_register() {
    let mut rng = random();
    compare(
        Held::<Bits<8>>::default(),
        |block| &mut block.clock,
        2000,
        |block, _| {
            block.d.next = below(&mut rng, 256).into();
            block.load.next = one_in(&mut rng, 2);
            block.clear.next = one_in(&mut rng, 4);
        },
    );
}

#[test]
fn block_ram() {
    let mut rng = random();
    let initial: Vec<Bits<8>> = (0..10u64).map(Bits::from).collect();
    compare(
        BlockRam::<Bits<8>, 4>::new(&initial),
        |block| &mut block.clock,
        4000,
        |block, _| {
            block.read_address.next = below(&mut rng, 16).into();
            block.write_address.next = below(&mut rng, 16).into();
            block.write_data.next = below(&mut rng, 256).into();
            block.read_enable.next = one_in(&mut rng, 2);
            block.write_enable.next = one_in(&mut rng, 2);
        },
    );
}

#[test]
fn byte_ram() {
    let mut rng = random();
    let mut ram = ByteRam::<4>::default();
    for (lane, bytes) in ram.lanes.iter_mut().enumerate() {
        let initial: Vec<Bits<8>> = (0..10u64).map(|word| Bits::from(word * 7 + lane as u64)).collect();
        *bytes = BlockRam::new(&initial);
    }
    compare(
        ram,
        |block| &mut block.clock,
        4000,
        |block, _| {
            block.address.next = below(&mut rng, 16).into();
            block.write_data.next = below(&mut rng, 1 << 32).into();
            let reads = one_in(&mut rng, 2);
            block.read.next = reads;
            block.write.next = if reads { 0u64.into() } else { below(&mut rng, 16).into() };
        },
    );
}

/// An instruction: most of a kind that there is, some anything.
fn instruction(rng: &mut TestRng) -> u32 {
    const OPCODES: [u32; 11] = [0x03, 0x0F, 0x13, 0x17, 0x23, 0x33, 0x37, 0x63, 0x67, 0x6F, 0x73];
    const SYSTEM: [u32; 5] = [0x73, 0x0010_0073, 0x3020_0073, 0x1050_0073, 0x3410_1073];
    const CSRS: [u32; 18] = [
        csr::MSTATUS,
        csr::MISA,
        csr::MIE,
        csr::MTVEC,
        csr::MCOUNTINHIBIT,
        csr::MHPMEVENT3,
        csr::MSCRATCH,
        csr::MEPC,
        csr::MCAUSE,
        csr::MTVAL,
        csr::MIP,
        csr::MCYCLE,
        csr::MINSTRET,
        csr::MHPMCOUNTER3,
        csr::MCYCLEH,
        csr::MINSTRETH,
        csr::MHPMCOUNTER3H,
        csr::MHARTID,
    ];
    let any = rng.next_u32();
    match below(rng, 16) {
        0 => any,
        1 => SYSTEM[below(rng, 5) as usize],
        2 | 3 => any & 0xF_FF80 | CSRS[below(rng, 18) as usize] << 20 | 0x73,
        kind => {
            let funct7 = if kind < 10 { 0x4000_0000 } else { 0 };
            let opcode = OPCODES[below(rng, 11) as usize];
            if matches!(opcode, 0x13 | 0x33) && one_in(rng, 2) {
                any & 0x01FF_FF80 | funct7 | opcode
            } else {
                any & !0x7F | opcode
            }
        }
    }
}

#[test]
fn decoder() {
    let mut rng = random();
    compare(
        Decoder::default(),
        |block| &mut block.clock,
        20000,
        |block, _| {
            block.instruction.next = u64::from(instruction(&mut rng)).into();
        },
    );
}

#[test]
fn expander() {
    // All that there is.
    compare_without_clock(Expander::default(), 1 << 16, |block, half| block.half.next = (half as u64).into());
}

#[test]
fn rv32() {
    let mut rng = random();
    let mut waiting = false;
    compare(
        Rv32::default(),
        |block| &mut block.clock,
        40000,
        |block, cycle| {
            // What was seen in the last cycle was asked for then.
            waiting |= block.bus_request.val();
            block.reset.next = cycle == 0 || one_in(&mut rng, 5000);
            block.reset_address.next = 0x2004_0000u64.into();
            let ready = waiting && one_in(&mut rng, 2);
            waiting &= !ready;
            block.bus_ready.next = ready;
            block.bus_fault.next = one_in(&mut rng, 50);
            block.bus_in.next = u64::from(instruction(&mut rng)).into();
            block.interrupt_timer.next = one_in(&mut rng, 40);
            block.interrupt_uart.next = one_in(&mut rng, 40);
            block.interrupt_core.next = one_in(&mut rng, 40);
        },
    );
}

#[test]
fn companion_top() {
    let mut rng = random();
    let mut top = CompanionTop::default();
    let words: Vec<u32> = (0..1024).map(|_| instruction(&mut rng)).collect();
    for (lane, bytes) in top.memory.lanes.iter_mut().enumerate() {
        let initial: Vec<Bits<8>> =
            words.iter().map(|word| Bits::from(u64::from(word >> (8 * lane) & 0xFF))).collect();
        *bytes = BlockRam::new(&initial);
    }
    compare(
        top,
        |block| &mut block.clock,
        20000,
        |block, cycle| {
            block.reset.next = cycle < 2;
            block.interrupt_timer.next = one_in(&mut rng, 40);
            block.interrupt_uart.next = one_in(&mut rng, 40);
            block.interrupt_core.next = one_in(&mut rng, 40);
        },
    );
}

#[test]
fn fifo() {
    let mut rng = random();
    compare(
        Fifo::<3, 4>::default(),
        |block| &mut block.clock,
        4000,
        |block, cycle| {
            // Mostly filling, then mostly emptying.
            let filling = cycle / 64 % 2 == 0;
            block.write_data.next = below(&mut rng, 256).into();
            block.write.next = one_in(&mut rng, if filling { 1 } else { 4 });
            block.read.next = one_in(&mut rng, if filling { 4 } else { 1 });
            block.clear.next = one_in(&mut rng, 50);
        },
    );
}

#[test]
fn line_cache_of_32_bits() {
    let mut rng = random();
    compare(
        LineCache::<32, 22, 21, 2, 2, 3, 20>::default(),
        |block| &mut block.clock,
        30_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 500);
            block.forget.next = one_in(&mut rng, 200);
            block.forget_sector.next = (below(&mut rng, 2) * 0xFFF).into();
            block.request.next = one_in(&mut rng, 2);
            // Few lines, so that some are hit, up to the last one.
            block.address.next = (below(&mut rng, 8) * 7 + below(&mut rng, 2) * 0x3F_FF00).into();
            block.fill_valid.next = one_in(&mut rng, 2);
            block.fill_data.next = below(&mut rng, 1 << 32).into();
        },
    );
}

#[test]
fn line_cache_of_16_bits() {
    let mut rng = random();
    compare(
        LineCache::<16, 23, 21, 2, 2, 4, 20>::default(),
        |block| &mut block.clock,
        30_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 500);
            block.forget.next = one_in(&mut rng, 200);
            block.forget_sector.next = (below(&mut rng, 2) * 0xFFF).into();
            block.request.next = one_in(&mut rng, 2);
            block.address.next = (below(&mut rng, 8) * 7 + below(&mut rng, 2) * 0x7F_FF00).into();
            block.fill_valid.next = one_in(&mut rng, 2);
            block.fill_data.next = below(&mut rng, 1 << 32).into();
        },
    );
}

#[test]
fn flash_controller() {
    let mut rng = random();
    compare(
        FlashController::<21>::new(50_000_000),
        |block| &mut block.clock,
        100_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 10_000);
            block.miso.next = one_in(&mut rng, 2);
            // Requests stay for a while, often for a line behind another.
            if one_in(&mut rng, 200) {
                block.companion_line_request.next = one_in(&mut rng, 2);
                block.companion_line_address.next = below(&mut rng, 3).into();
            }
            if one_in(&mut rng, 200) {
                block.program_line_request.next = one_in(&mut rng, 2);
                block.program_line_address.next = (0x1F_FFFE + below(&mut rng, 2)).into();
            }
            if one_in(&mut rng, 1000) {
                block.command_hold.next = one_in(&mut rng, 3);
            }
            block.command_select.next = !one_in(&mut rng, 8);
            block.command_byte.next = below(&mut rng, 256).into();
            block.command_send.next = one_in(&mut rng, 8);
        },
    );
}

#[test]
fn pll() {
    compare(Pll::default(), |block| &mut block.clock_in, 16, |_, _| {});
}

#[test]
fn transmitter() {
    let mut rng = random();
    compare(
        Transmitter::default(),
        |block| &mut block.clock,
        6000,
        |block, _| {
            block.last_of_a_bit.next = 4u64.into();
            block.data.next = below(&mut rng, 256).into();
            block.valid.next = one_in(&mut rng, 30);
        },
    );
}

#[test]
fn receiver() {
    let mut rng = random();
    let mut sender = sim::serial::Sender::new(6);
    compare(
        Receiver::default(),
        |block| &mut block.clock,
        12000,
        |block, _| {
            if sender.is_idle() && one_in(&mut rng, 20) {
                match below(&mut rng, 20) {
                    0 => sender.send_break(),
                    byte => sender.send(byte as u8 * 13),
                }
            }
            block.last_of_a_bit.next = 5u64.into();
            // A glitch now and then: too short for a start bit, or in the middle of a byte.
            block.line.next = sender.cycle() ^ one_in(&mut rng, 200);
        },
    );
}

/// A word of the kinds that programs are made of, now and then an unknown one.
fn word(rng: &mut TestRng) -> u16 {
    let step = [0, 0, 1, -1, 2, -3, 7][below(rng, 7) as usize];
    let value = [0, 1, -1, 5, -64, 63][below(rng, 6) as usize];
    let op = match below(rng, 24) {
        0..=5 => Op::Add(value),
        6..=7 => Op::Set(value),
        8..=9 => Op::Out(value),
        10..=11 => Op::Open(value),
        12..=14 => Op::Close(value),
        15..=16 => Op::Mul { reach: step * 4, dec_first: one_in(rng, 2) },
        17..=18 => Op::MulAdd(Factor::Power { shift: below(rng, 8) as u8, negative: one_in(rng, 2) }),
        19 => Op::MulAdd(Factor::Nothing),
        20 => Op::Check(step * 3),
        21 => Op::Scan,
        22 => Op::In,
        _ if one_in(rng, 3) => Op::Mode(images::machine::EndOfInput::ALL[below(rng, 4) as usize]),
        _ if one_in(rng, 40) => return rng.next_u32() as u16,
        _ => Op::Add(value),
    };
    images::isa::Word { step, op }.encode()
}

#[test]
fn core() {
    let mut rng = random();
    compare(
        Core::<6, 7, 8, 3, 4>::default(),
        |block| &mut block.clock,
        40_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 200);
            block.fetch_word.next = Word::from(word(&mut rng));
            block.fetch_ready.next = !one_in(&mut rng, 5);
            block.out_ready.next = one_in(&mut rng, 2);
            block.in_data.next = below(&mut rng, 256).into();
            block.in_valid.next = one_in(&mut rng, 3);
            block.in_end.next = one_in(&mut rng, 3);
        },
    );
}

#[test]
fn core_stopped_and_changed() {
    let mut rng = random();
    compare(
        Core::<6, 7, 8, 3, 4>::default(),
        |block| &mut block.clock,
        40_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 200);
            block.waits_for_start.next = true;
            block.start.next = one_in(&mut rng, 8);
            block.step.next = one_in(&mut rng, 3);
            block.stop.next = one_in(&mut rng, 40);
            block.bounded.next = true;
            block.length.next = 200u64.into();
            block.set_value.next = below(&mut rng, 256).into();
            block.set_address.next = one_in(&mut rng, 16);
            block.set_pointer.next = one_in(&mut rng, 16);
            block.set_mode.next = one_in(&mut rng, 16);
            block.open_loop.next = one_in(&mut rng, 8);
            block.close_loop.next = one_in(&mut rng, 8);
            block.cell_address.next = below(&mut rng, 64).into();
            block.cell_in.next = below(&mut rng, 256).into();
            // Only a stopped core's cells are written.
            block.cell_write.next = one_in(&mut rng, 4) && block.stopped.val() && !block.start.next;
            block.fetch_word.next = Word::from(word(&mut rng));
            block.fetch_ready.next = !one_in(&mut rng, 5);
            block.out_ready.next = one_in(&mut rng, 2);
            block.in_data.next = below(&mut rng, 256).into();
            block.in_valid.next = one_in(&mut rng, 3);
            block.in_end.next = one_in(&mut rng, 3);
        },
    );
}

#[test]
fn counter() {
    let mut rng = random();
    compare(
        Counter::default(),
        |block| &mut block.clock,
        4000,
        |block, _| {
            block.count.next = one_in(&mut rng, 2);
            block.clear.next = one_in(&mut rng, 500);
        },
    );
}

#[test]
fn cell_window() {
    let mut rng = random();
    compare(
        CellWindow::<6>::default(),
        |block| &mut block.clock,
        8000,
        |block, _| {
            block.request.next = one_in(&mut rng, 10);
            block.address.next = (below(&mut rng, 16) * 4).into();
            block.write.next = below(&mut rng, 16).into();
            block.data_in.next = below(&mut rng, 1 << 32).into();
            block.cell_out.next = below(&mut rng, 256).into();
        },
    );
}

/// A number for a register: mostly a small one, or one near to the end.
fn number_for_register(rng: &mut TestRng) -> Bits<32> {
    match below(rng, 4) {
        0 => rng.next_u64() & 0xFFFF_FFFF,
        1 => 0xFFFF_FFFF - below(rng, 4),
        _ => below(rng, 64),
    }
    .into()
}

#[test]
fn timer() {
    let mut rng = random();
    compare(
        Timer::default(),
        |block| &mut block.clock,
        10_000,
        |block, cycle| {
            block.reset.next = one_in(&mut rng, 500);
            block.number.next = below(&mut rng, 8).into();
            block.write.next = one_in(&mut rng, 20);
            block.data_in.next = number_for_register(&mut rng);
            if one_in(&mut rng, 2) {
                block.data_in.next = (cycle as u64 + 20).into();
            }
        },
    );
}

#[test]
fn serial_port() {
    let mut rng = random();
    let mut sender = sim::serial::Sender::new(4);
    compare(
        SerialPort::new(4_000_000, 1_000_000),
        |block| &mut block.clock,
        30_000,
        |block, _| {
            if sender.is_idle() && !one_in(&mut rng, 20) {
                match below(&mut rng, 200) {
                    0 => sender.send_break(),
                    byte => sender.send(byte as u8),
                }
            }
            block.line_in.next = sender.cycle() ^ one_in(&mut rng, 1000);
            block.reset.next = one_in(&mut rng, 5000);
            block.number.next = below(&mut rng, 6).into();
            block.data_in.next = number_for_register(&mut rng);
            // Both queues are full at times.
            block.write.next = one_in(&mut rng, 4);
            block.read.next = !block.write.next && one_in(&mut rng, 40);
            // As the core does: only where there is room, or a byte.
            block.core_out.next = below(&mut rng, 256).into();
            block.core_send.next = block.core_room.val() && one_in(&mut rng, 30);
            block.core_take.next = block.core_valid.val() && one_in(&mut rng, 30);
        },
    );
}

#[test]
fn flash_port() {
    let mut rng = random();
    compare(
        FlashPort::default(),
        |block| &mut block.clock,
        8000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 500);
            block.number.next = below(&mut rng, 5).into();
            block.write.next = one_in(&mut rng, 3);
            block.data_in.next = number_for_register(&mut rng);
            block.owned.next = one_in(&mut rng, 2);
            block.busy.next = one_in(&mut rng, 2);
            block.received.next = below(&mut rng, 256).into();
            block.forgetting.next = one_in(&mut rng, 2);
        },
    );
}

#[test]
fn board_port() {
    let mut rng = random();
    compare(
        BoardPort::default(),
        |block| &mut block.clock,
        8000,
        |block, _| {
            block.clock_good.next = !one_in(&mut rng, 300);
            block.rst_n.next = !one_in(&mut rng, 200);
            block.number.next = below(&mut rng, 5).into();
            block.write.next = one_in(&mut rng, 30);
            block.data_in.next = number_for_register(&mut rng);
        },
    );
}

#[test]
fn core_unit() {
    let mut rng = random();
    compare(
        CoreUnit::<6, 7, 8, 3, 4>::default(),
        |block| &mut block.clock,
        40_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 1000);
            block.number.next = below(&mut rng, 20).into();
            block.write.next = one_in(&mut rng, 4);
            block.read.next = !block.write.next && one_in(&mut rng, 2);
            block.line_room.next = one_in(&mut rng, 4);
            block.line_valid.next = one_in(&mut rng, 4);
            block.line_in.next = below(&mut rng, 256).into();
            block.data_in.next = number_for_register(&mut rng);
            block.cell_address.next = (below(&mut rng, 16) * 4).into();
            // As the bus does it: an access to the cells waits for its end, and the core is stopped.
            let stopped = block.stopped.val() && !block.write.next;
            block.cell_request.next = stopped && one_in(&mut rng, 20);
            block.cell_mask.next = below(&mut rng, 16).into();
            block.fetch_word.next = u64::from(word(&mut rng)).into();
            block.fetch_ready.next = !one_in(&mut rng, 5);
        },
    );
}

/// The computer starts its firmware out of the flash.
#[test]
fn computer() {
    let content = flash_image::contents(&[], &MONITOR, &[]).expect("fits");
    let mut flash = Flash::new(content, flash::Options::default());
    compare(
        Computer::default(),
        |block| &mut block.clock,
        12_000,
        |block, cycle| {
            let pins = flash::Pins {
                select_n: block.flash_select_n.val(),
                clock: block.flash_sck.val(),
                mosi: block.flash_mosi.val(),
            };
            block.flash_miso.next = flash.cycle(pins, cycle as u64 * 20);
            block.rst_n.next = true;
            block.usb_rx.next = cycle % 700 > 100;
        },
    );
}

/// A program of random words.
fn random_program(rng: &mut TestRng, length: usize) -> Vec<u16> {
    (0..length).map(|_| word(rng)).collect()
}

#[test]
fn bare_machine() {
    let mut rng = random();
    let mut bare = Bare::<6, 7, 8, 3, 4>::default();
    let words: Vec<Word> = random_program(&mut rng, 256).into_iter().map(Word::from).collect();
    bare.code = BlockRam::new(&words);
    compare(
        bare,
        |block| &mut block.clock,
        20_000,
        |block, _| {
            block.reset.next = one_in(&mut rng, 300);
            block.in_data.next = below(&mut rng, 256).into();
            block.in_valid.next = one_in(&mut rng, 8);
            block.in_end.next = one_in(&mut rng, 3);
        },
    );
}

#[test]
fn core_top() {
    let mut rng = random();
    compare(
        CoreTop::<6, 7, 8, 3, 4>::default(),
        |block| &mut block.clock,
        20_000,
        |block, cycle| {
            block.reset.next = cycle < 300 || one_in(&mut rng, 300);
            block.load_enable.next = cycle < 256;
            block.load_address.next = (cycle as u64 % 256).into();
            block.load_word.next = Word::from(word(&mut rng));
            block.out_ready.next = one_in(&mut rng, 2);
            block.in_data.next = below(&mut rng, 256).into();
            block.in_valid.next = one_in(&mut rng, 3);
            block.in_end.next = one_in(&mut rng, 3);
        },
    );
}

#[test]
fn board() {
    let mut rng = random();
    let image = images::image::Image::from_text(b"+[,.>,+.<[->+<]>[-<+>]<+]").expect("a program");
    let mut sender = sim::serial::Sender::new(4);
    compare(
        Board::<6, 7, 8, 3, 4>::new(&image.words, 4),
        |block| &mut block.clock,
        30_000,
        |block, cycle| {
            block.rst_n.next = cycle % 9000 < 8000;
            if sender.is_idle() {
                match below(&mut rng, 400) {
                    0 => sender.send_break(),
                    1..=20 => sender.send(rng.next_u32() as u8),
                    _ => {}
                }
            }
            block.usb_rx.next = sender.cycle() ^ one_in(&mut rng, 2000);
        },
    );
}
