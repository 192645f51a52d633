//! Why a call of the process fails.

use crate::saved::SavedError;
use crate::service::storage::CELLS;
use images::packed;
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
                to.text(packed!("the cells are 0 to ")).number(CELLS as u32 - 1);
                packed!("; give such numbers")
            }
            Refusal::NothingLeft => packed!("no program was left; run one, or resume one that was saved"),
            Refusal::NothingSaved => packed!("there is nothing to resume; run a program"),
            Refusal::NoCells => packed!("no cells of this program were saved; save them first"),
            Refusal::NoProgram => packed!("this is not a program; load it as text (.bf) or as an image"),
            Refusal::Damaged => packed!("the image is damaged; remove it and load it again"),
            Refusal::Needs(miss) => return miss.say(to.text(packed!("it "))),
            Refusal::Removed => packed!("the image was removed; load it again and run it"),
            Refusal::Unsaved(error) => {
                to.text(packed!("the cells cannot be saved: ")).say(error);
                packed!("; stop ends the program without")
            }
            Refusal::Unloaded(error) => {
                to.text(packed!("the saved cells cannot be loaded: ")).say(error);
                packed!("; run -n begins with cells that are zero")
            }
            Refusal::Busy => packed!("a call is being carried out; try again"),
            Refusal::Storage => packed!("the storage has failed and started again; try again"),
        };
        to.text(text);
    }
}

impl From<crate::capability::CapabilityError> for Refusal {
    fn from(_: crate::capability::CapabilityError) -> Refusal {
        Refusal::Removed
    }
}
