//! How long planning one entry takes. `cargo bench -p engage --bench plan`
#![expect(
    clippy::panic,
    reason = "a benchmark whose own document is wrong has to say so"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use engage::{
    Value,
    hub::ConnectionDoc,
    ids::EntryId,
    mapping::{Facts, Mapping, Moment},
    time::Millis,
};
use std::{collections::BTreeMap, hint::black_box};

const DEMO: &str = r#"
key = "braze"
endpoint = "US-01"
user = { by = "alias", label = "komo_email", from = "field:email" }
attributes = [
    { from = "field:email", to = "email" },
    { from = "field:first_name", to = "first_name" },
    { from = "field:last_name", to = "last_name" },
    { from = "field:country", to = "country" },
    { from = "field:favourite_flavour", to = "favourite_flavour" },
]
[[events]]
on = "entry"
name = "komo_entry"
properties = [ { from = "card:key", to = "card" }, { from = "entry:id", to = "submission_id" } ]
"#;

fn bench(criterion: &mut Criterion) {
    let doc: ConnectionDoc = toml::from_str(DEMO).unwrap_or_else(|error| panic!("{error}"));
    let mapping = Mapping::compile(&doc).unwrap_or_else(|problems| panic!("{problems:?}"));
    let fields: BTreeMap<String, Value> = [
        ("email", "ada@example.org"),
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("country", "GB"),
        ("favourite_flavour", "pistachio"),
    ]
    .into_iter()
    .map(|(key, text)| (key.to_owned(), Value::Text(text.to_owned())))
    .collect();
    let (none, params) = (BTreeMap::new(), BTreeMap::new());
    let facts = Facts {
        entry_id: EntryId::from_uuid(uuid::Uuid::from_u128(7)),
        accepted_at: Millis(1_777_879_870_412),
        hub_slug: "demo",
        card_key: "welcome",
        card_title: "Welcome",
        locale: "en",
        fields: &fields,
        properties: &none,
        consents: &[],
        play: &none,
        params: &params,
        moment: Moment::Entry,
    };
    criterion.bench_function("plan the demo's entry: one profile, one event", |bencher| {
        bencher.iter(|| mapping.plan(black_box(&facts)));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
