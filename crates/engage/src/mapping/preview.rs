//! What would be sent for an entry, before it is: the exact body of the call, and what is left out and why.
//! Promises the same bytes as the delivery of that entry alone.
//! Leaves entries to look at to `sample` and the store, and showing it to the studio.

use super::{Facts, Mapping, Note, Plan, PlannedIdentity, SkipReason};

/// A look at what an entry sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The body of the call to `/users/track`, compact JSON as it is sent; `None` if nothing is.
    pub body: Option<String>,
    /// Whose it is.
    pub identity: Option<PlannedIdentity>,
    /// Why nothing is sent although something is mapped.
    pub skipped: Option<SkipReason>,
    /// What is mapped and left out, with the reason.
    pub notes: Vec<Note>,
}

impl Preview {
    /// The body with line breaks and indentation, for reading.
    pub fn pretty(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(self.body.as_deref()?).ok()?;
        serde_json::to_string_pretty(&value).ok()
    }
}

impl Mapping {
    /// What the entry would send, in full: values that Braze has already included.
    pub fn preview(&self, facts: &Facts<'_>) -> Preview {
        let (plan, notes) = self.plan_with(facts, true);
        match plan {
            Plan::Nothing => Preview {
                notes,
                ..Preview::default()
            },
            Plan::Skip(reason) => Preview {
                skipped: Some(reason),
                notes,
                ..Preview::default()
            },
            Plan::Send(planned) => {
                let attributes = planned.attributes.map(|it| it.json);
                let arrays = [
                    ("attributes", attributes.into_iter().collect()),
                    ("events", planned.events),
                    ("purchases", planned.purchases),
                ];
                let arrays = arrays
                    .into_iter()
                    .filter(|(_, objects): &(_, Vec<String>)| !objects.is_empty())
                    .map(|(name, objects)| format!("\"{name}\":[{}]", objects.join(",")));
                Preview {
                    body: Some(format!("{{{}}}", arrays.collect::<Vec<_>>().join(","))),
                    identity: Some(planned.identity),
                    skipped: None,
                    notes,
                }
            }
        }
    }
}
