//! The time until a moment, and what is there afterwards.
//! Promises that the time left is right without scripts, that the moment itself is named with its zone, and that what comes
//! afterwards is not on the page before. Leaves ticking to the island.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind, zone},
    address::Address,
    checks::Checks,
    content::{self, Content, control, looked_at},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, markdown, texts},
};

pub(super) const KIND: Kind =
    looked_at!(CountdownSetup, "countdown-title", include_str!("island.js"));

/// The setup of a countdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountdownSetup {
    /// The moment, as in `2026-12-24T17:00:00Z`.
    #[schemars(with = "String")]
    pub moment: Timestamp,
    /// Where the moment's clock stands: `Europe/Rome`, `+01:00`, or `UTC`, which it is when left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// What is waited for.
    pub before: LocalText,
    /// What is read from that moment on.
    pub after_title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub after_text: LocalText,
    /// Where a button leads from that moment on, `https://...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_link: Option<String>,
    /// What the button says; without it, it names the host.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub after_link_label: LocalText,
}

fn sample() -> CardDoc {
    let setup = CountdownSetup {
        moment: Timestamp::constant(1_940_004_000, 0),
        time_zone: "Europe/Rome".to_owned(),
        before: "Until the kitchen door opens".into(),
        after_title: "The kitchen is open".into(),
        after_text: "Come in and **stir the first batch** yourself. The spoon is on us.".into(),
        after_link: Some("https://www.example.com/kitchen".to_owned()),
        after_link_label: "Show me the way".into(),
    };
    content::card(
        "kitchen",
        "Nonna opens her kitchen",
        "One evening, one churn, forty seats.",
        &setup,
    )
}

#[derive(Template)]
#[template(path = "cards/media/countdown/face.html")]
struct Face<'a> {
    before: &'a str,
    /// Days, hours, minutes and seconds with their names.
    units: [(&'static str, String, i64); 4],
    /// Milliseconds that are left.
    left: i64,
    when: String,
}

#[derive(Template)]
#[template(path = "cards/media/countdown/after.html")]
struct After<'a> {
    context: &'a FaceContext<'a>,
    title: &'a str,
    html: String,
    link: Option<&'a str>,
    label: &'a str,
}

impl CountdownSetup {
    /// The moment in words, with its zone.
    fn when(&self, context: &FaceContext<'_>) -> String {
        let known = zone::zone(&self.time_zone).filter(|_| !self.time_zone.is_empty());
        let name = if known.is_some() {
            self.time_zone.as_str()
        } else {
            "UTC"
        };
        let local = known
            .unwrap_or(jiff::tz::TimeZone::UTC)
            .to_datetime(self.moment);
        texts::message(
            context.locale,
            "countdown-when",
            &[
                (
                    "day",
                    zone::day_in_words(context.locale, local.date()).into(),
                ),
                (
                    "time",
                    format!("{:02}:{:02}", local.hour(), local.minute()).into(),
                ),
                ("zone", name.replace('_', " ").into()),
            ],
        )
    }
}

impl Content for CountdownSetup {
    const NAME: &'static str = "countdown";

    fn check(&self, checks: &mut Checks<'_>) {
        checks.zone("time_zone", &self.time_zone);
        checks.text("before", &self.before);
        checks.text("after_title", &self.after_title);
        checks.translated("after_text", &self.after_text);
        checks.translated("after_link_label", &self.after_link_label);
        if let Some(link) = &self.after_link {
            checks.address("after_link", link);
        }
    }

    fn controls() -> Vec<Control> {
        vec![
            control(
                "moment",
                "countdown-control-moment",
                ControlKind::Moment,
                true,
            ),
            control(
                "time_zone",
                "countdown-control-zone",
                ControlKind::Text,
                false,
            ),
            control(
                "before",
                "countdown-control-before",
                ControlKind::LocalText,
                true,
            ),
            control(
                "after_title",
                "countdown-control-after-title",
                ControlKind::LocalText,
                true,
            ),
            control(
                "after_text",
                "countdown-control-after-text",
                ControlKind::LongText,
                false,
            ),
            control(
                "after_link",
                "countdown-control-after-link",
                ControlKind::Address,
                false,
            ),
            control(
                "after_link_label",
                "countdown-control-after-link-label",
                ControlKind::LocalText,
                false,
            ),
        ]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let left = self.moment.as_millisecond().saturating_sub(context.now.0);
        if left <= 0 {
            let address = self.after_link.as_deref().and_then(Address::read);
            let own = context.local(&self.after_link_label);
            return After {
                context,
                title: context.local(&self.after_title),
                html: markdown::html(context.local(&self.after_text)),
                link: self.after_link.as_deref().filter(|_| address.is_some()),
                label: if own.is_empty() {
                    address.map_or("", |address| address.spoken_host())
                } else {
                    own
                },
            }
            .render();
        }
        // Rounded up, so that nothing shows 0 before the moment.
        let seconds = left.saturating_add(999) / 1_000;
        let unit = |name, id: &str, value| (name, context.say(id), value);
        Face {
            before: context.local(&self.before),
            units: [
                unit("days", "countdown-days", seconds / 86_400),
                unit("hours", "countdown-hours", seconds / 3_600 % 24),
                unit("minutes", "countdown-minutes", seconds / 60 % 60),
                unit("seconds", "countdown-seconds", seconds % 60),
            ],
            left,
            when: self.when(context),
        }
        .render()
    }
}

#[cfg(test)]
mod tests;
