//! Where an account lives: Braze's instances, and addresses typed by people.
//! Promises a normalised base URL without trailing slash, or an error that says what to type instead.
//! Leaves deciding which hosts and addresses may be called to the client's options.

use std::{fmt, net::IpAddr, str::FromStr};

use url::{Host, Url};

/// One of Braze's instances (contract 1.1). Hosts follow no single formula, so this is a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Instance {
    /// Braze's name for it, such as `US-01`.
    pub name: &'static str,
    /// The host of its dashboard, which is where people find out on which instance they are.
    pub dashboard: &'static str,
    /// The base URL of its REST API.
    pub rest: &'static str,
}

macro_rules! instances {
    ($($name:literal $dashboard:literal $rest:literal)*) => {
        /// All published instances. There is no US-09.
        pub const INSTANCES: &[Instance] = &[$(Instance {
            name: $name,
            dashboard: $dashboard,
            rest: concat!("https://", $rest),
        }),*];
    };
}

instances! {
    "US-01" "dashboard-01.braze.com" "rest.iad-01.braze.com"
    "US-02" "dashboard-02.braze.com" "rest.iad-02.braze.com"
    "US-03" "dashboard-03.braze.com" "rest.iad-03.braze.com"
    "US-04" "dashboard-04.braze.com" "rest.iad-04.braze.com"
    "US-05" "dashboard-05.braze.com" "rest.iad-05.braze.com"
    "US-06" "dashboard-06.braze.com" "rest.iad-06.braze.com"
    "US-07" "dashboard-07.braze.com" "rest.iad-07.braze.com"
    "US-08" "dashboard-08.braze.com" "rest.iad-08.braze.com"
    "US-10" "dashboard.us-10.braze.com" "rest.us-10.braze.com"
    "EU-01" "dashboard-01.braze.eu" "rest.fra-01.braze.eu"
    "EU-02" "dashboard-02.braze.eu" "rest.fra-02.braze.eu"
    "AU-01" "dashboard.au-01.braze.com" "rest.au-01.braze.com"
    "ID-01" "dashboard.id-01.braze.com" "rest.id-01.braze.com"
    "JP-01" "dashboard.jp-01.braze.com" "rest.jp-01.braze.com"
    "KR-01" "dashboard.kr-01.braze.com" "rest.kr-01.braze.com"
}

/// Where plain `http://` is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlainHttp {
    /// Only to this machine, as for a sandbox: the key would travel readable (contract 1.2).
    #[default]
    LoopbackOnly,
    /// Anywhere: an explicit decision of whoever runs the server.
    Anywhere,
}

/// What kind of host an endpoint names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// `rest.<cluster>.braze.com` or `.braze.eu` over https on the usual port.
    Braze,
    /// An IP address.
    Address(IpAddr),
    /// Any other host name.
    Name,
}

/// The base URL of a REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: String,
    host: HostKind,
}

/// Why a text is no endpoint. The display says what is wrong and what to do, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Nothing was given.
    #[error(
        "The Braze endpoint is empty. Enter the instance name, such as US-01 or EU-02, or the REST address from your Braze settings."
    )]
    Empty,
    /// It looks like an instance name, but there is no such instance.
    #[error("There is no Braze instance “{0}”. Use one of {list}, or enter the REST address from your Braze settings.", list = names())]
    UnknownInstance(String),
    /// Neither a name nor an address.
    #[error(
        "“{0}” is not a web address. Enter an instance name such as US-01, or an address that begins with https://."
    )]
    NotAnAddress(String),
    /// `http://` where it is not accepted.
    #[error(
        "The address begins with http://, so that the key would travel readable. Use https:// instead."
    )]
    PlainHttp,
    /// A user name or password inside the address.
    #[error(
        "The address contains a user name or password. Remove the part before the @; the REST API key has its own field."
    )]
    Credentials,
    /// A query or fragment.
    #[error(
        "The address contains a ? or #. Enter only the beginning, such as https://rest.iad-01.braze.com."
    )]
    Query,
    /// A path of an endpoint was pasted along, or a path on a Braze host.
    #[error(
        "The address contains the path “{0}”. Enter only the beginning, such as https://rest.iad-01.braze.com."
    )]
    Path(String),
    /// The host of the SDK, which does not serve the REST API (contract 1.1).
    #[error(
        "“{0}” is the SDK's address, not the REST API's. Use the address that begins with https://rest."
    )]
    SdkHost(String),
    /// Another host of Braze that does not serve the REST API, or an outdated one.
    #[error(
        "“{0}” is not a REST address of Braze. Use the instance name, such as US-01, or the address that begins with https://rest."
    )]
    NotRest(String),
}

fn names() -> String {
    INSTANCES
        .iter()
        .map(|instance| instance.name)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Endpoint {
    /// Reads an instance name in any case (`US-01`, `eu-02`), a REST address, or the dashboard's address, which names its
    /// instance. Plain http is accepted for this machine only.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Self::parse_with(text, PlainHttp::LoopbackOnly)
    }

    /// As [`Endpoint::parse`], with the say where plain http is accepted.
    pub fn parse_with(text: &str, plain_http: PlainHttp) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        if looks_like_a_name(text) {
            let instance = INSTANCES
                .iter()
                .find(|instance| instance.name.eq_ignore_ascii_case(text));
            return instance
                .map(Self::of)
                .ok_or_else(|| EndpointError::UnknownInstance(text.to_ascii_uppercase()));
        }
        let not_an_address = || EndpointError::NotAnAddress(crate::text::plain(text, 200));
        // People copy the host alone, too.
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&format!("https://{text}"))
        };
        let url = url.map_err(|_| not_an_address())?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(not_an_address());
        }
        let host = url.host().ok_or_else(not_an_address)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if let Host::Domain(name) = host {
            if let Some(instance) = INSTANCES.iter().find(|instance| instance.dashboard == name) {
                return Ok(Self::of(instance));
            }
            check_name(name).map_err(|error| error.unwrap_or_else(not_an_address))?;
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Query);
        }
        if url.scheme() == "http" && plain_http == PlainHttp::LoopbackOnly && !is_loopback(&host) {
            return Err(EndpointError::PlainHttp);
        }
        let kind = match host {
            Host::Ipv4(address) => HostKind::Address(address.into()),
            Host::Ipv6(address) => HostKind::Address(address.into()),
            Host::Domain(name)
                if url.scheme() == "https" && url.port().is_none() && is_rest_host(name) =>
            {
                HostKind::Braze
            }
            Host::Domain(_) => HostKind::Name,
        };
        let path = url.path().trim_end_matches('/');
        // A prefix is fine for a gateway in front; a whole endpoint, or any path at Braze itself, was pasted by mistake.
        if !path.is_empty()
            && (kind == HostKind::Braze || path.contains("/users/") || path.ends_with("/users"))
        {
            return Err(EndpointError::Path(path.to_owned()));
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            host: kind,
        })
    }

    /// The endpoint of an instance.
    pub fn of(instance: &Instance) -> Self {
        Self {
            base: instance.rest.to_owned(),
            host: HostKind::Braze,
        }
    }

    /// The base URL: scheme, host, perhaps port and prefix; never a trailing slash (contract 1.2).
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The URL of a path such as `/users/track`.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{}", self.base, path.trim_matches('/'))
    }

    /// What kind of host this is.
    pub const fn host(&self) -> HostKind {
        self.host
    }

    /// The published instance at this address, if it is one.
    pub fn instance(&self) -> Option<&'static Instance> {
        INSTANCES.iter().find(|instance| instance.rest == self.base)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// Two letters, a hyphen, one to three digits.
fn looks_like_a_name(text: &str) -> bool {
    text.split_once('-').is_some_and(|(region, number)| {
        region.len() == 2
            && region.bytes().all(|b| b.is_ascii_alphabetic())
            && matches!(number.len(), 1..=3)
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Refuses names that cannot be meant. `Err(None)`: not an address at all.
fn check_name(name: &str) -> Result<(), Option<EndpointError>> {
    if name.ends_with('.') || name.is_empty() {
        return Err(None);
    }
    let at_braze = [".braze.com", ".braze.eu"]
        .iter()
        .any(|domain| name.ends_with(domain))
        || matches!(name, "braze.com" | "braze.eu");
    if at_braze && name.starts_with("sdk.") {
        return Err(Some(EndpointError::SdkHost(name.to_owned())));
    }
    // Older pages gave US-10 as rest.iad-10 (contract 1.1).
    if at_braze && (!is_rest_host(name) || name == "rest.iad-10.braze.com") {
        return Err(Some(EndpointError::NotRest(name.to_owned())));
    }
    Ok(())
}

/// `rest.<cluster>.braze.com` or `.braze.eu`, with one label as cluster.
fn is_rest_host(name: &str) -> bool {
    let domain = name
        .strip_suffix(".braze.com")
        .or_else(|| name.strip_suffix(".braze.eu"));
    let cluster = domain.and_then(|rest| rest.strip_prefix("rest."));
    cluster.is_some_and(|c| {
        !c.is_empty()
            && c.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests;
