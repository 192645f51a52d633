//! Power cuts everywhere when cells are saved or forgotten.

use kernel::saved::SavedError;
use proptest::prelude::*;

use crate::config::config;
use crate::cuts;
use crate::nor::{Cut, Left, Nor, SECTOR};
use crate::saved::{newest, newest_checkpoint, save, saved, Core, Small};

/// What was saved before: nothing; little; in all slots, by two owners.
fn histories() -> [Nor; 3] {
    [0, 2, 13].map(|saves| {
        let mut nor = Nor::blank(8);
        for seed in 0..saves {
            let owner = (seed % 5).min(1) as u32;
            save(&mut saved(&mut nor), owner, &Core::within(seed)).expect("is saved");
        }
        nor
    })
}

fn everywhere(operation: impl Fn(&mut Small) -> Result<(), SavedError>) {
    let operation = |nor: &mut Nor| operation(&mut saved(nor)).map_err(|error| error.to_string());
    let view = |nor: &Nor| {
        let mut nor = nor.clone();
        let mut saved = saved(&mut nor);
        let states = [0, 1].map(|owner| newest(&mut saved, owner));
        let checkpoint = newest_checkpoint(&mut saved);
        assert!(checkpoint.is_none_or(|(owner, core)| states[owner as usize] == Some(core)));
        states
    };
    let next = |nor: &mut Nor| {
        save(&mut saved(nor), 1, &Core::within(500)).map(|_| ()).map_err(|error| error.to_string())
    };
    let with_next = |[first, _]: &[Option<Core>; 2]| [first.clone(), Some(Core::within(500))];
    for history in &histories() {
        cuts::everywhere(history, &operation, &view, &next, &with_next);
    }
}

#[test]
fn cells_are_saved() {
    everywhere(|saved| save(saved, 0, &Core::new(77)).map(|_| ()));
}

#[test]
fn a_checkpoint_is_saved() {
    everywhere(|saved| save(saved, 1, &Core::within(77)).map(|_| ()));
}

#[test]
fn an_owner_is_forgotten() {
    everywhere(|saved| saved.forget(0));
    everywhere(|saved| saved.forget(1));
}

/// What owners do: save, or forget.
#[derive(Clone, Debug)]
enum Operation {
    Save(u32, u64),
    Forget(u32),
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => (0..3u32, 0..1000u64).prop_map(|(owner, seed)| Operation::Save(owner, seed)),
        1 => (0..3u32).prop_map(Operation::Forget),
    ]
}

fn apply(nor: &mut Nor, operation: &Operation) -> Result<(), SavedError> {
    match operation {
        Operation::Save(owner, seed) => save(&mut saved(nor), *owner, &Core::within(*seed)).map(|_| ()),
        Operation::Forget(owner) => saved(nor).forget(*owner),
    }
}

fn states(nor: &Nor) -> [Option<Core>; 3] {
    [0, 1, 2].map(|owner| newest(&mut saved(&mut nor.clone()), owner))
}

/// Does the operation, with a cut in it if it writes anything. Whether there was one.
fn cut(nor: &mut Nor, operation: &Operation, at: prop::sample::Index, by_erase: bool) -> bool {
    nor.power_on();
    let mut whole = nor.clone();
    apply(&mut whole, operation).expect("there is room");
    if whole.programmed == 0 {
        return false;
    }
    nor.cut(if by_erase && whole.erased > 0 {
        Cut::Erase(at.index(whole.erased), Left::Mixed(at.index(SECTOR)))
    } else {
        Cut::Program(at.index(whole.programmed))
    });
    apply(nor, operation).expect_err("without power nothing works");
    nor.power_on();
    true
}

proptest! {
    #![proptest_config(config(1000))]

    /// Beside the exhaustive cuts: from any history, and twice.
    #[test]
    fn a_cut_operation_is_done_or_not_done(
        history in prop::collection::vec(operation(), 0..30),
        operations in [operation(), operation()],
        cuts in [any::<(prop::sample::Index, bool)>(), any::<(prop::sample::Index, bool)>()],
    ) {
        let mut nor = Nor::blank(10);
        for operation in &history {
            apply(&mut nor, operation).expect("there is room");
        }
        for (operation, (at, by_erase)) in operations.iter().zip(cuts) {
            let before = states(&nor);
            let mut whole = nor.clone();
            apply(&mut whole, operation).expect("there is room");
            let is_cut = cut(&mut nor, operation, at, by_erase);
            let seen = states(&nor);
            prop_assert!(seen == before || seen == states(&whole), "{operation:?}, cut: {is_cut}");
        }
        for operation in &operations {
            apply(&mut nor, operation).expect("there is room");
            match operation {
                Operation::Save(owner, seed) => {
                    prop_assert_eq!(&states(&nor)[*owner as usize], &Some(Core::within(*seed)));
                }
                Operation::Forget(owner) => prop_assert_eq!(&states(&nor)[*owner as usize], &None),
            }
        }
    }
}
