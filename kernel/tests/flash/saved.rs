//! The rules of saved cells, one by one.

use crate::config::config;
use kernel::saved::{Checkpoint, Outcome, Saved, SavedError, Sink, Source};
use proptest::prelude::*;

use crate::nor::{Nor, Random, SECTOR};

pub const CELLS: usize = 300;
/// Sectors of a slot: a page and the cells.
pub const SLOT: usize = 2;

pub type Small<'a> = Saved<&'a mut Nor, CELLS>;

/// Cells in the RAM of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    pub cells: Vec<u8>,
    pub checkpoint: Option<Checkpoint>,
}

impl Core {
    /// A core that has computed something.
    pub fn new(seed: u64) -> Core {
        Core { cells: Random::bytes(seed, CELLS), checkpoint: None }
    }

    /// The same in the midst of a program.
    pub fn within(seed: u64) -> Core {
        let checkpoint = Checkpoint {
            position: 70_000 + seed as u32,
            pointer: 99,
            end_of_input: 2,
            pending: (seed % 2 == 0).then_some(0xFF),
        };
        Core { checkpoint: Some(checkpoint), ..Core::new(seed) }
    }
}

impl Source for Core {
    fn cells(&mut self, at: u16, into: &mut [u8]) {
        into.copy_from_slice(&self.cells[at.into()..][..into.len()]);
    }
}

impl Sink for Core {
    fn cells(&mut self, at: u16, from: &[u8]) {
        self.cells[at.into()..][..from.len()].copy_from_slice(from);
    }
}

pub fn saved(nor: &mut Nor) -> Small<'_> {
    let region = nor.region();
    Saved::new(nor, region)
}

pub fn save(saved: &mut Small, owner: u32, core: &Core) -> Result<Outcome, SavedError> {
    saved.save(owner, core.checkpoint, &mut core.clone())
}

/// An owner's newest state.
pub fn newest(saved: &mut Small, owner: u32) -> Option<Core> {
    let state = saved.newest(owner).expect("is read")?;
    let mut core = Core { cells: vec![0; CELLS], checkpoint: state.checkpoint() };
    saved.load(&state, &mut core).expect("is loaded");
    Some(core)
}

#[test]
fn what_is_saved_is_loaded() {
    let mut nor = Nor::blank(8);
    assert_eq!(newest(&mut saved(&mut nor), 1), None);
    for core in [Core::new(1), Core::within(2), Core::within(3), Core::new(4)] {
        assert_eq!(save(&mut saved(&mut nor), 1, &core), Ok(Outcome::Written));
        assert_eq!(newest(&mut saved(&mut nor), 1), Some(core));
        assert_eq!(newest(&mut saved(&mut nor), 2), None);
    }
}

#[test]
fn nothing_is_written_if_nothing_changed() {
    let mut nor = Nor::blank(8);
    let mut core = Core::within(1);
    for change in 0..4 {
        match change {
            1 => core.cells[CELLS - 1] ^= 1,
            2 => core.checkpoint.as_mut().expect("is one").pointer += 1,
            3 => core.checkpoint = None,
            _ => {}
        }
        assert_eq!(save(&mut saved(&mut nor), 1, &core), Ok(Outcome::Written), "change {change}");
        let (bytes, programmed) = (nor.bytes.clone(), nor.programmed);
        assert_eq!(save(&mut saved(&mut nor), 1, &core), Ok(Outcome::Unchanged), "change {change}");
        assert_eq!((nor.bytes.clone(), nor.programmed), (bytes, programmed));
    }
}

#[test]
fn the_slots_are_used_in_turn() {
    let mut nor = Nor::blank(16);
    save(&mut saved(&mut nor), 9, &Core::new(0)).expect("is saved");
    for round in 0..300 {
        save(&mut saved(&mut nor), round % 2, &Core::within(round.into())).expect("is saved");
        if round % 3 == 0 {
            saved(&mut nor).forget(round % 2).expect("forgets");
        }
    }
    let wear = &nor.wear()[SLOT..];
    let (least, most) = (wear.iter().min().expect("sectors"), wear.iter().max().expect("sectors"));
    assert!(*least > 30 && most - least <= most / 4, "{wear:?}");
}

#[test]
fn no_owner_loses_its_newest_state_to_others() {
    let mut nor = Nor::blank(8);
    for owner in 0..4 {
        save(&mut saved(&mut nor), owner, &Core::new(owner.into())).expect("is saved");
    }
    for owner in [0, 3, 7] {
        assert_eq!(save(&mut saved(&mut nor), owner, &Core::new(99)), Err(SavedError::Full));
    }
    saved(&mut nor).forget(2).expect("forgets");
    for round in 100..120 {
        save(&mut saved(&mut nor), 3, &Core::new(round)).expect("is saved");
    }
    for (owner, seed) in [(0, 0), (1, 1), (3, 119)] {
        assert_eq!(newest(&mut saved(&mut nor), owner), Some(Core::new(seed)));
    }
}

#[test]
fn what_is_forgotten_is_gone_and_the_others_are_not() {
    let mut nor = Nor::blank(12);
    for seed in 0..4 {
        save(&mut saved(&mut nor), seed as u32 % 2, &Core::new(seed)).expect("is saved");
    }
    saved(&mut nor).forget(0).expect("forgets");
    saved(&mut nor).forget(5).expect("forgets");
    assert_eq!(newest(&mut saved(&mut nor), 0), None);
    assert_eq!(newest(&mut saved(&mut nor), 1), Some(Core::new(3)));
}

/// Owner and core of the newest checkpoint of all.
pub fn newest_checkpoint(saved: &mut Small) -> Option<(u32, Core)> {
    let owner = saved.newest_checkpoint().expect("is read")?.owner();
    let core = newest(saved, owner)?;
    assert!(core.checkpoint.is_some());
    Some((owner, core))
}

#[test]
fn the_newest_checkpoint_of_all_owners_is_found() {
    let mut nor = Nor::blank(16);
    assert_eq!(newest_checkpoint(&mut saved(&mut nor)), None);
    let steps = [
        (0, Core::new(0), None),
        (1, Core::within(1), Some((1, Core::within(1)))),
        (2, Core::within(2), Some((2, Core::within(2)))),
        (0, Core::new(3), Some((2, Core::within(2)))),
        (1, Core::within(4), Some((1, Core::within(4)))),
        // Its newest state has only cells: it does not go on.
        (1, Core::new(5), Some((2, Core::within(2)))),
        (2, Core::new(6), None),
        (0, Core::within(7), Some((0, Core::within(7)))),
    ];
    for (owner, core, expected) in steps {
        save(&mut saved(&mut nor), owner, &core).expect("is saved");
        assert_eq!(newest_checkpoint(&mut saved(&mut nor)), expected);
    }
}

#[test]
fn a_checkpoint_that_is_forgotten_or_damaged_is_not_the_newest() {
    let mut nor = Nor::blank(16);
    for (owner, seed) in [(0, 0), (1, 1), (2, 2), (2, 3)] {
        save(&mut saved(&mut nor), owner, &Core::within(seed)).expect("is saved");
    }
    let cells = |slot: usize| SECTOR + slot * SLOT * SECTOR + 256;
    nor.bytes[cells(3)] ^= 1;
    assert_eq!(newest_checkpoint(&mut saved(&mut nor)), Some((2, Core::within(2))), "the state before");
    saved(&mut nor).forget(2).expect("forgets");
    assert_eq!(newest_checkpoint(&mut saved(&mut nor)), Some((1, Core::within(1))));
    nor.bytes[cells(1)] ^= 1;
    assert_eq!(newest_checkpoint(&mut saved(&mut nor)), Some((0, Core::within(0))));
    saved(&mut nor).forget(0).expect("forgets");
    assert_eq!(newest_checkpoint(&mut saved(&mut nor)), None);
}

#[test]
fn after_damage_the_state_before_is_the_newest() {
    let mut nor = Nor::blank(12);
    for seed in 0..3 {
        save(&mut saved(&mut nor), 1, &Core::within(seed)).expect("is saved");
    }
    let slot = SECTOR + 2 * SLOT * SECTOR;
    for (byte, bit) in (0..36).chain(256..256 + CELLS).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut nor = nor.clone();
        nor.bytes[slot + byte] ^= 1 << bit;
        assert_eq!(newest(&mut saved(&mut nor), 1), Some(Core::within(1)), "byte {byte} bit {bit}");
        save(&mut saved(&mut nor), 1, &Core::new(9)).expect("is saved");
        assert_eq!(newest(&mut saved(&mut nor), 1), Some(Core::new(9)), "byte {byte} bit {bit}");
    }
}

#[test]
fn a_state_that_is_overwritten_is_not_loaded() {
    let mut nor = Nor::blank(2 * 2);
    let mut saved = saved(&mut nor);
    save(&mut saved, 1, &Core::new(1)).expect("is saved");
    let state = saved.newest(1).expect("is read").expect("is there");
    for seed in 2..4 {
        save(&mut saved, 1, &Core::new(seed)).expect("is saved");
    }
    assert_eq!(saved.load(&state, &mut Core::new(0)), Err(SavedError::Damaged));
}

#[test]
fn without_numbers_nothing_is_saved() {
    let mut nor = Nor::blank(8);
    save(&mut saved(&mut nor), 1, &Core::new(1)).expect("is saved");
    nor.bytes[SECTOR + 16..SECTOR + 20].fill(0xFF);
    let crc = images::crc32::crc32(&nor.bytes[SECTOR..SECTOR + 32]);
    nor.bytes[SECTOR + 32..SECTOR + 36].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(save(&mut saved(&mut nor), 1, &Core::new(2)), Err(SavedError::NoNumbers));
    assert_eq!(newest(&mut saved(&mut nor), 1), Some(Core::new(1)));
}

#[test]
fn the_real_size_has_slots_of_two_sectors() {
    let mut nor = Nor::blank(2 * 8192 / SECTOR);
    let region = nor.region();
    let mut saved = Saved::<_, 4096>::new(&mut nor, region);
    let mut core = Core { cells: Random::bytes(1, 4096), ..Core::within(1) };
    for _ in 0..3 {
        core.cells[0] += 1;
        save_any(&mut saved, &core);
        let state = saved.newest(1).expect("is read").expect("is there");
        let mut loaded = Core { cells: vec![0; 4096], checkpoint: state.checkpoint() };
        saved.load(&state, &mut loaded).expect("is loaded");
        assert_eq!(loaded, core);
    }
}

fn save_any<const CELLS: usize>(saved: &mut Saved<&mut Nor, CELLS>, core: &Core) {
    assert_eq!(saved.save(1, core.checkpoint, &mut core.clone()), Ok(Outcome::Written));
}

proptest! {
    #![proptest_config(config(300))]

    /// Whatever the flash contains, nothing panics, and the owners without damage have their states.
    #[test]
    fn damage_hurts_only_what_it_hits(
        saves in prop::collection::vec((0u32..3, 0u64..1000), 0..12),
        hits in prop::collection::vec((0usize..16 * SECTOR, 1usize..200, any::<u64>()), 1..4),
    ) {
        let mut nor = Nor::blank(16);
        for (owner, seed) in saves {
            save(&mut saved(&mut nor), owner, &Core::within(seed)).expect("is saved");
        }
        let before: Vec<_> = (0..3).map(|owner| newest(&mut saved(&mut nor), owner)).collect();
        let sound = nor.bytes.clone();
        for (at, length, seed) in hits {
            let end = (at + length).min(16 * SECTOR);
            nor.bytes[SECTOR..][at..end].copy_from_slice(&Random::bytes(seed, end - at));
        }
        let slots = SLOT * SECTOR;
        for (owner, before) in (0..3).zip(before) {
            // Without damage in the slots of this owner.
            let hit = (1..9).map(|slot| slot * slots - slots + SECTOR).any(|slot| {
                sound[slot + 20..slot + 24] == u32::to_le_bytes(owner)
                    && sound[slot..slot + slots] != nor.bytes[slot..slot + slots]
            });
            let after = newest(&mut saved(&mut nor), owner);
            prop_assert!(hit || after == before);
        }
        let others: Vec<_> = (1..3).map(|owner| newest(&mut saved(&mut nor), owner)).collect();
        save(&mut saved(&mut nor), 0, &Core::new(1234)).expect("is saved");
        prop_assert_eq!(newest(&mut saved(&mut nor), 0), Some(Core::new(1234)));
        for (owner, other) in (1..3).zip(others) {
            prop_assert_eq!(newest(&mut saved(&mut nor), owner), other);
        }
        saved(&mut nor).forget(0).expect("forgets");
        prop_assert_eq!(newest(&mut saved(&mut nor), 0), None);
    }
}
