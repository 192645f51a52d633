//! The kernel: who waits for whom, and whose turn it is.
//!
//! Messages wait in records, which are linked to a queue for each machine. The record of a call is there until the caller
//! has its answer, which travels in the same record: there is always room for an answer.

use crate::capability::{Capabilities, Capability, CapabilityError, Held, Object, Rights, Slot};
use crate::context::Context;
use crate::machine::{Fault, Machine, MachineId};
use crate::memory::Memory;
use crate::message::{CallError, CallId, Event, Message, SendError};
use crate::node::MOST_MACHINES;
use crate::region::Region;
use heapless::HistoryBuffer;

/// Faults that are remembered.
pub const FAULTS: usize = 4;
/// Faults in a row, without an event that was handled in between, after which a machine is not started again.
pub const LIVES: u8 = 3;

/// A fault, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// Whose.
    pub machine: MachineId,
    /// What and where.
    pub fault: Fault,
    /// How often the machine had been started again before.
    pub generation: u16,
}

/// What a record is in use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Free,
    /// A message in the receiver's queue.
    Sent,
    /// A call in the receiver's queue.
    Called,
    /// A call that the receiver knows of and has not answered.
    Taken,
    /// An answer in the caller's queue.
    Answered(Option<CallError>),
}

/// No record, no machine: the end of a queue.
const NONE: u8 = u8::MAX;

/// A message on its way.
#[derive(Clone, Copy, Debug)]
struct Record {
    stage: Stage,
    /// The one behind it in its queue.
    next: u8,
    sender: MachineId,
    receiver: MachineId,
    badge: u16,
    /// How often the record has been used for a call.
    generation: u16,
    message: Message,
    /// What came with it, in the table of who gets it: given, or lent.
    capability: Option<Slot>,
    /// The right to answer, in the receiver's table.
    reply: Option<Slot>,
}

const FREE: Record = Record {
    stage: Stage::Free,
    next: NONE,
    sender: MachineId(0),
    receiver: MachineId(0),
    badge: 0,
    generation: 0,
    message: Message { label: 0, words: [0; 3] },
    capability: None,
    reply: None,
};

/// What the kernel knows of a machine.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The first and the last record of its queue.
    first: u8,
    last: u8,
    /// Messages and calls in it, without answers.
    waiting: u8,
    /// Calls of its own that have no answer.
    calls: u8,
    /// Who has the next turn, if it waits for its own.
    next_ready: u8,
    is_ready: bool,
    notified: u16,
    generation: u16,
    started: bool,
    /// Faults in a row.
    faults: u8,
}

const NEW: State = State {
    first: NONE,
    last: NONE,
    waiting: 0,
    calls: 0,
    next_ready: NONE,
    is_ready: false,
    notified: 0,
    generation: 0,
    started: false,
    faults: 0,
};

/// The kernel for `M` machines with `N` capabilities, at most `S` each, and `R` messages and calls on their way, of which
/// `Q` at most wait for one machine.
#[derive(Debug)]
pub struct Kernel<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> {
    /// Who holds what.
    pub capabilities: Capabilities<S, N>,
    states: [State; M],
    records: [Record; R],
    faults: HistoryBuffer<FaultRecord, FAULTS>,
    /// The first of the records that are free.
    free: u8,
    /// The first and the last machine that wait for their turn.
    first_ready: u8,
    last_ready: u8,
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Kernel<M, S, N, Q, R> {
    const FITS: () = assert!(M <= MOST_MACHINES && R < NONE as usize && Q <= R);

    /// No machine has anything yet.
    pub const fn new() -> Self {
        let () = Self::FITS;
        let mut kernel = Kernel {
            capabilities: Capabilities::new(),
            states: [NEW; M],
            records: [FREE; R],
            faults: HistoryBuffer::new(),
            free: NONE,
            first_ready: NONE,
            last_ready: NONE,
        };
        let mut index = 0;
        while index < R {
            kernel.release(index as u8);
            index += 1;
        }
        let mut machine = 0;
        while machine < M {
            kernel.wake(MachineId(machine as u8));
            machine += 1;
        }
        kernel
    }

    /// A record is free.
    const fn release(&mut self, index: u8) {
        let record = &mut self.records[index as usize];
        record.stage = Stage::Free;
        record.next = self.free;
        self.free = index;
    }

    /// A machine has something to do: it gets its turn after those who wait for theirs.
    const fn wake(&mut self, machine: MachineId) {
        let state = &mut self.states[machine.0 as usize];
        if state.is_ready {
            return;
        }
        state.is_ready = true;
        state.next_ready = NONE;
        if self.first_ready == NONE {
            self.first_ready = machine.0;
        } else {
            self.states[self.last_ready as usize].next_ready = machine.0;
        }
        self.last_ready = machine.0;
    }

    /// Sets bits for a machine: what an interrupt does.
    pub fn post(&mut self, machine: MachineId, bits: u16) {
        if let Some(state) = self.states.get_mut(usize::from(machine.0)) {
            state.notified |= bits;
            self.wake(machine);
        }
    }

    /// The last faults, the oldest first.
    pub fn faults(&self) -> impl Iterator<Item = &FaultRecord> {
        self.faults.oldest_ordered()
    }

    /// Whether a machine has failed too often and is not started any more.
    pub fn is_stopped(&self, machine: MachineId) -> bool {
        self.states.get(usize::from(machine.0)).is_none_or(|state| state.faults >= LIVES)
    }

    /// Gives one event to a machine that waits for one, each in its turn. Whether there was one.
    pub fn step(&mut self, machines: &mut [&mut dyn Machine; M], memory: &mut dyn Memory) -> bool {
        while let Some(state) = self.states.get_mut(usize::from(self.first_ready)) {
            let me = MachineId(self.first_ready);
            self.first_ready = state.next_ready;
            state.is_ready = false;
            let Some(event) = self.next_event(me) else { continue };
            let turn = usize::from(me.0);
            match machines[turn].handle(event, &mut Running { kernel: self, memory, me }) {
                Ok(()) => self.states[turn].faults = 0,
                Err(fault) => {
                    machines[turn].restart();
                    self.fail(me, fault);
                }
            }
            let state = &self.states[turn];
            if state.first != NONE || state.notified != 0 || !state.started {
                self.wake(me);
            }
            return true;
        }
        false
    }

    /// What a machine is told next: notifications first, then what is in its queue.
    fn next_event(&mut self, me: MachineId) -> Option<Event> {
        let state = &mut self.states[usize::from(me.0)];
        if state.faults >= LIVES {
            return None;
        }
        if !state.started {
            state.started = true;
            return Some(Event::Start);
        }
        if state.notified != 0 {
            return Some(Event::Notification { bits: core::mem::take(&mut state.notified) });
        }
        let index = state.first;
        let record = self.records.get_mut(usize::from(index))?;
        state.first = record.next;
        let Record { message, badge, reply, generation, .. } = *record;
        // What came with it may have been revoked meanwhile.
        let capability = record.capability.filter(|slot| self.capabilities.get(me, *slot).is_ok());
        Some(match (record.stage, reply) {
            (Stage::Called, Some(reply)) => {
                record.stage = Stage::Taken;
                state.waiting -= 1;
                Event::Call { badge, message, reply, lent: capability }
            }
            (Stage::Answered(error), _) => {
                self.release(index);
                let result = error.map_or(Ok(message), Err);
                Event::Reply { call: CallId::new(index, generation), result, capability }
            }
            _ => {
                state.waiting -= 1;
                self.release(index);
                Event::Message { badge, message, capability }
            }
        })
    }

    /// Puts a record at the end of a machine's queue.
    fn enqueue(&mut self, machine: MachineId, index: u8) {
        let state = &mut self.states[usize::from(machine.0)];
        if state.first == NONE {
            state.first = index;
        } else {
            self.records[usize::from(state.last)].next = index;
        }
        state.last = index;
        self.records[usize::from(index)].next = NONE;
        self.wake(machine);
    }

    /// Takes a record that is not an answer out of a machine's queue.
    fn dequeue(&mut self, machine: MachineId, index: u8) {
        self.states[usize::from(machine.0)].waiting -= 1;
        self.filter(machine, |other, _| other != index);
    }

    /// Leaves those records in a machine's queue that are to stay.
    fn filter(&mut self, machine: MachineId, stays: impl Fn(u8, Stage) -> bool) {
        let mut next = core::mem::replace(&mut self.states[usize::from(machine.0)].first, NONE);
        while let Some(record) = self.records.get(usize::from(next)) {
            let index = next;
            next = record.next;
            if stays(index, record.stage) {
                self.enqueue(machine, index);
            }
        }
    }

    /// A machine has failed: it is noted, who waits for it is told, and it begins anew.
    fn fail(&mut self, machine: MachineId, fault: Fault) {
        let state = &mut self.states[usize::from(machine.0)];
        self.faults.write(FaultRecord { machine, fault, generation: state.generation });
        state.generation = state.generation.wrapping_add(1);
        state.faults += 1;
        state.started = false;
        let is_stopped = state.faults >= LIVES;
        for index in 0..R {
            let Record { stage, sender, receiver, reply, capability, .. } = self.records[index];
            let is_open = matches!(stage, Stage::Called | Stage::Taken);
            let is_mine = is_open && sender == machine;
            let is_for_me =
                receiver == machine && (stage == Stage::Taken || (stage == Stage::Called && is_stopped));
            if (is_mine || is_for_me) && stage == Stage::Called {
                self.dequeue(receiver, index as u8);
            }
            if is_mine {
                // Nobody takes the answer: what was lent is back, and nobody can answer.
                if let Some(lent) = capability {
                    self.capabilities.take_back(receiver, lent);
                }
                if let Some(reply) = reply {
                    self.capabilities.take(receiver, reply);
                }
                self.release(index as u8);
            } else if is_for_me {
                self.finish(index, Err(CallError::Failed), None);
            }
        }
        // Answers to what it has asked before, and what was sent to one that will not start again.
        let is_gone = |stage| matches!(stage, Stage::Answered(_)) || is_stopped;
        self.filter(machine, |_, stage| !is_gone(stage));
        for index in 0..R {
            let Record { stage, sender, receiver, .. } = self.records[index];
            let queued_for = match stage {
                Stage::Answered(_) => sender,
                Stage::Sent => receiver,
                _ => continue,
            };
            if queued_for == machine && is_gone(stage) {
                self.release(index as u8);
            }
        }
        if is_stopped {
            self.states[usize::from(machine.0)].waiting = 0;
        }
        self.states[usize::from(machine.0)].calls = 0;
        // What it has not been told yet it will be told: only the event that it failed with is gone.
        let records = &self.records;
        let is_to_come = |slot| {
            records.iter().any(|record| {
                record.receiver == machine
                    && matches!(record.stage, Stage::Sent | Stage::Called)
                    && [record.capability, record.reply].contains(&Some(slot))
            })
        };
        self.capabilities.reset(machine, is_to_come);
    }

    /// A call is over: the answer is on its way to the caller.
    fn finish(&mut self, index: usize, result: Result<Message, CallError>, capability: Option<Slot>) {
        let record = &mut self.records[index];
        let Record { receiver, sender, capability: lent, reply, .. } = *record;
        record.stage = Stage::Answered(result.err());
        record.message = result.unwrap_or_default();
        record.capability = capability;
        if let Some(lent) = lent {
            self.capabilities.take_back(receiver, lent);
        }
        if let Some(reply) = reply {
            self.capabilities.take(receiver, reply);
        }
        self.states[usize::from(sender.0)].calls -= 1;
        self.enqueue(sender, index as u8);
    }

    /// The record of the call that this would answer.
    fn taken(&self, id: CallId) -> Result<usize, CapabilityError> {
        let index = usize::from(id.index());
        match self.records.get(index) {
            Some(record) if record.stage == Stage::Taken && record.generation == id.generation() => Ok(index),
            _ => Err(CapabilityError::Empty),
        }
    }

    /// Whether `one` waits for `other`, itself or by way of others. Calls make no cycle, so no way is longer than `M`.
    fn waits_for(&self, one: MachineId, other: MachineId, ways: usize) -> bool {
        let has_called =
            |record: &&Record| record.sender == one && matches!(record.stage, Stage::Called | Stage::Taken);
        one == other
            || (self.states[usize::from(one.0)].calls > 0
                && ways > 0
                && self
                    .records
                    .iter()
                    .filter(has_called)
                    .any(|record| self.waits_for(record.receiver, other, ways - 1)))
    }

    /// A record for a machine that can take one message more.
    fn free_record(&self, receiver: MachineId) -> Result<usize, SendError> {
        let state = self.states.get(usize::from(receiver.0)).ok_or(SendError::Stopped)?;
        if state.faults >= LIVES {
            return Err(SendError::Stopped);
        }
        if usize::from(state.waiting) >= Q {
            return Err(SendError::QueueFull);
        }
        if self.free == NONE {
            return Err(SendError::QueueFull);
        }
        Ok(usize::from(self.free))
    }
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
    /// Who is behind an endpoint, and the badge.
    fn endpoint(&self, slot: Slot, right: Rights) -> Result<(MachineId, u16), CapabilityError> {
        match self.kernel.capabilities.with_rights(self.me, slot, right)? {
            Object::Endpoint { receiver, badge } => Ok((receiver, badge)),
            _ => Err(CapabilityError::WrongObject),
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

    /// Puts a message into a record that is free, and into its receiver's queue.
    fn enqueue(&mut self, index: usize, record: Record) {
        let receiver = record.receiver;
        self.kernel.free = self.kernel.records[index].next;
        self.kernel.records[index] = record;
        self.kernel.states[usize::from(receiver.0)].waiting += 1;
        self.kernel.enqueue(receiver, index as u8);
    }
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Context
    for Running<'_, M, S, N, Q, R>
{
    fn me(&self) -> MachineId {
        self.me
    }

    fn capability(&self, slot: Slot) -> Result<Capability, CapabilityError> {
        self.kernel.capabilities.get(self.me, slot)
    }

    fn send(&mut self, endpoint: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let (receiver, badge) = self.endpoint(endpoint, Rights::WRITE)?;
        let index = self.kernel.free_record(receiver)?;
        let capability =
            capability.map(|slot| self.kernel.capabilities.transfer(self.me, slot, receiver)).transpose()?;
        let generation = self.kernel.records[index].generation;
        let record = Record {
            stage: Stage::Sent,
            sender: self.me,
            receiver,
            badge,
            message,
            capability,
            generation,
            ..FREE
        };
        self.enqueue(index, record);
        Ok(())
    }

    fn call(
        &mut self,
        endpoint: Slot,
        message: Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError> {
        let (receiver, badge) = self.endpoint(endpoint, Rights::EXECUTE)?;
        if self.kernel.waits_for(receiver, self.me, M) {
            return Err(SendError::Cycle);
        }
        let index = self.kernel.free_record(receiver)?;
        let id = CallId::new(index as u8, self.kernel.records[index].generation.wrapping_add(1));
        let reply = self.kernel.capabilities.put_reply(receiver, id)?;
        let lent = match lend {
            None => None,
            Some((slot, rights)) => match self.kernel.capabilities.lend(self.me, slot, receiver, rights) {
                Ok(lent) => Some(lent),
                Err(error) => {
                    self.kernel.capabilities.take(receiver, reply);
                    return Err(error.into());
                }
            },
        };
        let record = Record {
            stage: Stage::Called,
            next: NONE,
            sender: self.me,
            receiver,
            badge,
            generation: id.generation(),
            message,
            capability: lent,
            reply: Some(reply),
        };
        self.kernel.states[usize::from(self.me.0)].calls += 1;
        self.enqueue(index, record);
        Ok(id)
    }

    fn reply(&mut self, reply: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let Object::Reply(id) = self.kernel.capabilities.get(self.me, reply)?.object else {
            return Err(CapabilityError::WrongObject.into());
        };
        let index = self.kernel.taken(id)?;
        let caller = self.kernel.records[index].sender;
        let capability =
            capability.map(|slot| self.kernel.capabilities.transfer(self.me, slot, caller)).transpose()?;
        self.kernel.finish(index, Ok(message), capability);
        Ok(())
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
        match self.kernel.capabilities.get(self.me, slot)?.object {
            Object::Reply(id) => {
                let index = self.kernel.taken(id)?;
                self.kernel.finish(index, Err(CallError::Dropped), None);
                Ok(())
            }
            _ => self.kernel.capabilities.delete(self.me, slot),
        }
    }

    fn revoke(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke(self.me, slot)
    }

    fn revoke_part(&mut self, slot: Slot, part: Region) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke_part(self.me, slot, part)
    }

    fn held_by(&self, kernel: Slot, machine: MachineId, index: usize) -> Result<Held, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.capabilities.held_by(machine).nth(index).ok_or(CapabilityError::Empty)
    }

    fn fault(&self, kernel: Slot, index: usize) -> Result<FaultRecord, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.faults().nth(index).copied().ok_or(CapabilityError::Empty)
    }
}
