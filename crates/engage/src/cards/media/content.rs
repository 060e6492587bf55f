//! Cards that are looked at: what they share.
//! Promises that such a card is shown and never played, and tells nothing.
//! Leaves what is to be seen to the kinds.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        Card, Control, ControlKind, FaceContext, FactDef, FactValues, Move, Outcome, PlayContext,
        Refusal, SetupProblem, Shell,
        kind::{read, write},
    },
    checks::Checks,
};
use crate::{
    hub::{CardDoc, DocError},
    text::Locale,
};

/// The setup of a card that is looked at.
pub(super) trait Content:
    Debug + Send + Sync + Serialize + DeserializeOwned + JsonSchema + 'static
{
    /// Name of the kind.
    const NAME: &'static str;
    /// Whether the card is pointless without a form.
    const WANTS_FORM: bool = false;

    /// What is wrong with the setup.
    fn check(&self, checks: &mut Checks<'_>);

    /// Editor controls of the setup.
    fn controls() -> Vec<Control>;

    /// The origins of others that the card shows in a frame, once somebody wants it.
    fn frames(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// What is to be seen.
    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error>;
}

/// The kind of a setup that is looked at, whose folder has its texts and its style.
macro_rules! looked_at {
    ($setup:ty, $title:literal, $island:expr) => {
        super::super::Kind {
            name: <$setup as super::content::Content>::NAME,
            engine: "media",
            title: $title,
            setup_version: 1,
            open: super::content::open::<$setup>,
            upgrade: |_, setup| setup,
            sample,
            example: &[],
            schema: super::content::schema::<$setup>,
            island: $island,
            style: include_str!("style.css"),
            texts: &[
                ("en", include_str!("texts.en.ftl")),
                ("de", include_str!("texts.de.ftl")),
                ("fr", include_str!("texts.fr.ftl")),
                ("es", include_str!("texts.es.ftl")),
                ("ja", include_str!("texts.ja.ftl")),
            ],
        }
    };
}
pub(super) use looked_at;

/// A card that is looked at.
#[derive(Debug)]
struct Shown<T>(T);

/// Opens a card that is looked at.
pub(super) fn open<T: Content>(
    setup: Map<String, Json>,
    _: &Shell<'_>,
) -> Result<Box<dyn Card>, DocError> {
    read::<T>(setup).map(|content| Box::new(Shown(content)) as Box<dyn Card>)
}

/// JSON Schema of the setup.
pub(super) fn schema<T: Content>() -> Json {
    schemars::schema_for!(T).to_value()
}

/// A sample card with this setup.
pub(super) fn card<T: Content>(key: &str, title: &str, description: &str, setup: &T) -> CardDoc {
    CardDoc {
        setup: write(setup),
        description: description.into(),
        ..CardDoc::new(key, T::NAME, title)
    }
}

/// An editor control.
pub(super) const fn control(
    path: &'static str,
    label: &'static str,
    kind: ControlKind,
    required: bool,
) -> Control {
    Control {
        path,
        label,
        kind,
        required,
    }
}

impl<T: Content> Card for Shown<T> {
    fn kind(&self) -> &'static str {
        T::NAME
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut checks = Checks::of(shell);
        self.0.check(&mut checks);
        checks.found()
    }

    fn controls(&self) -> Vec<Control> {
        T::controls()
    }

    fn setup(&self) -> Map<String, Json> {
        write(&self.0)
    }

    fn playable(&self) -> bool {
        false
    }

    fn shown(&self) -> bool {
        true
    }

    fn wants_form(&self) -> bool {
        T::WANTS_FORM
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        self.0.look(context)
    }

    fn frames(&self) -> Vec<&'static str> {
        self.0.frames()
    }

    fn play(&self, _: &Json, _: &Move, _: &PlayContext<'_>) -> Result<Outcome, Refusal> {
        Err(Refusal::not_played())
    }

    fn facts(&self) -> Vec<FactDef> {
        Vec::new()
    }

    fn summary(&self, _: &FactValues, _: &Locale) -> String {
        String::new()
    }
}
