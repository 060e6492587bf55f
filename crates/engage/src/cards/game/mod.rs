//! What all kinds share in which a prize may be won: the draw, how it is told, and the page afterwards.
//! Promises one set of facts for all of them, whether chance or skill leads to the prize.
//! Leaves to a kind its setup, its face and what its moves mean.

use std::fmt::Debug;

use askama::Template;
use serde_json::{Map, Value as Json, json};

use super::{
    Card, Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Move, Outcome, Percent,
    PlayContext, Prize, Refusal, SetupProblem, Shell, Stage, prizes,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, markdown, texts},
};

/// The outcome of who wins nothing.
const NONE: &str = "none";
/// So that a list of prizes stays one that people can read.
const MOST_PRIZES: usize = 12;

/// Declares the setup of a kind with the settings that all of them have, in their order.
macro_rules! setup {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $of:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_about])* pub $field: $of,)*
            /// What can be won.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub prizes: Vec<crate::cards::Prize>,
            /// How many prizes of this card one person may win.
            #[serde(default = "crate::cards::game::one")]
            pub most_per_person: u32,
            /// What is read by who wins nothing.
            pub lose_title: crate::text::LocalText,
            /// The words below it; Markdown.
            #[serde(default, skip_serializing_if = "crate::text::LocalText::is_empty")]
            pub lose_text: crate::text::LocalText,
        }

        impl crate::cards::game::Prized for $name {
            fn stored(&self) -> serde_json::Map<String, serde_json::Value> {
                crate::cards::kind::write(self)
            }

            fn winnings(&self) -> crate::cards::game::Winnings<'_> {
                crate::cards::game::Winnings {
                    prizes: &self.prizes,
                    most_per_person: self.most_per_person,
                    lose_title: &self.lose_title,
                    lose_text: &self.lose_text,
                }
            }
        }
    };
}
pub(in crate::cards) use setup;

pub(in crate::cards) const fn one() -> u32 {
    1
}

/// What may be won in a game, and what is said to who does not.
#[derive(Clone, Copy, Debug)]
pub(in crate::cards) struct Winnings<'a> {
    pub(in crate::cards) prizes: &'a [Prize],
    pub(in crate::cards) most_per_person: u32,
    pub(in crate::cards) lose_title: &'a LocalText,
    pub(in crate::cards) lose_text: &'a LocalText,
}

/// What the declaration of a setup brings along.
pub(in crate::cards) trait Prized: Debug + Send + Sync {
    fn stored(&self) -> Map<String, Json>;
    fn winnings(&self) -> Winnings<'_>;
}

/// A kind with prizes, opened.
pub(in crate::cards) trait Game: Prized {
    const NAME: &'static str;
    /// Whether the card makes no sense without prizes.
    const NEEDS_PRIZES: bool = true;
    /// Whether chance has a say in who wins, so that every prize needs one.
    const DRAWS: bool = true;

    /// What is wrong with the settings of its own.
    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem>;
    fn controls() -> Vec<Control>;
    /// The face before the end.
    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error>;
    /// What is seen above the words at the end.
    fn picture(&self, _: &FaceContext<'_>) -> Result<String, askama::Error> {
        Ok(String::new())
    }
    /// What is read at the end by who wins nothing, where it isn't the same for all: title and text.
    fn told(&self, _: &FaceContext<'_>) -> Option<(&LocalText, &LocalText)> {
        None
    }
    fn play(&self, before: &Json, movement: &Move, round: &Round<'_>) -> Result<Outcome, Refusal>;
    /// Facts beside those that all have.
    fn facts(&self, _: &Locale) -> Vec<FactDef> {
        Vec::new()
    }
}

/// The circumstances in which a game decides.
#[derive(Clone, Copy, Debug)]
pub(in crate::cards) struct Round<'a> {
    pub(in crate::cards) context: &'a PlayContext<'a>,
    pub(in crate::cards) locale: &'a Locale,
    winnings: Winnings<'a>,
}

impl<'a> Round<'a> {
    /// The prize that this play wins, if any.
    pub(in crate::cards) fn draw(&self) -> Option<&'a Prize> {
        prizes::draw(
            self.winnings.prizes,
            self.winnings.most_per_person,
            self.context.seed,
            self.context.stock,
        )
    }

    /// The same for a play that draws several times: each number has luck of its own.
    pub(in crate::cards) fn draw_as(&self, number: usize) -> Option<&'a Prize> {
        let number = u64::try_from(number).unwrap_or_default();
        prizes::draw(
            self.winnings.prizes,
            self.winnings.most_per_person,
            prizes::spread(self.context.seed ^ number),
            self.context.stock,
        )
    }

    /// The prize with this key, if a unit is left and the player may win one more; without a draw.
    pub(in crate::cards) fn award(&self, key: Option<&str>) -> Option<&'a Prize> {
        if self.context.stock.won_before >= u64::from(self.winnings.most_per_person) {
            return None;
        }
        let prize = self
            .winnings
            .prizes
            .iter()
            .find(|prize| Some(prize.key.as_str()) == key)?;
        self.context.stock.has(prize).then_some(prize)
    }

    /// The end of a play that wins this prize or none.
    pub(in crate::cards) fn end(&self, prize: Option<&Prize>) -> Outcome {
        let text = prize.map_or(self.winnings.lose_title, |prize| &prize.name);
        self.end_with(prize, text)
    }

    /// The same with other words for who wins nothing.
    pub(in crate::cards) fn end_with(&self, prize: Option<&Prize>, text: &LocalText) -> Outcome {
        let text = prize.map_or(text, |prize| &prize.name);
        let text = text.get(self.locale, self.locale).to_owned();
        let key = prize.map(|prize| prize.key.clone());
        let outcome = key.clone().unwrap_or_else(|| NONE.to_owned());
        let mut facts = FactValues::from([
            ("outcome".to_owned(), Value::Text(outcome)),
            ("outcome_text".to_owned(), Value::Text(text.clone())),
            ("won".to_owned(), Value::Bool(prize.is_some())),
        ]);
        if let Some(key) = &key {
            facts.insert("award:key".to_owned(), Value::Text(key.clone()));
            facts.insert("award:name".to_owned(), Value::Text(text));
        }
        Outcome {
            finished: true,
            facts,
            award: key,
            ..Outcome::default()
        }
    }
}

/// A card with prizes that has been opened.
#[derive(Debug)]
pub(in crate::cards) struct Opened<G> {
    game: G,
    locale: Locale,
}

/// Opens a card.
pub(in crate::cards) fn open<G: Game + 'static>(game: G, shell: &Shell<'_>) -> Box<dyn Card> {
    Box::new(Opened {
        game,
        locale: shell.default_locale().clone(),
    })
}

#[derive(Template)]
#[template(path = "cards/game/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    text: String,
    won: bool,
    image: Option<&'a str>,
    picture: String,
}

impl<G: Game> Opened<G> {
    fn results_face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let outcome = context.fact("outcome");
        if outcome.is_empty() {
            return Ok(String::new());
        }
        let winnings = self.game.winnings();
        let prize = winnings.prizes.iter().find(|prize| prize.key == outcome);
        let default = context.hub.default_locale();
        let local = |text: &LocalText| text.get(context.locale, default).to_owned();
        let lost = || {
            self.game
                .told(context)
                .unwrap_or((winnings.lose_title, winnings.lose_text))
        };
        // A prize that the author has taken off the list since then was still won.
        let title = match prize {
            Some(prize) => won(context.locale, &local(&prize.name)),
            None if outcome == NONE => local(lost().0),
            None => won(context.locale, &context.fact("award:name")),
        };
        let text = match prize {
            Some(prize) => local(&prize.message),
            None if outcome == NONE => local(lost().1),
            None => String::new(),
        };
        ResultsFace {
            context,
            title,
            text: markdown::html(&text),
            won: outcome != NONE,
            image: prize.and_then(|prize| context.image_url(prize.image.as_deref()?)),
            picture: self.game.picture(context)?,
        }
        .render()
    }
}

/// The announcement of a prize, in words.
fn won(locale: &Locale, prize: &str) -> String {
    texts::message(locale, "chance-won", &[("prize", prize.to_owned().into())])
}

impl<G: Game> Card for Opened<G> {
    fn kind(&self) -> &'static str {
        G::NAME
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let winnings = self.game.winnings();
        let mut found = prizes::problems("prizes", winnings.prizes, shell);
        if G::NEEDS_PRIZES && winnings.prizes.is_empty() {
            found.push(SetupProblem::error(
                "prizes",
                "nothing can be won",
                "Add a prize",
            ));
        }
        for (at, prize) in winnings.prizes.iter().enumerate().filter(|_| G::DRAWS) {
            if prize.chance == Percent::default() {
                found.push(SetupProblem::error(
                    format!("prizes[{at}].chance"),
                    "nobody can win this prize",
                    "Say how likely a play wins it",
                ));
            }
        }
        if winnings.prizes.len() > MOST_PRIZES {
            found.push(SetupProblem::error(
                "prizes",
                format!("there are more than {MOST_PRIZES} prizes"),
                "Remove some",
            ));
        }
        if let Some(at) = winnings.prizes.iter().position(|prize| prize.key == NONE) {
            found.push(SetupProblem::error(
                format!("prizes[{at}].key"),
                "`none` is the outcome of who wins nothing",
                "Give the prize another key",
            ));
        }
        if winnings.most_per_person == 0 {
            found.push(SetupProblem::error(
                "most_per_person",
                "nobody may win anything",
                "Let one person win at least one prize",
            ));
        }
        text_problems("lose_title", winnings.lose_title, true, shell, &mut found);
        text_problems("lose_text", winnings.lose_text, false, shell, &mut found);
        for (at, prize) in winnings.prizes.iter().enumerate() {
            let path = format!("prizes[{at}].message");
            text_problems(&path, &prize.message, false, shell, &mut found);
        }
        found.extend(self.game.problems(shell));
        found
    }

    fn controls(&self) -> Vec<Control> {
        G::controls()
    }

    fn setup(&self) -> Map<String, Json> {
        self.game.stored()
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        match context.stage {
            Stage::Play => self.game.face(context),
            Stage::Results => self.results_face(context),
        }
    }

    fn play(
        &self,
        before: &Json,
        movement: &Move,
        context: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let round = Round {
            context,
            locale: &self.locale,
            winnings: self.game.winnings(),
        };
        self.game.play(before, movement, &round)
    }

    fn prizes(&self) -> &[Prize] {
        self.game.winnings().prizes
    }

    fn facts(&self) -> Vec<FactDef> {
        let say = |id: &str| texts::plain(&self.locale, id);
        let winnings = self.game.winnings();
        let name = |text: &LocalText| text.get(&self.locale, &self.locale).to_owned();
        let prizes: Vec<_> = winnings
            .prizes
            .iter()
            .map(|prize| (prize.key.clone(), name(&prize.name)))
            .collect();
        let mut outcomes = prizes.clone();
        outcomes.push((NONE.to_owned(), name(winnings.lose_title)));
        let mut facts = vec![
            FactDef {
                options: outcomes,
                ..FactDef::new("outcome", say("chance-fact-outcome"), FactKind::Choice)
            },
            FactDef::new("outcome_text", say("chance-fact-outcome"), FactKind::Text),
            FactDef::new("won", say("chance-fact-won"), FactKind::YesNo),
            FactDef {
                options: prizes,
                ..FactDef::new("award:key", say("chance-fact-award"), FactKind::Choice)
            },
            FactDef::new("award:name", say("chance-fact-award"), FactKind::Text),
        ];
        facts.extend(self.game.facts(&self.locale));
        facts
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        match (facts.get("award:name"), facts.get("outcome")) {
            (Some(name), _) => texts::message(
                locale,
                "chance-summary-won",
                &[("prize", name.to_text().into())],
            ),
            (None, Some(_)) => texts::plain(locale, "chance-summary-lost"),
            (None, None) => String::new(),
        }
    }
}

/// What is wrong with an author's text: that it is empty, or not in all of the hub's languages.
pub(in crate::cards) fn text_problems(
    path: &str,
    text: &LocalText,
    required: bool,
    shell: &Shell<'_>,
    found: &mut Vec<SetupProblem>,
) {
    if required && text.is_empty() {
        found.push(SetupProblem::error(
            path,
            "the text is empty",
            "Write what people read",
        ));
    } else if !text.is_empty() {
        for locale in text.missing(shell.locales) {
            found.push(SetupProblem::warning(
                path,
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }
}

/// What is wrong with the key of an image.
pub(in crate::cards) fn image_problems(
    path: &str,
    image: Option<&str>,
    shell: &Shell<'_>,
    found: &mut Vec<SetupProblem>,
) {
    if let Some(image) = image.filter(|image| !shell.images.contains(image)) {
        found.push(SetupProblem::error(
            path,
            format!("the hub has no image `{image}`"),
            "Add the image to the hub, or choose another",
        ));
    }
}

/// A control.
pub(in crate::cards) const fn control(
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

/// A kind whose setup was declared with [`setup`] and whose folder has its texts in every language.
macro_rules! kind {
    ($name:literal, $engine:literal, $setup:ty, example: $example:expr, island: $island:expr, style: $style:expr, texts: [$($more:expr,)*]) => {
        crate::cards::Kind {
            name: $name,
            engine: $engine,
            title: concat!($name, "-title"),
            setup_version: 1,
            open: |setup, shell| Ok(crate::cards::game::open(crate::cards::kind::read::<$setup>(setup)?, shell)),
            upgrade: |_, setup| setup,
            sample,
            example: $example,
            schema: || schemars::schema_for!($setup).to_value(),
            island: $island,
            style: $style,
            texts: &[
                ("en", include_str!("texts.en.ftl")),
                ("de", include_str!("texts.de.ftl")),
                ("fr", include_str!("texts.fr.ftl")),
                ("es", include_str!("texts.es.ftl")),
                ("ja", include_str!("texts.ja.ftl")),
                $($more,)*
            ],
        }
    };
}
pub(in crate::cards) use kind;

/// A kind's own controls, and below them those that all have. A prize that is drawn has a chance; one that a code wins has none.
pub(in crate::cards) fn controls(
    mut own: Vec<Control>,
    chance: bool,
    fewest: usize,
) -> Vec<Control> {
    let mut item = vec![
        control(
            "name",
            "chance-control-prize-name",
            ControlKind::LocalText,
            true,
        ),
        control("key", "chance-control-prize-key", ControlKind::Key, true),
        control(
            "stock",
            "chance-control-prize-stock",
            ControlKind::Number {
                min: 0,
                max: u32::MAX.into(),
            },
            true,
        ),
    ];
    if chance {
        item.push(control(
            "chance",
            "chance-control-prize-chance",
            ControlKind::Percent,
            true,
        ));
    }
    item.push(control(
        "image",
        "chance-control-prize-image",
        ControlKind::Image,
        false,
    ));
    item.push(control(
        "message",
        "chance-control-prize-message",
        ControlKind::LongText,
        false,
    ));
    own.extend([
        control(
            "prizes",
            "chance-control-prizes",
            ControlKind::List {
                item,
                min: fewest,
                max: MOST_PRIZES,
            },
            fewest > 0,
        ),
        control(
            "most_per_person",
            "chance-control-most",
            ControlKind::Number { min: 1, max: 1_000 },
            true,
        ),
        control(
            "lose_title",
            "chance-control-lose-title",
            ControlKind::LocalText,
            true,
        ),
        control(
            "lose_text",
            "chance-control-lose-text",
            ControlKind::LongText,
            false,
        ),
    ]);
    own
}

/// A sample card with a form at its start: it has to be known who plays.
pub(in crate::cards) fn sample(key: &str, kind: &str, title: &str, mut own: Json) -> CardDoc {
    let shared = json!({
        "prizes": [
            { "key": "tasting", "name": "An ice-cream tasting for two", "stock": 5, "chance": 1,
              "message": "We write to you this week to find an **evening** that suits you." },
            { "key": "large-tub", "name": "A large tub of pistachio", "stock": 50, "chance": 5,
              "message": "Show this page in any of our shops and choose your tub." },
            { "key": "scoop", "name": "A free scoop", "stock": 1000, "chance": 30,
              "message": "Show this page at the counter. Any flavour, cup or cone." },
        ],
        "most_per_person": 1,
        "lose_title": "No prize this time",
        "lose_text": "Thank you for playing. The next scoop is never far: **find a shop** near you.",
    });
    if let (Json::Object(own), Json::Object(shared)) = (&mut own, shared) {
        for (name, value) in shared {
            own.entry(name).or_insert(value);
        }
    }
    let form = json!({ "fields": [
        { "key": "email", "type": "email", "label": "E-mail", "required": true }
    ] });
    CardDoc {
        setup: own.as_object().cloned().unwrap_or_default(),
        form: serde_json::from_value(form).ok(),
        ..CardDoc::new(key, kind, title)
    }
}
