//! Values between a document and the inputs that show them.
//! Promises: a value that is sent back as it was shown changes nothing; what can't be stored is refused with a sentence.
//! Leaves to others: whether a value makes sense (`HubDoc::problems`).

use engage::text::Locale;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value as Json};

use super::control::Kind;

/// The languages that texts are written in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Languages<'a> {
    /// The one that is edited.
    pub(super) locale: &'a Locale,
    /// All of the hub's; the first is the default.
    pub(super) all: &'a [Locale],
}

/// `a.b[2].c` as a JSON pointer.
fn pointer(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    if !path.is_empty() {
        out.push('/');
    }
    for letter in path.chars() {
        match letter {
            '.' | '[' => out.push('/'),
            ']' => {}
            other => out.push(other),
        }
    }
    out
}

/// The value at a path.
pub(super) fn get<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    json.pointer(&pointer(path))
}

/// The value at a path, to be changed.
pub(super) fn get_mut<'a>(json: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    json.pointer_mut(&pointer(path))
}

/// Puts a value, or takes it away. Tables on the way are made; lists are not.
pub(super) fn put(json: &mut Json, path: &str, value: Option<Json>) {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    if !parent.is_empty() && get(json, parent).is_none_or(Json::is_null) {
        if value.is_none() {
            return;
        }
        put(json, parent, Some(Json::Object(Map::new())));
    }
    if let Some(Json::Object(members)) = get_mut(json, parent) {
        match value {
            Some(value) => drop(members.insert(name.to_owned(), value)),
            None => drop(members.remove(name)),
        }
    }
}

/// A text in a language; what stands for all languages in each of them, and else nothing.
pub(super) fn local(text: &Json, locale: &Locale) -> String {
    match text {
        Json::String(text) => text.clone(),
        Json::Object(texts) => texts
            .get(locale.as_str())
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
        _ => String::new(),
    }
}

/// A value as its input shows it; lines for several.
pub(super) fn shown(kind: &Kind, value: Option<&Json>, locale: &Locale) -> String {
    let Some(value) = value else {
        return String::new();
    };
    match (kind, value) {
        (Kind::LocalText | Kind::LongText, text) => local(text, locale),
        (Kind::YesNo, yes) => if yes == &Json::Bool(true) { "yes" } else { "" }.to_owned(),
        (Kind::Moment, Json::String(text)) => text.parse::<Timestamp>().map_or_else(
            |_| text.clone(),
            |moment| moment.strftime("%Y-%m-%dT%H:%M").to_string(),
        ),
        (_, Json::Array(items)) => {
            let lines: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            lines.join("\n")
        }
        (_, Json::String(text)) => text.clone(),
        (_, Json::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// What is to be stored for what was sent: a value, or none where there is nothing. `old` is what is stored now.
pub(super) fn stored(
    kind: &Kind,
    required: bool,
    old: Option<&Json>,
    sent: &str,
    languages: Languages<'_>,
) -> Result<Option<Json>, String> {
    let text = sent.trim();
    let or_none = |value: Json| (!text.is_empty() || required).then_some(value);
    Ok(match kind {
        Kind::LocalText => local_text(old, text, required, languages),
        // Blanks at the end of a line mean something in Markdown; those around the whole text do not.
        Kind::LongText => local_text(old, sent.trim_matches('\n').trim_end(), required, languages),
        Kind::Text | Kind::Address | Kind::Image | Kind::Colour => or_none(Json::from(text)),
        Kind::Choice(all) => {
            if !text.is_empty() && !all.iter().any(|(value, _)| value == text) {
                return Err("Choose one of these.".to_owned());
            }
            or_none(Json::from(text))
        }
        Kind::YesNo => Some(Json::Bool(text == "yes")),
        Kind::Number { min, max } => {
            if text.is_empty() && !required {
                return Ok(None);
            }
            let number = text.parse::<i64>().ok();
            let Some(number) = number.filter(|it| (min..=max).contains(&it)) else {
                return Err(format!("Enter a whole number from {min} to {max}."));
            };
            Some(Json::from(number))
        }
        Kind::Percent => {
            let number = text.trim_end_matches(['%', ' ']).replace(',', ".");
            let number = number.parse::<f64>().ok();
            let Some(number) = number.filter(|it| (0.0..=100.0).contains(it)) else {
                return Err("Enter a number from 0 to 100, for example 2.5.".to_owned());
            };
            Some(Json::from(number))
        }
        Kind::Moment => moment(text)?,
        Kind::Texts { max } => {
            let lines: Vec<Json> = lines(text).take(*max).map(Json::from).collect();
            (!lines.is_empty() || required).then_some(Json::from(lines))
        }
        Kind::Several(all) => {
            let chosen = lines(text).filter(|it| all.iter().any(|(value, _)| value == it));
            let chosen: Vec<&str> = chosen.collect();
            // What was there stays in its place: the order may mean something.
            let before: Vec<&str> = old
                .and_then(Json::as_array)
                .map(|it| it.iter().filter_map(Json::as_str).collect())
                .unwrap_or_default();
            let kept = before.iter().filter(|it| chosen.contains(it));
            let added = chosen.iter().filter(|it| !before.contains(it));
            let all: Vec<Json> = kept.chain(added).map(|it| Json::from(*it)).collect();
            if all.is_empty() && required {
                return Err("Choose at least one.".to_owned());
            }
            (!all.is_empty()).then_some(Json::from(all))
        }
        Kind::Key | Kind::List(_) => old.cloned(),
    })
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn moment(text: &str) -> Result<Option<Json>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.parse::<Timestamp>().is_ok() || text.parse::<civil::Date>().is_ok() && text.len() == 10
    {
        return Ok(Some(Json::from(text)));
    }
    let local = text.parse::<civil::DateTime>().ok();
    let moment = local.and_then(|it| jiff::tz::Offset::UTC.to_timestamp(it).ok());
    moment
        .map(|moment| Some(Json::from(moment.to_string())))
        .ok_or_else(|| "Enter a date and a time, for example 2026-05-04 09:00.".to_owned())
}

/// A text with one of its languages changed. A text for all languages becomes one per language when it is changed in one.
fn local_text(
    old: Option<&Json>,
    text: &str,
    required: bool,
    languages: Languages<'_>,
) -> Option<Json> {
    let mut texts: Map<String, Json> = match old {
        Some(Json::Object(texts)) => texts.clone(),
        Some(Json::String(same)) if languages.all.len() > 1 && !same.trim().is_empty() => languages
            .all
            .iter()
            .map(|locale| (locale.to_string(), Json::from(same.as_str())))
            .collect(),
        _ if languages.all.len() > 1 => Map::new(),
        _ => return (!text.is_empty() || required).then(|| Json::from(text)),
    };
    if text.is_empty() {
        texts.remove(languages.locale.as_str());
    } else {
        texts.insert(languages.locale.to_string(), Json::from(text));
    }
    match texts.is_empty() {
        true if required => Some(Json::from("")),
        true => None,
        false => Some(Json::Object(texts)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all() -> [Locale; 2] {
        ["en", "de"].map(|it| it.parse().unwrap())
    }

    fn write(kind: &Kind, old: &Json, sent: &str, at: usize) -> Result<Option<Json>, String> {
        let all = all();
        let languages = Languages {
            locale: &all[at],
            all: &all,
        };
        stored(kind, false, Some(old), sent, languages)
    }

    #[test]
    fn a_text_is_changed_in_one_language_and_stays_in_the_others() {
        let text = Kind::LocalText;
        let both = json!({ "en": "Hello", "de": "Hallo" });
        assert_eq!(
            write(&text, &both, "Servus", 1),
            Ok(Some(json!({ "en": "Hello", "de": "Servus" })))
        );
        assert_eq!(
            write(&text, &json!("Nonna Sole"), "Oma Sonne", 1),
            Ok(Some(json!({ "en": "Nonna Sole", "de": "Oma Sonne" })))
        );
        assert_eq!(
            write(&text, &json!(""), "Hello", 0),
            Ok(Some(json!({ "en": "Hello" })))
        );
        assert_eq!(write(&text, &json!({ "de": "Hallo" }), " ", 1), Ok(None));
    }

    #[test]
    fn a_moment_is_shown_and_taken_back_in_utc() {
        let value = json!("2026-05-04T09:00:00Z");
        let locale = Locale::ENGLISH;
        assert_eq!(
            shown(&Kind::Moment, Some(&value), &locale),
            "2026-05-04T09:00"
        );
        assert_eq!(
            write(&Kind::Moment, &Json::Null, "2026-05-04T09:00", 0),
            Ok(Some(value))
        );
        assert!(write(&Kind::Moment, &Json::Null, "next week", 0).is_err());
    }

    #[test]
    fn what_can_not_be_stored_is_refused_with_a_sentence() {
        let number = Kind::Number { min: 1, max: 9 };
        assert!(
            write(&number, &json!(3), "10", 0)
                .unwrap_err()
                .contains("1 to 9")
        );
        assert!(write(&number, &json!(3), "many", 0).is_err());
        assert_eq!(write(&number, &json!(3), "", 0), Ok(None));
        assert_eq!(
            write(&Kind::Percent, &json!(1), "2,5 %", 0),
            Ok(Some(json!(2.5)))
        );
        assert!(write(&Kind::Percent, &json!(1), "101", 0).is_err());
    }

    #[test]
    fn tables_on_the_way_are_made_only_when_there_is_something_to_put() {
        let mut json = json!({ "form": null });
        put(&mut json, "form.thanks.title", None);
        assert_eq!(json, json!({ "form": null }));
        put(&mut json, "form.thanks.title", Some(json!("Grazie")));
        assert_eq!(json, json!({ "form": { "thanks": { "title": "Grazie" } } }));
    }
}
