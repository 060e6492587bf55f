//! Hubs: the authored document, what is wrong with it, and the frozen publication that participants see.
//! Promises that nothing unpublished leaks and that the same document always has the same version.
//! Leaves HTML to the web crate and the data's way out to `mapping`.

mod connection;
mod doc;
mod load;
mod nearest;

pub use connection::{
    AttributeMapping, BatchMode, ConnectionDoc, ConnectionType, ConsentMapping, EventMapping,
    EventTrigger, GivenState, IdentifyBy, MappedType, PropertyMapping, Source, UnknownEvents,
    UserMapping, WithheldState,
};
pub use doc::{
    Button, CardDoc, CardForm, CardState, EntryRules, FORMAT, Font, FormPosition, HubDoc, HubHead,
    HubState, Image, Layout, LimitKind, NavItem, Page, Placement, PlacementSize,
    PlacementVisibility, Section, Terms, Thanks, Theme,
};
pub use load::DocError;
pub use nearest::nearest;
