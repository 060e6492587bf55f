//! Events and purchases (65 to 76): what each must hold. Purchases cost nothing, so that no revenue is made up.

use braze::Array::{Events, Purchases};
use serde_json::{Map, Value, json};

use crate::{
    cases,
    workspace::{Differs, FINE, Finding, NAME, Workspace, by_id, expect, now},
};

cases! {
    "65" "an event without name or time is refused" Relied incomplete;
    "66" "a time to come becomes now" Relied future;
    "67" "a time without a zone is UTC" Relied no_zone;
    "68" "the properties time and event_name are refused" Relied reserved;
    "69" "a property that begins with $ is refused" Chosen dollar;
    "70" "properties over 100 KB are refused" Chosen large;
    "72" "the same event twice counts twice" Relied twice;
    "73" "a quantity of 0, 101, 1.5 or \"2\" is refused, 1 is taken" Relied quantities;
    "74" "a price as text is refused" Chosen price;
    "75" "an unknown currency is refused" Chosen currency;
    "76" "e-commerce events keep to their schema" Relied ecommerce;
}

fn event(workspace: &Workspace) -> Value {
    json!({"external_id": workspace.id(), "name": NAME, "time": now()})
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
    object
}

fn without(mut object: Value, key: &str) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove(key);
    }
    object
}

/// What is counted of the event, once it shows.
async fn counted(
    workspace: &Workspace,
    id: &str,
    at_least: i64,
) -> Result<Map<String, Value>, Differs> {
    let of = |user: &Map<String, Value>| {
        let all = user.get("custom_events")?.as_array()?;
        all.iter()
            .find(|it| it["name"] == NAME)?
            .as_object()
            .cloned()
    };
    let count =
        |it: &Map<String, Value>| it.get("count").and_then(Value::as_i64).unwrap_or_default();
    let user = workspace
        .profile(&by_id(id), |user| {
            of(user).is_some_and(|it| count(&it) >= at_least)
        })
        .await?;
    Ok(of(&user).unwrap_or_default())
}

async fn incomplete(workspace: &Workspace) -> Finding {
    for key in ["name", "time"] {
        workspace
            .refused(Events, without(event(workspace), key))
            .await?;
    }
    FINE
}

async fn future(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace
        .put(json!({"events": [{"external_id": id, "name": NAME, "time": "2199-01-01T00:00:00Z"}]}))
        .await?;
    let counted = counted(workspace, &id, 1).await?;
    expect(
        !counted["last"]
            .as_str()
            .unwrap_or_default()
            .starts_with("2199"),
        || format!("it is {counted:?}"),
    )
}

async fn no_zone(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    let today = now().chars().take(10).collect::<String>();
    workspace.put(json!({"events": [{"external_id": id, "name": NAME, "time": format!("{today}T00:00:00")}]})).await?;
    let counted = counted(workspace, &id, 1).await?;
    let wanted = format!("{today}T00:00:00");
    expect(
        counted["first"]
            .as_str()
            .is_some_and(|it| it.starts_with(&wanted)),
        || format!("it is {counted:?}, not {wanted}"),
    )
}

async fn reserved(workspace: &Workspace) -> Finding {
    for name in ["time", "event_name"] {
        workspace
            .refused(
                Events,
                with(event(workspace), "properties", json!({name: "x"})),
            )
            .await?;
    }
    FINE
}

async fn dollar(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Events,
            with(event(workspace), "properties", json!({"$size": 1})),
        )
        .await
}

async fn large(workspace: &Workspace) -> Finding {
    let list: Vec<String> = (0..450).map(|_| "x".repeat(250)).collect();
    workspace
        .refused(
            Events,
            with(event(workspace), "properties", json!({"list": list})),
        )
        .await
}

async fn twice(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    let happened = json!({"external_id": id, "name": NAME, "time": now()});
    workspace
        .put(json!({"events": [happened, happened]}))
        .await?;
    counted(workspace, &id, 2).await?;
    FINE
}

fn purchase(workspace: &Workspace) -> Value {
    json!({"external_id": workspace.id(), "product_id": NAME, "currency": "EUR", "price": 0, "time": now()})
}

async fn quantities(workspace: &Workspace) -> Finding {
    for odd in [json!(0), json!(101), json!(1.5), json!("2")] {
        workspace
            .refused(Purchases, with(purchase(workspace), "quantity", odd))
            .await?;
    }
    workspace
        .put(json!({"purchases": [with(purchase(workspace), "quantity", json!(1))]}))
        .await?;
    FINE
}

async fn price(workspace: &Workspace) -> Finding {
    workspace
        .refused(Purchases, with(purchase(workspace), "price", json!("0")))
        .await
}

async fn currency(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Purchases,
            with(purchase(workspace), "currency", json!("FIG")),
        )
        .await
}

async fn ecommerce(workspace: &Workspace) -> Finding {
    let viewed = json!({"product_id": "1", "product_name": "Fig", "variant_id": "1", "price": 1, "currency": "EUR", "source": "web"});
    let of = |properties: Value| json!({"external_id": workspace.id(), "name": "ecommerce.product_viewed", "time": now(), "properties": properties});
    workspace
        .refused(Events, of(without(viewed.clone(), "product_id")))
        .await?;
    workspace
        .refused(Events, of(with(viewed.clone(), "product_id", json!(1))))
        .await?;
    workspace
        .refused(Events, of(with(viewed, "sku_abcd", json!("x"))))
        .await
}
