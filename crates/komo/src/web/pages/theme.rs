//! A hub's theme as a stylesheet of custom properties, so that no page needs inline styles.
//! Promises that only values of a known shape reach the stylesheet: a colour that is none is replaced by the
//! default theme's. Contrast warnings are the studio's.

use engage::hub::{Font, Theme};

/// The stylesheet to serve for a theme; `hub.css` has the rules that use it.
pub fn theme_css(theme: &Theme) -> String {
    let usual = Theme::default();
    format!(
        ":root{{--accent:{};--on-accent:{};--background:{};--surface:{};--text:{};--muted:{};--radius:{}px;--heading-font:{};--body-font:{}}}\n",
        colour(&theme.accent, &usual.accent),
        colour(&theme.on_accent, &usual.on_accent),
        colour(&theme.background, &usual.background),
        colour(&theme.surface, &usual.surface),
        colour(&theme.text, &usual.text),
        colour(&theme.muted, &usual.muted),
        theme.radius.min(40),
        stack(theme.heading_font, true),
        stack(theme.body_font, false),
    )
}

/// The colour when it is `#RGB` or `#RRGGBB`, else the other one.
fn colour<'a>(wanted: &'a str, otherwise: &'a str) -> &'a str {
    let digits = wanted.strip_prefix('#').unwrap_or_default();
    let known =
        matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if known { wanted } else { otherwise }
}

/// Fonts that devices already have; sturdy old-style faces for headings, a reading face for text.
fn stack(font: Font, heading: bool) -> &'static str {
    match (font, heading) {
        (Font::System, _) => {
            "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif"
        }
        (Font::Serif, true) => {
            "Superclarendon,\"Bookman Old Style\",\"URW Bookman\",\"URW Bookman L\",\"Georgia Pro\",Georgia,\"Noto Serif\",serif"
        }
        (Font::Serif, false) => {
            "Charter,\"Bitstream Charter\",\"Sitka Text\",Cambria,Georgia,serif"
        }
        (Font::Rounded, _) => {
            "ui-rounded,\"Hiragino Maru Gothic ProN\",Quicksand,Comfortaa,Manjari,\"Arial Rounded MT Bold\",Calibri,system-ui,sans-serif"
        }
        (Font::Mono, _) => {
            "ui-monospace,\"Cascadia Code\",\"Source Code Pro\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_becomes_custom_properties() {
        let css = theme_css(&Theme::default());
        assert!(
            css.contains("--accent:#C2410C;") && css.contains("--radius:20px;"),
            "{css}"
        );
    }

    #[test]
    fn a_colour_cannot_carry_rules() {
        let theme = Theme {
            accent: "red}body{display:none".to_owned(),
            text: "#12g".to_owned(),
            ..Theme::default()
        };
        let css = theme_css(&theme);
        assert!(
            css.contains("--accent:#C2410C;") && css.contains("--text:#1C1917;"),
            "{css}"
        );
    }
}
