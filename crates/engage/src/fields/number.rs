//! A number, as people of different countries type it.
//! Promises never to misread a number by a factor of a thousand: what is ambiguous in a whole number is refused.
//! Leaves units to the label.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, FieldDoc, FieldProblem, FieldType, InputSpec, SettingProblem, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whole numbers only.
    #[serde(default)]
    pub integer: bool,
}

impl Number {
    /// Reads digits with an optional sign, grouping and one decimal separator, point or comma.
    fn read(text: &str) -> Option<f64> {
        // Spaces and apostrophes only ever group.
        let bare: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '\'' | '\u{a0}' | '\u{202f}' | '\u{2019}'))
            .map(|c| if c == '\u{2212}' { '-' } else { c })
            .collect();
        let digits = bare.strip_prefix(['-', '+']).unwrap_or(&bare);
        if !digits
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == ',')
        {
            return None;
        }
        // With both marks the last one is the decimal separator and stands once; a single kind of mark that stands
        // more than once can only group.
        let (point, comma) = (digits.rfind('.'), digits.rfind(','));
        let (last, other) = if point > comma {
            ('.', ',')
        } else {
            (',', '.')
        };
        let both = point.is_some() && comma.is_some();
        let (group, decimal) = match (both, digits.matches(last).count() > 1) {
            (true, true) => return None,
            (false, true) => (last, other),
            (_, false) => (other, last),
        };
        let whole = digits.split(decimal).next().unwrap_or_default();
        let grouped = whole.contains(group);
        if grouped
            && !whole
                .split(group)
                .enumerate()
                .all(|(at, part)| part.len() == 3 || (at == 0 && (1..=3).contains(&part.len())))
        {
            return None;
        }
        let plain: String = bare
            .chars()
            .filter(|c| *c != group)
            .map(|c| if c == decimal { '.' } else { c })
            .collect();
        plain.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// A whole number as people type it; none where it is none, or could be misread by a factor of a thousand.
pub(crate) fn whole(text: &str) -> Option<i64> {
    if is_ambiguous(text) {
        return None;
    }
    exactly(Number::read(text)?)
}

/// A whole number that a double still tells from its neighbours: up to 2^53.
fn exactly(number: f64) -> Option<i64> {
    if number.fract() != 0.0 || number.abs() > 9_007_199_254_740_992.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within 2^53, checked above"
    )]
    Some(number as i64)
}

/// Whether a single mark could separate thousands as well as decimals: exactly three digits follow it.
fn is_ambiguous(text: &str) -> bool {
    let mut parts = text.split(['.', ',']);
    let after = parts.next().and(parts.next());
    after.is_some_and(|digits| digits.chars().filter(char::is_ascii_digit).count() == 3)
        && parts.next().is_none()
}

impl FieldType for Number {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let wrong = || {
            FieldProblem::new("number-wrong")
                .with("example", if self.integer { 12.0 } else { 12.5 })
        };
        let number = match raw {
            // Numbers of JSON are read as they are, exponents and all.
            RawValue::Number(number) => number
                .as_f64()
                .filter(|number| number.is_finite())
                .ok_or_else(wrong)?,
            other => {
                let Some(text) = line(other, 40)? else {
                    return Ok(None);
                };
                // "1.000" is a thousand to one reader and one to another.
                if self.integer && is_ambiguous(&text) {
                    return Err(FieldProblem::new("number-not-whole"));
                }
                Self::read(&text).ok_or_else(wrong)?
            }
        };
        let value = if self.integer {
            let whole = exactly(number);
            Value::Integer(whole.ok_or_else(|| FieldProblem::new("number-not-whole"))?)
        } else {
            // No minus zero: it would be stored and compared as another value than zero.
            Value::Number(if number == 0.0 { 0.0 } else { number })
        };
        if let Some(min) = self.min.filter(|min| number < *min) {
            return Err(FieldProblem::new("number-too-small").with("min", min));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            return Err(FieldProblem::new("number-too-large").with("max", max));
        }
        Ok(Some(value))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        // Not `type="number"`: it swallows what it can't read, and wheels change it by accident.
        spec.input_type = "text";
        spec.inputmode = Some(if self.integer { "numeric" } else { "decimal" });
        spec.max_length = Some(40);
        spec.min = self.min.map(|min| min.to_string());
        spec.max = self.max.map(|max| max.to_string());
    }

    fn problems(&self) -> Vec<SettingProblem> {
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return vec![SettingProblem::new(
                "min",
                "the smallest number is above the largest",
                "Make min smaller than max",
            )];
        }
        Vec::new()
    }

    fn missing(&self) -> &'static str {
        "number-missing"
    }

    fn sample(&self) -> RawValue {
        let number = self.min.or(self.max).unwrap_or(3.0);
        number.to_string().as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    #[test]
    fn point_and_comma_both_work() {
        for (typed, number) in [
            ("12", 12.0),
            ("12,5", 12.5),
            ("12.5", 12.5),
            ("-0.5", -0.5),
            ("\u{2212}3", -3.0),
            ("1.234,56", 1234.56),
            ("1,234.56", 1234.56),
            ("1.234.567", 1_234_567.0),
            ("1'234.5", 1234.5),
            ("1 234,5", 1234.5),
            (",5", 0.5),
            ("-0", 0.0),
        ] {
            assert_eq!(
                accepted(&Number::default(), typed),
                Some(Value::Number(number)),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in [
            "twelve",
            "1e5",
            "NaN",
            "inf",
            "0x10",
            "1,2,3",
            "1.2.3,4,5",
            "--1",
            "+",
            ".",
            "12-",
            "12 %",
        ] {
            assert!(
                refused(&Number::default(), typed).contains("12.5"),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_whole_number_is_never_misread_by_a_thousand() {
        let whole = Number {
            integer: true,
            min: Some(1.0),
            max: Some(10_000.0),
        };
        assert_eq!(accepted(&whole, "1 234"), Some(Value::Integer(1234)));
        assert_eq!(accepted(&whole, "7.0"), Some(Value::Integer(7)));
        assert_eq!(accepted(&whole, "7,00"), Some(Value::Integer(7)));
        for typed in ["1.234", "1.000", "1,000", "9.000 "] {
            assert!(refused(&whole, typed).contains("whole"), "{typed}");
        }
        assert!(refused(&whole, "0").contains('1'));
        assert!(refused(&whole, "10001").contains("10000"));
    }

    #[test]
    fn numbers_of_json_are_read_as_they_are() {
        let raw = RawValue::Number(serde_json::Number::from(12));
        let parsed = Number::default().parse(&raw, &super::super::testing::asked());
        assert_eq!(parsed, Ok(Some(Value::Number(12.0))));
    }
}
