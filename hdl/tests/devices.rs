//! What each device of the computer promises, at its bus.

mod common;

use common::{config, cycle};
use hdl::system::board_port::BoardPort;
use hdl::system::cell_window::CellWindow;
use hdl::system::counter::Counter;
use hdl::system::flash_port::FlashPort;
use hdl::system::serial_port::{SerialPort, QUEUE_BITS};
use hdl::system::timer::Timer;
use map::{board, flash, timer, uart};
use proptest::prelude::*;
use rust_hdl::prelude::*;

/// Cycles to a bit of the serial line in these tests.
const BIT: u64 = 4;

/// A device, seen from its bus.
macro_rules! device {
    ($device:ty, $cycle:ident, $write:ident, $read:ident) => {
        fn $cycle(device: &mut $device) -> u32 {
            cycle(device, |device| &mut device.clock, |device| device.data_out.val().to_u32())
        }

        fn $write(device: &mut $device, offset: u32, value: u32) {
            device.number.next = u64::from(offset / 4).into();
            device.data_in.next = u64::from(value).into();
            device.write.next = true;
            $cycle(device);
            device.write.next = false;
        }

        fn $read(device: &mut $device, offset: u32) -> u32 {
            device.number.next = u64::from(offset / 4).into();
            $cycle(device)
        }
    };
}

device!(Timer, timer_cycle, write_timer, read_timer);
device!(SerialPort, serial_cycle, write_serial, peek_serial);
device!(BoardPort, board_cycle, write_board, read_board);
device!(FlashPort, flash_cycle, write_flash, read_flash);

fn new<B: Block>(mut block: B) -> B {
    block.connect_all();
    block
}

#[test]
fn the_timer_counts_cycles_and_the_alarm_is_on_time() {
    let mut device = new(Timer::default());
    device.reset.next = true;
    timer_cycle(&mut device);
    device.reset.next = false;
    let first = read_timer(&mut device, timer::TIME_LOW);
    assert_eq!(read_timer(&mut device, timer::TIME_LOW), first + 1);
    assert_eq!(read_timer(&mut device, timer::TIME_HIGH), 0);
    assert_eq!(read_timer(&mut device, timer::COMPARE_LOW), u32::MAX);
    assert_eq!(read_timer(&mut device, timer::COMPARE_HIGH), u32::MAX);
    write_timer(&mut device, timer::COMPARE_LOW, 100);
    assert!(!device.interrupt.val(), "the upper half is still far away");
    write_timer(&mut device, timer::COMPARE_HIGH, 0);
    loop {
        let now = read_timer(&mut device, timer::TIME_LOW);
        // The time that was read is that of the cycle; the interrupt comes behind its end.
        assert_eq!(device.interrupt.val(), now >= 100, "at {now}");
        if now > 110 {
            break;
        }
    }
    write_timer(&mut device, timer::COMPARE_LOW, 1000);
    timer_cycle(&mut device);
    assert!(!device.interrupt.val(), "a later alarm ends it");
}

#[test]
fn a_write_of_one_half_gives_no_false_alarm() {
    let mut device = new(Timer::default());
    write_timer(&mut device, timer::COMPARE_HIGH, 1);
    write_timer(&mut device, timer::COMPARE_LOW, 0);
    for _ in 0..10 {
        timer_cycle(&mut device);
        assert!(!device.interrupt.val());
    }
}

fn read_serial(device: &mut SerialPort, offset: u32) -> u32 {
    device.read.next = true;
    let value = peek_serial(device, offset);
    device.read.next = false;
    value
}

fn serial() -> SerialPort {
    let mut device = new(SerialPort::new(BIT * 1_000_000, 1_000_000));
    device.line_in.next = true;
    for _ in 0..20 {
        serial_cycle(&mut device);
    }
    device
}

/// The host sends a byte, with this stop bit.
fn send(device: &mut SerialPort, byte: u8, stop: bool) {
    let levels = u32::from(byte) << 1 | u32::from(stop) << 9;
    for bit in 0..10 {
        device.line_in.next = levels >> bit & 1 != 0;
        for _ in 0..BIT {
            serial_cycle(device);
        }
    }
    device.line_in.next = true;
    for _ in 0..3 * BIT {
        serial_cycle(device);
    }
}

fn status(device: &mut SerialPort) -> u32 {
    peek_serial(device, uart::STATUS)
}

#[test]
fn the_cycles_of_a_bit_can_be_written_and_are_as_before_after_a_reset() {
    let mut device = serial();
    let bit_time = |device: &mut SerialPort| {
        write_serial(device, uart::DATA, 0x55);
        while device.line_out.val() {
            serial_cycle(device);
        }
        (0..).take_while(|_| (serial_cycle(device), !device.line_out.val()).1).count() as u64 + 1
    };
    assert_eq!(read_serial(&mut device, uart::BIT_CYCLES), BIT as u32);
    assert_eq!(bit_time(&mut device), BIT);
    while status(&mut device) & 1 << uart::status::SENT == 0 {}
    write_serial(&mut device, uart::BIT_CYCLES, 20);
    assert_eq!(read_serial(&mut device, uart::BIT_CYCLES), 20);
    assert_eq!(bit_time(&mut device), 20);
    while status(&mut device) & 1 << uart::status::SENT == 0 {}
    device.reset.next = true;
    serial_cycle(&mut device);
    device.reset.next = false;
    assert_eq!(bit_time(&mut device), BIT);
}

#[test]
fn received_bytes_are_read_in_order_and_interrupt() {
    let mut device = serial();
    assert_eq!(status(&mut device), 1 << uart::status::ROOM | 1 << uart::status::SENT);
    write_serial(&mut device, uart::ENABLE, 1 << uart::status::RECEIVED);
    serial_cycle(&mut device);
    assert!(!device.interrupt.val());
    for byte in [0x00, 0xA5, 0xFF] {
        send(&mut device, byte, true);
    }
    assert!(device.interrupt.val());
    for byte in [0x00, 0xA5, 0xFF] {
        assert_ne!(status(&mut device) & 1 << uart::status::RECEIVED, 0);
        assert_eq!(read_serial(&mut device, uart::DATA), byte);
        serial_cycle(&mut device);
    }
    assert_eq!(status(&mut device) & 1 << uart::status::RECEIVED, 0);
    assert_eq!(read_serial(&mut device, uart::DATA), 0, "nothing is left");
    serial_cycle(&mut device);
    assert!(!device.interrupt.val());
}

#[test]
fn what_goes_wrong_on_the_line_is_told_until_it_is_cleared() {
    let mut device = serial();
    send(&mut device, 0x41, false);
    assert_ne!(status(&mut device) & 1 << uart::status::FRAMING, 0);
    write_serial(&mut device, uart::ENABLE, 1 << uart::status::BREAK);
    send(&mut device, 0x00, false);
    let both = 1 << uart::status::FRAMING | 1 << uart::status::BREAK;
    assert_eq!(status(&mut device) & both, both);
    assert!(device.interrupt.val());
    write_serial(&mut device, uart::STATUS, 1 << uart::status::BREAK);
    assert_eq!(status(&mut device) & both, 1 << uart::status::FRAMING);
    assert!(!device.interrupt.val());
    for _ in 0..(1 << QUEUE_BITS) + 1 {
        send(&mut device, 0x42, true);
    }
    assert_ne!(status(&mut device) & 1 << uart::status::OVERRUN, 0);
    for _ in 0..1 << QUEUE_BITS {
        assert_eq!(read_serial(&mut device, uart::DATA), 0x42);
        serial_cycle(&mut device);
    }
    assert_eq!(read_serial(&mut device, uart::DATA), 0, "the one too many was dropped");
}

#[test]
fn written_bytes_are_sent_in_order_and_a_full_queue_says_so() {
    let mut device = serial();
    write_serial(&mut device, uart::ENABLE, 1 << uart::status::SENT);
    let mut levels = Vec::new();
    for byte in [0x81u32, 0x7E] {
        write_serial(&mut device, uart::DATA, byte);
        levels.push(device.line_out.val());
        assert_eq!(status(&mut device) & 1 << uart::status::SENT, 0);
        levels.push(device.line_out.val());
    }
    while status(&mut device) & 1 << uart::status::SENT == 0 {
        levels.push(device.line_out.val());
    }
    serial_cycle(&mut device);
    assert!(device.interrupt.val(), "all is sent");
    let start = levels.iter().position(|level| !level).expect("a start bit");
    let bits: Vec<u8> = levels[start..]
        .iter()
        .skip(BIT as usize / 2)
        .step_by(BIT as usize)
        .map(|level| u8::from(*level))
        .collect();
    let byte = |bits: &[u8]| bits[1..9].iter().rev().fold(0, |byte, bit| byte << 1 | u32::from(*bit));
    assert_eq!((byte(&bits[..10]), byte(&bits[10..])), (0x81, 0x7E));
    // Faster than the line, which sends one in forty cycles.
    for _ in 0..(1 << QUEUE_BITS) + 50 {
        write_serial(&mut device, uart::DATA, 0x55);
    }
    assert_eq!(status(&mut device) & 1 << uart::status::ROOM, 0);
}

/// The firmware gives the line to the core, with a key.
fn connect(device: &mut SerialPort, key: u8) {
    write_serial(device, uart::KEY, key.into());
    write_serial(device, uart::OWNER, 1 << uart::owner::CORE);
    assert_eq!(peek_serial(device, uart::OWNER), 1 << uart::owner::CORE);
    assert_eq!(peek_serial(device, uart::KEY), key.into());
}

/// What the core gets when it takes all that there is.
fn taken(device: &mut SerialPort) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..10 {
        device.core_take.next = device.core_valid.val();
        bytes.extend(device.core_valid.val().then(|| device.core_in.val().to_u8()));
        serial_cycle(device);
    }
    device.core_take.next = false;
    bytes
}

#[test]
fn while_the_core_has_the_line_its_bytes_go_by_themselves() {
    let mut device = serial();
    send(&mut device, 0x41, true);
    assert!(!device.core_valid.val() && !device.core_room.val(), "it is the firmware's");
    connect(&mut device, 0x1C);
    send(&mut device, 0x42, true);
    assert_eq!(read_serial(&mut device, uart::DATA), 0, "the firmware takes nothing");
    assert_eq!(taken(&mut device), [0x41, 0x42]);
    write_serial(&mut device, uart::DATA, 0x55);
    assert_ne!(status(&mut device) & 1 << uart::status::SENT, 0, "the firmware sends nothing");
    assert!(device.core_room.val());
    device.core_out.next = 0x7Eu64.into();
    device.core_send.next = true;
    serial_cycle(&mut device);
    device.core_send.next = false;
    let levels: Vec<bool> =
        (0..16 * BIT).map(|_| (serial_cycle(&mut device), device.line_out.val()).1).collect();
    let start = levels.iter().position(|level| !level).expect("a start bit");
    let bits = levels[start..].iter().skip(BIT as usize / 2).step_by(BIT as usize);
    let byte = bits.skip(1).take(8).enumerate().map(|(at, level)| u32::from(*level) << at).sum::<u32>();
    assert_eq!(byte, 0x7E);
    write_serial(&mut device, uart::OWNER, 0);
    send(&mut device, 0x43, true);
    assert_eq!(read_serial(&mut device, uart::DATA), 0x43);
    assert_eq!(status(&mut device) & 1 << uart::status::LEFT, 0, "the firmware has taken it itself");
}

#[test]
fn key_and_break_take_the_line_from_the_core_and_what_was_typed_for_it_is_gone() {
    let mut device = serial();
    let left = 1 << uart::status::LEFT;
    send(&mut device, 0x1C, true);
    assert_eq!(read_serial(&mut device, uart::DATA), 0x1C, "the key is a byte for the firmware");
    write_serial(&mut device, uart::ENABLE, left);
    for is_key in [true, false] {
        connect(&mut device, 0x1C);
        send(&mut device, 0x41, true);
        assert!(!device.interrupt.val());
        send(&mut device, if is_key { 0x1C } else { 0 }, is_key);
        assert!(device.interrupt.val());
        assert_eq!(peek_serial(&mut device, uart::OWNER), 0);
        send(&mut device, 0x42, true);
        assert_eq!(read_serial(&mut device, uart::DATA), 0x42, "what comes behind it is the firmware's");
        serial_cycle(&mut device);
        assert_eq!(status(&mut device) & (left | 1 << uart::status::RECEIVED), left);
        write_serial(&mut device, uart::STATUS, left);
        serial_cycle(&mut device);
        assert!(!device.interrupt.val());
    }
    // One that came before the core had the line, with something before it and something behind it.
    send(&mut device, 0x41, true);
    send(&mut device, 0x1C, true);
    send(&mut device, 0x42, true);
    connect(&mut device, 0x1C);
    assert_eq!(taken(&mut device), []);
    assert_eq!(status(&mut device) & left, left);
    assert_eq!(read_serial(&mut device, uart::DATA), 0x42);
    write_serial(&mut device, uart::STATUS, left);
    // One that the firmware has read is gone.
    send(&mut device, 0x1C, true);
    assert_eq!(read_serial(&mut device, uart::DATA), 0x1C);
    send(&mut device, 0x43, true);
    connect(&mut device, 0x1C);
    assert_eq!(taken(&mut device), [0x43]);
    assert_eq!(status(&mut device) & left, 0);
}

#[test]
fn a_reset_lasts_and_has_a_cause() {
    let mut device = new(BoardPort::default());
    device.rst_n.next = true;
    let reset = |device: &mut BoardPort| {
        let mut cycles = 0;
        loop {
            let value = read_board(device, board::RESET_CAUSE);
            if !device.reset.val() {
                return (cycles, value);
            }
            cycles += 1;
            assert!(cycles < 100);
        }
    };
    // The clock is not steady yet: for ever in reset.
    for _ in 0..50 {
        board_cycle(&mut device);
        assert!(device.reset.val());
    }
    device.clock_good.next = true;
    let (cycles, cause) = reset(&mut device);
    assert!(cycles >= 16);
    assert_eq!(cause, 1 << board::reset_cause::POWER);
    write_board(&mut device, board::LEDS, 0x5A);
    board_cycle(&mut device);
    assert_eq!(device.led.val().to_u32(), 0x5A);
    assert_eq!(read_board(&mut device, board::LEDS), 0x5A);
    device.rst_n.next = false;
    for _ in 0..4 {
        board_cycle(&mut device);
    }
    assert!(device.reset.val());
    device.rst_n.next = true;
    let (cycles, cause) = reset(&mut device);
    assert!(cycles >= 16);
    assert_eq!(cause, 1 << board::reset_cause::BUTTON);
    assert_eq!(device.led.val().to_u32(), 0, "a reset darkens the LEDs");
    write_board(&mut device, board::RESET, 0);
    board_cycle(&mut device);
    let (cycles, cause) = reset(&mut device);
    assert!(cycles >= 14);
    assert_eq!(cause, 1 << board::reset_cause::FIRMWARE);
}

#[test]
fn the_flash_port_passes_commands_on() {
    let mut device = new(FlashPort::default());
    write_flash(&mut device, flash::CONTROL, 1 << flash::control::HOLD | 1 << flash::control::SELECT);
    assert_eq!(read_flash(&mut device, flash::CONTROL), 3);
    assert!(device.hold.val() && device.select.val());
    device.owned.next = true;
    device.received.next = 0x9Au64.into();
    assert_eq!(read_flash(&mut device, flash::STATUS), 1 << flash::status::OWNED);
    assert_eq!(read_flash(&mut device, flash::DATA), 0x9A);
    device.busy.next = true;
    device.forgetting.next = true;
    let all = 1 << flash::status::OWNED | 1 << flash::status::BUSY | 1 << flash::status::FORGETTING;
    assert_eq!(read_flash(&mut device, flash::STATUS), all);
    device.busy.next = false;
    write_flash(&mut device, flash::DATA, 0x1FF);
    assert_eq!((device.send.val(), device.send_byte.val().to_u32()), (true, 0xFF));
    assert_ne!(
        read_flash(&mut device, flash::STATUS) & 1 << flash::status::BUSY,
        0,
        "from the first cycle on"
    );
    assert!(!device.send.val());
    write_flash(&mut device, flash::FORGET, 0x0012_3456);
    device.forgetting.next = false;
    assert!(device.forget.val());
    assert_eq!(device.sector.val().to_u32(), 0x123);
    assert_ne!(
        read_flash(&mut device, flash::STATUS) & 1 << flash::status::FORGETTING,
        0,
        "from the first cycle on"
    );
    assert!(!device.forget.val());
    device.reset.next = true;
    flash_cycle(&mut device);
    assert!(!device.hold.val() && !device.select.val());
}

#[test]
fn the_counter_carries_into_its_upper_half() {
    let mut counter = new(Counter::default());
    let count = |counter: &mut Counter, counts: bool, clears: bool| {
        counter.count.next = counts;
        counter.clear.next = clears;
        cycle(counter, |counter| &mut counter.clock, |_| ());
        (counter.low.val().to_u32(), counter.high.val().to_u32())
    };
    for expected in 1..1000 {
        assert_eq!(count(&mut counter, true, false), (expected, 0));
    }
    assert_eq!(count(&mut counter, false, false), (999, 0));
    assert_eq!(count(&mut counter, true, true), (0, 0), "to clear wins");
}

/// The window with cells behind it that answer as the core's do.
struct Cells {
    window: CellWindow<6>,
    memory: Vec<u8>,
    pointer: usize,
    written: Option<u8>,
    read: u8,
}

impl Cells {
    fn cycle(&mut self) -> Option<u32> {
        self.window.cell_out.next = u64::from(self.read).into();
        let (address, write, data, answer) = cycle(
            &mut self.window,
            |window| &mut window.clock,
            |window| {
                (
                    window.cell_address.val().index(),
                    window.cell_write.val(),
                    window.cell_in.val().to_u8(),
                    window.ready.val().then(|| window.data_out.val().to_u32()),
                )
            },
        );
        // The pointer first, the cell behind it.
        self.read = self.memory[self.pointer];
        if let Some(value) = self.written.take() {
            self.memory[self.pointer] = value;
        }
        self.pointer = address;
        self.written = write.then_some(data);
        answer
    }

    fn access(&mut self, address: u64, mask: u64, data: u32) -> u32 {
        self.window.address.next = address.into();
        self.window.write.next = mask.into();
        self.window.data_in.next = u64::from(data).into();
        self.window.request.next = true;
        assert_eq!(self.cycle(), None);
        self.window.request.next = false;
        for _ in 0..6 {
            assert_eq!(self.cycle(), None);
        }
        self.cycle().expect("the answer, seven cycles after the request")
    }
}

proptest! {
    #![proptest_config(config(50))]

    #[test]
    fn the_window_is_memory(accesses in prop::collection::vec((0..16u64, 0..16u64, any::<u32>()), 1..40)) {
        let window = new(CellWindow::default());
        let mut cells = Cells { window, memory: vec![0; 64], pointer: 0, written: None, read: 0 };
        let mut model = vec![0u8; 64];
        for (word, mask, data) in accesses {
            let place = 4 * word as usize;
            let answer = cells.access(4 * word, mask, data);
            if mask == 0 {
                let bytes: [u8; 4] = model[place..place + 4].try_into().expect("four cells");
                prop_assert_eq!(answer, u32::from_le_bytes(bytes));
            }
            for (byte, value) in data.to_le_bytes().into_iter().enumerate().filter(|(byte, _)| mask >> byte & 1 != 0) {
                model[place + byte] = value;
            }
            prop_assert_eq!(&cells.memory, &model);
        }
    }
}
