use super::*;

fn of(call: Call<'_>, status: u16, body: &str) -> Answer {
    classify_call(call, status, [], body.as_bytes(), 0).0
}

fn taken() -> Answer {
    Answer::Accepted {
        item_errors: Vec::new(),
        unassigned: Vec::new(),
    }
}

#[test]
fn each_endpoint_has_a_success_of_its_own() {
    let campaign = Call::TransactionalSend { campaign: "c-1" };
    for (call, status, body) in [
        (
            Call::Identify,
            201,
            r#"{"aliases_processed":1,"message":"success"}"#,
        ),
        (
            Call::AliasNew,
            201,
            r#"{"aliases_processed":1,"message":"success"}"#,
        ),
        (Call::Merge, 202, r#"{"message":"success"}"#),
        (Call::Delete, 200, r#"{"deleted":1}"#),
        (Call::Delete, 201, r#"{"deleted":0,"message":"success"}"#),
        (Call::SubscriptionSet, 201, r#"{"message":"success"}"#),
        (
            campaign,
            201,
            r#"{"dispatch_id":"0d7e","status":"sent","metadata":{}}"#,
        ),
        (
            Call::CampaignTrigger,
            201,
            r#"{"dispatch_id":"0d7e","message":"success"}"#,
        ),
    ] {
        assert_eq!(of(call, status, body), taken(), "{body}");
    }
    for (call, body) in [
        (Call::Identify, r#"{"aliases_processed":1}"#),
        (Call::CampaignTrigger, r#"{"dispatch_id":"0d7e"}"#),
        (campaign, r#"{"status":"sent"}"#),
        (Call::Delete, "<html>"),
        (Call::Delete, ""),
    ] {
        assert!(of(call, 200, body).may_have_been_taken(), "{body}");
    }
}

#[test]
fn a_complaint_beside_a_success_is_a_refusal_of_the_call() {
    for (call, body, part) in [
        (
            Call::Identify,
            r#"{"aliases_processed":0,"message":"success","errors":[{"type":"'external_id' is required","input_array":"user_identifiers","index":0}]}"#,
            "'external_id' is required",
        ),
        (
            Call::CampaignTrigger,
            r#"{"dispatch_id":"1","message":"success","notice":"The Canvas is paused."}"#,
            "paused",
        ),
        (
            Call::Merge,
            r#"{"message":"success","errors":["no such user"]}"#,
            "no such user",
        ),
    ] {
        let Answer::Refused { message, .. } = of(call, 201, body) else {
            panic!("{body} passed as a success");
        };
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_speaks_about_one_endpoint_is_not_taken_for_a_wrong_key() {
    let denied = r#"{"message":"You do not have permission to access this resource"}"#;
    assert!(matches!(
        of(Call::Delete, 403, denied),
        Answer::NotPermitted { status: 403, .. }
    ));
    assert!(matches!(
        of(Call::Delete, 404, r#"{"message":"Not Found"}"#),
        Answer::Refused { status: 404, .. }
    ));
    for (status, body) in [
        (401, r#"{"message":"Error authenticating credentials"}"#),
        (403, r#"{"message":"Invalid whitelisted IPs"}"#),
        (301, ""),
    ] {
        assert!(
            matches!(of(Call::Delete, status, body), Answer::KeyRefused { .. }),
            "{status}"
        );
    }
    assert!(matches!(
        of(Call::Merge, 429, ""),
        Answer::RateLimited { .. }
    ));
    assert!(matches!(
        of(Call::Merge, 503, ""),
        Answer::Unavailable { .. }
    ));
    assert!(matches!(of(Call::Merge, 413, ""), Answer::TooLarge));
}

#[test]
fn a_send_id_that_was_used_a_moment_ago_means_that_the_mail_is_on_its_way() {
    let call = Call::TransactionalSend { campaign: "c-1" };
    let queued =
        r#"{"message":"The external reference has been queued.  Please retry to obtain send_id."}"#;
    assert_eq!(of(call, 400, queued), taken());
    let paused = r#"{"message":"The campaign is paused. Resume the campaign in order for trigger requests to take effect."}"#;
    assert!(matches!(of(call, 400, paused), Answer::Refused { .. }));
}

#[test]
fn a_campaign_that_is_no_identifier_has_no_path() {
    assert_eq!(
        Call::TransactionalSend {
            campaign: "417220e4-5a2a"
        }
        .path()
        .as_deref(),
        Some("/transactional/v1/campaigns/417220e4-5a2a/send")
    );
    for campaign in ["", "a/b", "../users/delete?", "ä"] {
        assert_eq!(
            Call::TransactionalSend { campaign }.path(),
            None,
            "{campaign}"
        );
    }
}

#[test]
fn bodies_are_written_as_the_contract_shows_them() {
    let alias = UserAlias {
        alias_name: "visitor-1".to_owned(),
        alias_label: "web_visitor".to_owned(),
    };
    let json = |value: &dyn erased::Json| value.json();
    assert_eq!(
        json(&Identify {
            aliases_to_identify: vec![AliasToIdentify {
                external_id: "cust-1".to_owned(),
                user_alias: alias.clone(),
            }],
            ..Identify::default()
        }),
        r#"{"aliases_to_identify":[{"external_id":"cust-1","user_alias":{"alias_name":"visitor-1","alias_label":"web_visitor"}}]}"#
    );
    assert_eq!(
        json(&Delete::UserAliases(vec![alias])),
        r#"{"user_aliases":[{"alias_name":"visitor-1","alias_label":"web_visitor"}]}"#
    );
    assert_eq!(
        json(&Delete::EmailAddresses(vec![EmailToDelete {
            email: "leo@example.org".to_owned(),
            prioritization: vec![Priority::Unidentified, Priority::MostRecentlyUpdated],
        }])),
        r#"{"email_addresses":[{"email":"leo@example.org","prioritization":["unidentified","most_recently_updated"]}]}"#
    );
    assert_eq!(
        json(&Merge {
            identifier_to_merge: Profile::ExternalId {
                external_id: "a".to_owned()
            },
            identifier_to_keep: Profile::Email {
                email: "leo@example.org".to_owned(),
                prioritization: vec![Priority::Identified],
            },
        }),
        r#"{"identifier_to_merge":{"external_id":"a"},"identifier_to_keep":{"email":"leo@example.org","prioritization":["identified"]}}"#
    );
}

/// So that bodies of different types fit one helper.
mod erased {
    pub(super) trait Json {
        fn json(&self) -> String;
    }
    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}
