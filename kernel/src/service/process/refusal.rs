//! Why a call of the process fails.

use crate::saved::SavedError;
use crate::service::storage::CELLS;
use images::requirements::Miss;
use images::say::{Printer, Say};

/// Why a call fails, for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoCell,
    NothingLeft,
    NothingSaved,
    NoCells,
    NoProgram,
    Damaged,
    Needs(Miss),
    Removed,
    Unsaved(SavedError),
    Unloaded(SavedError),
    Busy,
    Storage,
}

impl Say for Refusal {
    fn say(&self, to: &mut dyn Printer) {
        let text = match self {
            Refusal::NoCell => {
                to.text("the cells are 0 to ").number(CELLS as u32 - 1);
                "; give such numbers"
            }
            Refusal::NothingLeft => "no program was left; run one, or resume one that was saved",
            Refusal::NothingSaved => "there is nothing to resume; run a program",
            Refusal::NoCells => "no cells of this program were saved; save them first",
            Refusal::NoProgram => "this is not a program; load it as text (.bf) or as an image",
            Refusal::Damaged => "the image is damaged; remove it and load it again",
            Refusal::Needs(miss) => return miss.say(to.text("it ")),
            Refusal::Removed => "the image was removed; load it again and run it",
            Refusal::Unsaved(error) => {
                to.text("the cells cannot be saved: ").say(error);
                "; stop ends the program without"
            }
            Refusal::Unloaded(error) => {
                to.text("the saved cells cannot be loaded: ").say(error);
                "; run -n begins with cells that are zero"
            }
            Refusal::Busy => "a call is being carried out; try again",
            Refusal::Storage => "the storage has failed and started again; try again",
        };
        to.text(text);
    }
}

impl From<crate::capability::CapabilityError> for Refusal {
    fn from(_: crate::capability::CapabilityError) -> Refusal {
        Refusal::Removed
    }
}
