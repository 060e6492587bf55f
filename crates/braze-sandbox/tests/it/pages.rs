//! The sandbox's own routes: what a person or a test reads, and who may change something.

use serde_json::json;

use crate::client::{bench, bench_with};

#[tokio::test]
async fn a_profile_is_found_by_search_and_told_in_full() {
    let bench = bench().await;
    let alias = json!({"alias_name": "ines@example.org", "alias_label": "komo_email"});
    bench
        .track(json!({
            "attributes": [{"user_alias": alias, "_update_existing_only": false, "email": "ines@example.org", "first_name": "Ines", "flavour": "lemon"}],
            "events": [{"user_alias": alias, "name": "komo_entry", "time": "2026-05-04T08:00:00Z", "properties": {"card": "welcome"}}],
        }))
        .await;
    bench
        .attributes(json!({"external_id": "other", "tag": 1}))
        .await;
    let found = bench.get("/sandbox/profiles?q=INES").await.json();
    assert_eq!(
        (
            found["total"].clone(),
            found["profiles"].as_array().unwrap().len()
        ),
        (json!(2), 1)
    );
    let profile = &found["profiles"][0];
    assert_eq!(profile["external_id"], json!(null));
    assert_eq!(
        profile["user_aliases"],
        json!([{"alias_name": "ines@example.org", "alias_label": "komo_email"}])
    );
    assert_eq!(profile["custom_attributes"], json!({"flavour": "lemon"}));
    assert_eq!(profile["email_subscribe"], "subscribed");
    assert_eq!(
        profile["custom_events"][0],
        json!({"name": "komo_entry", "first": "2026-05-04T08:00:00.000Z", "last": "2026-05-04T08:00:00.000Z", "count": 1})
    );
    assert_eq!(
        profile["events"][0]["properties"],
        json!({"card": "welcome"})
    );
    let by_alias = bench
        .get("/sandbox/profiles?alias_label=komo_email&alias_name=ines@example.org")
        .await
        .json();
    assert_eq!(by_alias["profiles"][0]["email"], "ines@example.org");
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let bench = bench().await;
    for n in 0..5 {
        bench
            .attributes(json!({"external_id": format!("p{n}"), "n": n}))
            .await;
    }
    let mut seen = Vec::new();
    let mut path = "/sandbox/profiles?limit=2".to_owned();
    loop {
        let page = bench.get(&path).await.json();
        seen.extend(
            page["profiles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["external_id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_u64() else {
            break;
        };
        path = format!("/sandbox/profiles?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["p4", "p3", "p2", "p1", "p0"]);
    let requests = bench.get("/sandbox/requests?limit=3").await.json();
    assert_eq!(requests["next_cursor"], 3);
}

#[tokio::test]
async fn events_come_in_pages_and_none_is_left_out() {
    let bench = bench().await;
    for n in 0..5 {
        let time = "2026-05-04T08:00:00Z";
        let event = json!({"external_id": "p", "name": format!("e{n}"), "time": time});
        bench.track(json!({"events": [event]})).await;
    }
    let mut seen = Vec::new();
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        let path = format!("/sandbox/events?limit=2&cursor={from}");
        let page = bench.get(&path).await.json();
        let events = page["events"].as_array().unwrap().iter();
        seen.extend(events.map(|it| it["name"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_u64();
    }
    assert_eq!(seen, ["e4", "e3", "e2", "e1", "e0"]);
    let page = bench.get("/sandbox/events?format=html&limit=2").await;
    assert!(page.text.contains("Older events"));
}

#[tokio::test]
async fn mails_are_found_by_who_got_them_and_by_what_they_say() {
    let bench = bench_with(|settings| {
        settings.campaigns = serde_json::from_value(json!([
            {"id": "thanks", "name": "You are one of us"}, {"id": "winners"}
        ]))
        .unwrap();
    })
    .await;
    for (who, campaign, prize) in [
        ("ann", "thanks", "A free scoop"),
        ("bea", "winners", "A tasting"),
    ] {
        let address = format!("{who}@example.org");
        bench
            .attributes(json!({"external_id": who, "email": address, "first_name": who}))
            .await;
        let send = json!({
            "external_send_id": who, "trigger_properties": {"prize": prize},
            "recipient": {"external_user_id": who},
        });
        let path = format!("/transactional/v1/campaigns/{campaign}/send");
        assert_eq!(bench.post(&path, send).await.status, 201);
    }
    let asked = [
        ("ANN@example", "thanks"),
        ("tasting", "winners"),
        ("thanks", "thanks"),
        ("one%20of%20us", "thanks"),
    ];
    for (q, campaign) in asked {
        let found = bench.get(&format!("/sandbox/mails?q={q}")).await.json();
        let list = found["mails"].as_array().unwrap();
        assert_eq!(list.len(), 1, "{q}: {found}");
        assert_eq!(list[0]["source"], campaign, "{q}");
        assert_eq!(found["total"], 2);
    }
    let page = bench.get("/sandbox/mails?format=html&q=scoop").await.text;
    assert!(page.contains("You are one of us") && !page.contains("A tasting"));
    let page = bench.get("/sandbox/mails?format=html&q=nothing").await.text;
    assert!(page.contains("No match for") && page.contains("Show all mails"));
}

#[tokio::test]
async fn the_bare_address_leads_a_browser_to_the_pages_and_nobody_else() {
    let bench = bench().await;
    let browser = [("Accept", "text/html,application/xhtml+xml")];
    let reply = bench.send("GET", "/", &browser, b"").await.unwrap();
    let location = reply.header("location");
    assert_eq!((reply.status, location.as_deref()), (303, Some("/sandbox")));
    assert_eq!(bench.get("/").await.status, 404);
    let posted = bench.send("POST", "/", &browser, b"{}").await.unwrap();
    assert_eq!(posted.status, 404);
}

#[tokio::test]
async fn a_request_is_recorded_with_its_answer_and_without_its_key() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    let reply = bench.get("/sandbox/requests").await;
    assert!(!reply.text.contains("demo-braze-key"));
    let record = reply.json()["requests"][0].clone();
    assert_eq!(
        record["body"],
        json!({"attributes": [{"external_id": "cust", "tag": 1}]})
    );
    assert_eq!(
        record["answer"],
        json!({"message": "success", "attributes_processed": 1})
    );
    assert_eq!(
        (record["status"].clone(), record["key"].clone()),
        (json!(201), json!("demo key"))
    );
    assert_eq!(record["arrived_at"], crate::client::NINE);
    assert!(
        !bench
            .get("/sandbox/settings")
            .await
            .text
            .contains("demo-braze-key")
    );
}

#[tokio::test]
async fn kept_bodies_stay_within_their_budget() {
    let bench = bench_with(|settings| {
        settings.keep_bytes = 10_000;
        settings.keep_requests = 50;
    })
    .await;
    for n in 0..80 {
        bench
            .attributes(json!({"external_id": "cust", "n": n, "fill": "x".repeat(200)}))
            .await;
    }
    let kept = bench.sandbox.requests();
    let bytes: usize = kept
        .iter()
        .map(|one| {
            one.body.as_ref().map_or(0, bytes::Bytes::len)
                + one.answer.as_ref().map_or(0, bytes::Bytes::len)
        })
        .sum();
    assert_eq!(kept.len(), 50);
    assert!(bytes <= 10_000 && bytes > 5000, "{bytes}");
    assert!(kept[49].body.is_some() && kept[0].body.is_none());
    assert_eq!(bench.sandbox.totals().attributes, 80);
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    for headers in [
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Origin", "https://evil.example")],
    ] {
        for (method, path) in [
            ("DELETE", "/sandbox/state"),
            ("POST", "/sandbox/state/clear"),
            ("POST", "/sandbox/faults"),
        ] {
            assert_eq!(
                bench
                    .send(method, path, &headers, b"{}")
                    .await
                    .unwrap()
                    .status,
                403
            );
        }
    }
    assert_eq!(bench.sandbox.profile_count(), 1);
    assert_eq!(
        bench
            .send("DELETE", "/sandbox/state", &[], b"")
            .await
            .unwrap()
            .status,
        204
    );
    assert_eq!(
        (
            bench.sandbox.profile_count(),
            bench.sandbox.requests().len()
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn settings_change_while_it_runs() {
    let bench = bench().await;
    let reply = bench
        .send(
            "PATCH",
            "/sandbox/settings",
            &[],
            br#"{"batch_mode": "combined-50"}"#,
        )
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    let people: Vec<_> = (0..51)
        .map(|n| json!({"external_id": format!("p{n}")}))
        .collect();
    assert_eq!(bench.track(json!({"attributes": people})).await.status, 400);
    let reply = bench
        .send("PATCH", "/sandbox/settings", &[], br#"{"batch_mdoe": 1}"#)
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn case_097_098_an_export_tells_what_was_asked_for_and_which_ids_are_unknown() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "email": "i@example.org", "tag": 1}))
        .await;
    assert_eq!(
        bench
            .post("/users/export/ids", json!({"external_ids": ["cust"]}))
            .await
            .status,
        400
    );
    let body = json!({"external_ids": ["cust", "ghost"], "fields_to_export": ["external_id", "email", "custom_attributes", "dob"]});
    let reply = bench.post("/users/export/ids", body).await;
    assert_eq!(
        reply.json(),
        json!({"message": "success", "users": [{"external_id": "cust", "email": "i@example.org", "custom_attributes": {"tag": 1}}], "invalid_user_ids": ["ghost"]})
    );
}

#[tokio::test]
async fn a_browser_gets_pages_that_escape_everything_and_run_nothing_inline() {
    let bench = bench().await;
    let evil = "<script>alert(1)</script>";
    bench
        .track(json!({
            "attributes": [{"external_id": "cust", "first_name": evil, evil: evil}],
            "events": [{"external_id": "cust", "name": evil, "time": "2026-05-04", "properties": {evil: evil}}],
        }))
        .await;
    let id = bench.profile("cust").braze_id;
    for path in [
        "/sandbox",
        "/sandbox/events",
        "/sandbox/requests",
        "/sandbox/requests/1",
        "/sandbox/faults",
        "/sandbox/mails",
        "/sandbox?q=%3Cscript%3Ealert(1)",
        &format!("/sandbox/profiles/{id}"),
    ] {
        let page = bench
            .send(
                "GET",
                path,
                &[("Accept", "text/html,application/xhtml+xml")],
                b"",
            )
            .await
            .unwrap();
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("a local stand-in, not Braze"), "{path}");
        assert!(
            !page.text.contains("<script>")
                && !page.text.contains(" style=")
                && !page.text.contains("demo-braze-key"),
            "{path}"
        );
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'")
        );
    }
    for asset in ["sandbox.css", "sandbox.js", "icon.svg"] {
        assert_eq!(
            bench.get(&format!("/sandbox/assets/{asset}")).await.status,
            200
        );
    }
    assert!(bench.get("/sandbox/profiles").await.text.starts_with('{'));
}

#[tokio::test]
async fn faults_are_ordered_and_ended_without_a_script() {
    let bench = bench().await;
    let own = ("Sec-Fetch-Site", "same-origin");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let reply = bench
        .send(
            "POST",
            "/sandbox/faults",
            &[own, form],
            b"kind=status&status=503&times=1&path=&share=",
        )
        .await
        .unwrap();
    assert_eq!((reply.status, bench.sandbox.faults().len()), (303, 1));
    for (wrong, words) in [
        (&b"kind=status&status=soon"[..], "Status takes a number"),
        (b"kind=status&share=2", "share"),
    ] {
        let headers = [own, form];
        let reply = bench.send("POST", "/sandbox/faults", &headers, wrong);
        let reply = reply.await.unwrap();
        assert_eq!((reply.status, bench.sandbox.faults().len()), (400, 1));
        let page = reply.text;
        assert!(page.contains("This fault was not ordered") && page.contains(words));
    }
    let active = |text: String| text.contains("class=\"hot\"");
    assert!(active(bench.get("/sandbox/faults?format=html").await.text));
    assert_eq!(
        bench
            .track(json!({"attributes": [{"external_id": "c", "n": 1}]}))
            .await
            .status,
        503
    );
    let page = bench.get("/sandbox/faults?format=html").await.text;
    assert!(
        page.contains("· over") && !active(page),
        "it has struck as often as ordered"
    );
    let reply = bench
        .send("POST", "/sandbox/faults/clear", &[own, form], b"id=1")
        .await
        .unwrap();
    assert_eq!((reply.status, bench.sandbox.faults().len()), (303, 0));
}

#[tokio::test]
async fn a_state_file_brings_people_back_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let first = bench_with(|settings| settings.state_file = Some(file.clone())).await;
    let alias = json!({"alias_name": "v", "alias_label": "web"});
    first.track(json!({
        "attributes": [{"user_alias": alias, "_update_existing_only": false, "email": "s@example.org", "tag": 1}],
        "events": [{"user_alias": alias, "name": "seen", "time": "2026-05-01", "properties": {"a": 1}}],
    })).await;
    first.sandbox.save().unwrap();
    let second = bench_with(|settings| settings.state_file = Some(file.clone())).await;
    let profile = second.sandbox.profile_by_alias("web", "v").unwrap();
    assert_eq!(
        (
            profile.custom_attributes["tag"].clone(),
            profile.custom_events["seen"].count
        ),
        (json!(1), 1)
    );
    assert_eq!(profile.happenings[0].object["properties"], json!({"a": 1}));
    second
        .attributes(json!({"email": "s@example.org", "tag": 2}))
        .await;
    assert_eq!(second.sandbox.profile_count(), 1);

    // What cannot be read is never written over.
    std::fs::write(&file, "{ half a f").unwrap();
    let third = bench_with(|settings| settings.state_file = Some(file.clone())).await;
    assert_eq!(third.sandbox.profile_count(), 0);
    third.sandbox.save().unwrap();
    let aside = std::fs::read_to_string(folder.path().join("state.unreadable")).unwrap();
    assert_eq!(aside, "{ half a f");
}

#[tokio::test]
async fn a_scenario_is_read_and_its_mistakes_are_named() {
    let text = "[settings]\nbatch_mode = \"per-array-75\"\n[settings.rate_limits.track]\nrequests = 5\nseconds = 60\n[[faults]]\nkind = \"delay\"\ndelay_ms = 5\n";
    let scenario = braze_sandbox::Scenario::from_toml(text).unwrap();
    assert_eq!(
        (scenario.faults.len(), scenario.settings.keys.len()),
        (1, 1)
    );
    let error = braze_sandbox::Scenario::from_toml("[settings]\nbatchmode = 1\n").unwrap_err();
    assert!(error.to_string().contains("batchmode"));
}
