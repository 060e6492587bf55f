//! Authors' Markdown to HTML.
//! Promises HTML without scripts, styles or remote content, whatever the author pasted.
//! Leaves the look to the hub's style sheet.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Options, Parser, html};

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    // Pictures come from the hub's own images only: a remote one would tell a stranger who reads the page.
    cleaner.rm_tags(["img", "details", "summary", "map", "area"]);
    cleaner.url_schemes(HashSet::from(["https", "http", "mailto", "tel"]));
    cleaner
});

/// The HTML of a Markdown text: paragraphs, lists, headings, links, emphasis, tables.
pub fn html(markdown: &str) -> String {
    CLEANER.clean(&raw(markdown)).to_string()
}

/// The same for mails, whose programs know no style sheets: each element gets the class and the style that stand for its name.
/// Relative addresses lead nowhere in a mail and are taken out.
pub(crate) fn mail_html(markdown: &str, styles: &[(&str, &str, &str)]) -> String {
    let mut cleaner = Builder::default();
    cleaner
        .rm_tags(["img", "details", "summary", "map", "area"])
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    for (tag, class, style) in styles {
        for (attribute, value) in [("class", class), ("style", style)] {
            if !value.is_empty() {
                cleaner.set_tag_attribute_value(*tag, attribute, *value);
            }
        }
    }
    cleaner.clean(&raw(markdown)).to_string()
}

fn raw(markdown: &str) -> String {
    let mut raw = String::with_capacity(markdown.len().saturating_mul(2));
    html::push_html(
        &mut raw,
        Parser::new_ext(
            markdown,
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
        ),
    );
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_nothing_that_acts() {
        assert_eq!(html("Hello **you**"), "<p>Hello <strong>you</strong></p>\n");
        let hostile = html(
            "<script>alert(1)</script><p onclick=x style=x>Hi</p>\n\n[x](javascript:alert(1)) ![pixel](https://spy.example/1.gif)",
        );
        for bad in ["script", "onclick", "style", "javascript", "<img"] {
            assert!(!hostile.contains(bad), "{hostile}");
        }
        assert!(html("[us](https://example.com)").contains("href=\"https://example.com\""));
    }
}
