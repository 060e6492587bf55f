//! From the hub document to the views: texts in one language, complete links, only what may be seen.
//! Promises that inner links carry the session's query and that hidden cards leave no trace.
//! Forms and their fields are in `build_form`.

use std::collections::BTreeMap;

use engage::{
    cards::{FaceContext, PlayStand, Stage},
    hub::{
        Button, CardDoc, FormPosition, Layout, Page, PlacementSize, PublishedCard, Section,
        Visibility,
    },
    text::{LocalText, dates, markdown},
    time::Millis,
};

use super::{
    CardStage, CardTemplate, Site, Visit, build_form,
    texts::{Said, Words, fill, own_name},
    view::{
        Assets, CardView, FaceView, FormView, Frame, HubFrame, ImageView, LanguageView, LinkView,
        NoticeView, SectionView, TileView,
    },
};

/// An author's text in the participant's language.
pub(super) fn local(site: &Site<'_>, text: &LocalText) -> String {
    text.get(site.locale, site.publication.default_locale())
        .to_owned()
}

fn optional(site: &Site<'_>, text: Option<&LocalText>) -> String {
    text.map(|text| local(site, text)).unwrap_or_default()
}

/// The day of the request in UTC, which the earliest and latest birthdays are counted from.
pub(super) fn today(site: &Site<'_>) -> jiff::civil::Date {
    let now = jiff::Timestamp::from_millisecond(site.now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::UTC.to_datetime(now).date()
}

pub(super) fn words(site: &Site<'_>) -> Words {
    Words::of(site.locale)
}

/// An inner path with the session's query.
fn href(site: &Site<'_>, path: &str) -> String {
    let base = format!("{}{path}", site.base);
    if site.keep.is_empty() {
        base
    } else {
        format!("{base}?{}", site.keep)
    }
}

/// A page of the hub; `""` is its start page.
pub(super) fn page_href(site: &Site<'_>, path: &str) -> String {
    if path.is_empty() {
        href(site, "")
    } else {
        href(site, &format!("/{path}"))
    }
}

/// A card's page.
pub(super) fn card_href(site: &Site<'_>, key: &str) -> String {
    href(site, &format!("/c/{key}"))
}

/// Where a card's form is posted.
pub(super) fn entries_href(site: &Site<'_>, key: &str) -> String {
    href(site, &format!("/c/{key}/entries"))
}

/// Where "not you?" is posted.
pub(super) fn end_href(site: &Site<'_>) -> String {
    href(site, "/visit/end")
}

/// The page of a terms text.
pub(super) fn terms_href(site: &Site<'_>, key: &str) -> String {
    href(site, &format!("/terms/{key}"))
}

fn image(site: &Site<'_>, key: Option<&String>) -> Option<ImageView> {
    let image = site.publication.doc().image(key?)?;
    Some(ImageView {
        href: (site.image_href)(image),
        alt: local(site, &image.alt),
        width: image.width.unwrap_or(1200),
        height: image.height.unwrap_or(800),
    })
}

fn languages(site: &Site<'_>) -> Vec<LanguageView> {
    let others: Vec<&str> = site
        .keep
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    site.publication
        .doc()
        .hub
        .locales
        .iter()
        .map(|locale| {
            let mut query = vec![format!("lang={locale}")];
            query.extend(others.iter().map(|pair| (*pair).to_owned()));
            LanguageView {
                code: locale.to_string(),
                name: own_name(locale),
                href: format!("{}?{}", site.path, query.join("&")),
                current: locale == site.locale,
            }
        })
        .collect()
}

fn frame(site: &Site<'_>, share_title: &str, description: String) -> Frame {
    let hub_name = local(site, &site.publication.doc().hub.name);
    let logo = image(site, site.publication.doc().hub.logo.as_ref());
    let title = if share_title == hub_name {
        hub_name.clone()
    } else {
        format!("{share_title} – {hub_name}")
    };
    let navigation = site
        .publication
        .doc()
        .navigation
        .iter()
        .map(|item| {
            let href = match (&item.page, &item.url) {
                (Some(page), _) => page_href(site, page),
                (None, Some(url)) => url.clone(),
                (None, None) => page_href(site, ""),
            };
            let current = href.split('?').next() == Some(site.path);
            LinkView {
                label: local(site, &item.label).into(),
                href,
                current,
            }
        })
        .collect();
    let terms = site
        .publication
        .doc()
        .terms
        .iter()
        .map(|terms| LinkView {
            label: local(site, &terms.title).into(),
            href: terms_href(site, &terms.key),
            current: false,
        })
        .collect();
    Frame {
        locale: site.locale.to_string(),
        right_to_left: site.locale.right_to_left(),
        texts: words(site),
        title,
        share_title: share_title.to_owned(),
        description,
        origin: site.origin.to_owned(),
        canonical: (!site.origin.is_empty()).then(|| format!("{}{}", site.origin, site.path)),
        share_image: None,
        theme_href: Some(site.theme_href.to_owned()),
        assets: site.assets.clone(),
        favicon: logo
            .as_ref()
            .map_or_else(|| site.assets.favicon.clone(), |logo| logo.href.clone()),
        // A preview has none: what is typed there is not kept.
        scripts: Some(site.assets.form_script.clone())
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect(),
        styles: Vec::new(),
        hub: Some(HubFrame {
            name: hub_name,
            home: page_href(site, ""),
            logo,
            navigation,
            terms,
            contact_email: site.publication.doc().hub.contact_email.clone(),
        }),
        languages: languages(site),
        noindex: false,
    }
}

/// The frame of a hub's page.
pub(super) fn hub_frame(site: &Site<'_>, page: &Page) -> Frame {
    let title = if page.path.is_empty() {
        local(site, &site.publication.doc().hub.name)
    } else {
        local(site, &page.title)
    };
    let mut frame = frame(
        site,
        &title,
        local(site, &site.publication.doc().hub.description),
    );
    frame.share_image = share_image(
        site,
        page.sections
            .iter()
            .find_map(|section| section.image.as_ref()),
    );
    frame
}

/// The frame of a page of texts, without scripts.
pub(super) fn plain_frame(site: &Site<'_>, title: &str, error: bool) -> Frame {
    let mut frame = frame(site, title, String::new());
    if error {
        frame.canonical = None;
        // The switch would lead to the address that has just failed; it still helps to read the reason.
        frame.noindex = true;
        frame.scripts.clear();
    }
    frame
}

/// The frame of a page that belongs to no hub.
pub(super) fn product_frame(assets: &Assets, texts: Words, title: &str) -> Frame {
    Frame {
        locale: texts.locale.to_owned(),
        right_to_left: false,
        texts,
        title: format!("{title} – Komo"),
        share_title: title.to_owned(),
        description: String::new(),
        origin: String::new(),
        canonical: None,
        share_image: None,
        theme_href: None,
        assets: assets.clone(),
        favicon: assets.favicon.clone(),
        scripts: Vec::new(),
        styles: Vec::new(),
        hub: None,
        languages: Vec::new(),
        noindex: true,
    }
}

/// Networks do not show vector pictures, so only others are offered to them.
fn share_image(site: &Site<'_>, key: Option<&String>) -> Option<String> {
    let image = site.publication.doc().image(key?)?;
    let vector = image.file.starts_with("data:")
        || std::path::Path::new(&image.file)
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
    (!vector && !site.origin.is_empty()).then(|| {
        let href = (site.image_href)(image);
        if href.starts_with('/') {
            format!("{}{href}", site.origin)
        } else {
            href
        }
    })
}

/// The sections of a page with the cards that may be seen.
pub(super) fn sections(site: &Site<'_>, page: &Page) -> Vec<SectionView> {
    let mut sections: Vec<SectionView> = page
        .sections
        .iter()
        .map(|part| section(site, part))
        .collect();
    if let Some(first) = sections
        .iter_mut()
        .find(|section| !section.heading.is_empty())
    {
        first.first = true;
    }
    sections
}

fn section(site: &Site<'_>, section: &Section) -> SectionView {
    let tiles = section
        .placements
        .iter()
        .filter_map(|placement| {
            let card = site.publication.doc().card(&placement.card)?;
            let seen = site.publication.placement_visibility(placement, site.now);
            seen.is_seen()
                .then(|| tile(site, card, seen, placement.size == PlacementSize::Wide))
        })
        .collect();
    SectionView {
        layout: match section.layout {
            Layout::Hero => "hero",
            Layout::Grid => "grid",
            Layout::Row => "row",
        },
        heading: optional(site, section.heading.as_ref()),
        text_html: markdown::html(&optional(site, section.text.as_ref())),
        image: image(site, section.image.as_ref()),
        tiles,
        first: false,
    }
}

fn tile(site: &Site<'_>, card: &CardDoc, seen: Visibility, wide: bool) -> TileView {
    let words = words(site);
    let open = seen.is_open();
    let call = optional(site, card.call_to_action.as_ref());
    TileView {
        href: card_href(site, &card.key),
        title: local(site, &card.title),
        description: local(site, &card.description),
        image: image(site, card.image.as_ref()),
        call_to_action: if open && !call.is_empty() {
            call.into()
        } else {
            words.say(words.look)
        },
        author: author(site, card),
        wide,
        open,
        note_html: match seen {
            Visibility::Closed { .. } => words.say(words.closed_note).to_string(),
            Visibility::NotYetOpen { from } => words.mark(fill(words.opens_at, &time(site, from))),
            Visibility::Visible | Visibility::Hidden => String::new(),
        },
    }
}

/// A card's page in one of its stages.
pub(super) fn card(
    site: &Site<'_>,
    card: &PublishedCard,
    stage: CardStage,
    visit: &Visit,
) -> askama::Result<CardTemplate> {
    let (words, doc) = (words(site), &card.doc);
    let title = local(site, &doc.title);
    let mut frame = frame(site, &title, local(site, &doc.description));
    frame.share_image = share_image(site, doc.image.as_ref());
    let played = visit.played();
    let shown = card.engine.shown();
    let face = match stage {
        // What is only looked at stands there whatever else there is.
        _ if shown => Some(face(site, card, Stage::Play, visit)?),
        CardStage::Play => Some(face(site, card, Stage::Play, visit)?),
        CardStage::Form | CardStage::Done if played => {
            Some(face(site, card, Stage::Results, visit)?)
        }
        _ => None,
    };
    let notice = match stage {
        // A play without a form has nothing to thank for: its results speak. So they do where the play came last.
        CardStage::Done => {
            let form = doc.form.as_ref();
            let asked = form.is_some_and(|form| !played || form.position == FormPosition::End);
            asked.then(|| thanks(site, doc))
        }
        CardStage::Again(from) => Some(again(site, from)),
        CardStage::Closed(since) => Some(closed(site, since)),
        CardStage::Early(from) => Some(early(site, from)),
        CardStage::Play | CardStage::Form => None,
    };
    let form = doc
        .form
        .as_ref()
        .filter(|_| stage == CardStage::Form)
        .map(|form| {
            let first = !card.engine.playable() || form.position == FormPosition::Start;
            FormView {
                fresh: first && !played,
                leads_on: first && card.engine.playable(),
                ..build_form::form(site, doc, form, visit)
            }
        });
    if face.is_some() {
        if !shown {
            frame.scripts.push(site.assets.play_script.clone());
        }
        if let Some(of_kind) = site.assets.kinds.get(card.engine.kind()) {
            frame.scripts.extend(of_kind.script.clone());
            frame.styles.extend(of_kind.style.clone());
        }
    }
    if let Some(play) = visit.play_id.filter(|_| played || stage == CardStage::Done) {
        // In another language it is still the same play.
        for language in &mut frame.languages {
            language.href = format!("{}&play={play}", language.href);
        }
    }
    if let Some(notice) = &notice {
        frame.title = format!("{} – {}", notice.title.text(), frame.title);
    }
    if !visit.errors.is_empty() {
        frame.title = format!("{} {}", words.error_prefix, frame.title);
    }
    // Who comes too early or too late still wants to know what this is.
    let entered = matches!(stage, CardStage::Done | CardStage::Again(_));
    let after = entered || played || !visit.errors.is_empty();
    frame.noindex = after;
    Ok(CardTemplate {
        card: CardView {
            key: doc.key.clone(),
            title,
            description: local(site, &doc.description),
            image: image(site, doc.image.as_ref()),
            author: author(site, doc),
            back: LinkView {
                label: words.say(&fill(
                    words.back,
                    &local(site, &site.publication.doc().hub.name),
                )),
                href: page_href(site, ""),
                current: false,
            },
        },
        next: (stage == CardStage::Done && notice.is_none()).then(|| more(site)),
        notice,
        face: face
            .filter(|html| !html.trim().is_empty())
            .map(|html| FaceView {
                html,
                stage: match &visit.stand {
                    Some(stand) if stand.finished => "done",
                    Some(stand) if stand.moves > 0 => "open",
                    _ => "fresh",
                },
                unsent: engage::text::texts::plain(site.locale, "card-unsent"),
            }),
        form,
        after,
        frame,
    })
}

/// The engine's own part: the play, or its results. The form around it is the page's.
fn face(
    site: &Site<'_>,
    card: &PublishedCard,
    stage: Stage,
    visit: &Visit,
) -> askama::Result<String> {
    let hub = site.publication.doc();
    let image_urls: BTreeMap<String, String> = hub
        .images
        .iter()
        .map(|image| (image.key.clone(), (site.image_href)(image)))
        .collect();
    let stand_url = visit
        .play_id
        .filter(|_| stage == Stage::Results)
        .map(|play| href(site, &format!("/c/{}/plays/{play}", card.doc.key)));
    card.engine.face(&FaceContext {
        locale: site.locale,
        hub,
        card: &card.doc,
        stage,
        play_url: &href(site, &format!("/c/{}/plays", card.doc.key)),
        stand_url: stand_url.as_deref().unwrap_or_default(),
        image_urls: &image_urls,
        play_id: visit.play_id,
        errors: &visit.errors,
        tried: &visit.tried,
        results: &visit.results,
        stand: visit.stand.as_ref().map(|stand| PlayStand {
            state: &stand.state,
            facts: &stand.facts,
            moves: stand.moves,
            finished: stand.finished,
        }),
        now: site.now,
    })
}

/// The sponsor tag of a card.
fn author(site: &Site<'_>, card: &CardDoc) -> Option<Said> {
    let name = optional(site, card.author.as_ref());
    let words = words(site);
    (!name.is_empty()).then(|| words.say(&fill(words.presented_by, &name)))
}

fn more(site: &Site<'_>) -> LinkView {
    let words = words(site);
    LinkView {
        label: words.say(words.more),
        href: page_href(site, ""),
        current: false,
    }
}

fn button(site: &Site<'_>, button: &Button) -> LinkView {
    let href = match (&button.page, &button.card, &button.url) {
        (Some(page), ..) => page_href(site, page),
        (None, Some(card), _) => card_href(site, card),
        (None, None, Some(url)) => url.clone(),
        (None, None, None) => page_href(site, ""),
    };
    LinkView {
        label: local(site, &button.label).into(),
        href,
        current: false,
    }
}

/// The author's thanks, or the product's.
pub(super) fn thanks(site: &Site<'_>, card: &CardDoc) -> NoticeView {
    let words = words(site);
    let thanks = card.form.as_ref().and_then(|form| form.thanks.as_ref());
    let title = optional(site, thanks.and_then(|thanks| thanks.title.as_ref()));
    let text = optional(site, thanks.and_then(|thanks| thanks.text.as_ref()));
    NoticeView {
        tone: "thanks",
        title: if title.is_empty() {
            words.say(words.thanks_title)
        } else {
            title.into()
        },
        text_html: if text.is_empty() {
            format!("<p>{}</p>", words.say(words.thanks_text))
        } else {
            markdown::html(&text)
        },
        button: thanks
            .and_then(|thanks| thanks.button.as_ref())
            .map(|wanted| button(site, wanted))
            .or_else(|| Some(more(site))),
    }
}

/// A moment as an element, which the island turns into the participant's own time.
fn time(site: &Site<'_>, moment: Millis) -> String {
    let (exact, shown) = (moment.to_iso(), dates::moment(site.locale, moment));
    format!("<time datetime=\"{exact}\">{shown}</time>")
}

/// The limit of entries is used up.
pub(super) fn again(site: &Site<'_>, from: Option<Millis>) -> NoticeView {
    let words = words(site);
    let text = match from {
        Some(from) => fill(words.again_at, &time(site, from)),
        None => words.again_text.to_owned(),
    };
    NoticeView {
        tone: "again",
        title: words.say(words.again_title),
        text_html: format!("<p>{}</p>", words.mark(text)),
        button: Some(more(site)),
    }
}

/// No longer open.
pub(super) fn closed(site: &Site<'_>, since: Option<Millis>) -> NoticeView {
    let words = words(site);
    let text = match since {
        Some(since) => fill(words.closed_at, &time(site, since)),
        None => words.closed_text.to_owned(),
    };
    NoticeView {
        tone: "closed",
        title: words.say(words.closed_title),
        text_html: format!("<p>{}</p>", words.mark(text)),
        button: Some(more(site)),
    }
}

fn early(site: &Site<'_>, from: Option<Millis>) -> NoticeView {
    let words = words(site);
    let text = from
        .map(|from| fill(words.early_at, &time(site, from)))
        .unwrap_or_default();
    NoticeView {
        tone: "early",
        title: words.say(words.early_title),
        text_html: format!("<p>{}</p>", words.mark(text)),
        button: Some(more(site)),
    }
}
