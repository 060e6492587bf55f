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
    /// Over 255 characters: Braze would accept the call and drop the value without a word.
    TooLong,
    /// Not what the target takes: not a number, not a date, not a country.
    NotValid,
}

impl NoteKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "value_too_long",
            Self::NotValid => "value_not_valid",
        }
    }
    /// What happened, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooLong => {
                "The value is longer than the 255 characters that Braze keeps, so it was left out."
            }
            Self::NotValid => {
                "The value is not of the kind that this target takes, so it was left out."
            }
        }
    }
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => "Limit the field's length to 255 characters.",
            Self::NotValid => {
                "Choose another type in the mapping, or a field that only accepts such values."
            }
        }
    }
}
