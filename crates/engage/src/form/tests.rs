use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fields::InputSpec;

const TODAY: Date = date(2026, 11, 23);

fn hub() -> HubDoc {
    HubDoc::from_value(json!({
        "format": "komo-hub-1",
        "hub": { "slug": "demo", "name": "Nonna Sole", "locales": ["en", "de"] },
        "terms": [{ "key": "rules", "version": "7", "title": "Rules", "text": { "en": "Be kind.", "de": "Sei nett." } }],
        "cards": [{ "key": "welcome", "kind": "form-only", "title": "Welcome", "form": { "fields": [
            { "key": "email", "type": "email", "label": "E-mail", "required": true },
            { "key": "first_name", "type": "short_text", "label": "First name" },
            { "key": "age", "type": "number", "label": "Age", "integer": true },
            { "key": "staff_note", "type": "hidden" },
            { "key": "newsletter", "type": "consent", "version": "2026-03", "subscription": "newsletter",
              "label": { "en": "Send me news", "de": "Schickt mir Neues" } },
            { "key": "terms", "type": "terms", "terms": "rules", "label": "I agree" }
        ] } }]
    }))
    .unwrap()
}

fn welcome() -> Form {
    let hub = hub();
    Form::new(hub.cards[0].form.as_ref().unwrap(), &hub)
}

fn send(body: &Json, language: &str) -> Result<Submission, Vec<FieldError>> {
    let locale = language.parse().unwrap();
    welcome().parse(
        &Input::from_json(body, &locale)?,
        &Told::new(),
        &locale,
        TODAY,
    )
}

fn post(pairs: &[(&str, &str)]) -> Result<Submission, Vec<FieldError>> {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    welcome().parse(
        &Input::from_pairs(pairs, &Locale::ENGLISH)?,
        &Told::new(),
        &Locale::ENGLISH,
        TODAY,
    )
}

fn keys(result: Result<Submission, Vec<FieldError>>) -> Vec<String> {
    result
        .unwrap_err()
        .into_iter()
        .map(|error| error.field)
        .collect()
}

#[test]
fn a_json_submission_and_a_form_post_say_the_same() {
    let json = send(
        &json!({ "fields": { "email": "Ann@Example.com", "age": 30, "first_name": " Ann " },
                 "consents": { "newsletter": true, "terms": true }, "play_id": "x" }),
        "en",
    )
    .unwrap();
    let form = post(&[
        ("email", "ann@example.com "),
        ("age", "30"),
        ("first_name", "Ann"),
        ("staff_note", ""),
        ("newsletter", "on"),
        ("terms", "yes"),
    ])
    .unwrap();
    assert_eq!(json, form);
    assert_eq!(
        json.fields["email"],
        Value::Text("ann@example.com".to_owned())
    );
    assert_eq!(json.fields["age"], Value::Integer(30));
    assert!(
        !json.fields.contains_key("staff_note"),
        "what was left empty is absent"
    );
}

#[test]
fn a_consent_records_the_exact_text_in_the_language_it_was_read_in() {
    let submission = send(
        &json!({ "fields": { "email": "a@example.com", "terms": true }, "consents": { "newsletter": true } }),
        "de",
    )
    .unwrap();
    let [newsletter, terms] = &submission.consents[..] else {
        panic!("two records")
    };
    assert!(newsletter.given);
    assert_eq!(newsletter.text, "Schickt mir Neues");
    assert_eq!(newsletter.version, "2026-03");
    assert_eq!(newsletter.locale.as_str(), "de");
    assert_eq!(newsletter.subscription.as_deref(), Some("newsletter"));
    assert_eq!(
        newsletter.text_hash[..],
        Sha256::digest("Schickt mir Neues")[..]
    );
    assert_eq!(terms.text, "I agree\n\nRules\n\nSei nett.");
    assert_eq!(terms.version, "7");
}

#[test]
fn a_box_left_alone_is_recorded_as_a_no() {
    let submission = post(&[("email", "a@example.com"), ("terms", "1")]).unwrap();
    assert!(!submission.consents[0].given);
    let submission = send(
        &json!({ "fields": { "email": "a@example.com" }, "consents": { "newsletter": false, "terms": true } }),
        "en",
    )
    .unwrap();
    assert!(!submission.consents[0].given);
}

#[test]
fn all_errors_come_at_once_in_the_order_of_the_form() {
    let errors = send(
        &json!({ "fields": { "zebra": 1, "age": "x", "email": "ann", "first_name": "A\u{0}" }, "consents": { "terms": false } }),
        "de",
    )
    .unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["email", "first_name", "age", "terms", "zebra"]);
    assert!(errors[0].message.contains("name@example.com"));
    assert!(errors[1].message.contains("Steuerzeichen"));
    assert!(errors[4].message.contains("zebra"));
}

#[test]
fn a_field_that_was_posted_twice_is_named() {
    assert_eq!(
        keys(post(&[
            ("email", "a@example.com"),
            ("email", "b@example.com"),
            ("terms", "on")
        ])),
        ["email"]
    );
}

#[test]
fn a_consent_that_says_yes_and_no_is_not_taken_as_a_yes() {
    let body = json!({ "fields": { "email": "a@example.com", "newsletter": false },
                       "consents": { "newsletter": true, "terms": true } });
    assert_eq!(keys(send(&body, "en")), ["newsletter"]);
}

#[test]
fn only_permissions_may_stand_among_the_consents() {
    let body = json!({ "fields": { "email": "a@example.com" }, "consents": { "terms": true, "first_name": true } });
    assert_eq!(keys(send(&body, "en")), ["first_name"]);
    let body = json!({ "fields": { "email": "a@example.com" }, "consents": { "terms": "yes" } });
    assert_eq!(keys(send(&body, "en")), ["terms"]);
}

#[test]
fn a_body_of_another_shape_is_refused_with_the_shape_to_send() {
    for body in [
        json!([]),
        json!("x"),
        json!({ "fields": [] }),
        json!({ "consents": 3 }),
    ] {
        let errors = send(&body, "en").unwrap_err();
        assert!(errors[0].message.contains("object"), "{body}");
    }
    assert_eq!(
        keys(send(
            &json!({ "fields": { "email": { "a": 1 }, "terms": true } }),
            "en"
        )),
        ["email"]
    );
}

#[test]
fn inputs_come_in_form_order_with_unique_ids() {
    let form = welcome();
    let locale = "de".parse().unwrap();
    let asked = Asked {
        locale: &locale,
        today: TODAY,
    };
    let inputs: Vec<_> = form
        .fields()
        .iter()
        .map(|field| field.input(&asked, &Locale::ENGLISH))
        .collect();
    let ids: Vec<_> = inputs.iter().map(InputSpec::id).collect();
    assert_eq!(ids[..2], ["field-email", "field-first_name"]);
    assert_eq!(inputs[4].label, "Schickt mir Neues");
    assert!(inputs[5].required && inputs[5].terms.as_deref() == Some("rules"));
}

/// A form that asks six things about the person, one other, and a consent.
fn growing(known: Known, ask_at_most: Option<u8>) -> Form {
    let mut form: CardForm = serde_json::from_value(json!({ "fields": [
        { "key": "email", "type": "email", "label": "E-mail", "required": true },
        { "key": "first_name", "type": "short_text", "label": "First name", "required": true },
        { "key": "last_name", "type": "short_text", "label": "Last name" },
        { "key": "country", "type": "country", "label": "Country", "required": true },
        { "key": "birthday", "type": "birthday", "label": "Birthday", "required": true },
        { "key": "age", "type": "number", "label": "How old is your dog?", "required": true },
        { "key": "newsletter", "type": "consent", "version": "1", "label": "Send me news" }
    ] }))
    .unwrap();
    (form.known, form.ask_at_most) = (known, ask_at_most);
    Form::new(&form, &hub())
}

fn asks(form: &Form, told: &Json) -> Vec<String> {
    let asked = Asked {
        locale: &Locale::ENGLISH,
        today: TODAY,
    };
    form.doc()
        .places(told.as_object().unwrap(), &asked)
        .filter(|(_, place)| *place == Place::Asked)
        .map(|(field, _)| field.key.clone())
        .collect()
}

#[test]
fn who_has_answered_before_is_asked_only_what_is_open() {
    let told = json!({ "email": "ann@example.com", "first_name": "Ann", "country": "IT" });
    let all = [
        "email",
        "first_name",
        "last_name",
        "country",
        "birthday",
        "age",
        "newsletter",
    ];
    assert_eq!(asks(&growing(Known::Ask, None), &told), all);
    assert_eq!(asks(&growing(Known::Prefill, None), &told), all);
    let skipping = growing(Known::Skip, None);
    assert_eq!(asks(&skipping, &json!({})), all);
    assert_eq!(
        asks(&skipping, &told),
        ["last_name", "birthday", "age", "newsletter"]
    );
    assert_eq!(
        asks(&growing(Known::Skip, Some(1)), &told),
        ["last_name", "age", "newsletter"]
    );
    // Who this is is asked whatever else there is to ask.
    assert_eq!(
        asks(
            &growing(Known::Skip, Some(1)),
            &json!({ "first_name": "Ann" })
        ),
        ["email", "age", "newsletter"]
    );
}

#[test]
fn what_is_known_counts_as_answered_and_what_is_asked_later_is_not_missed() {
    let told = json!({ "email": "ann@example.com", "first_name": "Ann" });
    let send = |form: &Form, fields: Json| {
        let input = Input::from_json(&json!({ "fields": fields }), &Locale::ENGLISH).unwrap();
        form.parse(&input, told.as_object().unwrap(), &Locale::ENGLISH, TODAY)
    };
    let one = growing(Known::Skip, Some(1));
    let entry = send(&one, json!({ "last_name": "Rossi", "age": 3 })).unwrap();
    assert_eq!(entry.fields["email"], Value::Text("ann@example.com".into()));
    assert_eq!(entry.fields["last_name"], Value::Text("Rossi".into()));
    assert!(!entry.fields.contains_key("birthday"));
    let all = growing(Known::Skip, None);
    assert_eq!(
        keys(send(&all, json!({ "age": 3 }))),
        ["country", "birthday"]
    );
    // A page from before may still ask for what is known now: what it sends counts.
    let changed = json!({ "first_name": "Anna", "last_name": "R", "age": 3 });
    let entry = send(&one, changed).unwrap();
    assert_eq!(entry.fields["first_name"], Value::Text("Anna".into()));
    // Where everything is asked, nothing that was told before stands in.
    let asking = growing(Known::Prefill, None);
    assert!(keys(send(&asking, json!({ "age": 3 }))).contains(&"email".to_owned()));
}

#[test]
fn a_known_answer_that_the_field_would_not_take_is_asked_again() {
    let told = json!({ "email": "ann@example.com", "country": "Atlantis", "birthday": 7 });
    assert_eq!(
        asks(&growing(Known::Skip, None), &told),
        [
            "first_name",
            "last_name",
            "country",
            "birthday",
            "age",
            "newsletter"
        ]
    );
}

#[test]
fn known_answers_are_filled_in_where_the_form_wants_that() {
    let told = json!({ "email": "ann@example.com", "country": "IT", "newsletter": true });
    let asked = Asked {
        locale: &Locale::ENGLISH,
        today: TODAY,
    };
    let filled = |known| {
        let form = growing(known, None);
        form.doc().prefilled(told.as_object().unwrap(), &asked)
    };
    let expected = [("email", "ann@example.com"), ("country", "IT")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(filled(Known::Prefill), expected);
    assert_eq!(filled(Known::Ask), []);
}

proptest! {
    #[test]
    fn whatever_is_sent_the_form_answers(
        keys in prop::collection::btree_map(".{0,12}|email|age|terms|newsletter", ".{0,30}", 0..8),
        junk in "\\PC{0,40}",
    ) {
        let _ = post(&keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>());
        let body: Json = serde_json::from_str(&junk).unwrap_or_else(|_| json!({ "fields": keys }));
        let _ = send(&body, "de");
    }
}
