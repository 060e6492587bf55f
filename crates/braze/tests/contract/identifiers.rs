//! Identifiers (25 to 40): who is meant, who is made, who is not.

use braze::Array::Attributes;
use serde_json::{Map, Value, json};

use crate::{
    cases,
    workspace::{FINE, Finding, NAME, Workspace, by_alias, by_email, by_id, custom_of, expect},
};

cases! {
    "25" "nobody named: refused" Relied nobody;
    "26" "an id and an alias in one object: refused" Relied two_primary;
    "27" "an id and a Braze id in one object: refused" Relied id_and_braze_id;
    "28" "an address beside an id is written" Relied address_is_written;
    "29" "of an address and a number the address decides" Relied address_decides;
    "30" "an empty id, a number, null: refused" Chosen odd_ids;
    "31a" "an id of 987 bytes is taken" Relied longest_id;
    "31b" "an id of 988 bytes is refused; accents count twice" Relied too_long_id;
    "32" "an alias without a label: refused" Chosen half_an_alias;
    "33" "an alias in other letters is another person" Relied alias_by_letters;
    "34" "an unknown alias is not made by itself" Relied unknown_alias;
    "35" "an unknown alias is made when asked for" Relied made_alias;
    "36" "an unknown address makes a profile" Relied unknown_address;
    "37" "of three profiles with one address the newer known one is meant" Relied shared_address;
    "38" "a new id with a known address makes a second profile" Relied second_profile;
    "40" "an unknown Braze id changes nothing" Chosen unknown_braze_id;
}

async fn nobody(workspace: &Workspace) -> Finding {
    workspace.refused(Attributes, json!({NAME: "nobody"})).await
}

async fn two_primary(workspace: &Workspace) -> Finding {
    let (id, alias) = (workspace.id(), workspace.alias());
    workspace
        .refused(
            Attributes,
            json!({"external_id": id, "user_alias": alias, NAME: "two"}),
        )
        .await
}

async fn id_and_braze_id(workspace: &Workspace) -> Finding {
    let object =
        json!({"external_id": workspace.id(), "braze_id": "5fbd99bac125ca40511f2cb1", NAME: "two"});
    workspace.refused(Attributes, object).await
}

async fn address_is_written(workspace: &Workspace) -> Finding {
    let (id, email) = (workspace.id(), workspace.email());
    workspace
        .attributes(json!({"external_id": id, "email": email}))
        .await?;
    workspace
        .profile(&by_id(&id), |user| user.get("email") == Some(&json!(email)))
        .await?;
    FINE
}

async fn address_decides(workspace: &Workspace) -> Finding {
    let email = workspace.email();
    workspace
        .known(&[json!({"email": email, NAME: "before"})])
        .await?;
    workspace
        .attributes(json!({"email": email, "phone": "+12025550143", NAME: "after"}))
        .await?;
    let is = |user: &Map<String, Value>| custom_of(user).get(NAME) == Some(&json!("after"));
    let user = workspace.profile(&by_email(&email), is).await?;
    expect(
        user.get("phone")
            .and_then(Value::as_str)
            .is_some_and(|it| it.contains("2025550143")),
        || format!("it is {user:?}"),
    )
}

async fn odd_ids(workspace: &Workspace) -> Finding {
    for odd in [json!(""), json!(17), Value::Null] {
        workspace
            .refused(Attributes, json!({"external_id": odd, NAME: "odd"}))
            .await?;
    }
    FINE
}

async fn longest_id(workspace: &Workspace) -> Finding {
    workspace
        .attributes(json!({"external_id": workspace.id_of(987), NAME: "long"}))
        .await?;
    FINE
}

async fn too_long_id(workspace: &Workspace) -> Finding {
    workspace
        .refused(
            Attributes,
            json!({"external_id": workspace.id_of(988), NAME: "long"}),
        )
        .await?;
    let accents = format!("{}{}", workspace.run(), "ä".repeat(494));
    workspace
        .refused(Attributes, json!({"external_id": accents, NAME: "long"}))
        .await
}

async fn half_an_alias(workspace: &Workspace) -> Finding {
    let object = json!({"user_alias": {"alias_name": workspace.run()}, "_update_existing_only": false, NAME: "half"});
    workspace.refused(Attributes, object).await
}

async fn alias_by_letters(workspace: &Workspace) -> Finding {
    let small = workspace.alias();
    let large = workspace.alias_named(&small.alias_name.to_uppercase());
    workspace
        .known(&[
            json!({"user_alias": small, "_update_existing_only": false, NAME: "small"}),
            json!({"user_alias": large, "_update_existing_only": false, NAME: "large"}),
        ])
        .await?;
    for (alias, wanted) in [(&small, "small"), (&large, "large")] {
        workspace
            .profile(&by_alias(alias), |user| {
                custom_of(user).get(NAME) == Some(&json!(wanted))
            })
            .await?;
    }
    FINE
}

async fn unknown_alias(workspace: &Workspace) -> Finding {
    let (alias, id) = (workspace.alias(), workspace.id());
    // The one beside it shows when the request was worked off.
    workspace.put(json!({"attributes": [{"user_alias": alias, NAME: "unasked"}, {"external_id": id, NAME: "beside"}]})).await?;
    workspace.custom(&id, NAME).await?;
    let users = workspace.export(&by_alias(&alias)).await?;
    expect(users.is_empty(), || format!("there is {users:?}"))
}

async fn made_alias(workspace: &Workspace) -> Finding {
    let alias = workspace.alias();
    workspace
        .attributes(json!({"user_alias": alias, "_update_existing_only": false, NAME: "asked"}))
        .await?;
    workspace
        .profile(&by_alias(&alias), |user| custom_of(user).contains_key(NAME))
        .await?;
    FINE
}

async fn unknown_address(workspace: &Workspace) -> Finding {
    let email = workspace.email();
    workspace
        .attributes(json!({"email": email, NAME: "new"}))
        .await?;
    let user = workspace
        .profile(&by_email(&email), |user| custom_of(user).contains_key(NAME))
        .await?;
    expect(user.get("external_id").is_none_or(Value::is_null), || {
        format!("it is {user:?}")
    })
}

async fn shared_address(workspace: &Workspace) -> Finding {
    let email = workspace.email();
    let (older, newer) = (workspace.id(), workspace.id());
    workspace
        .known(&[json!({"email": email, NAME: "anonymous"})])
        .await?;
    workspace
        .known(&[json!({"external_id": older, "email": email, NAME: "older"})])
        .await?;
    workspace
        .known(&[json!({"external_id": newer, "email": email, NAME: "newer"})])
        .await?;
    workspace
        .attributes(json!({"email": email, NAME: "meant"}))
        .await?;
    let meant = |user: &Map<String, Value>| custom_of(user).get(NAME) == Some(&json!("meant"));
    let user = workspace.profile(&by_email(&email), meant).await?;
    expect(user.get("external_id") == Some(&json!(newer)), || {
        format!("it was {user:?}")
    })
}

async fn second_profile(workspace: &Workspace) -> Finding {
    let (id, email) = (workspace.id(), workspace.email());
    workspace
        .known(&[json!({"email": email, NAME: "first"})])
        .await?;
    workspace
        .known(&[json!({"external_id": id, "email": email, NAME: "second"})])
        .await?;
    let users = workspace.export(&by_email(&email)).await?;
    expect(users.len() == 2, || format!("there are {users:?}"))
}

async fn unknown_braze_id(workspace: &Workspace) -> Finding {
    // The time of this run, so that it is nobody's.
    let digits: String = workspace
        .run()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let braze_id = format!("{digits:0>24}")
        .chars()
        .take(24)
        .collect::<String>();
    workspace
        .attributes(json!({"braze_id": braze_id, NAME: "unknown"}))
        .await?;
    FINE
}
