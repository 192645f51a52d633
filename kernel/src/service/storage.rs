//! The storage: the files, and the cells that are saved.
//!
//! A file that is opened is a region of the one address space, and so is one that is being written. When a file is removed the
//! regions in it are taken back.
//!
//! Names are in the region that is lent, and the text of the answer is there afterwards. Saved cells are called by their owner:
//! the CRC of the words of the program that has left them, so a program finds its cells whatever it is called, and another one does
//! not.

use super::{answer, line, message, Text};
use crate::capability::{CapabilityError, Object, Rights, Slot};
use crate::context::Context;
use crate::files::{Draft, File, Files, FilesError, Name, NAME_BYTES};
use crate::machine::{Fault, Machine};
use crate::message::{Event, Message};
use crate::region::Region;
use crate::saved::{Checkpoint, Outcome, Saved, SavedError, Sink, Source};
use core::ops::Range;
use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::file::{Header, HEADER_BYTES};

/// Call: opens a file to read and execute it. The first word is the length of its name; if the second is 1 all of its content is
/// compared with its CRC before. With the answer comes the file's region.
pub const OPEN: u32 = 0;
/// Call: begins a file. The words are the length of its name, and how long it can become. With the answer comes the region to write to.
pub const CREATE: u32 = 1;
/// Call: makes a file of what was begun. The first word is its length. The region is taken back.
pub const SEAL: u32 = 2;
/// Call: gives up what was begun. The region is taken back.
pub const ABANDON: u32 = 3;
/// Call: removes a file. The first word is the length of its name.
pub const REMOVE: u32 = 4;
/// Call: renames a file. The words are the lengths of the two names, which follow each other.
pub const RENAME: u32 = 5;
/// Call: the next line of the list of files, from the place in the first word on, which is 0 at first. With `MORE` the second word is
/// the place where it goes on.
pub const LIST: u32 = 6;
/// Call: the next damage, with places like those of [`LIST`].
pub const CHECK: u32 = 7;
/// Call: the name of the file with this address in the address space.
pub const NAME: u32 = 8;
/// Call: the name of the program that starts by itself. `NONE` if there is none. If the first word is 1 all of the program is compared
/// with its CRC.
pub const STARTS: u32 = 9;
/// Call: which program starts by itself. The first word is the length of its name, 0 if none is to.
pub const START: u32 = 10;
/// Call: saves the cells that are lent; [`saved`] makes the message. If it fails, the first word is the error's number ([`error`]).
pub const SAVE: u32 = 11;
/// Call: the newest cells of an owner, the first word, are written to the region that is lent. With the answer comes where the
/// program goes on: [`checkpoint`]. `NONE` if nothing is saved.
pub const LOAD: u32 = 12;
/// Call: opens the program of the newest checkpoint of all. The answer's second word is its owner. `NONE` if there is none.
pub const RESUMABLE: u32 = 13;

/// The file that has the name of the program that starts by itself.
pub const STARTS_FILE: &str = ".start";

/// Cells that are saved.
pub const CELLS: usize = images::machine::COMPUTER.cells as usize;

// Where the parts of a checkpoint are in the third word.
const MODE: u32 = 16;
const IS_CHECKPOINT: u32 = 20;
const IS_PENDING: u32 = 21;
const PENDING: u32 = 24;

/// The message that saves the cells of a program.
pub fn saved(owner: u32, checkpoint: Option<Checkpoint>) -> Message {
    let [position, rest] = packed(checkpoint);
    message(SAVE, [owner, position, rest])
}

/// Where a program goes on, according to an answer to [`LOAD`]; `None` if only its cells are saved.
#[inline(never)]
pub fn checkpoint(answer: &Message) -> Option<Checkpoint> {
    let [_, position, rest] = answer.words;
    (rest >> IS_CHECKPOINT & 1 != 0).then_some(Checkpoint {
        position,
        pointer: rest as u16,
        end_of_input: (rest >> MODE & 0xF) as u8,
        pending: (rest >> IS_PENDING & 1 != 0).then_some((rest >> PENDING) as u8),
    })
}

fn packed(checkpoint: Option<Checkpoint>) -> [u32; 2] {
    checkpoint.map_or([0; 2], |checkpoint| {
        let Checkpoint { position, pointer, end_of_input, pending } = checkpoint;
        let pending = pending.map_or(0, |byte| 1 << IS_PENDING | u32::from(byte) << PENDING);
        [position, u32::from(pointer) | u32::from(end_of_input) << MODE | 1 << IS_CHECKPOINT | pending]
    })
}

/// The error of an answer to [`SAVE`] or [`LOAD`].
pub fn error(answer: &Message) -> SavedError {
    SavedError::from_number(answer.words[0])
}

/// Where the storage is.
#[derive(Clone, Debug)]
pub struct Places {
    /// Address in the address space of the flash's first byte.
    pub window: u32,
    /// Addresses in the flash of the files.
    pub files: Range<u32>,
    /// Addresses in the flash of the saved cells.
    pub saved: Range<u32>,
}

/// The machine that has the flash `F`, which is a handle: its clones are the same flash.
pub struct Storage<F> {
    flash: F,
    places: Places,
    /// The region of all files.
    region: Slot,
    files: Option<Files<F>>,
    draft: Option<Draft>,
}

/// What was done, and what to say.
struct Done {
    label: u32,
    words: [u32; 3],
    capability: Option<Slot>,
}

impl Done {
    const QUIETLY: Done = Done { label: answer::DONE, words: [0; 3], capability: None };
    const NONE: Done = Done { label: answer::NONE, ..Done::QUIETLY };

    fn text(label: u32, length: u32) -> Done {
        Done { label, words: [length, 0, 0], capability: None }
    }

    fn more(length: u32, place: u32) -> Done {
        Done { label: answer::MORE, words: [length, place, 0], capability: None }
    }
}

/// Why nothing was done.
#[derive(Clone, Copy)]
enum Failure {
    Files(FilesError),
    Saved(SavedError),
    /// What came with the question does not do.
    Question,
}

impl From<FilesError> for Failure {
    fn from(error: FilesError) -> Failure {
        Failure::Files(error)
    }
}

impl From<SavedError> for Failure {
    fn from(error: SavedError) -> Failure {
        Failure::Saved(error)
    }
}

impl From<CapabilityError> for Failure {
    fn from(_: CapabilityError) -> Failure {
        Failure::Question
    }
}

impl<F: MultiwriteNorFlash + Clone> Storage<F> {
    /// The storage in these places of the flash. The region is that of all files, in the window: to read, write, execute and give.
    pub const fn new(flash: F, places: Places, region: Slot) -> Self {
        Storage { flash, places, region, files: None, draft: None }
    }

    /// The files: mounted when they are wanted for the first time.
    #[inline(never)]
    fn files(&mut self) -> Result<&mut Files<F>, FilesError> {
        if self.files.is_none() {
            self.mount()?;
        }
        self.files.as_mut().ok_or(FilesError::NotFound)
    }

    // A frame of its own, as each of the following: the stack is small.
    #[inline(never)]
    fn mount(&mut self) -> Result<(), FilesError> {
        self.files = Some(Files::mount(self.flash.clone(), self.places.files.clone())?);
        Ok(())
    }

    fn saved(&self) -> Saved<F, CELLS> {
        Saved::new(self.flash.clone(), self.places.saved.clone())
    }

    #[inline(never)]
    fn answer(
        &mut self,
        question: Message,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let [first, ..] = question.words;
        match question.label {
            START if first == 0 => self.start_none(),
            OPEN | CREATE | REMOVE | RENAME | START => self.with_name(&question, lent, context),
            SEAL => self.seal(first, context),
            ABANDON => self.abandon(context).map(|()| Done::QUIETLY),
            LIST => self.list(first, lent, context),
            CHECK => self.check(first, lent, context),
            NAME => self.name_of(first, lent, context),
            STARTS => self.starts(first, lent, context),
            SAVE => self.save(&question, lent, context),
            LOAD => self.load(first, lent, context),
            RESUMABLE => self.resumable(context),
            _ => Err(Failure::Question),
        }
    }

    /// What is asked for a name.
    #[inline(never)]
    fn with_name(
        &mut self,
        question: &Message,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let [first, second, _] = question.words;
        // Used where it is: a copy would be on the stack as well.
        let read = name(context, lent, 0, first);
        let name = read.as_ref().map_err(|failure| *failure)?.as_str();
        match question.label {
            OPEN => self.open(name, second, context),
            CREATE => self.create(name, second, context),
            REMOVE => self.remove(name, context),
            RENAME => self.rename(name, second, lent, context),
            _ => self.start(name),
        }
    }

    #[inline(never)]
    fn open(&mut self, name: &str, checks: u32, context: &mut dyn Context) -> Result<Done, Failure> {
        let file = match checks {
            0 => self.files()?.look_up(name)?,
            _ => self.files()?.open(name)?,
        };
        self.opened(file, Rights::READ | Rights::EXECUTE | Rights::GRANT, context)
    }

    #[inline(never)]
    fn create(&mut self, name: &str, most: u32, context: &mut dyn Context) -> Result<Done, Failure> {
        self.abandon(context)?;
        let draft = self.files()?.create(name, most)?;
        let place = self.files()?.place(&draft)?;
        self.draft = Some(draft);
        self.opened(place, Rights::READ | Rights::WRITE | Rights::GRANT, context)
    }

    #[inline(never)]
    fn remove(&mut self, name: &str, context: &mut dyn Context) -> Result<Done, Failure> {
        let owner = self.files()?.look_up(name).ok().and_then(|file| self.owner(file));
        let file = self.files()?.remove(name)?;
        self.take_back(file, context)?;
        if let Some(owner) = owner {
            if self.program(owner)?.is_none() {
                self.saved().forget(owner)?;
            }
        }
        Ok(Done::QUIETLY)
    }

    #[inline(never)]
    fn rename(
        &mut self,
        from: &str,
        to_length: u32,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let to = name(context, lent, from.len() as u32, to_length);
        let to = to.as_ref().map_err(|failure| *failure)?.as_str();
        let renamed = self.files()?.rename(from, to)?;
        if let Some(file) = renamed.replaced {
            self.take_back(file, context)?;
        }
        if let Some(file) = renamed.copied {
            self.take_back(file, context)?;
        }
        Ok(Done::QUIETLY)
    }

    #[inline(never)]
    fn check(&mut self, place: u32, lent: Option<Slot>, context: &mut dyn Context) -> Result<Done, Failure> {
        let mut check = self.files()?.check_from(place);
        let damage = check.next().transpose()?;
        let next = check.place();
        Ok(match damage {
            Some(damage) => Done::more(line(context, lent, &damage), next),
            None if place == 0 => Done::text(answer::DONE, line(context, lent, &"no damage")),
            None => Done::QUIETLY,
        })
    }

    #[inline(never)]
    fn name_of(
        &mut self,
        address: u32,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let address = address.wrapping_sub(self.places.window);
        Ok(match self.entry(&mut |file| file.address == address)? {
            Some((name, _)) => Done::text(answer::DONE, write(context, lent, name.as_str().as_bytes())?),
            None => Done::NONE,
        })
    }

    #[inline(never)]
    fn starts(
        &mut self,
        checks: u32,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let Ok(file) = self.files()?.open(STARTS_FILE) else { return Ok(Done::NONE) };
        let mut bytes = [0; NAME_BYTES];
        let bytes = bytes.get_mut(..file.length as usize).ok_or(Failure::Question)?;
        self.read(file, bytes)?;
        let length = write(context, lent, bytes)?;
        if checks != 0 {
            self.files()?.open(name(context, lent, 0, length)?.as_str())?;
        }
        Ok(Done::text(answer::DONE, length))
    }

    #[inline(never)]
    fn save(
        &mut self,
        question: &Message,
        lent: Option<Slot>,
        context: &mut dyn Context,
    ) -> Result<Done, Failure> {
        let mut cells = Cells::new(context, lent, Rights::READ)?;
        let outcome = self.saved().save(question.words[0], checkpoint(question), &mut cells)?;
        Ok(match outcome {
            Outcome::Written => Done::QUIETLY,
            Outcome::Unchanged => Done::NONE,
        })
    }

    #[inline(never)]
    fn load(&mut self, owner: u32, lent: Option<Slot>, context: &mut dyn Context) -> Result<Done, Failure> {
        let Some(state) = self.saved().newest(owner)? else { return Ok(Done::NONE) };
        self.saved().load(&state, &mut Cells::new(context, lent, Rights::WRITE)?)?;
        let [position, rest] = packed(state.checkpoint());
        Ok(Done { words: [0, position, rest], ..Done::QUIETLY })
    }

    #[inline(never)]
    fn resumable(&mut self, context: &mut dyn Context) -> Result<Done, Failure> {
        let Some(state) = self.saved().newest_checkpoint()? else { return Ok(Done::NONE) };
        let (name, _) = self.program(state.owner())?.ok_or(FilesError::NotFound)?;
        let file = self.files()?.open(name.as_str())?;
        let opened = self.opened(file, Rights::READ | Rights::EXECUTE | Rights::GRANT, context)?;
        Ok(Done { words: [0, state.owner(), 0], ..opened })
    }

    /// Says why nothing was done, if there is to be a text: its length. Else the error's number.
    #[inline(never)]
    fn refused(&mut self, failure: Failure, text: Option<Option<Slot>>, context: &mut dyn Context) -> u32 {
        let Some(lent) = text else {
            return match failure {
                Failure::Saved(error) => error as u32,
                Failure::Files(_) | Failure::Question => 0,
            };
        };
        match failure {
            Failure::Files(FilesError::NoSpace) => {
                let free = self.files().and_then(|files| files.free());
                let mut text = Text::new(context, lent);
                text.out()
                    .number(free.map_or(0, |free| free.largest))
                    .text(" bytes fit into the largest free piece; remove a file with rm");
                text.line()
            }
            Failure::Files(error) => line(context, lent, &error),
            Failure::Saved(error) => line(context, lent, &error),
            Failure::Question => {
                line(context, lent, &"the request makes no sense; this is a mistake in the kernel")
            }
        }
    }

    /// A file as a region, to be given away.
    #[inline(never)]
    fn opened(&mut self, file: File, rights: Rights, context: &mut dyn Context) -> Result<Done, Failure> {
        let region = self.region(file).ok_or(Failure::Question)?;
        let slot = context.mint(self.region, Some(Object::Region(region)), rights)?;
        Ok(Done { capability: Some(slot), ..Done::QUIETLY })
    }

    /// Where a file is in the address space.
    fn region(&self, file: File) -> Option<Region> {
        Region::new(self.places.window.checked_add(file.address)?, file.length)
    }

    /// Nobody reaches what was a file.
    #[inline(never)]
    fn take_back(&mut self, file: File, context: &mut dyn Context) -> Result<(), Failure> {
        match self.region(file) {
            Some(region) => Ok(context.revoke_part(self.region, region)?),
            None => Ok(()),
        }
    }

    #[inline(never)]
    fn seal(&mut self, length: u32, context: &mut dyn Context) -> Result<Done, Failure> {
        let mut draft = self.draft.take().ok_or(Failure::Question)?;
        let place = self.files()?.place(&draft)?;
        self.take_back(place, context)?;
        self.files()?.set_length(&mut draft, length)?;
        let sealed = self.files()?.seal(draft)?;
        if let Some(replaced) = sealed.replaced {
            self.take_back(replaced, context)?;
        }
        Ok(Done::QUIETLY)
    }

    #[inline(never)]
    fn abandon(&mut self, context: &mut dyn Context) -> Result<(), Failure> {
        if let Some(draft) = self.draft.take() {
            let place = self.files()?.place(&draft)?;
            self.take_back(place, context)?;
            self.files()?.abandon(draft)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn list(&mut self, place: u32, lent: Option<Slot>, context: &mut dyn Context) -> Result<Done, Failure> {
        let mut list = self.files()?.list_from(place);
        if let Some(entry) = list.next().transpose()? {
            let next = list.place();
            let mut text = Text::new(context, lent);
            text.out().column(entry.file.length, 8).text(" ").text(entry.name.as_str());
            return Ok(Done::more(text.line(), next));
        }
        let free = self.files()?.free()?;
        let mut text = Text::new(context, lent);
        text.out().column(free.bytes, 8).text(" bytes free, ").number(free.largest).text(" in one piece");
        Ok(Done::text(answer::DONE, text.line()))
    }

    /// No program starts by itself.
    fn start_none(&mut self) -> Result<Done, Failure> {
        match self.files()?.remove(STARTS_FILE) {
            Ok(_) | Err(FilesError::NotFound) => Ok(Done::QUIETLY),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes which program starts by itself.
    #[inline(never)]
    fn start(&mut self, name: &str) -> Result<Done, Failure> {
        self.files()?.look_up(name)?;
        let mut draft = self.files()?.create(STARTS_FILE, name.len() as u32)?;
        self.files()?.write(&mut draft, 0, name.as_bytes())?;
        self.files()?.seal(draft)?;
        Ok(Done::QUIETLY)
    }

    /// The first file that is wanted, and its name.
    #[inline(never)]
    fn entry(&mut self, wanted: &mut dyn FnMut(File) -> bool) -> Result<Option<(Name, File)>, FilesError> {
        for entry in self.files()?.list() {
            let entry = entry?;
            if wanted(entry.file) {
                return Ok(Some((entry.name, entry.file)));
            }
        }
        Ok(None)
    }

    /// The file of the program that leaves the cells of this owner.
    fn program(&mut self, owner: u32) -> Result<Option<(Name, File)>, FilesError> {
        let mut flash = self.flash.clone();
        self.entry(&mut |file| owner_of(&mut flash, file) == Some(owner))
    }

    fn owner(&mut self, file: File) -> Option<u32> {
        owner_of(&mut self.flash, file)
    }

    fn read(&mut self, file: File, bytes: &mut [u8]) -> Result<(), Failure> {
        self.flash.read(file.address, bytes).map_err(|_| Failure::Question)
    }
}

/// The owner of a program's cells, if this is a program.
#[inline(never)]
fn owner_of(flash: &mut impl MultiwriteNorFlash, file: File) -> Option<u32> {
    let mut bytes = [0; HEADER_BYTES];
    flash.read(file.address, &mut bytes).ok()?;
    Header::from_bytes(&bytes).ok().map(|header| header.body_crc)
}

/// A name in the region that is lent.
#[inline(never)]
fn name(context: &mut dyn Context, lent: Option<Slot>, at: u32, length: u32) -> Result<Name, Failure> {
    let mut bytes = [0; NAME_BYTES];
    let bytes = bytes.get_mut(..length as usize).ok_or(FilesError::Name)?;
    context.read(lent.ok_or(Failure::Question)?, at, bytes)?;
    Ok(Name::from_bytes(bytes)?)
}

/// Writes bytes into the region that is lent. How many.
fn write(context: &mut dyn Context, lent: Option<Slot>, bytes: &[u8]) -> Result<u32, Failure> {
    context.write(lent.ok_or(Failure::Question)?, 0, bytes)?;
    Ok(bytes.len() as u32)
}

/// The cells in a region.
struct Cells<'a> {
    context: &'a mut dyn Context,
    region: Slot,
}

impl<'a> Cells<'a> {
    /// The cells that are lent, all of them and with these rights: what is checked before cannot fail later.
    fn new(context: &'a mut dyn Context, lent: Option<Slot>, rights: Rights) -> Result<Self, Failure> {
        let region = lent.ok_or(Failure::Question)?;
        let capability = context.capability(region)?;
        match capability.object {
            Object::Region(cells) if cells.bytes() == CELLS as u32 && capability.rights.include(rights) => {
                Ok(Cells { context, region })
            }
            _ => Err(Failure::Question),
        }
    }
}

impl Source for Cells<'_> {
    fn cells(&mut self, at: u16, into: &mut [u8]) {
        // Checked before: cells are no flash, they do not fail.
        let _ = self.context.read(self.region, at.into(), into);
    }
}

impl Sink for Cells<'_> {
    fn cells(&mut self, at: u16, from: &[u8]) {
        let _ = self.context.write(self.region, at.into(), from);
    }
}

impl<F: MultiwriteNorFlash + Clone> Machine for Storage<F> {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        let Event::Call { message: question, reply, lent, .. } = event else { return Ok(()) };
        let is_text = !matches!(question.label, SAVE | LOAD);
        let done = match self.answer(question, lent, context) {
            Ok(done) => done,
            Err(failure) => {
                Done::text(answer::FAILED, self.refused(failure, is_text.then_some(lent), context))
            }
        };
        let Done { label, words, capability } = done;
        if context.reply(reply, message(label, words), capability).is_err() {
            // The caller is gone, or has no room: what was for it goes.
            if let Some(capability) = capability {
                let _ = context.delete(capability);
            }
        }
        Ok(())
    }

    fn restart(&mut self) {
        (self.files, self.draft) = (None, None);
    }
}
