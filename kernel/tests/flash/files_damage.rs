//! Damaged files.

use crate::config::config;
use kernel::files::{Files, FilesError};
use proptest::prelude::*;

use crate::files::{damages, mount, put, PAGE};
use crate::files_model::{operations, run};
use crate::nor::{Nor, Random, SECTOR};

/// What happens to the flash.
#[derive(Clone, Debug)]
enum Hit {
    Flip(usize, u32),
    Garbage(usize, usize, u64),
    Erased(usize, usize),
}

const SECTORS: usize = 12;

fn hits() -> impl Strategy<Value = Vec<Hit>> {
    // The start of a sector is where headers are.
    let page = (0..SECTORS, 0..PAGE).prop_map(|(sector, at)| sector * SECTOR + at);
    let at = prop_oneof![0..SECTORS * SECTOR, page];
    let hit = prop_oneof![
        (at.clone(), 0..8u32).prop_map(|(at, bit)| Hit::Flip(at, bit)),
        (at.clone(), 1..300usize, any::<u64>()).prop_map(|(at, length, seed)| Hit::Garbage(at, length, seed)),
        (at, 1..300usize).prop_map(|(at, length)| Hit::Erased(at, length)),
    ];
    prop::collection::vec(hit, 1..6)
}

fn damage(nor: &mut Nor, hits: &[Hit]) {
    let region = &mut nor.bytes[SECTOR..][..SECTORS * SECTOR];
    for hit in hits {
        match *hit {
            Hit::Flip(at, bit) => region[at] ^= 1 << bit,
            Hit::Garbage(at, length, seed) => {
                region[at..].iter_mut().zip(Random::bytes(seed, length)).for_each(|(old, new)| *old = new);
            }
            Hit::Erased(at, length) => region[at..].iter_mut().take(length).for_each(|byte| *byte = 0xFF),
        }
    }
}

/// Everything that can be done, whatever it says.
fn use_all(files: &mut Files<&mut Nor>) {
    let names: Vec<_> = files.list().map(|entry| entry.expect("is listed").name).collect();
    for name in &names {
        let opened = files.open(name.as_str());
        assert!(matches!(opened, Ok(_) | Err(FilesError::Damaged)), "{opened:?}");
    }
    let free = files.free().expect("works");
    if free.bytes > 0 {
        put(files, "new", &Random::bytes(1, free.largest as usize / 2)).expect("fits");
    }
    for name in &names {
        let done = files.rename(name.as_str(), "other");
        assert!(!matches!(done, Err(FilesError::Flash)), "{done:?}");
        let done = files.remove(name.as_str());
        assert!(matches!(done, Ok(_) | Err(FilesError::NotFound)), "{done:?}");
    }
    damages(files);
}

proptest! {
    #![proptest_config(config(1500))]

    /// Nothing panics, and what is not hit is served.
    #[test]
    fn damage_hurts_only_what_it_hits(operations in operations(25), hits in hits()) {
        let mut nor = Nor::blank(SECTORS);
        let model = run(&mut nor, &operations, false);
        let sound = nor.bytes.clone();
        let places: Vec<_> = mount(&mut nor).list().map(|entry| entry.expect("is listed")).collect();
        damage(&mut nor, &hits);

        let damaged = nor.bytes.clone();
        let mut files = mount(&mut nor);
        let reports = damages(&mut files);
        for entry in &places {
            let content = entry.file.address as usize..(entry.file.address + entry.file.length) as usize;
            let all = content.start - PAGE..content.end;
            if sound[all.clone()] == damaged[all] {
                prop_assert_eq!(files.open(entry.name.as_str()), Ok(entry.file));
            } else if sound[content.clone()] != damaged[content.clone()] {
                let opened = files.open(entry.name.as_str());
                prop_assert_ne!(&opened, &Ok(entry.file));
                // Chance can make a removed file of damaged marks, and a blank sector of a header that is erased.
                let head = content.start - PAGE..content.start - PAGE + 24;
                prop_assert!(sound[head.clone()] != damaged[head] || !reports.is_empty(), "{:?}", opened);
            }
        }
        // Fills the largest piece.
        let free = files.free().expect("works");
        if free.bytes > 0 {
            put(&mut files, "fresh", &Random::bytes(2, free.largest as usize)).expect("fits");
        }
        // The next file took nothing from those that are sound.
        for entry in &places {
            let content = entry.file.address as usize..(entry.file.address + entry.file.length) as usize;
            let all = content.start - PAGE..content.end;
            if sound[all.clone()] == damaged[all] {
                prop_assert_eq!(&nor.bytes[content], &model[entry.name.as_str()][..]);
            }
        }
        use_all(&mut mount(&mut nor));
    }

    /// Even if it never was a file system.
    #[test]
    fn any_content_of_the_flash_is_survived(seed: u64, blank in 0..SECTORS) {
        let mut nor = Nor::blank(SECTORS);
        let bytes = Random::bytes(seed, (SECTORS - blank) * SECTOR);
        nor.bytes[SECTOR..][..bytes.len()].copy_from_slice(&bytes);
        let mut files = mount(&mut nor);
        prop_assert_eq!(files.free().expect("works").bytes as usize, SECTORS * SECTOR);
        use_all(&mut files);
    }
}
