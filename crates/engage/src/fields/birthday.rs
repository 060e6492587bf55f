//! A day of birth.
//! Promises a real date in the past, and an age within the author's limits on the participant's day.
//! Leaves what follows from somebody's age to entry rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::civil::Date;

use super::{Asked, FieldDoc, FieldProblem, FieldType, InputSpec, SettingProblem, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a birthday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Birthday {
    /// Youngest age in full years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    /// Oldest age in full years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u8>,
}

/// Nobody has become older; an earlier year is a typing mistake.
const OLDEST: u8 = 125;

/// Age in full years on a day. Who was born on 29 February has the birthday on 1 March in other years.
fn age(born: Date, today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    today
        .year()
        .saturating_sub(born.year())
        .saturating_sub(i16::from(before_birthday))
}

impl FieldType for Birthday {
    fn parse(&self, raw: &RawValue, asked: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, 40)? else {
            return Ok(None);
        };
        let wrong = || FieldProblem::new("birthday-wrong");
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(wrong());
        }
        let born: Date = text.parse().map_err(|_| wrong())?;
        if born > asked.today {
            return Err(FieldProblem::new("birthday-future"));
        }
        let age = age(born, asked.today);
        if let Some(min) = self.min_age.filter(|min| age < i16::from(*min)) {
            return Err(FieldProblem::new("birthday-too-young").with("age", min));
        }
        let oldest = self.max_age.unwrap_or(OLDEST);
        if age > i16::from(oldest) {
            return Err(FieldProblem::new("birthday-too-old").with("age", oldest));
        }
        Ok(Some(Value::Date(born)))
    }

    fn input(&self, _: &FieldDoc, asked: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.input_type = "date";
        spec.autocomplete = Some("bday");
        spec.max = Some(asked.today.to_string());
    }

    fn problems(&self) -> Vec<SettingProblem> {
        if let (Some(min), Some(max)) = (self.min_age, self.max_age)
            && min > max
        {
            return vec![SettingProblem::new(
                "min_age",
                "the youngest age is above the oldest",
                "Make min_age smaller than max_age",
            )];
        }
        Vec::new()
    }

    fn pii(&self) -> bool {
        true
    }

    fn missing(&self) -> &'static str {
        "birthday-missing"
    }

    fn sample(&self) -> RawValue {
        "1990-05-28".into()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::testing::{TODAY, accepted, refused};
    use super::*;

    #[test]
    fn a_real_day_in_the_past_is_a_birthday() {
        assert_eq!(
            accepted(&Birthday::default(), "2000-02-29"),
            Some(Value::Date(date(2000, 2, 29)))
        );
        for typed in [
            "29.02.2000",
            "2001-02-29",
            "2000-13-01",
            "20000229",
            "2000-2-9",
            "-002000-01-01",
            "2000-02-29T00:00:00",
        ] {
            assert!(
                refused(&Birthday::default(), typed).contains("YYYY-MM-DD"),
                "{typed}"
            );
        }
        assert!(refused(&Birthday::default(), "2126-01-01").contains("to come"));
        assert!(refused(&Birthday::default(), "0199-01-01").contains("too long ago"));
    }

    #[test]
    fn age_counts_full_years_on_the_participants_day() {
        let adults = Birthday {
            min_age: Some(18),
            max_age: Some(99),
        };
        let eighteen_today = TODAY.with().year(TODAY.year() - 18).build().unwrap();
        assert!(accepted(&adults, &eighteen_today.to_string()).is_some());
        assert!(refused(&adults, &eighteen_today.tomorrow().unwrap().to_string()).contains("18"));
        assert_eq!(age(date(2008, 2, 29), date(2026, 2, 28)), 17);
        assert_eq!(age(date(2008, 2, 29), date(2026, 3, 1)), 18);
    }
}
