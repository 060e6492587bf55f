//! The configuration: a file that is its own documentation, then a file of the operator's, then the environment, then flags.
//! Promises: an unknown key is refused with its full path; what is in force can be printed with secrets masked.
//! Leaves to others: what the values do.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The defaults, with their documentation.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The whole configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Listeners.
    pub server: Server,
    /// Storage.
    pub database: Database,
    /// Keys.
    pub secrets: Secrets,
    /// The door.
    pub limits: Limits,
    /// Returning participants.
    pub visitors: Visitors,
    /// Deliveries.
    pub delivery: Delivery,
    /// The mail server.
    pub smtp: Smtp,
    /// Logs.
    pub log: Log,
}

/// Listeners.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port for participants, studio and API.
    pub listen: SocketAddr,
    /// Address and port for `/metrics`; empty for none.
    pub metrics_listen: String,
    /// The address by which the world knows this server.
    pub public_url: String,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Longest time for one request.
    pub request_timeout_seconds: u64,
}

/// Storage.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://...`.
    pub url: String,
    /// Number of connections.
    pub connections: usize,
    /// Batches of entries in flight at once on PostgreSQL.
    pub batches_in_flight: usize,
    /// Start even if acknowledged data could be lost.
    pub allow_unsafe_durability: bool,
}

/// Keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// File with the key that protects stored API keys.
    pub key_file: PathBuf,
}

/// The door.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Submissions of one address per minute.
    pub submissions_per_minute: u32,
    /// Networks the limit does not apply to.
    pub exempt: Vec<IpNet>,
    /// Largest body in KiB.
    pub body_kib: usize,
}

/// Returning participants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visitors {
    /// Days for which a browser's own answers are remembered; 0: for ever.
    pub keep_days: u32,
}

impl Visitors {
    /// The same in milliseconds; `None`: for ever.
    pub fn keep_ms(&self) -> Option<i64> {
        (self.keep_days > 0).then(|| i64::from(self.keep_days) * 86_400_000)
    }
}

/// Deliveries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Calls may go to private addresses.
    pub allow_private_addresses: bool,
    /// Calls may go to hosts other than Braze's.
    pub allow_other_hosts: bool,
    /// Hours of automatic retries.
    pub retry_hours: u32,
    /// Length of a lease.
    pub lease_seconds: u32,
    /// Days for which deliveries that were set aside are kept; 0: for ever.
    pub keep_parked_days: u32,
    /// Days for which the content of delivered ones is kept; 0: for ever.
    pub keep_delivered_days: u32,
    /// Days for which records of calls are kept; 0: for ever.
    pub keep_calls_days: u32,
    /// This node's name; empty for one made of host and address.
    pub node: String,
}

impl Delivery {
    /// How long deliveries are tried by themselves, in milliseconds.
    pub fn retry_window_ms(&self) -> i64 {
        i64::from(self.retry_hours) * 3_600_000
    }
}

/// The mail server.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// `smtps://host` or `smtp://host:587?tls=required`; empty for none.
    pub url: String,
    /// Name at the server.
    pub username: String,
    /// Password at the server.
    pub password: String,
    /// The sender, for hubs that name none.
    pub from: String,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("url", &mask_password(&self.url))
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A level or a filter.
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Config {
    /// Reads the layers: defaults, the file's text (with its name for errors), the environment.
    pub fn load(
        file: Option<(&str, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut table: Table = DEFAULTS.parse().context("the built-in configuration")?;
        let known = table.clone();
        if let Some((name, text)) = file {
            let own: Table = text
                .parse()
                .with_context(|| format!("{name} is not valid TOML"))?;
            merge(&mut table, own, "", name)?;
        }
        for (variable, text) in environment {
            let Some(path) = variable
                .strip_prefix("KOMO_")
                .filter(|path| path.contains("__"))
            else {
                continue;
            };
            let path: Vec<String> = path.split("__").map(str::to_lowercase).collect();
            let own = nested(&path, &text, &known)
                .with_context(|| format!("environment variable {variable}"))?;
            merge(
                &mut table,
                own,
                "",
                &format!("environment variable {variable}"),
            )?;
        }
        let config: Self =
            serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
                anyhow::anyhow!("configuration key `{}`: {}", error.path(), error.inner())
            })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if !self.server.metrics_listen.is_empty()
            && self.server.metrics_listen.parse::<SocketAddr>().is_err()
        {
            bail!(
                "configuration key `server.metrics_listen`: write an address and a port such as 127.0.0.1:9464, or leave it empty"
            );
        }
        if !self.server.public_url.is_empty() && url::Url::parse(&self.server.public_url).is_err() {
            bail!(
                "configuration key `server.public_url`: write a full address such as https://hubs.example.com, or leave it empty"
            );
        }
        for (key, value) in [
            ("limits.body_kib", self.limits.body_kib),
            (
                "limits.submissions_per_minute",
                self.limits.submissions_per_minute as usize,
            ),
            ("database.connections", self.database.connections),
            (
                "database.batches_in_flight",
                self.database.batches_in_flight,
            ),
            (
                "delivery.lease_seconds",
                self.delivery.lease_seconds as usize,
            ),
        ] {
            if value == 0 {
                bail!("configuration key `{key}`: it must be at least 1");
            }
        }
        Ok(())
    }

    /// The values in force as TOML, secrets masked.
    pub fn effective(&self) -> anyhow::Result<String> {
        let mut shown = self.clone();
        shown.database.url = mask_password(&self.database.url);
        shown.smtp.url = mask_password(&self.smtp.url);
        if !shown.smtp.password.is_empty() {
            "****".clone_into(&mut shown.smtp.password);
        }
        Ok(toml::to_string_pretty(&shown)?)
    }
}

/// Hides the password of a database address.
pub fn mask_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // An address without a host can't have a password, so this can't fail here.
            let _ = parsed.set_password(Some("****"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}

/// Lays `own` over `table`; a key that the defaults don't have is an error.
fn merge(table: &mut Table, own: Table, path: &str, source: &str) -> anyhow::Result<()> {
    for (key, value) in own {
        let full = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        match (table.get_mut(&key), value) {
            (None, _) => {
                let known: Vec<&str> = table.keys().map(String::as_str).collect();
                let place = if path.is_empty() {
                    "at the top".to_owned()
                } else {
                    format!("in [{path}]")
                };
                bail!(
                    "{source}: unknown configuration key `{full}`; {place} there are: {}",
                    known.join(", ")
                );
            }
            (Some(Value::Table(inner)), Value::Table(own)) => merge(inner, own, &full, source)?,
            (Some(slot), value) => *slot = value,
        }
    }
    Ok(())
}

/// The value of an environment variable as a table; its type follows the default's.
fn nested(path: &[String], text: &str, known: &Table) -> anyhow::Result<Table> {
    let Some((last, sections)) = path.split_last() else {
        bail!("an empty path")
    };
    let mut section = Some(known);
    for name in sections {
        section = section
            .and_then(|table| table.get(name))
            .and_then(Value::as_table);
    }
    let value = match section.and_then(|table| table.get(last)) {
        Some(Value::Integer(_)) => Value::Integer(
            text.parse()
                .with_context(|| format!("`{text}` is not a whole number"))?,
        ),
        Some(Value::Boolean(_)) => Value::Boolean(
            text.parse()
                .with_context(|| format!("`{text}` is neither true nor false"))?,
        ),
        Some(Value::Array(_)) => {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    };
    let mut table = Table::from_iter([(last.clone(), value)]);
    for name in sections.iter().rev() {
        table = Table::from_iter([(name.clone(), Value::Table(table))]);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(("komo.toml", file)), environment)
    }

    #[test]
    fn the_built_in_file_is_complete_and_valid() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.server.listen.port(), 8080);
        // Every key stands in the file with its comment, so printing what is in force names the same keys.
        let printed: Table = config.effective().unwrap().parse().unwrap();
        let documented: Table = DEFAULTS.parse().unwrap();
        let keys = |table: &Table| {
            table
                .iter()
                .map(|(key, value)| {
                    (
                        key.clone(),
                        value
                            .as_table()
                            .map(|t| t.keys().cloned().collect::<Vec<_>>()),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(&printed), keys(&documented));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_path_and_its_neighbours() {
        let error = load("[server]\nlisten_on = \"x\"", &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`server.listen_on`") && error.contains("listen, metrics_listen"),
            "{error}"
        );
        let error = load("", &[("KOMO_DATABASE__URI", "x")]).unwrap_err();
        assert!(
            format!("{error:#}")
                .contains("KOMO_DATABASE__URI: unknown configuration key `database.uri`"),
            "{error:#}"
        );
    }

    #[test]
    fn the_environment_wins_over_the_file_and_keeps_types() {
        let config = load(
            "[limits]\nbody_kib = 10\nsubmissions_per_minute = 5",
            &[
                ("KOMO_LIMITS__BODY_KIB", "20"),
                ("KOMO_LIMITS__EXEMPT", "127.0.0.0/8, ::1/128"),
                ("KOMO_DELIVERY__ALLOW_OTHER_HOSTS", "true"),
                ("KOMO_BIN", "ignored"),
            ],
        );
        let config = config.unwrap();
        assert_eq!(
            (
                config.limits.body_kib,
                config.limits.submissions_per_minute,
                config.limits.exempt.len()
            ),
            (20, 5, 2)
        );
        assert!(config.delivery.allow_other_hosts);
        assert!(load("", &[("KOMO_LIMITS__BODY_KIB", "many")]).is_err());
    }

    #[test]
    fn a_wrong_value_is_named_with_its_path() {
        let error = load("[server]\nlisten = \"everywhere\"", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("`server.listen`"), "{error}");
        let error = load("[limits]\nbody_kib = 0", &[]).unwrap_err().to_string();
        assert!(error.contains("`limits.body_kib`"), "{error}");
    }

    #[test]
    fn passwords_are_masked_when_the_configuration_is_shown() {
        let config = load("[database]\nurl = \"postgres://komo:hunter2@db/komo\"", &[]).unwrap();
        let shown = config.effective().unwrap();
        assert!(
            !shown.contains("hunter2") && shown.contains("postgres://komo:****@db/komo"),
            "{shown}"
        );
        let config = load(
            "[smtp]\nurl = \"smtps://mail\"\npassword = \"hunter2\"",
            &[],
        )
        .unwrap();
        let shown = config.effective().unwrap();
        assert!(
            !shown.contains("hunter2") && shown.contains("****"),
            "{shown}"
        );
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
