//! What every mail of every hub has to hold, in every language, by day and by night.

use braze_sandbox::{Sandbox, Settings};
use engage::{
    hub::{HubDoc, Theme},
    ids::{ConnectionId, HubId},
    mail::{Context, EntryConfirmation, MailKind, MailProperties, liquid, properties_of},
    text::{Locale, texts},
};
use store::{
    hubs::{self, NewConnection, NewIds},
    testing::TestDatabase,
};
use tokio::net::TcpListener;

use super::{Change, ChangeKind, Design, Rendered, diff, publish};
use crate::clock;

const BASE: &str = "https://hubs.example.com";
const DEMO: &str = include_str!("../../../../demo/hub.toml");

fn demo() -> HubDoc {
    let mut doc = HubDoc::from_toml(DEMO).unwrap();
    for image in &mut doc.images {
        let ending = image.file.rsplit('.').next().unwrap().to_owned();
        image.file = format!("stored:0123abcd.{ending}");
    }
    doc
}

fn sample(doc: &HubDoc, kind: MailKind, locale: &str) -> Rendered {
    let locale: Locale = locale.parse().unwrap();
    super::desk::preview(doc, BASE, kind, &locale).unwrap()
}

/// How the sample of each language greets.
const GREETINGS: [(&str, &str); 5] = [
    ("en", "Hello Ann,"),
    ("de", "Hallo Jana,"),
    ("fr", "Bonjour Camille,"),
    ("es", "Hola, Lucía:"),
    ("ja", "花子さん、こんにちは。"),
];

fn all() -> Vec<(MailKind, &'static str, Rendered)> {
    let mut doc = demo();
    doc.hub.locales = texts::languages();
    let each = |kind| GREETINGS.map(|(locale, _)| (kind, locale, sample(&doc, kind, locale)));
    MailKind::ALL.into_iter().flat_map(each).collect()
}

#[test]
fn every_mail_renders_in_every_language_with_all_it_can_tell() {
    for (kind, locale, mail) in all() {
        for part in [&mail.subject, &mail.preheader, &mail.html, &mail.text] {
            for left in ["{{", "{%", "${", "mail-", "api_trigger"] {
                assert!(
                    !part.contains(left),
                    "{kind} in {locale} shows `{left}`: {part}"
                );
            }
        }
        assert!(
            mail.html
                .contains(&format!("<html lang=\"{locale}\" dir=\"ltr\">"))
        );
        assert!(
            !mail.subject.is_empty() && mail.subject.chars().count() < 80,
            "{}",
            mail.subject
        );
        let greeted: Vec<&str> = GREETINGS
            .iter()
            .filter(|(_, words)| mail.text.contains(words))
            .map(|(language, _)| *language)
            .collect();
        assert_eq!(greeted, [locale], "{kind} in {locale}: {}", mail.text);
    }
    let count = |count| engage::mail::minutes(&Locale::ENGLISH, count);
    assert_eq!(
        (count(1), count(10)),
        ("one minute".to_owned(), "10 minutes".to_owned())
    );
}

#[test]
fn a_mail_survives_the_usual_mail_programs() {
    for (kind, _, mail) in all() {
        let html = &mail.html;
        // Gmail cuts a mail after 102 KB.
        assert!(html.len() < 60 * 1024, "{kind} has {} bytes", html.len());
        for bad in [
            "<script",
            "<link",
            "@import",
            "@font-face",
            "url(",
            "<form",
            "<iframe",
            "flex",
            "grid",
            "position:",
            "<v:",
            "<div class",
        ] {
            assert!(!html.contains(bad), "{kind} has `{bad}`");
        }
        let outside = html
            .split("https://")
            .skip(1)
            .find(|rest| !rest.starts_with("hubs.example.com/"));
        assert_eq!(outside, None, "{kind} leads elsewhere");
        assert_eq!(
            html.matches("<table").count(),
            html.matches("role=\"presentation\"").count()
        );
        let images = html.matches("<img").count();
        assert_eq!(
            html.matches("alt=\"").count(),
            images,
            "{kind}: every picture says what it shows"
        );
        for element in ["<p", "<td", "<a", "<h1"] {
            let shown = |rest: &str| rest.split('>').next().unwrap().to_owned();
            for tag in html.split(&format!("{element} ")).skip(1).map(shown) {
                let bare = element == "<td" && !tag.contains("class");
                assert!(
                    bare || tag.contains("style=\""),
                    "{kind}: <{element} {tag}> has no style"
                );
            }
        }
        for wanted in [
            "prefers-color-scheme: dark",
            "[data-ogsc]",
            "name=\"color-scheme\"",
            "<!--[if mso]>",
            "bgcolor=",
        ] {
            assert!(html.contains(wanted), "{kind} lacks `{wanted}`");
        }
    }
}

#[test]
fn the_text_part_says_what_the_html_says() {
    for (kind, locale, mail) in all() {
        let body = mail.html.split("</style>").last().unwrap();
        // Words alone: where a line breaks and where an element ends, a space may stand in one part and not in the other.
        let flat = |text: &str| text.split_whitespace().collect::<String>();
        let seen = body
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(_, text)| text);
        let seen = flat(&seen.collect::<Vec<_>>().join(" "))
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        for line in mail
            .text
            .lines()
            .filter(|line| line.split(' ').count() > 4 && !line.contains("://"))
        {
            let line = line.rsplit(": ").next().unwrap();
            for word in line.split_whitespace() {
                assert!(
                    seen.contains(word.trim_matches(['.', ',', ';', ':'])),
                    "{kind} in {locale}: `{word}` of `{line}`"
                );
            }
        }
        assert!(
            mail.text.contains(BASE),
            "{kind}: the button's address stands in the text"
        );
    }
}

#[test]
fn neither_author_nor_participant_can_write_html_or_liquid() {
    let mut doc = demo();
    let hostile =
        "<script>alert(1)</script> {{ 7 | times: 6 }} {% if true %}x{% endif %} \" onload=x '";
    doc.mail.entry_confirmation.heading = hostile.into();
    doc.mail.entry_confirmation.subject = hostile.into();
    doc.mail.entry_confirmation.body = hostile.into();
    doc.hub.name = hostile.into();
    let locale = Locale::ENGLISH;
    let kind = MailKind::EntryConfirmation;
    let mut context = Context::new(kind, &doc, Some("flavour-poll"), &locale, BASE);
    context.first_name = Some(format!(
        "{hostile} {{{{content_blocks.${{komo_demo_footer}}}}}}"
    ));
    let properties = MailProperties::EntryConfirmation(EntryConfirmation {
        context,
        entry_id: "1".to_owned(),
        entered_at: "x".to_owned(),
        entered_on: hostile.to_owned(),
        outcome: Some(hostile.to_owned()),
    });
    let mail = Design::of(&doc, BASE)
        .unwrap()
        .render(&properties, kind)
        .unwrap();
    assert!(!mail.html.contains("<script"), "{}", mail.html);
    let label = mail.html.split("aria-label=\"").nth(1).unwrap();
    let label = label.split('"').next().unwrap();
    assert!(
        label.contains("onload"),
        "the attribute ends early: {label}"
    );
    for part in [&mail.subject, &mail.text] {
        assert!(
            part.contains("{{ 7 | times: 6 }}") && !part.contains("42"),
            "{part}"
        );
    }
    assert!(
        !mail.html.contains("42") && mail.text.contains("{{content_blocks."),
        "{}",
        mail.text
    );
}

#[test]
fn templates_name_only_properties_that_are_documented() {
    let design = Design::of(&demo(), BASE).unwrap();
    for template in &design.templates {
        let known: Vec<String> = properties_of(template.kind)
            .into_iter()
            .map(|it| it.name)
            .collect();
        let whole = super::inlined(&template.whole(), &design.blocks);
        for part in whole.split("api_trigger_properties.${").skip(1) {
            let name = part.split('}').next().unwrap();
            assert!(
                known.iter().any(|it| it == name),
                "{}: `{name}`",
                template.name
            );
        }
    }
    for block in &design.blocks {
        assert!(
            block.name.len() < 100 && block.content.len() < 50 * 1024,
            "{}",
            block.name
        );
    }
    assert_eq!(liquid::names("{first_name} {x y}").len(), 1);
}

/// A hub with a connection, and a Braze for it.
struct Desk {
    store: store::Store,
    client: braze::Client,
    connection: ConnectionId,
    sandbox: Sandbox,
}

async fn desk(database: &TestDatabase) -> Desk {
    let sandbox = Sandbox::new(Settings::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = sandbox.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let options = braze::Options {
        allow_private: true,
        allow_other_hosts: true,
        ..braze::Options::default()
    };
    let key = "demo-braze-key".to_owned().into();
    let client = braze::Client::new(endpoint.parse().unwrap(), key, options).unwrap();
    let store = database.open().await;
    let workspace = crate::hubfile::workspace(&store).await.unwrap();
    let (hub, connection): (HubId, ConnectionId) = (clock::new_id(), clock::new_id());
    store
        .write(move |tx| {
            Box::pin(async move {
                let ids = NewIds {
                    hub,
                    cards: Vec::new(),
                    connections: vec![NewConnection {
                        id: connection,
                        key: "braze".into(),
                        document: "{}".into(),
                    }],
                    keep_connections: false,
                };
                hubs::save(tx, workspace, "demo", "{}", ids, clock::now()).await
            })
        })
        .await
        .unwrap();
    Desk {
        store,
        client,
        connection,
        sandbox,
    }
}

fn count(changes: &[Change], what: ChangeKind) -> usize {
    changes.iter().filter(|it| it.what == what).count()
}

#[tokio::test]
async fn only_what_has_changed_is_published_and_an_interrupted_publication_goes_on() {
    for database in TestDatabase::both() {
        let desk = desk(&database).await;
        let compare = async |design: &Design| {
            diff(&desk.store, &desk.client, desk.connection, design)
                .await
                .unwrap()
                .changes
        };
        let write = async |design: &Design, overwrite| {
            publish(
                &desk.store,
                &desk.client,
                desk.connection,
                design,
                overwrite,
            )
            .await
            .unwrap()
        };
        let mut doc = demo();
        let design = Design::of(&doc, BASE).unwrap();
        assert_eq!(count(&compare(&design).await, ChangeKind::New), 11);
        assert_eq!(write(&design, false).await.written.len(), 11);
        assert_eq!(count(&compare(&design).await, ChangeKind::Same), 11);
        assert!(write(&design, false).await.written.is_empty());

        // Braze took a piece, and the program died before it could remember.
        let connection = desk.connection;
        let forget = async |kind: &'static str, name: &'static str| {
            desk.store
                .write(move |tx| Box::pin(store::mail::forget_piece(tx, connection, kind, name)))
                .await
                .unwrap();
        };
        forget("block", "komo_demo_footer").await;
        forget("template", "komo_demo_coupon").await;
        assert!(
            write(&design, false).await.written.is_empty(),
            "nothing is made twice"
        );
        assert_eq!(desk.client.templates().await.unwrap().len(), 6);

        doc.theme = Theme::default();
        let other = Design::of(&doc, BASE).unwrap();
        let changes = compare(&other).await;
        let lines = changes
            .iter()
            .find(|it| it.what == ChangeKind::Changed)
            .unwrap()
            .lines();
        assert!(
            lines.iter().any(|line| line.starts_with('+'))
                && lines.iter().any(|line| line.starts_with('-'))
        );
        assert!(write(&other, false).await.written.len() > 6);

        // Somebody edits a block in Braze: it is left alone until that is wanted otherwise.
        let footer = desk.client.blocks().await.unwrap();
        let footer = footer
            .iter()
            .find(|it| it.name == "komo_demo_footer")
            .unwrap();
        let edited = braze::NewBlock {
            name: footer.name.clone(),
            content: "<p>edited</p>".to_owned(),
            description: "edited".to_owned(),
        };
        desk.client
            .update_block(&footer.content_block_id, &edited)
            .await
            .unwrap();
        assert_eq!(write(&other, false).await.left_alone, ["komo_demo_footer"]);
        assert_eq!(write(&other, true).await.written, ["komo_demo_footer"]);

        // A new prefix: blocks are new, templates are renamed and keep their ids.
        let before = desk.client.templates().await.unwrap();
        doc.mail.prefix = Some("nonna".to_owned());
        let renamed = Design::of(&doc, BASE).unwrap();
        let changes = compare(&renamed).await;
        assert_eq!(count(&changes, ChangeKind::Renamed), 6);
        assert_eq!(count(&changes, ChangeKind::New), 5);
        assert_eq!(count(&changes, ChangeKind::NotUsedAnyMore), 5);
        write(&renamed, false).await;
        let after = desk.client.templates().await.unwrap();
        assert_eq!(after.len(), before.len());
        assert!(
            after
                .iter()
                .all(|it| it.template_name.starts_with("nonna_"))
        );
        assert_eq!(desk.sandbox.mail_count(), 0);
    }
}
