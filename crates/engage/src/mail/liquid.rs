//! From words to Liquid, the template language of Braze: as HTML, as plain text, for one language or for several.
//! Promises that nothing an author writes is Liquid or HTML by accident, and that every property is escaped where it is shown.
//! Leaves rendering Liquid to Braze and to the binary.

use std::{collections::BTreeSet, fmt::Write as _};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::text::{Locale, markdown};

/// A stretch of an author's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// `{name}` or `{name:words for when there is none}`.
    Property { name: &'a str, otherwise: &'a str },
}

/// Where a text is going to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Html,
    Plain,
}

/// Cuts a text at its properties. Braces round anything else are just braces.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('{')) {
        let open = from + open;
        let inside = rest.get(open + 1..).unwrap_or_default();
        let property = inside.find('}').and_then(|close| {
            let (name, otherwise) = split_name(inside.get(..close)?);
            is_name(name).then_some((name, otherwise, open + close + 2))
        });
        match property {
            Some((name, otherwise, after)) => {
                found.extend(
                    rest.get(..open)
                        .filter(|it| !it.is_empty())
                        .map(Piece::Text),
                );
                found.push(Piece::Property { name, otherwise });
                rest = rest.get(after..).unwrap_or_default();
                from = 0;
            }
            None => from = open + 1,
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn split_name(inside: &str) -> (&str, &str) {
    match inside.split_once(':') {
        Some((name, otherwise)) => (name, otherwise.trim()),
        None => (inside, ""),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The names of the properties in a text.
pub fn names(text: &str) -> BTreeSet<&str> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Property { name, .. } => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

/// Words that must stay words in Liquid. In HTML a brace is an entity; elsewhere Liquid itself prints it.
fn inert(text: &str, place: Place) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match (c, place) {
            ('{', Place::Html) => out.push_str("&#123;"),
            ('}', Place::Html) => out.push_str("&#125;"),
            ('{', Place::Plain) => out.push_str("{{ '{' }}"),
            ('&', Place::Html) => out.push_str("&amp;"),
            ('<', Place::Html) => out.push_str("&lt;"),
            ('>', Place::Html) => out.push_str("&gt;"),
            ('"', Place::Html) => out.push_str("&quot;"),
            ('\'', Place::Html) => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// What prints a property.
fn property(name: &str, otherwise: &str, place: Place) -> String {
    let mut out = format!("{{{{api_trigger_properties.${{{name}}}");
    // Quotes and braces would end the text inside the tag.
    let otherwise: String = otherwise
        .chars()
        .map(|c| match c {
            '\'' => '\u{2019}',
            '{' | '}' | '%' | '\\' => ' ',
            other => other,
        })
        .collect();
    if !otherwise.is_empty() {
        write!(out, " | default: '{otherwise}'").ok();
    }
    if place == Place::Html {
        out.push_str(" | escape");
    }
    out.push_str("}}");
    out
}

fn written(text: &str, place: Place) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => inert(text, place),
            Piece::Property { name, otherwise } => property(name, otherwise, place),
        })
        .collect()
}

/// A line of text as Liquid that prints HTML, fit for content and for attributes in double quotes.
pub fn html(text: &str) -> String {
    written(text, Place::Html)
}

/// A text as Liquid that prints plain text.
pub fn plain(text: &str) -> String {
    written(text, Place::Plain)
}

/// Takes the properties out of a text, so that Markdown and its cleaner see a word instead, and puts them in again.
struct Kept<'a> {
    text: String,
    pieces: Vec<Piece<'a>>,
}

/// A letter of the private use area marks a property's place: no author types it, and no HTML cleaner minds it.
const MARK: char = '\u{e000}';

impl<'a> Kept<'a> {
    fn of(text: &'a str) -> Self {
        let mut kept = String::with_capacity(text.len());
        let mut found = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => kept.extend(text.chars().filter(|c| *c != MARK)),
                property @ Piece::Property { .. } => {
                    write!(kept, "{MARK}{}{MARK}", found.len()).ok();
                    found.push(property);
                }
            }
        }
        Self {
            text: kept,
            pieces: found,
        }
    }

    /// `text` is finished HTML or plain text: only braces are made inert.
    fn back(&self, text: &str, place: Place) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        for (at, part) in text.split(MARK).enumerate() {
            if at % 2 == 0 {
                match place {
                    Place::Html => {
                        out.push_str(&part.replace('{', "&#123;").replace('}', "&#125;"));
                    }
                    Place::Plain => out.push_str(&inert(part, place)),
                }
            } else if let Some(Piece::Property { name, otherwise }) = part
                .parse::<usize>()
                .ok()
                .and_then(|at| self.pieces.get(at))
            {
                out.push_str(&property(name, otherwise, place));
            }
        }
        out
    }
}

/// The class and the inline style of an element: its name, class, style.
pub type Style<'a> = (&'a str, &'a str, &'a str);

/// A Markdown text as Liquid that prints HTML; every element carries the style that `styles` has for its name.
pub fn markdown_html(text: &str, styles: &[Style<'_>]) -> String {
    let kept = Kept::of(text);
    kept.back(&markdown::mail_html(&kept.text, styles), Place::Html)
}

/// A Markdown text as Liquid that prints plain text: paragraphs apart, lists with dashes, links written out.
pub fn markdown_plain(text: &str) -> String {
    let kept = Kept::of(text);
    kept.back(&markdown_text(&kept.text), Place::Plain)
}

fn markdown_text(text: &str) -> String {
    let mut out = String::new();
    let mut link = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => out.push(' '),
            Event::HardBreak | Event::End(TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead) => {
                end_line(&mut out, "\n");
            }
            Event::Start(Tag::Item) => out.push_str("- "),
            Event::Start(Tag::Link { dest_url, .. }) => link = dest_url.into_string(),
            Event::End(TagEnd::Link) => {
                let said = out.ends_with(link.trim_start_matches("mailto:"));
                if !said && !link.is_empty() {
                    write!(out, " ({link})").ok();
                }
                link.clear();
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::List(_)) => {
                end_line(&mut out, "\n\n");
            }
            _ => {}
        }
    }
    out.trim().to_owned()
}

fn end_line(out: &mut String, wanted: &str) {
    while !out.ends_with(wanted) {
        out.push('\n');
    }
}

/// One of several texts by the mail's language; the first is for every other language, too.
pub fn by_locale(texts: &[(Locale, String)]) -> String {
    let Some((_, first)) = texts.first() else {
        return String::new();
    };
    if texts.iter().all(|(_, text)| text == first) {
        return first.clone();
    }
    let mut out = String::from("{% case api_trigger_properties.${locale} %}");
    for (locale, text) in texts.iter().skip(1) {
        write!(out, "{{% when '{locale}' %}}{text}").ok();
    }
    write!(out, "{{% else %}}{first}{{% endcase %}}").ok();
    out
}

/// Something that is printed only where a property has a value.
pub fn when(name: &str, there: &str, otherwise: &str) -> String {
    let middle = if otherwise.is_empty() {
        String::new()
    } else {
        format!("{{% else %}}{otherwise}")
    };
    format!("{{% if api_trigger_properties.${{{name}}} != blank %}}{there}{middle}{{% endif %}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_and_other_braces_are_just_braces() {
        assert_eq!(
            pieces("Hi {first_name:friend}, {a b} {} {{code}}!"),
            [
                Piece::Text("Hi "),
                Piece::Property {
                    name: "first_name",
                    otherwise: "friend"
                },
                Piece::Text(", {a b} {} {"),
                Piece::Property {
                    name: "code",
                    otherwise: ""
                },
                Piece::Text("}!"),
            ]
        );
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("{"), [Piece::Text("{")]);
    }

    #[test]
    fn what_an_author_writes_is_neither_liquid_nor_html() {
        let hostile = "{{ '<b>' }}{% if x %}\"&'";
        assert_eq!(
            html(hostile),
            "&#123;&#123; &#39;&lt;b&gt;&#39; &#125;&#125;&#123;% if x %&#125;&quot;&amp;&#39;"
        );
        // Every opening brace is printed by Liquid; closing ones alone mean nothing to it.
        assert_eq!(
            plain("{{ x }}{% y %}"),
            "{{ '{' }}{{ '{' }} x }}{{ '{' }}% y %}"
        );
        let markdown = markdown_html("**{{ x }}** <script>1</script> {% raw %}", &[]);
        assert!(
            !markdown.contains("{{") && !markdown.contains("{%"),
            "{markdown}"
        );
        assert!(!markdown.contains("<script"), "{markdown}");
    }

    #[test]
    fn a_property_is_escaped_where_it_is_html_and_its_other_words_stay_in_their_quotes() {
        assert_eq!(
            html("{first_name:it's {you}}"),
            "{{api_trigger_properties.${first_name} | default: 'it\u{2019}s  you' | escape}}&#125;"
        );
        assert_eq!(
            html("{first_name:it's %you}"),
            "{{api_trigger_properties.${first_name} | default: 'it\u{2019}s  you' | escape}}"
        );
        assert_eq!(plain("{code}"), "{{api_trigger_properties.${code}}}");
    }

    #[test]
    fn markdown_reads_well_without_html() {
        let text = "Hello **{first_name}**\nthere.\n\n- one\n- [two](https://example.com)\n\nBye";
        assert_eq!(
            markdown_plain(text),
            "Hello {{api_trigger_properties.${first_name}}} there.\n\n- one\n- two (https://example.com)\n\nBye"
        );
    }

    #[test]
    fn a_text_that_is_the_same_in_all_languages_needs_no_choice() {
        let (en, de) = (Locale::ENGLISH, "de".parse::<Locale>().unwrap());
        let same = [(en.clone(), "A".to_owned()), (de.clone(), "A".to_owned())];
        assert_eq!(by_locale(&same), "A");
        let two = [(en, "A".to_owned()), (de, "B".to_owned())];
        assert_eq!(
            by_locale(&two),
            "{% case api_trigger_properties.${locale} %}{% when 'de' %}B{% else %}A{% endcase %}"
        );
    }
}
