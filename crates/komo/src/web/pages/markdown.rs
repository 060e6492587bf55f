//! Authors' Markdown as HTML that may stand on a participant's page.
//! Promises: no script, no style, no picture, no frame, only http, https, mailto and tel links, whatever the
//! author wrote. Leaves the look to the stylesheet.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Safe HTML of a Markdown text. Empty in, empty out.
pub fn to_html(markdown: &str) -> String {
    if markdown.trim().is_empty() {
        return String::new();
    }
    // The page has the only h1.
    let lower = |level| {
        if level == HeadingLevel::H1 {
            HeadingLevel::H2
        } else {
            level
        }
    };
    let events = Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    )
    .map(|event| match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    });
    let mut raw = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut raw, events);
    ammonia::Builder::default()
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .rm_tags(["img", "map", "area", "style"])
        .clean(&raw)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn an_author_can_format_but_not_inject() {
        let html = to_html(
            "# Hi\n\n**bold** [ok](https://example.com) [bad](javascript:alert(1)) <script>x</script><p style='a:b' onclick=x>p</p><img src=x onerror=y>",
        );
        assert!(
            html.contains("<h2>Hi</h2>") && html.contains("<strong>bold</strong>"),
            "{html}"
        );
        assert!(html.contains("href=\"https://example.com\""), "{html}");
        for never in ["javascript:", "<script", "style=", "onclick", "<img"] {
            assert!(!html.contains(never), "{never} in {html}");
        }
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(to_html("  \n"), "");
    }
}
