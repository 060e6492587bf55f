//! Authors' Markdown to HTML.
//! Promises HTML without scripts, styles or remote content, whatever the author pasted.
//! Leaves the look to the hub's style sheet.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
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
    let mut raw = String::with_capacity(markdown.len().saturating_mul(2));
    html::push_html(
        &mut raw,
        Parser::new_ext(
            markdown,
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
        ),
    );
    CLEANER.clean(&raw).to_string()
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
