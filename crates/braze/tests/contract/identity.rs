//! Identity (88 to 98): joining, deleting, renaming, reading back.

use braze::{
    Call, ExportRequest, UserAlias,
    calls::{AliasToIdentify, EmailToIdentify, Identify, Merge, Priority, Profile},
};
use serde_json::{Value, json};

use crate::{
    cases,
    workspace::{
        Differs, FINE, Finding, NAME, Plain, Workspace, by_alias, by_email, by_id, custom_of,
        expect, open, taken,
    },
};

cases! {
    "88" "identify: an unknown id is given to the profile" Relied identify_unknown;
    "89" "identify: known id, label free: joined" Relied identify_known;
    "90" "identify: known id, label taken: nothing happens" Relied identify_taken;
    "91" "identify by an address of two profiles: nothing happens" Relied identify_shared;
    "92" "51 items are refused" Relied too_many;
    "93" "merged into itself: still there" Chosen merge_itself;
    "94" "delete by two kinds at once is refused" Chosen delete_two_kinds;
    "95" "renaming to an id in use is an error of that item" Relied rename_taken;
    "96" "removing an id in use is an error of that item" Relied remove_primary;
    "97" "export without fields: refused on accounts since August 2024" Relied export_no_fields;
    "98" "export of an unknown id names it" Relied export_unknown;
}

fn one(id: &str, alias: &UserAlias) -> Identify {
    Identify {
        aliases_to_identify: vec![AliasToIdentify {
            external_id: id.to_owned(),
            user_alias: alias.clone(),
        }],
        ..Identify::default()
    }
}

async fn by_alias_known(workspace: &Workspace, alias: &UserAlias) -> Result<(), Differs> {
    workspace
        .known(&[json!({"user_alias": alias, "_update_existing_only": false, NAME: "alias"})])
        .await
}

fn identified(call: &Call) -> Result<(), Differs> {
    taken(call, "users.identify")
}

async fn identify_unknown(workspace: &Workspace) -> Finding {
    let (id, alias) = (workspace.id(), workspace.alias());
    by_alias_known(workspace, &alias).await?;
    identified(&workspace.client.identify(&one(&id, &alias)).await)?;
    workspace
        .profile(&by_alias(&alias), |user| {
            user.get("external_id") == Some(&json!(id))
        })
        .await?;
    FINE
}

async fn identify_known(workspace: &Workspace) -> Finding {
    let (id, alias) = (workspace.id(), workspace.alias());
    by_alias_known(workspace, &alias).await?;
    workspace
        .known(&[json!({"external_id": id, "komo_contract_number": 1})])
        .await?;
    identified(&workspace.client.identify(&one(&id, &alias)).await)?;
    let user = workspace.custom(&id, NAME).await?;
    expect(user.get("komo_contract_number") == Some(&json!(1)), || {
        format!("it is {user:?}")
    })
}

async fn identify_taken(workspace: &Workspace) -> Finding {
    let (id, first, second) = (workspace.id(), workspace.alias(), workspace.alias());
    by_alias_known(workspace, &first).await?;
    by_alias_known(workspace, &second).await?;
    identified(&workspace.client.identify(&one(&id, &first)).await)?;
    workspace
        .profile(&by_alias(&first), |user| {
            user.get("external_id") == Some(&json!(id))
        })
        .await?;
    identified(&workspace.client.identify(&one(&id, &second)).await)?;
    stays(workspace, &second).await
}

/// A profile that must not get an id: something else of a later request shows that time has passed.
async fn stays(workspace: &Workspace, alias: &UserAlias) -> Finding {
    workspace
        .attributes(json!({"user_alias": alias, "komo_contract_number": 7}))
        .await?;
    let later = |user: &serde_json::Map<String, Value>| {
        custom_of(user).get("komo_contract_number") == Some(&json!(7))
    };
    let user = workspace.profile(&by_alias(alias), later).await?;
    expect(user.get("external_id").is_none_or(Value::is_null), || {
        format!("it is {user:?}")
    })
}

async fn identify_shared(workspace: &Workspace) -> Finding {
    let (email, id) = (workspace.email(), workspace.id());
    let (one, other) = (workspace.alias(), workspace.alias());
    for alias in [&one, &other] {
        workspace
            .known(&[json!({"user_alias": alias, "_update_existing_only": false, "email": email})])
            .await?;
    }
    let request = Identify {
        emails_to_identify: vec![EmailToIdentify {
            external_id: id,
            email,
            prioritization: vec![Priority::Unidentified],
        }],
        ..Identify::default()
    };
    identified(&workspace.client.identify(&request).await)?;
    stays(workspace, &one).await?;
    stays(workspace, &other).await
}

async fn too_many(workspace: &Workspace) -> Finding {
    let alias = UserAlias {
        alias_name: format!("{}-nobody", workspace.run()),
        alias_label: NAME.to_owned(),
    };
    let item = AliasToIdentify {
        external_id: format!("{}-nobody", workspace.run()),
        user_alias: alias,
    };
    let request = Identify {
        aliases_to_identify: vec![item; 51],
        ..Identify::default()
    };
    crate::workspace::refused(
        &workspace.client.identify(&request).await,
        "users.identify",
        &[],
    )
}

async fn merge_itself(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace
        .known(&[json!({"external_id": id, NAME: "one"})])
        .await?;
    let own = Profile::ExternalId {
        external_id: id.clone(),
    };
    let call = workspace
        .client
        .merge(&[Merge {
            identifier_to_merge: own.clone(),
            identifier_to_keep: own,
        }])
        .await;
    taken(&call, "users.merge")?;
    workspace
        .attributes(json!({"external_id": id, NAME: "later"}))
        .await?;
    workspace
        .profile(&by_id(&id), |user| {
            custom_of(user).get(NAME) == Some(&json!("later"))
        })
        .await?;
    FINE
}

async fn delete_two_kinds(workspace: &Workspace) -> Finding {
    let nobody = format!("{}-nobody", workspace.run());
    let body = json!({"external_ids": [nobody], "user_aliases": [{"alias_name": nobody, "alias_label": NAME}]});
    let plain = workspace.post("/users/delete", &body).await?;
    expect(plain.status == 400, || {
        format!("answered {} {}", plain.status, plain.text)
    })
}

fn permitted(plain: &Plain, permission: &str) -> Result<(), Differs> {
    if matches!(plain.status, 401 | 403) {
        Err(Differs::Open(format!("the key lacks {permission}")))
    } else {
        Ok(())
    }
}

async fn rename_taken(workspace: &Workspace) -> Finding {
    let (one, other) = (workspace.id(), workspace.id());
    workspace
        .known(&[
            json!({"external_id": one, NAME: "one"}),
            json!({"external_id": other, NAME: "other"}),
        ])
        .await?;
    let body =
        json!({"external_id_renames": [{"current_external_id": one, "new_external_id": other}]});
    let plain = workspace.post("/users/external_ids/rename", &body).await?;
    permitted(&plain, "users.external_ids.rename")?;
    let answer = plain.json();
    let errors = answer["rename_errors"].as_array().map_or(0, Vec::len);
    expect(answer["message"] == "success" && errors == 1, || {
        format!("answered {} {}", plain.status, plain.text)
    })
}

async fn remove_primary(workspace: &Workspace) -> Finding {
    let id = workspace.id();
    workspace
        .known(&[json!({"external_id": id, NAME: "one"})])
        .await?;
    let plain = workspace
        .post("/users/external_ids/remove", &json!({"external_ids": [id]}))
        .await?;
    permitted(&plain, "users.external_ids.remove")?;
    let answer = plain.json();
    let errors = answer["removal_errors"].as_array().map_or(0, Vec::len);
    expect(answer["message"] == "success" && errors == 1, || {
        format!("answered {} {}", plain.status, plain.text)
    })
}

async fn export_no_fields(workspace: &Workspace) -> Finding {
    let body = json!({"external_ids": [format!("{}-nobody", workspace.run())]});
    let plain = workspace.post("/users/export/ids", &body).await?;
    permitted(&plain, "users.export.ids")?;
    match plain.status {
        400 => Ok("a new account".to_owned()),
        200 | 201 => Ok("an older account".to_owned()),
        _ => Err(Differs::Says(format!(
            "answered {} {}",
            plain.status, plain.text
        ))),
    }
}

async fn export_unknown(workspace: &Workspace) -> Finding {
    let nobody = format!("{}-nobody", workspace.run());
    let request = ExportRequest {
        external_ids: vec![nobody.clone()],
        fields_to_export: vec!["email".to_owned()],
        ..ExportRequest::default()
    };
    match workspace.client.export_ids(&request).await {
        Ok(export) => expect(
            export.users.is_empty() && export.invalid_user_ids == [nobody],
            || format!("{export:?}"),
        ),
        Err(call) => Err(open(&call, "users.export.ids")),
    }?;
    let users = workspace
        .export(&by_email(&format!(
            "{}@nobody.example.com",
            workspace.run()
        )))
        .await?;
    expect(users.is_empty(), || format!("there is {users:?}"))
}
