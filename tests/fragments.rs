//! The fragments of packed texts suit the texts there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use images::packed::{pack, FIRST, FRAGMENTS};
use syn::visit::{self, Visit};

/// How much larger than with the best fragments that are known the texts may be, in percent.
const MOST_PERCENT: usize = 103;

/// Every text of the kernel: what stands in `packed!`.
#[derive(Default)]
struct Texts(BTreeSet<String>);

impl Texts {
    fn add(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                self.visit_file(&syn::parse_file(&source).unwrap());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        if found.path.is_ident("packed") {
            if let Ok(text) = found.parse_body::<syn::LitStr>() {
                self.0.insert(text.value());
            }
        }
        visit::visit_macro(self, found);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }
}

/// Byte pair encoding: the most frequent pair becomes a fragment, and so on. The fragments, and the bytes of all texts.
fn encode(texts: &BTreeSet<String>) -> (Vec<String>, usize) {
    let mut texts: Vec<Vec<usize>> =
        texts.iter().map(|text| text.bytes().map(usize::from).collect()).collect();
    let mut fragments: Vec<String> = Vec::new();
    for code in FIRST..FIRST + FRAGMENTS.len() {
        let mut counts = BTreeMap::<[usize; 2], usize>::new();
        for text in &texts {
            let mut at = 0;
            while let Some(&[first, second]) = text.get(at..at + 2) {
                *counts.entry([first, second]).or_default() += 1;
                // Of three equal ones, two are a pair.
                at += if text.get(at + 1..at + 3) == Some(&[first, second]) { 2 } else { 1 };
            }
        }
        let (pair, _) = counts.into_iter().max_by_key(|(_, count)| *count).unwrap();
        fragments.push(pair.iter().map(|code| fragment(&fragments, *code)).collect());
        for text in &mut texts {
            let mut at = 0;
            while let Some(found) = text.get(at..at + 2) {
                if found == pair {
                    text.splice(at..at + 2, [code]);
                }
                at += 1;
            }
        }
    }
    (fragments, texts.iter().map(Vec::len).sum())
}

fn fragment(fragments: &[String], code: usize) -> String {
    match code.checked_sub(FIRST) {
        Some(at) => fragments[at].clone(),
        None => char::from(code as u8).to_string(),
    }
}

#[test]
fn the_fragments_suit_the_texts() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = Texts::default();
    for folder in ["images/src", "kernel/src", "firmware/src"] {
        texts.add(&project.join(folder));
    }
    let characters: usize = texts.0.iter().map(String::len).sum();
    let bytes: usize = texts.0.iter().map(|text| pack(text).1).sum();
    let (fragments, best) = encode(&texts.0);
    println!("{} texts: {characters} characters in {bytes} bytes", texts.0.len());
    assert!(
        bytes * 100 <= best * MOST_PERCENT,
        "the texts take {bytes} bytes; it would be {best} with these fragments in images/src/packed.rs:\n{}",
        fragments.iter().map(|fragment| format!("b{fragment:?}, ")).collect::<String>()
    );
}
