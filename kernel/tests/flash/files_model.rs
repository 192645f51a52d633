//! Random operations on files, beside a map that does the same.

use std::collections::BTreeMap;

use kernel::files::FilesError;
use proptest::prelude::*;

use crate::files::{contents, damages, draft, hostile, mount, put};
use crate::nor::{Nor, Random};

/// What can be done; names are numbers here.
#[derive(Clone, Debug)]
pub enum Operation {
    Put(u8, usize),
    Abandon(u8, usize),
    Rename(u8, u8),
    Remove(u8),
    Restart,
}

pub fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    let name = 0..6u8;
    let operation = prop_oneof![
        5 => (name.clone(), 0..2000usize).prop_map(|(name, length)| Operation::Put(name, length)),
        1 => (name.clone(), 0..1000usize).prop_map(|(name, length)| Operation::Abandon(name, length)),
        4 => (name.clone(), name.clone()).prop_map(|(from, to)| Operation::Rename(from, to)),
        3 => name.prop_map(Operation::Remove),
        1 => Just(Operation::Restart),
    ];
    prop::collection::vec(operation, 0..most)
}

/// Does the operations on the flash and says what must be there.
pub fn run(nor: &mut Nor, operations: &[Operation], hostilely: bool) -> BTreeMap<String, Vec<u8>> {
    let mut model = BTreeMap::new();
    let mut files = mount(nor);
    let content = |number: usize, length: usize| {
        if hostilely && number % 2 == 0 {
            hostile(length)
        } else {
            Random::bytes(number as u64, length)
        }
    };
    for (number, operation) in operations.iter().enumerate() {
        let free = files.free().expect("works");
        let fits = |length| free.bytes > 0 && length <= free.largest as usize;
        let done = match *operation {
            Operation::Put(name, length) => {
                let done = put(&mut files, &name.to_string(), &content(number, length)).map(|_| ());
                if fits(length) {
                    model.insert(name.to_string(), content(number, length));
                }
                assert_eq!(done.is_ok(), fits(length));
                done
            }
            Operation::Abandon(name, length) => {
                let draft = draft(&mut files, &name.to_string(), &content(number, length));
                assert_eq!(draft.is_ok(), fits(length));
                draft.and_then(|draft| files.abandon(draft))
            }
            Operation::Rename(from, to) => {
                let done = files.rename(&from.to_string(), &to.to_string());
                if done.is_ok() {
                    let content = model.remove(&from.to_string()).expect("was there");
                    model.insert(to.to_string(), content);
                } else if done == Err(FilesError::NotFound) {
                    assert!(!model.contains_key(&from.to_string()));
                }
                done
            }
            Operation::Remove(name) => {
                let done = files.remove(&name.to_string());
                assert_eq!(done.is_ok(), model.remove(&name.to_string()).is_some());
                done
            }
            Operation::Restart => {
                files = mount(nor);
                Ok(())
            }
        };
        match done {
            Ok(()) | Err(FilesError::NotFound) => {}
            Err(FilesError::NoSpace { largest }) => assert_eq!(largest, free.largest),
            Err(error) => panic!("{error}"),
        }
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn files_are_what_the_model_says(operations in operations(60)) {
        let mut nor = Nor::blank(12);
        let model = run(&mut nor, &operations, true);
        prop_assert_eq!(contents(&nor), model);
        prop_assert_eq!(damages(&mut mount(&mut nor)), []);
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
