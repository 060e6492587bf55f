//! Hubs: the authored document, what is wrong with it, and the frozen publication that participants see.
//! Promises that nothing unpublished leaks and that the same document always has the same version.
//! Leaves HTML to the web crate and the data's way out to `mapping`.

mod connection;
mod contrast;
mod doc;
mod load;
mod mail;
mod nearest;
mod problems;
mod publication;
mod visibility;

pub use connection::{
    AllAnswers, AttributeMapping, BatchMode, ConnectionDoc, ConnectionType, ConsentMapping,
    EventMapping, EventTrigger, GivenState, IdentifyBy, MappedType, Operation, OtherIdentifier,
    PropertyMapping, PurchaseMapping, QuestionMapping, Source, Sources, Transform, UnknownEvents,
    UserMapping, WithheldState,
};
pub use contrast::{contrast, luminance, rgb};
pub use doc::{
    Button, CardDoc, CardForm, CardState, EntryRules, FORMAT, Font, FormPosition, HubDoc, HubHead,
    HubState, Image, Layout, LimitKind, NavItem, Page, Placement, PlacementSize,
    PlacementVisibility, STORED_IMAGE, Section, Terms, Thanks, Theme,
};
pub use load::DocError;
pub(crate) use load::read_table;
pub use mail::{MailDoc, MailRoute, MailTypeDoc};
pub use nearest::nearest;
pub(crate) use problems::is_field_key;
pub use problems::{Problem, Severity};
pub use publication::{Publication, PublishedCard};
pub use visibility::Visibility;

#[cfg(test)]
mod tests;
