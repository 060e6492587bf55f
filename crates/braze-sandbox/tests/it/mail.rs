//! Edge cases 99 to 111, and subscriptions: who may be written to, and what would have been sent.

use braze_sandbox::{Campaign, SubscriptionGroup};
use serde_json::{Value, json};

use crate::client::{Bench, NINE, bench, bench_with};

const RECEIPT: &str = "/transactional/v1/campaigns/receipt/send";

fn receipt(id: &str, number: &str) -> Value {
    json!({"external_send_id": id, "trigger_properties": {"order": number},
        "recipient": {"external_user_id": "cust", "attributes": {"email": "ines@example.org"}}})
}

#[tokio::test]
async fn case_099_100_one_send_id_sends_once_a_day() {
    let bench = bench().await;
    let first = bench.post(RECEIPT, receipt("b3JkZXI=", "1")).await;
    assert_eq!(
        (first.status, first.json()["status"].clone()),
        (201, json!("sent"))
    );
    assert_eq!(first.json()["metadata"]["external_send_id"], "b3JkZXI=");
    let queued = bench.post(RECEIPT, receipt("b3JkZXI=", "1")).await;
    assert_eq!(
        queued.json()["message"],
        "The external reference has been queued.  Please retry to obtain send_id."
    );
    bench.at(NINE + 2000);
    assert_eq!(
        bench.post(RECEIPT, receipt("b3JkZXI=", "1")).await.json(),
        first.json()
    );
    assert_eq!(bench.sandbox.mail_count(), 1);
    bench.at(NINE + 25 * 3_600_000);
    bench.post(RECEIPT, receipt("b3JkZXI=", "1")).await;
    assert_eq!(bench.sandbox.mail_count(), 2);
    assert_eq!(
        bench.post(RECEIPT, receipt("no blanks", "1")).await.status,
        400
    );
    assert_eq!(
        bench.sandbox.mails()[0]["properties"],
        json!({"order": "1"})
    );
}

#[tokio::test]
async fn case_111_what_became_of_a_mail_is_posted_in_its_order() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel::<Value>();
    let hear = move |body: axum::Json<Value>| {
        told.send(body.0).unwrap();
        std::future::ready(axum::http::StatusCode::OK)
    };
    let receiver = axum::Router::new().route("/hook", axum::routing::post(hear));
    tokio::spawn(async move { axum::serve(listener, receiver).await });
    let bench = bench_with(|settings| {
        settings.postback_url = Some(format!("http://{address}/hook"));
        settings.bouncing = vec!["full@example.org".to_owned()];
    })
    .await;
    for (id, email) in [
        ("ann", json!("ann@example.org")),
        ("bob", json!("full@example.org")),
        ("cleo", Value::Null),
    ] {
        bench
            .attributes(json!({"external_id": id, "email": email, "n": 1}))
            .await;
    }
    for (id, wanted) in [
        ("ann", &["sent", "processed", "delivered"][..]),
        ("bob", &["sent", "processed", "bounced"]),
        ("cleo", &["aborted"]),
    ] {
        let body = json!({"external_send_id": id, "recipient": {"external_user_id": id}});
        let answer = bench.post(RECEIPT, body).await.json();
        for status in wanted {
            let event = heard.recv().await.unwrap();
            assert_eq!(&event["status"], status, "{event}");
            assert_eq!(event["dispatch_id"], answer["dispatch_id"]);
            assert_eq!(event["metadata"]["external_send_id"], id);
            let at = format!("{status}_at");
            assert!(event["metadata"][at].is_string(), "{event}");
            let is_trouble = matches!(*status, "bounced" | "aborted");
            assert_eq!(event["metadata"]["reason"].is_string(), is_trouble);
        }
    }
}

fn campaign(id: &str, state: &str, transactional: bool) -> Campaign {
    Campaign {
        id: id.to_owned(),
        name: String::new(),
        state: state.to_owned(),
        transactional,
    }
}

#[tokio::test]
async fn case_101_106_paused_campaigns_refuse_and_paused_canvases_tell() {
    let bench = bench_with(|settings| {
        settings.campaigns = vec![
            campaign("receipt", "paused", true),
            campaign("other", "active", false),
        ];
        settings.canvases = vec![campaign("flow", "paused", false)];
    })
    .await;
    let reply = bench.post(RECEIPT, receipt("a", "1")).await;
    assert!(reply.status == 400 && reply.text.contains("The campaign is paused"));
    let reply = bench
        .post("/transactional/v1/campaigns/other/send", receipt("a", "1"))
        .await;
    assert!(reply.text.contains("not a transactional campaign"));
    assert_eq!(
        bench
            .post("/transactional/v1/campaigns/none/send", receipt("a", "1"))
            .await
            .json()["message"],
        "Campaign does not exist"
    );
    bench
        .attributes(json!({"external_id": "cust", "email": "ines@example.org"}))
        .await;
    let reply = bench
        .post(
            "/canvas/trigger/send",
            json!({"canvas_id": "flow", "recipients": [{"external_user_id": "cust"}]}),
        )
        .await;
    assert_eq!(reply.status, 201);
    assert!(
        reply.json()["notice"]
            .as_str()
            .unwrap()
            .starts_with("The Canvas is paused")
    );
    assert_eq!(bench.sandbox.mail_count(), 0);
}

async fn campaign_send(bench: &Bench, body: Value) -> u16 {
    let mut all = json!({"campaign_id": "c1"});
    all.as_object_mut()
        .unwrap()
        .extend(body.as_object().unwrap().clone());
    bench.post("/campaigns/trigger/send", all).await.status
}

#[tokio::test]
async fn case_102_an_unknown_person_is_made_only_with_attributes() {
    let bench = bench().await;
    let bare = json!({"recipient": {"external_user_id": "new"}});
    assert_eq!(bench.post(RECEIPT, bare).await.status, 201);
    assert_eq!(
        (bench.sandbox.profile_count(), bench.sandbox.mail_count()),
        (0, 0)
    );
    assert_eq!(
        campaign_send(
            &bench,
            json!({"recipients": [{"external_user_id": "new", "send_to_existing_only": false}]})
        )
        .await,
        400
    );
    let made = json!({"recipients": [{"external_user_id": "new", "send_to_existing_only": false, "attributes": {"email": "n@example.org"}}]});
    assert_eq!(campaign_send(&bench, made).await, 201);
    assert_eq!(
        (bench.sandbox.profile_count(), bench.sandbox.mail_count()),
        (1, 1)
    );
    let alias = json!({"alias_name": "a", "alias_label": "b"});
    let wrong = json!({"recipients": [{"user_alias": alias, "send_to_existing_only": false, "attributes": {"email": "n@example.org"}}]});
    assert_eq!(campaign_send(&bench, wrong).await, 400);
    assert_eq!(
        bench
            .post(RECEIPT, json!({"recipient": [{"external_user_id": "new"}]}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn case_103_104_105_107_limits_of_a_send() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "email": "ines@example.org"}))
        .await;
    let to = |count: usize| vec![json!({"external_user_id": "cust"}); count];
    assert_eq!(
        campaign_send(&bench, json!({"recipients": to(51)})).await,
        400
    );
    assert_eq!(
        campaign_send(&bench, json!({"recipients": to(2)})).await,
        201
    );
    assert_eq!(bench.sandbox.mail_count(), 1);
    assert_eq!(
        campaign_send(&bench, json!({"recipients": to(1), "broadcast": true})).await,
        400
    );
    assert_eq!(campaign_send(&bench, json!({})).await, 400);
    assert_eq!(campaign_send(&bench, json!({"broadcast": true})).await, 201);
    assert_eq!(bench.sandbox.mail_count(), 2);
    let large = json!({"text": "x".repeat(51_200)});
    assert_eq!(
        campaign_send(
            &bench,
            json!({"recipients": to(1), "trigger_properties": large})
        )
        .await,
        400
    );
}

#[tokio::test]
async fn case_108_109_110_designs_keep_their_names_and_their_parts() {
    let bench = bench().await;
    let create = |name: &str| json!({"name": name, "content": "<p>Hello</p>", "tags": ["brand"]});
    let block = bench
        .post("/content_blocks/create", create("brand_header"))
        .await
        .json();
    assert_eq!(block["liquid_tag"], "{{content_blocks.${brand_header}}}");
    let again = bench
        .post("/content_blocks/create", create("brand_header"))
        .await;
    assert_eq!(
        (again.status, again.json()["message"].clone()),
        (400, json!("Content Block with this name already exists"))
    );
    let renamed = json!({"content_block_id": block["content_block_id"], "name": "other"});
    assert_eq!(
        bench.post("/content_blocks/update", renamed).await.json()["message"],
        "Content Block name cannot be updated for active Content Blocks"
    );
    let template = |body: &str| json!({"template_name": "Receipt", "subject": "Thanks", "body": body, "should_inline_css": true});
    let missing = bench
        .post(
            "/templates/email/create",
            template("{{content_blocks.${nowhere}}}"),
        )
        .await;
    assert_eq!(
        missing.json()["message"],
        "Email must have valid Content Block names"
    );
    let made = bench
        .post(
            "/templates/email/create",
            template("{{content_blocks.${brand_header}}}"),
        )
        .await;
    assert_eq!(made.status, 201);
    let id = made.json()["email_template_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let info = bench
        .get(&format!("/templates/email/info?email_template_id={id}"))
        .await
        .json();
    assert_eq!(
        (info["subject"].clone(), info["should_inline_css"].clone()),
        (json!("Thanks"), json!(true))
    );
    let list = bench.get("/content_blocks/list").await.json();
    assert_eq!(
        (
            list["count"].clone(),
            list["content_blocks"][0]["inclusion_count"].clone()
        ),
        (json!(1), json!(1))
    );
    assert_eq!(
        bench.get("/templates/email/list?limit=10").await.json()["templates"][0]["template_name"],
        "Receipt"
    );
}

const GROUP: &str = "6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11";

#[tokio::test]
async fn subscription_groups_are_set_and_told() {
    let bench = bench_with(|settings| {
        let group = SubscriptionGroup {
            id: GROUP.to_owned(),
            name: "News".to_owned(),
            channel: "email".to_owned(),
        };
        settings.subscription_groups = vec![group];
    })
    .await;
    bench
        .attributes(json!({"external_id": "cust", "email": "s@example.org"}))
        .await;
    let set = |who: Value| {
        let mut body = json!({"subscription_group_id": GROUP, "subscription_state": "subscribed"});
        body.as_object_mut()
            .unwrap()
            .extend(who.as_object().unwrap().clone());
        body
    };
    let both = bench
        .post(
            "/subscription/status/set",
            set(json!({"email": "s@example.org", "phone": "+33612345678"})),
        )
        .await;
    assert_eq!(
        both.json()["message"],
        "Either an email address or a phone number should be provided, but not both."
    );
    assert_eq!(
        bench
            .post(
                "/subscription/status/set",
                set(json!({"email": ["s@example.org"]}))
            )
            .await
            .status,
        201
    );
    let status = bench.get(&format!("/subscription/status/get?subscription_group_id={GROUP}&external_id[]=cust&external_id[]=ghost")).await;
    assert_eq!(
        status.json(),
        json!({"status": {"cust": "Subscribed", "ghost": "Unknown"}, "message": "success"})
    );
    let v2 = json!({"subscription_groups": [{"subscription_group_id": GROUP, "subscription_state": "unsubscribed", "external_ids": ["cust"]}]});
    assert_eq!(
        bench.post("/v2/subscription/status/set", v2).await.status,
        201
    );
    let user = bench
        .get("/subscription/user/status?external_id=cust")
        .await
        .json();
    assert_eq!(
        user["users"][0]["subscription_groups"],
        json!([{"id": GROUP, "name": "News", "channel": "email", "status": "Unsubscribed"}])
    );
}

#[tokio::test]
async fn email_states_wait_for_their_person_and_are_listed() {
    let bench =
        bench_with(|settings| settings.bouncing = vec!["gone@example.org".to_owned()]).await;
    let out = json!({"email": ["later@example.org"], "subscription_state": "unsubscribed"});
    assert_eq!(bench.post("/email/status", out).await.status, 201);
    bench
        .attributes(json!({"external_id": "cust", "email": "later@example.org"}))
        .await;
    assert_eq!(
        bench.profile("cust").text("email_subscribe"),
        Some("unsubscribed")
    );
    let list = bench
        .get("/email/unsubscribes?start_date=2026-05-04&end_date=2026-05-04")
        .await
        .json();
    assert_eq!(
        list["emails"],
        json!([{"email": "later@example.org", "unsubscribed_at": "2026-05-04T09:00:00.000Z"}])
    );
    assert_eq!(
        bench
            .get("/email/unsubscribes?start_date=2026-05-04")
            .await
            .status,
        400
    );

    bench
        .attributes(json!({"external_id": "gone", "email": "gone@example.org"}))
        .await;
    campaign_send(
        &bench,
        json!({"recipients": [{"external_user_id": "gone"}]}),
    )
    .await;
    let bounces = "/email/hard_bounces?end_date=2026-05-04&email=gone@example.org";
    assert_eq!(
        bench.get(bounces).await.json()["emails"][0]["email"],
        "gone@example.org"
    );
    bench
        .post("/email/bounce/remove", json!({"email": "gone@example.org"}))
        .await;
    assert_eq!(bench.get(bounces).await.json()["emails"], json!([]));
}
