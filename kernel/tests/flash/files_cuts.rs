//! Power cuts everywhere in everything that is done to files.

use std::collections::BTreeMap;

use kernel::files::{Files, FilesError};

use crate::cuts;
use crate::files::{contents, draft, hostile, mount, put};
use crate::nor::Nor;

type Contents = BTreeMap<String, Vec<u8>>;

/// What was done to the files before.
fn histories() -> Vec<Nor> {
    let blank = Nor::blank(12);

    // Files, and a few sectors that were one.
    let mut few = blank.clone();
    let mut files = mount(&mut few);
    put(&mut files, "a", &hostile(100)).expect("fits");
    put(&mut files, "gone", &hostile(300)).expect("fits");
    put(&mut files, "b", &hostile(300)).expect("fits");
    files.remove("gone").expect("removes");

    // No sector is blank any more, and the search for space has gone around.
    let mut used = few.clone();
    let mut files = mount(&mut used);
    for round in 0..9 {
        put(&mut files, "gone", &hostile(200 * round % 900)).expect("fits");
        let draft = draft(&mut files, "draft", &hostile(300)).expect("fits");
        files.abandon(draft).expect("abandons");
    }
    files.remove("gone").expect("removes");

    // A replacement and a draft were cut.
    let mut begun = used.clone();
    begun.power_on();
    let replace = |nor: &mut Nor| put(&mut mount(nor), "b", &hostile(280)).map(|_| ());
    let mut whole = begun.clone();
    replace(&mut whole).expect("works");
    begun.cut(crate::nor::Cut::Program(whole.programmed - 2));
    replace(&mut begun).expect_err("is cut");
    begun.power_on();

    vec![blank, few, used, begun]
}

/// A history in which `a` has no record left.
fn renamed(history: &Nor) -> Nor {
    let mut nor = history.clone();
    let mut files = mount(&mut nor);
    for (from, to) in [("a", "x"), ("x", "a")] {
        files.rename(from, to).expect("renames");
    }
    nor
}

fn everywhere(nor: &Nor, operation: impl Fn(&mut Files<&mut Nor>) -> Result<(), FilesError>) {
    let next = |nor: &mut Nor| {
        let region = nor.region();
        let mut files = Files::mount(nor, region).map_err(|error| error.to_string())?;
        put(&mut files, "next", &hostile(100)).map_err(|error| error.to_string())?;
        Ok(())
    };
    let with_next = |seen: &Contents| {
        let mut seen = seen.clone();
        seen.insert("next".into(), hostile(100));
        seen
    };
    let operation = |nor: &mut Nor| {
        let region = nor.region();
        let mut files = Files::mount(nor, region).map_err(|error| error.to_string())?;
        operation(&mut files).map_err(|error| error.to_string())
    };
    cuts::everywhere(nor, &operation, &contents, &next, &with_next);
}

/// From those histories that have files.
fn with_files(operation: impl Fn(&mut Files<&mut Nor>) -> Result<(), FilesError>) {
    for history in &histories()[1..] {
        everywhere(history, &operation);
    }
}

#[test]
fn a_new_file() {
    for history in &histories() {
        everywhere(history, |files| put(files, "new", &hostile(600)).map(|_| ()));
    }
}

#[test]
fn a_new_file_over_all_that_is_dead() {
    for history in &histories()[2..] {
        let largest = mount(&mut history.clone()).free().expect("works").largest;
        // One sector less, for the next file.
        everywhere(history, |files| put(files, "new", &hostile(largest as usize - 512)).map(|_| ()));
    }
}

#[test]
fn a_file_that_needs_less_than_it_asked_for() {
    with_files(|files| {
        let mut draft = files.create("new", 1200)?;
        files.write(&mut draft, 0, &hostile(280))?;
        files.seal(draft).map(|_| ())
    });
}

#[test]
fn a_new_file_where_one_was_that_needed_less_than_it_asked_for() {
    let mut nor = Nor::blank(7);
    let mut files = mount(&mut nor);
    let mut gone = files.create("gone", 1200).expect("fits");
    files.write(&mut gone, 0, &hostile(100)).expect("writes");
    files.seal(gone).expect("seals");
    for name in ["a", "b", "last"] {
        put(&mut files, name, &hostile(700)).expect("fits");
    }
    files.remove("gone").expect("removes");
    files.remove("last").expect("removes");
    everywhere(&nor, |files| put(files, "new", &hostile(200)).map(|_| ()));
}

#[test]
fn a_replacement() {
    with_files(|files| put(files, "a", &hostile(400)).map(|_| ()));
}

#[test]
fn a_new_name() {
    with_files(|files| files.rename("a", "c").map(|_| ()));
}

#[test]
fn the_name_of_another_file() {
    with_files(|files| files.rename("a", "b").map(|_| ()));
    with_files(|files| files.rename("b", "a").map(|_| ()));
}

#[test]
fn a_new_name_without_a_record_left() {
    for history in &histories()[1..] {
        everywhere(&renamed(history), |files| files.rename("a", "c").map(|_| ()));
    }
}

#[test]
fn the_name_of_another_file_without_a_record_left() {
    for history in &histories()[1..] {
        everywhere(&renamed(history), |files| files.rename("a", "b").map(|_| ()));
    }
}

#[test]
fn a_removal() {
    with_files(|files| files.remove("a").map(|_| ()));
}

#[test]
fn a_draft_that_is_abandoned() {
    with_files(|files| {
        let draft = draft(files, "a", &hostile(300))?;
        files.abandon(draft)
    });
}
