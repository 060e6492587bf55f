//! A calendar with a door for each day: something to read behind it, or a chance to win.
//! Promises that a door opens on its day in the author's time zone and not before, that nothing of a closed door stands on the
//! page, and that doors stay open. Leaves the swing of a door to the island.

use std::collections::BTreeSet;

use askama::Template;
use jiff::{Span, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, FactDef, FactKind, Kind, Move, Outcome, Refusal,
    SetupProblem, Shell,
    card::{state, stored},
    game::{self, Game, Round, control},
    zone,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, markdown, texts},
    time::Millis,
};

pub(super) const KIND: Kind = game::kind!(
    "advent-calendar", "chance", CalendarSetup,
    example: &[],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// More doors than a month has days are no calendar.
const MOST_DOORS: usize = 31;
/// The fact that tells which doors were opened.
const OPENED: &str = "choice:doors";
/// The fact that tells how many.
const COUNT: &str = "doors";

game::setup! {
    /// The setup of a calendar. One play opens all its doors, and wins at most one prize.
    CalendarSetup {
        /// The day of the first door, as in `2026-12-01`; each further door has the next day.
        #[schemars(with = "String")]
        first_day: Date,
        /// Where a day begins: `Europe/Rome`, `+01:00`, or `UTC`, which it is when left out.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        time_zone: String,
        /// Whether a door can be opened after its day too.
        #[serde(default = "late")]
        late_doors: bool,
        /// The doors in their order.
        doors: Vec<Door>,
    }
}

const fn late() -> bool {
    true
}

/// A door and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Door {
    /// What is read first.
    pub title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether a prize may be behind it.
    #[serde(default)]
    pub chance: bool,
}

fn sample() -> CardDoc {
    let own = json!({
        "first_day": "2023-07-01",
        "time_zone": "Europe/Rome",
        "late_doors": true,
        "doors": [
            { "title": "A spoon of lemon", "text": "Amalfi lemons, peeled by hand. *The zest is the secret.*" },
            { "title": "Look under the lid", "chance": true },
            { "title": "Nonna’s trick", "text": "Warm the spoon, not the ice cream: hold it under hot water for **three seconds**." },
            { "title": "Look under the lid", "chance": true },
            { "title": "What pairs with basil?", "text": "Strawberries. And a little black pepper." },
            { "title": "Look under the lid", "chance": true },
            { "title": "The last scoop", "text": "Seven days, seven doors. The recipe for our *fior di latte*: milk, cream, sugar, patience." },
        ],
        "lose_title": "All doors are open",
        "lose_text": "No prize was behind yours this time. The recipes are yours to keep.",
    });
    game::sample("calendar", KIND.name, "Seven days of summer", own)
}

/// The doors that are open, the latest last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Doors {
    opened: Vec<usize>,
    /// The number of the door behind which there was a prize, and its key.
    won: Option<(usize, String)>,
}

/// How a door stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Open,
    Ready,
    Closed,
    Missed,
}

/// A door as it is drawn.
struct Shown {
    number: usize,
    stand: Stand,
    day: String,
    label: String,
}

/// What was behind an open door.
struct Behind<'a> {
    heading: String,
    title: &'a str,
    text: String,
    image: Option<&'a str>,
    luck: String,
    latest: bool,
}

#[derive(Template)]
#[template(path = "cards/chance/advent_calendar/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    newest: Option<Behind<'a>>,
    earlier: Vec<Behind<'a>>,
    doors: Vec<Shown>,
    next: String,
}

#[derive(Template)]
#[template(path = "cards/chance/advent_calendar/opened.html")]
struct OpenedDoors<'a> {
    earlier: Vec<Behind<'a>>,
}

impl CalendarSetup {
    /// The day of a door; numbers begin at 1.
    fn day(&self, number: usize) -> Option<Date> {
        let days = i64::try_from(number.checked_sub(1)?).ok()?;
        self.first_day
            .checked_add(Span::new().try_days(days).ok()?)
            .ok()
    }

    fn door(&self, number: usize) -> Option<&Door> {
        self.doors.get(number.checked_sub(1)?)
    }

    fn numbers(&self) -> std::ops::RangeInclusive<usize> {
        1..=self.doors.len().min(MOST_DOORS)
    }

    /// The day that it is for this calendar.
    fn today(&self, now: Millis) -> Option<Date> {
        zone::day(
            now,
            &zone::zone(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
        )
    }

    fn stand(&self, number: usize, doors: &Doors, today: Option<Date>) -> Stand {
        let (Some(day), Some(today)) = (self.day(number), today) else {
            return Stand::Closed;
        };
        match () {
            () if doors.opened.contains(&number) => Stand::Open,
            () if day > today => Stand::Closed,
            () if day == today || self.late_doors => Stand::Ready,
            () => Stand::Missed,
        }
    }

    fn behind<'a>(
        &'a self,
        context: &FaceContext<'a>,
        doors: &Doors,
        number: usize,
    ) -> Option<Behind<'a>> {
        let door = self.door(number)?;
        let prize = doors.won.as_ref().filter(|(at, _)| *at == number);
        let luck = match prize {
            Some((_, key)) => {
                let prize = self.prizes.iter().find(|prize| prize.key == *key);
                let name = prize.map_or_else(
                    || context.fact("award:name"),
                    |prize| context.local(&prize.name).to_owned(),
                );
                texts::message(context.locale, "chance-won", &[("prize", name.into())])
            }
            None if door.chance => context.say("advent-calendar-no-luck"),
            None => String::new(),
        };
        Some(Behind {
            heading: context.say_number(
                "advent-calendar-door",
                i64::try_from(number).unwrap_or_default(),
            ),
            title: context.local(&door.title),
            text: markdown::html(context.local(&door.text)),
            image: door.image.as_deref().and_then(|key| context.image_url(key)),
            luck,
            latest: doors.opened.last() == Some(&number),
        })
    }

    /// What was behind the doors that are open, in the order of their numbers.
    fn opened<'a>(&'a self, context: &FaceContext<'a>, doors: &Doors) -> Vec<Behind<'a>> {
        let numbers: BTreeSet<usize> = doors.opened.iter().copied().collect();
        numbers
            .into_iter()
            .filter_map(|number| self.behind(context, doors, number))
            .collect()
    }

    fn shown(
        &self,
        context: &FaceContext<'_>,
        doors: &Doors,
        number: usize,
        today: Option<Date>,
    ) -> Shown {
        let stand = self.stand(number, doors, today);
        let day = self
            .day(number)
            .map(|day| zone::day_in_words(context.locale, day))
            .unwrap_or_default();
        let say = match stand {
            Stand::Open => "advent-calendar-is-open",
            Stand::Ready => "advent-calendar-open",
            Stand::Closed => "advent-calendar-is-closed",
            Stand::Missed => "advent-calendar-missed",
        };
        Shown {
            number,
            stand,
            label: context.say_number(say, i64::try_from(number).unwrap_or_default()),
            day,
        }
    }
}

impl Game for CalendarSetup {
    const NAME: &'static str = KIND.name;
    const NEEDS_PRIZES: bool = false;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if self.doors.is_empty() || self.doors.len() > MOST_DOORS {
            found.push(SetupProblem::error(
                "doors",
                "a calendar has 1 to 31 doors",
                "Add or remove doors",
            ));
        }
        found.extend(zone::problem("time_zone", &self.time_zone));
        let chances = self.doors.iter().any(|door| door.chance);
        if chances == self.prizes.is_empty() {
            let (message, remedy) = if chances {
                (
                    "a door promises a chance, and nothing can be won",
                    "Add a prize, or take the chance away from the doors",
                )
            } else {
                (
                    "there are prizes, and no door has a chance of one",
                    "Give a door a chance, or remove the prizes",
                )
            };
            found.push(SetupProblem::error("doors", message, remedy));
        }
        for (at, door) in self.doors.iter().enumerate() {
            let path = |part: &str| format!("doors[{at}].{part}");
            game::text_problems(&path("title"), &door.title, true, shell, &mut found);
            game::text_problems(&path("text"), &door.text, false, shell, &mut found);
            game::image_problems(&path("image"), door.image.as_deref(), shell, &mut found);
        }
        found
    }

    fn controls() -> Vec<Control> {
        let item = vec![
            control(
                "title",
                "advent-calendar-control-door-title",
                ControlKind::LocalText,
                true,
            ),
            control(
                "text",
                "advent-calendar-control-door-text",
                ControlKind::LongText,
                false,
            ),
            control(
                "image",
                "advent-calendar-control-door-image",
                ControlKind::Image,
                false,
            ),
            control(
                "chance",
                "advent-calendar-control-door-chance",
                ControlKind::YesNo,
                false,
            ),
        ];
        let doors = ControlKind::List {
            item,
            min: 1,
            max: MOST_DOORS,
        };
        let own = vec![
            control(
                "first_day",
                "advent-calendar-control-first-day",
                ControlKind::Moment,
                true,
            ),
            control(
                "time_zone",
                "advent-calendar-control-zone",
                ControlKind::Text,
                false,
            ),
            control(
                "late_doors",
                "advent-calendar-control-late",
                ControlKind::YesNo,
                true,
            ),
            control("doors", "advent-calendar-control-doors", doors, true),
        ];
        game::controls(own, true, 0)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let doors: Doors = context.state();
        let today = self.today(context.now);
        let shown: Vec<Shown> = self
            .numbers()
            .map(|number| self.shown(context, &doors, number, today))
            .collect();
        let ready = shown.iter().any(|door| door.stand == Stand::Ready);
        let next = shown
            .iter()
            .find(|door| door.stand == Stand::Closed && !ready)
            .map(|door| door.day.clone());
        let (newest, earlier) = self
            .opened(context, &doors)
            .into_iter()
            .partition(|door: &Behind<'_>| door.latest);
        let mut newest: Vec<_> = newest;
        Face {
            context,
            newest: newest.pop(),
            earlier,
            doors: shown,
            next: next
                .map(|day| {
                    texts::message(
                        context.locale,
                        "advent-calendar-next",
                        &[("day", day.into())],
                    )
                })
                .unwrap_or_default(),
        }
        .render()
    }

    fn picture(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        OpenedDoors {
            earlier: self.opened(context, &context.state()),
        }
        .render()
    }

    fn play(&self, before: &Json, movement: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let mut doors: Doors = state(before);
        let today = self.today(round.context.now);
        let chosen = movement.get("door");
        let number = self.numbers().find(|number| number.to_string() == chosen);
        let (number, door) = number
            .and_then(|number| Some((number, self.door(number)?)))
            .ok_or_else(|| Refusal::because("advent-calendar-none-chosen"))?;
        match self.stand(number, &doors, today) {
            Stand::Ready => {}
            Stand::Open => return Err(Refusal::because("advent-calendar-open-already")),
            Stand::Closed => return Err(Refusal::because("advent-calendar-too-early")),
            Stand::Missed => return Err(Refusal::because("advent-calendar-too-late")),
        }
        doors.opened.push(number);
        // A play takes one unit from the stock at most.
        let drawn = if door.chance && doors.won.is_none() {
            round.draw_as(number)
        } else {
            None
        };
        if let Some(prize) = drawn {
            doors.won = Some((number, prize.key.clone()));
        }
        let left = self
            .numbers()
            .map(|number| self.stand(number, &doors, today));
        let finished = !left
            .into_iter()
            .any(|stand| matches!(stand, Stand::Ready | Stand::Closed));
        let won = doors
            .won
            .as_ref()
            .and_then(|(_, key)| self.prizes.iter().find(|prize| prize.key == *key));
        let mut outcome = round.end(won);
        let opened: BTreeSet<usize> = doors.opened.iter().copied().collect();
        outcome.facts.insert(
            COUNT.to_owned(),
            Value::Integer(i64::try_from(opened.len()).unwrap_or_default()),
        );
        outcome.facts.insert(
            OPENED.to_owned(),
            Value::List(opened.iter().map(ToString::to_string).collect()),
        );
        Ok(Outcome {
            finished,
            award: drawn.map(|prize| prize.key.clone()),
            state: stored(&doors),
            ..outcome
        })
    }

    fn facts(&self, locale: &Locale) -> Vec<FactDef> {
        let numbers = self
            .numbers()
            .map(|number| (number.to_string(), number.to_string()));
        let opened = texts::plain(locale, "advent-calendar-fact-opened");
        vec![
            FactDef::new(
                COUNT,
                texts::plain(locale, "advent-calendar-fact-count"),
                FactKind::Number,
            ),
            FactDef {
                options: numbers.collect(),
                ..FactDef::new(OPENED, opened, FactKind::Choices)
            },
        ]
    }
}

#[cfg(test)]
mod tests;
