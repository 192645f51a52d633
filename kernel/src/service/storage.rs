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
use crate::files::{is_name, Draft, Entry, File, Files, FilesError, Renamed, NAME_BYTES};
use crate::flash::FlashError;
use crate::machine::{Fault, Machine};
use crate::message::{Event, Message};
use crate::region::Region;
use crate::saved::{Checkpoint, Outcome, Saved, SavedError, Sink, Source};
use core::ops::Range;
use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::file::{Header, HEADER_BYTES};
use images::packed;
use images::say::Say;

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
    files: Files<F>,
    /// The files are there: they are mounted when something is asked for the first time.
    is_mounted: bool,
    window: Window,
    /// Addresses in the flash of the saved cells.
    saved: Range<u32>,
    draft: Option<Draft>,
}

/// Where the files are in the address space.
#[derive(Clone, Copy)]
struct Window {
    /// Address of the flash's first byte.
    address: u32,
    /// The region of all files.
    region: Slot,
}

impl Window {
    /// Where a file is.
    fn region(self, file: File) -> Option<Region> {
        Region::new(self.address.checked_add(file.address)?, file.length)
    }

    /// Answers with a file as a region.
    #[inline(never)]
    fn give(self, file: File, rights: Rights, request: &mut Request) -> Done {
        let region = self.region(file).ok_or(Failure::Question)?;
        request.capability = Some(request.context.mint(self.region, Some(Object::Region(region)), rights)?);
        DONE
    }

    /// Nobody reaches what was a file.
    #[inline(never)]
    fn take_back(self, file: File, request: &mut Request) -> Done {
        if let Some(region) = self.region(file) {
            request.context.revoke_part(self.region, region)?;
        }
        DONE
    }
}

/// What is asked for, and what comes with the answer.
struct Request<'a> {
    context: &'a mut dyn Context,
    question: &'a Message,
    lent: Option<Slot>,
    /// Label and words of the answer.
    label: u32,
    words: [u32; 3],
    /// A capability for who asks.
    capability: Option<Slot>,
}

/// Whether it was done, or why not.
// It is in registers, with the label elsewhere.
type Done = Result<(), Failure>;

const DONE: Done = Ok(());

impl Request<'_> {
    /// Reads a name in the region that is lent.
    #[inline(never)]
    fn name<'a>(
        &mut self,
        at: u32,
        length: u32,
        bytes: &'a mut [u8; NAME_BYTES],
    ) -> Result<&'a [u8], Failure> {
        let bytes = bytes.get_mut(..length as usize).ok_or(FilesError::Name)?;
        self.context.read(self.lent.ok_or(Failure::Question)?, at, bytes)?;
        match is_name(bytes) {
            true => Ok(bytes),
            false => Err(FilesError::Name.into()),
        }
    }

    /// Answers with bytes.
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Done {
        self.context.write(self.lent.ok_or(Failure::Question)?, 0, bytes)?;
        self.words[0] = bytes.len() as u32;
        DONE
    }

    /// Answers that there is no such thing.
    fn none(&mut self) -> Done {
        self.label = answer::NONE;
        DONE
    }

    /// Answers that there is more, from a place on.
    fn more(&mut self, place: u32) -> Done {
        (self.label, self.words[1]) = (answer::MORE, place);
        DONE
    }

    /// Answers with a line.
    #[inline(never)]
    fn say(&mut self, text: &dyn Say) {
        self.words[0] = line(self.context, self.lent, text);
    }

    /// Text for the answer.
    fn text(&mut self) -> Text<'_> {
        Text::new(self.context, self.lent)
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

impl From<FlashError> for Failure {
    fn from(error: FlashError) -> Failure {
        Failure::Files(error.into())
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
        let Places { window, files, saved } = places;
        let window = Window { address: window, region };
        Storage { files: Files::new(flash, files), is_mounted: false, window, saved, draft: None }
    }

    fn saved(&mut self) -> Saved<F, CELLS> {
        Saved::new(self.files.flash().clone(), self.saved.clone())
    }

    #[inline(never)]
    fn answer(&mut self, request: &mut Request) -> Done {
        if !self.is_mounted {
            self.files.remount()?;
            self.is_mounted = true;
        }
        let [first, ..] = request.question.words;
        match request.question.label {
            START if first == 0 => self.start_none(),
            OPEN | CREATE | REMOVE | RENAME | START => self.with_name(request),
            SEAL => self.end_draft(true, request),
            ABANDON => self.end_draft(false, request),
            LIST => self.list(request),
            CHECK => self.check(request),
            NAME => self.name_of(request),
            STARTS => self.starts(request),
            SAVE => self.save(request),
            LOAD => self.load(request),
            RESUMABLE => self.resumable(request),
            _ => Err(Failure::Question),
        }
    }

    /// What is asked for a name.
    // A frame of its own, as each of the following: the stack is small.
    #[inline(never)]
    fn with_name(&mut self, request: &mut Request) -> Done {
        let mut bytes = [0; NAME_BYTES];
        let name = request.name(0, request.question.words[0], &mut bytes)?;
        match request.question.label {
            OPEN => self.open(name, request),
            CREATE => {
                self.end_draft(false, request)?;
                self.create(name, request)
            }
            REMOVE => self.remove(name, request),
            RENAME => self.rename(name, request),
            _ => self.start(name),
        }
    }

    #[inline(never)]
    fn open(&mut self, name: &[u8], request: &mut Request) -> Done {
        let file = self.files.get(name, request.question.words[1] != 0)?;
        self.window.give(file, Rights::READ | Rights::EXECUTE | Rights::GRANT, request)
    }

    #[inline(never)]
    fn create(&mut self, name: &[u8], request: &mut Request) -> Done {
        let draft = self.draft.insert(self.files.create(name, request.question.words[1])?);
        self.window.give(self.files.place(draft), Rights::READ | Rights::WRITE | Rights::GRANT, request)
    }

    #[inline(never)]
    fn remove(&mut self, name: &[u8], request: &mut Request) -> Done {
        let file = self.files.remove(name)?;
        self.window.take_back(file, request)?;
        // Its content stays until the next draft is created.
        if let Some(owner) = owner_of(self.files.flash(), &file) {
            let mut entry = Entry::NONE;
            if !self.program(owner, &mut entry)? {
                self.saved().forget(owner)?;
            }
        }
        DONE
    }

    #[inline(never)]
    fn rename(&mut self, from: &[u8], request: &mut Request) -> Done {
        let mut bytes = [0; NAME_BYTES];
        let to = request.name(from.len() as u32, request.question.words[1], &mut bytes)?;
        let Renamed { replaced, copied, .. } = self.files.rename(from, to)?;
        if let Some(file) = replaced {
            self.window.take_back(file, request)?;
        }
        match copied {
            Some(file) => self.window.take_back(file, request),
            None => DONE,
        }
    }

    #[inline(never)]
    fn check(&mut self, request: &mut Request) -> Done {
        let [mut place, ..] = request.question.words;
        let is_first = place == 0;
        match self.files.next_damage(&mut place)? {
            Some(damage) => {
                request.say(&damage);
                return request.more(place);
            }
            None if is_first => request.say(&packed!("no damage")),
            None => {}
        }
        DONE
    }

    #[inline(never)]
    fn name_of(&mut self, request: &mut Request) -> Done {
        let address = request.question.words[0].wrapping_sub(self.window.address);
        let mut entry = Entry::NONE;
        match self.entry(&|_, file| file.address == address, &mut entry)? {
            true => request.write(entry.name.as_bytes()),
            false => request.none(),
        }
    }

    #[inline(never)]
    fn starts(&mut self, request: &mut Request) -> Done {
        let Ok(file) = self.files.open(STARTS_FILE) else { return request.none() };
        let mut bytes = [0; NAME_BYTES];
        let bytes = bytes.get_mut(..file.length as usize).ok_or(Failure::Question)?;
        self.files.flash().read(file.address, bytes).map_err(|_| Failure::Question)?;
        if request.question.words[0] != 0 {
            self.files.open(&*bytes)?;
        }
        request.write(bytes)
    }

    #[inline(never)]
    fn save(&mut self, request: &mut Request) -> Done {
        let [owner, ..] = request.question.words;
        let checkpoint = checkpoint(request.question);
        match self.saved().save(owner, checkpoint, &mut Cells::new(request, Rights::READ)?)? {
            Outcome::Written => DONE,
            Outcome::Unchanged => request.none(),
        }
    }

    #[inline(never)]
    fn load(&mut self, request: &mut Request) -> Done {
        let Some(state) = self.saved().newest(request.question.words[0])? else { return request.none() };
        self.saved().load(&state, &mut Cells::new(request, Rights::WRITE)?)?;
        [request.words[1], request.words[2]] = packed(state.checkpoint());
        DONE
    }

    #[inline(never)]
    fn resumable(&mut self, request: &mut Request) -> Done {
        let Some(owner) = self.saved().newest_checkpoint()?.map(|state| state.owner()) else {
            return request.none();
        };
        let mut entry = Entry::NONE;
        if !self.program(owner, &mut entry)? {
            return Err(FilesError::NotFound.into());
        }
        let file = self.files.open(entry.name.as_bytes())?;
        request.words[1] = owner;
        self.window.give(file, Rights::READ | Rights::EXECUTE | Rights::GRANT, request)
    }

    /// Says why nothing was done; for cells it is the error's number.
    #[inline(never)]
    fn refused(&mut self, failure: Failure, request: &mut Request) {
        request.label = answer::FAILED;
        if matches!(request.question.label, SAVE | LOAD) {
            request.words[0] = match failure {
                Failure::Saved(error) => error as u32,
                Failure::Files(_) => SavedError::Flash as u32,
                Failure::Question => 0,
            };
            return;
        }
        match failure {
            Failure::Files(FilesError::NoSpace) => {
                let largest = self.files.free().map_or(0, |free| free.largest);
                let mut text = request.text();
                text.out()
                    .number(largest)
                    .text(packed!(" bytes fit into the largest free piece; remove a file with rm"));
                request.words[0] = text.line();
            }
            Failure::Files(error) => request.say(&error),
            Failure::Saved(error) => request.say(&error),
            Failure::Question => {
                request.say(&packed!("the request makes no sense; this is a mistake in the kernel"));
            }
        }
    }

    /// Makes a file of what was begun, if it is wanted, or gives it up. Then nothing is begun any more, whatever happens.
    #[inline(never)]
    fn end_draft(&mut self, is_wanted: bool, request: &mut Request) -> Done {
        let done = match &self.draft {
            Some(draft) => Self::end(&mut self.files, self.window, draft, is_wanted, request),
            None if is_wanted => Err(Failure::Question),
            None => DONE,
        };
        self.draft = None;
        done
    }

    fn end(
        files: &mut Files<F>,
        window: Window,
        draft: &Draft,
        is_wanted: bool,
        request: &mut Request,
    ) -> Done {
        window.take_back(files.place(draft), request)?;
        if !is_wanted {
            return Ok(files.give_up(draft)?);
        }
        match files.publish_draft(draft, request.question.words[0])? {
            Some(replaced) => window.take_back(replaced, request),
            None => DONE,
        }
    }

    #[inline(never)]
    fn list(&mut self, request: &mut Request) -> Done {
        let [mut place, ..] = request.question.words;
        let mut entry = Entry::NONE;
        if self.files.next_entry(&mut place, &mut entry)? {
            let mut text = request.text();
            text.out().column(entry.file.length, 8).text(packed!(" ")).bytes(entry.name.as_bytes());
            request.words[0] = text.line();
            return request.more(place);
        }
        let free = self.files.free()?;
        let mut text = request.text();
        text.out()
            .column(free.bytes, 8)
            .text(packed!(" bytes free, "))
            .number(free.largest)
            .text(packed!(" in one piece"));
        request.words[0] = text.line();
        DONE
    }

    /// No program starts by itself.
    #[inline(never)]
    fn start_none(&mut self) -> Done {
        match self.files.remove(STARTS_FILE) {
            Ok(_) | Err(FilesError::NotFound) => DONE,
            Err(error) => Err(error.into()),
        }
    }

    /// Notes which program starts by itself.
    #[inline(never)]
    fn start(&mut self, name: &[u8]) -> Done {
        self.files.get(name, false)?;
        self.files.put(STARTS_FILE.as_bytes(), name)?;
        DONE
    }

    /// Finds the first file that is wanted. Whether there is one.
    #[inline(never)]
    fn entry(
        &mut self,
        wanted: &dyn Fn(&mut F, &File) -> bool,
        entry: &mut Entry,
    ) -> Result<bool, FlashError> {
        let mut place = 0;
        while self.files.next_entry(&mut place, entry)? {
            if wanted(self.files.flash(), &entry.file) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Finds the file of the program that leaves the cells of this owner. Whether there is one.
    #[inline(never)]
    fn program(&mut self, owner: u32, entry: &mut Entry) -> Result<bool, FlashError> {
        self.entry(&|flash, file| owner_of(flash, file) == Some(owner), entry)
    }
}

/// The owner of a program's cells, if this is a program.
#[inline(never)]
fn owner_of(flash: &mut impl MultiwriteNorFlash, file: &File) -> Option<u32> {
    let mut bytes = [0; HEADER_BYTES];
    flash.read(file.address, &mut bytes).ok()?;
    Header::from_bytes(&bytes).ok().map(|header| header.body_crc)
}

/// The cells in a region.
struct Cells<'a> {
    context: &'a mut dyn Context,
    region: Slot,
}

impl<'a> Cells<'a> {
    /// The cells that are lent, all of them and with these rights: what is checked before cannot fail later.
    #[inline(never)]
    fn new(request: &'a mut Request, rights: Rights) -> Result<Self, Failure> {
        let region = request.lent.ok_or(Failure::Question)?;
        let capability = request.context.capability(region)?;
        match capability.object {
            Object::Region(cells) if cells.bytes() == CELLS as u32 && capability.rights.include(rights) => {
                Ok(Cells { context: request.context, region })
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
        let Event::Call { message: ref question, reply, lent, .. } = event else { return Ok(()) };
        let mut request =
            Request { context, question, lent, label: answer::DONE, words: [0; 3], capability: None };
        if let Err(failure) = self.answer(&mut request) {
            self.refused(failure, &mut request);
        }
        let Request { context, label, words, capability, .. } = request;
        if context.reply(reply, &message(label, words), capability).is_err() {
            // The caller is gone, or has no room: what was for it goes.
            if let Some(capability) = capability {
                let _ = context.delete(capability);
            }
        }
        Ok(())
    }

    fn restart(&mut self) {
        (self.is_mounted, self.draft) = (false, None);
    }
}
