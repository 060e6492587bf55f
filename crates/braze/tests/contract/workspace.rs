//! The workspace that is looked at: the client, plain HTTP for what no client sends, reading back, cleaning up.
//! Promises: whoever is made here is remembered before the call that makes them, and deleted at the end.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use braze::{
    Answer, Array, Call, CheckVerdict, Client, Endpoint, ExportRequest, HostKind, Options,
    UserAlias,
    calls::{Delete, EmailToDelete, Priority},
};
use serde_json::{Map, Value, json};

/// The label of every alias, and the name of the one event, product and attribute: a workspace remembers names for ever.
pub(crate) const NAME: &str = "komo_contract";

/// What was found: a note or nothing when all is as expected.
pub(crate) type Finding = Result<String, Differs>;

/// Why a case is not as expected.
pub(crate) enum Differs {
    /// Something else than the contract says.
    Says(String),
    /// It could not be looked at.
    Open(String),
}

/// As expected, and nothing more to say.
pub(crate) const FINE: Finding = Ok(String::new());

/// As expected, or what it was instead.
pub(crate) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Finding {
    if holds {
        FINE
    } else {
        Err(Differs::Says(otherwise()))
    }
}

/// Who has to be deleted.
#[derive(Default)]
struct Made {
    ids: Vec<String>,
    aliases: Vec<UserAlias>,
    emails: Vec<String>,
}

/// A plain answer.
pub(crate) struct Plain {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Plain {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

pub(crate) struct Workspace {
    pub(crate) client: Client,
    http: reqwest::Client,
    key: String,
    run: String,
    real: bool,
    made: Mutex<Made>,
    counter: AtomicUsize,
}

impl Workspace {
    /// Opens a workspace, and makes sure of what the rest needs: the key works, and may delete what it makes.
    pub(crate) async fn open(url: &str, key: &str) -> Result<Self, String> {
        let endpoint: Endpoint = url.parse().map_err(|error| format!("{error}"))?;
        let real = endpoint.host() == HostKind::Braze;
        let options = Options {
            allow_other_hosts: !real,
            allow_private: !real,
            ..Options::default()
        };
        let client =
            Client::new(endpoint, key.into(), options).map_err(|error| error.to_string())?;
        let (check, _) = client.check().await;
        if check.verdict != CheckVerdict::Works {
            return Err(format!(
                "{} {}",
                check.explanation.what, check.explanation.remedy
            ));
        }
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let run = format!(
            "{}-{:x}-{:x}",
            NAME.replace('_', "-"),
            since.as_millis(),
            std::process::id()
        );
        let workspace = Self {
            client,
            http: plain_client(),
            key: key.to_owned(),
            run,
            real,
            made: Mutex::default(),
            counter: AtomicUsize::new(0),
        };
        let nobody = Delete::ExternalIds(vec![format!("{}-nobody", workspace.run)]);
        match workspace.client.delete(&nobody).await.answer {
            Answer::Accepted { .. } => Ok(workspace),
            other => Err(format!(
                "the key must be allowed users.delete, or what is made here would stay: {other:?}"
            )),
        }
    }

    pub(crate) fn base(&self) -> &str {
        self.client.endpoint().base()
    }

    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// A workspace of Braze's, not a sandbox.
    pub(crate) const fn real(&self) -> bool {
        self.real
    }

    fn made(&self) -> std::sync::MutexGuard<'_, Made> {
        self.made.lock().unwrap()
    }

    fn fresh(&self) -> String {
        format!(
            "{}-{}",
            self.run,
            self.counter.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// A new `external_id`.
    pub(crate) fn id(&self) -> String {
        let id = self.fresh();
        self.made().ids.push(id.clone());
        id
    }

    /// The same, with so many bytes.
    pub(crate) fn id_of(&self, bytes: usize) -> String {
        let id = format!("{}{}", self.fresh(), "x".repeat(bytes))
            .chars()
            .take(bytes)
            .collect::<String>();
        self.made().ids.push(id.clone());
        id
    }

    /// A new alias.
    pub(crate) fn alias(&self) -> UserAlias {
        self.alias_named(&self.fresh())
    }

    pub(crate) fn alias_named(&self, name: &str) -> UserAlias {
        let alias = UserAlias {
            alias_name: name.to_owned(),
            alias_label: NAME.to_owned(),
        };
        self.made().aliases.push(alias.clone());
        alias
    }

    /// A new e-mail address that nobody reads.
    pub(crate) fn email(&self) -> String {
        let email = format!("{}@example.com", self.fresh());
        self.made().emails.push(email.clone());
        email
    }

    /// One call to `/users/track`; rate limits are waited for.
    pub(crate) async fn track(&self, body: Value) -> Result<Call, Differs> {
        let body = bytes::Bytes::from(body.to_string());
        for _ in 0..5 {
            let call = self.client.track(body.clone()).await;
            match call.answer {
                Answer::RateLimited { wait } => {
                    tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1))).await;
                }
                Answer::KeyRefused { .. }
                | Answer::NotSent { .. }
                | Answer::Unavailable { .. }
                | Answer::Unknown { .. } => {
                    return Err(Differs::Open(format!("{:?}", call.answer)));
                }
                _ => return Ok(call),
            }
        }
        Err(Differs::Open(
            "Braze's rate limit stayed in the way".to_owned(),
        ))
    }

    /// Sends objects that all have to be taken.
    pub(crate) async fn put(&self, body: Value) -> Result<(), Differs> {
        let call = self.track(body).await?;
        let taken = Answer::Accepted {
            item_errors: Vec::new(),
            unassigned: Vec::new(),
        };
        expect(call.answer == taken, || said(&call)).map(drop)
    }

    /// One attributes object that has to be taken.
    pub(crate) async fn attributes(&self, object: Value) -> Result<(), Differs> {
        self.put(json!({"attributes": [object]})).await
    }

    /// Sends one object of an array, and expects it to be refused alone beside a good one.
    pub(crate) async fn refused(&self, array: Array, object: Value) -> Finding {
        let mut body = Map::new();
        body.insert(
            "attributes".to_owned(),
            json!([{"external_id": self.id(), NAME: "beside"}]),
        );
        let list = body.entry(array.name()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(object.clone());
        }
        let index = usize::from(array == Array::Attributes);
        let call = self.track(Value::Object(body)).await?;
        let places = places(&call);
        expect(
            matches!(call.answer, Answer::Accepted { .. })
                && !places.is_empty()
                && places.iter().all(|it| *it == (array, index)),
            || format!("{object} should be refused alone; {}", said(&call)),
        )
    }

    /// Profiles as Braze shows them. Fields that are asked for but empty are left out by Braze.
    pub(crate) async fn export(
        &self,
        request: &ExportRequest,
    ) -> Result<Vec<Map<String, Value>>, Differs> {
        match self.client.export_ids(request).await {
            Ok(export) => Ok(export.users),
            Err(call) => Err(open(&call, "users.export.ids")),
        }
    }

    /// A profile as soon as it is as wanted; what it was instead when that takes too long. Reading back lags by seconds (contract 3.5).
    pub(crate) async fn profile(
        &self,
        who: &ExportRequest,
        wanted: impl Fn(&Map<String, Value>) -> bool + Send + Sync,
    ) -> Result<Map<String, Value>, Differs> {
        let (patience, pause) = if self.real {
            (Duration::from_secs(90), Duration::from_secs(2))
        } else {
            (Duration::from_secs(5), Duration::from_millis(20))
        };
        let until = Instant::now() + patience;
        loop {
            let users = self.export(who).await?;
            if let Some(user) = users.iter().find(|it| wanted(it)) {
                return Ok(user.clone());
            }
            if Instant::now() > until {
                let shown = serde_json::to_string(&users).unwrap_or_default();
                return Err(Differs::Says(format!("the profile is {shown}")));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The custom attributes of an `external_id`, once `name` is there.
    pub(crate) async fn custom(&self, id: &str, name: &str) -> Result<Map<String, Value>, Differs> {
        let user = self
            .profile(&by_id(id), |user| custom_of(user).contains_key(name))
            .await?;
        Ok(custom_of(&user))
    }

    /// Makes profiles and waits until they can be read: calls that build on them are safe then.
    pub(crate) async fn known(&self, objects: &[Value]) -> Result<(), Differs> {
        self.put(json!({"attributes": objects})).await?;
        for object in objects {
            let who = match (object["external_id"].as_str(), object["email"].as_str()) {
                (Some(id), _) => by_id(id),
                (None, Some(email)) => by_email(email),
                (None, None) => {
                    let alias: UserAlias = serde_json::from_value(object["user_alias"].clone())
                        .map_err(|error| Differs::Open(error.to_string()))?;
                    by_alias(&alias)
                }
            };
            self.profile(&who, |_| true).await?;
        }
        Ok(())
    }

    /// One request as no client sends it.
    pub(crate) async fn plain(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Plain, Differs> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base()))
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let broken = |error: reqwest::Error| Differs::Open(error.without_url().to_string());
        let response = request.send().await.map_err(broken)?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(broken)?;
        Ok(Plain { status, text })
    }

    /// A `POST` with key and type.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Plain, Differs> {
        let bearer = self.bearer();
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.plain("POST", path, &headers, body.to_string().into_bytes())
            .await
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Deletes whoever was made. A later run never meets them either: ids are of one run alone.
    pub(crate) async fn clean_up(&self) -> Result<(), String> {
        let made = std::mem::take(&mut *self.made());
        let mut calls: Vec<Delete> = made
            .ids
            .chunks(50)
            .map(|it| Delete::ExternalIds(it.to_vec()))
            .collect();
        calls.extend(
            made.aliases
                .chunks(50)
                .map(|it| Delete::UserAliases(it.to_vec())),
        );
        // Two profiles of one address need two calls; who has an id is gone by now.
        for _ in 0..2 {
            calls.extend(made.emails.chunks(50).map(|it| {
                let prioritization = vec![Priority::Unidentified, Priority::MostRecentlyUpdated];
                let of = |email: &String| EmailToDelete {
                    email: email.clone(),
                    prioritization: prioritization.clone(),
                };
                Delete::EmailAddresses(it.iter().map(of).collect())
            }));
        }
        for call in calls {
            let answer = self.client.delete(&call).await.answer;
            if !matches!(answer, Answer::Accepted { .. }) {
                return Err(format!(
                    "not everybody could be deleted ({answer:?}); their ids begin with {}",
                    self.run
                ));
            }
        }
        // Braze deletes within minutes; a sandbox at once, and there it is looked at.
        if !self.real {
            for ids in made.ids.chunks(50) {
                let who = ExportRequest {
                    external_ids: ids.to_vec(),
                    fields_to_export: vec!["external_id".to_owned()],
                    ..ExportRequest::default()
                };
                let left = self
                    .client
                    .export_ids(&who)
                    .await
                    .map_err(|call| said(&call))?
                    .users;
                if !left.is_empty() {
                    return Err(format!("still there after the end: {left:?}"));
                }
            }
            for email in &made.emails {
                let left = self
                    .client
                    .export_ids(&by_email(email))
                    .await
                    .map_err(|call| said(&call))?
                    .users;
                if !left.is_empty() {
                    return Err(format!("still there after the end: {left:?}"));
                }
            }
        }
        Ok(())
    }
}

/// What a call came to that should have been taken: the permission is missing, or Braze says no.
pub(crate) fn open(call: &Call, permission: &str) -> Differs {
    match &call.answer {
        Answer::NotPermitted { .. } | Answer::KeyRefused { status: 403, .. } => {
            Differs::Open(format!("the key lacks {permission}"))
        }
        Answer::RateLimited { .. } | Answer::Unavailable { .. } | Answer::NotSent { .. } => {
            Differs::Open(said(call))
        }
        _ => Differs::Says(said(call)),
    }
}

/// A call that has to be taken.
pub(crate) fn taken(call: &Call, permission: &str) -> Result<(), Differs> {
    if matches!(call.answer, Answer::Accepted { .. }) {
        Ok(())
    } else {
        Err(open(call, permission))
    }
}

/// A call that has to be refused, with words in the answer.
pub(crate) fn refused(call: &Call, permission: &str, words: &[&str]) -> Finding {
    match &call.answer {
        Answer::Refused { message, .. } => expect(
            words.is_empty()
                || words
                    .iter()
                    .any(|it| message.to_lowercase().contains(&it.to_lowercase())),
            || format!("refused, but with other words: {message}"),
        ),
        Answer::TooLarge => FINE,
        Answer::Accepted { .. } => Err(Differs::Says(format!("it was taken: {}", call.text))),
        _ => Err(open(call, permission)),
    }
}

/// What was answered, in one line.
pub(crate) fn said(call: &Call) -> String {
    format!(
        "answered {:?} {}",
        call.status,
        call.text.replace('\n', " ")
    )
}

/// Which items were refused, in the order of the answer.
pub(crate) fn places(call: &Call) -> Vec<(Array, usize)> {
    let (Answer::Accepted { item_errors, .. } | Answer::Refused { item_errors, .. }) = &call.answer
    else {
        return Vec::new();
    };
    let mut places: Vec<_> = item_errors.iter().map(|it| (it.array, it.index)).collect();
    places.dedup();
    places
}

/// This moment. Braze shows events of the last 90 days alone.
pub(crate) fn now() -> String {
    // Mon, 04 May 2026 09:00:00 GMT
    let http = httpdate::fmt_http_date(SystemTime::now());
    let parts: Vec<&str> = http.split(' ').collect();
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.iter().position(|it| *it == parts[2]).unwrap() + 1;
    format!("{}-{month:02}-{}T{}Z", parts[3], parts[1], parts[4])
}

fn fields() -> Vec<String> {
    [
        "external_id",
        "email",
        "country",
        "time_zone",
        "custom_attributes",
        "custom_events",
        "purchases",
        "user_aliases",
        "phone",
    ]
    .map(str::to_owned)
    .to_vec()
}

pub(crate) fn by_id(id: &str) -> ExportRequest {
    ExportRequest {
        external_ids: vec![id.to_owned()],
        fields_to_export: fields(),
        ..ExportRequest::default()
    }
}

pub(crate) fn by_alias(alias: &UserAlias) -> ExportRequest {
    ExportRequest {
        user_aliases: vec![alias.clone()],
        fields_to_export: fields(),
        ..ExportRequest::default()
    }
}

pub(crate) fn by_email(email: &str) -> ExportRequest {
    ExportRequest {
        email_address: Some(email.to_owned()),
        fields_to_export: fields(),
        ..ExportRequest::default()
    }
}

pub(crate) fn custom_of(user: &Map<String, Value>) -> Map<String, Value> {
    user.get("custom_attributes")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// As the client connects: Mozilla's roots, no redirects, no proxy.
fn plain_client() -> reqwest::Client {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .timeout(Duration::from_mins(1))
        .build()
        .unwrap()
}
