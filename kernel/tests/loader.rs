//! The loader against the host's encoder: same bytes, same errors, however the file is cut into pieces.

use images::file::{FileError, Header, HEADER_BYTES, MAGIC};
use images::image::Image;
use images::isa::encode_distance;
use images::text::{self, Position};
use kernel::loader::{most_bytes, Draft, DraftError, LoadError, Loader, Summary, DEPTH};
use proptest::prelude::*;

/// A flash that can write each byte once, and fail.
#[derive(Debug)]
struct Flash {
    bytes: Vec<Option<u8>>,
    writes_left: usize,
}

impl Flash {
    fn new(capacity: usize) -> Flash {
        Flash { bytes: vec![None; capacity], writes_left: usize::MAX }
    }

    fn content(&self) -> Vec<u8> {
        self.bytes.iter().map(|byte| byte.unwrap_or(0xFF)).collect()
    }

    fn has_header(&self) -> bool {
        self.bytes.iter().take(HEADER_BYTES).any(|byte| byte.is_some())
    }
}

impl Draft for Flash {
    fn capacity(&self) -> u32 {
        self.bytes.len() as u32
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), DraftError> {
        self.writes_left = self.writes_left.checked_sub(1).ok_or(DraftError)?;
        for (place, byte) in self.bytes[offset as usize..][..bytes.len()].iter_mut().zip(bytes) {
            assert_eq!(place.replace(*byte), None, "a byte is written twice");
        }
        Ok(())
    }

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), DraftError> {
        for (byte, place) in bytes.iter_mut().zip(&self.bytes[offset as usize..]) {
            *byte = place.unwrap_or(0xFF);
        }
        Ok(())
    }
}

type Loaded = Result<Summary, LoadError>;

/// Loads these pieces of a file.
fn load_pieces<'a>(flash: &mut Flash, mut pieces: impl Iterator<Item = &'a [u8]>) -> Loaded {
    let mut loader = Loader::new();
    pieces.try_for_each(|piece| loader.push(flash, piece))?;
    let mut seal = loader.finish(flash)?;
    loop {
        if let Some(summary) = seal.step(flash)? {
            return Ok(summary);
        }
    }
}

fn load(file: &[u8], capacity: usize) -> (Loaded, Flash) {
    let mut flash = Flash::new(capacity);
    (load_pieces(&mut flash, file.chunks(1024)), flash)
}

/// Loads a text into the room that it takes at most.
fn load_text(text: &[u8]) -> (Loaded, Flash) {
    load(text, most_bytes(text.len() as u32) as usize)
}

fn error(file: &[u8]) -> LoadError {
    let (loaded, flash) = load(file, 1 << 14);
    assert!(!flash.has_header());
    loaded.expect_err("an error")
}

fn commands(only: &'static [u8], most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(only), 0..most)
}

/// Text whose brackets match: what closes nothing is left out, what is open is closed.
fn matched(text: Vec<u8>) -> Vec<u8> {
    let mut depth = 0;
    let mut out = Vec::new();
    for byte in text {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 0 => continue,
            b']' => depth -= 1,
            _ => {}
        }
        out.push(byte);
    }
    out.extend(vec![b']'; depth]);
    out
}

fn program() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        commands(b"+-<>[].,", 300),
        commands(b"+-<>[]", 300),
        commands(b"><><><[]+", 300),
        commands(b"[][].", 300),
        commands(b"++++++++++++>>>>>>>>>>>>-<[].,x\n", 3000),
    ]
    .prop_map(matched)
}

proptest! {
    #[test]
    fn a_text_becomes_the_same_image_as_on_the_host_in_any_pieces(
        text in program(),
        pieces in prop::collection::vec(1_usize..200, 1..10),
    ) {
        let image = Image::from_text(&text).expect("a program");
        let expected = image.to_file();
        let mut flash = Flash::new(expected.len());
        let mut rest = &text[..];
        let cuts = pieces.iter().cycle().map_while(|length| {
            let (piece, later) = rest.split_at((*length).min(rest.len()));
            rest = later;
            (!piece.is_empty()).then_some(piece)
        });
        let summary = load_pieces(&mut flash, cuts);
        prop_assert_eq!(flash.content(), expected);
        prop_assert_eq!(summary, Ok(Summary {
            commands: image.measure.commands,
            depth: image.measure.depth,
            words: image.words.len() as u32,
            length: flash.bytes.len() as u32,
        }));
    }

    #[test]
    fn an_image_is_passed_through_in_any_pieces(text in program(), length in 1_usize..100) {
        let file = Image::from_text(&text).expect("a program").to_file();
        let mut flash = Flash::new(file.len());
        let summary = load_pieces(&mut flash, file.chunks(length)).expect("an image");
        prop_assert_eq!(summary.length as usize, file.len());
        prop_assert_eq!(flash.content(), file);
    }

    #[test]
    fn a_damaged_image_gets_no_header(text in program(), at in any::<prop::sample::Index>(), mask in 1..=u8::MAX) {
        let mut file = Image::from_text(&text).expect("a program").to_file();
        let at = MAGIC.len() + at.index(file.len() - MAGIC.len());
        file[at] ^= mask;
        let error = error(&file);
        prop_assert!(matches!(error, LoadError::Image(FileError::Damaged | FileError::Version(_))), "{:?}", error);
    }

    #[test]
    fn wrong_brackets_are_the_same_error_as_on_the_host(text in commands(b"+>[[[]]]x\n.", 400)) {
        let (loaded, flash) = load_text(&text);
        prop_assert_eq!(loaded.map(|_| ()), text::measure(&text).map(|_| ()).map_err(LoadError::from));
        prop_assert_eq!(flash.has_header(), text::measure(&text).is_ok());
    }

    #[test]
    fn no_text_takes_more_than_most_bytes(
        text in prop_oneof![
            commands(b"+-<>[].,", 2000),
            commands(b"><,.[[]]", 2000),
            commands(b"+-<>[[[]]", 2000),
            commands(b"[]+-", 100),
        ]
    ) {
        let (loaded, _) = load_text(&text);
        let no_room = matches!(loaded, Err(LoadError::NoRoom { .. }));
        prop_assert!(!no_room);
        let text = matched(text);
        let image = Image::from_text(&text).expect("a program").to_file();
        prop_assert!(image.len() <= most_bytes(text.len() as u32) as usize);
    }

    #[test]
    fn without_room_nothing_is_written_behind_the_end(text in program(), less in any::<prop::sample::Index>()) {
        let file = Image::from_text(&text).expect("a program").to_file();
        let capacity = less.index(file.len());
        for bytes in [&text, &file] {
            let (loaded, flash) = load(bytes, capacity);
            prop_assert_eq!(loaded, Err(LoadError::NoRoom { capacity: capacity as u32 }));
            prop_assert!(!flash.has_header());
        }
    }

    #[test]
    fn a_storage_that_fails_is_an_error_and_gets_no_header(text in program(), writes in any::<prop::sample::Index>()) {
        let image = Image::from_text(&text).expect("a program");
        // One for each word and one for the header.
        let writes_left = writes.index(image.words.len() + 1);
        let mut flash = Flash { writes_left, ..Flash::new(image.to_file().len()) };
        let loaded = load_pieces(&mut flash, text.chunks(100));
        prop_assert_eq!(loaded, Err(LoadError::Storage));
        prop_assert!(!flash.has_header());
    }
}

#[test]
fn shipped_programs_are_the_same_image_as_on_the_host() {
    for program in images::programs::ALL {
        let image = Image::from_text(program.text).expect("a program");
        let (loaded, flash) = load_text(program.text);
        if image.measure.depth as usize > DEPTH {
            assert!(matches!(loaded, Err(LoadError::TooDeep { .. })), "{}", program.name);
            continue;
        }
        let length = loaded.expect("a program").length as usize;
        assert_eq!(flash.content()[..length], image.to_file());
    }
}

#[test]
fn most_bytes_is_reached_but_for_the_loops_left_open() {
    let text = b"[]".repeat(100);
    let image = Image::from_text(&text).expect("a program").to_file();
    assert_eq!(image.len() + DEPTH, most_bytes(text.len() as u32) as usize);
    assert_eq!(most_bytes(0), 24 + 2 + 256);
    assert_eq!(most_bytes(1000), 24 + 2 * 1501 + 256);
    assert_eq!(most_bytes(u32::MAX), u32::MAX);
}

#[test]
fn long_loops_are_padded_and_fit() {
    assert!(encode_distance(0x7FFF).is_some() && encode_distance(0x8001).is_none(), "where padding begins");
    let nested = |depth: usize, inside: &[u8], times: usize| {
        [vec![b'['; depth], inside.repeat(times), vec![b']'; depth]].concat()
    };
    let longest = nested(DEPTH - 1, b"[]", 16_384);
    let image = Image::from_text(&longest).expect("a program").to_file();
    assert!(image.len() > HEADER_BYTES + 3 * (longest.len() + DEPTH), "a text for which the padding matters");
    for text in [longest, nested(200, b".,", 40_000), nested(128, b",", 0x7FFE).repeat(2)] {
        let (loaded, flash) = load_text(&text);
        let summary = loaded.expect("a program");
        let expected = Image::from_text(&text).expect("a program").to_file();
        assert_eq!(flash.content()[..summary.length as usize], expected);
    }
}

#[test]
fn a_loop_too_deep_is_named_with_its_place_and_the_limit() {
    let text = [b"x\n+".to_vec(), b"[.".repeat(DEPTH + 1), vec![b']'; DEPTH + 1]].concat();
    let position = Position { line: 2, column: 2 + 2 * DEPTH as u32 };
    assert_eq!(error(&text), LoadError::TooDeep { position, limit: DEPTH });
    assert!(error(&text)
        .to_string()
        .ends_with("loops nested deeper than 256, more than this machine can open; nest fewer loops"));
    let deepest = [b"[.".repeat(DEPTH), vec![b']'; DEPTH]].concat();
    assert!(load_text(&deepest).0.is_ok());
}

#[test]
fn what_begins_like_the_magic_and_goes_on_differently_is_text() {
    for text in [&b"\x89"[..], b"\x89BF", b"\x89BF+", b"\x89BF\x89BFW", b"+\x89BFW", b""] {
        let (loaded, flash) = load_text(text);
        let length = loaded.expect("a text").length as usize;
        assert_eq!(flash.content()[..length], Image::from_text(text).expect("a text").to_file());
    }
}

#[test]
fn an_image_cut_off_or_too_long_is_damaged() {
    let file = Image::from_text(b"+[>.<-]").expect("a program").to_file();
    for length in MAGIC.len()..file.len() {
        assert_eq!(error(&file[..length]), LoadError::Image(FileError::Damaged), "{length} bytes");
    }
    assert_eq!(error(&[&file[..], &[0]].concat()), LoadError::Image(FileError::Damaged));
}

#[test]
fn an_image_that_does_not_fit_is_refused_with_its_header() {
    for words in [100, u32::MAX] {
        let header = Header { words, commands: 0, depth: 0, body_crc: 0 };
        let (loaded, flash) = load(&header.to_bytes(), 223);
        assert_eq!(loaded, Err(LoadError::NoRoom { capacity: 223 }));
        assert_eq!(flash.bytes, [None; 223]);
    }
}

#[test]
fn after_an_error_the_loader_is_over() {
    let mut flash = Flash::new(100);
    let mut loader = Loader::new();
    assert!(loader.push(&mut flash, b"+]").is_err());
    assert_eq!(loader.push(&mut flash, b"+"), Err(LoadError::Over));
    assert_eq!(loader.finish(&mut flash).err(), Some(LoadError::Over));
}
