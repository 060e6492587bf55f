//! Packing: limits kept, nothing lost, nothing invented, and every error finds its delivery.
//! Promises that bodies are read back as JSON.
//! Leaves the order between calls to the lane's tests.

use super::{item, object, read_body};
use crate::{
    delivery::{
        Limits, Mark,
        item::{Array, split_objects},
        pack,
    },
    hub::BatchMode,
};
use proptest::prelude::*;

#[test]
fn a_call_holds_three_arrays_in_brazes_order() {
    let items = [item(1, 1, true, 1, 0), item(2, 2, true, 0, 1)];
    let body = String::from_utf8(pack(&items, &Limits::default()).body).unwrap();
    let (a, b, c, d) = (object(1, 0), object(2, 0), object(1, 1), object(2, 1));
    assert_eq!(
        body,
        format!(r#"{{"attributes":[{a},{b}],"events":[{c}],"purchases":[{d}]}}"#)
    );
}

#[test]
fn arrays_without_objects_are_left_out() {
    let body =
        String::from_utf8(pack(&[item(1, 1, false, 1, 0)], &Limits::default()).body).unwrap();
    assert_eq!(body, format!(r#"{{"events":[{}]}}"#, object(1, 0)));
}

#[test]
fn seventy_five_objects_in_total_are_the_standard_and_the_75th_still_fits() {
    let items: Vec<_> = (1..=40).map(|seq| item(seq, 1, true, 1, 0)).collect();
    assert_eq!(pack(&items, &Limits::default()).items, 37);
    let single: Vec<_> = (1..=80).map(|seq| item(seq, 1, true, 0, 0)).collect();
    assert_eq!(pack(&single, &Limits::default()).objects(), 75);
    let limits = Limits {
        batch: BatchMode::Combined50,
        ..Limits::default()
    };
    assert_eq!(pack(&single, &limits).objects(), 50);
    let limits = Limits {
        batch: BatchMode::PerArray75,
        ..Limits::default()
    };
    let packed = pack(
        &(1..=90)
            .map(|seq| item(seq, 1, true, 1, 1))
            .collect::<Vec<_>>(),
        &limits,
    );
    assert_eq!((packed.items, packed.objects()), (75, 225));
}

#[test]
fn a_delivery_with_more_events_than_fit_goes_in_parts() {
    let mut big = item(1, 1, true, 100, 0);
    let first = pack(std::slice::from_ref(&big), &Limits::default());
    assert_eq!((first.items, first.objects()), (1, 75));
    for slot in first.slots() {
        big.set_mark(slot.ordinal as usize, Mark::Delivered);
    }
    let rest = read_body(&pack(&[big], &Limits::default()).body);
    let ordinals: Vec<usize> = rest.iter().map(|(_, _, _, ordinal)| *ordinal).collect();
    assert_eq!(ordinals, (75..=100).collect::<Vec<_>>());
}

#[test]
fn the_body_stays_under_its_bytes_and_one_giant_goes_alone() {
    let items: Vec<_> = (1..=30).map(|seq| item(seq, 1, true, 0, 0)).collect();
    let limits = Limits {
        max_bytes: 400,
        ..Limits::default()
    };
    let packed = pack(&items, &limits);
    assert!(packed.items < 30 && packed.body.len() <= 400);
    let limits = Limits {
        max_bytes: 10,
        ..Limits::default()
    };
    assert_eq!(pack(&items, &limits).objects(), 1);
}

#[test]
fn marks_survive_as_text_and_unknown_letters_count_as_open() {
    let mut one = item(1, 1, true, 3, 0);
    assert_eq!(one.marks_text(), "");
    one.set_mark(0, Mark::Delivered);
    one.set_mark(2, Mark::Refused);
    one.set_mark(3, Mark::Unknown);
    assert_eq!(one.marks_text(), "doru");
    let text = one.marks_text();
    assert_eq!(crate::delivery::Item::marks_from_text(&text), one.marks);
    assert_eq!(
        crate::delivery::Item::marks_from_text("z"),
        vec![Mark::Open]
    );
}

proptest! {
    #[test]
    fn objects_are_cut_apart_where_json_ends(values in proptest::collection::vec(".*", 0..6)) {
        let objects: Vec<String> =
            values.iter().map(|text| serde_json::json!({"a": text, "b": [{"c": text}]}).to_string()).collect();
        let joined = objects.join(",");
        prop_assert_eq!(split_objects(&joined).collect::<Vec<_>>(), objects);
    }

    #[test]
    fn every_object_of_the_body_knows_its_delivery(
        shapes in proptest::collection::vec((any::<bool>(), 0_u16..4, 0_u16..3, any::<u8>()), 1..60),
        mode in prop_oneof![Just(BatchMode::Combined75), Just(BatchMode::PerArray75), Just(BatchMode::Combined50)],
    ) {
        let mut items: Vec<_> = (1..).zip(&shapes).map(|(seq, (a, e, p, _))| item(seq, 1, *a, *e, *p)).collect();
        for (item, (.., delivered)) in items.iter_mut().zip(&shapes).filter(|(_, shape)| shape.3 < 64) {
            item.set_mark(usize::from(*delivered) % 6, Mark::Delivered);
        }
        let packed = pack(&items, &Limits { batch: mode, ..Limits::default() });
        let sent = read_body(&packed.body);
        prop_assert_eq!(sent.len(), packed.objects());
        for (array, index, seq, ordinal) in &sent {
            let array = match array.as_str() {
                "attributes" => Array::Attributes, "events" => Array::Events, _ => Array::Purchases,
            };
            let slot = packed.slot(array, *index).expect("a slot");
            prop_assert_eq!((items[slot.item as usize].seq, slot.ordinal as usize), (*seq, *ordinal));
        }
        let expected: usize = items[..packed.items].iter().map(crate::delivery::Item::open_objects).sum();
        prop_assert_eq!(sent.len(), expected);
        prop_assert!(packed.slot(Array::Events, 9_999).is_none());
    }
}
