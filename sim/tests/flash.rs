//! The model of the flash, driven at its pins bit by bit.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use sim::flash::{Cut, Flash, FlashError, Misuse, Options, Pins, Start, PAGE, SECTOR, SIZE};
use std::path::Path;

/// Nanoseconds of half an SPI clock: 50 MHz, the most that a read (03h) allows.
const HALF_NS: u64 = 10;
/// Nanoseconds for which select rests between two commands.
const REST_NS: u64 = 60;
const MS: u64 = 1_000_000;

/// An SPI master, mode 0.
struct Bus {
    flash: Flash,
    now_ns: u64,
    pins: Pins,
}

impl Bus {
    fn new(content: Vec<u8>, options: Options) -> Bus {
        let pins = Pins { select_n: true, clock: false, mosi: false };
        let mut bus = Bus { flash: Flash::new(content, options), now_ns: 0, pins };
        bus.wait(REST_NS);
        bus
    }

    fn erased() -> Bus {
        Bus::new(Vec::new(), Options::default())
    }

    fn wait(&mut self, ns: u64) -> bool {
        self.now_ns += ns;
        self.flash.tick(self.pins, self.now_ns)
    }

    fn select(&mut self) {
        self.pins.select_n = false;
        self.wait(HALF_NS);
    }

    fn release(&mut self) {
        self.pins.select_n = true;
        assert!(self.wait(0), "MISO is not driven while the chip is not selected");
        self.wait(REST_NS);
    }

    /// One clock, with the level of MISO before its rising edge.
    fn bit(&mut self, mosi: bool) -> bool {
        self.pins.mosi = mosi;
        let before = self.wait(HALF_NS);
        self.pins.clock = true;
        assert_eq!(self.wait(HALF_NS), before, "MISO changed at a rising edge");
        self.pins.clock = false;
        self.wait(0);
        before
    }

    fn byte(&mut self, mosi: u8) -> u8 {
        (0..8).rev().fold(0, |miso, bit| miso << 1 | u8::from(self.bit(mosi >> bit & 1 != 0)))
    }

    /// Whole bytes and so many bits of the next, between select and release.
    fn cut_off(&mut self, sent: &[u8], bits: usize) {
        self.select();
        for &byte in sent {
            self.byte(byte);
        }
        for _ in 0..bits {
            self.bit(false);
        }
        self.release();
    }

    /// A whole command, and so many bytes of answer.
    fn command(&mut self, sent: &[u8], answer: usize) -> Vec<u8> {
        self.select();
        for &byte in sent {
            self.byte(byte);
        }
        let answer = (0..answer).map(|_| self.byte(0)).collect();
        self.release();
        answer
    }

    fn read(&mut self, address: usize, count: usize) -> Vec<u8> {
        self.command(&with_address(0x03, address), count)
    }

    fn status(&mut self) -> u8 {
        self.command(&[0x05], 1)[0]
    }

    fn write_enable(&mut self) {
        self.command(&[0x06], 0);
    }

    fn begin_program(&mut self, address: usize, data: &[u8]) {
        self.write_enable();
        self.command(&[&with_address(0x02, address), data].concat(), 0);
    }

    fn program(&mut self, address: usize, data: &[u8]) {
        self.begin_program(address, data);
        self.wait(MS);
    }

    fn begin_erase(&mut self, code: u8, address: usize) {
        self.write_enable();
        self.command(&with_address(code, address), 0);
    }

    fn erase(&mut self, code: u8, address: usize) {
        self.begin_erase(code, address);
        self.wait(200 * MS);
    }

    /// All that was not allowed since power-up.
    fn misuses(&self) -> Vec<Misuse> {
        self.flash.errors().iter().map(|error| error.misuse).collect()
    }

    #[track_caller]
    fn assert_no_errors(&self) {
        assert_eq!(self.flash.errors(), [], "nothing illegal was done");
    }

    /// Exactly these bytes are not erased.
    #[track_caller]
    fn assert_content(&self, expected: &[(usize, u8)]) {
        let found = (0..SIZE).map(|address| (address, self.flash.content()[address]));
        let found: Vec<_> = found.filter(|&(_, byte)| byte != 0xff).take(1000).collect();
        assert_eq!(found, expected, "all bytes that are not FFh, with their addresses");
    }
}

fn with_address(code: u8, address: usize) -> [u8; 4] {
    [code, (address >> 16) as u8, (address >> 8) as u8, address as u8]
}

fn quick(time_scale: f64) -> Options {
    Options { time_scale, ..Options::default() }
}

fn starting(start: Start) -> Options {
    Options { start, ..Options::default() }
}

fn cut(cut: Cut) -> Options {
    Options { cut: Some(cut), ..Options::default() }
}

#[test]
fn identification() {
    let mut bus = Bus::erased();
    assert_eq!(bus.command(&[0x9f], 4), [0xef, 0x40, 0x16, 0xff], "9Fh: JEDEC id");
    assert_eq!(bus.command(&[0x90, 0, 0, 0], 3), [0xef, 0x15, 0xef], "90h: manufacturer first");
    assert_eq!(bus.command(&[0x90, 0, 0, 1], 3), [0x15, 0xef, 0x15], "90h with address 1: device first");
    assert_eq!(bus.command(&[0xab, 0, 0, 0], 2), [0x15, 0x15], "ABh: device id");
    assert_eq!(bus.command(&[0x4b, 0, 0, 0, 0], 8), sim::flash::UNIQUE_ID, "4Bh: unique id");
    bus.assert_no_errors();
}

#[test]
fn status_registers_are_read_continuously() {
    let mut bus = Bus::erased();
    assert_eq!(bus.command(&[0x05], 3), [0, 0, 0], "status 1");
    assert_eq!(bus.command(&[0x35], 2), [0x02, 0x02], "status 2: Quad Enable");
    assert_eq!(bus.command(&[0x15], 2), [0x60, 0x60], "status 3: weakest driver");
    bus.write_enable();
    assert_eq!(bus.status(), 2, "06h sets WEL");
    bus.command(&[0x04], 0);
    assert_eq!(bus.status(), 0, "04h clears WEL");
    bus.assert_no_errors();
}

#[test]
fn reads_go_on_and_wrap() {
    let mut content: Vec<u8> = (0..SIZE).map(|address| (address % 251) as u8).collect();
    content[SIZE - 2..].copy_from_slice(&[0xaa, 0x55]);
    let mut bus = Bus::new(content.clone(), Options::default());
    assert_eq!(bus.read(0x1234, 600), content[0x1234..0x1234 + 600], "03h");
    assert_eq!(bus.read(SIZE - 2, 4), [0xaa, 0x55, 0, 1], "03h past the end of the chip");
    assert_eq!(bus.read(SIZE + 5, 2), [5, 6], "03h above the chip: the upper address bits do not count");
    let fast = [&with_address(0x0b, SIZE - 1)[..], &[0x77]].concat();
    assert_eq!(bus.command(&fast, 3), [0x55, 0, 1], "0Bh past the end of the chip, behind a dummy");
    bus.assert_no_errors();
}

#[test]
fn mode_3_is_understood() {
    let mut bus = Bus::erased();
    bus.pins.clock = true;
    bus.wait(REST_NS);
    bus.select();
    let mut bits = Vec::new();
    for number in 0..16 {
        bus.pins.clock = false;
        bus.pins.mosi = number < 8 && 0x9f << number & 0x80 != 0;
        bits.push(bus.wait(HALF_NS));
        bus.pins.clock = true;
        bus.wait(HALF_NS);
    }
    bus.release();
    let byte = bits[8..].iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    assert_eq!(byte, 0xef, "the first byte of the JEDEC id");
    bus.assert_no_errors();
}

#[test]
fn select_must_fall_after_power_up() {
    let mut bus = Bus::erased();
    bus.flash = Flash::new(Vec::new(), Options::default());
    bus.pins.select_n = false;
    bus.wait(0);
    bus.byte(0x9f);
    assert_eq!(bus.byte(0), 0xff, "select was low since power-up: no answer");
    bus.release();
    assert_eq!(bus.command(&[0x9f], 1), [0xef], "select has fallen: an answer");
    bus.assert_no_errors();
}

#[test]
fn a_program_takes_its_time_and_clears_write_enable() {
    let mut bus = Bus::erased();
    bus.begin_program(0x1000, &[1, 2, 3]);
    assert_eq!(bus.status(), 3, "BUSY and WEL during the program");
    bus.wait(390_000);
    assert_eq!(bus.status(), 3, "BUSY and WEL shortly before its end");
    bus.wait(10_000);
    assert_eq!(bus.status(), 0, "neither after 0.4 ms");
    assert_eq!(bus.read(0x0fff, 5), [0xff, 1, 2, 3, 0xff], "the programmed bytes");
    bus.assert_no_errors();
}

#[test]
fn busy_shows_its_end_within_one_status_read() {
    let mut bus = Bus::new(Vec::new(), quick(0.01));
    bus.begin_program(0, &[0]);
    let answers = bus.command(&[0x05], 40);
    let busy = answers.iter().take_while(|&&status| status == 3).count();
    // 4 us, and 160 ns for a byte.
    assert_eq!(busy, 24, "status bytes while the program goes on");
    assert!(answers[busy..].iter().all(|&status| status == 0), "ready after it: {answers:?}");
    bus.assert_no_errors();
}

#[test]
fn times_are_scaled() {
    for (scale, until) in [(0.001, 45_000), (1.0, 45_000_000), (2.0, 90_000_000)] {
        let mut bus = Bus::new(Vec::new(), quick(scale));
        bus.begin_erase(0x20, 0);
        bus.wait(until - 1_000);
        assert_eq!(bus.status(), 3, "scale {scale}: busy before the end");
        bus.wait(1_000);
        assert_eq!(bus.status(), 0, "scale {scale}: ready after it");
    }
}

#[test]
fn a_program_only_clears_bits() {
    let mut bus = Bus::erased();
    bus.program(0, &[0b1100_1100, 0xff]);
    bus.program(0, &[0b1010_1010, 0x0f]);
    bus.assert_content(&[(0, 0b1000_1000), (1, 0x0f)]);
    bus.assert_no_errors();
}

#[test]
fn a_program_wraps_in_its_page() {
    let mut bus = Bus::erased();
    bus.program(0x2fe, &[1, 2, 3, 4]);
    bus.assert_content(&[(0x200, 3), (0x201, 4), (0x2fe, 1), (0x2ff, 2)]);
    bus.assert_no_errors();
}

#[test]
fn a_program_takes_the_last_256_bytes() {
    let mut bus = Bus::erased();
    let data: Vec<u8> = [9, 8, 7].into_iter().chain((0..PAGE).map(|number| number as u8)).collect();
    bus.program(0x300, &data);
    // The three first bytes are written over by the last three.
    for number in 0..PAGE {
        assert_eq!(
            bus.flash.content()[0x300 + (3 + number) % PAGE],
            number as u8,
            "byte {number} of the page"
        );
    }
    bus.assert_no_errors();
}

#[test]
fn the_upper_address_bits_do_not_count() {
    let mut bus = Bus::erased();
    bus.program(3 * SIZE + 7, &[0]);
    bus.program(2 * SIZE + SECTOR, &[1]);
    bus.assert_content(&[(7, 0), (SECTOR, 1)]);
    bus.erase(0x20, SIZE + 7);
    bus.assert_content(&[(SECTOR, 1)]);
    bus.assert_no_errors();
}

#[test]
fn an_erase_sets_its_region_and_no_more() {
    for (code, bytes, ms) in [(0x20, 4 << 10, 45), (0x52, 32 << 10, 120), (0xd8, 64 << 10, 150)] {
        let mut bus = Bus::new(vec![0; SIZE], Options::default());
        bus.begin_erase(code, 0x2a_bcde);
        assert_eq!(bus.status(), 3, "{code:02X}h: BUSY and WEL");
        bus.wait(ms * MS - 1_000);
        assert_eq!(bus.status(), 3, "{code:02X}h: busy for {ms} ms");
        bus.wait(1_000);
        assert_eq!(bus.status(), 0, "{code:02X}h: ready after {ms} ms");
        let start = 0x2a_bcde / bytes * bytes;
        let content = bus.flash.content();
        let is_erased = |address: usize| (start..start + bytes).contains(&address);
        let wrong = (0..SIZE).find(|&address| (content[address] == 0xff) != is_erased(address));
        assert_eq!(wrong, None, "{code:02X}h: first wrong address");
        bus.assert_no_errors();
    }
}

#[test]
fn a_chip_erase_sets_everything() {
    for code in [0xc7, 0x60] {
        let mut bus = Bus::new(vec![0x55; SIZE], Options::default());
        bus.write_enable();
        bus.command(&[code], 0);
        bus.wait(9_999 * MS);
        assert_eq!(bus.status(), 3, "{code:02X}h: busy for 10 s");
        bus.wait(MS);
        assert_eq!(bus.status(), 0, "{code:02X}h: ready after 10 s");
        bus.assert_content(&[]);
        bus.assert_no_errors();
    }
}

#[test]
fn write_enable_is_needed_each_time() {
    let mut bus = Bus::erased();
    bus.command(&[0x02, 0, 0, 0, 0], 0);
    bus.command(&[0x20, 0, 0, 0], 0);
    bus.write_enable();
    bus.command(&[0x04], 0);
    bus.command(&[0xc7], 0);
    bus.program(8, &[8]);
    bus.command(&[0x02, 0, 0, 0, 0], 0);
    let expected = [0x02, 0x20, 0xc7, 0x02].map(|code| Misuse::NotWriteEnabled { code });
    assert_eq!(bus.misuses(), expected);
    assert_eq!(bus.status(), 0, "nothing has begun");
    bus.assert_content(&[(8, 8)]);
}

#[test]
fn a_busy_chip_answers_status_only() {
    let mut bus = Bus::erased();
    bus.begin_program(0, &[0]);
    let until_ns = bus.now_ns - REST_NS + 400_000;
    assert_eq!(bus.command(&[0x35], 1), [0x02], "status 2 while busy");
    assert_eq!(bus.command(&[0x15], 1), [0x60], "status 3 while busy");
    bus.assert_no_errors();
    assert_eq!(bus.read(0, 2), [0xff, 0xff], "no data while busy");
    assert_eq!(bus.command(&[0x9f], 3), [0xff; 3], "no id while busy");
    bus.command(&[0x04], 0);
    bus.command(&[0xb9], 0);
    let expected = [0x03, 0x9f, 0x04, 0xb9].map(|code| Misuse::Busy { code, until_ns });
    assert_eq!(bus.misuses(), expected);
    bus.wait(MS);
    assert_eq!(bus.read(0, 1), [0], "the program was not disturbed");
}

#[test]
fn power_down_and_release() {
    let mut bus = Bus::new(vec![0x5a], Options::default());
    bus.command(&[0xb9], 0);
    bus.wait(3_000);
    assert_eq!(bus.read(0, 1), [0xff], "no data in power-down");
    assert_eq!(bus.command(&[0x05], 1), [0xff], "no status in power-down");
    assert_eq!(bus.misuses(), [0x03, 0x05].map(|code| Misuse::Asleep { code }));
    bus.command(&[0xab], 0);
    let until_ns = bus.now_ns - REST_NS + 3_000;
    assert_eq!(bus.read(0, 1), [0xff], "no data before 3 us have passed");
    assert_eq!(bus.misuses()[2..], [Misuse::NotReady { code: 0x03, until_ns }]);
    bus.wait(3_000);
    assert_eq!(bus.read(0, 1), [0x5a], "awake after 3 us");
    assert_eq!(bus.misuses().len(), 3);
}

#[test]
fn the_way_into_power_down_takes_time() {
    let mut bus = Bus::erased();
    bus.command(&[0xb9], 0);
    let until_ns = bus.now_ns - REST_NS + 3_000;
    bus.command(&[0xab], 0);
    assert_eq!(bus.misuses(), [Misuse::NotReady { code: 0xab, until_ns }], "ABh before tDP");
    bus.wait(3_000);
    assert_eq!(bus.command(&[0xab, 0, 0, 0], 1), [0x15], "ABh with the device id, after tDP");
    bus.wait(3_000);
    assert_eq!(bus.status(), 0, "awake");
    assert_eq!(bus.misuses().len(), 1);
}

#[test]
fn a_start_with_a_chip_asleep() {
    let mut bus = Bus::new(vec![0x5a], starting(Start::Asleep));
    assert_eq!(bus.command(&[0x9f], 3), [0xff; 3], "no id before the release");
    bus.command(&[0xab], 0);
    bus.wait(3_000);
    assert_eq!(bus.read(0, 1), [0x5a], "awake");
    assert_eq!(bus.misuses(), [Misuse::Asleep { code: 0x9f }]);
}

#[test]
fn a_start_with_a_busy_chip() {
    let mut bus = Bus::new(vec![0x5a], starting(Start::Busy { ns: MS }));
    assert_eq!(bus.status() & 1, 1, "busy");
    bus.wait(MS);
    assert_eq!(bus.status(), 0, "ready after its time");
    assert_eq!(bus.read(0, 1), [0x5a], "the content is not touched");
    bus.assert_no_errors();
}

#[test]
fn a_reset_ends_what_goes_on() {
    let mut bus = Bus::new(vec![0; SIZE], Options::default());
    bus.begin_erase(0xd8, 0x10_0000);
    bus.command(&[0x66], 0);
    bus.command(&[0x99], 0);
    let until_ns = bus.now_ns - REST_NS + 30_000;
    assert_eq!(bus.status(), 0xff, "no answer for 30 us");
    assert_eq!(bus.misuses(), [Misuse::NotReady { code: 0x05, until_ns }]);
    bus.wait(30_000);
    assert_eq!(bus.status(), 0, "neither BUSY nor WEL after a reset");
    assert_half_erased(&bus.flash, 0x10_0000, 64 << 10);
}

#[test]
fn a_reset_leaves_a_program_in_the_middle() {
    let mut bus = Bus::erased();
    bus.begin_program(0, &[0; 100]);
    bus.wait(200_000);
    bus.command(&[0x66], 0);
    bus.command(&[0x99], 0);
    bus.wait(MS);
    let programmed = bus.flash.content().iter().take_while(|&&byte| byte == 0).count();
    assert_eq!(programmed, 50, "half of the bytes in half of the time");
    assert!(bus.flash.content()[programmed..].iter().all(|&byte| byte == 0xff), "the rest is not programmed");
    bus.assert_no_errors();
}

#[test]
fn a_reset_needs_its_announcement() {
    let mut bus = Bus::erased();
    bus.write_enable();
    bus.command(&[0x99], 0);
    bus.command(&[0x66], 0);
    bus.status();
    bus.command(&[0x99], 0);
    assert_eq!(bus.misuses(), [Misuse::ResetNotEnabled; 2], "without 66h, and with a command in between");
    assert_eq!(bus.status(), 2, "no reset: WEL stays");
}

#[test]
fn unknown_commands_are_recorded() {
    let mut bus = Bus::erased();
    assert_eq!(bus.command(&[0x77], 2), [0xff, 0xff], "no answer");
    let at_ns = REST_NS + HALF_NS + 16 * HALF_NS;
    assert_eq!(
        bus.flash.errors(),
        [FlashError { at_ns, misuse: Misuse::UnknownCommand { code: 0x77 } }],
        "with the time of the byte's last bit"
    );
    assert_eq!(
        bus.flash.errors()[0].to_string(),
        "flash, at 230 ns: there is no command 77h; use one of those in sim/src/flash/command.rs"
    );
}

#[test]
fn cut_off_commands_are_recorded_and_have_no_effect() {
    let mut bus = Bus::erased();
    // Five bits of a code; a write enable and a bit more.
    bus.cut_off(&[], 5);
    bus.cut_off(&[0x06], 1);
    assert_eq!(bus.status(), 0, "no write enable");
    // A read without all of its address, an erase with two bytes of it.
    bus.command(&[0x03, 0, 0], 0);
    bus.write_enable();
    bus.command(&[0x20, 0, 0], 0);
    // An erase with a byte too many, programs with half a byte and without one.
    bus.command(&[0x20, 0, 0, 0, 0], 0);
    bus.cut_off(&[0x02, 0, 0, 0, 0], 4);
    bus.command(&[0x02, 0, 0, 0], 0);
    assert_eq!(
        bus.misuses(),
        [
            Misuse::PartOfByte { bits: 5 },
            Misuse::PartOfByte { bits: 9 },
            Misuse::TooShort { code: 0x03, sent: 3, needed: 4 },
            Misuse::TooShort { code: 0x20, sent: 3, needed: 4 },
            Misuse::TooLong { code: 0x20, sent: 5, needed: 4 },
            Misuse::PartOfByte { bits: 44 },
            Misuse::NoData,
        ]
    );
    assert_eq!(bus.status(), 2, "still write-enabled, not busy");
    bus.assert_content(&[]);
}

#[test]
fn a_read_may_end_at_any_bit_of_its_data() {
    let mut bus = Bus::erased();
    bus.cut_off(&[0x03, 0, 0, 0], 3);
    bus.assert_no_errors();
}

#[test]
fn select_alone_says_nothing() {
    let mut bus = Bus::erased();
    bus.command(&[], 0);
    bus.assert_no_errors();
}

#[test]
fn select_rests_between_commands() {
    let mut bus = Bus::erased();
    bus.select();
    bus.byte(0x06);
    bus.pins.select_n = true;
    bus.wait(0);
    bus.now_ns += 20;
    bus.pins.select_n = false;
    bus.wait(0);
    assert_eq!(bus.misuses(), [Misuse::SelectedTooSoon { high_ns: 20, needed_ns: 50 }]);
}

#[test]
fn a_cut_after_bytes_leaves_them_programmed() {
    for programmed in [0, 1, 5, 6, 7] {
        let mut bus = Bus::new(Vec::new(), cut(Cut::AfterBytes(programmed)));
        bus.program(0x100, &[0; 5]);
        assert_eq!(bus.flash.is_powered(), programmed > 5, "cut after {programmed}: power after 5 bytes");
        bus.program(0x200, &[0; 5]);
        assert!(!bus.flash.is_powered(), "cut after {programmed}: power after 10 bytes");
        let addresses = (0x100..0x105).chain(0x200..0x205).take(programmed as usize);
        bus.assert_content(&addresses.map(|address| (address, 0)).collect::<Vec<_>>());
    }
}

#[test]
fn without_power_nothing_is_answered() {
    let mut bus = Bus::new(Vec::new(), cut(Cut::AfterBytes(1)));
    bus.program(0, &[0, 0]);
    assert_eq!(bus.status(), 0xff, "no status");
    assert_eq!(bus.read(0, 1), [0xff], "no data");
    bus.program(1, &[0]);
    bus.assert_content(&[(0, 0)]);
    bus.assert_no_errors();
}

#[test]
fn a_cut_in_an_erase_leaves_a_mix() {
    let content: Vec<u8> = (0..SIZE).map(|address| (address % 7) as u8).collect();
    let mut contents = Vec::new();
    for _ in 0..2 {
        let mut bus = Bus::new(content.clone(), cut(Cut::InErase(2)));
        bus.erase(0x20, 0);
        assert!(bus.flash.is_powered(), "the first erase is not cut");
        bus.begin_erase(0x20, SECTOR);
        bus.wait(22 * MS);
        assert!(bus.flash.is_powered(), "power for the first half of the second erase");
        bus.wait(MS);
        assert!(!bus.flash.is_powered(), "no power after it");
        contents.push(bus.flash.content().to_vec());
    }
    assert!(contents[0] == contents[1], "the same cut leaves the same bytes");
    let (mut old, mut erased, mut partly) = (0, 0, 0);
    for address in 0..SIZE {
        let (before, after) = (content[address], contents[0][address]);
        if address < SECTOR {
            assert_eq!(after, 0xff, "address {address}: erased by the first erase");
        } else if address >= 2 * SECTOR {
            assert_eq!(after, before, "address {address}: outside");
        } else {
            assert_eq!(after & before, before, "address {address}: an erase only sets bits");
            match after {
                0xff => erased += 1,
                _ if after == before => old += 1,
                _ => partly += 1,
            }
        }
    }
    assert!(old > 1000 && erased > 1000 && partly > 1000, "old {old}, erased {erased}, partly {partly}");
}

#[test]
fn the_power_can_be_cut_at_any_time() {
    let mut bus = Bus::new(vec![0; SIZE], Options::default());
    bus.begin_erase(0x20, SECTOR);
    bus.flash.cut_power();
    assert!(!bus.flash.is_powered(), "no power");
    assert_half_erased(&bus.flash, SECTOR, SECTOR);
}

/// A region of zeroes whose erase was left in the middle, in a chip of zeroes.
#[track_caller]
fn assert_half_erased(flash: &Flash, start: usize, bytes: usize) {
    let (before, rest) = flash.content().split_at(start);
    let (region, behind) = rest.split_at(bytes);
    assert!(before.iter().chain(behind).all(|&byte| byte == 0), "outside of the region");
    assert!(region.contains(&0) && region.contains(&0xff), "some bytes are old, some erased");
    assert!(region.iter().any(|byte| ![0, 0xff].contains(byte)), "some are in between");
}

#[test]
fn content_is_kept_in_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("flash.bin");
    let load = |path: &Path| Flash::load(path, Options::default());
    let open = |path: &Path| Flash::open(path, Options::default());
    let mut bus = Bus::erased();
    bus.flash = load(&path).unwrap_or_else(|error| panic!("a missing file: {error}"));
    bus.assert_content(&[]);
    assert!(!path.exists(), "to load makes no file");
    std::fs::write(&path, [1, 2]).expect("written");
    bus.flash = open(&path).unwrap_or_else(|error| panic!("a short file: {error}"));
    bus.assert_content(&[(0, 1), (1, 2)]);
    bus.wait(REST_NS);
    bus.program(SIZE - 1, &[0x12]);
    // At once: nobody has closed it.
    let kept = load(&path).unwrap_or_else(|error| panic!("the file: {error}"));
    assert!(kept.content() == bus.flash.content(), "what was programmed");
    bus.erase(0x20, 0);
    let kept = load(&path).unwrap_or_else(|error| panic!("the file: {error}"));
    bus.flash = kept;
    bus.assert_content(&[(SIZE - 1, 0x12)]);
    // What goes on when the power is cut is left in its middle, in the file too.
    bus = Bus { flash: open(&path).unwrap_or_else(|error| panic!("the file: {error}")), ..Bus::erased() };
    bus.wait(REST_NS);
    bus.program(0, &[0; PAGE]);
    bus.begin_erase(0x20, 0);
    bus.wait(MS);
    bus.flash.cut_power();
    bus.flash.close().expect("all was kept");
    let kept = load(&path).unwrap_or_else(|error| panic!("the file: {error}"));
    assert!(kept.content() == bus.flash.content() && kept.content()[..PAGE] != [0; PAGE], "half erased");
    std::fs::write(&path, vec![0; SIZE + 1]).expect("written");
    let error = load(&path).err().expect("a file that is too long is refused").to_string();
    assert!(error.contains("4194305 bytes, but the flash has 4194304; use a shorter file"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "no other files are left");
}

/// One thing that a design may do.
#[derive(Clone, Debug)]
enum Step {
    Program { address: usize, data: Vec<u8> },
    Erase { code: u8, address: usize },
    Read { address: usize, count: usize },
    FastRead { address: usize, count: usize },
    WriteDisabledProgram { address: usize },
}

/// Addresses that meet: around the borders of pages and regions, at both ends of the chip.
fn address() -> impl Strategy<Value = usize> {
    let base = prop::sample::select(vec![0, PAGE, SECTOR, 32 << 10, 64 << 10, SIZE - PAGE]);
    (base, 0..2 * PAGE).prop_map(|(base, offset)| (base + SIZE + offset - PAGE) % SIZE)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (address(), prop::collection::vec(any::<u8>(), 1..300))
            .prop_map(|(address, data)| Step::Program { address, data }),
        2 => (prop::sample::select(vec![0x20, 0x52, 0xd8, 0xc7]), address())
            .prop_map(|(code, address)| Step::Erase { code, address }),
        2 => (address(), 0..600usize).prop_map(|(address, count)| Step::Read { address, count }),
        2 => (address(), 0..600usize).prop_map(|(address, count)| Step::FastRead { address, count }),
        1 => address().prop_map(|address| Step::WriteDisabledProgram { address }),
    ]
}

/// So many random cases, unless `PROPTEST_CASES` says otherwise. Counter-examples are kept beside the test and tried
/// first.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..default
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn a_random_sequence_does_what_a_vector_does(steps in prop::collection::vec(step(), 1..16)) {
        let mut bus = Bus::new(Vec::new(), quick(0.0001));
        let mut memory = vec![0xff; SIZE];
        let mut refused = 0;
        for step in &steps {
            match step {
                Step::Program { address, data } => {
                    bus.begin_program(*address, data);
                    let kept = data.len().saturating_sub(PAGE);
                    for (number, byte) in data.iter().enumerate().skip(kept) {
                        memory[address / PAGE * PAGE + (address + number) % PAGE] &= byte;
                    }
                }
                Step::Erase { code: 0xc7, .. } => {
                    bus.write_enable();
                    bus.command(&[0xc7], 0);
                    memory.fill(0xff);
                }
                Step::Erase { code, address } => {
                    bus.begin_erase(*code, *address);
                    let bytes = match code {
                        0x20 => 4 << 10,
                        0x52 => 32 << 10,
                        _ => 64 << 10,
                    };
                    let start = address / bytes * bytes;
                    memory[start..start + bytes].fill(0xff);
                }
                Step::Read { address, count } => {
                    let expected: Vec<u8> = memory.iter().cycle().skip(*address).take(*count).copied().collect();
                    prop_assert_eq!(bus.read(*address, *count), expected, "read at {:#x}", address);
                }
                Step::FastRead { address, count } => {
                    let expected: Vec<u8> = memory.iter().cycle().skip(*address).take(*count).copied().collect();
                    let command = [&with_address(0x0b, *address)[..], &[0]].concat();
                    prop_assert_eq!(bus.command(&command, *count), expected, "fast read at {:#x}", address);
                }
                Step::WriteDisabledProgram { address } => {
                    bus.command(&[&with_address(0x02, *address)[..], &[0]].concat(), 0);
                    refused += 1;
                }
            }
            while bus.status() & 1 != 0 {
                bus.wait(100);
            }
            let wrong = bus.flash.content().iter().zip(&memory).position(|(found, expected)| found != expected);
            prop_assert_eq!(wrong, None, "first wrong address after {:x?}", step);
        }
        prop_assert_eq!(bus.misuses(), vec![Misuse::NotWriteEnabled { code: 0x02 }; refused]);
    }
}
