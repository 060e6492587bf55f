//! One call of a lane, out: to `/users/track`, to another endpoint of Braze, or to the mail server.
//! Promises one answer for each, in the same words. Leaves to others: what the answer means (`engage::delivery`).

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, time::Duration};

use braze::{Answer, Call, CheckVerdict, calls};
use engage::delivery::CallKind;

use super::connection::Shared;

/// Sends the mails of the installation's own, those that do not go through Braze.
pub trait Mailer: Debug + Send + Sync {
    /// Sends one mail. `body` is the JSON that was planned as the body of a call of the kind `smtp`. The answer in Braze's words:
    /// accepted, refused (for ever), unavailable (again later), unknown (may have gone out), not sent.
    fn send(&self, body: String) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

pub(super) async fn send(shared: &Arc<Shared>, kind: Option<CallKind>, body: Vec<u8>) -> Call {
    let client = &shared.client;
    let call = match &kind {
        None => return client.track(body.into()).await,
        Some(CallKind::Smtp) => return mail(shared, body).await,
        Some(CallKind::Identify) => calls::Call::Identify,
        Some(CallKind::AliasNew) => calls::Call::AliasNew,
        Some(CallKind::Delete) => calls::Call::Delete,
        Some(CallKind::TransactionalEmail { campaign }) => {
            calls::Call::TransactionalSend { campaign }
        }
        Some(CallKind::CampaignTrigger) => calls::Call::CampaignTrigger,
    };
    // A message that the key may not send goes out by the mail server, if there is one: the body is kept for that.
    let is_message = matches!(
        kind,
        Some(CallKind::TransactionalEmail { .. } | CallKind::CampaignTrigger)
    );
    let kept = (is_message && shared.deliver.mailer.is_some()).then(|| body.clone());
    let mut answered = client.call(call, body.into()).await;
    // Braze answers 401 for a wrong key, and on some accounts for a missing permission too. A question that writes nothing
    // tells them apart, so that one missing permission does not stop everything.
    if let Answer::KeyRefused {
        status: 401,
        message,
    } = &answered.answer
        && client.check().await.0.verdict == CheckVerdict::Works
    {
        answered.answer = Answer::NotPermitted {
            status: 401,
            message: message.clone(),
        };
    }
    if let (Answer::NotPermitted { .. }, Some(body)) = (&answered.answer, kept) {
        return mail(shared, body).await;
    }
    answered
}

async fn mail(shared: &Arc<Shared>, body: Vec<u8>) -> Call {
    let started = std::time::Instant::now();
    let answer = match (&shared.deliver.mailer, String::from_utf8(body)) {
        (Some(mailer), Ok(body)) => mailer.send(body).await,
        (None, _) => Answer::NotPermitted {
            status: 0,
            message: "no mail server is set up".to_owned(),
        },
        (_, Err(_)) => Answer::Refused {
            status: 0,
            message: "the mail is not text".to_owned(),
            item_errors: Vec::new(),
        },
    };
    Call {
        answer,
        budget: None,
        status: None,
        text: String::new(),
        duration: Duration::from_millis(u64::try_from(started.elapsed().as_millis()).unwrap_or(0)),
    }
}
