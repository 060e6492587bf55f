//! A participant for the tests: plays any card by what its face offers, and knows nothing of kinds.
//! Promises that what it sends could have been sent by a browser without scripts.
//! Leaves what is to be true of a play to the tests.

use serde_json::Value as Json;

pub(crate) use super::filling::Dice;

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

/// Fills in one of the forms of a face and presses one of its buttons.
pub(crate) fn choose(html: &str, dice: &mut Dice, example: &[(&str, &str)]) -> Move {
    let filled = filling::fill_in(html, dice, example)
        .unwrap_or_else(|| panic!("an unfinished play offers no form: {html}"));
    let inputs = filled.inputs.into_iter();
    Move::from_pairs(inputs.filter(|(name, _)| name != "play_id")).unwrap()
}
