//! Puts stored things into the words and numbers of the pages.
//! Promises plain texts; escaping is the templates' work.
//! Leaves layout to the templates and choosing to `views`.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::dates;
use crate::faults::{Fault, FaultKind};
use crate::profiles::{Happening, Profile};
use crate::records::{Outcome, Record};

/// A name with a value and, perhaps, a type.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) kind: String,
}

impl Fact {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            kind: String::new(),
        }
    }

    pub(super) fn of(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.kind);
        self
    }
}

/// A value as a reader wants it: texts without quotes, lists with commas, nested values as JSON.
pub(super) fn fact(name: &str, value: &Value) -> Fact {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => items
            .iter()
            .map(|item| fact("", item).value)
            .collect::<Vec<_>>()
            .join(", "),
        Value::Array(_) | Value::Object(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
        other => other.to_string(),
    };
    Fact::new(name, &text)
}

/// `first_name` as `First name`.
pub(super) fn label(field: &str) -> String {
    let known = match field {
        "email" => "E-mail",
        "dob" => "Date of birth",
        "time_zone" => "Time zone",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let text = field.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// `4 May 2026, 09:00:00`.
pub(super) fn clock(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(
        |_| String::new(),
        |stamp| stamp.strftime("%-d %b %Y, %H:%M:%S").to_string(),
    )
}

/// A line of the list of people.
pub(super) struct Person {
    pub(super) braze_id: String,
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) line: String,
    pub(super) initials: String,
    pub(super) tint: u32,
    pub(super) activity: String,
    pub(super) when: String,
    pub(super) when_text: String,
}

pub(super) fn kind(profile: &Profile) -> &'static str {
    if profile.external_id.is_some() {
        "Identified"
    } else if !profile.user_aliases.is_empty() {
        "Alias only"
    } else if profile.text("email").is_some() {
        "E-mail only"
    } else if profile.text("phone").is_some() {
        "Phone only"
    } else {
        "Anonymous"
    }
}

pub(super) fn person(profile: &Profile) -> Person {
    let name = [profile.text("first_name"), profile.text("last_name")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let alias = profile
        .user_aliases
        .first()
        .map(|alias| alias.alias_name.as_str());
    let mut texts: Vec<&str> = Vec::new();
    for text in [
        Some(name.trim()),
        profile.text("email"),
        alias,
        profile.text("phone"),
        profile.external_id.as_deref(),
    ]
    .into_iter()
    .flatten()
    {
        if !text.is_empty() && !texts.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            texts.push(text);
        }
    }
    let title = texts
        .first()
        .copied()
        .unwrap_or("Somebody without a name")
        .to_owned();
    let line = texts
        .iter()
        .skip(1)
        .copied()
        .collect::<Vec<_>>()
        .join(" · ");
    let initials: String = title
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let events: u64 = profile
        .custom_events
        .values()
        .chain(profile.purchases.values())
        .map(|count| count.count)
        .sum();
    Person {
        braze_id: profile.braze_id.clone(),
        tint: title.bytes().map(u32::from).sum::<u32>() % 6,
        title,
        kind: kind(profile),
        line,
        initials,
        activity: match events {
            0 => String::new(),
            1 => "1 event".to_owned(),
            many => format!("{many} events"),
        },
        when: dates::iso(profile.updated_at),
        when_text: clock(profile.updated_at),
    }
}

/// An event or purchase on a page.
pub(super) struct Act {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) when: String,
    pub(super) when_text: String,
    pub(super) request: u64,
    pub(super) properties: Vec<Fact>,
    pub(super) profile: String,
    pub(super) who: String,
}

fn properties(object: &Map<String, Value>) -> Vec<Fact> {
    let price = ["price", "currency", "quantity"]
        .into_iter()
        .filter_map(|key| object.get(key).map(|value| fact(key, value)));
    let own = object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    price
        .chain(own.map(|(name, value)| fact(name, value)))
        .collect()
}

pub(super) fn act(happening: &Happening) -> Act {
    Act {
        name: happening.name.clone(),
        kind: if happening.purchase {
            "purchase".to_owned()
        } else {
            String::new()
        },
        when: dates::iso(happening.time),
        when_text: clock(happening.time),
        request: happening.request,
        properties: properties(&happening.object),
        profile: String::new(),
        who: String::new(),
    }
}

/// An entry of the list of all events, as `api::find_events` gives it.
pub(super) fn raw_act(event: &Value) -> Act {
    let text = |key: &str| {
        event
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let millis = dates::parse(&text("time")).map_or(0, |moment| moment.millis);
    let purchase = text("kind") == "purchase";
    Act {
        name: text("name"),
        kind: if purchase {
            "purchase".to_owned()
        } else {
            String::new()
        },
        when: dates::iso(millis),
        when_text: clock(millis),
        request: event.get("request").and_then(Value::as_u64).unwrap_or(0),
        properties: event.as_object().map(properties).unwrap_or_default(),
        profile: text("braze_id"),
        who: text("braze_id"),
    }
}

/// A request on a page.
pub(super) struct Call {
    pub(super) seq: u64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: String,
    pub(super) tone: &'static str,
    pub(super) what: String,
    pub(super) when: String,
    pub(super) when_text: String,
    pub(super) bytes: usize,
    pub(super) took: String,
    pub(super) key: String,
    pub(super) fault: String,
    pub(super) body: String,
    pub(super) answer: String,
}

fn pretty(body: Option<&Bytes>) -> String {
    match body {
        None => "not kept".to_owned(),
        Some(body) if body.is_empty() => "empty".to_owned(),
        Some(body) => serde_json::from_slice::<Value>(body)
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok())
            .unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()),
    }
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    }
}

pub(super) fn call_of(record: &Record) -> Call {
    let [attributes, events, purchases] = record.accepted;
    let what = [
        counted(attributes, "profile", "profiles"),
        counted(events, "event", "events"),
        counted(purchases, "purchase", "purchases"),
        counted(record.refused, "refused", "refused"),
    ];
    let (status, tone) = match (record.outcome, record.status) {
        (Outcome::Dropped, _) => ("dropped".to_owned(), "bad"),
        (Outcome::Stalled, _) => ("stalled".to_owned(), "warn"),
        (_, Some(status)) if status < 300 && record.refused > 0 => (status.to_string(), "warn"),
        (_, Some(status)) if status < 300 => (status.to_string(), "good"),
        (_, Some(429)) => ("429".to_owned(), "warn"),
        (_, Some(status)) => (status.to_string(), "bad"),
        (_, None) => ("open".to_owned(), "warn"),
    };
    let fault = record.fault.map(|id| {
        let effect = if record.processed {
            "the request took effect"
        } else {
            "no effect"
        };
        format!("struck by fault {id}, {effect}")
    });
    let path = if record.query.is_empty() {
        record.path.clone()
    } else {
        format!("{}?{}", record.path, record.query)
    };
    Call {
        seq: record.seq,
        method: record.method.clone(),
        path,
        status,
        tone,
        what: what.into_iter().flatten().collect::<Vec<_>>().join(", "),
        when: dates::iso(record.arrived_at),
        when_text: clock(record.arrived_at),
        bytes: record.bytes,
        took: format!("{}.{} ms", record.micros / 1000, record.micros % 1000 / 100),
        key: record.key.clone().unwrap_or_default(),
        fault: fault.unwrap_or_default(),
        body: pretty(record.body.as_ref()),
        answer: if record.status.is_none() {
            "none".to_owned()
        } else {
            pretty(record.answer.as_ref())
        },
    }
}

/// A fault on the page.
pub(super) struct Trouble {
    pub(super) id: u64,
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) hits: String,
    pub(super) spent: bool,
}

pub(super) fn fault_of(fault: &Fault, now: i64) -> Trouble {
    let spec = &fault.spec;
    let spent = fault.is_over(now);
    let mut detail = vec![spec.path.clone().unwrap_or_else(|| "every path".to_owned())];
    if matches!(
        spec.kind,
        FaultKind::Status | FaultKind::StatusAfter | FaultKind::Answer
    ) {
        detail.push(format!(
            "status {}",
            spec.status.unwrap_or(if spec.kind == FaultKind::Answer {
                201
            } else {
                503
            })
        ));
    }
    detail.extend(spec.delay_ms.map(|ms| format!("{ms} ms")));
    detail.extend(
        spec.retry_after
            .map(|seconds| format!("retry after {seconds} s")),
    );
    detail.extend(spec.times.map(|times| {
        if times == 1 {
            "once".to_owned()
        } else {
            format!("{times} times")
        }
    }));
    detail.extend(spec.every.map(|every| format!("every {every}th")));
    detail.extend(spec.share.map(|share| format!("{share} of the requests")));
    detail.extend(spec.for_ms.map(|ms| format!("for {} s", ms / 1000)));
    if spent {
        detail.push("over".to_owned());
    }
    Trouble {
        id: fault.id,
        title: spec.kind.sentence().to_owned(),
        detail: detail.join(" · "),
        hits: counted(
            usize::try_from(fault.hits).unwrap_or(usize::MAX),
            "hit",
            "hits",
        )
        .unwrap_or_else(|| "no hit yet".to_owned()),
        spent,
    }
}

/// A message on the page.
pub(super) struct Mail {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) preheader: String,
    pub(super) text: String,
    /// The sandbox knows what it looks like.
    pub(super) rendered: bool,
    pub(super) reason: String,
    pub(super) status: String,
    pub(super) tone: &'static str,
    pub(super) to: String,
    pub(super) profile: String,
    pub(super) when: String,
    pub(super) when_text: String,
    pub(super) request: u64,
    pub(super) properties: Vec<Fact>,
}

/// A mail; `campaign` is what the marketer calls the campaign it came from, if that is known.
pub(super) fn mail_of(mail: &Map<String, Value>, campaign: &str) -> Mail {
    let text = |key: &str| {
        mail.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let millis = mail.get("at").and_then(Value::as_i64).unwrap_or(0);
    let status = text("status");
    let subject = text("subject");
    Mail {
        id: text("id"),
        title: match (subject.is_empty(), campaign) {
            (false, _) => subject,
            (true, "") => format!("{} {}", text("channel"), text("source")),
            (true, campaign) => campaign.to_owned(),
        },
        preheader: text("preheader"),
        text: text("text"),
        rendered: !text("html").is_empty(),
        reason: text("reason"),
        tone: if status == "sent" { "good" } else { "bad" },
        status,
        to: text("to"),
        profile: text("braze_id"),
        when: dates::iso(millis),
        when_text: clock(millis),
        request: mail.get("request").and_then(Value::as_u64).unwrap_or(0),
        properties: mail
            .get("properties")
            .and_then(Value::as_object)
            .map(|map| map.iter().map(|(name, value)| fact(name, value)).collect())
            .unwrap_or_default(),
    }
}
