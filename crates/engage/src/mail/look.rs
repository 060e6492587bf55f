//! A hub's theme made fit for mail programs: colours by day and by night, fonts that every program has, a few sizes.
//! Promises that every pair of colours that carries text can be read (WCAG 2.2, 4.5:1), whatever the theme says.
//! Leaves HTML to the binary.

use crate::hub::{Font, Theme, contrast, luminance, rgb};

/// Text has to stand out this much from what is behind it.
const READABLE: f64 = 4.5;

/// A button has to stand out this much from what is around it.
const SEEN: f64 = 3.0;

type Rgb = [u8; 3];

/// The colours of a mail, each `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: String,
    /// Behind the text.
    pub surface: String,
    /// Behind what is highlighted.
    pub soft: String,
    /// Lines.
    pub line: String,
    /// Text on the surface.
    pub text: String,
    /// Small print on the surface.
    pub muted: String,
    /// Links on the surface.
    pub link: String,
    /// Text on the background.
    pub outer_text: String,
    /// Small print on the background.
    pub outer_muted: String,
    /// The button.
    pub button: String,
    /// Text on the button.
    pub on_button: String,
}

/// How a hub's mails look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// By day; stands inline.
    pub day: Palette,
    /// By night; for mail programs that ask.
    pub night: Palette,
    /// Fonts of headings.
    pub heading_font: &'static str,
    /// Fonts of text.
    pub body_font: &'static str,
    /// Roundness of the surface, CSS pixels.
    pub radius: u8,
    /// Roundness of boxes within it, CSS pixels.
    pub small_radius: u8,
}

impl Look {
    /// The look of a theme. A colour that is none is replaced by the default theme's.
    pub fn of(theme: &Theme) -> Self {
        let usual = Theme::default();
        let colour = |own: &str, other: &str| rgb(own).or_else(|| rgb(other)).unwrap_or_default();
        let themed = Colours {
            background: colour(&theme.background, &usual.background),
            surface: colour(&theme.surface, &usual.surface),
            text: colour(&theme.text, &usual.text),
            muted: colour(&theme.muted, &usual.muted),
            accent: colour(&theme.accent, &usual.accent),
            on_accent: colour(&theme.on_accent, &usual.on_accent),
        };
        let dark = luminance(themed.surface) < 0.18;
        let radius = theme.radius.min(40);
        Self {
            day: themed.palette(),
            night: if dark {
                themed.palette()
            } else {
                themed.by_night().palette()
            },
            heading_font: stack(theme.heading_font, true),
            body_font: stack(theme.body_font, false),
            radius,
            small_radius: radius.min(14),
        }
    }
}

#[derive(Clone, Copy)]
struct Colours {
    background: Rgb,
    surface: Rgb,
    text: Rgb,
    muted: Rgb,
    accent: Rgb,
    on_accent: Rgb,
}

impl Colours {
    /// The theme turned round: its text colour, nearly black, becomes the paper.
    fn by_night(self) -> Self {
        let ink = mix(self.text, [0, 0, 0], 0.35);
        let surface = mix(darken_to(ink, 0.02), [255, 255, 255], 0.06);
        let background = darken_to(ink, 0.008);
        Self {
            background,
            surface,
            text: mix([255, 255, 255], self.background, 0.35),
            muted: mix(mix([255, 255, 255], self.background, 0.35), surface, 0.32),
            accent: self.accent,
            on_accent: self.on_accent,
        }
    }

    fn palette(self) -> Palette {
        let Self {
            background,
            surface,
            ..
        } = self;
        // A surface of middle brightness leaves no room for a second one that the same text could stand on.
        let tinted = mix(surface, self.accent, 0.07);
        let soft = if contrast(best_on(surface), tinted) >= READABLE {
            tinted
        } else {
            surface
        };
        // A button that is hardly seen is moved away from what is behind it, and then its text may have to be, too.
        let button = away(self.accent, &[surface], SEEN);
        let on_button = if contrast(self.on_accent, button) >= READABLE {
            self.on_accent
        } else {
            best_on(button)
        };
        let text = readable(self.text, &[surface, soft]);
        Palette {
            background: hex(background),
            surface: hex(surface),
            soft: hex(soft),
            line: hex(mix(surface, text, 0.14)),
            text: hex(text),
            muted: hex(readable(self.muted, &[surface, soft])),
            link: hex(readable(self.accent, &[surface])),
            outer_text: hex(readable(self.text, &[background])),
            outer_muted: hex(readable(self.muted, &[background])),
            button: hex(button),
            on_button: hex(on_button),
        }
    }
}

/// Black or white, whichever is read better.
fn best_on(back: Rgb) -> Rgb {
    let (black, white) = ([0, 0, 0], [255, 255, 255]);
    if contrast(black, back) > contrast(white, back) {
        black
    } else {
        white
    }
}

/// The colour, moved towards black or white until it can be read on all of these.
fn readable(colour: Rgb, backs: &[Rgb]) -> Rgb {
    away(colour, backs, READABLE)
}

fn away(colour: Rgb, backs: &[Rgb], wanted: f64) -> Rgb {
    let goal = best_on(backs.first().copied().unwrap_or([255, 255, 255]));
    (0..=20)
        .map(|step| mix(colour, goal, f64::from(step) / 20.0))
        .find(|moved| backs.iter().all(|back| contrast(*moved, *back) >= wanted))
        .unwrap_or(goal)
}

/// The colour, darkened until it is no brighter than this.
fn darken_to(colour: Rgb, most: f64) -> Rgb {
    (0..=20)
        .map(|step| mix(colour, [0, 0, 0], f64::from(step) / 20.0))
        .find(|moved| luminance(*moved) <= most)
        .unwrap_or([0, 0, 0])
}

/// `share` of the second colour in the first.
fn mix(one: Rgb, other: Rgb, share: f64) -> Rgb {
    let mut out = [0; 3];
    for ((out, one), other) in out.iter_mut().zip(one).zip(other) {
        let value = f64::from(one) + (f64::from(other) - f64::from(one)) * share.clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two bytes"
        )]
        let value = value.round() as u8;
        *out = value;
    }
    out
}

fn hex(colour: Rgb) -> String {
    let [red, green, blue] = colour;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Fonts that mail programs find on their devices; a name that Outlook knows comes early, or it would take Times.
fn stack(font: Font, heading: bool) -> &'static str {
    match (font, heading) {
        (Font::System, _) => {
            "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
        }
        (Font::Serif, true) => "Georgia,'Times New Roman',Times,serif",
        (Font::Serif, false) => "Charter,Georgia,Cambria,'Times New Roman',serif",
        (Font::Rounded, _) => "'Arial Rounded MT Bold','Trebuchet MS',Helvetica,Arial,sans-serif",
        (Font::Mono, _) => "Menlo,Consolas,'Courier New',monospace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(front: &str, back: &str) -> f64 {
        contrast(rgb(front).unwrap(), rgb(back).unwrap())
    }

    fn check(theme: &Theme) {
        let look = Look::of(theme);
        for palette in [&look.day, &look.night] {
            for (front, back) in [
                (&palette.text, &palette.surface),
                (&palette.muted, &palette.surface),
                (&palette.link, &palette.surface),
                (&palette.text, &palette.soft),
                (&palette.muted, &palette.soft),
                (&palette.outer_text, &palette.background),
                (&palette.outer_muted, &palette.background),
                (&palette.on_button, &palette.button),
            ] {
                assert!(
                    ratio(front, back) >= READABLE,
                    "{front} on {back} of {theme:?}"
                );
            }
            assert!(
                ratio(&palette.button, &palette.surface) >= SEEN,
                "{palette:?}"
            );
        }
        assert!(
            luminance(rgb(&look.night.surface).unwrap()) < 0.18,
            "{look:?}"
        );
    }

    #[test]
    fn every_theme_can_be_read_by_day_and_by_night() {
        check(&Theme::default());
        let colours = [
            "#000000",
            "#ffffff",
            "#777777",
            "#ffee00",
            "#b4174f",
            "#0a2463",
            "no colour",
        ];
        for accent in colours {
            for surface in colours {
                for text in colours {
                    check(&Theme {
                        accent: accent.to_owned(),
                        on_accent: text.to_owned(),
                        background: accent.to_owned(),
                        surface: surface.to_owned(),
                        text: text.to_owned(),
                        muted: text.to_owned(),
                        ..Theme::default()
                    });
                }
            }
        }
    }

    #[test]
    fn a_theme_that_reads_well_keeps_its_colours() {
        let look = Look::of(&Theme::default());
        assert_eq!(look.day.text, "#1c1917");
        assert_eq!(
            (look.day.button.as_str(), look.day.on_button.as_str()),
            ("#c2410c", "#ffffff")
        );
    }
}
