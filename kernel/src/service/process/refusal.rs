//! Why a call of the process fails.

use crate::saved::SavedError;
use crate::service::storage::CELLS;
use images::requirements::Miss;

/// Why a call fails, for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the cells are 0 to {last}; give such numbers", last = CELLS - 1)]
    NoCell,
    #[error("no program was left; run one, or resume one that was saved")]
    NothingLeft,
    #[error("there is nothing to resume; run a program")]
    NothingSaved,
    #[error("no cells of this program were saved; save them first")]
    NoCells,
    #[error("this is not a program; load it as text (.bf) or as an image")]
    NoProgram,
    #[error("the image is damaged; remove it and load it again")]
    Damaged,
    #[error("it {0}")]
    Needs(Miss),
    #[error("the image was removed; load it again and run it")]
    Removed,
    #[error("the cells cannot be saved: {0}; stop ends the program without")]
    Unsaved(SavedError),
    #[error("the saved cells cannot be loaded: {0}; run -n begins with cells that are zero")]
    Unloaded(SavedError),
    #[error("a call is being carried out; try again")]
    Busy,
    #[error("the storage has failed and started again; try again")]
    Storage,
}

impl From<crate::capability::CapabilityError> for Refusal {
    fn from(_: crate::capability::CapabilityError) -> Refusal {
        Refusal::Removed
    }
}
