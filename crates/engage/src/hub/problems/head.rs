//! What is wrong with the parts of a hub that all its cards share: name and languages, colours, images, menu, terms.
//! Promises the contrast that WCAG asks for, computed and not guessed.
//! Leaves cards and pages to their own checks.

use std::collections::BTreeSet;

use super::{
    super::{
        contrast::{contrast, rgb},
        doc::{FORMAT, STORED_IMAGE, Theme},
    },
    Check, is_field_key, is_slug,
};

impl Check<'_> {
    pub(super) fn head(&mut self) {
        let head = &self.doc.hub;
        if self.doc.format != FORMAT {
            self.error(
                "format",
                "this is not a format this version knows",
                format!("Write {FORMAT}"),
            );
        }
        if !is_slug(&head.slug) {
            self.error(
                "hub.slug",
                format!(
                    "`{}` cannot be part of an address",
                    head.slug.chars().take(80).collect::<String>()
                ),
                "Use 1 to 63 lower-case letters, digits and `-`, not beginning with `-`",
            );
        }
        self.text("hub.name", &head.name);
        self.translated("hub.description", &head.description);
        if head.locales.is_empty() {
            self.error(
                "hub.locales",
                "the hub speaks no language",
                "Name at least one, the default first",
            );
        }
        let mut seen = BTreeSet::new();
        for locale in &head.locales {
            if !seen.insert(locale) {
                self.error(
                    "hub.locales",
                    format!("`{locale}` stands twice"),
                    "Name each language once",
                );
            }
        }
        self.times(
            "hub.closes_at".to_owned(),
            head.opens_at,
            head.closes_at,
            ("opens_at", "closes_at"),
        );
        self.image("hub.logo".to_owned(), head.logo.as_ref());
        if let Some(address) = &head.contact_email
            && !email_address::EmailAddress::is_valid(address)
        {
            self.error(
                "hub.contact_email",
                "this is not an e-mail address",
                "Write it in the form name@example.com",
            );
        }
    }

    pub(super) fn theme(&mut self, theme: &Theme) {
        let colours = [
            ("accent", &theme.accent),
            ("on_accent", &theme.on_accent),
            ("background", &theme.background),
            ("surface", &theme.surface),
            ("text", &theme.text),
            ("muted", &theme.muted),
        ];
        for (name, colour) in colours {
            if rgb(colour).is_none() {
                self.error(
                    format!("theme.{name}"),
                    "this is not a colour",
                    "Write it like #C2410C",
                );
            }
        }
        if theme.radius > 40 {
            self.error(
                "theme.radius",
                "the corners are too round",
                "Write a number from 0 to 40",
            );
        }
        // WCAG 2.2: 1.4.3 asks 4.5:1 for text, 1.4.11 asks 3:1 for controls.
        let pairs = [
            ("text", &theme.text, "background", &theme.background, 4.5),
            ("text", &theme.text, "surface", &theme.surface, 4.5),
            ("muted", &theme.muted, "background", &theme.background, 4.5),
            ("muted", &theme.muted, "surface", &theme.surface, 4.5),
            ("on_accent", &theme.on_accent, "accent", &theme.accent, 4.5),
            ("accent", &theme.accent, "surface", &theme.surface, 3.0),
        ];
        for (front, front_colour, back, back_colour, wanted) in pairs {
            let (Some(one), Some(other)) = (rgb(front_colour), rgb(back_colour)) else {
                continue;
            };
            let ratio = contrast(one, other);
            if ratio < wanted {
                // Cut, not rounded: 4.49 must not be called 4.5.
                let shown = (ratio * 100.0).floor() / 100.0;
                self.warn(
                    format!("theme.{front}"),
                    format!("`{front}` on `{back}` has a contrast of {shown}:1, which many people cannot read"),
                    format!("Choose a lighter or darker colour, with at least {wanted}:1"),
                );
            }
        }
    }

    pub(super) fn images(&mut self) {
        let doc = self.doc;
        for (at, image) in doc.images.iter().enumerate() {
            if !is_field_key(&image.key.replace('-', "_")) {
                self.error(
                    format!("images[{at}].key"),
                    "this cannot be a key",
                    "Use lower-case letters, digits, `-`, `_`",
                );
            }
            let path = format!("images[{at}].file");
            let file = image.file.as_str();
            let inside = !file.is_empty()
                && !file.starts_with(['/', '\\'])
                && !file.contains(':')
                && !file.split(['/', '\\']).any(|part| part == "..");
            if !(inside || file.starts_with("data:image/") || file.starts_with(STORED_IMAGE)) {
                self.error(
                    path,
                    "this is not a file beside the hub",
                    "Write a path below the hub's folder, or a data: URI",
                );
            }
            self.translated(format!("images[{at}].alt"), &image.alt);
            if image.width.is_none() || image.height.is_none() {
                self.warn(
                    format!("images[{at}]"),
                    "the page jumps while this image loads",
                    "Write its width and height in pixels",
                );
            }
        }
        self.unique(
            "images",
            "key",
            doc.images.iter().map(|image| image.key.as_str()),
        );
    }

    pub(super) fn navigation(&mut self) {
        for (at, item) in self.doc.navigation.iter().enumerate() {
            self.text(format!("navigation[{at}].label"), &item.label);
            match (&item.page, &item.url) {
                (Some(page), None) => self.page(format!("navigation[{at}].page"), page),
                (None, Some(url)) => self.url(format!("navigation[{at}].url"), url),
                _ => self.error(
                    format!("navigation[{at}]"),
                    "the entry needs one destination",
                    "Write either `page` or `url`",
                ),
            }
        }
    }

    pub(super) fn terms(&mut self) {
        let doc = self.doc;
        for (at, terms) in doc.terms.iter().enumerate() {
            if !is_slug(&terms.key) {
                self.error(
                    format!("terms[{at}].key"),
                    "this cannot be part of an address",
                    "Use lower-case letters, digits and `-`",
                );
            }
            if terms.version.trim().is_empty() {
                self.error(
                    format!("terms[{at}].version"),
                    "the text has no version",
                    "Write one, for example 2026-03",
                );
            }
            self.text(format!("terms[{at}].title"), &terms.title);
            self.text(format!("terms[{at}].text"), &terms.text);
        }
        self.unique(
            "terms",
            "key",
            doc.terms.iter().map(|terms| terms.key.as_str()),
        );
    }
}
