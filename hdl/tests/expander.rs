//! The expander, for everything that can be put in.

#[path = "common/code.rs"]
mod code;
#[path = "common/compressed.rs"]
mod compressed;

use compressed::expanded;
use hdl::companion::expander::Expander;
use rust_hdl::core::simulate::simulate;
use rust_hdl::prelude::*;

#[test]
fn what_compressed_instructions_stand_for() {
    let mut expander = Expander::default();
    expander.connect_all();
    let mut wrong = Vec::new();
    for half in 0..=u16::MAX {
        expander.half.next = u64::from(half).into();
        assert!(simulate(&mut expander, 10));
        let is_short = half & 3 != 3;
        assert_eq!(expander.is_short.val(), is_short, "{half:04x}");
        let (word, expected) = (expander.word.val().to_u64() as u32, expanded(half));
        if is_short && word != expected {
            wrong.push(format!("{half:04x} is {word:08x} instead of {expected:08x}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of 49152 are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}
