//! Cards: one folder per engine, one per kind below it, one registry.
//! Promises that adding a kind touches its folder and one word here or in its engine's list, and that the conformance
//! test covers it from then on.
//! Leaves storage, sessions and the page around a card to others.

mod card;
mod face;
#[cfg(any(test, feature = "testing"))]
pub mod filling;
mod game;
mod kind;
mod movement;
#[cfg(test)]
pub(crate) mod playing;
pub mod prizes;
#[cfg(test)]
mod testing;
mod zone;

pub use card::{
    Card, Control, ControlKind, FactDef, FactKind, FactValues, Outcome, PlayContext, ResultRow,
    SetupProblem, Shell, Tally,
};
pub use face::{FaceContext, PlayStand, Stage};
pub use kind::Kind;
pub use movement::{Complaint, Move, Refusal};
pub use prizes::{Percent, Prize, Stock};

macro_rules! engines {
    ($($engine:ident,)*) => {
        $(pub mod $engine;)*

        /// All kinds of all engines, in the order the studio offers them.
        pub fn kinds() -> impl Iterator<Item = &'static Kind> {
            [$($engine::KINDS),*].into_iter().flatten()
        }
    };
}

engines! {
    form_only,
    questions,
    chance,
    skill,
    media,
}

/// The kind with a name, as in `kind = "poll"`.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().find(|kind| kind.name == name)
}

/// The texts of all kinds in a language.
pub(crate) fn texts(language: &str) -> Vec<&'static str> {
    kinds()
        .flat_map(|kind| kind.texts)
        .filter(|(of, _)| *of == language)
        .map(|(_, source)| *source)
        .collect()
}
