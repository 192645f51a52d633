//! How much of the flash is read: the companion reads byte by byte.

use kernel::files::Files;

use crate::files::{draft, mount, put};
use crate::nor::{Nor, Random, Reads, SECTOR};

const SECTORS: usize = 768;
const FILES: usize = 12;
/// The longest of the names.
const LAST: &str = "the-last-file.bfw";

/// Files in the first sectors, the others blank.
fn young() -> Nor {
    let mut nor = Nor::blank(SECTORS);
    let mut files = mount(&mut nor);
    for number in 1..=FILES {
        let name = if number == FILES { LAST.into() } else { format!("file-{number}.bfw") };
        put(&mut files, &name, &Random::bytes(number as u64, number * SECTOR)).expect("fits");
    }
    nor
}

/// The same, and one more at the end of the region with blank sectors before it.
fn sparse() -> Nor {
    let mut nor = young();
    let mut files = mount(&mut nor);
    let largest = files.free().expect("works").largest;
    let gone = files.create("gone", largest - SECTOR as u32).expect("fits");
    put(&mut files, "end", b"").expect("fits");
    files.abandon(gone).expect("abandons");
    // Where a draft was everything is erased when its turn comes.
    let first = draft(&mut files, "first", b"").expect("fits");
    files.abandon(first).expect("abandons");
    nor
}

fn mount_reads(nor: &Nor) -> Reads {
    let mut nor = nor.clone();
    nor.power_on();
    mount(&mut nor);
    nor.reads
}

/// What an operation reads on files that are mounted already.
fn reads(nor: &Nor, operation: impl FnOnce(&mut Files<&mut Nor>)) -> Reads {
    let mounted = mount_reads(nor);
    let mut nor = nor.clone();
    nor.power_on();
    operation(&mut mount(&mut nor));
    Reads { calls: nor.reads.calls - mounted.calls, bytes: nor.reads.bytes - mounted.bytes }
}

fn look_up(nor: &Nor, name: &str) -> Reads {
    reads(nor, |files| assert!(files.look_up(name).is_ok()))
}

fn list(nor: &Nor, count: usize) -> Reads {
    reads(nor, |files| assert_eq!(files.list().count(), count))
}

#[track_caller]
fn assert_at_most(reads: Reads, calls: usize, bytes: usize) {
    assert!(reads.calls <= calls && reads.bytes <= bytes, "{reads:?}");
}

/// The bounds were measured, and rounded up.
#[test]
fn walks_end_behind_the_last_file() {
    let nor = young();
    assert_at_most(mount_reads(&nor), 800, 5500);
    assert_at_most(look_up(&nor, LAST), 100, 3300);
    assert_at_most(list(&nor, FILES), 90, 3500);
    assert_at_most(reads(&nor, |files| assert!(files.free().is_ok())), 80, 3000);
    assert_at_most(reads(&nor, |files| assert!(files.remove("file-1.bfw").is_ok())), 100, 3300);
    assert_at_most(reads(&nor, |files| assert!(files.rename("file-1.bfw", LAST).is_ok())), 180, 6000);
}

#[test]
fn of_a_blank_sector_one_byte_is_read() {
    let nor = sparse();
    assert_at_most(mount_reads(&nor), 800, 6000);
    assert_at_most(look_up(&nor, "end"), 800, 6000);
    assert_at_most(list(&nor, FILES + 1), 800, 6500);

    let blank = mount_reads(&Nor::blank(SECTORS));
    assert_eq!(blank, Reads { calls: SECTORS, bytes: SECTORS });
}

#[test]
fn to_open_a_file_is_to_look_it_up_and_to_read_its_content() {
    let nor = young();
    let looked_up = look_up(&nor, LAST);
    let opened = reads(&nor, |files| assert!(files.open(LAST).is_ok()));
    assert_eq!(opened.bytes, looked_up.bytes + FILES * SECTOR);
}
