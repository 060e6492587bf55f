//! Making and changing a connection: what is wrong with it, saving it, who else changed it.

use engage::{
    hub::{ConnectionDoc, HubDoc, Problem, Severity},
    ids::{ConnectionId, HubId, MemberId, WorkspaceId},
    mapping::Mapping,
};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use store::{
    Store, accounts_sessions,
    hubs::{self, Connection, NewConnection},
};

use crate::{clock, hubfile, live::same_sending, secrets::Keyring};

/// What a page was made from: a hash of the stored document. Whoever saves must have seen the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen(pub String);

impl Seen {
    /// Of a stored connection.
    pub fn of(connection: &Connection) -> Self {
        Self(hex::encode(Sha256::digest(&connection.document)))
    }
}

/// What came of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It counts from now on.
    Saved,
    /// Somebody else saved in between: who, and how long ago in milliseconds, where that is known.
    Meanwhile(Option<(String, i64)>),
}

/// A connection that is to be made.
#[derive(Debug)]
pub struct Draft {
    /// What members call it.
    pub name: String,
    /// An instance name or an address.
    pub endpoint: String,
    /// The REST API key.
    pub key: SecretString,
}

/// Everything that is wrong or doubtful with a connection of a hub. Paths begin with `connections[0]`.
pub fn draft_problems(hub: &HubDoc, doc: &ConnectionDoc) -> Vec<Problem> {
    let mut with = hub.clone();
    with.connections = vec![doc.clone()];
    let mut problems = Mapping::problems_of(&with);
    let own = with.problems();
    problems.extend(
        own.into_iter()
            .filter(|it| it.path.starts_with("connections[")),
    );
    if let Err(error) = doc.endpoint.parse::<braze::Endpoint>() {
        problems.push(Problem {
            path: "connections[0].endpoint".into(),
            severity: Severity::Error,
            message: error.to_string(),
            remedy: String::new(),
        });
    }
    problems
}

/// Makes a connection of a hub, with its key. Nothing is mapped yet, so nothing is sent yet.
pub async fn make(
    store: &Store,
    keyring: &Keyring,
    (workspace, hub, by): (WorkspaceId, HubId, MemberId),
    hub_doc: &HubDoc,
    draft: Draft,
) -> anyhow::Result<ConnectionId> {
    let id: ConnectionId = clock::new_id();
    let sealed = keyring.seal(&draft.key, &super::row_identity(id))?;
    let mut doc: ConnectionDoc = serde_json::from_value(serde_json::json!({
        "key": "braze",
        "kind": "braze",
        "name": draft.name,
        "endpoint": draft.endpoint,
        "user": first_user(hub_doc),
    }))?;
    let name = draft.name;
    for number in 1..=100 {
        if number > 1 {
            doc.key = format!("braze-{number}");
        }
        let new = NewConnection {
            id,
            key: doc.key.clone(),
            document: hubfile::connection_text(&doc)?,
        };
        let (sealed, subject, now) = (sealed.clone(), name.clone(), clock::now());
        let made = store.write(move |tx| {
            Box::pin(async move {
                if !hubs::add_connection(tx, workspace, hub, new, now).await? {
                    return Ok(false);
                }
                hubs::set_key(tx, id, &sealed).await?;
                let line = ("connection.made", subject.as_str(), "");
                accounts_sessions::record(tx, workspace, Some(by), line, now).await?;
                Ok(true)
            })
        });
        if made.await? {
            return Ok(id);
        }
    }
    anyhow::bail!("the hub has too many connections")
}

/// The first guess who people are: by an alias made of their e-mail address, which never takes over somebody's profile.
fn first_user(hub: &HubDoc) -> serde_json::Value {
    let fields = || {
        hub.cards
            .iter()
            .filter_map(|card| card.form.as_ref())
            .flat_map(|form| &form.fields)
    };
    let of_kind = |kind: &str| fields().find(|field| field.kind.name() == kind);
    let (label, key) = of_kind("email").map_or_else(
        || {
            of_kind("phone").map_or(("komo_email", "email".to_owned()), |field| {
                ("komo_phone", field.key.clone())
            })
        },
        |field| ("komo_email", field.key.clone()),
    );
    serde_json::json!({"by": "alias", "label": label, "from": format!("field:{key}")})
}

/// Saves a connection's document over the one that was seen, and notes who did it.
pub async fn change(
    store: &Store,
    connection: &Connection,
    by: MemberId,
    seen: &Seen,
    doc: &ConnectionDoc,
    (act, detail): (&'static str, String),
) -> anyhow::Result<Changed> {
    let before: ConnectionDoc = super::document(connection)?;
    let (workspace, id, now) = (connection.workspace, connection.id, clock::now());
    let subject = subject(&before, &connection.key);
    if *seen != Seen::of(connection) {
        return meanwhile(store, workspace, subject).await;
    }
    let text = hubfile::connection_text(doc)?;
    if text == connection.document {
        return Ok(Changed::Saved);
    }
    let restart = !same_sending(&before, doc);
    let (old, noted) = (connection.document.clone(), subject.clone());
    let saved = store.write(move |tx| {
        Box::pin(async move {
            if !hubs::save_document(tx, workspace, id, &old, &text, restart).await? {
                return Ok(false);
            }
            let line = (act, noted.as_str(), detail.as_str());
            accounts_sessions::record(tx, workspace, Some(by), line, now).await?;
            Ok(true)
        })
    });
    if saved.await? {
        Ok(Changed::Saved)
    } else {
        meanwhile(store, workspace, subject).await
    }
}

async fn meanwhile(
    store: &Store,
    workspace: WorkspaceId,
    subject: String,
) -> anyhow::Result<Changed> {
    let last = store.read(move |tx| {
        Box::pin(async move { accounts_sessions::last_change(tx, workspace, &subject).await })
    });
    let who = last
        .await?
        .map(|it| (it.member_name, clock::now().since(it.at)));
    Ok(Changed::Meanwhile(who))
}

/// What the log calls a connection.
fn subject(doc: &ConnectionDoc, key: &str) -> String {
    if doc.name.is_empty() {
        key.to_owned()
    } else {
        doc.name.clone()
    }
}

/// Seals and stores a new key; a pause because of the old one ends.
pub async fn seal_key(
    store: &Store,
    keyring: &Keyring,
    connection: &Connection,
    by: MemberId,
    key: SecretString,
) -> anyhow::Result<()> {
    let sealed = keyring.seal(&key, &super::row_identity(connection.id))?;
    let doc = super::document(connection)?;
    let subject = subject(&doc, &connection.key);
    let (workspace, id, now) = (connection.workspace, connection.id, clock::now());
    let stored = store.write(move |tx| {
        Box::pin(async move {
            hubs::set_key(tx, id, &sealed).await?;
            let line = ("connection.key", subject.as_str(), "");
            accounts_sessions::record(tx, workspace, Some(by), line, now).await
        })
    });
    Ok(stored.await?)
}
