//! Holds the documentation to the program: generated references, every documented command, every link.
//! Promises: a page that no longer tells the truth fails here, and the failure says what to do.
//! Leaves to others: prose that no program can check.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it can't go on"
)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use axum::response::IntoResponse as _;
use clap::Parser as _;
use engage::{
    cards::{self, Shell},
    delivery::ParkReason,
    fields::FieldKind,
    form::FieldError,
    hub::{HubDoc, Severity},
    mail::{MailKind, properties_of},
    mapping::{Explained, NoteKind, SOURCES, STANDARD_ATTRIBUTES, SkipReason, TRANSFORMS},
    text::{Locale, texts},
};
use komo::{cli::Cli, config, hubfile, web::problem::Problem};
use serde_json::Value as Json;

const WRITE: &str = "KOMO_WRITE_DOCS";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a generated page with the one in the repository, or writes it when asked to.
fn same(path: &str, generated: &str) {
    let file = root().join(path);
    if std::env::var_os(WRITE).is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, generated).unwrap();
        return;
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    let first = stored
        .lines()
        .zip(generated.lines())
        .position(|(one, two)| one != two);
    let line = first.unwrap_or_else(|| stored.lines().count().min(generated.lines().count())) + 1;
    assert!(
        stored == generated,
        "{path} is not what the program says any more (line {line}). Write it anew:\n    {WRITE}=1 cargo test -p komo --test docs\nthen look at the change and commit it with yours."
    );
}

/// The pages that people read, as paths from the root.
fn pages() -> Vec<String> {
    let mut found = vec![
        "README.md".to_owned(),
        "CHANGELOG.md".to_owned(),
        "CONTRIBUTING.md".to_owned(),
    ];
    for folder in ["docs", "docs/guides", "docs/decisions", "docs/reference"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name)
                .extension()
                .is_some_and(|ending| ending == "md")
            {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found.sort();
    found
}

/// The code blocks of a page: language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

#[test]
fn the_schema_of_hub_files_is_the_programs_own() {
    same(
        "docs/reference/hub.schema.json",
        &format!(
            "{}\n",
            serde_json::to_string_pretty(&HubDoc::json_schema()).unwrap()
        ),
    );
}

#[test]
fn the_configuration_page_shows_the_built_in_file() {
    let page = format!(
        "# Configuration\n\n\
         Generated from the program: this is what `komo check-config --defaults` prints. `komo check-config --config FILE` shows what is in force.\n\n\
         ```toml\n{}```\n",
        config::DEFAULTS
    );
    same("docs/reference/config.md", &page);
}

#[test]
fn the_guide_to_deliveries_knows_every_state_and_every_reason() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/guides/deliveries.md"
    );
    let guide = fs::read_to_string(path).unwrap();
    let states = store::ledger::State::ALL.iter().map(|it| it.code());
    let parked = ParkReason::ALL.iter().map(|it| it.code());
    let skipped = SkipReason::ALL.iter().map(|it| it.code());
    for code in states.chain(parked).chain(skipped) {
        assert!(
            guide.contains(&format!("`{code}`")),
            "docs/guides/deliveries.md says nothing about `{code}`: add it to the table of states or reasons"
        );
    }
}

#[test]
fn the_page_of_parked_reasons_lists_every_reason_with_its_remedy() {
    let mut page = String::from(
        "# Why a delivery is not delivered\n\n\
         Generated from the program: these are the words that `komo connection deliveries` prints, with the codes as they are stored.\n\n\
         ## Parked\n\n\
         Braze refused it, or could not be reached for too long. It is kept, and sent again when you ask for it: `komo deliveries again`. It is then \
         planned anew with the mapping of today, so that a corrected mapping mends what was parked; what was delivered is not sent twice.\n\n\
         | code | what happened | what to do |\n|---|---|---|\n",
    );
    for reason in ParkReason::ALL {
        writeln!(
            page,
            "| `{}` | {} | {} |",
            reason.code(),
            reason.sentence(),
            reason.remedy()
        )
        .unwrap();
    }
    page.push_str(
        "\n## Never sendable\n\n\
         Something is mapped, but Braze could not be told whose it is. Once the user mapping is corrected: `komo deliveries again --state skipped`.\n\n\
         | code | what happened | what to do |\n|---|---|---|\n",
    );
    for reason in SkipReason::ALL {
        writeln!(
            page,
            "| `{}` | {} | {} |",
            reason.code(),
            reason.sentence(),
            reason.remedy()
        )
        .unwrap();
    }
    page.push_str(
        "\n## Left out\n\n\
         A single value that does not fit is left out, and the rest of the entry is sent. The metric `komo_mapping_notes_total` counts them.\n\n\
         | code | what happened | what to do |\n|---|---|---|\n",
    );
    for note in NoteKind::COUNTED {
        writeln!(
            page,
            "| `{}` | {} | {} |",
            note.code(),
            note.sentence(),
            note.remedy()
        )
        .unwrap();
    }
    same("docs/reference/parked-reasons.md", &page);
}

/// A table of words of the mapping.
fn explained(page: &mut String, title: &str, words: &[Explained]) {
    write!(
        page,
        "\n## {title}\n\n| word | meaning | example |\n|---|---|---|\n"
    )
    .unwrap();
    for it in words {
        writeln!(
            page,
            "| `{}` | {} | `{}` |",
            it.word, it.meaning, it.example
        )
        .unwrap();
    }
}

#[test]
fn the_page_of_the_mapping_explains_every_word() {
    let mut page = String::from(
        "# The words of a mapping\n\n\
         Generated from the program. How they are put together is told in [the guide](../guides/mapping.md); the whole document is described by \
         [hub.schema.json](hub.schema.json).\n",
    );
    explained(&mut page, "Sources", SOURCES);
    page.push_str(
        "\nA source without a value is left out: nothing is sent for it, and nothing is erased.\n",
    );
    explained(&mut page, "Transforms", TRANSFORMS);
    page.push_str(
        "\nThey are applied in the order in which they stand. Several sources become a list, and are joined by a space unless `join` or the target says otherwise.\n\
         \n## Braze's own profile fields\n\n| `to` | takes |\n|---|---|\n",
    );
    for (name, takes) in STANDARD_ATTRIBUTES {
        writeln!(page, "| `{name}` | {takes} |").unwrap();
    }
    page.push_str("\nEvery other name is a custom attribute. A name with points, such as `taste.flavour`, is a path into a nested attribute, which is merged.\n");
    let schema = HubDoc::json_schema();
    for (name, title) in [
        ("MappedType", "Types"),
        ("Operation", "Operations"),
        ("EventTrigger", "When an event or a purchase happens"),
        ("AllAnswers", "A whole card in one event: `all_answers`"),
        ("IdentifyBy", "Ways to identify people"),
    ] {
        write!(page, "\n## {title}\n\n| word | meaning |\n|---|---|\n").unwrap();
        for it in schema["$defs"][name]["oneOf"].as_array().unwrap() {
            let meaning = it["description"].as_str().unwrap().replace('\n', " ");
            writeln!(page, "| `{}` | {meaning} |", it["const"].as_str().unwrap()).unwrap();
        }
    }
    for (name, title) in [
        ("UserMapping", "`[connections.user]`"),
        ("OtherIdentifier", "`[[connections.user.otherwise]]`"),
        ("AttributeMapping", "`[[connections.attributes]]`"),
        ("ConsentMapping", "`[[connections.consents]]`"),
        ("QuestionMapping", "`[[connections.questions]]`"),
        ("EventMapping", "`[[connections.events]]`"),
        ("PropertyMapping", "`properties` of events and purchases"),
        ("PurchaseMapping", "`[[connections.purchases]]`"),
    ] {
        let settings = settings(&schema["$defs"][name], &schema["$defs"]);
        write!(page, "\n## {title}\n\n{}\n", settings.join("\n")).unwrap();
    }
    same("docs/reference/mapping.md", &page);
}

#[test]
fn the_page_of_mails_lists_every_property_of_every_message_type() {
    let mut page = String::from(
        "# Trigger properties of mails\n\n\
         Generated from the program, for whoever builds the campaigns in Braze. A property stands in a message as \
         `{{api_trigger_properties.${name}}}`. Give everything that a person may have typed through `escape`, and what is not in every mail a default: \
         `{{api_trigger_properties.${first_name} | default: 'there' | escape}}`. The templates that the product publishes do both. \
         In a hub's own texts the same properties stand in braces, `{first_name:there}`; see [the guide to mails](../guides/mail.md).\n",
    );
    for kind in MailKind::ALL {
        write!(
            page,
            "\n## {} (`{kind}`)\n\nSent when {}.\n\n| property | what it is | in every mail | what it tells |\n|---|---|---|---|\n",
            kind.title(),
            kind.moment()
        )
        .unwrap();
        for property in properties_of(kind) {
            let always = if property.always { "yes" } else { "no" };
            writeln!(
                page,
                "| `{}` | {} | {always} | {} |",
                property.name,
                property.kind.name(),
                property.about
            )
            .unwrap();
        }
    }
    same("docs/reference/mail-properties.md", &page);
}

/// The words that a setting may have, where it has only some: behind a reference, each with its own description.
fn words(value: &Json, definitions: &Json) -> Option<String> {
    let name = value["$ref"].as_str()?.rsplit('/').next()?;
    let words: Vec<String> = definitions[name]["oneOf"]
        .as_array()?
        .iter()
        .map(|it| it["const"].as_str().map(|word| format!("`{word}`")))
        .collect::<Option<_>>()?;
    Some(format!(" One of {}.", words.join(", ")))
}

/// The settings that a schema names: `` `max_length`: Most characters ``.
fn settings(schema: &Json, definitions: &Json) -> Vec<String> {
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let required = |key: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|all| all.iter().any(|it| it == key))
    };
    let named = properties
        .into_iter()
        // The word that chooses among several types is the heading.
        .filter(|(key, value)| key != "type" || value.get("const").is_none())
        .map(|(key, value)| {
            let mark = if required(&key) { " (required)" } else { "" };
            let words = words(&value, definitions).unwrap_or_default();
            format!(
                "- `{key}`{mark}: {}{words}",
                value["description"]
                    .as_str()
                    .unwrap_or_default()
                    .replace('\n', " ")
            )
        });
    named.collect()
}

#[test]
fn the_page_of_card_types_lists_every_kind_and_every_field() {
    let mut page = String::from(
        "# Card kinds and field types\n\nGenerated from the program. The whole document is described by [hub.schema.json](hub.schema.json).\n\n## Cards\n",
    );
    for kind in cards::kinds() {
        let title = kind
            .texts
            .iter()
            .find(|(locale, _)| *locale == "en")
            .map_or("", |(_, source)| *source);
        let title = title
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{} = ", kind.title)))
            .map_or_else(
                || texts::message(&Locale::ENGLISH, kind.title, &[]),
                str::to_owned,
            );
        write!(page, "\n### `kind = \"{}\"`: {title}\n", kind.name).unwrap();
        let schema = (kind.schema)();
        let setup = settings(&schema, &schema["$defs"]);
        if setup.is_empty() {
            page.push_str("\nNo setup.\n");
        } else {
            write!(page, "\n`[cards.setup]`:\n\n{}\n", setup.join("\n")).unwrap();
        }
        let sample = (kind.sample)();
        let shell = Shell {
            card_key: &sample.key,
            locales: &[Locale::ENGLISH],
            images: &[],
            form_first: sample.form_first(),
        };
        let facts = kind.open(&sample.setup, &shell).unwrap().facts();
        if !facts.is_empty() {
            let names: Vec<String> = facts
                .into_iter()
                .map(|fact| format!("`{}`", fact.key))
                .collect();
            write!(page, "\nWhat its play tells, as sources of a mapping (here for a question `flavour`): {}.\n", names.join(", ")).unwrap();
        }
    }
    page.push_str("\n## Form fields\n\nAll fields have `key`, `label`, `help`, `placeholder`, `required`, `property`, `pii`, `prefill`, `default`. Beside these:\n");
    let schema = HubDoc::json_schema();
    let types = schema["$defs"]["FieldDoc"]["oneOf"].as_array().unwrap();
    for name in FieldKind::NAMES {
        let own = types
            .iter()
            .find(|it| it["properties"]["type"]["const"] == **name)
            .unwrap();
        write!(page, "\n### `type = \"{name}\"`\n\n").unwrap();
        let own = settings(own, &schema["$defs"]);
        writeln!(
            page,
            "{}",
            if own.is_empty() {
                "No settings of its own.".to_owned()
            } else {
                own.join("\n")
            }
        )
        .unwrap();
    }
    same("docs/reference/card-types.md", &page);
}

/// The command of the program in a line of a code block, or in a piece of inline code; none where there is none.
fn command(text: &str) -> Option<Vec<&str>> {
    let text = text.split(['<', '>']).next()?.split(" #").next()?;
    let words: Vec<&str> = text
        .split_whitespace()
        .skip_while(|word| matches!(*word, "$" | "sudo" | "-u") || word.contains('='))
        .collect();
    let (["cargo", "run", "--release", "--", words @ ..]
    | ["cargo", "run", "--", words @ ..]
    | ["komo", "komo", words @ ..]
    | ["komo" | "target/release/komo", words @ ..]) = words.as_slice()
    else {
        return None;
    };
    // `komo --> store` in a drawing is no command.
    words
        .first()
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))?;
    Some(
        std::iter::once("komo")
            .chain(words.iter().copied())
            .collect(),
    )
}

#[test]
fn every_documented_command_is_one_that_the_program_takes() {
    use clap::error::ErrorKind;
    let mut tried = 0;
    for page in pages() {
        let text = read(&page);
        let blocks: Vec<String> = blocks(&text)
            .into_iter()
            .filter(|(language, _)| matches!(language.as_str(), "" | "sh" | "bash"))
            .map(|(_, block)| block.replace("\\\n", " "))
            .collect();
        let lines = blocks
            .iter()
            .flat_map(|block| block.lines())
            .flat_map(|line| line.split('|'))
            .map(|line| (line, false));
        // Inline code may leave out what the sentence around it says.
        let inline = text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2))
            .map(|code| (code, true));
        for (line, short) in lines.chain(inline) {
            let Some(words) = command(line) else { continue };
            tried += 1;
            if let Err(error) = Cli::try_parse_from(words) {
                let fine = match error.kind() {
                    ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
                    ErrorKind::MissingRequiredArgument
                    | ErrorKind::MissingSubcommand
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => short,
                    _ => false,
                };
                assert!(
                    fine,
                    "{page} shows a command that does not exist:\n    {line}\n{error}\nCorrect the page, or the command line in crates/komo/src/cli."
                );
            }
        }
    }
    assert!(
        tried > 50,
        "only {tried} commands were found in the pages: does this test still read them?"
    );
}

#[test]
fn every_hub_in_the_guides_can_be_published() {
    let mut tried = 0;
    for page in pages() {
        for (language, block) in blocks(&read(&page)) {
            if language != "toml" || !block.contains("format = \"komo-hub-1\"") {
                continue;
            }
            tried += 1;
            let doc = hubfile::parse("hub.toml", &block)
                .unwrap_or_else(|error| panic!("{page}: a hub in it can't be read: {error}"));
            let errors: Vec<String> = hubfile::check(&doc)
                .into_iter()
                .filter(|(severity, _)| *severity == Severity::Error)
                .map(|(_, line)| line)
                .collect();
            assert!(
                errors.is_empty(),
                "{page}: a hub in it can't be published: {}",
                errors.join("\n")
            );
        }
    }
    assert!(tried > 0, "no page shows a whole hub");
}

#[test]
fn every_scenario_in_the_guides_is_one_that_the_sandbox_takes() {
    let mut tried = 0;
    for page in pages() {
        for (language, block) in blocks(&read(&page)) {
            if language == "toml" && block.contains("[settings]") {
                tried += 1;
                let scenario = braze_sandbox::Scenario::from_toml(&block);
                let scenario = scenario.unwrap_or_else(|error| panic!("{page}: {error}"));
                let refused = scenario.faults.iter().find_map(|fault| fault.problem());
                assert_eq!(refused, None, "{page}");
            }
        }
    }
    assert!(tried > 0, "no page shows a scenario");
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = read(&page);
        let folder = root().join(&page).parent().unwrap().to_owned();
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            let path = target.split('#').next().unwrap_or_default();
            let elsewhere = path.is_empty() || path.contains("://") || path.starts_with("mailto:");
            // Pictures are made by running the program.
            let picture = path.contains("images/");
            if !elsewhere && !picture && !folder.join(path).exists() {
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "these links lead nowhere:\n{}\nCorrect the path; it is relative to the page.",
        broken.join("\n")
    );
}

/// One of each problem. The match fails to compile when a new kind appears, so that it is added to the list below.
fn problems() -> Vec<Problem> {
    let field = FieldError {
        field: "email".into(),
        message: "m".into(),
    };
    let all = vec![
        Problem::Malformed("m".into()),
        Problem::CrossSite,
        Problem::NotFound,
        Problem::MethodNotAllowed,
        Problem::TooSlow,
        Problem::AlreadyEntered { again_at: None },
        Problem::PlayUnusable,
        Problem::Closed,
        Problem::NotYetOpen,
        Problem::TooLarge { limit_kib: 256 },
        Problem::WrongType,
        Problem::Fields(vec![field]),
        Problem::KeyUsed,
        Problem::Move(vec![]),
        Problem::TooMany { retry_after: 1 },
        Problem::Unavailable,
        Problem::Broken("00000000".into()),
    ];
    for problem in &all {
        match problem {
            Problem::Malformed(_)
            | Problem::CrossSite
            | Problem::NotFound
            | Problem::MethodNotAllowed
            | Problem::TooSlow
            | Problem::AlreadyEntered { .. }
            | Problem::PlayUnusable
            | Problem::Closed
            | Problem::NotYetOpen
            | Problem::TooLarge { .. }
            | Problem::WrongType
            | Problem::Fields(_)
            | Problem::KeyUsed
            | Problem::Move(_)
            | Problem::TooMany { .. }
            | Problem::Unavailable
            | Problem::Broken(_) => {}
        }
    }
    all
}

#[tokio::test]
async fn the_developers_guide_names_every_problem_with_its_status() {
    let guide = read("docs/guides/developer.md");
    for problem in problems() {
        let response = problem.into_response();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 65_536)
            .await
            .unwrap();
        let body: Json = serde_json::from_slice(&body).unwrap();
        let kind = body["type"].as_str().unwrap();
        let row = format!("| {status} | `{kind}` |");
        assert!(
            guide.contains(&row),
            "docs/guides/developer.md lacks the row\n    {row}\nAdd it to the table of problems, with what the caller should do."
        );
    }
}

/// The words of a text that begin with `komo_`, up to what can't be part of a metric's name.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    words
        .filter(|word| {
            word.starts_with("komo_") && (word.ends_with("_total") || word.ends_with("_seconds"))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_operators_guide_lists_every_metric_and_no_other() {
    let known = metrics(include_str!("../src/telemetry.rs"));
    assert!(!known.is_empty());
    assert_eq!(
        metrics(&read("docs/guides/operator.md")),
        known,
        "the table of metrics in docs/guides/operator.md (left) and crates/komo/src/telemetry.rs (right) must name the same"
    );
}
