//! What the line cache promises, against a flash that is a function.

mod common;

use common::cycle;
use hdl::line_cache::{CompanionCache, LineCache, ProgramCache, LINE_BITS};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rust_hdl::prelude::*;

/// Bytes of a line in these caches, and their lines.
const LINE_BYTES: u64 = 8;
const LINES: u64 = CompanionCache::LINES as u64;
/// Cycles that forgetting takes, if no piece of a line comes meanwhile.
const FORGETTING: u64 = 2 * LINES;
const SECTOR_BYTES: u64 = map::SECTOR_BYTES as u64;

/// The byte of flash at an address, after so many changes of its sector.
fn flash(address: u64, changes: u64) -> u64 {
    (address.wrapping_mul(0x9E37_79B9) >> 7 ^ address ^ changes.wrapping_mul(0x55)) & 0xFF
}

/// So many bytes of a sector from there, the lowest address in the lowest bits.
fn flash_word(address: u64, bytes: u64, changes: u64) -> u64 {
    (0..bytes).map(|byte| flash(address + byte, changes) << (8 * byte)).sum()
}

/// What a processor sees in a cycle.
#[derive(Debug, PartialEq)]
struct Seen {
    ready: bool,
    data: u64,
}

/// A cache, and a flash that sends its lines.
struct Bench<
    const D: usize,
    const W: usize,
    const F: usize,
    const P: usize,
    const L: usize,
    const N: usize,
    const E: usize,
> {
    cache: LineCache<D, W, F, P, L, N, E>,
    /// How often each sector has changed.
    changes: Vec<u64>,
    /// Bytes of the line sent, and the last four of them.
    sent: u64,
    last: u64,
    /// The lines sent.
    lines: Vec<u64>,
}

impl<
        const D: usize,
        const W: usize,
        const F: usize,
        const P: usize,
        const L: usize,
        const N: usize,
        const E: usize,
    > Bench<D, W, F, P, L, N, E>
{
    fn new() -> Self {
        let mut cache = LineCache::default();
        cache.connect_all();
        Bench { cache, changes: vec![0; 4096], sent: 0, last: 0xDEAD_BEEF, lines: Vec::new() }
    }

    /// A cycle in which the flash sends a piece, if one is wanted and `sends`.
    fn cycle(&mut self, request: Option<u64>, sends: bool) -> Seen {
        let cache = &mut self.cache;
        cache.request.next = request.is_some();
        cache.address.next = request.unwrap_or(0).into();
        cache.fill_valid.next = false;
        // The request for a line comes from registers: what the last cycle left.
        if cache.line_request.val() && sends {
            let address = cache.line_address.val().to_u64() * LINE_BYTES + self.sent;
            self.last = self.last >> 16
                | flash_word(address, 2, self.changes[(address / SECTOR_BYTES) as usize]) << 16;
            cache.fill_valid.next = true;
            cache.fill_data.next = self.last.into();
            self.sent += 2;
            if self.sent == LINE_BYTES {
                self.sent = 0;
                self.lines.push(address / LINE_BYTES);
            }
        }
        let look = |cache: &LineCache<D, W, F, P, L, N, E>| Seen {
            ready: cache.ready.val(),
            data: cache.data.val().to_u64(),
        };
        cycle(cache, |cache| &mut cache.clock, look)
    }

    /// A cycle in which a sector changes and the cache is told.
    fn forget(&mut self, sector: u64, request: Option<u64>, sends: bool) -> Seen {
        self.cache.forget.next = true;
        self.cache.forget_sector.next = sector.into();
        let seen = self.cycle(request, sends);
        self.cache.forget.next = false;
        self.cache.forget_sector.next = 0.into();
        self.changes[sector as usize] += 1;
        seen
    }

    /// How often the sector with this address has changed.
    fn changes_at(&self, address: u64) -> u64 {
        self.changes[(address / SECTOR_BYTES) as usize]
    }

    /// Waits until nothing is forgotten any more. The cycles it took.
    fn wait(&mut self) -> u64 {
        let mut cycles = 0;
        while self.cache.forgetting.val() {
            assert!(cycles < 1000, "forgetting for ever");
            self.cycle(None, true);
            cycles += 1;
        }
        cycles
    }

    /// Asks for a word, once, and waits; the flash sends a piece a cycle. The word, and the cycles it took.
    fn read(&mut self, address: u64) -> (u64, u64) {
        self.cycle(Some(address), true);
        for cycles in 1..1000 {
            let seen = self.cycle(None, true);
            if seen.ready {
                return (seen.data, cycles);
            }
        }
        panic!("the word at {address:x} never comes");
    }

    fn word(&self, address: u64) -> u64 {
        let bytes = D as u64 / 8;
        flash_word(address * bytes, bytes, self.changes_at(address * bytes))
    }
}

type CompanionBench = Bench<32, 22, LINE_BITS, 2, 8, 9, 14>;
type ProgramBench = Bench<16, 23, LINE_BITS, 2, 7, 9, 15>;

/// Cycles from a request to its word if a line must come, from a flash that sends a piece a cycle.
const MISS: u64 = 2 + LINE_BYTES / 2 + 1;

#[test]
fn a_line_is_read_once_and_then_gives_a_word_each_cycle() {
    let mut bench: CompanionBench = Bench::new();
    assert_eq!(bench.read(0x1001), (bench.word(0x1001), MISS));
    assert_eq!(bench.read(0x1002), (bench.word(0x1002), MISS));
    let mut last = 0x1002;
    for next in [0x1000, 0x1001, 0x1002, 0x1003, 0x1000, 0x1003u64] {
        let seen = bench.cycle(Some(next), true);
        assert_eq!(seen, Seen { ready: true, data: bench.word(last) });
        last = next;
    }
    // The word stays.
    for _ in 0..2 {
        assert_eq!(bench.cycle(None, true), Seen { ready: true, data: bench.word(last) });
    }
    assert_eq!(bench.lines, [0x1000 / 2, 0x1002 / 2]);
}

#[test]
fn words_of_16_bits_come_from_both_halves_of_a_fill() {
    let mut bench: ProgramBench = Bench::new();
    assert_eq!(bench.read(0x7F_FFFC), (bench.word(0x7F_FFFC), MISS));
    for address in 0x7F_FFFC..=0x7F_FFFF {
        assert_eq!(bench.read(address), (bench.word(address), 1));
    }
    assert_eq!(bench.lines, [0x1F_FFFF]);
}

#[test]
fn nothing_is_ready_before_it_is_requested() {
    let mut bench: CompanionBench = Bench::new();
    for _ in 0..20 {
        assert!(!bench.cycle(None, true).ready);
    }
    assert!(bench.lines.is_empty());
}

#[test]
fn lines_a_whole_cache_apart_take_each_others_place() {
    let mut bench: CompanionBench = Bench::new();
    let words = LINES * LINE_BYTES / 4;
    for address in [2, 2 + words, 2, 3] {
        assert_eq!(bench.read(address).0, bench.word(address));
    }
    assert_eq!(bench.lines, [1, 1 + LINES, 1]);
}

#[test]
fn another_request_takes_the_place_of_one_that_waits() {
    let mut bench: CompanionBench = Bench::new();
    bench.read(0);
    // A line that does not come at once leaves the other lines to be read.
    bench.cycle(Some(0x400), false);
    for _ in 0..3 {
        assert!(!bench.cycle(None, false).ready);
    }
    bench.cycle(Some(1), false);
    assert_eq!(bench.cycle(None, false), Seen { ready: true, data: bench.word(1) });
    // It comes all the same, into the place of the line just read.
    for _ in 0..LINE_BYTES {
        assert_eq!(bench.cycle(None, true), Seen { ready: true, data: bench.word(1) });
    }
    assert_eq!(bench.read(0x401), (bench.word(0x401), 1));
    assert_eq!(bench.lines, [0, 0x200]);
}

/// A cache full of lines, a quarter of them of each of four sectors, and the first word of each line.
fn full() -> (CompanionBench, Vec<u64>) {
    let mut bench: CompanionBench = Bench::new();
    let addresses: Vec<u64> =
        (0..LINES).map(|line| ((0xABC + line % 4) * SECTOR_BYTES + line * LINE_BYTES) / 4).collect();
    for _ in 0..2 {
        for address in &addresses {
            bench.read(*address);
        }
    }
    assert_eq!(bench.lines.len() as u64, LINES);
    bench.lines.clear();
    (bench, addresses)
}

/// Reads all of these and says which lines had to come.
fn read_again(bench: &mut CompanionBench, addresses: &[u64]) -> Vec<u64> {
    bench.lines.clear();
    for address in addresses {
        assert_eq!(bench.read(*address).0, bench.word(*address));
    }
    bench.lines.clone()
}

fn line_of(address: &u64) -> u64 {
    address * 4 / LINE_BYTES
}

#[test]
fn after_a_reset_every_line_is_read_again() {
    let (mut bench, addresses) = full();
    bench.cache.reset.next = true;
    bench.cycle(None, true);
    bench.cache.reset.next = false;
    assert!(!bench.cycle(None, true).ready, "the request is forgotten");
    assert_eq!(bench.wait(), FORGETTING - 1);
    bench.changes.fill(1);
    let all: Vec<u64> = addresses.iter().map(line_of).collect();
    assert_eq!(read_again(&mut bench, &addresses), all);
}

#[test]
fn a_sector_is_forgotten_and_no_other() {
    for sector in [0xABA, 0xABB, 0xABC, 0xABD, 0xABE, 0xABF, 0xAC0, 0x2BC, 0] {
        let (mut bench, addresses) = full();
        assert!(!bench.cache.forgetting.val());
        bench.forget(sector, None, true);
        assert_eq!(bench.wait(), FORGETTING);
        let its = |address: &&u64| **address * 4 / SECTOR_BYTES == sector;
        let its: Vec<u64> = addresses.iter().filter(its).map(line_of).collect();
        assert_eq!(its.len(), if (0xABC..0xAC0).contains(&sector) { LINES as usize / 4 } else { 0 });
        assert_eq!(read_again(&mut bench, &addresses), its);
    }
}

#[test]
fn requests_wait_while_a_sector_is_forgotten() {
    let (mut bench, addresses) = full();
    // The word read last is there until then.
    assert!(bench.forget(0, None, true).ready);
    bench.cycle(None, true);
    assert_eq!(bench.read(addresses[0]), (bench.word(addresses[0]), FORGETTING));
    // And then it is looked up again.
    bench.forget(0xABC, None, true);
    bench.cycle(None, true);
    for _ in 1..FORGETTING + MISS {
        assert!(!bench.cycle(None, true).ready);
    }
    assert_eq!(bench.cycle(None, true), Seen { ready: true, data: bench.word(addresses[0]) });
}

#[test]
fn a_sector_forgotten_while_another_is_loses_neither() {
    for moment in (0..FORGETTING).step_by(9).chain(FORGETTING - 3..FORGETTING + 2) {
        let (mut bench, addresses) = full();
        bench.forget(0xABD, None, true);
        for _ in 0..moment {
            bench.cycle(None, true);
        }
        bench.forget(0xABF, None, true);
        assert_eq!(bench.wait(), FORGETTING);
        let again = read_again(&mut bench, &addresses);
        assert_eq!(again.len() as u64, if moment < FORGETTING { LINES } else { LINES / 2 });
    }
}

#[test]
fn a_line_that_is_half_read_has_lost_the_one_before() {
    let mut bench: CompanionBench = Bench::new();
    let other = LINES * LINE_BYTES / 4;
    bench.read(0);
    bench.cycle(Some(other), false);
    bench.cycle(None, false);
    for _ in 0..3 {
        bench.cycle(None, true);
    }
    bench.cycle(Some(0), false);
    assert!(!bench.cycle(None, false).ready);
    assert_eq!(bench.read(0).0, bench.word(0));
    assert_eq!(bench.lines, [0, LINES, 0]);
}

#[test]
fn a_line_that_comes_while_a_sector_is_forgotten_is_asked_for_again() {
    // A line that comes while the cache is still dropping others, and one that comes for longer.
    for interval in [1, 80] {
        // In cycles from the request to the word, and around.
        for moment in (0..3 + interval * MISS).step_by(1 + interval as usize / 16) {
            let mut bench: CompanionBench = Bench::new();
            // Its place is taken, by a line of another sector.
            let other = 0x1A3 + SECTOR_BYTES / 4;
            bench.read(other);
            for number in 0..3 + interval * MISS {
                let request = (number == 1).then_some(0x1A3);
                let sends = number % interval == 0;
                match number == moment {
                    true => bench.forget(0, request, sends),
                    false => bench.cycle(request, sends),
                };
            }
            // In the first cycle after that, the word may still be the one before.
            bench.cycle(None, true);
            let seen = bench.cycle(None, true);
            assert!(!seen.ready || seen.data == bench.word(0x1A3), "forgotten in cycle {moment}");
            bench.read(other);
            // Nor is any other line of this tag there.
            for address in (0x100..0x200).chain([other]) {
                assert_eq!(bench.read(address).0, bench.word(address), "forgotten in cycle {moment}");
            }
        }
    }
}

/// Random reads, fills with random delays, and forgotten sectors, against the flash.
fn hammer<
    const D: usize,
    const W: usize,
    const F: usize,
    const P: usize,
    const L: usize,
    const N: usize,
    const E: usize,
>(
    mut bench: Bench<D, W, F, P, L, N, E>,
) {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut below = |n: u64| rng.next_u64() % n;
    let bytes = D as u64 / 8;
    // The last request: where, and after how many changes of its sector.
    let mut asked: Option<(u64, u64)> = None;
    let (mut answers, mut old, mut was_ready) = (0, 0, false);
    let mut place = 0;
    for number in 0..160_000 {
        // Runs of words in a few lines, some of which share a place.
        let waiting = asked.is_some() && !was_ready;
        let request = (below(4) > 0 && (!waiting || below(50) == 0)).then(|| {
            place = match below(8) {
                0 => below(3) * 0x5000 + below(4) * LINES * LINE_BYTES + below(4) * LINE_BYTES,
                _ => place + bytes,
            } % 0x10_0000;
            place / bytes
        });
        let sends = below(if number / 5000 % 2 == 0 { 1 } else { 5 }) == 0;
        // A request in the cycle of a change may still see what was before.
        let changes = request.map_or(0, |address| bench.changes_at(address * bytes));
        let seen = match below(600) {
            0 => bench.forget(below(3) * 5, request, sends),
            _ => bench.cycle(request, sends),
        };
        if let (true, Some((address, changes))) = (seen.ready, asked) {
            let known = changes..=bench.changes_at(address * bytes);
            assert!(
                known.clone().any(|changes| seen.data == flash_word(address * bytes, bytes, changes)),
                "cycle {number}: {:x} at {address:x}, after changes {known:?}",
                seen.data
            );
            answers += u64::from(!was_ready || request.is_some());
            old += u64::from(seen.data != flash_word(address * bytes, bytes, *known.end()));
        }
        assert!(asked.is_some() || !seen.ready);
        was_ready = seen.ready;
        if let Some(address) = request {
            asked = Some((address, changes));
            was_ready = false;
        }
    }
    assert!(answers > 10_000 && bench.lines.len() > 200, "{answers} answers, {} lines", bench.lines.len());
    assert!(old < answers / 10, "{old} answers of {answers} from before a change");
}

#[test]
fn the_companion_reads_what_is_in_flash() {
    let bench: CompanionBench = Bench::new();
    let _: &CompanionCache = &bench.cache;
    hammer(bench);
}

#[test]
fn the_brainfuck_core_reads_what_is_in_flash() {
    let bench: ProgramBench = Bench::new();
    let _: &ProgramCache = &bench.cache;
    hammer(bench);
}
