//! Instruction words back to commands: every word says which commands it stands for.
//!
//! The commands are not always those that the words came from (`+-+` comes back as `+`, a cleared cell as `[-]`),
//! but they behave the same: cells, output, and which fault stops them at which cell.

use crate::isa::{self, Factor, Op, Word};

/// Words that are no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The core would stop here.
    #[error("word {address}: {bits:#06x} is no instruction; the image is damaged or was never finished")]
    UnknownWord {
        /// Address of the word.
        address: u32,
        /// Its 16 bits.
        bits: u16,
    },
    /// A `close` without an `open`, or a loop or a multiply loop that does not end.
    #[error("word {address}: the loops of this image do not match")]
    Loops {
        /// Address of the word at which that shows.
        address: u32,
    },
    /// An `open` whose distance does not lead behind its `close`.
    #[error("word {address}: this loop's distance does not lead to its end")]
    Distance {
        /// Address of the distance word.
        address: u32,
    },
    /// The words end without `halt`.
    #[error("the image ends without a halt")]
    NoHalt,
}

/// A multiply loop whose words are being read: where the core's pointer is, relative to the loop's own cell.
struct Multiply {
    offset: i32,
    dec_first: bool,
}

/// The commands that these words stand for, up to the first `halt`.
///
/// ```
/// # use images::{decode, isa::{Op, Word}};
/// let words = [Word { step: 2, op: Op::Set(3) }, Word { step: 0, op: Op::Halt }].map(Word::encode);
/// assert_eq!(decode::text(&words).unwrap(), b">>[-]+++");
/// ```
pub fn text(words: &[u16]) -> Result<Vec<u8>, DecodeError> {
    let mut text = Vec::new();
    let mut opens = Vec::new();
    let mut multiply: Option<Multiply> = None;
    let mut address = 0;
    while let Some(&bits) = words.get(address as usize) {
        let Some(word) = Word::decode(bits) else {
            return Err(DecodeError::UnknownWord { address, bits });
        };
        let came_back = match word.op {
            Op::MulAdd(_) => 0,
            _ => finish(&mut text, multiply.take()),
        };
        let step = i32::from(word.step);
        if word.op == Op::Scan {
            // Its step belongs into the loop.
            push_moves(&mut text, came_back);
            text.push(b'[');
            push_moves(&mut text, step);
            text.push(b']');
        } else {
            push_moves(&mut text, came_back + step);
        }
        match word.op {
            Op::Add(value) => push_changes(&mut text, value.into()),
            Op::Set(value) => {
                text.extend(b"[-]");
                push_changes(&mut text, value.into());
            }
            Op::Out(value) => {
                push_changes(&mut text, value.into());
                text.push(b'.');
            }
            Op::In => text.push(b','),
            Op::Mode(_) | Op::Check(_) | Op::Scan => {}
            Op::Open(value) => {
                push_changes(&mut text, value.into());
                text.push(b'[');
                address += 1;
                let Some(&distance) = words.get(address as usize) else {
                    return Err(DecodeError::NoHalt);
                };
                opens.push((address, isa::decode_distance(distance)));
            }
            Op::Close(value) => {
                push_changes(&mut text, value.into());
                text.push(b']');
                let Some((open, distance)) = opens.pop() else {
                    return Err(DecodeError::Loops { address });
                };
                let body = address - open;
                if distance != body && distance != body.next_multiple_of(isa::DISTANCE_UNIT) {
                    return Err(DecodeError::Distance { address: open });
                }
            }
            Op::Mul { dec_first, .. } => {
                text.push(b'[');
                if dec_first {
                    text.push(b'-');
                }
                multiply = Some(Multiply { offset: 0, dec_first });
            }
            Op::MulAdd(factor) => {
                let Some(multiply) = &mut multiply else {
                    return Err(DecodeError::Loops { address });
                };
                multiply.offset += step;
                if let Factor::Power { shift, negative } = factor {
                    let amount = 1 << shift;
                    push_changes(&mut text, if negative { -amount } else { amount });
                }
            }
            Op::Halt => {
                return if opens.is_empty() { Ok(text) } else { Err(DecodeError::Loops { address }) };
            }
        }
        address += 1;
    }
    Err(DecodeError::NoHalt)
}

/// Ends a multiply loop. The moves that brought the pointer back are now in the text, and no longer to be done.
fn finish(text: &mut Vec<u8>, multiply: Option<Multiply>) -> i32 {
    let Some(multiply) = multiply else { return 0 };
    push_moves(text, -multiply.offset);
    if !multiply.dec_first {
        text.push(b'-');
    }
    text.push(b']');
    multiply.offset
}

fn push(text: &mut Vec<u8>, amount: i32, up: u8, down: u8) {
    let command = if amount < 0 { down } else { up };
    text.extend(std::iter::repeat_n(command, amount.unsigned_abs() as usize));
}

fn push_moves(text: &mut Vec<u8>, amount: i32) {
    push(text, amount, b'>', b'<');
}

fn push_changes(text: &mut Vec<u8>, amount: i32) {
    push(text, amount, b'+', b'-');
}
