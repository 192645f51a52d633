//! Fusion on the simulated board: sessions with braiNIX, power cuts.

use sim::computer::{Computer, Stopped};
use sim::flash::{self, Cut, Flash};
use sim::model::EngineKind;
use sim::session::Buffers;
use sim::{flash_files, flash_image};
use tests::FIRMWARE;

/// The name that our braiNIX has on the board.
const BRAINIX: &str = "brainix.bf";
/// Enough for everything that is typed here.
const MOST_CYCLES: u64 = 4_000_000_000;

fn brainix() -> Vec<u8> {
    let path = sim::image_file::brainix().expect("readable").expect("the image is committed");
    std::fs::read(path).expect("readable")
}

fn image(text: &[u8]) -> Vec<u8> {
    images::image::Image::from_text(text).expect("sound").to_file()
}

/// A flash with these files, of which the first one starts by itself.
fn content(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut content = flash_image::contents(&[], &FIRMWARE, &[]).expect("fits");
    for (name, bytes) in files {
        flash_files::install(&mut content, name, bytes).expect("there is room");
    }
    if let Some((name, _)) = files.first() {
        flash_files::set_start(&mut content, name).expect("there is room");
    }
    content
}

fn board(content: Vec<u8>, cut: Option<Cut>) -> Computer {
    let flash = Flash::new(content, flash::Options { cut, ..Default::default() });
    Computer::new(EngineKind::Verilator, flash).expect("an engine")
}

/// Types something; what was printed.
fn typed(computer: &mut Computer, input: &[u8]) -> (Stopped, String) {
    let mut console = Buffers::new(input);
    let stopped = computer.run(&mut console, MOST_CYCLES).expect("buffers do not fail");
    (stopped, String::from_utf8_lossy(&console.output).into_owned())
}

#[test]
fn brainix_starts_by_itself_and_does_through_the_kernel_what_it_does_on_the_bare_core() {
    let text = brainix();
    let input = b"echo hello > note\ncat note\nls\nexit\n";
    let program = images::image::Image::from_text(&text).expect("sound");
    let mut bare = images::words::WordMachine::new(images::machine::COMPUTER, input);
    bare.run(&program.words, u64::MAX);
    let expected = String::from_utf8_lossy(&bare.output).into_owned();

    let mut computer = board(content(&[(BRAINIX, program.to_file())]), None);
    let (stopped, printed) = typed(&mut computer, input);
    assert_eq!(stopped, Stopped::InputEnded);
    let start = format!("{BRAINIX} starts in a moment; a key prevents it\r\n");
    let session = printed.split_once(&start).unwrap_or_else(|| panic!("{printed:?}")).1;
    let (session, end) = session.split_at(expected.len().min(session.len()));
    assert_eq!(session, expected);
    assert!(end.starts_with("\r\nthe program has ended\r\n> "), "{end:?}");
    assert!(computer.flash().errors().is_empty(), "{:?}", computer.flash().errors());
}

#[test]
fn files_in_brainix_survive_a_power_cut() {
    let mut computer = board(content(&[(BRAINIX, image(&brainix()))]), None);
    let (_, printed) = typed(&mut computer, b"echo kept > note\n");
    assert!(printed.contains("left at word"), "{printed:?}");
    let content = computer.flash().content().to_vec();
    let mut computer = board(content.clone(), None);
    let (_, printed) = typed(&mut computer, b"cat note\n");
    assert!(printed.contains("cat note\nkept\n"), "a plain start: {printed:?}");
}

#[test]
fn a_power_cut_while_cells_are_saved_loses_nothing_that_was_saved() {
    let program = image(b"+[,>+.<]");
    let mut computer = board(content(&[("count.bf", program)]), None);
    let (_, printed) = typed(&mut computer, b"x");
    assert!(printed.contains("\u{1}\r\nleft at"), "{printed:?}");
    let content = computer.flash().content().to_vec();
    for cut in [Cut::AfterBytes(1), Cut::AfterBytes(2_000), Cut::AfterBytes(4_120)] {
        let mut computer = board(content.clone(), Some(cut));
        let (stopped, printed) = typed(&mut computer, b"y");
        assert_eq!(stopped, Stopped::PowerCut, "{cut:?}: {printed:?}");
        let mut computer = board(computer.flash().content().to_vec(), None);
        let (_, printed) = typed(&mut computer, b"z");
        assert!(
            printed.contains("\u{2}\r\nleft at") || printed.contains("\u{3}\r\nleft at"),
            "{cut:?}: {printed:?}"
        );
    }
}

/// A flash with these programs, of which none starts by itself.
fn quiet_content(programs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut content = flash_image::contents(&[], &FIRMWARE, &[]).expect("fits");
    for (name, text) in programs {
        flash_files::install(&mut content, name, &image(text)).expect("there is room");
    }
    content
}

#[test]
fn a_power_cut_while_a_file_is_renamed_leaves_the_old_name_or_the_new_one() {
    let content = quiet_content(&[("old.bf", b"+++[>+++++++++++<-]>."), ("other.bf", b"+.")]);
    let mut names = Vec::new();
    // A record of 64 bytes, and a mark behind it.
    for bytes in [0, 30, 64, 66] {
        let mut computer = board(content.clone(), Some(Cut::AfterBytes(bytes)));
        let (stopped, printed) = typed(&mut computer, b"mv old.bf new.bf\rls\r");
        // With one byte more than there are nothing is cut.
        assert_eq!(stopped == Stopped::PowerCut, bytes <= 65, "{bytes}: {printed:?}");
        let mut computer = board(computer.flash().content().to_vec(), None);
        let (_, printed) = typed(&mut computer, b"ls\rcheck\rrun old.bf\rrun new.bf\rrun other.bf\r");
        let (list, _) = printed.split_once("> check").expect("the list");
        let has = |name: &str| list.contains(&format!(" {name}\r\n"));
        assert!(has("old.bf") != has("new.bf") && has("other.bf"), "{bytes}: {printed:?}");
        assert!(printed.contains("no damage"), "{bytes}: {printed:?}");
        assert_eq!(printed.matches("!\r\nthe program has ended").count(), 1, "{bytes}: {printed:?}");
        assert!(printed.contains("\u{1}\r\nthe program has ended"), "{bytes}: {printed:?}");
        names.push(has("new.bf"));
    }
    assert!(names.is_sorted() && names[0] != names[3], "once the name is the new one it stays: {names:?}");
}

#[test]
fn a_power_cut_in_an_erasure_is_gone_over_and_cells_are_saved_all_the_same() {
    // Nothing in the saved cells is blank or of use: every sector has to be erased.
    let mut content = quiet_content(&[("count.bf", b"+.")]);
    content[map::SAVED as usize..map::FILES as usize].fill(0x5A);
    for erasure in [1, 2] {
        let mut computer = board(content.clone(), Some(Cut::InErase(erasure)));
        let (stopped, printed) = typed(&mut computer, b"run count.bf\r");
        assert_eq!(stopped, Stopped::PowerCut, "{erasure}: {printed:?}");
        let mut computer = board(computer.flash().content().to_vec(), None);
        let (_, printed) = typed(&mut computer, b"run count.bf\rrun count.bf\r");
        assert!(printed.contains("\u{1}\r\nthe program has ended"), "{erasure}: {printed:?}");
        assert!(printed.contains("\u{2}\r\nthe program has ended"), "{erasure}: saved: {printed:?}");
        assert_eq!(computer.flash().errors(), []);
    }
}
