//! The rules of files, one by one.

use std::collections::BTreeMap;

use kernel::files::{Damage, Draft, File, Files, FilesError, Free, Renamed, Sealed, NAME_BYTES};

use crate::nor::{Nor, Random, SECTOR};

/// Bytes of a header page.
pub const PAGE: usize = 256;

pub fn mount(nor: &mut Nor) -> Files<&mut Nor> {
    let region = nor.region();
    Files::mount(nor, region).expect("mounts")
}

pub fn draft(files: &mut Files<&mut Nor>, name: &str, content: &[u8]) -> Result<Draft, FilesError> {
    let mut draft = files.create(name, content.len() as u32)?;
    files.write(&mut draft, 0, content)?;
    Ok(draft)
}

pub fn put(files: &mut Files<&mut Nor>, name: &str, content: &[u8]) -> Result<File, FilesError> {
    let draft = draft(files, name, content)?;
    files.seal(draft).map(|sealed| sealed.file)
}

/// All files after a restart, with their contents.
pub fn contents(nor: &Nor) -> BTreeMap<String, Vec<u8>> {
    let mut nor = nor.clone();
    let mut files = mount(&mut nor);
    let entries: Vec<_> = files.list().map(|entry| entry.expect("is listed")).collect();
    for entry in &entries {
        assert_eq!(files.open(entry.name.as_str()), Ok(entry.file), "{}", entry.name);
    }
    let content = |file: &File| nor.bytes[file.address as usize..][..file.length as usize].to_vec();
    let count = entries.len();
    let all: BTreeMap<_, _> =
        entries.into_iter().map(|entry| (entry.name.as_str().to_owned(), content(&entry.file))).collect();
    assert_eq!(all.len(), count, "a name twice");
    all
}

pub fn damages(files: &mut Files<&mut Nor>) -> Vec<Damage> {
    files.check().map(|damage| damage.expect("checks")).collect()
}

/// A content that is a header page of another file at every sector.
pub fn hostile(length: usize) -> Vec<u8> {
    let mut nor = Nor::blank(1);
    put(&mut mount(&mut nor), "hostile", b"").expect("fits");
    let page = &nor.bytes[SECTOR..][..PAGE];
    page.iter().copied().cycle().take(length).collect()
}

fn names(files: &mut Files<&mut Nor>) -> Vec<String> {
    files.list().map(|entry| entry.expect("is listed").name.as_str().to_owned()).collect()
}

#[test]
fn a_sealed_file_is_found_in_one_piece() {
    let mut nor = Nor::blank(12);
    let content = Random::bytes(1, 1500);
    let file = put(&mut mount(&mut nor), "a", &content).expect("fits");
    assert_eq!(nor.bytes[file.address as usize..][..file.length as usize], content);
    assert_eq!(mount(&mut nor).open("a"), Ok(file));
    assert_eq!(mount(&mut nor).open("b"), Err(FilesError::NotFound));
    assert_eq!(mount(&mut nor).look_up("a"), Ok(file));
    for name in ["b", "", "aa", &"a".repeat(NAME_BYTES + 1)] {
        assert_eq!(mount(&mut nor).look_up(name), Err(FilesError::NotFound), "{name}");
    }
}

#[test]
fn a_draft_is_written_in_any_order_and_ends_with_the_last_byte_written() {
    let mut nor = Nor::blank(12);
    let mut files = mount(&mut nor);
    let mut draft = files.create("a", 900).expect("fits");
    files.write(&mut draft, 700, b"end").expect("writes");
    files.write(&mut draft, 0, b"start").expect("writes");
    let file = files.seal(draft).expect("seals").file;
    assert_eq!(file.length, 703);
    let mut expected = vec![0xFF; 703];
    expected[..5].copy_from_slice(b"start");
    expected[700..].copy_from_slice(b"end");
    assert_eq!(contents(&nor)["a"], expected);
}

#[test]
fn nothing_is_written_behind_what_was_asked_for() {
    let mut nor = Nor::blank(12);
    let mut files = mount(&mut nor);
    let mut draft = files.create("a", 300).expect("fits");
    assert_eq!(files.write(&mut draft, 298, b"abc"), Err(FilesError::TooLong));
    assert_eq!(files.write(&mut draft, u32::MAX, b"abc"), Err(FilesError::TooLong));
    assert_eq!(files.write(&mut draft, 297, b"abc"), Ok(()));
    files.seal(draft).expect("seals");
}

#[test]
fn a_file_replaces_the_one_of_its_name_when_it_is_sealed() {
    let mut nor = Nor::blank(12);
    let mut files = mount(&mut nor);
    let old = put(&mut files, "a", b"old").expect("fits");
    let draft = draft(&mut files, "a", b"new").expect("fits");
    assert_eq!(files.open("a"), Ok(old));
    let Sealed { file: new, replaced } = files.seal(draft).expect("seals");
    assert_ne!(old.id, new.id);
    assert_eq!(replaced, Some(old));
    assert_eq!(files.open("a"), Ok(new));
    assert_eq!(contents(&nor), BTreeMap::from([("a".into(), b"new".to_vec())]));
}

#[test]
fn a_draft_is_not_listed_and_is_removed_by_the_next_mount() {
    let mut nor = Nor::blank(2);
    let mut files = mount(&mut nor);
    let draft = draft(&mut files, "a", &hostile(700)).expect("fits");
    assert_eq!(names(&mut files), [""; 0]);
    assert_eq!(files.free(), Ok(Free { bytes: 0, largest: 0 }));
    let _ = draft;
    let mut files = mount(&mut nor);
    assert_eq!(names(&mut files), [""; 0]);
    assert_eq!(files.free(), Ok(Free { bytes: 1024, largest: 768 }));
    put(&mut files, "b", &hostile(768)).expect("fits");
}

#[test]
fn an_abandoned_draft_gives_its_space_back() {
    let mut nor = Nor::blank(2);
    let mut files = mount(&mut nor);
    let draft = draft(&mut files, "a", &hostile(700)).expect("fits");
    assert_eq!(files.create("b", 0).err(), Some(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(0));
    files.abandon(draft).expect("abandons");
    put(&mut files, "b", &hostile(768)).expect("fits");
}

#[test]
fn what_was_asked_for_and_not_needed_is_free_again() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    let mut draft = files.create("a", 1792).expect("fits");
    files.write(&mut draft, 0, &hostile(300)).expect("writes");
    files.seal(draft).expect("seals");
    assert_eq!(files.free(), Ok(Free { bytes: 1024, largest: 768 }));
    put(&mut files, "b", &hostile(768)).expect("fits");
    assert_eq!(contents(&nor), BTreeMap::from([("a".into(), hostile(300)), ("b".into(), hostile(768))]));
}

#[test]
fn a_file_is_renamed_as_often_as_one_likes() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    let content = hostile(300);
    let first = put(&mut files, "0", &content).expect("fits");
    let mut file = first;
    for number in 0..20 {
        let renamed = files.rename(number.to_string(), (number + 1).to_string()).expect("renames");
        let copied = (number >= 2 && number % 2 == 0).then_some(file);
        assert_eq!(renamed, Renamed { file: renamed.file, replaced: None, copied });
        assert_eq!(renamed.file == file, copied.is_none());
        file = renamed.file;
        assert_eq!(files.open((number + 1).to_string()), Ok(file));
        assert_eq!(file == first, number < 2, "copied when the records are used up");
    }
    assert_eq!(contents(&nor), BTreeMap::from([("20".into(), content)]));
}

#[test]
fn a_renamed_file_replaces_the_one_of_its_new_name() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    let file = put(&mut files, "a", b"first").expect("fits");
    let second = put(&mut files, "b", b"second").expect("fits");
    let renamed = Renamed { file, replaced: Some(second), copied: None };
    assert_eq!(files.rename("a", "b"), Ok(renamed));
    assert_eq!(files.rename("a", "b"), Err(FilesError::NotFound));
    assert_eq!(files.rename("b", "b"), Ok(Renamed { replaced: None, ..renamed }));
    assert_eq!(names(&mut files), ["b"]);
    assert_eq!(contents(&nor), BTreeMap::from([("b".into(), b"first".to_vec())]));
}

#[test]
fn a_file_that_has_no_record_left_is_copied_also_onto_another() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    put(&mut files, "a", &hostile(300)).expect("fits");
    put(&mut files, "d", b"other").expect("fits");
    for (from, to) in [("a", "b"), ("b", "c")] {
        files.rename(from, to).expect("renames");
    }
    assert_eq!(files.rename("c", "d"), Err(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(256));
    files.rename("d", "e").expect("renames");
    files.remove("e").expect("removes");
    put(&mut files, "d", b"another").expect("fits");
    assert_eq!(files.rename("c", "d"), Err(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(256));
    assert_eq!(contents(&nor)["c"], hostile(300));
}

#[test]
fn a_file_that_is_copied_onto_another_gives_up_both_places() {
    let mut nor = Nor::blank(6);
    let mut files = mount(&mut nor);
    let old = put(&mut files, "a", &hostile(300)).expect("fits");
    let other = put(&mut files, "d", b"other").expect("fits");
    for (from, to) in [("a", "b"), ("b", "c")] {
        files.rename(from, to).expect("renames");
    }
    let renamed = files.rename("c", "d").expect("renames");
    assert_eq!((renamed.replaced, renamed.copied), (Some(other), Some(old)));
    assert_ne!(renamed.file, old);
    assert_eq!(files.open("d"), Ok(renamed.file));
    assert_eq!(contents(&nor), BTreeMap::from([("d".into(), hostile(300))]));
}

#[test]
fn a_removed_file_gives_its_space_back() {
    let mut nor = Nor::blank(2);
    let mut files = mount(&mut nor);
    put(&mut files, "a", &hostile(768)).expect("fits");
    assert_eq!(files.create("b", 1).err(), Some(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(0));
    files.remove("a").expect("removes");
    assert_eq!(files.remove("a"), Err(FilesError::NotFound));
    assert_eq!(files.free(), Ok(Free { bytes: 1024, largest: 768 }));
    put(&mut files, "b", &hostile(768)).expect("fits");
}

#[test]
fn a_removed_file_keeps_its_content_until_a_draft_is_created() {
    let mut nor = Nor::blank(2);
    let mut files = mount(&mut nor);
    let file = put(&mut files, "a", &hostile(768)).expect("fits");
    assert_eq!(files.remove("a"), Ok(file));
    assert_eq!(nor.bytes[file.address as usize..][..768], hostile(768));
}

#[test]
fn a_name_that_another_one_begins_with_is_another_one() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    let long = "n".repeat(NAME_BYTES);
    let named: Vec<_> = (1..=4).map(|cut| (&long[..long.len() - cut + 1], [cut as u8].repeat(cut))).collect();
    for (name, content) in &named {
        put(&mut files, name, content).expect("fits");
    }
    for (name, content) in &named {
        assert_eq!(files.look_up(name).expect("is there").length as usize, content.len());
    }
    assert_eq!(files.look_up(&long[..NAME_BYTES - 4]), Err(FilesError::NotFound));
    assert_eq!(names(&mut files).len(), 4);
}

#[test]
fn a_file_needs_one_piece_of_free_space() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    for name in ["a", "b", "c", "d"] {
        put(&mut files, name, b"").expect("fits");
    }
    files.remove("a").expect("removes");
    files.remove("c").expect("removes");
    assert_eq!(files.free(), Ok(Free { bytes: 1024, largest: 256 }));
    assert_eq!(files.create("e", 257).err(), Some(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(256));
    assert_eq!(files.create("e", u32::MAX).err(), Some(FilesError::NoSpace));
    assert_eq!(files.free().map(|free| free.largest), Ok(256));
    put(&mut files, "e", &hostile(256)).expect("fits");
}

#[test]
fn names_can_be_seen_and_have_no_slash() {
    let mut nor = Nor::blank(4);
    let mut files = mount(&mut nor);
    let long = "n".repeat(NAME_BYTES);
    put(&mut files, &long, b"").expect("fits");
    put(&mut files, "!~", b"").expect("fits");
    for name in ["", " ", "a b", "a/b", "\u{e4}", "\n", "\u{7f}", &(long.clone() + "n")] {
        assert_eq!(files.create(name, 1).err(), Some(FilesError::Name), "{name}");
        assert_eq!(files.rename("!~", name), Err(FilesError::Name), "{name}");
        assert_eq!(files.open(name), Err(FilesError::NotFound), "{name}");
    }
    assert_eq!(names(&mut files), [&long, "!~"]);
}

#[test]
fn numbers_grow_after_a_restart() {
    let mut nor = Nor::blank(4);
    let mut last = 0;
    for _ in 0..10 {
        let file = put(&mut mount(&mut nor), "a", b"").expect("fits");
        assert!(file.id > last);
        last = file.id;
    }
}

#[test]
fn without_numbers_no_file_is_created() {
    let mut nor = Nor::blank(4);
    put(&mut mount(&mut nor), "a", b"").expect("fits");
    let crc = |bytes: &[u8]| images::crc32::crc32(bytes).to_le_bytes();
    nor.bytes[SECTOR + 8..SECTOR + 12].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    let sum = crc(&nor.bytes[SECTOR..SECTOR + 16]);
    nor.bytes[SECTOR + 16..SECTOR + 20].copy_from_slice(&sum);
    let mut files = mount(&mut nor);
    assert!(files.open("a").is_ok());
    assert_eq!(files.create("b", 1).err(), Some(FilesError::NoIds));
}

#[test]
fn sectors_are_used_in_turn_also_over_restarts() {
    let mut nor = Nor::blank(12);
    put(&mut mount(&mut nor), "stays", &hostile(600)).expect("fits");
    for round in 0..200 {
        let mut files = mount(&mut nor);
        put(&mut files, "a", &hostile(round * 7 % 800)).expect("fits");
        let draft = draft(&mut files, "b", &hostile(round * 5 % 500)).expect("fits");
        files.abandon(draft).expect("abandons");
    }
    let wear = &nor.wear()[2..];
    let (least, most) = (wear.iter().min().expect("sectors"), wear.iter().max().expect("sectors"));
    assert!(*least > 30 && most - least <= most / 4, "{wear:?}");
}

#[test]
fn a_blank_sector_is_not_erased() {
    let mut nor = Nor::blank(12);
    let mut files = mount(&mut nor);
    for name in ["a", "b", "c"] {
        put(&mut files, name, &hostile(1200)).expect("fits");
    }
    assert_eq!(nor.wear(), [0; 12]);
}

#[test]
fn every_flipped_bit_of_a_file_is_reported_and_the_others_are_served() {
    let mut nor = Nor::blank(6);
    let mut files = mount(&mut nor);
    put(&mut files, "a", &Random::bytes(1, 300)).expect("fits");
    let middle = put(&mut files, "b", &Random::bytes(2, 300)).expect("fits");
    put(&mut files, "c", &Random::bytes(3, 300)).expect("fits");
    files.rename("b", "bb").expect("renames");
    assert_eq!(damages(&mut files), []);
    let page = middle.address as usize - PAGE;
    let written = (0..24).chain(64..192).chain(PAGE..PAGE + 300);
    for (byte, bit) in written.flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut nor = nor.clone();
        nor.bytes[page + byte] ^= 1 << bit;
        let mut files = mount(&mut nor);
        assert!(files.open("a").is_ok() && files.open("c").is_ok(), "byte {byte} bit {bit}");
        assert_ne!(damages(&mut files), [], "byte {byte} bit {bit}");
        match files.open("bb") {
            Ok(file) => assert_eq!(file, middle),
            Err(FilesError::Damaged) => assert!(byte >= PAGE),
            Err(error) => assert!(error == FilesError::NotFound && (byte < 20 || (128..192).contains(&byte))),
        }
    }
}

#[test]
fn a_damaged_file_is_not_opened_nor_copied() {
    let mut nor = Nor::blank(6);
    let mut files = mount(&mut nor);
    let file = put(&mut files, "a", &Random::bytes(1, 300)).expect("fits");
    for (from, to) in [("a", "b"), ("b", "c")] {
        files.rename(from, to).expect("renames");
    }
    nor.bytes[file.address as usize] ^= 1;
    let mut files = mount(&mut nor);
    assert_eq!(files.look_up("c"), Ok(file));
    assert_eq!(files.open("c"), Err(FilesError::Damaged));
    assert_eq!(files.rename("c", "d"), Err(FilesError::Damaged));
    assert!(
        matches!(&damages(&mut files)[..], [Damage::Content { sector: 0, name }] if name.as_str() == "c")
    );
    files.remove("c").expect("removes");
    put(&mut files, "c", b"again").expect("fits");
    assert_eq!(damages(&mut files), []);
}

#[test]
fn the_space_of_a_damaged_header_is_used_again() {
    let mut nor = Nor::blank(2);
    put(&mut mount(&mut nor), "a", &Random::bytes(1, 700)).expect("fits");
    nor.bytes[SECTOR + 4] ^= 1;
    let mut files = mount(&mut nor);
    assert_eq!(damages(&mut files), [Damage::Header { sector: 0 }, Damage::Header { sector: 1 }]);
    put(&mut files, "b", &Random::bytes(2, 700)).expect("fits");
    assert_eq!(damages(&mut files), []);
}
