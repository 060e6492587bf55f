//! Attributes (41 to 64): what is stored, what is left out, what is refused.

use braze::Array::Attributes;
use serde_json::{Map, Value, json};

use crate::{
    cases,
    workspace::{Differs, FINE, Finding, NAME, Workspace, by_id, custom_of, expect},
};

cases! {
    "41" "null takes an attribute away" Relied null_removes;
    "42" "null as Braze id beside an id is ignored" Chosen null_identifier;
    "43" "a bad address refuses its object alone" Relied bad_address;
    "44" "Australia becomes AU, Atlantis nothing" Relied countries;
    "45" "an unknown time zone is ignored" Relied time_zone;
    "46" "an unknown subscription state is refused" Relied subscription_state;
    "47" "subscription groups as an object, or with an unknown state, are refused" Relied subscription_groups;
    "49" "numbers are counted up, and down" Relied increments;
    "50" "lists are sets; what is added again moves to the end" Relied lists;
    "52" "a text of 256 characters is left out, the rest is stored" Relied long_text;
    "55" "nested: replaced, or merged when asked for" Relied merging;
    "56" "a null inside drops that attribute alone" Relied nested_null;
    "57" "a time inside that is none drops that attribute" Relied nested_time;
    "58" "keys inside with a dot or a dollar sign are not stored" Relied nested_keys;
    "59" "nested over 100 KB is not stored" Relied nested_size;
    "60" "add, remove and update of one request run in this order" Relied operator_order;
    "61" "an update without merging replaces the element" Relied update_replaces;
    "62" "the attribute bio is ignored" Relied bio;
    "64" "email_subscription_info is refused" Relied subscription_info;
}

const NUMBER: &str = "komo_contract_number";
const LIST: &str = "komo_contract_list";
const NESTED: &str = "komo_contract_nested";
const OBJECTS: &str = "komo_contract_objects";

/// Waits until the marker of a request shows, and with it all else of that request.
async fn after(
    workspace: &Workspace,
    id: &str,
    marker: &str,
) -> Result<Map<String, Value>, Differs> {
    let is = |user: &Map<String, Value>| custom_of(user).get(NAME) == Some(&json!(marker));
    workspace.profile(&by_id(id), is).await
}

/// What a custom attribute is after some objects, one request each.
async fn ends_as(workspace: &Workspace, name: &str, objects: &[Value], wanted: &Value) -> Finding {
    let id = workspace.id();
    let mut user = Map::new();
    for (at, object) in objects.iter().enumerate() {
        let mut object = object.clone();
        let marker = format!("step {at}");
        if let Some(map) = object.as_object_mut() {
            map.insert("external_id".to_owned(), json!(id));
            map.insert(NAME.to_owned(), json!(marker));
        }
        workspace.attributes(object).await?;
        user = after(workspace, &id, &marker).await?;
    }
    let found = custom_of(&user).get(name).cloned().unwrap_or_default();
    expect(found == *wanted, || {
        format!("{name} is {found}, not {wanted}")
    })
}

async fn null_removes(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        NUMBER,
        &[json!({NUMBER: 1}), json!({NUMBER: null})],
        &Value::Null,
    )
    .await
}

async fn null_identifier(workspace: &Workspace) -> Finding {
    workspace
        .attributes(json!({"external_id": workspace.id(), "braze_id": null, NAME: "null"}))
        .await?;
    FINE
}

async fn bad_address(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Attributes,
            json!({"external_id": workspace.id(), "email": "no address"}),
        )
        .await
}

async fn countries(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace
        .attributes(json!({"external_id": id, "country": "Australia"}))
        .await?;
    workspace
        .profile(&by_id(&id), |user| {
            user.get("country") == Some(&json!("AU"))
        })
        .await?;
    workspace
        .attributes(json!({"external_id": id, "country": "Atlantis", NAME: "lost"}))
        .await?;
    let user = after(workspace, &id, "lost").await?;
    expect(user.get("country").is_none_or(Value::is_null), || {
        format!("it is {user:?}")
    })
}

async fn time_zone(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace
        .attributes(json!({"external_id": id, "time_zone": "Atlantis/Centre", NAME: "zone"}))
        .await?;
    let user = after(workspace, &id, "zone").await?;
    expect(user.get("time_zone").is_none_or(Value::is_null), || {
        format!("it is {user:?}")
    })
}

async fn subscription_state(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Attributes,
            json!({"external_id": workspace.id(), "email_subscribe": "perhaps"}),
        )
        .await
}

async fn subscription_groups(workspace: &Workspace) -> Finding {
    let group = "6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11";
    for odd in [
        json!({"subscription_group_id": group, "subscription_state": "subscribed"}),
        json!([{"subscription_group_id": group, "subscription_state": "perhaps"}]),
    ] {
        workspace
            .refused(
                Attributes,
                json!({"external_id": workspace.id(), "subscription_groups": odd}),
            )
            .await?;
    }
    FINE
}

async fn increments(workspace: &Workspace) -> Finding {
    let steps = [
        json!({NUMBER: 5}),
        json!({NUMBER: {"inc": 3}}),
        json!({NUMBER: {"inc": -6}}),
    ];
    ends_as(workspace, NUMBER, &steps, &json!(2)).await
}

async fn lists(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        LIST,
        &[json!({LIST: ["a", "a", "b"]})],
        &json!(["a", "b"]),
    )
    .await?;
    let steps = [
        json!({LIST: ["a", "b", "c"]}),
        json!({LIST: {"add": ["a"]}}),
        json!({LIST: {"remove": ["b"]}}),
    ];
    ends_as(workspace, LIST, &steps, &json!(["c", "a"])).await
}

async fn long_text(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        LIST,
        &[json!({LIST: "x".repeat(256)})],
        &Value::Null,
    )
    .await
}

async fn merging(workspace: &Workspace) -> Finding {
    let whole = json!({NESTED: {"size": "large", "colour": {"lid": "red"}}});
    let replaced = [whole.clone(), json!({NESTED: {"size": "small"}})];
    ends_as(workspace, NESTED, &replaced, &json!({"size": "small"})).await?;
    let merged = [
        whole,
        json!({"_merge_objects": true, NESTED: {"size": "small", "colour": {"cup": "blue"}}}),
    ];
    ends_as(
        workspace,
        NESTED,
        &merged,
        &json!({"size": "small", "colour": {"lid": "red", "cup": "blue"}}),
    )
    .await
}

async fn nested_null(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        NESTED,
        &[json!({NESTED: {"size": "large", "colour": null}})],
        &Value::Null,
    )
    .await
}

async fn nested_time(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        NESTED,
        &[json!({NESTED: {"since": {"$time": "some day"}}})],
        &Value::Null,
    )
    .await
}

async fn nested_keys(workspace: &Workspace) -> Finding {
    for key in ["a.b", "$size"] {
        ends_as(
            workspace,
            NESTED,
            &[json!({NESTED: {key: 1}})],
            &Value::Null,
        )
        .await?;
    }
    FINE
}

async fn nested_size(workspace: &Workspace) -> Finding {
    let many: Map<String, Value> = (0..450)
        .map(|at| (format!("key{at}"), json!("x".repeat(250))))
        .collect();
    ends_as(workspace, NESTED, &[json!({NESTED: many})], &Value::Null).await
}

fn boxes() -> Value {
    json!({OBJECTS: [{"id": 1, "size": "small", "colour": "red"}, {"id": 2, "size": "large", "colour": "blue"}]})
}

async fn operator_order(workspace: &Workspace) -> Finding {
    // Removed after it was added: no upsert in one request (contract 5.4.4).
    let act = json!({"_merge_objects": true, OBJECTS: {
        "$update": [{"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"size": "huge"}}],
        "$remove": [{"$identifier_key": "id", "$identifier_value": 2}],
        "$add": [{"id": 2, "size": "tiny", "colour": "green"}],
    }});
    ends_as(
        workspace,
        OBJECTS,
        &[boxes(), act],
        &json!([{"id": 1, "size": "huge", "colour": "red"}]),
    )
    .await
}

async fn update_replaces(workspace: &Workspace) -> Finding {
    let act = json!({OBJECTS: {"$update": [{"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"id": 1, "size": "huge"}}]}});
    let wanted = json!([{"id": 1, "size": "huge"}, {"id": 2, "size": "large", "colour": "blue"}]);
    ends_as(workspace, OBJECTS, &[boxes(), act], &wanted).await
}

async fn bio(workspace: &Workspace) -> Finding {
    ends_as(
        workspace,
        "bio",
        &[json!({"bio": "likes figs"})],
        &Value::Null,
    )
    .await
}

async fn subscription_info(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Attributes,
            json!({"external_id": workspace.id(), "email_subscription_info": {}}),
        )
        .await
}
