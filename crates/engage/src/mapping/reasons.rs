//! Why an entry is not sent, or not all of it, in words for the people who run campaigns.
//! Promises closed lists with stable codes, and never a value of a participant.
//! Leaves showing them to the ledger.

/// Why nothing is sent for an entry, though something is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// The identifier's source has no value in this entry.
    NoIdentifier,
    /// The identifier is a placeholder that many people share (contract 4.5).
    DummyIdentifier,
    /// The identifier is longer than Braze allows (987 bytes).
    IdentifierTooLong,
    /// The identifier is not a valid e-mail address or phone number.
    IdentifierNotValid,
}

impl SkipReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::NoIdentifier,
        Self::DummyIdentifier,
        Self::IdentifierTooLong,
        Self::IdentifierNotValid,
    ];

    /// The code as stored and shown by the API; never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoIdentifier => "no_identifier",
            Self::DummyIdentifier => "dummy_identifier",
            Self::IdentifierTooLong => "identifier_too_long",
            Self::IdentifierNotValid => "identifier_not_valid",
        }
    }

    /// What happened, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoIdentifier => {
                "The entry holds no value for the field that identifies people in Braze."
            }
            Self::DummyIdentifier => {
                "The value that should identify the person is a placeholder such as \"null\" or \"0\", which many people would share."
            }
            Self::IdentifierTooLong => {
                "The value that should identify the person is longer than the 987 bytes that Braze allows."
            }
            Self::IdentifierNotValid => {
                "The value that should identify the person is not a valid e-mail address or international phone number."
            }
        }
    }

    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoIdentifier => {
                "Make that field required, or choose another one in this connection's user mapping."
            }
            Self::DummyIdentifier => {
                "Choose a field with a different value for every person in this connection's user mapping."
            }
            Self::IdentifierTooLong => "Choose a shorter value in this connection's user mapping.",
            Self::IdentifierNotValid => {
                "Use a field of the type e-mail or phone in this connection's user mapping."
            }
        }
    }
}

/// Something that was mapped but left out; the rest is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The attribute, or `event.property`.
    pub target: String,
    /// Why.
    pub kind: NoteKind,
}

/// Why one value is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Over 255 characters, or a list of more than 500: Braze would accept the call and drop the value without a word.
    TooLong,
    /// Not what the target takes: not a number, not a date, not a country.
    NotValid,
    /// More than the 256 properties that Braze keeps of an event.
    TooMany,
    /// The address of somebody who is identified by phone number: Braze would look the person up by it.
    WouldIdentify,
    /// The entry has no value for it. Only previews tell.
    NoValue,
}

impl NoteKind {
    /// Every kind that is counted; previews know one more, [`NoteKind::NoValue`].
    pub const COUNTED: &[Self] = &[
        Self::TooLong,
        Self::NotValid,
        Self::TooMany,
        Self::WouldIdentify,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "value_too_long",
            Self::NotValid => "value_not_valid",
            Self::TooMany => "too_many_properties",
            Self::WouldIdentify => "would_identify",
            Self::NoValue => "no_value",
        }
    }
    /// What happened, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooLong => {
                "The value is longer than the 255 characters (or 500 list elements) that Braze keeps, so it was left out."
            }
            Self::NotValid => {
                "The value is not of the kind that this target takes, so it was left out."
            }
            Self::TooMany => {
                "Braze keeps 256 properties of an event, so the ones beyond were left out."
            }
            Self::WouldIdentify => {
                "The person is identified by phone number, and with an e-mail address beside it Braze would look for another profile, so it was left out."
            }
            Self::NoValue => "The entry holds no value for it, so it is left out.",
        }
    }
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => "Limit the field's length to 255 characters.",
            Self::NotValid => {
                "Choose another type or a transform in the mapping, or a field that only accepts such values."
            }
            Self::TooMany => "Map the answers that matter one by one.",
            Self::WouldIdentify => {
                "Identify people by alias or external ID if the address matters."
            }
            Self::NoValue => {
                "Nothing, if the question may stay open; else make the field required."
            }
        }
    }
}
