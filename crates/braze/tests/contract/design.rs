//! Content blocks and templates (110, and section 12 of the contract): refusals that leave nothing behind, and lists.

use braze::{EmailTemplate, NewBlock};

use crate::{
    cases,
    workspace::{Differs, Finding, Workspace, open, refused},
};

cases! {
    "110" "a template that names an unknown block is refused" Relied unknown_block;
    "12.1" "a template without a name is refused, in Braze's words" Relied unnamed_template;
    "12.2a" "a block with a space in its name is refused, in Braze's words" Relied odd_name;
    "12.2b" "an empty block is refused, in Braze's words" Relied empty_block;
    "12.2c" "blocks and templates can be listed" Relied lists;
    "11.3" "an unknown campaign is refused and nobody is sent anything" Relied unknown_campaign;
}

fn template(name: &str, body: &str) -> EmailTemplate {
    EmailTemplate {
        template_name: name.to_owned(),
        subject: "Contract".to_owned(),
        preheader: String::new(),
        body: body.to_owned(),
        plaintext_body: String::new(),
        should_inline_css: false,
    }
}

fn block(name: String, content: &str) -> NewBlock {
    NewBlock {
        name,
        content: content.to_owned(),
        description: "made by a check of the contract".to_owned(),
    }
}

/// Refused with words; what was made against expectation is named, so that somebody can take it away.
fn refusal(made: Result<String, Box<braze::Call>>, permission: &str, words: &[&str]) -> Finding {
    match made {
        Ok(id) => Err(Differs::Says(format!(
            "it was made and stays, delete it in Braze: {id}"
        ))),
        Err(call) => refused(&call, permission, words),
    }
}

async fn unknown_block(workspace: &Workspace) -> Finding {
    let body = format!("<p>{{{{content_blocks.${{{}}}}}}}</p>", workspace.run());
    let made = workspace
        .client
        .create_template(&template(workspace.run(), &body))
        .await;
    refusal(made, "templates.email.create", &["Content Block"])
}

async fn unnamed_template(workspace: &Workspace) -> Finding {
    let made = workspace
        .client
        .create_template(&template("", "<p>Contract</p>"))
        .await;
    refusal(made, "templates.email.create", &["name is required"])
}

async fn odd_name(workspace: &Workspace) -> Finding {
    let made = workspace
        .client
        .create_block(&block(
            format!("{} odd", workspace.run()),
            "<p>Contract</p>",
        ))
        .await;
    refusal(made, "content_blocks.create", &["alphanumeric"])
}

async fn empty_block(workspace: &Workspace) -> Finding {
    let made = workspace
        .client
        .create_block(&block(workspace.run().replace('-', "_"), ""))
        .await;
    refusal(made, "content_blocks.create", &["blank"])
}

async fn lists(workspace: &Workspace) -> Finding {
    let blocks = workspace
        .client
        .blocks()
        .await
        .map_err(|call| open(&call, "content_blocks.list"))?;
    let templates = workspace
        .client
        .templates()
        .await
        .map_err(|call| open(&call, "templates.email.list"))?;
    Ok(format!(
        "{} blocks, {} templates",
        blocks.len(),
        templates.len()
    ))
}

async fn unknown_campaign(workspace: &Workspace) -> Finding {
    let request = braze::calls::CampaignTrigger {
        campaign_id: "00000000-0000-4000-8000-000000000000".to_owned(),
        trigger_properties: serde_json::Map::new(),
        recipients: vec![braze::calls::Recipient {
            external_user_id: Some(format!("{}-nobody", workspace.run())),
            ..braze::calls::Recipient::default()
        }],
    };
    let call = workspace.client.trigger_campaign(&request).await;
    refused(&call, "campaigns.trigger.send", &[])
}
