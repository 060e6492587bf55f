//! Transport (1 to 14): who is let in, and what is read at all.

use braze::{Answer, CHECK_BODY, Client, Endpoint, HostKind, Options};
use serde_json::Value;

use crate::{
    cases,
    workspace::{Differs, Finding, Plain, Workspace, expect, said},
};

cases! {
    "1" "without a key: 401" Relied no_key;
    "2a" "a key in quotes: 401" Relied quoted_key;
    "2b" "the word bearer in lower case: 401" Chosen lower_case_bearer;
    "2c" "a wrong key: 401, and the client says so" Relied wrong_key;
    "5" "a slash at the end of the path is not taken" Relied trailing_slash;
    "6" "another method: 404" Chosen other_method;
    "7" "another type than JSON: 415" Relied plain_text;
    "8" "half a document: 400, in a body with the key `error`" Relied half_a_document;
    "9" "a trailing comma: the same" Relied trailing_comma;
    "10" "no UTF-8: 400" Relied no_utf8;
    "11" "a list in place of an object: 400" Chosen a_list;
    "78" "what is left of the rate limit can be read" Relied budget;
    "12" "one byte over 4 MB: refused for its size" Relied too_long;
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn status(plain: &Plain, wanted: u16) -> Finding {
    expect(plain.status == wanted, || {
        format!("answered {} {}", plain.status, plain.text)
    })
}

async fn with_key(workspace: &Workspace, authorization: &str) -> Result<Plain, Differs> {
    let headers = [("authorization", authorization), JSON];
    workspace
        .plain("POST", "/users/track", &headers, CHECK_BODY.to_vec())
        .await
}

async fn no_key(workspace: &Workspace) -> Finding {
    let plain = workspace
        .plain("POST", "/users/track", &[JSON], CHECK_BODY.to_vec())
        .await?;
    status(&plain, 401)
}

async fn quoted_key(workspace: &Workspace) -> Finding {
    status(
        &with_key(workspace, &format!("Bearer \"{}\"", workspace.key())).await?,
        401,
    )
}

async fn lower_case_bearer(workspace: &Workspace) -> Finding {
    status(
        &with_key(workspace, &format!("bearer {}", workspace.key())).await?,
        401,
    )
}

async fn wrong_key(workspace: &Workspace) -> Finding {
    let endpoint: Endpoint = workspace.base().parse().unwrap();
    let free = endpoint.host() != HostKind::Braze;
    let options = Options {
        allow_other_hosts: free,
        allow_private: free,
        ..Options::default()
    };
    let other = Client::new(
        endpoint,
        "00000000-0000-4000-8000-000000000000".into(),
        options,
    )
    .unwrap();
    let (_, call) = other.check().await;
    expect(
        matches!(call.answer, Answer::KeyRefused { status: 401, .. }),
        || said(&call),
    )
}

async fn trailing_slash(workspace: &Workspace) -> Finding {
    let bearer = workspace.bearer();
    let headers = [("authorization", bearer.as_str()), JSON];
    let plain = workspace
        .plain("POST", "/users/track/", &headers, CHECK_BODY.to_vec())
        .await?;
    expect(matches!(plain.status, 403 | 404), || {
        format!("answered {} {}", plain.status, plain.text)
    })?;
    Ok(format!("{}", plain.status))
}

async fn other_method(workspace: &Workspace) -> Finding {
    let bearer = workspace.bearer();
    let headers = [("authorization", bearer.as_str())];
    status(
        &workspace
            .plain("GET", "/users/track", &headers, Vec::new())
            .await?,
        404,
    )
}

async fn plain_text(workspace: &Workspace) -> Finding {
    let bearer = workspace.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "text/plain"),
    ];
    status(
        &workspace
            .plain("POST", "/users/track", &headers, CHECK_BODY.to_vec())
            .await?,
        415,
    )
}

async fn body(workspace: &Workspace, body: &[u8]) -> Result<Plain, Differs> {
    let bearer = workspace.bearer();
    let headers = [("authorization", bearer.as_str()), JSON];
    workspace
        .plain("POST", "/users/track", &headers, body.to_vec())
        .await
}

fn unreadable(plain: &Plain) -> Finding {
    status(plain, 400)?;
    expect(
        plain.json().get("error").is_some_and(Value::is_string),
        || format!("the body is {}", plain.text),
    )
}

async fn half_a_document(workspace: &Workspace) -> Finding {
    unreadable(&body(workspace, b"{").await?)
}

async fn trailing_comma(workspace: &Workspace) -> Finding {
    unreadable(&body(workspace, br#"{"attributes": [],}"#).await?)
}

async fn no_utf8(workspace: &Workspace) -> Finding {
    status(
        &body(workspace, b"{\"attributes\": \"\xff\xfe\"}").await?,
        400,
    )
}

async fn a_list(workspace: &Workspace) -> Finding {
    status(&body(workspace, b"[]").await?, 400)
}

async fn too_long(workspace: &Workspace) -> Finding {
    let frame = r#"{"ignored":""}"#.len();
    let filling = "x".repeat(4 * 1024 * 1024 + 1 - frame);
    let call = workspace
        .client
        .track(format!("{{\"ignored\":\"{filling}\"}}").into())
        .await;
    match call.answer {
        Answer::TooLarge | Answer::Refused { status: 400, .. } => {
            Ok(format!("{}", call.status.unwrap_or_default()))
        }
        // A server may close the connection while the rest is still on its way.
        Answer::Unknown { .. } | Answer::NotSent { .. } => Err(Differs::Open(
            "the connection was closed before the answer".to_owned(),
        )),
        _ => Err(Differs::Says(said(&call))),
    }
}

async fn budget(workspace: &Workspace) -> Finding {
    let (_, call) = workspace.client.check().await;
    Ok(match call.budget {
        Some(budget) => format!(
            "{} of {} calls left, {} s to go",
            budget.remaining,
            budget.limit,
            budget.resets_in.as_secs()
        ),
        None => "the answer says nothing of it".to_owned(),
    })
}
