//! A simple stock of prizes, from which a card's rules may give one away during play.
//! Promises that the rules are pure: how much is left comes in, which prize is taken goes out; and that a prize that is gone is never chosen.
//! Leaves taking the unit to the store, which does it in the transaction of the move.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SetupProblem, Shell};
use crate::text::LocalText;

/// Chances are parts of a million, so that they add up exactly.
pub const WHOLE: u32 = 1_000_000;

/// Something that can be won during play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// What is stored and sent.
    pub key: String,
    /// What the winner reads.
    pub name: LocalText,
    /// How many there are.
    pub stock: u32,
    /// How likely one play wins it, in percent with up to four decimals: `2.5`. Left out where chance has no say, as with a code.
    #[serde(default, skip_serializing_if = "Percent::is_none")]
    pub chance: Percent,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How the winner gets it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub message: LocalText,
}

/// A share of all plays, exact to a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    millionths: u32,
}

impl Percent {
    /// This many parts of a million.
    pub const fn of_millionths(millionths: u32) -> Self {
        Self { millionths }
    }

    /// Whether it is no chance at all.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    const fn is_none(&self) -> bool {
        self.millionths == 0
    }

    /// Parts of a million.
    pub const fn millionths(self) -> u32 {
        self.millionths
    }
}

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.millionths.is_multiple_of(10_000) {
            serializer.serialize_u32(self.millionths / 10_000)
        } else {
            serializer.serialize_f64(f64::from(self.millionths) / 10_000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(serde::de::Error::custom(
                "a chance is a number from 0 to 100",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million, as was just checked"
        )]
        let millionths = (percent * 10_000.0).round() as u32;
        Ok(Self { millionths })
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 100 })
    }
}

/// What has been given away already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Units given, by the prize's key.
    pub given: BTreeMap<String, u64>,
    /// How many prizes of this card the player has won before.
    pub won_before: u64,
}

impl Stock {
    /// Whether a unit of this prize is left.
    pub fn has(&self, prize: &Prize) -> bool {
        let given = self.given.get(&prize.key).copied().unwrap_or_default();
        given < u64::from(prize.stock)
    }
}

/// Draws from the prizes: the seed's place among a million decides which one; none when that is nobody's place, when the prize is
/// gone, or when the player has won as many as one person may. Chances that nobody uses are never handed to other prizes.
pub fn draw<'a>(
    prizes: &'a [Prize],
    most_per_person: u32,
    seed: u64,
    stock: &Stock,
) -> Option<&'a Prize> {
    if stock.won_before >= u64::from(most_per_person) {
        return None;
    }
    let place = u32::try_from(spread(seed) % u64::from(WHOLE)).unwrap_or(WHOLE);
    let mut up_to = 0_u32;
    let drawn = prizes.iter().find(|prize| {
        up_to = up_to.saturating_add(prize.chance.millionths);
        place < up_to
    });
    drawn.filter(|prize| stock.has(prize))
}

/// Mixes a number so that all of its bits decide (`SplitMix64`, Steele et al. 2014); for drawing several things from one seed,
/// give each a number of its own: `spread(seed ^ n)`.
pub const fn spread(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number below `sides`, drawn as the `n`th thing from a seed; none where there is none.
pub fn below(sides: usize, seed: u64, n: u64) -> Option<usize> {
    let sides = u64::try_from(sides).ok()?;
    let at = spread(spread(seed).wrapping_add(n)).checked_rem(sides)?;
    usize::try_from(at).ok()
}

/// One of several places, drawn as the `n`th thing from a seed; none of none.
pub fn pick(places: &[usize], seed: u64, n: u64) -> Option<usize> {
    places.get(below(places.len(), seed, n)?).copied()
}

/// What is wrong with a list of prizes; `path` is where it stands in the setup.
pub fn problems(path: &str, prizes: &[Prize], shell: &Shell<'_>) -> Vec<SetupProblem> {
    let mut found = Vec::new();
    if !prizes.is_empty() && !shell.form_first {
        found.push(SetupProblem::error(
            path,
            "nobody is asked who they are before the play, so everybody could try until they win",
            "Add a form that comes before the play",
        ));
    }
    let total: u64 = prizes
        .iter()
        .map(|prize| u64::from(prize.chance.millionths))
        .sum();
    if total > u64::from(WHOLE) {
        found.push(SetupProblem::error(
            path,
            "the chances add up to more than 100 percent",
            "Lower some of them",
        ));
    }
    for (at, prize) in prizes.iter().enumerate() {
        let place = |part: &str| format!("{path}[{at}].{part}");
        if !crate::hub::is_field_key(&prize.key.replace('-', "_")) {
            found.push(SetupProblem::error(
                place("key"),
                "this cannot be the key of a prize",
                "Use lower-case letters, digits, `-` and `_`, beginning with a letter",
            ));
        }
        if prizes.iter().take(at).any(|before| before.key == prize.key) {
            found.push(SetupProblem::error(
                place("key"),
                format!("the prize `{}` stands twice", prize.key),
                "Give every prize a key of its own",
            ));
        }
        if prize.name.is_empty() {
            found.push(SetupProblem::error(
                place("name"),
                "the prize has no name",
                "Write what can be won",
            ));
        }
        if prize.stock == 0 {
            found.push(SetupProblem::warning(
                place("stock"),
                "there is none of this prize, so nobody can win it",
                "Say how many there are",
            ));
        }
        let image = prize.image.as_deref();
        super::game::image_problems(&place("image"), image, shell, &mut found);
        for locale in prize.name.missing(shell.locales) {
            found.push(SetupProblem::warning(
                place("name"),
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prize(key: &str, stock: u32, percent: f64) -> Prize {
        serde_json::from_value(
            serde_json::json!({ "key": key, "name": key, "stock": stock, "chance": percent }),
        )
        .unwrap()
    }

    #[test]
    fn over_many_plays_each_prize_is_won_as_often_as_its_chance_says() {
        let prizes = [
            prize("coffee", u32::MAX, 10.0),
            prize("trip", u32::MAX, 0.5),
        ];
        let mut won = BTreeMap::new();
        for seed in 0..200_000_u64 {
            if let Some(prize) = draw(&prizes, 1, seed, &Stock::default()) {
                *won.entry(prize.key.as_str()).or_insert(0_u32) += 1;
            }
        }
        // Four standard deviations around 20,000 and 1,000.
        assert!((19_463..=20_537).contains(&won["coffee"]), "{won:?}");
        assert!((874..=1_126).contains(&won["trip"]), "{won:?}");
    }

    #[test]
    fn what_is_gone_is_not_won_and_its_chance_goes_to_nobody_else() {
        let prizes = [prize("coffee", 1, 60.0), prize("cake", 9, 40.0)];
        let gone = Stock {
            given: [("coffee".to_owned(), 1)].into(),
            won_before: 0,
        };
        for seed in 0..1_000 {
            let before = draw(&prizes, 1, seed, &Stock::default()).unwrap();
            let after = draw(&prizes, 1, seed, &gone);
            assert_eq!(after.is_none(), before.key == "coffee");
        }
        let enough = Stock {
            won_before: 1,
            ..Stock::default()
        };
        assert!((0..1_000).all(|seed| draw(&prizes, 1, seed, &enough).is_none()));
    }

    #[test]
    fn a_chance_is_exact_and_stays_as_it_was_written() {
        for (text, millionths) in [("10", 100_000), ("2.5", 25_000), ("0.0001", 1)] {
            let percent: Percent = serde_json::from_str(text).unwrap();
            assert_eq!(percent.millionths(), millionths);
            assert_eq!(serde_json::to_string(&percent).unwrap(), text);
        }
        assert!(serde_json::from_str::<Percent>("101").is_err());
    }
}
