//! Batches (15 to 24): how much in one call, and what one bad object does to the others.

use braze::{Answer, Array};
use serde_json::{Value, json};

use crate::{
    cases,
    workspace::{FINE, Finding, NAME, Workspace, expect, now, places, said},
};

cases! {
    "15" "an empty object: refused for having no data" Relied empty_object;
    "16" "three empty arrays: the same" Chosen empty_arrays;
    "17" "exactly 75 objects are taken" Relied seventy_five;
    "18" "76 in one array are refused as too many" Relied seventy_six;
    "19" "75 and one of another kind: taken or too many, by the account" Relied one_more_of_another_kind;
    "20" "one valid of 75 is taken, and 74 are named" Relied one_of_many;
    "21" "with none valid all are named" Relied none_of_many;
    "22" "errors are named by array and place" Relied places_of_errors;
    "24" "two attributes objects of one person: the last one stays" Chosen in_order;
}

fn no_data(call: &braze::Call) -> Finding {
    let says = matches!(&call.answer, Answer::Refused { status: 400, message, .. } if message.contains("Valid data must be provided"));
    expect(says, || said(call))
}

async fn empty_object(workspace: &Workspace) -> Finding {
    no_data(&workspace.track(json!({})).await?)
}

async fn empty_arrays(workspace: &Workspace) -> Finding {
    no_data(
        &workspace
            .track(json!({"attributes": [], "events": [], "purchases": []}))
            .await?,
    )
}

fn of_one(id: &str, count: usize) -> Vec<Value> {
    (0..count)
        .map(|_| json!({"external_id": id, NAME: "batch"}))
        .collect()
}

async fn seventy_five(workspace: &Workspace) -> Finding {
    workspace
        .put(json!({"attributes": of_one(&workspace.id(), 75)}))
        .await?;
    FINE
}

async fn seventy_six(workspace: &Workspace) -> Finding {
    let call = workspace
        .track(json!({"attributes": of_one(&workspace.id(), 76)}))
        .await?;
    expect(call.answer == Answer::TooLarge, || said(&call))
}

async fn one_more_of_another_kind(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    let event = json!({"external_id": id, "name": NAME, "time": now()});
    let call = workspace
        .track(json!({"attributes": of_one(&id, 75), "events": [event]}))
        .await?;
    match call.answer {
        Answer::TooLarge => Ok("75 in all".to_owned()),
        Answer::Accepted { .. } => Ok("75 of each kind".to_owned()),
        _ => Err(crate::workspace::Differs::Says(said(&call))),
    }
}

fn nobody(count: usize) -> Vec<Value> {
    (0..count).map(|_| json!({NAME: "nobody"})).collect()
}

async fn one_of_many(workspace: &Workspace) -> Finding {
    let mut objects = nobody(74);
    objects.push(json!({"external_id": workspace.id(), NAME: "one"}));
    let call = workspace.track(json!({"attributes": objects})).await?;
    let wanted: Vec<_> = (0..74).map(|at| (Array::Attributes, at)).collect();
    expect(
        matches!(call.answer, Answer::Accepted { .. }) && places(&call) == wanted,
        || said(&call),
    )
}

async fn none_of_many(workspace: &Workspace) -> Finding {
    let call = workspace.track(json!({"attributes": nobody(3)})).await?;
    let wanted: Vec<_> = (0..3).map(|at| (Array::Attributes, at)).collect();
    expect(
        matches!(call.answer, Answer::Refused { status: 400, .. }) && places(&call) == wanted,
        || said(&call),
    )
}

async fn places_of_errors(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    let call = workspace
        .track(json!({
            "attributes": [{"external_id": id, NAME: "places"}, {NAME: "nobody"}],
            "events": [{"name": NAME, "time": now()}, {"external_id": id, "name": NAME, "time": now()}],
            "purchases": [{"external_id": id, "product_id": NAME, "currency": "EUR", "price": 0, "quantity": 0, "time": now()}],
        }))
        .await?;
    let mut found = places(&call);
    found.sort_by_key(|(array, at)| (array.name(), *at));
    let wanted = [
        (Array::Attributes, 1),
        (Array::Events, 0),
        (Array::Purchases, 0),
    ];
    expect(
        matches!(call.answer, Answer::Accepted { .. }) && found == wanted,
        || said(&call),
    )
}

async fn in_order(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace.put(json!({"attributes": [{"external_id": id, NAME: "first"}, {"external_id": id, NAME: "second"}]})).await?;
    let custom = workspace.custom(&id, NAME).await?;
    expect(custom.get(NAME) == Some(&json!("second")), || {
        format!("it is {custom:?}")
    })
}
