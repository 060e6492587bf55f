//! The table of Braze's endpoints: method, path, permission, limit group.
//! Promises that a path which is not in it is a 404, trailing slashes and wrong methods included.
//! Leaves what each endpoint does to `transport::run`.

use axum::http::Method;

use crate::settings::LimitGroup;

/// An endpoint of Braze that the sandbox answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Track,
    TrackSync,
    TrackBulk,
    Identify,
    AliasNew,
    AliasUpdate,
    Merge,
    Delete,
    Rename,
    Remove,
    ExportIds,
    SubscriptionSet,
    SubscriptionSetV2,
    SubscriptionGet,
    SubscriptionUser,
    EmailStatus,
    EmailUnsubscribes,
    EmailHardBounces,
    EmailBounceRemove,
    EmailSpamRemove,
    EmailBlocklist,
    MessagesSend,
    CampaignSend,
    CanvasSend,
    TransactionalSend,
    SendIdCreate,
    TemplateCreate,
    TemplateUpdate,
    TemplateInfo,
    TemplateList,
    BlockCreate,
    BlockUpdate,
    BlockInfo,
    BlockList,
}

/// An endpoint with what guards it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) call: Call,
    pub(crate) permission: &'static str,
    pub(crate) group: LimitGroup,
    /// The `{campaign_id}` of the transactional path, else empty.
    pub(crate) argument: String,
}

/// Finds the endpoint of a request; `None` is a 404.
pub(crate) fn find(method: &Method, path: &str) -> Option<Endpoint> {
    use LimitGroup::{
        Identity, Remove, Rename, SendIds, Shared, Subscription, Track, TrackBulk, TrackSync,
    };
    let post = *method == Method::POST;
    let get = *method == Method::GET;
    if !post && !get {
        return None;
    }
    let (is_post, call, permission, group) = match path {
        "/users/track" => (true, Call::Track, "users.track", Track),
        "/users/track/sync" => (true, Call::TrackSync, "users.track.sync", TrackSync),
        "/users/track/bulk" => (true, Call::TrackBulk, "users.track.bulk", TrackBulk),
        "/users/identify" => (true, Call::Identify, "users.identify", Identity),
        "/users/alias/new" => (true, Call::AliasNew, "users.alias.new", Identity),
        "/users/alias/update" => (true, Call::AliasUpdate, "users.alias.update", Identity),
        "/users/merge" => (true, Call::Merge, "users.merge", Identity),
        "/users/delete" => (true, Call::Delete, "users.delete", Identity),
        "/users/external_ids/rename" => (true, Call::Rename, "users.external_ids.rename", Rename),
        "/users/external_ids/remove" => (true, Call::Remove, "users.external_ids.remove", Remove),
        "/users/export/ids" => (
            true,
            Call::ExportIds,
            "users.export.ids",
            LimitGroup::Export,
        ),
        "/subscription/status/set" => (
            true,
            Call::SubscriptionSet,
            "subscription.status.set",
            Subscription,
        ),
        "/v2/subscription/status/set" => (
            true,
            Call::SubscriptionSetV2,
            "subscription.status.set",
            Subscription,
        ),
        "/subscription/status/get" => (
            false,
            Call::SubscriptionGet,
            "subscription.status.get",
            Shared,
        ),
        "/subscription/user/status" => (
            false,
            Call::SubscriptionUser,
            "subscription.groups.get",
            Shared,
        ),
        "/email/status" => (true, Call::EmailStatus, "email.status", Shared),
        "/email/unsubscribes" => (false, Call::EmailUnsubscribes, "email.unsubscribe", Shared),
        "/email/hard_bounces" => (false, Call::EmailHardBounces, "email.hard_bounces", Shared),
        "/email/bounce/remove" => (true, Call::EmailBounceRemove, "email.bounce.remove", Shared),
        "/email/spam/remove" => (true, Call::EmailSpamRemove, "email.spam.remove", Shared),
        "/email/blocklist" | "/email/blacklist" => {
            (true, Call::EmailBlocklist, "email.blacklist", Shared)
        }
        "/messages/send" => (true, Call::MessagesSend, "messages.send", Shared),
        "/campaigns/trigger/send" => (true, Call::CampaignSend, "campaigns.trigger.send", Shared),
        "/canvas/trigger/send" => (true, Call::CanvasSend, "canvas.trigger.send", Shared),
        "/sends/id/create" => (true, Call::SendIdCreate, "sends.id.create", SendIds),
        "/templates/email/create" => (true, Call::TemplateCreate, "templates.email.create", Shared),
        "/templates/email/update" => (true, Call::TemplateUpdate, "templates.email.update", Shared),
        "/templates/email/info" => (false, Call::TemplateInfo, "templates.email.info", Shared),
        "/templates/email/list" => (false, Call::TemplateList, "templates.email.list", Shared),
        "/content_blocks/create" => (true, Call::BlockCreate, "content_blocks.create", Shared),
        "/content_blocks/update" => (true, Call::BlockUpdate, "content_blocks.update", Shared),
        "/content_blocks/info" => (false, Call::BlockInfo, "content_blocks.info", Shared),
        "/content_blocks/list" => (false, Call::BlockList, "content_blocks.list", Shared),
        _ => {
            let id = path
                .strip_prefix("/transactional/v1/campaigns/")?
                .strip_suffix("/send")?;
            if !post || id.is_empty() || id.contains('/') {
                return None;
            }
            return Some(Endpoint {
                call: Call::TransactionalSend,
                permission: "transactional.send",
                group: Shared,
                argument: id.to_owned(),
            });
        }
    };
    (is_post == post).then(|| Endpoint {
        call,
        permission,
        group,
        argument: String::new(),
    })
}
