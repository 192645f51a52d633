//! Random operations on files, beside a map that does the same.

use std::collections::BTreeMap;

use crate::config::config;
use kernel::files::{File, Files, FilesError};
use proptest::prelude::*;

use crate::files::{contents, damages, draft, hostile, mount};
use crate::nor::{Cut, Left, Nor, Random, SECTOR};

/// What can be done; names are numbers here.
#[derive(Clone, Debug)]
pub enum Operation {
    Put(u8, usize),
    Abandon(u8, usize),
    Rename(u8, u8),
    Remove(u8),
    Restart,
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = 0..6u8;
    prop_oneof![
        5 => (name.clone(), 0..2000usize).prop_map(|(name, length)| Operation::Put(name, length)),
        1 => (name.clone(), 0..1000usize).prop_map(|(name, length)| Operation::Abandon(name, length)),
        4 => (name.clone(), name.clone()).prop_map(|(from, to)| Operation::Rename(from, to)),
        3 => name.prop_map(Operation::Remove),
        1 => Just(Operation::Restart),
    ]
}

pub fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 0..most)
}

/// Does one operation; a restart is not up to the files. The files whose places were given up.
fn apply(
    files: &mut Files<&mut Nor>,
    operation: &Operation,
    content: impl Fn(usize) -> Vec<u8>,
) -> Result<Vec<File>, FilesError> {
    Ok(match *operation {
        Operation::Put(name, length) => {
            let draft = draft(files, &name.to_string(), &content(length))?;
            files.seal(draft)?.replaced.into_iter().collect()
        }
        Operation::Abandon(name, length) => {
            let draft = draft(files, &name.to_string(), &content(length))?;
            files.abandon(draft)?;
            Vec::new()
        }
        Operation::Rename(from, to) => {
            let renamed = files.rename(from.to_string(), to.to_string())?;
            renamed.replaced.into_iter().chain(renamed.copied).collect()
        }
        Operation::Remove(name) => vec![files.remove(name.to_string())?],
        Operation::Restart => Vec::new(),
    })
}

fn listed(files: &mut Files<&mut Nor>) -> Vec<File> {
    files.list().map(|entry| entry.expect("is listed").file).collect()
}

/// Does the operations on the flash and says what must be there.
pub fn run(nor: &mut Nor, operations: &[Operation], hostilely: bool) -> BTreeMap<String, Vec<u8>> {
    let mut model = BTreeMap::<String, Vec<u8>>::new();
    let mut files = mount(nor);
    for (number, operation) in operations.iter().enumerate() {
        let content = |length: usize| {
            if hostilely && number % 2 == 0 {
                hostile(length)
            } else {
                Random::bytes(number as u64, length)
            }
        };
        let free = files.free().expect("works");
        let mut gone = listed(&mut files);
        let done = apply(&mut files, operation, content);
        let after = listed(&mut files);
        gone.retain(|file| !after.contains(file));
        let mut given_up = done.clone().unwrap_or_default();
        given_up.sort_by_key(|file| file.address);
        assert_eq!(given_up, gone, "{operation:?}");
        match done {
            Ok(_) | Err(FilesError::NotFound) => {}
            Err(FilesError::NoSpace) => {
                let length = match *operation {
                    Operation::Put(_, length) | Operation::Abandon(_, length) => length,
                    Operation::Rename(from, _) => model[&from.to_string()].len(),
                    Operation::Remove(_) | Operation::Restart => panic!("takes no space"),
                };
                assert!(free.bytes == 0 || length > free.largest as usize, "{operation:?}");
            }
            Err(error) => panic!("{error}"),
        }
        match *operation {
            Operation::Put(name, length) => {
                assert_eq!(done.is_ok(), free.bytes > 0 && length <= free.largest as usize);
                if done.is_ok() {
                    model.insert(name.to_string(), content(length));
                }
            }
            Operation::Abandon(_, length) => {
                assert_eq!(done.is_ok(), free.bytes > 0 && length <= free.largest as usize);
            }
            Operation::Rename(from, to) => {
                assert_eq!(done == Err(FilesError::NotFound), !model.contains_key(&from.to_string()));
                if done.is_ok() {
                    let content = model.remove(&from.to_string()).expect("was there");
                    model.insert(to.to_string(), content);
                }
            }
            Operation::Remove(name) => {
                assert_eq!(done.is_ok(), model.remove(&name.to_string()).is_some());
            }
            Operation::Restart => files = mount(nor),
        }
    }
    model
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn files_are_what_the_model_says(operations in operations(60)) {
        let mut nor = Nor::blank(12);
        let model = run(&mut nor, &operations, true);
        prop_assert_eq!(contents(&nor), model);
        prop_assert_eq!(damages(&mut mount(&mut nor)), []);
    }

    /// Beside the exhaustive cuts: from any history.
    #[test]
    fn a_cut_operation_is_done_or_not_done(
        operations in operations(40),
        last in operation(),
        bytes: prop::sample::Index,
        erases: prop::sample::Index,
        by_erase: bool,
    ) {
        let mut nor = Nor::blank(12);
        let before = run(&mut nor, &operations, true);
        nor.power_on();
        let mut whole = nor.clone();
        let done = apply(&mut mount(&mut whole), &last, hostile);
        if done.is_err() || whole.programmed == 0 {
            return Ok(());
        }

        nor.cut(if by_erase && whole.erased > 0 {
            Cut::Erase(erases.index(whole.erased), Left::Mixed(bytes.index(SECTOR)))
        } else {
            Cut::Program(bytes.index(whole.programmed))
        });
        let region = nor.region();
        let cut = Files::mount(&mut nor, region).and_then(|mut files| apply(&mut files, &last, hostile));
        prop_assert!(matches!(cut, Err(FilesError::Flash)));
        nor.power_on();
        let seen = contents(&nor);
        prop_assert!(seen == before || seen == contents(&whole));
        if apply(&mut mount(&mut nor), &last, hostile).is_ok() {
            prop_assert_eq!(contents(&nor), contents(&whole));
        }
    }
}

#[test]
fn space_that_runs_out_again_and_again_wears_the_sectors_alike() {
    let mut nor = Nor::blank(12);
    let mut random = Random(5);
    let operations: Vec<_> = (0..6000)
        .map(|_| match random.byte() % 8 {
            0..=4 => Operation::Put(random.byte() % 6, usize::from(random.byte()) * 4),
            5 => Operation::Rename(random.byte() % 6, random.byte() % 6),
            6 => Operation::Remove(random.byte() % 6),
            _ => Operation::Restart,
        })
        .collect();
    let model = run(&mut nor, &operations, false);
    assert_eq!(contents(&nor), model);
    let wear = nor.wear();
    let (least, most) = (wear.iter().min().expect("sectors"), wear.iter().max().expect("sectors"));
    assert!(*least > 100 && *most < 2 * least, "{wear:?}");
}
