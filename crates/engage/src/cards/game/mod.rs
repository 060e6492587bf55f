//! What all kinds share in which a prize may be won: the draw, how it is told, and the page afterwards.
//! Promises one set of facts for all of them, whether chance or skill leads to the prize.
//! Leaves to a kind its setup, its face and what its moves mean.

mod declare;
mod settings;

use std::fmt::Debug;

use askama::Template;
use serde_json::{Map, Value as Json, json};

use super::{
    Card, Control, FaceContext, FactDef, FactKind, FactValues, Move, Outcome, Percent, PlayContext,
    Prize, Refusal, SetupProblem, Shell, Stage, prizes,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, markdown, texts},
};

pub(in crate::cards) use declare::{kind, one, setup};
pub(in crate::cards) use settings::{control, controls, image_problems, text_problems};

/// The outcome of who wins nothing.
const NONE: &str = "none";
/// So that a list of prizes stays one that people can read.
const MOST_PRIZES: usize = 12;

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
