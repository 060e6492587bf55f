use std::time::Duration;

use super::*;

const NOW: i64 = 1_800_000_000_000;

fn answer(status: u16, body: &str) -> Answer {
    classify(status, [], body.as_bytes(), NOW).0
}

fn accepted(item_errors: &[(&str, Array, usize)], unassigned: &[&str]) -> Answer {
    Answer::Accepted {
        item_errors: items(item_errors),
        unassigned: unassigned.iter().map(|&text| text.to_owned()).collect(),
    }
}

fn items(errors: &[(&str, Array, usize)]) -> Vec<ItemError> {
    errors
        .iter()
        .map(|&(kind, array, index)| ItemError {
            kind: kind.to_owned(),
            array,
            index,
        })
        .collect()
}

fn unknown(why: UnknownWhy) -> Answer {
    Answer::Unknown { why }
}

#[test]
fn success_is_a_2xx_that_says_success() {
    for (status, body, expected) in [
        (
            201,
            r#"{"message":"success","attributes_processed":2,"events_processed":1}"#,
            accepted(&[], &[]),
        ),
        (200, r#"{"message":"success"}"#, accepted(&[], &[])),
        (
            202,
            "\u{FEFF}{\"message\":\"success\",\"errors\":null}",
            accepted(&[], &[]),
        ),
        (
            201,
            r#"{"message":"success","errors":[]}"#,
            accepted(&[], &[]),
        ),
        (
            201,
            r#"{"message":"queued","message":"success"}"#,
            accepted(&[], &[]),
        ),
        // 84: another message; 85: no body
        (
            201,
            r#"{"message":"Success"}"#,
            unknown(UnknownWhy::NotBraze),
        ),
        (
            201,
            r#"{"message":"maintenance"}"#,
            unknown(UnknownWhy::NotBraze),
        ),
        (201, r#"{"message":7}"#, unknown(UnknownWhy::NotBraze)),
        (
            201,
            r#"{"attributes_processed":1}"#,
            unknown(UnknownWhy::NotBraze),
        ),
        (201, r#"["success"]"#, unknown(UnknownWhy::NotBraze)),
        (
            200,
            "<html>Sign in to the hotel network</html>",
            unknown(UnknownWhy::NotBraze),
        ),
        (
            200,
            r#"{"message":"success""#,
            unknown(UnknownWhy::NotBraze),
        ),
        (201, "", unknown(UnknownWhy::Empty)),
        (204, " \r\n", unknown(UnknownWhy::Empty)),
    ] {
        assert_eq!(answer(status, body), expected, "{status} {body}");
    }
}

#[test]
fn item_errors_beside_success_keep_array_and_index() {
    // Contract 5.11 C
    let body = r#"{"message":"success","events_processed":1,"errors":[
        {"type":"'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required","input_array":"events","index":1},
        {"type":"'quantity' is not valid","input_array":"purchases","index":0}]}"#;
    let expected = [
        (
            "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
            Array::Events,
            1,
        ),
        ("'quantity' is not valid", Array::Purchases, 0),
    ];
    assert_eq!(answer(201, body), accepted(&expected, &[]));
}

#[test]
fn errors_of_any_shape_are_kept() {
    for (errors, item_errors, unassigned) in [
        // 86 and 87
        (r#"["something"]"#, vec![], vec!["something"]),
        (
            r#"[{"type":"EMAIL_BAD_FORMAT","input_array":"attributes"}]"#,
            vec![],
            vec!["EMAIL_BAD_FORMAT"],
        ),
        (
            r#"[{"type":"X","input_array":"sessions","index":0}]"#,
            vec![],
            vec!["X"],
        ),
        (
            r#"[{"type":"X","input_array":"events","index":-1}]"#,
            vec![],
            vec!["X"],
        ),
        (
            r#"[{"type":"X","input_array":"events","index":1.5}]"#,
            vec![],
            vec!["X"],
        ),
        (
            r#"[{"type":"X","input_array":"events","index":"3"}]"#,
            vec![("X", Array::Events, 3)],
            vec![],
        ),
        (
            r#"[{"input_array":"events","index":3}]"#,
            vec![(r#"{"input_array":"events","index":3}"#, Array::Events, 3)],
            vec![],
        ),
        (
            r#"[{"type":"A","input_array":"events","index":3},{"type":"B","input_array":"events","index":3}]"#,
            vec![("A", Array::Events, 3), ("B", Array::Events, 3)],
            vec![],
        ),
        (r#""one text""#, vec![], vec!["one text"]),
        (
            r#"{"type":"X","input_array":"purchases","index":0}"#,
            vec![("X", Array::Purchases, 0)],
            vec![],
        ),
        (r"[null,7]", vec![], vec!["null", "7"]),
        (
            r#"[{"type":"bad\u0000type","input_array":"events","index":0}]"#,
            vec![("bad\u{FFFD}type", Array::Events, 0)],
            vec![],
        ),
    ] {
        let body = format!(r#"{{"message":"success","errors":{errors}}}"#);
        assert_eq!(
            answer(201, &body),
            accepted(&item_errors, &unassigned),
            "{errors}"
        );
    }
}

#[test]
fn a_flood_of_errors_stays_bounded() {
    let body = format!(
        r#"{{"message":"success","errors":[{}"x"]}}"#,
        r#""x","#.repeat(100_000)
    );
    let Answer::Accepted { unassigned, .. } = answer(201, &body) else {
        panic!("accepted")
    };
    assert_eq!(unassigned.len(), MAX_UNASSIGNED);
    let body = format!(r#"{{"message":"{}"}}"#, "x".repeat(100_000));
    let Answer::Refused { message, .. } = answer(400, &body) else {
        panic!("refused")
    };
    assert_eq!(message.len(), MAX_SENTENCE_BYTES);
    // Deep nesting ends in "not Braze", not in a stack overflow.
    assert_eq!(
        answer(201, &"[".repeat(500_000)),
        unknown(UnknownWhy::NotBraze)
    );
}

#[test]
fn too_much_in_one_request_asks_for_a_split() {
    for (status, body) in [
        (413, ""),
        (413, r#"{"message":"Request Entity Too Large"}"#),
        (400, r#"{"message":"Max Input Length Exceeded"}"#),
        (
            400,
            r#"{"message":"The max number of external_ids and aliases per request was exceeded"}"#,
        ),
        (
            400,
            r#"{"message":"The max number of ids per request was exceeded"}"#,
        ),
        (400, r#"{"message":"Request Entity Too Large"}"#),
    ] {
        assert_eq!(answer(status, body), Answer::TooLarge, "{status} {body}");
    }
}

#[test]
fn refused_data_keeps_the_sentence_and_the_items() {
    let valid = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";
    let email = "The value provided for the 'email' field is not a valid email.";
    for (status, body, message, item_errors) in [
        (
            400,
            format!(r#"{{"message":"{valid}"}}"#),
            valid.to_owned(),
            vec![],
        ),
        (
            400,
            format!(
                r#"{{"message":"{valid}","errors":[{{"type":"{email}","input_array":"attributes","index":0}}]}}"#
            ),
            valid.to_owned(),
            vec![(email, Array::Attributes, 0)],
        ),
        (
            400,
            r#"{"error":"\nProblem:\n  message body "}"#.to_owned(),
            "Problem:\n  message body".to_owned(),
            vec![],
        ),
        (
            400,
            r#"{"message":"Bad","errors":["first","second"]}"#.to_owned(),
            "Bad; first; second".to_owned(),
            vec![],
        ),
        (
            415,
            r#"{"message":"Unsupported Media Type"}"#.to_owned(),
            "Unsupported Media Type".to_owned(),
            vec![],
        ),
        (
            400,
            "<h1>Bad Request</h1>".to_owned(),
            "<h1>Bad Request</h1>".to_owned(),
            vec![],
        ),
        (422, String::new(), String::new(), vec![]),
    ] {
        assert_eq!(
            answer(status, &body),
            Answer::Refused {
                status,
                message,
                item_errors: items(&item_errors)
            },
            "{status} {body}"
        );
    }
}

#[test]
fn key_and_address_trouble_pauses_the_connection() {
    for status in [301, 302, 307, 308, 401, 402, 403, 404, 405, 407] {
        let body = r#"{"message":"Error authenticating credentials"}"#;
        let expected = Answer::KeyRefused {
            status,
            message: "Error authenticating credentials".to_owned(),
        };
        assert_eq!(answer(status, body), expected);
    }
}

#[test]
fn trouble_at_braze_is_an_unknown_outcome() {
    for status in [408, 500, 502, 503, 504, 520, 599] {
        assert_eq!(
            answer(status, r#"{"message":"Internal Server Error"}"#),
            Answer::Unavailable { status }
        );
    }
    for status in [0, 100, 600, 999] {
        assert_eq!(answer(status, ""), unknown(UnknownWhy::NotHttp));
    }
}

#[test]
fn a_429_waits_as_told_in_either_dialect() {
    let limited = |seconds: Option<u64>| Answer::RateLimited {
        wait: seconds.map(Duration::from_secs),
    };
    // Dialect B: only the wait is told.
    let (answer, budget) = classify(429, [("x-ratelimit-retry-after", "17")], b"", NOW);
    assert_eq!((answer, budget), (limited(Some(17)), None));
    // Dialect A: the three headers are there, the reset is an epoch.
    let headers = [
        ("X-RATELIMIT-LIMIT", "250000"),
        ("X-RateLimit-Remaining", "0"),
        ("x-ratelimit-reset", "1800000007"),
    ];
    let (answer, budget) = classify(429, headers, b"{}", NOW);
    assert_eq!(answer, limited(Some(7)));
    assert_eq!(
        budget,
        Some(Budget {
            limit: 250_000,
            remaining: 0,
            resets_in: Duration::from_secs(7)
        })
    );
    assert_eq!(classify(429, [], b"", NOW), (limited(None), None));
}

#[test]
fn success_carries_the_budget() {
    let headers = [
        ("x-ratelimit-limit", "100"),
        ("x-ratelimit-remaining", "41"),
        ("x-ratelimit-reset", "30"),
    ];
    let (answer, budget) = classify(201, headers, br#"{"message":"success"}"#, NOW);
    assert_eq!(answer, accepted(&[], &[]));
    assert_eq!(
        budget,
        Some(Budget {
            limit: 100,
            remaining: 41,
            resets_in: Duration::from_secs(30)
        })
    );
}
