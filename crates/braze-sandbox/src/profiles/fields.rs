//! The profile fields of Braze and what each takes (Braze contract 5.3).
//! Promises that a value of the wrong type or range is ignored with a reason, never stored.
//! Leaves the fields whose bad values refuse a whole object to `attributes`.

use serde_json::{Value, json};

use super::identifiers;
use crate::dates;

/// What becomes of a value for a profile field.
#[derive(Debug, PartialEq)]
pub(crate) enum Fit {
    /// Store this.
    Set(Value),
    /// Remove the field.
    Unset,
    /// Leave the field as it is; the reason is for the tester.
    Ignore(String),
    /// Not a profile field at all.
    Custom,
}

const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da \
    de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io \
    is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my \
    na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq \
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Rails' names of zones, as far as dashboards commonly show them.
const ZONES: &[(&str, &str)] = &[
    ("International Date Line West", "Etc/GMT+12"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Alaska", "America/Juneau"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Tijuana", "America/Tijuana"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Arizona", "America/Phoenix"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Mexico City", "America/Mexico_City"),
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Bogota", "America/Bogota"),
    ("Lima", "America/Lima"),
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Caracas", "America/Caracas"),
    ("Santiago", "America/Santiago"),
    ("Newfoundland", "America/St_Johns"),
    ("Brasilia", "America/Sao_Paulo"),
    ("Buenos Aires", "America/Argentina/Buenos_Aires"),
    ("Azores", "Atlantic/Azores"),
    ("UTC", "Etc/UTC"),
    ("Dublin", "Europe/Dublin"),
    ("Edinburgh", "Europe/London"),
    ("Lisbon", "Europe/Lisbon"),
    ("London", "Europe/London"),
    ("Amsterdam", "Europe/Amsterdam"),
    ("Berlin", "Europe/Berlin"),
    ("Bern", "Europe/Zurich"),
    ("Brussels", "Europe/Brussels"),
    ("Copenhagen", "Europe/Copenhagen"),
    ("Madrid", "Europe/Madrid"),
    ("Paris", "Europe/Paris"),
    ("Prague", "Europe/Prague"),
    ("Rome", "Europe/Rome"),
    ("Stockholm", "Europe/Stockholm"),
    ("Vienna", "Europe/Vienna"),
    ("Warsaw", "Europe/Warsaw"),
    ("Zurich", "Europe/Zurich"),
    ("Athens", "Europe/Athens"),
    ("Bucharest", "Europe/Bucharest"),
    ("Cairo", "Africa/Cairo"),
    ("Helsinki", "Europe/Helsinki"),
    ("Istanbul", "Europe/Istanbul"),
    ("Jerusalem", "Asia/Jerusalem"),
    ("Kyiv", "Europe/Kiev"),
    ("Moscow", "Europe/Moscow"),
    ("Abu Dhabi", "Asia/Muscat"),
    ("New Delhi", "Asia/Kolkata"),
    ("Bangkok", "Asia/Bangkok"),
    ("Jakarta", "Asia/Jakarta"),
    ("Beijing", "Asia/Shanghai"),
    ("Hong Kong", "Asia/Hong_Kong"),
    ("Singapore", "Asia/Singapore"),
    ("Seoul", "Asia/Seoul"),
    ("Tokyo", "Asia/Tokyo"),
    ("Brisbane", "Australia/Brisbane"),
    ("Melbourne", "Australia/Melbourne"),
    ("Sydney", "Australia/Sydney"),
    ("Auckland", "Pacific/Auckland"),
];

/// Whether a key of an attributes object steers processing or identifies, and so is never stored.
pub(crate) fn is_control(key: &str) -> bool {
    matches!(
        key,
        "external_id"
            | "user_alias"
            | "braze_id"
            | "_update_existing_only"
            | "_merge_objects"
            | "push_token_import"
    )
}

/// What becomes of `value` for the field `key`.
pub(crate) fn fit(key: &str, value: &Value) -> Fit {
    let known = matches!(
        key,
        "first_name"
            | "last_name"
            | "home_city"
            | "email"
            | "phone"
            | "dob"
            | "gender"
            | "country"
            | "language"
            | "time_zone"
            | "current_location"
            | "date_of_first_session"
            | "date_of_last_session"
            | "marked_email_as_spam_at"
            | "email_subscribe"
            | "push_subscribe"
            | "email_open_tracking_disabled"
            | "email_click_tracking_disabled"
            | "push_tokens"
            | "facebook"
            | "twitter"
            | "image_url"
            | "bio"
    );
    if !known {
        return Fit::Custom;
    }
    if key == "bio" {
        return Fit::Ignore("bio, which is no longer a field".to_owned());
    }
    if value.is_null() {
        return Fit::Unset;
    }
    match key {
        "email_open_tracking_disabled" | "email_click_tracking_disabled" => {
            return if value.is_boolean() {
                Fit::Set(value.clone())
            } else {
                Fit::Ignore(format!("{key} (it takes true or false)"))
            };
        }
        "facebook" | "twitter" => {
            return if value.is_object() {
                Fit::Set(value.clone())
            } else {
                Fit::Ignore(format!("{key} (it takes an object)"))
            };
        }
        // Their shape was checked when the object was taken in.
        "current_location" | "push_tokens" => return Fit::Set(value.clone()),
        _ => {}
    }
    let Some(text) = value.as_str() else {
        return Fit::Ignore(format!("{key} (it takes a text)"));
    };
    let set = |value: Option<String>, why: &str| {
        value.map_or_else(
            || Fit::Ignore(format!("{key} ({why})")),
            |value| Fit::Set(json!(value)),
        )
    };
    match key {
        "email" => set(identifiers::email(text), "not a valid address"),
        "phone" => set(identifiers::phone(text), "not a number in E.164"),
        "dob" => set(
            dates::parse_plain_day(text).map(|_| text.to_owned()),
            "not YYYY-MM-DD",
        ),
        "gender" => set(
            matches!(text, "M" | "F" | "O" | "N" | "P").then(|| text.to_owned()),
            "none of M, F, O, N, P",
        ),
        "country" => country(text).map_or(Fit::Unset, |code| Fit::Set(json!(code))),
        "language" => {
            let code = text.to_lowercase();
            let known = code.len() == 2
                && LANGUAGES
                    .split_ascii_whitespace()
                    .any(|language| language == code);
            set(known.then_some(code), "not ISO 639-1")
        }
        "time_zone" => set(zone(text), "not a zone name"),
        "date_of_first_session" | "date_of_last_session" | "marked_email_as_spam_at" => set(
            dates::parse(text).map(|moment| dates::iso(moment.millis)),
            "not a date",
        ),
        _ => Fit::Set(value.clone()),
    }
}

/// ISO 3166-1 alpha-2 for a code or a name; `None` when it is no country.
fn country(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let found = match text.len() {
        2 => celes::Country::from_alpha2(text.to_uppercase()),
        3 => celes::Country::from_alpha3(text.to_uppercase()),
        _ => celes::Country::from_name(text).or_else(|_| celes::Country::from_alias(text)),
    };
    found
        .ok()
        .or_else(|| named_country(text))
        .map(|country| country.alpha2)
}

/// Names with blanks and any case, which the library's own look-up does not take.
fn named_country(text: &str) -> Option<celes::Country> {
    celes::Country::get_countries()
        .into_iter()
        .find(|country| country.long_name.eq_ignore_ascii_case(text))
}

fn zone(text: &str) -> Option<String> {
    if let Some((_, iana)) = ZONES.iter().find(|(name, _)| *name == text) {
        return Some((*iana).to_owned());
    }
    let zone = jiff::tz::TimeZone::get(text).ok()?;
    zone.iana_name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_zones_are_mapped_where_possible() {
        assert_eq!(fit("country", &json!("Australia")), Fit::Set(json!("AU")));
        assert_eq!(fit("country", &json!("fr")), Fit::Set(json!("FR")));
        assert_eq!(fit("country", &json!("Atlantis")), Fit::Unset);
        assert_eq!(
            fit("time_zone", &json!("Europe/Paris")),
            Fit::Set(json!("Europe/Paris"))
        );
        assert_eq!(
            fit("time_zone", &json!("Eastern Time (US & Canada)")),
            Fit::Set(json!("America/New_York"))
        );
        assert!(matches!(
            fit("time_zone", &json!("Mars/Base")),
            Fit::Ignore(_)
        ));
        assert_eq!(fit("Email", &json!("x")), Fit::Custom);
    }
}
