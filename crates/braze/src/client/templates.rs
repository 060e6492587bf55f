//! E-mail templates (contract 12.1).
//! Promises typed requests and answers; CSS is never inlined by Braze behind the caller's back. Leaves names to the caller: they
//! are not unique at Braze, the id is what counts.

use serde::{Deserialize, Serialize};

use super::{Call, Client, design::Ignored};

/// A template to be made, or to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmailTemplate {
    /// Its name; members find it by this.
    pub template_name: String,
    /// The subject, Liquid.
    pub subject: String,
    /// What inboxes show behind the subject, Liquid.
    pub preheader: String,
    /// HTML with Liquid.
    pub body: String,
    /// Plain text with Liquid.
    pub plaintext_body: String,
    /// Whether Braze moves styles into the elements; the default depends on the workspace, so it is always said.
    pub should_inline_css: bool,
}

/// A template in the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateListed {
    /// Braze's id.
    pub email_template_id: String,
    /// Its name.
    pub template_name: String,
}

/// A template as Braze has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateInfo {
    /// Braze's id.
    pub email_template_id: String,
    /// Its name.
    pub template_name: String,
    /// The subject.
    #[serde(default)]
    pub subject: String,
    /// What inboxes show behind the subject.
    #[serde(default)]
    pub preheader: Option<String>,
    /// HTML.
    #[serde(default)]
    pub body: String,
    /// Plain text.
    #[serde(default)]
    pub plaintext_body: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    email_template_id: String,
}

#[derive(Deserialize)]
struct List {
    templates: Vec<TemplateListed>,
}

#[derive(Serialize)]
struct Change<'a> {
    email_template_id: &'a str,
    #[serde(flatten)]
    template: &'a EmailTemplate,
}

impl Client {
    /// Makes a template; answers its id. Doing it twice makes two.
    pub async fn create_template(&self, template: &EmailTemplate) -> Result<String, Box<Call>> {
        let made: Made = self
            .write_design("/templates/email/create", template)
            .await?;
        Ok(made.email_template_id)
    }

    /// Changes a template. Campaigns that were made from it keep their copy.
    pub async fn update_template(
        &self,
        id: &str,
        template: &EmailTemplate,
    ) -> Result<(), Box<Call>> {
        let change = Change {
            email_template_id: id,
            template,
        };
        let _: Ignored = self
            .write_design("/templates/email/update", &change)
            .await?;
        Ok(())
    }

    /// All templates of the workspace that were not made with the drag-and-drop editor.
    pub async fn templates(&self) -> Result<Vec<TemplateListed>, Box<Call>> {
        self.list_design("/templates/email/list", |list: List| list.templates)
            .await
    }

    /// One template with its content.
    pub async fn template(&self, id: &str) -> Result<TemplateInfo, Box<Call>> {
        self.get_design("/templates/email/info", &[("email_template_id", id)])
            .await
    }
}
