//! How a connection is doing, for its owner: three levels of trouble, each with a sentence and a remedy.
//! Promises that the same standing always gives the same words, and that the worst trouble is the one that is told.
//! Leaves counting to the store, and telling (studio, log, metric) to others.

use crate::time::Millis;

/// How loud the owner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing to tell.
    Well,
    /// It mends itself as a rule; good to know.
    Notice,
    /// Somebody should look today.
    Warning,
    /// Somebody must act now, or data will be set aside.
    Alarm,
}

impl Level {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Alarm => "alarm",
        }
    }

    /// 0 for well to 3 for alarm, for metrics.
    pub const fn number(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Notice => 1,
            Self::Warning => 2,
            Self::Alarm => 3,
        }
    }
}

/// Where a connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Why it is paused, and since when.
    pub paused: Option<(String, Option<Millis>)>,
    /// Whether it has an API key.
    pub has_key: bool,
    /// Deliveries that are still to be sent: pending, retrying, waiting.
    pub to_send: i64,
    /// When the oldest of them was made.
    pub oldest: Option<Millis>,
    /// When the oldest of those that were tried in vain was first tried.
    pub trying_since: Option<Millis>,
    /// Deliveries that were set aside with a reason.
    pub parked: i64,
    /// When the last of them was set aside.
    pub last_parked: Option<Millis>,
    /// Deliveries of unknown fate that are not sent again.
    pub unknown: i64,
}

/// What the owner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How loud.
    pub level: Level,
    /// The trouble's stable code; `well` when there is none.
    pub code: &'static str,
    /// What is the matter, in one sentence.
    pub sentence: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Since when, if it is known.
    pub since: Option<Millis>,
    /// How many deliveries it concerns.
    pub affected: i64,
}

/// Shorter trouble than this is nobody's business, in milliseconds.
const NOTICE_MS: i64 = 5 * 60_000;
/// From here on somebody should look.
const WARNING_MS: i64 = 60 * 60_000;
/// What was set aside within this time is told as a warning, later as a notice.
const FRESH_MS: i64 = 24 * 3_600_000;

/// Says how a connection is doing. `retry_window_ms`: how long deliveries are tried before they are set aside.
pub fn health(standing: &Standing, retry_window_ms: i64, now: Millis) -> Health {
    let troubles = [
        paused(standing),
        key_missing(standing),
        failing(standing, retry_window_ms, now),
        parked(standing, now),
        unknown(standing),
        behind(standing, now),
    ];
    // Of troubles of one level the first in the list above is told.
    let mut worst: Option<Health> = None;
    for trouble in troubles.into_iter().flatten() {
        if worst.as_ref().is_none_or(|it| trouble.level > it.level) {
            worst = Some(trouble);
        }
    }
    worst.unwrap_or_else(|| Health {
        level: Level::Well,
        code: "well",
        sentence: "Everything that was accepted has reached Braze or is on its way.".to_owned(),
        remedy: "Nothing to do.",
        since: None,
        affected: 0,
    })
}

fn paused(standing: &Standing) -> Option<Health> {
    let (reason, since) = standing.paused.as_ref()?;
    Some(Health {
        level: Level::Alarm,
        code: "paused",
        sentence: format!("The connection is paused, and nothing is sent. {reason}"),
        remedy: "Put right what is said above, then enter the key again or resume the connection; what was accepted meanwhile is sent then.",
        since: *since,
        affected: standing.to_send,
    })
}

fn key_missing(standing: &Standing) -> Option<Health> {
    (!standing.has_key).then(|| Health {
        level: if standing.to_send > 0 {
            Level::Warning
        } else {
            Level::Notice
        },
        code: "key_missing",
        sentence: "The connection has no API key, so nothing is sent.".to_owned(),
        remedy: "Enter the REST API key of your Braze workspace.",
        since: standing.oldest,
        affected: standing.to_send,
    })
}

fn failing(standing: &Standing, window_ms: i64, now: Millis) -> Option<Health> {
    let since = standing.trying_since?;
    let lasts = now.since(since);
    let left = (window_ms - lasts).max(0) / 3_600_000;
    let (level, remedy) = if lasts >= (window_ms / 2).max(NOTICE_MS) {
        (
            Level::Alarm,
            "Check Braze's status page, the endpoint, and this server's way to the internet now: what is not delivered in time is set aside and must be sent again by hand.",
        )
    } else if lasts >= WARNING_MS {
        (
            Level::Warning,
            "Check Braze's status page and this connection's endpoint; deliveries are tried again by themselves.",
        )
    } else if lasts >= NOTICE_MS {
        (
            Level::Notice,
            "Nothing to do: deliveries are tried again by themselves.",
        )
    } else {
        return None;
    };
    Some(Health {
        level,
        code: "failing",
        sentence: format!(
            "Braze does not take what is sent, or cannot be reached; in about {left} h the first deliveries are set aside."
        ),
        remedy,
        since: Some(since),
        affected: standing.to_send,
    })
}

fn parked(standing: &Standing, now: Millis) -> Option<Health> {
    let last = standing.last_parked.filter(|_| standing.parked > 0)?;
    Some(Health {
        level: if now.since(last) < FRESH_MS {
            Level::Warning
        } else {
            Level::Notice
        },
        code: "parked",
        sentence: format!(
            "{} set aside with a reason and not sent.",
            if standing.parked == 1 {
                "One delivery was".to_owned()
            } else {
                format!("{} deliveries were", standing.parked)
            }
        ),
        remedy: "Look at the reasons in the list of deliveries, put right what is said there, and send them again before they are deleted.",
        since: Some(last),
        affected: standing.parked,
    })
}

fn unknown(standing: &Standing) -> Option<Health> {
    (standing.unknown > 0).then(|| Health {
        level: Level::Notice,
        code: "unknown",
        sentence: "Some calls got no answer, and this connection rather misses an event than sends it twice.".to_owned(),
        remedy: "Look a person up in Braze, and send the delivery again if the event is missing there.",
        since: None,
        affected: standing.unknown,
    })
}

fn behind(standing: &Standing, now: Millis) -> Option<Health> {
    let oldest = standing.oldest.filter(|_| standing.to_send > 0)?;
    (now.since(oldest) >= NOTICE_MS).then(|| Health {
        level: Level::Notice,
        code: "behind",
        sentence: "More is accepted than Braze takes at this account's rate, so deliveries are late.".to_owned(),
        remedy: "Nothing to do: it is sent as fast as the connection's limit allows. If it happens often, ask Braze for a higher limit.",
        since: Some(oldest),
        affected: standing.to_send,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);
    const WINDOW: i64 = 72 * 3_600_000;

    fn standing() -> Standing {
        Standing {
            has_key: true,
            ..Standing::default()
        }
    }

    fn told(standing: &Standing) -> (Level, &'static str) {
        let health = health(standing, WINDOW, NOW);
        assert!(
            health.sentence.ends_with('.') && health.remedy.ends_with('.'),
            "{health:?}"
        );
        (health.level, health.code)
    }

    #[test]
    fn an_outage_is_told_louder_the_longer_it_lasts() {
        let hours = |hours: i64| Standing {
            trying_since: Some(NOW.plus(-hours * 3_600_000)),
            oldest: Some(NOW.plus(-hours * 3_600_000)),
            to_send: 9,
            ..standing()
        };
        assert_eq!(
            told(&Standing {
                trying_since: Some(NOW.plus(-60_000)),
                ..standing()
            }),
            (Level::Well, "well")
        );
        assert_eq!(
            told(&Standing {
                trying_since: Some(NOW.plus(-600_000)),
                ..standing()
            }),
            (Level::Notice, "failing")
        );
        assert_eq!(told(&hours(2)), (Level::Warning, "failing"));
        assert_eq!(told(&hours(40)), (Level::Alarm, "failing"));
        assert_eq!(health(&hours(40), WINDOW, NOW).affected, 9);
        assert!(health(&hours(40), WINDOW, NOW).sentence.contains("32 h"));
    }

    #[test]
    fn a_pause_is_told_before_all_else_with_its_reason() {
        let paused = Standing {
            paused: Some(("Braze does not accept the key.".into(), Some(NOW.plus(-5)))),
            trying_since: Some(NOW.plus(-WINDOW)),
            parked: 3,
            last_parked: Some(NOW),
            ..standing()
        };
        let health = health(&paused, WINDOW, NOW);
        assert_eq!((health.level, health.code), (Level::Alarm, "paused"));
        assert!(health.sentence.contains("does not accept the key"));
    }

    #[test]
    fn what_was_set_aside_is_a_warning_on_the_first_day_and_a_notice_after() {
        let parked = |hours: i64| Standing {
            parked: 2,
            last_parked: Some(NOW.plus(-hours * 3_600_000)),
            ..standing()
        };
        assert_eq!(told(&parked(1)), (Level::Warning, "parked"));
        assert_eq!(told(&parked(30)), (Level::Notice, "parked"));
    }

    #[test]
    fn a_missing_key_counts_only_as_much_as_waits_for_it() {
        let missing = Standing::default();
        assert_eq!(told(&missing), (Level::Notice, "key_missing"));
        assert_eq!(
            told(&Standing {
                to_send: 1,
                ..missing
            }),
            (Level::Warning, "key_missing")
        );
    }

    #[test]
    fn being_late_and_doubt_are_notices() {
        let late = Standing {
            to_send: 5,
            oldest: Some(NOW.plus(-NOTICE_MS)),
            ..standing()
        };
        assert_eq!(told(&late), (Level::Notice, "behind"));
        assert_eq!(
            told(&Standing {
                unknown: 1,
                ..standing()
            }),
            (Level::Notice, "unknown")
        );
        assert_eq!(told(&standing()), (Level::Well, "well"));
    }
}
