//! What a sandbox is told before and while it runs: keys, limits, habits of the imitated account.
//! Promises that every setting has a default, and that an unknown key is refused by name.
//! Leaves the doing to the modules that read a setting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::faults::FaultSpec;

/// One REST API key of the imitated workspace (Braze contract 1.4).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The secret that `Authorization: Bearer` must carry. Never printed anywhere.
    pub key: String,
    /// A label for the pages and records, which never show the secret.
    #[serde(default = "unnamed")]
    pub name: String,
    /// Permissions such as `users.track`; the single word `*` grants all.
    #[serde(default = "every_permission")]
    pub permissions: Vec<String>,
    /// Addresses and subnets the key may be used from; empty means from anywhere.
    #[serde(default)]
    pub allowed_ips: Vec<IpNet>,
}

fn unnamed() -> String {
    "unnamed key".to_owned()
}

fn every_permission() -> Vec<String> {
    vec!["*".to_owned()]
}

/// How many objects one `/users/track` request may hold (Braze contract 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchMode {
    /// 75 objects over the three arrays together; the standard.
    #[default]
    #[serde(rename = "combined-75")]
    Combined75,
    /// 75 objects in each array; legacy rate limits.
    #[serde(rename = "per-array-75")]
    PerArray75,
    /// 50 objects over the three arrays together; as earlier pages said.
    #[serde(rename = "combined-50")]
    Combined50,
}

/// How `/users/track` speaks about its limit in headers (Braze contract 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Dialect {
    /// `x-ratelimit-reset` is a UTC epoch in seconds; the headers are there on a 429 too.
    #[default]
    A,
    /// `x-ratelimit-reset` counts seconds; a 429 carries `x-ratelimit-retry-after` alone.
    B,
}

/// The groups of endpoints that share one limit (Braze contract 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitGroup {
    /// `/users/track`.
    Track,
    /// `/users/track/sync`.
    TrackSync,
    /// `/users/track/bulk`.
    TrackBulk,
    /// delete, alias/new, alias/update, identify and merge together.
    Identity,
    /// `/users/external_ids/rename`.
    Rename,
    /// `/users/external_ids/remove`.
    Remove,
    /// `/users/export/ids` asked in full.
    Export,
    /// `/users/export/ids` with `fields_to_export` and without received campaigns or Canvases.
    ExportFields,
    /// both `/subscription/status/set`.
    Subscription,
    /// `/sends/id/create`.
    SendIds,
    /// everything else, 250,000 an hour together.
    Shared,
}

/// One limit: so many requests in a fixed, clock-aligned window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests allowed in one window.
    pub requests: u64,
    /// Length of the window in seconds.
    pub seconds: u64,
    /// A second, shorter limit that shows itself only as a 429 (dialect B).
    #[serde(default)]
    pub burst_requests: Option<u64>,
    /// Length of the burst window in seconds; 3 when absent.
    #[serde(default)]
    pub burst_seconds: Option<u64>,
}

impl RateLimit {
    /// A plain limit without a burst window.
    pub const fn new(requests: u64, seconds: u64) -> Self {
        Self {
            requests,
            seconds,
            burst_requests: None,
            burst_seconds: None,
        }
    }
}

/// Everything that can be set. Each field has a default, so `Settings::default()` is a standard account with the key
/// `demo-braze-key`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the imitated account"
)]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The REST keys of the workspace.
    pub keys: Vec<ApiKey>,
    /// Objects per `/users/track` request.
    pub batch_mode: BatchMode,
    /// Header dialect of `/users/track`.
    pub dialect: Dialect,
    /// Limits that differ from Braze's published ones, by group.
    pub rate_limits: BTreeMap<LimitGroup, RateLimit>,
    /// Turns every rate limit off, for load tests.
    pub unlimited: bool,
    /// Milliseconds between the answer and the moment the data shows on profiles.
    pub lag_ms: u64,
    /// Applies requests out of order, each up to 50 ms later than its lag.
    pub shuffle: bool,
    /// Events and purchases never create an alias-only profile, whatever their flag says.
    pub strict_alias: bool,
    /// The account predates 22 August 2024: `fields_to_export` may be left out.
    pub export_all_fields: bool,
    /// The account takes part in the betas `/users/track/bulk` and `/users/track/sync`.
    pub betas: bool,
    /// `external_id`s that are refused as dummies; compared trimmed and in lower case.
    pub blacklist: Vec<String>,
    /// Custom attribute names an administrator has blocked: ignored without an error.
    pub blocked_attributes: Vec<String>,
    /// Apps of the workspace; empty takes any `app_id`.
    pub app_ids: Vec<String>,
    /// Subscription groups of the workspace; empty takes any UUID.
    pub subscription_groups: Vec<SubscriptionGroup>,
    /// Campaigns of the workspace; empty takes any campaign id.
    pub campaigns: Vec<Campaign>,
    /// Which e-mail template a campaign was made from, by the campaign's id: the template's id or name. Braze keeps that in its
    /// dashboard; told here, the sandbox shows the mails of the campaign as they look.
    pub campaign_templates: BTreeMap<String, String>,
    /// Canvases of the workspace; empty takes any Canvas id.
    pub canvases: Vec<Campaign>,
    /// Where the statuses of transactional mails are posted, one by one: `http://...`; nowhere when absent.
    pub postback_url: Option<String>,
    /// Addresses whose mailbox refuses every mail.
    pub bouncing: Vec<String>,
    /// Longest array of a custom attribute.
    pub max_array: usize,
    /// How many requests are kept for looking at.
    pub keep_requests: usize,
    /// How many bytes of request and answer bodies are kept altogether.
    pub keep_bytes: usize,
    /// How many accepted objects are kept altogether.
    pub keep_objects: usize,
    /// How many events and purchases are kept with each profile.
    pub keep_events: usize,
    /// Seeds every random choice, so that a run can be repeated.
    pub seed: u64,
    /// Where profiles are kept over a restart; nothing is written when absent.
    pub state_file: Option<PathBuf>,
}

/// A subscription group of the imitated workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionGroup {
    /// The group's UUID.
    pub id: String,
    /// What a marketer calls it.
    #[serde(default)]
    pub name: String,
    /// `email` or `sms`.
    #[serde(default = "email_channel")]
    pub channel: String,
}

fn email_channel() -> String {
    "email".to_owned()
}

/// A campaign or Canvas of the imitated workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Its API identifier.
    pub id: String,
    /// What a marketer calls it.
    #[serde(default)]
    pub name: String,
    /// `active`, `paused` or `archived`.
    #[serde(default = "active")]
    pub state: String,
    /// Whether it is of the type Transactional Email.
    #[serde(default = "yes")]
    pub transactional: bool,
}

fn active() -> String {
    "active".to_owned()
}

const fn yes() -> bool {
    true
}

impl Default for Settings {
    fn default() -> Self {
        let dummies = [
            "",
            "null",
            "undefined",
            "none",
            "nan",
            "0",
            "anonymous",
            "00000000-0000-0000-0000-000000000000",
            "[object object]",
        ];
        Self {
            keys: vec![ApiKey {
                key: "demo-braze-key".to_owned(),
                name: "demo key".to_owned(),
                permissions: every_permission(),
                allowed_ips: Vec::new(),
            }],
            batch_mode: BatchMode::default(),
            dialect: Dialect::default(),
            rate_limits: BTreeMap::new(),
            unlimited: false,
            lag_ms: 0,
            shuffle: false,
            strict_alias: false,
            export_all_fields: false,
            betas: false,
            blacklist: dummies.map(str::to_owned).to_vec(),
            blocked_attributes: Vec::new(),
            app_ids: Vec::new(),
            subscription_groups: Vec::new(),
            campaigns: Vec::new(),
            campaign_templates: BTreeMap::new(),
            canvases: Vec::new(),
            postback_url: None,
            bouncing: Vec::new(),
            max_array: 500,
            keep_requests: 10_000,
            keep_bytes: 16 * 1024 * 1024,
            keep_objects: 10_000,
            keep_events: 100,
            seed: 1,
            state_file: None,
        }
    }
}

impl Settings {
    /// The limit of a group: what was set, else what Braze publishes; `None` when limits are off.
    pub fn limit(&self, group: LimitGroup) -> Option<RateLimit> {
        if self.unlimited {
            return None;
        }
        if let Some(limit) = self.rate_limits.get(&group) {
            return Some(*limit);
        }
        Some(match group {
            LimitGroup::Track if self.dialect == Dialect::B => RateLimit {
                requests: 1_000_000,
                seconds: 3600,
                burst_requests: Some(3000),
                burst_seconds: Some(3),
            },
            LimitGroup::Track => RateLimit::new(3000, 3),
            LimitGroup::TrackSync => RateLimit::new(500, 60),
            LimitGroup::TrackBulk => RateLimit::new(50, 1),
            LimitGroup::Identity => RateLimit::new(20_000, 60),
            LimitGroup::Rename | LimitGroup::Remove => RateLimit::new(1000, 60),
            LimitGroup::Export => {
                RateLimit::new(if self.export_all_fields { 2500 } else { 250 }, 60)
            }
            LimitGroup::ExportFields => RateLimit::new(40, 1),
            LimitGroup::Subscription => RateLimit::new(5000, 60),
            LimitGroup::SendIds => RateLimit::new(100, 86_400),
            LimitGroup::Shared => RateLimit::new(250_000, 3600),
        })
    }
}

/// A file that describes a sandbox: its settings and the faults it starts with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Settings; those left out have their defaults.
    pub settings: Settings,
    /// Faults that are active from the start.
    pub faults: Vec<FaultSpec>,
}

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {path}: {source}")]
    Read {
        /// The file that was asked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("the scenario is not valid: {0}")]
    Parse(String),
}

impl Scenario {
    /// Reads TOML. Unknown keys are refused by name.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|error| ScenarioError::Parse(error.to_string()))
    }

    /// Reads JSON. Unknown keys are refused by name.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        serde_json::from_str(text).map_err(|error| ScenarioError::Parse(error.to_string()))
    }

    /// Reads a file: JSON when its name ends in `.json`, else TOML.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Read {
            path: path.to_owned(),
            source,
        })?;
        if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        {
            Self::from_json(&text)
        } else {
            Self::from_toml(&text)
        }
    }
}
