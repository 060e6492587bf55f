//! A picture above the form.
//! Promises that the card is not published without its form.
//! Leaves drawing the form to the web crate.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind},
    checks::Checks,
    content::{self, Content, control, looked_at},
    picture::{Picture, picture},
};
use crate::{
    fields::FieldDoc,
    hub::{CardDoc, CardForm},
    text::LocalText,
};

pub(super) const KIND: Kind = looked_at!(ImageAndFormSetup, "image-and-form-title", "");

/// The setup of a picture above the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageAndFormSetup {
    /// Key of the picture.
    pub image: String,
    /// What stands below it.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub caption: LocalText,
}

fn sample() -> CardDoc {
    let setup = ImageAndFormSetup {
        image: "new-parlour".to_owned(),
        caption: "Corner of Via Roma, with the yellow awning.".into(),
    };
    let email: Option<FieldDoc> = serde_json::from_value(
        serde_json::json!({ "key": "email", "type": "email", "label": "E-mail", "required": true }),
    )
    .ok();
    CardDoc {
        form: Some(CardForm {
            fields: email.into_iter().collect(),
            ..CardForm::default()
        }),
        ..content::card(
            "opening",
            "Our second parlour opens",
            "Be among the first hundred: we write to you the day before.",
            &setup,
        )
    }
}

#[derive(Template)]
#[template(path = "cards/media/image_and_form/face.html")]
struct Face<'a> {
    picture: Option<Picture<'a>>,
}

impl Content for ImageAndFormSetup {
    const NAME: &'static str = "image-and-form";
    const WANTS_FORM: bool = true;

    fn check(&self, checks: &mut Checks<'_>) {
        checks.picture("image", &self.image);
        checks.translated("caption", &self.caption);
    }

    fn controls() -> Vec<Control> {
        vec![
            control(
                "image",
                "image-and-form-control-image",
                ControlKind::Image,
                true,
            ),
            control(
                "caption",
                "image-and-form-control-caption",
                ControlKind::LocalText,
                false,
            ),
        ]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        Face {
            picture: picture(context, &self.image, &self.caption),
        }
        .render()
    }
}
