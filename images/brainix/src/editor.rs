//! The line editor: characters become frames of the left array, each with its kind.
//!
//! The pointer stays at the line's end while a line is typed. A character's kind says what it means in the line and in which
//! state it leaves the lexer: quoted, escaped, in a comment. So the kind of the last one is all that the
//! next one needs, and taking a character back takes its state back.
//!
//! A character costs less than 2,000 commands, however long the line is.

use images::assembler::{Assembler, Case, Cell};

use crate::left;
use crate::message;
use crate::system::System;
use crate::tape::{character, kind, mark, GUARD, LEFT_EDGE, LINE_STRIDE};

/// Kinds of characters: the class of the item, which the parser needs, plus [`kinds::CLASSES`] times a number that tells
/// items of a class apart.
pub mod kinds {
    /// How many classes there are.
    pub const CLASSES: u8 = 5;
    /// An item that is nothing in the line.
    pub const NOTHING_CLASS: u8 = 0;
    /// A letter of a word.
    pub const LETTER_CLASS: u8 = 1;
    /// What ends a word.
    pub const BLANK_CLASS: u8 = 2;
    /// The sign of a redirection.
    pub const REDIRECTION_CLASS: u8 = 3;
    /// What ends a command.
    pub const END_CLASS: u8 = 4;

    const fn kind(class: u8, number: u8) -> u8 {
        class + CLASSES * number
    }

    /// Opens single quotes.
    pub const SINGLE_OPEN: u8 = kind(NOTHING_CLASS, 4);
    /// Opens double quotes.
    pub const DOUBLE_OPEN: u8 = kind(NOTHING_CLASS, 5);
    /// Makes the next character a letter.
    pub const ESCAPE: u8 = kind(NOTHING_CLASS, 6);
    /// The same within double quotes.
    pub const DOUBLE_ESCAPE: u8 = kind(NOTHING_CLASS, 7);
    /// Part of a comment.
    pub const COMMENT: u8 = kind(NOTHING_CLASS, 1);
    /// A closing quote, the first half of an operator, a letter of a redirection that is done.
    pub const NOTHING: u8 = kind(NOTHING_CLASS, 2);
    /// A line feed that joins two lines. It cannot be taken back.
    pub const JOIN: u8 = kind(NOTHING_CLASS, 3);
    /// A letter.
    pub const LETTER: u8 = kind(LETTER_CLASS, 0);
    /// A letter within single quotes.
    pub const SINGLE: u8 = kind(LETTER_CLASS, 3);
    /// A letter within double quotes.
    pub const DOUBLE: u8 = kind(LETTER_CLASS, 4);
    /// A `&` that is a letter unless another one follows.
    pub const AMPERSAND: u8 = kind(LETTER_CLASS, 1);
    /// A `|` that is a letter unless another one follows.
    pub const BAR: u8 = kind(LETTER_CLASS, 2);
    /// A line feed within single quotes. It cannot be taken back.
    pub const SINGLE_LINE: u8 = kind(LETTER_CLASS, 5);
    /// A line feed within double quotes. It cannot be taken back.
    pub const DOUBLE_LINE: u8 = kind(LETTER_CLASS, 6);
    /// Ends a word.
    pub const BLANK: u8 = kind(BLANK_CLASS, 0);
    /// What lies before the first character.
    pub const BARRIER: u8 = kind(BLANK_CLASS, 1);
    /// `>`
    pub const OUTPUT: u8 = kind(REDIRECTION_CLASS, 0);
    /// `>>`
    pub const APPEND: u8 = kind(REDIRECTION_CLASS, 1);
    /// `<`
    pub const INPUT: u8 = kind(REDIRECTION_CLASS, 2);
    /// `;`
    pub const THEN: u8 = kind(END_CLASS, 0);
    /// `&&`
    pub const AND: u8 = kind(END_CLASS, 1);
    /// `||`
    pub const OR: u8 = kind(END_CLASS, 2);
    /// The end of the line.
    pub const END: u8 = kind(END_CLASS, 3);
    /// The highest kind.
    pub const LAST: u8 = DOUBLE_ESCAPE;

    /// The number of a kind within its class.
    pub const fn number(kind: u8) -> u8 {
        kind / CLASSES
    }
}
use kinds::*;

/// What a character that is accepted is, before its place in the line is looked at.
mod classes {
    pub const LINE_FEED: u8 = 1;
    pub const SPACE: u8 = 2;
    pub const DOUBLE_QUOTE: u8 = 3;
    pub const HASH: u8 = 4;
    pub const AMPERSAND: u8 = 5;
    pub const SINGLE_QUOTE: u8 = 6;
    pub const SEMICOLON: u8 = 7;
    pub const LESS: u8 = 8;
    pub const GREATER: u8 = 9;
    pub const BACKSLASH: u8 = 10;
    pub const BAR: u8 = 11;
    pub const OTHER: u8 = 12;
}

/// What to do with a character.
#[derive(Clone, Copy)]
enum Action {
    Drop,
    TakeBack,
    TakeAllBack,
    Accept(u8),
}

/// Characters that are not just letters, in the order of the values that they have one higher, with eight bits.
const CHARACTERS: [(u8, Action); 16] = [
    (255, Action::Drop),
    (0, Action::Drop),
    (8, Action::TakeBack),
    (10, Action::Accept(classes::LINE_FEED)),
    (21, Action::TakeAllBack),
    (b' ', Action::Accept(classes::SPACE)),
    (b'"', Action::Accept(classes::DOUBLE_QUOTE)),
    (b'#', Action::Accept(classes::HASH)),
    (b'&', Action::Accept(classes::AMPERSAND)),
    (b'\'', Action::Accept(classes::SINGLE_QUOTE)),
    (b';', Action::Accept(classes::SEMICOLON)),
    (b'<', Action::Accept(classes::LESS)),
    (b'>', Action::Accept(classes::GREATER)),
    (b'\\', Action::Accept(classes::BACKSLASH)),
    (b'|', Action::Accept(classes::BAR)),
    (127, Action::TakeBack),
];

/// The lexer's states, numbered for the choice between them.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Plain,
    Single,
    Double,
    Escape,
    DoubleEscape,
    Comment,
}

const STATES: [State; 6] =
    [State::Plain, State::Single, State::Double, State::Escape, State::DoubleEscape, State::Comment];

fn state_after(kind: u8) -> State {
    match kind {
        SINGLE_OPEN | SINGLE | SINGLE_LINE => State::Single,
        DOUBLE_OPEN | DOUBLE | DOUBLE_LINE => State::Double,
        ESCAPE => State::Escape,
        DOUBLE_ESCAPE => State::DoubleEscape,
        COMMENT => State::Comment,
        _ => State::Plain,
    }
}

/// The kind of a character of a class in a state, if it is not the state's usual one.
fn exception(state: State, class: u8) -> Option<u8> {
    use classes as c;
    Some(match (state, class) {
        (State::Plain | State::Comment, c::LINE_FEED) => END,
        (State::Single, c::LINE_FEED) => SINGLE_LINE,
        (State::Double | State::DoubleEscape, c::LINE_FEED) => DOUBLE_LINE,
        (State::Escape, c::LINE_FEED) => JOIN,
        (State::Single, c::SINGLE_QUOTE) | (State::Double, c::DOUBLE_QUOTE) => NOTHING,
        (State::Double, c::BACKSLASH) => DOUBLE_ESCAPE,
        (State::Plain, c::SPACE) => BLANK,
        (State::Plain, c::DOUBLE_QUOTE) => DOUBLE_OPEN,
        (State::Plain, c::HASH) => COMMENT,
        (State::Plain, c::AMPERSAND) => AMPERSAND,
        (State::Plain, c::SINGLE_QUOTE) => SINGLE_OPEN,
        (State::Plain, c::SEMICOLON) => THEN,
        (State::Plain, c::LESS) => INPUT,
        (State::Plain, c::GREATER) => OUTPUT,
        (State::Plain, c::BACKSLASH) => ESCAPE,
        (State::Plain, c::BAR) => kinds::BAR,
        _ => return None,
    })
}

/// Signs that are one operator if there are two of them.
const DOUBLES: [(u8, u8); 3] = [(OUTPUT, APPEND), (AMPERSAND, AND), (kinds::BAR, OR)];

fn usual(state: State) -> u8 {
    match state {
        State::Single => SINGLE,
        State::Double | State::DoubleEscape => DOUBLE,
        State::Comment => COMMENT,
        State::Plain | State::Escape => LETTER,
    }
}

/// Cells beyond the line's end, 0 between characters. They lie between the marks of the frames to come.
const HELPER: Cell = character(1);
const LAST: Cell = kind(1);
const CLASS: Cell = character(2);
const FLAG: Cell = kind(2);
const STEP_BACK: Cell = character(3);
const FULL: Cell = kind(3);
const KILL: Cell = character(4);
const ACCEPT: Cell = kind(4);
/// The first frame that characters must leave free: the scratch cells end before it.
const SLACK: i32 = 5;
/// Characters that a line has room for, besides its line feed: those before the frame that is so near to the guard, without the
/// two frames that are used anyway.
pub const ROOM: i32 = GUARD - SLACK - 3;

/// Reads a line: at the left edge before and after. The frames are: one before the line, its characters, the last of which has
/// the kind [`END`].
pub fn edit(s: &mut System) {
    let error = s.error;
    s.flow.code(|a| {
        a.clear(error);
        // The frame before the line.
        let before = |cell: Cell| LEFT_EDGE.at(cell.offset - LINE_STRIDE);
        a.set(before(kind(0)), BARRIER);
        a.clear(before(character(0)));
        a.add(before(mark(0)), 1);
        a.goto(before(mark(1)));
        a.arrive(mark(0));
        for frame in 1..SLACK + 1 {
            a.clear(character(frame));
            a.clear(kind(frame));
        }
        // A line's end has kind 1 while it waits for characters.
        a.set(kind(0), 1);
        a.while_nz(kind(0), |a| {
            a.clear(character(0));
            a.input(character(0));
            classify(a);
            take_back(a);
            accept(a, error);
        });
        left::home(a, 1);
    });
}

/// What to do with the character in `STEP_BACK`, `KILL` and `ACCEPT`, and its class in `CLASS`; `LAST` is 1 for a line feed. The
/// character stays where it is: to move it would cost too much.
fn classify(a: &mut Assembler) {
    let mut cases: Vec<Case<'_>> = CHARACTERS
        .iter()
        .map(|&(value, action)| -> Case<'_> {
            (
                value.wrapping_add(1),
                Box::new(move |a: &mut Assembler| match action {
                    Action::Drop => {}
                    Action::TakeBack => a.add(STEP_BACK, 1),
                    Action::TakeAllBack => {
                        a.add(STEP_BACK, 1);
                        a.add(KILL, 1);
                    }
                    Action::Accept(class) => {
                        a.add(character(0), i32::from(value));
                        a.add(CLASS, i32::from(class));
                        a.add(LAST, i32::from(class == classes::LINE_FEED));
                        a.add(ACCEPT, 1);
                    }
                }),
            )
        })
        .collect();
    // One more, so that the highest value, which on wider cells may be any, is found without counting down to it.
    a.add(character(0), 1);
    a.switch_in_place(character(0), FLAG, HELPER, &mut cases, &mut |a| {
        a.add(character(0), -1);
        a.add(CLASS, i32::from(classes::OTHER));
        a.add(ACCEPT, 1);
    });
}

/// Takes back the last character, or all of the line, if that is to be done.
fn take_back(a: &mut Assembler) {
    a.while_nz(STEP_BACK, |a| {
        a.add(STEP_BACK, -1);
        a.copy(kind(-1), LAST, HELPER);
        let mut cases: Vec<Case<'_>> = Vec::new();
        for (first, second) in DOUBLES {
            cases.push((
                second,
                Box::new(move |a| {
                    a.add(kind(-2), i32::from(first) - i32::from(NOTHING));
                    a.add(FULL, 1);
                }),
            ));
        }
        for barrier in [BARRIER, SINGLE_LINE, DOUBLE_LINE, JOIN] {
            cases.push((barrier, Box::new(|a| a.clear(KILL))));
        }
        cases.sort_by_key(|&(value, _)| value);
        let highest = cases.last().map_or(0, |&(value, _)| value);
        // The last case is taken back: what remains is cleared sooner.
        a.switch(LAST, FLAG, &mut cases, &mut |a| {
            a.add(LAST, i32::from(highest));
            a.add(FULL, 1);
        });
        // There is a character to take back.
        a.if_flag(FULL, |a| {
            a.clear(kind(0));
            a.print(LAST, HELPER, "\x08 \x08");
            a.add(mark(-1), -1);
            let of_last = |cell: Cell| cell.at(LINE_STRIDE);
            a.if_flag(KILL, |a| {
                a.add(of_last(KILL), 1);
                a.add(of_last(STEP_BACK), 1);
            });
            a.set(kind(-1), 1);
            a.clear(character(-1));
            a.goto(mark(-1));
            a.arrive(mark(0));
        });
    });
}

/// Appends the character, and echoes it, if that is to be done.
fn accept(a: &mut Assembler, error: Cell) {
    a.if_flag(ACCEPT, |a| {
        // The guard is a mark far to the left.
        let guard = mark(SLACK);
        a.move_to(guard, &[(FULL, 1), (HELPER, 1)]);
        a.move_to(HELPER, &[(guard, 1)]);
        // A line feed ends a line that is full, whatever it was in.
        a.if_flag(LAST, |a| {
            a.if_flag(FULL, |a| {
                a.set(kind(-1), COMMENT);
                refuse(a, error);
            });
        });
        a.if_else(
            FULL,
            HELPER,
            |a| {
                a.clear(CLASS);
                // The bell.
                a.add(LAST, 7);
                a.output(LAST);
                a.clear(LAST);
                refuse(a, error);
            },
            |a| {
                a.output(character(0));
                a.clear(kind(0));
                lex(a);
                a.add(mark(0), 1);
                // Another character follows unless this was the end.
                a.if_else(STEP_BACK, HELPER, |_| {}, |a| a.add(kind(1), 1));
                // The scratch cells of the next frame are 0 as well.
                a.clear(character(SLACK + 1));
                a.clear(kind(SLACK + 1));
                a.goto(mark(1));
                a.arrive(mark(0));
            },
        );
    });
}

/// Says at home that something is missing from the line.
fn refuse(a: &mut Assembler, error: Cell) {
    left::home(a, 1);
    a.set(error, message::LONG_LINE);
    left::out(a, 1);
}

/// The kind of the new character from the kind of the last one and the class, which is 0 afterwards. `STEP_BACK` becomes 1 at the
/// end of the line.
fn lex(a: &mut Assembler) {
    a.copy(kind(-1), LAST, HELPER);
    let mut cases: Vec<Case<'_>> = (1..=kinds::LAST)
        .filter(|&last| state_after(last) != State::Plain)
        .map(|last| -> Case<'_> { (last, Box::new(move |a| a.add(ACCEPT, state_after(last) as i32))) })
        .collect();
    let highest = cases.last().map_or(0, |&(value, _)| value);
    // The last case is taken back: what remains is cleared sooner.
    a.switch(LAST, FLAG, &mut cases, &mut |a| a.add(LAST, i32::from(highest)));
    let mut cases: Vec<Case<'_>> = STATES
        .into_iter()
        .map(|state| -> Case<'_> { (state as u8, Box::new(move |a| lex_in(a, state))) })
        .collect();
    a.switch(ACCEPT, FLAG, &mut cases, &mut |_| {});
    a.clear(CLASS);
}

fn lex_in(a: &mut Assembler, state: State) {
    let usual = usual(state);
    a.add(kind(0), i32::from(usual));
    let mut cases: Vec<Case<'_>> = Vec::new();
    for class in classes::LINE_FEED..classes::OTHER {
        if let Some(found) = exception(state, class) {
            cases.push((
                class,
                Box::new(move |a| {
                    a.add(kind(0), i32::from(found) - i32::from(usual));
                    a.add(STEP_BACK, i32::from(found == END));
                    for (first, second) in DOUBLES {
                        if found == first {
                            a.copy(kind(-1), LAST, HELPER);
                            let mut cases: Vec<Case<'_>> = vec![(
                                first,
                                Box::new(move |a| {
                                    a.add(kind(0), i32::from(second) - i32::from(first));
                                    a.add(kind(-1), i32::from(NOTHING) - i32::from(first));
                                }),
                            )];
                            a.switch(LAST, HELPER, &mut cases, &mut |a| a.add(LAST, i32::from(first)));
                        }
                    }
                }),
            ));
        }
    }
    let highest = cases.last().map_or(0, |&(class, _)| class);
    a.switch(CLASS, FLAG, &mut cases, &mut |a| a.add(CLASS, i32::from(highest)));
}
