//! The check: address, key, permission and limits, one after the other, each with a sentence.

use braze::CheckVerdict;

/// How one line of the check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Could not be looked at, because something before it is wrong.
    Open,
}

impl Tone {
    /// The name in stylesheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "idle",
        }
    }
}

/// One line of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLine {
    /// What was looked at.
    pub label: &'static str,
    /// How it came out.
    pub tone: Tone,
    /// What was found, in a sentence.
    pub what: String,
    /// What to do; empty when there is nothing to do.
    pub remedy: String,
}

fn line(label: &'static str, tone: Tone, what: impl Into<String>, remedy: &str) -> CheckLine {
    CheckLine {
        label,
        tone,
        what: what.into(),
        remedy: remedy.to_owned(),
    }
}

const ADDRESS: &str = "Instance";
const KEY: &str = "API key";
const PERMISSION: &str = "Permission users.track";
const LIMIT: &str = "Rate limit";

/// Tries endpoint and key with a call that writes nothing.
pub async fn check(client: &braze::Client) -> Vec<CheckLine> {
    let (check, call) = client.check().await;
    let (what, remedy) = (check.explanation.what, check.explanation.remedy);
    let host = client.endpoint().base().to_owned();
    let open = |label| line(label, Tone::Open, "Not looked at yet.", "");
    let reached = || {
        line(
            ADDRESS,
            Tone::Good,
            format!("{host} answers as Braze does."),
            "",
        )
    };
    let mut lines = match check.verdict {
        CheckVerdict::Works => vec![
            reached(),
            line(KEY, Tone::Good, "Braze accepts the key.", ""),
            line(PERMISSION, Tone::Good, "The key may update profiles.", ""),
        ],
        CheckVerdict::KeyRefused if call.status == Some(403) => vec![
            reached(),
            line(KEY, Tone::Good, "Braze knows the key.", ""),
            line(PERMISSION, Tone::Bad, what, &remedy),
        ],
        CheckVerdict::KeyRefused => vec![
            reached(),
            line(KEY, Tone::Bad, what, &remedy),
            open(PERMISSION),
        ],
        CheckVerdict::WrongAddress | CheckVerdict::NotReached | CheckVerdict::Strange => vec![
            line(ADDRESS, Tone::Bad, what, &remedy),
            open(KEY),
            open(PERMISSION),
        ],
        CheckVerdict::TryAgain => vec![
            line(ADDRESS, Tone::Good, format!("{host} was reached."), ""),
            line(KEY, Tone::Open, what, &remedy),
            open(PERMISSION),
        ],
    };
    lines.push(call.budget.map_or_else(
        || {
            let what = if check.verdict == CheckVerdict::Works {
                "Braze did not say how many calls are left. Komo goes by the usual 3,000 in 3 seconds and learns from the answers."
            } else {
                "Not looked at yet."
            };
            line(LIMIT, Tone::Open, what, "")
        },
        |budget| {
            let what = format!(
                "{} of {} calls are left in this window; it begins anew in {} s.",
                budget.remaining,
                budget.limit,
                budget.resets_in.as_secs()
            );
            line(LIMIT, Tone::Good, what, "")
        },
    ));
    lines
}
