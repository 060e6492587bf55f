//! Consents to subscription states and groups.
//! Promises that only a consent subscribes anybody to anything.
//! Leaves what was consented to, word for word, to the form.

use super::Check;
use crate::{
    hub::{ConsentMapping, GivenState, WithheldState},
    mapping::{Subscription, known::Shape, source::Origin},
};
use uuid::Uuid;

impl Check<'_> {
    pub(super) fn consents(&mut self, consents: &[ConsentMapping]) -> Vec<Subscription> {
        let mut read: Vec<Subscription> = Vec::new();
        for (number, consent) in consents.iter().enumerate() {
            let Some(subscription) = self.consent(number, consent) else {
                continue;
            };
            let twice = read.iter().any(|other| {
                other.to == subscription.to
                    && self.asked_together(&other.consent, &subscription.consent)
            });
            if twice {
                self.warn(
                    &format!("consents[{number}].to"),
                    format!(
                        "\"{}\" is set by two consents of the same form; the first one counts.",
                        consent.to
                    ),
                    "Remove one of them.",
                );
            }
            read.push(subscription);
        }
        read
    }

    /// Whether a form has both consents. Without knowledge of the cards only the same one is told.
    fn asked_together(&self, one: &str, other: &str) -> bool {
        let has = |card: &crate::mapping::KnownCard, key: &str| {
            card.fields
                .iter()
                .any(|field| field.key == key && field.shape == Shape::Permission)
        };
        one == other
            || self
                .cards
                .iter()
                .any(|card| has(card, one) && has(card, other))
    }

    fn consent(&mut self, number: usize, consent: &ConsentMapping) -> Option<Subscription> {
        let place = format!("consents[{number}]");
        let origin = self.source(&format!("{place}.from"), &consent.from, None, None)?;
        let Origin::Consent(key) = origin else {
            self.error(
                &format!("{place}.from"),
                format!("\"{}\" is not a consent.", consent.from),
                "Use `consent:` and the key of a consent field.",
            );
            return None;
        };
        let (to, is_group) = match consent.to.as_str() {
            state @ ("email_subscribe" | "push_subscribe") => (state.to_owned(), false),
            other => {
                let group = other
                    .strip_prefix("group:")
                    .and_then(|id| Uuid::try_parse(id.trim()).ok());
                let Some(group) = group else {
                    self.error(
                        &format!("{place}.to"),
                        format!("\"{other}\" is neither a subscription state nor a group with a valid ID."),
                        "Use `email_subscribe`, `push_subscribe`, or `group:` and the ID from Braze (Audience, Subscription groups).",
                    );
                    return None;
                };
                (group.hyphenated().to_string(), true)
            }
        };
        let given = match consent.given {
            Some(GivenState::OptedIn) if is_group => {
                self.error(
                    &format!("{place}.given"),
                    "A subscription group knows no `opted_in`.".to_owned(),
                    "Use `subscribed`, or leave it out.",
                );
                return None;
            }
            Some(GivenState::OptedIn) => "opted_in",
            None if !is_group => "opted_in",
            None | Some(GivenState::Subscribed) => "subscribed",
        };
        if consent.double_opt_in && !is_group {
            self.warn(
                &format!("{place}.double_opt_in"),
                "Only SMS subscription groups have Braze's double opt-in.".to_owned(),
                "Remove it, or map the consent to the group.",
            );
        }
        let withheld = match consent.withheld {
            WithheldState::Leave => None,
            WithheldState::Unsubscribed => Some("unsubscribed"),
        };
        Some(Subscription {
            consent: key,
            to,
            is_group,
            given,
            withheld,
            double_opt_in: consent.double_opt_in && is_group,
        })
    }
}
