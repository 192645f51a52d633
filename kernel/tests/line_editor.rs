//! The line editor: every rule, and random typing against a simple model.

use kernel::line_editor::{LineEditor, Reply};
use proptest::prelude::*;

/// The lines that these bytes make, and all that is printed.
fn typed(bytes: &[u8]) -> (Vec<String>, String) {
    let mut editor = LineEditor::<8>::new();
    let (mut lines, mut printed) = (Vec::new(), Vec::new());
    for byte in bytes {
        let reply = editor.byte(*byte);
        reply.print(&mut printed);
        if reply == Reply::Line {
            lines.push(String::from_utf8(editor.line().to_owned()).expect("ASCII"));
        }
    }
    (lines, String::from_utf8(printed).expect("ASCII"))
}

fn lines(bytes: &[u8]) -> Vec<String> {
    typed(bytes).0
}

fn printed(bytes: &[u8]) -> String {
    typed(bytes).1
}

#[test]
fn characters_are_echoed_and_make_a_line() {
    assert_eq!(typed(b"ls ~\r"), (vec!["ls ~".into()], "ls ~\r\n".into()));
}

#[test]
fn cr_and_lf_and_both_end_a_line() {
    assert_eq!(lines(b"a\rb\nc\r\nd\r\n\ne\r\r\n"), ["a", "b", "c", "d", "", "e", ""]);
    assert_eq!(printed(b"a\r\nb\n"), "a\r\nb\r\n");
    assert_eq!(lines(b"\rx\x08\n"), ["", ""], "an LF that does not follow the CR at once is its own");
}

#[test]
fn backspace_takes_back_a_character_if_there_is_one() {
    assert_eq!(typed(b"ab\x08c\x7F\x7F\x08\x7Fd\r").0, ["d"]);
    assert_eq!(printed(b"a\x08\x08"), "a\x08 \x08");
}

#[test]
fn control_u_takes_back_the_line() {
    assert_eq!(typed(b"a b\x15c\r"), (vec!["c".into()], "a b\x08 \x08\x08 \x08\x08 \x08c\r\n".into()));
    assert_eq!(printed(b"\x15"), "");
}

#[test]
fn control_w_takes_back_a_word_and_the_spaces_behind_it() {
    assert_eq!(lines(b"ab cd\x17e\r"), ["ab e"]);
    assert_eq!(lines(b"ab cd  \x17e\r"), ["ab e"]);
    assert_eq!(lines(b"ab\x17\x17c\r"), ["c"]);
    assert_eq!(lines(b"  \x17c\r"), ["c"]);
}

#[test]
fn control_c_drops_the_line() {
    assert_eq!(typed(b"ab\x03c\r"), (vec!["c".into()], "ab^C\r\nc\r\n".into()));
}

#[test]
fn a_full_line_rings_the_bell() {
    assert_eq!(typed(b"12345678x\x089\r"), (vec!["12345679".into()], "12345678\x07\x08 \x089\r\n".into()));
}

#[test]
fn other_control_characters_and_bytes_above_126_are_ignored() {
    let ignored: Vec<u8> =
        (0..=u8::MAX).filter(|byte| !matches!(byte, 3 | 8 | 10 | 13 | 21 | 23 | 27 | 32..=127)).collect();
    assert_eq!(typed(&ignored), (vec![], String::new()));
}

#[test]
fn escape_sequences_are_swallowed_whole() {
    for sequence in ["\x1B[A", "\x1B[1;5C", "\x1B[3~", "\x1B[?25h", "\x1BOP", "\x1Bb", "\x1B\x1B[A"] {
        assert_eq!(typed(format!("a{sequence}b\r").as_bytes()), (vec!["ab".into()], "ab\r\n".into()));
    }
}

#[test]
fn a_control_character_ends_an_escape_sequence_and_counts() {
    assert_eq!(lines(b"a\x1B[\rb\x1B\rc\x1BO\r"), ["a", "b", "c"]);
    assert_eq!(lines(b"a\x1B[1\x03b\r"), ["b"]);
}

#[test]
fn the_line_can_be_read_until_the_next_byte() {
    let mut editor = LineEditor::<8>::new();
    let _ = (editor.byte(b'a'), editor.byte(b'\r'));
    assert_eq!(editor.line(), b"a");
    let _ = editor.byte(b'\n');
    assert_eq!(editor.line(), b"");
}

/// The characters that a terminal shows left of its cursor, in the last line.
fn shown(printed: &str) -> Vec<u8> {
    let mut shown = Vec::new();
    for byte in printed.bytes() {
        match byte {
            8 => drop(shown.pop()),
            b'\n' => shown.clear(),
            7 | b'\r' => {}
            _ => shown.push(byte),
        }
    }
    shown
}

/// The whole typing again, on a plain vector. Without escape sequences.
fn model(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<u8>) {
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if at > 0 && bytes[at - 1] == b'\r' => {}
            b'\r' | b'\n' => lines.push(std::mem::take(&mut line)),
            8 | 127 => drop(line.pop()),
            21 | 3 => line.clear(),
            23 => {
                let spaces = line.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                line.truncate(spaces);
                let word = line.iter().rposition(|byte| *byte == b' ').map_or(0, |last| last + 1);
                line.truncate(word);
            }
            32..=126 if line.len() < 8 => line.push(*byte),
            _ => {}
        }
    }
    (lines, line)
}

proptest! {
    #[test]
    fn any_typing_does_what_the_model_does(
        bytes in prop::collection::vec(
            prop_oneof![
                4 => prop::sample::select(&b"ab  "[..]),
                3 => prop::sample::select(&b"\r\n\x03\x08\x7F\x15\x17"[..]),
                1 => any::<u8>().prop_filter("no escape sequences", |byte| *byte != 27),
            ],
            0..200,
        )
    ) {
        let (expected, left) = model(&bytes);
        let (lines, printed) = typed(&bytes);
        prop_assert_eq!(lines.iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>(), expected);
        prop_assert_eq!(shown(&printed), left);
    }
}
