//! From an identifier to a profile, found or made (Braze contract 4.3 and 4.4).
//! Promises that exactly one profile is meant, or none.
//! Leaves writing to it to the callers.

use super::identifiers::Who;
use super::{Key, Profiles};

impl Profiles {
    /// The profile that an identifier means, if there is one.
    pub(crate) fn find(&self, who: &Who) -> Option<Key> {
        match who {
            Who::External(id) => self.by_external(id),
            Who::Alias(alias) => self.by_alias(alias),
            Who::Braze(id) => self.by_braze(id),
            Who::Email(email) => self.most_recent(&self.by_email(email)),
            Who::Phone(phone) => self.most_recent(&self.by_phone(phone)),
        }
    }

    /// Among several: the last changed of those with an external id, else the last changed.
    fn most_recent(&self, keys: &[Key]) -> Option<Key> {
        keys.iter()
            .filter_map(|key| {
                self.get(*key)
                    .map(|profile| (profile.external_id.is_some(), profile.touched, *key))
            })
            .max()
            .map(|(_, _, key)| key)
    }

    /// The profile that an identifier means; made when there is none and `create` allows it.
    pub(crate) fn find_or_create(&mut self, who: &Who, create: bool, now: i64) -> Option<Key> {
        if let Some(key) = self.find(who) {
            return Some(key);
        }
        if !create || matches!(who, Who::Braze(_)) {
            return None;
        }
        let key = self.create(now);
        match who {
            Who::External(id) => self.set_external(key, id),
            Who::Alias(alias) => {
                self.add_alias(key, alias);
            }
            Who::Email(email) => self.set_field(key, "email", Some(email.clone().into())),
            Who::Phone(phone) => self.set_field(key, "phone", Some(phone.clone().into())),
            Who::Braze(_) => {}
        }
        Some(key)
    }
}

/// Whether an unknown identifier makes a profile: `flag` is the object's `_update_existing_only`.
pub(crate) fn may_create(who: &Who, flag: Option<bool>) -> bool {
    match who {
        Who::Braze(_) => false,
        Who::Alias(_) => flag == Some(false),
        Who::External(_) | Who::Email(_) | Who::Phone(_) => flag != Some(true),
    }
}
