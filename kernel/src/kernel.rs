//! The kernel: who waits for whom, and whose turn it is.
//!
//! Messages wait in records, and the numbers of the records in one line with those of the machines that were notified. The record
//! of a call is there until the caller has its answer, which travels in the same record: there is always room for an answer.
//! The right to answer is in the record too.

use crate::capability::{Capabilities, Capability, CapabilityError, Held, Object, Rights, Slot};
use crate::context::Context;
use crate::faults::{FaultRecord, Faults};
use crate::machine::{Fault, MachineId, Machines};
use crate::memory::Memory;
use crate::message::{CallError, CallId, Event, Message, SendError};
use crate::node::MOST_MACHINES;
use crate::region::Region;
use crate::turns::{self, Turns};
use core::mem::MaybeUninit;

/// Faults in a row, without an event that was handled in between, after which a machine is not started again.
pub const LIVES: u8 = 3;

/// What a record is in use for.
// What there is most often comes first, and is looked for first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Free,
    /// A call on its way.
    Called,
    /// An answer on its way to the caller.
    Answered,
    /// A message on its way.
    Sent,
    /// No answer: that is on its way.
    Failed,
    Dropped,
    /// A call that the receiver knows of and has not answered.
    Taken,
}

/// No record: the end of those that are free.
const NONE: u8 = u8::MAX;

/// A machine's number in the line has this bit, a record's has not.
const MACHINE: u8 = 0x80;

/// A message on its way.
#[derive(Clone, Copy, Debug)]
struct Record {
    message: Message,
    /// The last call that it was used for, or is.
    call: CallId,
    stage: Stage,
    /// The next one that is free.
    next: u8,
    sender: MachineId,
    receiver: MachineId,
    badge: u16,
    /// What came with it, in the table of who gets it: given, or lent.
    capability: Option<Slot>,
    /// It has 32 bytes: the companion cannot multiply by 28.
    unused: MaybeUninit<u32>,
}

const FREE: Record = Record {
    message: Message { label: 0, words: [0; 3] },
    call: CallId::first(0),
    stage: Stage::Free,
    next: NONE,
    sender: MachineId(0),
    receiver: MachineId(0),
    badge: 0,
    capability: None,
    unused: MaybeUninit::uninit(),
};

impl Record {
    /// It is free, the first of those that are.
    #[inline(always)]
    const fn release(&mut self, index: u8, free: &mut u8) {
        self.stage = Stage::Free;
        self.next = *free;
        *free = index;
    }

    /// Whether it is a call without an answer.
    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Called | Stage::Taken)
    }

    /// Whether a slot of this machine is the right to answer it.
    fn is_answered_with(&self, machine: MachineId, slot: Slot) -> bool {
        self.call.is_answered_with(slot) && self.stage == Stage::Taken && self.receiver == machine
    }
}

/// What a machine's own number is in the line for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is not in the line.
    Out,
    ToNotify,
    ToStart,
}

/// What the kernel knows of a machine.
#[derive(Clone, Copy, Debug)]
struct State {
    standing: Standing,
    /// Messages and calls on their way to it, without answers. [`STOPPED`] if it takes none any more.
    waiting: u8,
    /// Calls of its own that have no answer.
    calls: u8,
    /// Faults in a row. Only the next start or fault counts on it.
    faults: u8,
    notified: u16,
    generation: u16,
}

/// As many messages wait for a machine that has failed too often: it is always full.
const STOPPED: u8 = u8::MAX;

impl State {
    const NEW: State =
        State { standing: Standing::Out, waiting: 0, calls: 0, faults: 0, notified: 0, generation: 0 };

    fn is_stopped(&self) -> bool {
        self.waiting == STOPPED
    }
}

/// The kernel for `M` machines with `N` capabilities, at most `S` each, and `R` messages and calls on their way, of which
/// `Q` at most wait for one machine.
#[derive(Debug)]
pub struct Kernel<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> {
    /// Who holds what, but for rights to answer.
    pub capabilities: Capabilities<S, N>,
    states: [State; M],
    records: [Record; R],
    turns: Turns,
    /// The first of the records that are free.
    free: u8,
    faults: Faults,
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Kernel<M, S, N, Q, R> {
    const FITS: () = assert!(M <= MOST_MACHINES && M + R <= turns::PLACES && Q <= R && Q < STOPPED as usize);

    /// No machine has anything yet.
    pub const fn new() -> Self {
        let () = Self::FITS;
        let mut kernel = Kernel {
            capabilities: Capabilities::new(),
            states: [State::NEW; M],
            records: [FREE; R],
            turns: Turns::new(),
            free: NONE,
            faults: Faults::new(),
        };
        let mut index = 0;
        while index < R {
            kernel.records[index].call = CallId::first(index as u8);
            kernel.records[index].release(index as u8, &mut kernel.free);
            index += 1;
        }
        let mut machine = 0;
        while machine < M {
            kernel.states[machine].standing = Standing::ToStart;
            kernel.turns.push(MACHINE | machine as u8);
            machine += 1;
        }
        kernel
    }

    /// Sets bits for a machine: what an interrupt does. It gets its turn after all that is in the line.
    pub fn post(&mut self, machine: MachineId, bits: u16) {
        if let Some(state) = self.states.get_mut(usize::from(machine.0)) {
            state.notified |= bits;
            if state.standing == Standing::Out {
                state.standing = Standing::ToNotify;
                self.turns.push(MACHINE | machine.0);
            }
        }
    }

    /// The last faults, the oldest first.
    pub fn faults(&self) -> impl Iterator<Item = FaultRecord> + '_ {
        (0..).map_while(|index| self.faults.get(index))
    }

    /// Whether a machine has failed too often and is not started any more.
    pub fn is_stopped(&self, machine: MachineId) -> bool {
        self.states.get(usize::from(machine.0)).is_none_or(State::is_stopped)
    }

    /// All that a machine holds: capabilities, then the rights to answer.
    pub fn held_by(&self, machine: MachineId) -> impl Iterator<Item = Held> + '_ {
        (0..).map_while(move |index| self.held(machine, index))
    }

    /// The `index`-th of all that a machine holds.
    fn held(&self, machine: MachineId, mut index: usize) -> Option<Held> {
        if let Some(held) = self.capabilities.held(machine, &mut index) {
            return Some(held);
        }
        for record in &self.records {
            if record.is_open() && record.receiver == machine {
                if index == 0 {
                    let capability = right_to_answer(record.call);
                    return Some(Held { slot: record.call.reply(), capability, parent: None });
                }
                index -= 1;
            }
        }
        None
    }

    /// Gives one event to a machine that waits for one, each in its turn. Whether there was one.
    // Its only caller is the main loop. Each event is made where the machine finds it: it is copied once.
    #[inline]
    pub fn step(&mut self, machines: &mut impl Machines, memory: &mut dyn Memory) -> bool {
        while let Some(turn) = self.turns.pop() {
            let me;
            let event = match self.records.get_mut(usize::from(turn)) {
                Some(record) => match record.stage {
                    Stage::Called => {
                        me = record.receiver;
                        if let Some(state) = self.states.get_mut(usize::from(me.0)) {
                            state.waiting -= 1;
                        }
                        record.stage = Stage::Taken;
                        Event::Call {
                            badge: record.badge,
                            message: record.message,
                            reply: record.call.reply(),
                            lent: self.capabilities.still(me, record.capability),
                        }
                    }
                    Stage::Answered => {
                        me = record.sender;
                        record.release(turn, &mut self.free);
                        Event::Reply {
                            call: record.call,
                            result: Ok(record.message),
                            capability: self.capabilities.still(me, record.capability),
                        }
                    }
                    Stage::Sent => {
                        me = record.receiver;
                        if let Some(state) = self.states.get_mut(usize::from(me.0)) {
                            state.waiting -= 1;
                        }
                        record.release(turn, &mut self.free);
                        Event::Message {
                            badge: record.badge,
                            message: record.message,
                            capability: self.capabilities.still(me, record.capability),
                        }
                    }
                    stage => {
                        me = record.sender;
                        record.release(turn, &mut self.free);
                        let is_dropped = stage == Stage::Dropped;
                        let error = if is_dropped { CallError::Dropped } else { CallError::Failed };
                        Event::Reply { call: record.call, result: Err(error), capability: None }
                    }
                },
                None => {
                    me = MachineId(turn & !MACHINE);
                    match self.start_or_notify(me) {
                        Some(event) => event,
                        None => continue,
                    }
                }
            };
            let Some(machine) = machines.get(me) else { continue };
            if let Err(fault) = machine.handle(event, &mut Running { kernel: self, memory, me }) {
                machine.restart();
                self.fail(me, fault, turn < MACHINE);
            }
            return true;
        }
        false
    }

    /// What happens to a machine whose own number was in the line, if it has not been stopped.
    fn start_or_notify(&mut self, machine: MachineId) -> Option<Event> {
        let state = self.states.get_mut(usize::from(machine.0))?;
        if state.is_stopped() {
            return None;
        }
        if core::mem::replace(&mut state.standing, Standing::Out) == Standing::ToStart {
            // What it was notified of before comes in another turn.
            if state.notified != 0 {
                self.post(machine, 0);
            }
            return Some(Event::Start);
        }
        state.faults = 0;
        let bits = core::mem::take(&mut state.notified);
        (bits != 0).then_some(Event::Notification { bits })
    }

    /// A machine has failed: it is noted, who waits for it is told, and it begins anew. `in_message`: with one, which is handled
    /// only after the start was.
    #[inline(never)]
    fn fail(&mut self, machine: MachineId, fault: Fault, in_message: bool) {
        let state = &mut self.states[usize::from(machine.0)];
        self.faults.write(FaultRecord { machine, fault, generation: state.generation });
        state.generation = state.generation.wrapping_add(1);
        state.faults = if in_message { 1 } else { state.faults + 1 };
        let is_stopped = state.faults >= LIVES;
        // The line goes around once, and what nobody waits for any more leaves it: its own calls, answers to them, and what is
        // for one that will not start again.
        for _ in 0..self.turns.len() {
            let Some(turn) = self.turns.pop() else { break };
            let Some(record) = self.records.get_mut(usize::from(turn)) else {
                if turn != MACHINE | machine.0 {
                    self.turns.push(turn);
                }
                continue;
            };
            let Record { stage, sender, receiver, .. } = *record;
            let is_to_nobody = receiver == machine && is_stopped;
            match stage {
                Stage::Called if sender == machine || is_to_nobody => {
                    record.stage = Stage::Taken;
                    self.states[usize::from(receiver.0)].waiting -= 1;
                }
                Stage::Sent if is_to_nobody => {
                    self.states[usize::from(receiver.0)].waiting -= 1;
                    record.release(turn, &mut self.free);
                }
                Stage::Answered | Stage::Failed | Stage::Dropped if sender == machine => {
                    record.release(turn, &mut self.free);
                }
                _ => self.turns.push(turn),
            }
        }
        for index in 0..R {
            let Record { stage, sender, receiver, .. } = self.records[index];
            if stage != Stage::Taken {
                continue;
            }
            if sender == machine {
                // Nobody takes the answer: what was lent is back, and nobody can answer.
                self.settle(index, None);
                self.states[usize::from(machine.0)].calls -= 1;
                self.records[index].release(index as u8, &mut self.free);
            } else if receiver == machine {
                self.finish(index, Stage::Failed, None);
            }
        }
        let state = &mut self.states[usize::from(machine.0)];
        if is_stopped {
            state.waiting = STOPPED;
        } else {
            // Before all that is still to come to it.
            state.standing = Standing::ToStart;
            self.turns.push_front(MACHINE | machine.0);
        }
        // What it has not been told yet it will be told: only the event that it failed with is gone.
        let records = &self.records;
        let is_to_come = |slot| {
            records.iter().any(|record| {
                record.receiver == machine
                    && matches!(record.stage, Stage::Sent | Stage::Called)
                    && record.capability == Some(slot)
            })
        };
        self.capabilities.reset(machine, is_to_come);
    }

    /// What was lent with a call is back, and `capability` goes with the answer.
    fn settle(&mut self, index: usize, capability: Option<Slot>) {
        let record = &mut self.records[index];
        let (receiver, lent) = (record.receiver, core::mem::replace(&mut record.capability, capability));
        if let Some(lent) = lent {
            self.capabilities.take_back(receiver, lent);
        }
    }

    /// A call is over: the answer, which is in its record, or that there is none is on its way to the caller.
    #[inline(always)]
    fn hand_back(&mut self, index: usize, stage: Stage) {
        let Some(record) = self.records.get_mut(index) else { return };
        record.stage = stage;
        if let Some(caller) = self.states.get_mut(usize::from(record.sender.0)) {
            caller.calls -= 1;
        }
        self.turns.push(index as u8);
    }

    /// A call is over, with which something may have been lent.
    #[inline(never)]
    fn finish(&mut self, index: usize, stage: Stage, capability: Option<Slot>) {
        self.settle(index, capability);
        self.hand_back(index, stage);
    }

    /// The record of the call that a machine can answer with this.
    fn to_answer(&self, machine: MachineId, reply: Slot) -> Result<usize, CapabilityError> {
        if !reply.is_for_call() {
            return self.capabilities.get(machine, reply).and(Err(CapabilityError::WrongObject));
        }
        let index = reply.call_index();
        match self.records.get(index) {
            Some(record) if record.is_answered_with(machine, reply) => Ok(index),
            _ => Err(CapabilityError::Empty),
        }
    }

    /// Whether `one` waits for `other`, itself or by way of others.
    #[inline(always)]
    fn waits_for(&self, one: MachineId, other: MachineId) -> bool {
        if one == other || self.states[usize::from(one.0)].calls == 0 {
            return one == other;
        }
        // Those that it waits for, as bits.
        let mut waits_for = 1_u32 << one.0;
        loop {
            let before = waits_for;
            for record in self.records.iter().filter(|record| record.is_open()) {
                if before >> record.sender.0 & 1 != 0 {
                    waits_for |= 1 << record.receiver.0;
                }
            }
            if waits_for == before {
                return waits_for >> other.0 & 1 != 0;
            }
        }
    }

    /// Whether a machine can take one message more, and there is a record for it.
    fn has_room(&self, receiver: MachineId) -> Result<(), SendError> {
        match self.states.get(usize::from(receiver.0)) {
            Some(state) if !state.is_stopped() => {
                if usize::from(state.waiting) < Q && self.free != NONE {
                    Ok(())
                } else {
                    Err(SendError::QueueFull)
                }
            }
            _ => Err(SendError::Stopped),
        }
    }

    /// Puts a message on its way, for which there is room. For a call: its identity.
    #[inline(always)]
    fn put(
        &mut self,
        (sender, stage): (MachineId, Stage),
        (receiver, badge): (MachineId, u16),
        message: &Message,
        capability: Option<Slot>,
    ) -> Result<CallId, SendError> {
        let index = self.free;
        let (Some(record), Some(state)) =
            (self.records.get_mut(usize::from(index)), self.states.get_mut(usize::from(receiver.0)))
        else {
            return Err(SendError::QueueFull);
        };
        self.free = record.next;
        state.waiting += 1;
        let call = record.call.next();
        let Record { next, unused, .. } = *record;
        let message = *message;
        *record = Record { message, call, stage, next, sender, receiver, badge, capability, unused };
        self.turns.push(index);
        if stage == Stage::Called {
            if let Some(state) = self.states.get_mut(usize::from(sender.0)) {
                state.calls += 1;
            }
        }
        Ok(call)
    }

    /// As [`Kernel::put`], from where it need not be fast.
    #[inline(never)]
    fn put_slowly(
        &mut self,
        sender: (MachineId, Stage),
        receiver: (MachineId, u16),
        message: &Message,
        capability: Option<Slot>,
    ) -> Result<CallId, SendError> {
        self.put(sender, receiver, message, capability)
    }
}

/// The capability to answer a call.
fn right_to_answer(call: CallId) -> Capability {
    Capability { object: Object::Reply(call), rights: Rights::WRITE }
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Default
    for Kernel<M, S, N, Q, R>
{
    fn default() -> Self {
        Kernel::new()
    }
}

/// The kernel while a machine handles an event.
struct Running<'a, const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> {
    kernel: &'a mut Kernel<M, S, N, Q, R>,
    memory: &'a mut dyn Memory,
    me: MachineId,
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize>
    Running<'_, M, S, N, Q, R>
{
    /// Who is behind an endpoint, and the badge, if there is room for a message.
    #[inline(never)]
    fn receiver(&self, slot: Slot, right: Rights) -> Result<(MachineId, u16), SendError> {
        match self.kernel.capabilities.with_rights(self.me, slot, right)? {
            Object::Endpoint { receiver, badge } => {
                self.kernel.has_room(receiver)?;
                Ok((receiver, badge))
            }
            _ => Err(CapabilityError::WrongObject.into()),
        }
    }

    /// Address of bytes in a region.
    fn address(&self, slot: Slot, right: Rights, offset: u32, bytes: usize) -> Result<u32, CapabilityError> {
        match self.kernel.capabilities.with_rights(self.me, slot, right)? {
            Object::Region(region) => region.at(offset, bytes).ok_or(CapabilityError::OutOfRange),
            _ => Err(CapabilityError::WrongObject),
        }
    }

    /// Whether this is a capability to read the kernel.
    fn may_read(&self, slot: Slot) -> Result<(), CapabilityError> {
        match self.kernel.capabilities.with_rights(self.me, slot, Rights::READ)? {
            Object::Kernel => Ok(()),
            _ => Err(CapabilityError::WrongObject),
        }
    }

    /// Calls an endpoint of one that may wait for others, or lends it something, or finds out why not.
    #[inline(never)]
    fn ask(
        &mut self,
        endpoint: Slot,
        message: &Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError> {
        let (receiver, badge) = self.receiver(endpoint, Rights::EXECUTE)?;
        if self.kernel.waits_for(receiver, self.me) {
            return Err(SendError::Cycle);
        }
        let lent = match lend {
            None => None,
            Some((slot, rights)) => match self.kernel.capabilities.lend(self.me, slot, receiver, rights) {
                Ok(lent) => Some(lent),
                Err(error) => return Err(error.into()),
            },
        };
        self.kernel.put_slowly((self.me, Stage::Called), (receiver, badge), message, lent)
    }

    /// Answers a call with which something was lent, or with a capability.
    #[inline(never)]
    fn answer(&mut self, reply: Slot, message: &Message, capability: Option<Slot>) -> Result<(), SendError> {
        let index = self.kernel.to_answer(self.me, reply)?;
        let caller = self.kernel.records[index].sender;
        let capability = self.give_away(capability, caller)?;
        self.kernel.records[index].message = *message;
        self.kernel.finish(index, Stage::Answered, capability);
        Ok(())
    }

    /// What goes with a message becomes its receiver's.
    fn give_away(
        &mut self,
        capability: Option<Slot>,
        to: MachineId,
    ) -> Result<Option<Slot>, CapabilityError> {
        match capability {
            None => Ok(None),
            Some(slot) => self.kernel.capabilities.transfer(self.me, slot, to).map(Some),
        }
    }
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Context
    for Running<'_, M, S, N, Q, R>
{
    fn me(&self) -> MachineId {
        self.me
    }

    fn capability(&self, slot: Slot) -> Result<Capability, CapabilityError> {
        if !slot.is_for_call() {
            return self.kernel.capabilities.get(self.me, slot);
        }
        let index = self.kernel.to_answer(self.me, slot)?;
        Ok(right_to_answer(self.kernel.records[index].call))
    }

    fn send(&mut self, endpoint: Slot, message: &Message, capability: Option<Slot>) -> Result<(), SendError> {
        let (receiver, badge) = self.receiver(endpoint, Rights::WRITE)?;
        let capability = self.give_away(capability, receiver)?;
        self.kernel.put_slowly((self.me, Stage::Sent), (receiver, badge), message, capability).map(|_| ())
    }

    fn call(
        &mut self,
        endpoint: Slot,
        message: &Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError> {
        let kernel = &mut *self.kernel;
        let receiver = kernel.capabilities.endpoint(self.me, endpoint, Rights::EXECUTE);
        if let (None, Some((receiver, badge))) = (lend, receiver) {
            // Who waits for nobody does not wait for this one.
            let is_simple = |state: &State| state.calls == 0 && usize::from(state.waiting) < Q;
            let is_simple = kernel.states.get(usize::from(receiver.0)).is_some_and(is_simple);
            if is_simple && receiver != self.me && kernel.free < R as u8 {
                return kernel.put((self.me, Stage::Called), (receiver, badge), message, None);
            }
        }
        self.ask(endpoint, message, lend)
    }

    fn reply(&mut self, reply: Slot, message: &Message, capability: Option<Slot>) -> Result<(), SendError> {
        let index = reply.call_index();
        match self.kernel.records.get_mut(index) {
            Some(record)
                if record.is_answered_with(self.me, reply)
                    && record.capability.is_none()
                    && capability.is_none() =>
            {
                record.message = *message;
                self.kernel.hand_back(index, Stage::Answered);
                Ok(())
            }
            _ => self.answer(reply, message, capability),
        }
    }

    fn notify(&mut self, notification: Slot) -> Result<(), SendError> {
        match self.kernel.capabilities.with_rights(self.me, notification, Rights::WRITE)? {
            Object::Notification { receiver, bits } => {
                self.kernel.post(receiver, bits);
                Ok(())
            }
            _ => Err(CapabilityError::WrongObject.into()),
        }
    }

    fn read(&mut self, region: Slot, offset: u32, bytes: &mut [u8]) -> Result<(), CapabilityError> {
        let address = self.address(region, Rights::READ, offset, bytes.len())?;
        Ok(self.memory.read(address, bytes)?)
    }

    fn write(&mut self, region: Slot, offset: u32, bytes: &[u8]) -> Result<(), CapabilityError> {
        let address = self.address(region, Rights::WRITE, offset, bytes.len())?;
        Ok(self.memory.write(address, bytes)?)
    }

    fn mint(&mut self, slot: Slot, part: Option<Object>, rights: Rights) -> Result<Slot, CapabilityError> {
        self.kernel.capabilities.mint(self.me, slot, self.me, part, rights)
    }

    fn delete(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        if !slot.is_for_call() {
            return self.kernel.capabilities.delete(self.me, slot);
        }
        let index = self.kernel.to_answer(self.me, slot)?;
        self.kernel.finish(index, Stage::Dropped, None);
        Ok(())
    }

    fn revoke(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke(self.me, slot)
    }

    fn revoke_part(&mut self, slot: Slot, part: Region) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke_part(self.me, slot, part)
    }

    fn held_by(&self, kernel: Slot, machine: MachineId, index: usize) -> Result<Held, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.held(machine, index).ok_or(CapabilityError::Empty)
    }

    fn fault(&self, kernel: Slot, index: usize) -> Result<FaultRecord, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.faults.get(index).ok_or(CapabilityError::Empty)
    }
}
