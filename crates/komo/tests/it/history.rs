//! What reached Braze, as one history of arrivals, and the checks of the reliability promises over it.
//! Promises to count what the sandbox processed, whatever it answered.
//! Leaves what was acknowledged to the tests.

use std::collections::{BTreeMap, HashMap};

use braze_sandbox::{Outcome, Sandbox};
use serde_json::Value;

/// One processed call that carried an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// When its head arrived, UTC milliseconds.
    pub(crate) at: i64,
    /// The number of the call.
    pub(crate) call: u64,
    /// The client can't know from the answer what came of it.
    pub(crate) ambiguous: bool,
}

/// What reached Braze.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Arrivals of each submission's event, oldest first.
    pub(crate) arrivals: HashMap<String, Vec<Arrival>>,
    /// First arrivals of submissions, by the alias of the person, oldest first.
    pub(crate) firsts: BTreeMap<String, Vec<String>>,
    /// All bodies of processed calls.
    pub(crate) bodies: Vec<bytes::Bytes>,
}

impl History {
    /// Reads the calls that took effect; only events named `komo_entry` count.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let mut history = Self::default();
        for record in sandbox.requests() {
            if record.path != "/users/track" || !record.processed {
                continue;
            }
            let body = record.body.expect("the sandbox keeps all bodies in tests");
            assert_eq!(body.len(), record.bytes, "the sandbox has cut a body short");
            let json: Value = serde_json::from_slice(&body).unwrap();
            let understood = record.outcome == Outcome::Answered
                && record
                    .status
                    .is_some_and(|status| (200..300).contains(&status))
                && record.answer.as_deref().is_some_and(|answer| {
                    serde_json::from_slice::<Value>(answer)
                        .is_ok_and(|it| it["message"] == "success")
                });
            for event in json["events"].as_array().into_iter().flatten() {
                if event["name"] != "komo_entry" {
                    continue;
                }
                let id = event["properties"]["submission_id"]
                    .as_str()
                    .expect("every event names its submission");
                let person = event["user_alias"]["alias_name"]
                    .as_str()
                    .expect("every event names its person");
                let seen = history.arrivals.entry(id.to_owned()).or_default();
                if seen.is_empty() {
                    history
                        .firsts
                        .entry(person.to_owned())
                        .or_default()
                        .push(id.to_owned());
                }
                seen.push(Arrival {
                    at: record.arrived_at,
                    call: record.seq,
                    ambiguous: !understood,
                });
            }
            history.bodies.push(body);
        }
        history
    }

    /// How often a submission's event arrived.
    pub(crate) fn copies(&self, submission: &str) -> usize {
        self.arrivals.get(submission).map_or(0, Vec::len)
    }

    /// Nothing arrived that nobody submitted, and all that was acknowledged arrived.
    pub(crate) fn is_complete<'a>(&self, acknowledged: impl IntoIterator<Item = &'a String>) {
        let mut expected = 0;
        for id in acknowledged {
            expected += 1;
            assert!(
                self.copies(id) >= 1,
                "the acknowledged submission {id} never reached Braze"
            );
        }
        assert_eq!(
            self.arrivals.len(),
            expected,
            "something reached Braze that was not acknowledged"
        );
    }

    /// A copy is only ever made after an attempt whose fate nobody could know. `excused` says whether something else made the
    /// fate of the earlier attempt unknown, such as the death of the process.
    pub(crate) fn copies_are_explained(&self, excused: impl Fn(Arrival, Arrival) -> bool) -> usize {
        let mut copies = 0;
        for (id, arrivals) in &self.arrivals {
            for pair in arrivals.windows(2) {
                let [before, after] = pair else { continue };
                assert_ne!(before.call, after.call, "{id} stands twice in one call");
                copies += 1;
                assert!(
                    before.ambiguous || excused(*before, *after),
                    "{id} was sent again although its delivery was known: {arrivals:?}"
                );
            }
        }
        copies
    }

    /// Per person the first arrivals come in the order in which the entries were accepted.
    pub(crate) fn is_in_order(&self, accepted: &BTreeMap<String, Vec<String>>) {
        for (person, wanted) in accepted {
            let found = self
                .firsts
                .get(person)
                .map(Vec::as_slice)
                .unwrap_or_default();
            assert_eq!(
                found, wanted,
                "the entries of one person arrived in another order than they were accepted"
            );
        }
    }

    /// Whether a text occurs in anything that was sent.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.bodies
            .iter()
            .any(|body| body.windows(text.len()).any(|part| part == text.as_bytes()))
    }
}
