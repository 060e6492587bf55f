//! Typed identifiers. A `ContactId` can't be passed where an `EntryId` is wanted.
//! Every id is a UUID version 7 (RFC 9562), so that ids sort by the time they were made; an id is never a secret.
//! Making one needs a clock and dice, so it is left to the caller: `Id::from_uuid`.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An identifier of one kind of thing. `K` is a marker and never exists at run time.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// Wraps a UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            kind: PhantomData,
        }
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from_uuid)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $marker:ident;)*) => {$(
        /// Marks an id's kind.
        #[derive(Debug)]
        pub enum $marker {}
        $(#[$doc])*
        pub type $name = Id<$marker>;
    )*};
}

kinds! {
    /// A workspace: the isolation boundary.
    WorkspaceId = WorkspaceKind;
    /// A hub.
    HubId = HubKind;
    /// A card of a hub; stays the same over all publications.
    CardId = CardKind;
    /// A person in a workspace.
    ContactId = ContactKind;
    /// An accepted form submission.
    EntryId = EntryKind;
    /// One participant's run through a card. Made by the page, so that a retry is the same play.
    PlayId = PlayKind;
    /// A connected app, for example one Braze workspace.
    ConnectionId = ConnectionKind;
    /// Somebody who works in the studio.
    MemberId = MemberKind;
    /// A member's session. Names it in lists; its token is something else.
    SessionId = SessionKind;
    /// An invitation into a workspace. Its link's secret is something else.
    InvitationId = InvitationKind;
}
