//! Messages, calls, faults: rule by rule, and random machines against a ledger of what was promised.

mod config;

use config::config;
use kernel::capability::{Capability, CapabilityError, Held, Object, Rights, Slot};
use kernel::context::Context;
use kernel::kernel::{Kernel, LIVES};
use kernel::machine::{Fault, Machine, MachineId};
use kernel::memory::{Memory, MemoryError};
use kernel::message::{CallError, CallId, Event, Message, SendError};
use kernel::region::Region;
use proptest::prelude::*;
use proptest::test_runner::TestRng;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU16;
use std::rc::Rc;

const MACHINES: usize = 3;
const QUEUE: usize = 3;
const CALLS: usize = 4;

type System = Kernel<MACHINES, 8, { MACHINES * 8 }, QUEUE, CALLS>;

fn id(index: usize) -> MachineId {
    MachineId(index as u8)
}

fn all<'a>(
    one: &'a mut dyn Machine,
    two: &'a mut dyn Machine,
    three: &'a mut dyn Machine,
) -> [&'a mut dyn Machine; MACHINES] {
    [one, two, three]
}

fn message(word: u32) -> Message {
    Message { label: 1, words: [word, 0, 0] }
}

/// Each machine can reach each other one, and has a region to lend. Slots: `[from][to]`, and the regions'.
fn system() -> (System, [[Slot; MACHINES]; MACHINES], [Slot; MACHINES]) {
    let mut kernel = System::new();
    let mut give = |machine, object| {
        kernel.capabilities.give(machine, Capability { object, rights: Rights::ALL }).expect("room")
    };
    let endpoints = core::array::from_fn(|from| {
        core::array::from_fn(|to| {
            give(id(from), Object::Endpoint { receiver: id(to), badge: from as u16 + 1 })
        })
    });
    let regions = core::array::from_fn(|owner| {
        give(id(owner), Object::Region(Region::new(owner as u32 * 16, 16).expect("a region")))
    });
    (kernel, endpoints, regions)
}

/// 64 bytes at address 0.
struct Bytes([u8; 64]);

impl Default for Bytes {
    fn default() -> Self {
        Bytes(core::array::from_fn(|at| at as u8))
    }
}

impl Memory for Bytes {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError> {
        bytes.copy_from_slice(&self.0[address as usize..][..bytes.len()]);
        Ok(())
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        self.0[address as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

/// A machine that does what it is told, and notes what happens to it.
type Script = Box<dyn FnMut(Event, &mut dyn Context) -> Result<(), Fault>>;

struct Scripted {
    script: Script,
    restarts: usize,
}

impl Scripted {
    fn new(script: impl FnMut(Event, &mut dyn Context) -> Result<(), Fault> + 'static) -> Scripted {
        Scripted { script: Box::new(script), restarts: 0 }
    }
}

impl Machine for Scripted {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        (self.script)(event, context)
    }

    fn restart(&mut self) {
        self.restarts += 1;
    }
}

/// Runs three scripts until nobody has anything to do; how often each was started again.
fn run(kernel: &mut System, scripts: [Scripted; MACHINES]) -> [usize; MACHINES] {
    let [mut one, mut two, mut three] = scripts;
    let mut steps = 0;
    while kernel.step(&mut all(&mut one, &mut two, &mut three), &mut Bytes::default()) {
        steps += 1;
        assert!(steps < 10_000, "the machines come to an end");
    }
    [one.restarts, two.restarts, three.restarts]
}

fn idle() -> Scripted {
    Scripted::new(|_, _| Ok(()))
}

/// Calls with these words when it starts, and notes the answers.
fn asks(
    whom: Slot,
    words: &'static [u32],
    lend: Option<(Slot, Rights)>,
    note: impl Fn(Result<Message, CallError>) + 'static,
) -> Scripted {
    Scripted::new(move |event, context| {
        match event {
            Event::Start => {
                for word in words {
                    context.call(whom, &message(*word), lend).expect("taken");
                }
            }
            Event::Reply { result, .. } => note(result),
            _ => {}
        }
        Ok(())
    })
}

const FAULT: Fault = Fault { cause: NonZeroU16::MAX, address: 0x1234 };

/// What was noted, in the order of events.
fn notes<T: 'static>() -> (Rc<RefCell<Vec<T>>>, impl Fn(T) + Clone + 'static) {
    let notes = Rc::new(RefCell::new(Vec::new()));
    let writer = notes.clone();
    (notes, move |note| writer.borrow_mut().push(note))
}

#[test]
fn messages_come_in_their_order_with_the_badge_of_their_capability() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes();
    let sender = Scripted::new(move |event, context| {
        if event == Event::Start {
            for word in 0..QUEUE as u32 {
                assert_eq!(context.send(to[0][1], &message(word), None), Ok(()));
            }
            // A full queue is an error to the sender, nothing is dropped.
            assert_eq!(context.send(to[0][1], &message(99), None), Err(SendError::QueueFull));
        }
        Ok(())
    });
    let receiver = Scripted::new(move |event, _| {
        if let Event::Message { badge, message, capability } = event {
            note((badge, message.words[0], capability));
        }
        Ok(())
    });
    run(&mut kernel, [sender, receiver, idle()]);
    assert_eq!(*seen.borrow(), [(1, 0, None), (1, 1, None), (1, 2, None)]);
}

#[test]
fn what_is_lent_is_back_with_the_answer() {
    let (mut kernel, to, regions) = system();
    let (seen, note) = notes();
    let (lent, note_lent) = notes();
    let caller = asks(to[0][1], &[7], Some((regions[0], Rights::READ)), note);
    let receiver = Scripted::new(move |event, context| {
        if let Event::Call { message, reply, lent: Some(lent), .. } = event {
            let capability = context.capability(lent).expect("lent");
            assert_eq!(capability.rights, Rights::READ);
            let part = Some(Object::Region(Region::new(3, 4).expect("a region")));
            let part = context.mint(lent, part, Rights::ALL).expect("a part of it");
            assert_eq!(context.reply(reply, &message, None), Ok(()));
            note_lent((context.capability(lent), context.capability(part)));
            // An answer is given once.
            assert_eq!(context.reply(reply, &message, None), Err(CapabilityError::Empty.into()));
        }
        Ok(())
    });
    run(&mut kernel, [caller, receiver, idle()]);
    assert_eq!(*seen.borrow(), [Ok(message(7))]);
    assert_eq!(*lent.borrow(), [(Err(CapabilityError::Empty), Err(CapabilityError::Empty))]);
}

#[test]
fn memory_is_reached_by_way_of_a_region_only_and_within_it() {
    let (mut kernel, to, regions) = system();
    let reader = Scripted::new(move |event, context| {
        if event == Event::Start {
            // The region of machine 1 is the bytes 16 to 31.
            let mut bytes = [0; 4];
            context.write(regions[1], 12, b"wxyz").expect("in it");
            context.read(regions[1], 12, &mut bytes).expect("in it");
            assert_eq!(&bytes, b"wxyz");
            for offset in [13, 16, u32::MAX] {
                assert_eq!(context.read(regions[1], offset, &mut bytes), Err(CapabilityError::OutOfRange));
                assert_eq!(context.write(regions[1], offset, b"abcd"), Err(CapabilityError::OutOfRange));
            }
            assert_eq!(context.read(to[1][0], 0, &mut bytes), Err(CapabilityError::WrongObject));
            let part = Some(Object::Region(Region::new(18, 2).expect("a region")));
            let part = context.mint(regions[1], part, Rights::READ).expect("a part");
            let mut two = [0; 2];
            context.read(part, 0, &mut two).expect("in it");
            assert_eq!(two, [18, 19]);
            assert_eq!(context.write(part, 0, &two), Err(CapabilityError::Forbidden));
            assert_eq!(context.read(part, 0, &mut bytes), Err(CapabilityError::OutOfRange));
            context.revoke(regions[1]).expect("there");
            assert_eq!(context.read(part, 0, &mut two), Err(CapabilityError::Empty));
            assert_eq!(&bytes, b"wxyz", "what is refused changes nothing");
        }
        Ok(())
    });
    run(&mut kernel, [idle(), reader, idle()]);
}

#[test]
fn a_cycle_of_calls_is_refused_not_waited_for() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes();
    let scripts = [0, 1, 2].map(|me: usize| {
        let note = note.clone();
        Scripted::new(move |event, context| {
            match event {
                Event::Start if me == 0 => {
                    assert_eq!(context.call(to[0][0], &message(0), None), Err(SendError::Cycle), "itself");
                    context.call(to[0][1], &message(0), None).expect("taken");
                }
                Event::Call { .. } if me == 1 => {
                    context.call(to[1][2], &message(0), None).expect("taken");
                }
                Event::Call { .. } => {
                    for back in [0, 1] {
                        note(context.call(to[2][back], &message(0), None));
                    }
                }
                _ => {}
            }
            Ok(())
        })
    });
    run(&mut kernel, scripts);
    assert_eq!(*seen.borrow(), [Err(SendError::Cycle), Err(SendError::Cycle)]);
}

#[test]
fn a_machine_that_fails_is_started_again_and_its_callers_are_told() {
    let (mut kernel, to, regions) = system();
    let (seen, note) = notes();
    let caller = asks(to[0][1], &[1, 2], Some((regions[0], Rights::ALL)), note);
    // It fails at the first call. The second one is still in the queue: it is answered after the new start.
    let receiver = Scripted::new(move |event, context| match event {
        Event::Call { message: Message { words: [1, ..], .. }, .. } => Err(FAULT),
        Event::Call { message, reply, .. } => {
            context.reply(reply, &message, None).expect("the caller waits");
            Ok(())
        }
        _ => Ok(()),
    });
    let restarts = run(&mut kernel, [caller, receiver, idle()]);
    assert_eq!(*seen.borrow(), [Err(CallError::Failed), Ok(message(2))]);
    assert_eq!(restarts, [0, 1, 0]);
    let faults: Vec<_> =
        kernel.faults().map(|record| (record.machine, record.fault, record.generation)).collect();
    assert_eq!(faults, [(id(1), FAULT, 0)]);
    assert_eq!(kernel.held_by(id(1)).count(), MACHINES + 1, "nothing is left of the calls");
}

#[test]
fn a_notification_that_comes_while_a_machine_fails_is_not_lost() {
    let (mut kernel, ..) = system();
    let (seen, note) = notes();
    let notification =
        Capability { object: Object::Notification { receiver: id(0), bits: 6 }, rights: Rights::ALL };
    let slot = kernel.capabilities.give(id(0), notification).expect("room");
    let mut fails = true;
    let machine = Scripted::new(move |event, context| {
        if std::mem::take(&mut fails) {
            context.notify(slot).expect("its own");
            return Err(FAULT);
        }
        note(event);
        Ok(())
    });
    run(&mut kernel, [machine, idle(), idle()]);
    assert_eq!(*seen.borrow(), [Event::Start, Event::Notification { bits: 6 }]);
}

#[test]
fn no_stale_reply_is_accepted() {
    let (mut kernel, to, regions) = system();
    let (seen, note) = notes();
    let mut starts = 0;
    // It calls, fails while it waits, and calls again.
    let caller = Scripted::new(move |event, context| match event {
        Event::Start => {
            starts += 1;
            context.call(to[0][1], &message(starts), Some((regions[0], Rights::ALL))).expect("taken");
            Ok(())
        }
        Event::Message { .. } => Err(FAULT),
        Event::Reply { result, .. } => {
            note(result);
            Ok(())
        }
        _ => Ok(()),
    });
    let mut first = None;
    let receiver = Scripted::new(move |event, context| {
        if let Event::Call { reply, lent, .. } = event {
            match first {
                None => {
                    first = Some((reply, lent));
                    context.send(to[1][0], &message(0), None).expect("taken");
                }
                Some((old, lent)) => {
                    // The first caller is gone, and so is what it has lent.
                    assert_eq!(context.capability(lent.expect("lent")), Err(CapabilityError::Empty));
                    assert_eq!(context.reply(old, &message(8), None), Err(CapabilityError::Empty.into()));
                    assert_eq!(context.reply(reply, &message(9), None), Ok(()));
                }
            }
        }
        Ok(())
    });
    assert_eq!(run(&mut kernel, [caller, receiver, idle()]), [1, 0, 0]);
    assert_eq!(*seen.borrow(), [Ok(message(9))]);
}

#[test]
fn a_machine_that_fails_again_and_again_is_stopped() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes();
    let caller = Scripted::new(move |event, context| {
        match event {
            Event::Start => {
                context.call(to[0][1], &message(1), None).expect("taken");
            }
            Event::Reply { result, .. } => {
                note(result);
                assert_eq!(context.send(to[0][1], &message(2), None), Err(SendError::Stopped));
            }
            _ => {}
        }
        Ok(())
    });
    let restarts = run(&mut kernel, [caller, Scripted::new(|_, _| Err(FAULT)), idle()]);
    assert_eq!(*seen.borrow(), [Err(CallError::Failed)]);
    assert_eq!(restarts[1], usize::from(LIVES));
    assert!(kernel.is_stopped(id(1)) && !kernel.is_stopped(id(0)));
}

#[test]
fn a_call_whose_reply_is_deleted_is_dropped() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes();
    let caller = asks(to[0][1], &[1], None, note);
    let receiver = Scripted::new(|event, context| {
        if let Event::Call { reply, .. } = event {
            context.delete(reply).expect("there");
        }
        Ok(())
    });
    run(&mut kernel, [caller, receiver, idle()]);
    assert_eq!(*seen.borrow(), [Err(CallError::Dropped)]);
}

#[test]
fn what_was_revoked_before_it_arrived_does_not_arrive() {
    let (mut kernel, to, regions) = system();
    let (seen, note) = notes();
    let sender = Scripted::new(move |event, context| {
        if event == Event::Start {
            let gift = context.mint(regions[0], None, Rights::ALL).expect("room");
            context.send(to[0][1], &message(1), Some(gift)).expect("taken");
            context.revoke(regions[0]).expect("there");
        }
        Ok(())
    });
    let receiver = Scripted::new(move |event, _| {
        if let Event::Message { capability, .. } = event {
            note(capability);
        }
        Ok(())
    });
    run(&mut kernel, [sender, receiver, idle()]);
    assert_eq!(*seen.borrow(), [None]);
}

#[test]
fn tables_that_are_full_are_errors_and_nothing_has_changed() {
    let (mut kernel, to, regions) = system();
    let fill = |kernel: &mut System, machine| {
        let spare = Capability { object: Object::Device(0), rights: Rights::ALL };
        while kernel.capabilities.give(machine, spare).is_ok() {}
    };
    fill(&mut kernel, id(1));
    let caller = Scripted::new(move |event, context| {
        if event == Event::Start {
            let full = Err(CapabilityError::TableFull.into());
            let lend = Some((regions[0], Rights::ALL));
            assert_eq!(context.call(to[0][1], &message(1), lend).map(|_| ()), full);
            let gift = context.mint(regions[0], None, Rights::ALL).expect("room");
            assert_eq!(context.send(to[0][1], &message(1), Some(gift)), full);
            assert!(context.capability(gift).is_ok(), "it was not given away");
            // Those who have room take as many calls as there can be.
            for _ in 0..QUEUE {
                assert!(context.call(to[0][2], &message(1), None).is_ok());
            }
            assert_eq!(context.call(to[0][2], &message(1), None), Err(SendError::QueueFull));
        }
        Ok(())
    });
    run(&mut kernel, [caller, idle(), idle()]);
}

#[test]
fn an_endpoint_and_a_notification_do_what_the_rights_allow() {
    let (mut kernel, to, _) = system();
    let mut give =
        |object, rights| kernel.capabilities.give(id(0), Capability { object, rights }).expect("room");
    let endpoint = Object::Endpoint { receiver: id(1), badge: 0 };
    let sends = give(endpoint, Rights::WRITE);
    let calls = give(endpoint, Rights::EXECUTE);
    let nothing = give(
        Object::Notification { receiver: id(1), bits: 1 },
        Rights::READ | Rights::EXECUTE | Rights::GRANT,
    );
    let (seen, note) = notes();
    let caller = Scripted::new(move |event, context| {
        if event == Event::Start {
            let forbidden = SendError::from(CapabilityError::Forbidden);
            assert_eq!(context.send(calls, &message(1), None), Err(forbidden));
            assert_eq!(context.call(sends, &message(1), None), Err(forbidden));
            assert_eq!(context.notify(nothing), Err(forbidden));
            // What cannot be granted does not leave.
            assert_eq!(context.send(to[0][1], &message(1), Some(sends)), Err(forbidden));
            assert_eq!(context.call(to[0][1], &message(1), Some((sends, Rights::ALL))), Err(forbidden));
            let wrong = SendError::from(CapabilityError::WrongObject);
            assert_eq!(context.reply(sends, &message(1), None), Err(wrong));
            assert_eq!(context.notify(sends), Err(wrong));
            assert_eq!(context.send(nothing, &message(1), None), Err(forbidden));
            // Who holds what is for those who may read the kernel.
            assert_eq!(context.held_by(to[0][1], id(0), 0), Err(CapabilityError::WrongObject));
            assert_eq!(context.fault(to[0][1], 0), Err(CapabilityError::WrongObject));
            assert_eq!(context.held_by(sends, id(0), 0), Err(CapabilityError::Forbidden));
            assert_eq!(context.send(sends, &message(2), None), Ok(()));
            assert!(context.call(calls, &message(3), None).is_ok());
        }
        Ok(())
    });
    let receiver = Scripted::new(move |event, _| {
        note(event);
        Ok(())
    });
    run(&mut kernel, [caller, receiver, idle()]);
    let seen = seen.borrow();
    assert!(
        matches!(seen[..], [Event::Start, Event::Message { badge: 0, .. }, Event::Call { badge: 0, .. }]),
        "{seen:?}"
    );
}

#[test]
fn a_call_that_cannot_be_made_leaves_nothing_behind() {
    let (mut kernel, to, regions) = system();
    let spare = Capability { object: Object::Device(0), rights: Rights::READ };
    let no_grant = kernel.capabilities.give(id(0), spare).expect("room");
    let (seen, note) = notes();
    let caller = Scripted::new(move |event, context| {
        match event {
            Event::Start => {
                for _ in 0..100 {
                    let lend = Some((no_grant, Rights::ALL));
                    let forbidden = Err(CapabilityError::Forbidden.into());
                    assert_eq!(context.call(to[0][1], &message(1), lend), forbidden);
                }
                context.call(to[0][1], &message(2), Some((regions[0], Rights::ALL))).expect("taken");
            }
            Event::Reply { result, .. } => note(result),
            _ => {}
        }
        Ok(())
    });
    let receiver = Scripted::new(move |event, context| {
        if let Event::Call { message: question, reply, lent, .. } = event {
            // An answer that cannot be given leaves the caller waiting, and the right to answer.
            let forbidden = Err(CapabilityError::Forbidden.into());
            assert_eq!(context.reply(reply, &message(9), lent), forbidden, "what is lent does not leave");
            assert_eq!(context.reply(reply, &question, None), Ok(()));
        }
        Ok(())
    });
    run(&mut kernel, [caller, receiver, idle()]);
    assert_eq!(*seen.borrow(), [Ok(message(2))]);
    assert_eq!(kernel.held_by(id(1)).count(), MACHINES + 1);
}

#[test]
fn the_right_to_answer_is_its_machines_and_for_nothing_else() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes();
    let (replies, note_reply) = notes();
    let caller = asks(to[0][1], &[1], None, note);
    let known = replies.clone();
    let receiver = Scripted::new(move |event, context| {
        match event {
            Event::Call { reply, .. } => {
                note_reply(reply);
                let capability = context.capability(reply).expect("there");
                assert!(matches!(capability, Capability { object: Object::Reply(_), rights: Rights::WRITE }));
                let wrong = CapabilityError::WrongObject;
                assert_eq!(context.mint(reply, None, Rights::ALL), Err(wrong));
                assert_eq!(context.send(to[1][2], &message(1), Some(reply)), Err(wrong.into()));
                let lend = Some((reply, Rights::ALL));
                assert_eq!(context.call(to[1][2], &message(1), lend), Err(wrong.into()));
                assert_eq!(context.send(reply, &message(1), None), Err(wrong.into()));
                assert_eq!(context.call(reply, &message(1), None), Err(wrong.into()));
                assert_eq!(context.notify(reply), Err(wrong.into()));
                assert_eq!(context.revoke(reply), Err(wrong));
                assert_eq!(context.read(reply, 0, &mut [0]), Err(wrong));
                context.send(to[1][2], &message(2), None).expect("room");
            }
            // The other one has tried.
            Event::Message { .. } => {
                let reply = replies.borrow()[0];
                assert_eq!(context.reply(reply, &message(3), None), Ok(()));
                assert_eq!(context.capability(reply), Err(CapabilityError::Empty));
                assert_eq!(context.delete(reply), Err(CapabilityError::Empty));
            }
            _ => {}
        }
        Ok(())
    });
    let other = Scripted::new(move |event, context| {
        if let Event::Message { .. } = event {
            let reply = known.borrow()[0];
            assert_eq!(context.capability(reply), Err(CapabilityError::Empty));
            assert_eq!(context.reply(reply, &message(4), None), Err(CapabilityError::Empty.into()));
            assert_eq!(context.delete(reply), Err(CapabilityError::Empty));
            context.send(to[2][1], &message(5), None).expect("room");
        }
        Ok(())
    });
    let [mut one, mut two, mut three] = [caller, receiver, other];
    let mut most = 0;
    while kernel.step(&mut all(&mut one, &mut two, &mut three), &mut Bytes::default()) {
        let is_reply = |held: &Held| matches!(held.capability.object, Object::Reply(_));
        most = most.max(kernel.held_by(id(1)).filter(is_reply).count());
        assert_eq!(kernel.held_by(id(2)).filter(is_reply).count(), 0);
    }
    assert_eq!(most, 1, "it is seen among what the machine holds");
    assert_eq!(*seen.borrow(), [Ok(message(3))]);
}

/// More often than there are numbers for the uses of a record or a slot: whatever goes around goes around well.
#[test]
fn queues_and_records_are_used_again_for_ever() {
    const TIMES: u32 = 70_000;
    let (mut kernel, to, regions) = system();
    let note = Rc::new(RefCell::new([0; 2]));
    let counts = note.clone();
    let mut waits = None;
    let ask = move |context: &mut dyn Context, word| {
        context.send(to[0][1], &message(word), None).expect("room");
        context.call(to[0][1], &message(word), Some((regions[0], Rights::READ))).expect("room")
    };
    let caller = Scripted::new(move |event, context| {
        match event {
            Event::Start => waits = Some(ask(context, 0)),
            Event::Reply { call, result, .. } => {
                assert_eq!(Some(call), waits);
                let word = result.expect("an answer").words[0] + 1;
                waits = (word < TIMES).then(|| ask(context, word));
            }
            _ => {}
        }
        Ok(())
    });
    let mut used = None;
    let receiver = Scripted::new(move |event, context| {
        let mut count = note.borrow_mut();
        match event {
            Event::Message { message: got, .. } => {
                assert_eq!(got, message(count[0]));
                count[0] += 1;
            }
            Event::Call { message: got, reply, lent, .. } => {
                assert_eq!(got, message(count[1]));
                count[1] += 1;
                assert!(context.capability(lent.expect("lent")).is_ok());
                if let Some(stale) = used.replace(reply) {
                    assert_eq!(context.reply(stale, &got, None), Err(CapabilityError::Empty.into()));
                }
                context.reply(reply, &got, None).expect("the caller waits");
            }
            _ => {}
        }
        Ok(())
    });
    let [mut one, mut two, mut three] = [caller, receiver, idle()];
    while kernel.step(&mut all(&mut one, &mut two, &mut three), &mut Bytes::default()) {}
    assert_eq!(*counts.borrow(), [TIMES; 2]);
}

#[test]
fn turns_are_taken_in_the_order_in_which_machines_got_something_to_do() {
    let (mut kernel, ..) = system();
    let (seen, note) = notes();
    let mut machines = [0, 1, 2].map(|me: usize| {
        let note = note.clone();
        Scripted::new(move |_, _| {
            note(me);
            Ok(())
        })
    });
    let mut step = |kernel: &mut System| {
        let [one, two, three] = &mut machines;
        kernel.step(&mut all(one, two, three), &mut Bytes::default())
    };
    while step(&mut kernel) {}
    for order in [[2, 0, 1], [1, 2, 0], [0, 1, 2], [2, 1, 0]] {
        seen.borrow_mut().clear();
        for me in order {
            kernel.post(id(me), 1);
        }
        // Two more for who comes first: together one event, and no turn more.
        kernel.post(id(order[0]), 2);
        kernel.post(id(order[0]), 4);
        while step(&mut kernel) {}
        assert_eq!(*seen.borrow(), order);
    }
}

/// What random machines have been promised, and what has become of it.
#[derive(Default)]
struct Ledger {
    next: u32,
    /// For each receiver what was sent to it and has not come.
    sent: [VecDeque<u32>; MACHINES],
    /// Calls without an answer: who waits, and for which word.
    calls: HashMap<(u8, String), u32>,
    answered: usize,
    faults: usize,
}

/// A machine that does something random at each event.
struct Random {
    me: usize,
    to: [Slot; MACHINES],
    region: Slot,
    rng: Rc<RefCell<TestRng>>,
    ledger: Rc<RefCell<Ledger>>,
    to_answer: Vec<(Slot, u32, Option<Slot>)>,
    /// What it has answered with last.
    used: Option<Slot>,
    /// No more than so many messages of its own.
    left: usize,
}

impl Random {
    fn below(&self, limit: u32) -> u32 {
        self.rng.borrow_mut().next_u32() % limit
    }

    fn act(&mut self, context: &mut dyn Context) {
        let to = self.below(MACHINES as u32) as usize;
        if let Some(used) = self.used {
            let answered = context.reply(used, &message(u32::MAX), None);
            assert_eq!(answered, Err(CapabilityError::Empty.into()), "an answer is given once");
        }
        match self.below(6) {
            0 | 1 if self.left > 0 => {
                let word = self.ledger.borrow().next;
                let gift =
                    (self.below(3) == 0).then(|| context.mint(self.region, None, Rights::ALL).ok()).flatten();
                match context.send(self.to[to], &message(word), gift) {
                    Ok(()) => {
                        let mut ledger = self.ledger.borrow_mut();
                        ledger.next += 1;
                        ledger.sent[to].push_back(word);
                        self.left -= 1;
                    }
                    Err(_) => {
                        if let Some(gift) = gift {
                            context.delete(gift).expect("nothing has changed");
                        }
                    }
                }
            }
            2 | 3 if self.left > 0 => {
                let word = self.ledger.borrow().next;
                let lend = (self.below(2) == 0).then_some((self.region, Rights::READ));
                if let Ok(call) = context.call(self.to[to], &message(word), lend) {
                    let mut ledger = self.ledger.borrow_mut();
                    ledger.next += 1;
                    ledger.sent[to].push_back(word);
                    ledger.calls.insert((self.me as u8, format!("{call:?}")), word);
                    self.left -= 1;
                }
            }
            // What it has lent and given away is gone at once, on its way or there.
            4 if self.left > 0 => context.revoke(self.region).expect("its own"),
            _ if !self.to_answer.is_empty() => self.answer(context),
            _ => {}
        }
    }

    fn answer(&mut self, context: &mut dyn Context) {
        let which = self.below(self.to_answer.len() as u32) as usize;
        let (reply, word, lent) = self.to_answer.swap_remove(which);
        self.used = Some(reply);
        if self.below(4) == 0 {
            let _ = context.delete(reply);
            return;
        }
        // Either the caller waits, or it has failed: then the capability is gone.
        match context.reply(reply, &message(word), None) {
            Ok(()) => {
                if let Some(lent) = lent {
                    assert_eq!(
                        context.capability(lent),
                        Err(CapabilityError::Empty),
                        "what was lent is back"
                    );
                }
            }
            Err(error) => assert_eq!(error, CapabilityError::Empty.into()),
        }
    }

    fn took(&self, word: u32) {
        let first = self.ledger.borrow_mut().sent[self.me].pop_front();
        // What was sent comes once, in its order. Calls of those who have failed do not come.
        assert_eq!(first, Some(word), "machine {}", self.me);
    }
}

impl Machine for Random {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        match event {
            Event::Message { message, capability, .. } => {
                self.took(message.words[0]);
                if let Some(slot) = capability {
                    context.delete(slot).expect("it came with the message");
                }
            }
            Event::Call { message, reply, lent, .. } => {
                self.took(message.words[0]);
                self.to_answer.push((reply, message.words[0], lent));
            }
            Event::Reply { call, result, .. } => {
                let word = self.ledger.borrow_mut().calls.remove(&(self.me as u8, format!("{call:?}")));
                let word = word.expect("a call is answered once, and only to who waits");
                if let Ok(answer) = result {
                    assert_eq!(answer, message(word));
                    self.ledger.borrow_mut().answered += 1;
                }
            }
            Event::Start | Event::Notification { .. } => {}
        }
        // Not at the start: who fails there again and again is stopped.
        if event != Event::Start && self.left > 0 && self.below(30) == 0 {
            self.ledger.borrow_mut().faults += 1;
            self.left -= 1;
            return Err(FAULT);
        }
        for _ in 0..self.below(4) {
            self.act(context);
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.to_answer.clear();
        let mut ledger = self.ledger.borrow_mut();
        let me = self.me as u8;
        let gone: Vec<u32> =
            ledger.calls.iter().filter(|(key, _)| key.0 == me).map(|(_, word)| *word).collect();
        ledger.calls.retain(|key, _| key.0 != me);
        for queue in &mut ledger.sent {
            queue.retain(|word| !gone.contains(word));
        }
    }
}

proptest! {
    #![proptest_config(config(3000))]
    #[test]
    fn nothing_is_lost_or_comes_twice(rng in any::<[u8; 16]>()) {
        let (mut kernel, to, regions) = system();
        let rng = Rc::new(RefCell::new(TestRng::from_seed(prop::test_runner::RngAlgorithm::XorShift, &rng)));
        let ledger = Rc::new(RefCell::new(Ledger::default()));
        let mut machines = [0, 1, 2].map(|me| Random {
            me, to: to[me], region: regions[me], rng: rng.clone(), ledger: ledger.clone(), to_answer: Vec::new(), used: None, left: 40,
        });
        let held = |kernel: &System, me: usize| kernel.held_by(id(me)).count();
        // Notifications keep those going who have nothing to do.
        for _ in 0..2000 {
            let [one, two, three] = &mut machines;
            if !kernel.step(&mut all(one, two, three), &mut Bytes::default()) {
                for me in 0..MACHINES {
                    kernel.post(id(me), 1);
                }
            }
        }
        // All answers are given, all messages taken: then everything is as it was in the beginning.
        for machine in &mut machines {
            machine.left = 0;
        }
        for _ in 0..2000 {
            let [one, two, three] = &mut machines;
            if !kernel.step(&mut all(one, two, three), &mut Bytes::default()) {
                if machines.iter().all(|machine| machine.to_answer.is_empty()) {
                    break;
                }
                for me in 0..MACHINES {
                    kernel.post(id(me), 1);
                }
            }
        }
        let ledger = ledger.borrow();
        prop_assert!(ledger.sent.iter().all(VecDeque::is_empty), "taken: {:?}", ledger.sent);
        prop_assert!(ledger.calls.is_empty(), "answered: {:?}", ledger.calls);
        prop_assert!(ledger.answered > 0, "{} faults", ledger.faults);
        for me in 0..MACHINES {
            prop_assert_eq!(held(&kernel, me), MACHINES + 1, "machine {} holds what it had", me);
        }
    }
}

#[test]
fn calls_are_different_from_each_other() {
    let (mut kernel, to, _) = system();
    let (seen, note) = notes::<CallId>();
    let caller = Scripted::new(move |event, context| {
        if event == Event::Start {
            for _ in 0..2 {
                note(context.call(to[0][1], &message(1), None).expect("taken"));
            }
        }
        Ok(())
    });
    run(&mut kernel, [caller, idle(), idle()]);
    assert_ne!(seen.borrow()[0], seen.borrow()[1]);
}
