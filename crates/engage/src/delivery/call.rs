//! Calls of their own: what a delivery asks of Braze (or of a mail server) that is not `/users/track`.
//! Promises: every kind has a stable code for storage, and says whether its call may be repeated without harm.
//! Leaves the body to whoever plans the call, sending to the worker, and verdicts to `lane`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a call of its own does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CallKind {
    /// `POST /users/identify` (Braze contract 8.1).
    Identify,
    /// `POST /users/alias/new` (8.2).
    AliasNew,
    /// `POST /users/delete` (8.5).
    Delete,
    /// `POST /transactional/v1/campaigns/{campaign}/send` (11.2); the body carries `external_send_id`.
    TransactionalEmail {
        /// The campaign's API identifier.
        campaign: String,
    },
    /// `POST /campaigns/trigger/send` (11.3).
    CampaignTrigger,
    /// One mail handed to the installation's mail server.
    Smtp,
}

/// Separates the kind from the campaign in the stored code.
const COLON: char = ':';

impl CallKind {
    /// The kind's stable name without its details, for filters and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::AliasNew => "alias_new",
            Self::Delete => "delete",
            Self::TransactionalEmail { .. } => "transactional_email",
            Self::CampaignTrigger => "campaign_trigger",
            Self::Smtp => "smtp",
        }
    }

    /// The stable text as stored; [`CallKind::from_str`] reads it.
    pub fn code(&self) -> String {
        match self {
            Self::TransactionalEmail { campaign } => format!("{}{COLON}{campaign}", self.name()),
            _ => self.name().to_owned(),
        }
    }

    /// Whether making the call twice comes to the same as making it once. A transactional e-mail is told apart by its
    /// `external_send_id`, which Braze remembers for 24 hours (contract 2.5); the others that are repeatable say what is, not
    /// what happens.
    pub const fn is_repeatable(&self) -> bool {
        match self {
            Self::Identify | Self::AliasNew | Self::Delete | Self::TransactionalEmail { .. } => {
                true
            }
            Self::CampaignTrigger | Self::Smtp => false,
        }
    }

    /// The permission that Braze wants for it; empty where Braze is not asked.
    pub const fn permission(&self) -> &'static str {
        match self {
            Self::Identify => "users.identify",
            Self::AliasNew => "users.alias.new",
            Self::Delete => "users.delete",
            Self::TransactionalEmail { .. } => "transactional.send",
            Self::CampaignTrigger => "campaigns.trigger.send",
            Self::Smtp => "",
        }
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}

/// The text is not the code of any kind of call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a kind of call")]
pub struct UnknownCall(pub String);

impl FromStr for CallKind {
    type Err = UnknownCall;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code.split_once(COLON) {
            Some(("transactional_email", campaign)) if !campaign.is_empty() => {
                Ok(Self::TransactionalEmail {
                    campaign: campaign.to_owned(),
                })
            }
            None => [
                Self::Identify,
                Self::AliasNew,
                Self::Delete,
                Self::CampaignTrigger,
                Self::Smtp,
            ]
            .into_iter()
            .find(|kind| kind.name() == code)
            .ok_or_else(|| UnknownCall(code.to_owned())),
            Some(_) => Err(UnknownCall(code.to_owned())),
        }
    }
}

/// One call of its own: what, and the whole JSON body. It is sent alone, in the order of its contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCall {
    /// What the call does.
    pub kind: CallKind,
    /// The finished JSON body.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_stored_code() {
        for kind in [
            CallKind::Identify,
            CallKind::AliasNew,
            CallKind::Delete,
            CallKind::TransactionalEmail {
                campaign: "417220e4-5a2a-b634-7f7d-9ec891532368".to_owned(),
            },
            CallKind::CampaignTrigger,
            CallKind::Smtp,
        ] {
            assert_eq!(kind.code().parse(), Ok(kind.clone()), "{kind}");
        }
        for code in [
            "",
            "track",
            "identify:x",
            "transactional_email",
            "transactional_email:",
        ] {
            assert!(code.parse::<CallKind>().is_err(), "{code}");
        }
    }
}
