//! Capabilities against a simple model: a list of who has what, and from whom.

mod config;

use config::config;
use kernel::capability::{self, Capabilities, Capability, CapabilityError, Object, Rights, Slot};
use kernel::machine::MachineId;
use kernel::region::Region;
use proptest::prelude::*;

const MACHINES: usize = 4;
const SLOTS: usize = 5;

/// Fewer than all machines could hold.
const ALL: usize = MACHINES * SLOTS - 3;

type Tables = Capabilities<SLOTS, ALL>;

fn region(address: u32, bytes: u32) -> Object {
    Object::Region(Region::new(address, bytes).expect("a region"))
}

/// A capability of the model.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    machine: MachineId,
    slot: Slot,
    capability: Capability,
    parent: Option<(MachineId, Slot)>,
}

#[derive(Default)]
struct Model {
    held: Vec<Held>,
}

impl Model {
    fn find(&self, machine: MachineId, slot: Slot) -> Option<usize> {
        self.held.iter().position(|held| (held.machine, held.slot) == (machine, slot))
    }

    fn is_full(&self, machine: MachineId) -> bool {
        self.held.len() == ALL || self.holds_most(machine)
    }

    fn holds_most(&self, machine: MachineId) -> bool {
        self.held.iter().filter(|held| held.machine == machine).count() == SLOTS
    }

    fn adopt(&mut self, old: (MachineId, Slot), new: Option<(MachineId, Slot)>) {
        for held in self.held.iter_mut().filter(|held| held.parent == Some(old)) {
            held.parent = new;
        }
    }

    fn revoke(&mut self, root: (MachineId, Slot)) {
        while let Some(child) = self.held.iter().position(|held| held.parent == Some(root)) {
            let child = self.held.remove(child);
            self.revoke((child.machine, child.slot));
        }
    }
}

/// What is tried: the numbers choose among the handles that were ever seen, so that some are stale.
#[derive(Clone, Debug)]
enum Step {
    Mint { which: usize, to: u8, part: Option<(u32, u32)>, rights: Vec<Rights> },
    Transfer { which: usize, to: u8 },
    Delete { which: usize },
    Revoke { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    let rights = prop::collection::vec(
        prop::sample::select(vec![Rights::READ, Rights::WRITE, Rights::EXECUTE, Rights::GRANT, Rights::ALL]),
        0..4,
    );
    let part = prop::option::of((0..20u32, 1..8u32));
    prop_oneof![
        5 => (which(), 0..4u8, part, rights).prop_map(|(which, to, part, rights)| Step::Mint { which, to, part, rights }),
        2 => (which(), 0..4u8).prop_map(|(which, to)| Step::Transfer { which, to }),
        2 => which().prop_map(|which| Step::Delete { which }),
        1 => which().prop_map(|which| Step::Revoke { which }),
    ]
}

/// What the rules say of a new capability.
fn minted(
    model: &Model,
    at: (MachineId, Slot),
    to: MachineId,
    part: Option<Object>,
    rights: Rights,
) -> Result<Capability, CapabilityError> {
    let parent = &model.held[model.find(at.0, at.1).ok_or(CapabilityError::Empty)?];
    if at.0 != to && !parent.capability.rights.include(Rights::GRANT) {
        return Err(CapabilityError::Forbidden);
    }
    let object = match (parent.capability.object, part) {
        (whole, None) => whole,
        (Object::Region(whole), Some(Object::Region(part))) => {
            let end = |region: Region| u64::from(region.address()) + u64::from(region.bytes());
            if part.address() < whole.address() || end(part) > end(whole) {
                return Err(CapabilityError::OutOfRange);
            }
            Object::Region(part)
        }
        _ => return Err(CapabilityError::WrongObject),
    };
    if model.is_full(to) {
        return Err(CapabilityError::TableFull);
    }
    Ok(Capability { object, rights: parent.capability.rights.and(rights) })
}

fn check(tables: &Tables, model: &Model) -> Result<(), TestCaseError> {
    for machine in (0..MACHINES as u8).map(MachineId) {
        let key = |held: &Held| format!("{:?}", held.slot);
        let mut seen: Vec<Held> = tables
            .held_by(machine)
            .map(|capability::Held { slot, capability, parent }| Held { machine, slot, capability, parent })
            .collect();
        let mut expected: Vec<Held> =
            model.held.iter().filter(|held| held.machine == machine).cloned().collect();
        seen.sort_by_key(key);
        expected.sort_by_key(key);
        prop_assert_eq!(seen, expected);
    }
    // No right grows, no range either.
    for held in &model.held {
        let Some((machine, slot)) = held.parent else { continue };
        let parent = tables.get(machine, slot).expect("a parent lives as long as its children");
        prop_assert!(parent.rights.include(held.capability.rights), "{:?} from {:?}", held, parent);
        if let (Object::Region(whole), Object::Region(part)) = (parent.object, held.capability.object) {
            prop_assert!(whole.contains(part), "{:?} from {:?}", held, parent);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(2000))]
    #[test]
    fn random_operations_do_what_the_rules_say(steps in prop::collection::vec(step(), 1..60)) {
        let mut tables = Tables::new();
        let mut model = Model::default();
        let mut handles = Vec::new();
        for (machine, object) in [(0, region(0, 16)), (1, region(16, 16)), (2, Object::Device(1))] {
            let machine = MachineId(machine);
            let capability = Capability { object, rights: Rights::ALL };
            let slot = tables.give(machine, capability).expect("room");
            // Also as if another machine held it.
            handles.extend([(machine, slot), (MachineId(3), slot)]);
            model.held.push(Held { machine, slot, capability, parent: None });
        }
        for step in steps {
            let pick = |which: usize| handles[which % handles.len()];
            match step {
                Step::Mint { which, to, part, rights } => {
                    let (at, to) = (pick(which), MachineId(to));
                    let part = part.map(|(address, bytes)| region(address, bytes));
                    let rights = rights.into_iter().fold(Rights::NONE, |all, right| all | right);
                    let expected = minted(&model, at, to, part, rights);
                    let seen = tables.mint(at.0, at.1, to, part, rights);
                    prop_assert_eq!(seen.map(|_| ()), expected.map(|_| ()));
                    if let (Ok(slot), Ok(capability)) = (seen, expected) {
                        model.held.push(Held { machine: to, slot, capability, parent: Some(at) });
                        handles.push((to, slot));
                    }
                }
                Step::Transfer { which, to } => {
                    let (at, to) = (pick(which), MachineId(to));
                    let expected = match model.find(at.0, at.1) {
                        None => Err(CapabilityError::Empty),
                        Some(index) if !model.held[index].capability.rights.include(Rights::GRANT) => {
                            Err(CapabilityError::Forbidden)
                        }
                        // It stays in its place, so all that counts is how many the receiver holds.
                        Some(_) if at.0 != to && model.holds_most(to) => Err(CapabilityError::TableFull),
                        Some(index) => Ok(index),
                    };
                    let seen = tables.transfer(at.0, at.1, to);
                    prop_assert_eq!(seen.map(|_| ()), expected.map(|_| ()));
                    if let (Ok(slot), Ok(index)) = (seen, expected) {
                        model.held[index].machine = to;
                        model.held[index].slot = slot;
                        model.adopt(at, Some((to, slot)));
                        handles.push((to, slot));
                    }
                }
                Step::Delete { which } => {
                    let at = pick(which);
                    let expected = model.find(at.0, at.1);
                    prop_assert_eq!(tables.delete(at.0, at.1).is_ok(), expected.is_some());
                    if let Some(index) = expected {
                        let gone = model.held.remove(index);
                        model.adopt(at, gone.parent);
                    }
                }
                Step::Revoke { which } => {
                    let at = pick(which);
                    let expected = model.find(at.0, at.1);
                    prop_assert_eq!(tables.revoke(at.0, at.1).is_ok(), expected.is_some());
                    if expected.is_some() {
                        model.revoke(at);
                    }
                }
            }
            check(&tables, &model)?;
        }
    }
}

const A: MachineId = MachineId(0);
const B: MachineId = MachineId(1);
const C: MachineId = MachineId(2);

fn all(object: Object) -> Capability {
    Capability { object, rights: Rights::ALL }
}

#[test]
fn two_regions_overlap_only_if_one_was_derived_from_the_other() {
    let mut tables = Tables::new();
    let whole = tables.give(A, all(region(100, 50))).expect("the first");
    assert_eq!(tables.give(B, all(region(149, 1))), Err(CapabilityError::OutOfRange));
    assert_eq!(tables.give(B, all(region(90, 11))), Err(CapabilityError::OutOfRange));
    assert!(tables.give(B, all(region(150, 1))).is_ok() && tables.give(B, all(region(99, 1))).is_ok());
    assert!(tables.mint(A, whole, B, Some(region(149, 1)), Rights::READ).is_ok());
    assert_eq!(
        tables.mint(A, whole, B, Some(region(149, 2)), Rights::READ),
        Err(CapabilityError::OutOfRange)
    );
}

#[test]
fn rights_narrow_only() {
    let mut tables = Tables::new();
    let parent = Capability { object: Object::Device(3), rights: Rights::READ | Rights::GRANT };
    let slot = tables.give(A, parent).expect("room");
    let child = tables.mint(A, slot, B, None, Rights::ALL).expect("granted");
    assert_eq!(tables.get(B, child), Ok(parent));
    let weaker = tables.mint(A, slot, B, None, Rights::WRITE).expect("granted");
    assert_eq!(tables.get(B, weaker).map(|capability| capability.rights), Ok(Rights::NONE));
    assert_eq!(tables.with_rights(B, weaker, Rights::READ), Err(CapabilityError::Forbidden));
    assert_eq!(tables.mint(B, weaker, C, None, Rights::ALL), Err(CapabilityError::Forbidden));
}

#[test]
fn a_badge_is_given_once() {
    let mut tables = Tables::new();
    let endpoint = |badge| Object::Endpoint { receiver: C, badge };
    let slot = tables.give(A, all(endpoint(0))).expect("room");
    let badged = tables.mint(A, slot, B, Some(endpoint(7)), Rights::ALL).expect("granted");
    assert_eq!(tables.mint(B, badged, B, Some(endpoint(8)), Rights::ALL), Err(CapabilityError::WrongObject));
    let other = Object::Endpoint { receiver: A, badge: 7 };
    assert_eq!(tables.mint(A, slot, B, Some(other), Rights::ALL), Err(CapabilityError::WrongObject));
}

#[test]
fn bits_of_a_notification_become_fewer_only() {
    let mut tables = Tables::new();
    let bits = |bits| Object::Notification { receiver: C, bits };
    let slot = tables.give(A, all(bits(0b0110))).expect("room");
    assert!(tables.mint(A, slot, B, Some(bits(0b0100)), Rights::ALL).is_ok());
    assert_eq!(tables.mint(A, slot, B, Some(bits(0b1100)), Rights::ALL), Err(CapabilityError::WrongObject));
}

#[test]
fn a_slot_that_is_used_again_is_another_one() {
    let mut tables = Tables::new();
    let slot = tables.give(A, all(Object::Device(1))).expect("room");
    tables.delete(A, slot).expect("there");
    let again = tables.give(A, all(Object::Device(2))).expect("room");
    assert_eq!(tables.get(A, slot), Err(CapabilityError::Empty));
    assert_eq!(tables.get(A, again), Ok(all(Object::Device(2))));
}

#[test]
fn a_slot_is_its_own_machines_only() {
    let mut tables = Tables::new();
    let slot = tables.give(A, all(region(0, 8))).expect("room");
    for other in [B, C, MachineId(200)] {
        assert_eq!(tables.get(other, slot), Err(CapabilityError::Empty));
        assert_eq!(tables.with_rights(other, slot, Rights::NONE), Err(CapabilityError::Empty));
        assert_eq!(tables.mint(other, slot, other, None, Rights::ALL), Err(CapabilityError::Empty));
        assert_eq!(tables.transfer(other, slot, other), Err(CapabilityError::Empty));
        assert_eq!(tables.delete(other, slot), Err(CapabilityError::Empty));
        assert_eq!(tables.revoke(other, slot), Err(CapabilityError::Empty));
        assert_eq!(tables.held_by(other).count(), 0);
    }
    assert_eq!(tables.get(A, slot), Ok(all(region(0, 8))));
}

#[test]
fn what_is_revoked_is_gone_at_once_with_all_that_was_made_from_it() {
    let mut tables = Tables::new();
    let root = tables.give(A, all(region(0, 8))).expect("room");
    let child = tables.mint(A, root, B, Some(region(0, 4)), Rights::ALL).expect("granted");
    let grandchild = tables.mint(B, child, C, Some(region(0, 2)), Rights::ALL).expect("granted");
    let moved = tables.transfer(C, grandchild, A).expect("granted");
    let other = tables.mint(A, root, B, Some(region(4, 4)), Rights::ALL).expect("granted");
    tables.revoke(A, child).expect_err("it is the slot of another machine");
    tables.revoke(B, child).expect("there");
    assert_eq!(tables.get(A, moved), Err(CapabilityError::Empty), "wherever it went");
    assert!(tables.get(B, child).is_ok() && tables.get(B, other).is_ok(), "itself and its brothers stay");
    tables.mint(B, child, C, None, Rights::ALL).expect("granted");
    tables.revoke(A, root).expect("there");
    assert_eq!([A, B, C].map(|machine| tables.held_by(machine).count()), [1, 0, 0]);
}

#[test]
fn what_is_made_from_something_that_is_deleted_can_be_revoked_by_who_it_came_from() {
    let mut tables = Tables::new();
    let root = tables.give(A, all(region(0, 8))).expect("room");
    let child = tables.mint(A, root, B, None, Rights::ALL).expect("granted");
    let grandchild = tables.mint(B, child, C, None, Rights::ALL).expect("granted");
    tables.delete(B, child).expect("there");
    assert!(tables.get(C, grandchild).is_ok());
    assert_eq!(tables.held_by(C).map(|held| held.parent).collect::<Vec<_>>(), [Some((A, root))]);
    tables.revoke(A, root).expect("there");
    assert_eq!(tables.get(C, grandchild), Err(CapabilityError::Empty));
}
