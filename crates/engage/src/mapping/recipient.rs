//! Who a message about an entry is for, by the connection's user mapping.
//! Promises the same identifier that the entry's other data is sent under.
//! Leaves bodies of requests to `mail`.

use super::{Facts, Mapping, SkipReason};
use crate::{hub::IdentifyBy, mail::Recipient};

impl Mapping {
    /// Who a message about this entry is for; nothing where no message can be sent by such an identifier (a phone number).
    pub fn recipient(&self, facts: &Facts<'_>) -> Result<Option<Recipient>, SkipReason> {
        let (_, who) = self.identify(facts)?;
        Ok(match who.by {
            IdentifyBy::ExternalId => Some(Recipient::External(who.name)),
            IdentifyBy::BrazeId => Some(Recipient::Braze(who.name)),
            IdentifyBy::Email => Some(Recipient::Email(who.name)),
            IdentifyBy::Alias => Some(Recipient::Alias {
                label: who.label,
                name: who.name,
            }),
            IdentifyBy::Phone => None,
        })
    }

    /// A profile object that says nothing but whose it is and the address. An alias-only profile has to exist before a message
    /// can be sent to it (contract 11.1); nothing where the identifier needs no such thing, or profiles may not be made.
    pub fn introduction(&self, facts: &Facts<'_>, address: &str) -> Option<String> {
        let (identifier, who) = self.identify(facts).ok()?;
        if !identifier.makes_profile() {
            return None;
        }
        let mut object = identifier.object(&who.name);
        object.member("email", &address);
        object.close()
    }
}
