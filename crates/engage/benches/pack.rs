//! How many objects a second the packing makes into bodies. `cargo bench -p engage --bench pack`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use engage::{
    delivery::{Item, Limits, pack},
    ids::ContactId,
};
use std::hint::black_box;

fn items() -> Vec<Item> {
    let who = r#""user_alias":{"alias_name":"ada@example.org","alias_label":"komo_email"},"_update_existing_only":false"#;
    (0..37)
        .map(|seq| Item {
            seq,
            contact: ContactId::from_uuid(uuid::Uuid::from_u128(7)),
            attributes: Some(
                format!(r#"{{{who},"email":"ada@example.org","first_name":"Ada","country":"GB","favourite_flavour":"pistachio"}}"#)
                    .into(),
            ),
            events: format!(
                r#"{{{who},"name":"komo_entry","time":"2026-05-04T07:31:10.412Z","properties":{{"card":"welcome","submission_id":"{seq}"}}}}"#
            )
            .into(),
            event_count: 1,
            purchases: "".into(),
            purchase_count: 0,
            call: None,
            attempts: 0,
            first_tried: None,
            marks: Vec::new(),
            words: String::new(),
        })
        .collect()
}

fn bench(criterion: &mut Criterion) {
    let items = items();
    let mut group = criterion.benchmark_group("pack");
    group.throughput(Throughput::Elements(74));
    group.bench_function("a full call of 74 objects", |bencher| {
        bencher.iter(|| pack(black_box(&items), &Limits::default()));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
