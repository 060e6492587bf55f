//! Calls beside `/users/track`, one request each (contract 8, 10, 11).
//! Promises typed functions and one for prepared bodies; no hidden retry in any of them.
//! Leaves what an answer means to `calls`.

use bytes::Bytes;
use reqwest::Url;
use serde::Serialize;

use super::{Call, Client, now_epoch_ms};
use crate::{
    answer::Answer,
    calls::{
        self, CampaignTrigger, Delete, Identify, Merge, NewAlias, SubscriptionChange,
        TransactionalSend, classify_call,
    },
    limits::MAX_ANSWER_BYTES,
};

impl Client {
    /// Sends one prepared body to an endpoint of its own: at most one request reaches the wire.
    pub async fn call(&self, call: calls::Call<'_>, body: Bytes) -> Call {
        let url = call
            .path()
            .and_then(|path| Url::parse(&self.inner.endpoint.url(&path)).ok());
        let Some(url) = url else {
            return not_sent("the campaign's identifier is not one of Braze's");
        };
        let classify = |status, headers: &[(&str, &str)], body: &[u8]| {
            classify_call(call, status, headers.iter().copied(), body, now_epoch_ms())
        };
        self.post_with(&url, body, MAX_ANSWER_BYTES, classify)
            .await
            .0
    }

    /// Gives profiles an `external_id`, or merges them into the one that has it (contract 8.1).
    pub async fn identify(&self, request: &Identify) -> Call {
        self.typed(calls::Call::Identify, request).await
    }

    /// Adds aliases (contract 8.2).
    pub async fn new_aliases(&self, user_aliases: &[NewAlias]) -> Call {
        #[derive(Serialize)]
        struct Request<'a> {
            user_aliases: &'a [NewAlias],
        }
        self.typed(calls::Call::AliasNew, &Request { user_aliases })
            .await
    }

    /// Merges profiles; takes effect minutes later (contract 8.4).
    pub async fn merge(&self, merge_updates: &[Merge]) -> Call {
        #[derive(Serialize)]
        struct Request<'a> {
            merge_updates: &'a [Merge],
        }
        self.typed(calls::Call::Merge, &Request { merge_updates })
            .await
    }

    /// Deletes profiles for good (contract 8.5).
    pub async fn delete(&self, request: &Delete) -> Call {
        self.typed(calls::Call::Delete, request).await
    }

    /// Sets states of subscription groups (contract 10.2).
    pub async fn set_subscriptions(&self, subscription_groups: &[SubscriptionChange]) -> Call {
        #[derive(Serialize)]
        struct Request<'a> {
            subscription_groups: &'a [SubscriptionChange],
        }
        let request = Request {
            subscription_groups,
        };
        self.typed(calls::Call::SubscriptionSet, &request).await
    }

    /// Sends one mail through a transactional campaign (contract 11.2).
    pub async fn send_transactional(&self, campaign: &str, request: &TransactionalSend) -> Call {
        self.typed(calls::Call::TransactionalSend { campaign }, request)
            .await
    }

    /// Triggers a campaign for named people (contract 11.3). Nothing tells a repetition apart from a second message.
    pub async fn trigger_campaign(&self, request: &CampaignTrigger) -> Call {
        self.typed(calls::Call::CampaignTrigger, request).await
    }

    async fn typed(&self, call: calls::Call<'_>, request: &(impl Serialize + Sync)) -> Call {
        match serde_json::to_vec(request) {
            Ok(body) => self.call(call, body.into()).await,
            Err(error) => not_sent(&error.to_string()),
        }
    }
}

/// What is wrong is in the request itself, and nothing went out.
pub(super) fn not_sent(message: &str) -> Call {
    Call {
        answer: Answer::Refused {
            status: 0,
            message: message.to_owned(),
            item_errors: Vec::new(),
        },
        budget: None,
        status: None,
        text: String::new(),
        duration: std::time::Duration::ZERO,
    }
}
