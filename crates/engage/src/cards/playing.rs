//! A participant for the tests: plays any card by what its face offers, and knows nothing of kinds.
//! Promises that what it sends could have been sent by a browser without scripts.
//! Leaves what is to be true of a play to the tests.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use serde_json::Value as Json;

use super::*;
use crate::{
    form::FieldError,
    hub::{CardDoc, HubDoc},
    ids::PlayId,
    text::Locale,
    time::Millis,
};

/// A card on the table, with a play in whatever state it is.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) hub: HubDoc,
    pub(crate) engine: Box<dyn Card>,
    pub(crate) state: Json,
    pub(crate) facts: FactValues,
    pub(crate) moves: u32,
    pub(crate) finished: bool,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) tried: Move,
    pub(crate) tallies: Vec<(Tally, u64)>,
    pub(crate) stock: Stock,
    pub(crate) seed: u64,
    /// Moves are a second apart.
    pub(crate) now: Millis,
}

impl Table {
    /// A fresh play of the card.
    pub(crate) fn with(card: CardDoc) -> Self {
        let hub = testing::hub_with(card);
        let engine = open(&hub);
        Self {
            hub,
            engine,
            state: Json::Null,
            facts: FactValues::new(),
            moves: 0,
            finished: false,
            errors: Vec::new(),
            tried: Move::default(),
            tallies: Vec::new(),
            stock: Stock::default(),
            seed: 1,
            now: Millis(1_700_000_000_000),
        }
    }

    /// What the participant sees in this language.
    pub(crate) fn face(&self, language: &str, stage: Stage) -> String {
        let locale: Locale = language.parse().unwrap();
        let results = self.engine.results(&self.tallies, &locale);
        let stand = (self.moves > 0).then_some(PlayStand {
            state: &self.state,
            facts: &self.facts,
            moves: self.moves,
            finished: self.finished,
        });
        let images = self.hub.images.iter();
        let image_urls =
            images.map(|image| (image.key.clone(), format!("/h/demo/i/{}", image.file)));
        let context = FaceContext {
            locale: &locale,
            hub: &self.hub,
            card: &self.hub.cards[0],
            stage,
            play_url: "/h/demo/c/x/plays",
            stand_url: "/h/demo/c/x/plays/7",
            image_urls: &image_urls.collect(),
            play_id: Some(PlayId::from_uuid(uuid::Uuid::from_u128(7))),
            errors: &self.errors,
            tried: &self.tried,
            results: &results,
            stand,
            now: self.now,
        };
        self.engine.face(&context).unwrap()
    }

    /// What a move would come to.
    pub(crate) fn decide(&self, movement: &Move) -> Result<Outcome, Refusal> {
        let context = PlayContext {
            now: self.now,
            started_at: Millis(1_700_000_000_000),
            seed: self.seed,
            stock: &self.stock,
        };
        self.engine.play(&self.state, movement, &context)
    }

    /// Makes a move, as the store would: a refused one changes nothing but what is shown.
    pub(crate) fn make(&mut self, movement: &Move) -> Result<(), Refusal> {
        self.now = Millis(self.now.0 + 1_000);
        let outcome = match self.decide(movement) {
            Ok(outcome) => outcome,
            Err(refusal) => {
                self.errors = refusal.messages(&Locale::ENGLISH);
                self.tried = movement.clone();
                return Err(refusal);
            }
        };
        self.errors.clear();
        self.tried = Move::default();
        self.moves += 1;
        self.state = outcome.state;
        self.facts = outcome.facts;
        self.finished = outcome.finished;
        for tally in outcome.tally {
            match self.tallies.iter_mut().find(|(known, _)| *known == tally) {
                Some((_, count)) => *count += 1,
                None => self.tallies.push((tally, 1)),
            }
        }
        if let Some(prize) = outcome.award {
            *self.stock.given.entry(prize).or_default() += 1;
        }
        Ok(())
    }

    /// Makes the move with these inputs.
    pub(crate) fn send(&mut self, inputs: &[(&str, &str)]) -> Result<(), Refusal> {
        let movement = inputs
            .iter()
            .fold(Move::default(), |movement, (name, value)| {
                movement.with(name, value)
            });
        self.make(&movement)
    }

    /// Plays to the end by what the face offers, choosing by dice; answers how many moves it took.
    pub(crate) fn play_through(&mut self, dice: &mut Dice, example: &[(&str, &str)]) -> u32 {
        for _ in 0..400 {
            if self.finished {
                return self.moves;
            }
            let face = self.face("en", Stage::Play);
            let movement = choose(&face, dice, example);
            // A refusal is shown and tried again, as people do.
            let _ = self.make(&movement);
        }
        panic!(
            "{}: after 400 moves the play is not over; the face offers {}",
            self.engine.kind(),
            self.face("en", Stage::Play)
        );
    }
}

fn open(hub: &HubDoc) -> Box<dyn Card> {
    let card = &hub.cards[0];
    let shell = Shell {
        card_key: &card.key,
        locales: &hub.hub.locales,
        images: &[],
        form_first: card.form_first(),
    };
    kind(&card.kind).unwrap().open(&card.setup, &shell).unwrap()
}

/// Dice that fall the same way each time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 = prizes::spread(self.0);
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }
}

static TAGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<(input|textarea|button)\b([^>]*)>").unwrap());
static SELECTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<select\b([^>]*)>(.*?)</select>").unwrap());

/// Fills in one of the forms of a page and presses one of its buttons.
pub(crate) fn choose(html: &str, dice: &mut Dice, example: &[(&str, &str)]) -> Move {
    let forms: Vec<&str> = html
        .split("<form ")
        .skip(1)
        .map(|form| form.split("</form>").next().unwrap())
        .collect();
    assert!(
        !forms.is_empty(),
        "an unfinished play offers no form: {html}"
    );
    let form = forms[dice.below(forms.len())];
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut buttons = Vec::new();
    for found in TAGS.captures_iter(form) {
        let (tag, attributes) = (&found[1], &found[2]);
        let name = attribute(attributes, "name").unwrap_or_default();
        let value = attribute(attributes, "value");
        if attributes.contains(" disabled") {
            continue;
        }
        let kind = attribute(attributes, "type").unwrap_or_default();
        if let Some((_, text)) = example.iter().find(|(of, _)| *of == name)
            && !matches!(kind.as_str(), "hidden" | "radio" | "checkbox" | "submit")
        {
            pairs.push((name, (*text).to_owned()));
            continue;
        }
        match (tag, kind.as_str()) {
            ("button", "button") => {}
            // A way back, which leads to no end.
            ("button", _) if attributes.contains(" formnovalidate") => {}
            ("button", _) => buttons.push((name, value.unwrap_or_default())),
            ("input", "hidden") => pairs.push((name, value.unwrap_or_default())),
            ("input", "radio") => groups
                .entry(name)
                .or_default()
                .push(value.unwrap_or_else(|| "on".to_owned())),
            ("input", "checkbox") => {
                if dice.below(2) == 0 {
                    pairs.push((name, value.unwrap_or_else(|| "on".to_owned())));
                }
            }
            ("input", "number" | "range") => {
                let bound = |which: &str| {
                    attribute(attributes, which).and_then(|it| it.parse::<i64>().ok())
                };
                let (min, max) = (bound("min").unwrap_or(0), bound("max").unwrap_or(10));
                let span = usize::try_from(max - min).unwrap_or(0) + 1;
                let number = min + i64::try_from(dice.below(span)).unwrap();
                pairs.push((name, number.to_string()));
            }
            ("input", "date") => pairs.push((name, "2000-01-01".to_owned())),
            _ => {
                let length = attribute(attributes, "minlength").and_then(|it| it.parse().ok());
                pairs.push((name, "e".repeat(length.unwrap_or(3))));
            }
        }
    }
    for found in SELECTS.captures_iter(form) {
        let name = attribute(&found[1], "name").unwrap_or_default();
        let values = found[2].split("<option").skip(1);
        let values: Vec<String> = values
            .filter_map(|option| attribute(option, "value"))
            .collect();
        groups.entry(name).or_default().extend(values);
    }
    for (name, values) in groups {
        let value = values[dice.below(values.len())].clone();
        pairs.push((name, value));
    }
    assert!(!buttons.is_empty(), "a form without a button: {form}");
    let (name, value) = buttons[dice.below(buttons.len())].clone();
    if !name.is_empty() {
        pairs.push((name, value));
    }
    pairs.retain(|(name, _)| name != "play_id");
    Move::from_pairs(pairs).unwrap()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    let value = rest.split('"').next()?;
    let unescaped = value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    Some(unescaped)
}
