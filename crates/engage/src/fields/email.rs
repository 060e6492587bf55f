//! An e-mail address.
//! Promises an address in lower case, so that one person is found again however the address is typed.
//! Leaves whether somebody reads the mail there to verification.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, FieldDoc, FieldProblem, FieldType, InputSpec, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of an e-mail address: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {}

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX: usize = 254;

impl FieldType for Email {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, MAX)? else {
            return Ok(None);
        };
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let address = email_address::EmailAddress::parse_with_options(&text, options)
            .map_err(|_| FieldProblem::new("email-wrong"))?;
        // A quoted local part is legal and nobody's; Braze refuses it.
        if address.local_part().starts_with('"') {
            return Err(FieldProblem::new("email-wrong"));
        }
        Ok(Some(Value::Text(text.to_lowercase())))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.input_type = "email";
        spec.inputmode = Some("email");
        spec.autocomplete = Some("email");
        spec.verbatim = true;
        spec.max_length = Some(254);
    }

    fn pii(&self) -> bool {
        true
    }

    fn missing(&self) -> &'static str {
        "email-missing"
    }

    fn sample(&self) -> RawValue {
        "name@example.com".into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case_without_the_space_around_it() {
        for (typed, kept) in [
            ("  Ann.Lee@Example.COM ", "ann.lee@example.com"),
            ("j\u{fc}rgen@m\u{fc}ller.de", "j\u{fc}rgen@m\u{fc}ller.de"),
            ("a+tag@sub.example.co.uk", "a+tag@sub.example.co.uk"),
        ] {
            assert_eq!(
                accepted(&Email {}, typed),
                Some(Value::Text(kept.to_owned()))
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_form_to_use() {
        let long = format!("{}@example.com", "a".repeat(300));
        for typed in [
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "Ann <a@example.com>",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "a@b.com, c@d.com",
        ] {
            assert!(
                refused(&Email {}, typed).contains("name@example.com"),
                "{typed}"
            );
        }
        assert!(refused(&Email {}, &long).contains("254"));
    }
}
