//! The mapping form as it travels: the pairs that a browser would send, and messages at their fields.
//! Promises: a page and a form number their lines alike, so that a message finds its field.
//! Leaves to others: which rows there are (`mapping_rows`), reading them (`braze_desk::lines`).

use engage::hub::ConnectionDoc;

use super::{
    mapping_rows::word,
    mapping_view::{Message, Rows},
};
use crate::braze_desk::lines::Placed;

impl Rows {
    /// How many of the rows about the entry are mapped.
    pub(super) fn about_mapped(&self) -> usize {
        self.about.iter().filter(|it| !it.to.is_empty()).count()
    }

    /// Whether a source stands in the list.
    pub(super) fn knows(&self, source: &str) -> bool {
        self.sources.iter().any(|it| it.source == source)
    }

    /// The form as a browser would send it, to number a document's lines like its rows.
    pub(super) fn pairs(&self, doc: &ConnectionDoc) -> Vec<(String, String)> {
        let json = serde_json::to_value(doc).unwrap_or_default();
        let user = json.get("user").cloned().unwrap_or_default();
        let mut out = vec![
            ("by".to_owned(), word(&user, "by")),
            ("from".to_owned(), self.from.clone()),
            ("label".to_owned(), self.label.clone()),
        ];
        if self.existing_only {
            out.push(("update_existing_only".to_owned(), "on".to_owned()));
        }
        if self.identify {
            out.push(("identify".to_owned(), "on".to_owned()));
        }
        let mut add = |name: String, value: &str| out.push((name, value.to_owned()));
        for row in self.fields.iter().chain(&self.about).chain(&self.others) {
            let n = row.line.n;
            add(format!("row-{n}-rest"), &row.line.carried());
            add(format!("row-{n}-from"), &row.source);
            add(format!("row-{n}-to"), &row.to);
            add(format!("row-{n}-type"), &row.kind);
            add(format!("row-{n}-op"), &row.op);
        }
        for row in &self.questions {
            let n = row.line.n;
            add(format!("q-{n}-rest"), &row.line.carried());
            add(format!("q-{n}-from"), &row.source);
            add(format!("q-{n}-attribute"), &row.attribute);
            add(format!("q-{n}-event"), &row.event);
            add(format!("q-{n}-op"), &row.op);
        }
        for row in &self.consents {
            let n = row.line.n;
            add(format!("c-{n}-rest"), &row.line.carried());
            add(format!("c-{n}-from"), &row.source);
            add(format!("c-{n}-to"), &row.to);
            add(format!("c-{n}-group"), &row.group);
            add(format!("c-{n}-withheld"), &row.withheld);
        }
        for row in &self.events {
            let n = row.line.n;
            add(format!("e-{n}-rest"), &row.line.carried());
            add(format!("e-{n}-name"), &row.name);
            add(format!("e-{n}-on"), &row.on);
            add(format!("e-{n}-all"), &row.all);
            for it in &row.properties {
                let m = it.m;
                add(format!("e-{n}-{m}-rest"), &it.carried);
                add(format!("e-{n}-{m}-from"), &it.from);
                add(format!("e-{n}-{m}-to"), &it.to);
            }
        }
        out
    }

    /// The same form with what is wrong at its fields.
    pub(super) fn with(mut self, problems: &[Placed]) -> Self {
        let say = |message: &mut Message| {
            if let Some(it) = problems.iter().find(|it| it.field == message.field) {
                message.words.clone_from(&it.words);
                message.error = it.error;
            }
        };
        let about = self.about.iter_mut().chain(&mut self.others);
        for row in self.fields.iter_mut().chain(about) {
            say(&mut row.message);
        }
        self.questions
            .iter_mut()
            .for_each(|it| say(&mut it.message));
        self.consents.iter_mut().for_each(|it| say(&mut it.message));
        self.events.iter_mut().for_each(|it| say(&mut it.message));
        for (field, message) in [
            ("by", &mut self.user_message),
            ("from", &mut self.from_message),
            ("label", &mut self.label_message),
        ] {
            field.clone_into(&mut message.field);
            say(message);
        }
        self
    }

    /// Only the messages of the fields that were sent, the empty ones too, so that old ones go.
    pub(super) fn messages(pairs: &[(String, String)], problems: &[Placed]) -> Self {
        let is_target = |name: &str| {
            matches!(name, "by" | "from" | "label")
                || (name.starts_with("row-") && name.ends_with("-to"))
                || (name.starts_with("q-") && name.ends_with("-attribute"))
                || (name.starts_with("c-") && name.ends_with("-to"))
                || (name.starts_with("e-") && name.ends_with("-name"))
        };
        let messages = pairs
            .iter()
            .filter(|(name, _)| is_target(name))
            .map(|(name, _)| {
                let found = problems.iter().find(|it| it.field == *name);
                Message {
                    field: name.clone(),
                    words: found.map(|it| it.words.clone()).unwrap_or_default(),
                    error: found.is_some_and(|it| it.error),
                }
            });
        Self {
            messages: messages.collect(),
            ..Self::default()
        }
    }
}
