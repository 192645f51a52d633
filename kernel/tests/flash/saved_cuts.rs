//! Power cuts everywhere when cells are saved or forgotten.

use kernel::saved::SavedError;

use crate::cuts;
use crate::nor::Nor;
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
