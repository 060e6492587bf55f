//! The editor of a part: shown, saved while people type, changed by the buttons of its lists.
//! Promises: what was typed is never lost to a conflict or to a mistake; without scripts there is a button for everything.
//! Leaves to others: which parts and controls there are (`part`, `shell`), how they look (`draw`).

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::hub::{CardForm, FormPosition, HubDoc};
use http::StatusCode;
use serde_json::{Value as Json, json};
use store::hubs::drafts::Around;

use super::{
    super::{
        access::AtHub,
        form,
        frame::{ago, hub_path},
        problem::StudioProblem,
    },
    drafts::{self, Draft, Step},
    fields,
    page::{View, again, saved_part, whole, with_desk},
    part::Part,
    save::{self, Desk, Saved},
    shell::Group,
    values,
};
use crate::app::App;

type Answer = Result<Response, StudioProblem>;

/// `GET /studio/hubs/{hub}/cards/{card}`
pub(in super::super) async fn show_card(
    State(app): State<App>,
    at: AtHub,
    Path((_, card)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    show(&app, &at, &Part::Card(card), &query).await
}

/// `GET /studio/hubs/{hub}/look`
pub(in super::super) async fn show_look(
    State(app): State<App>,
    at: AtHub,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    show(&app, &at, &Part::Look, &query).await
}

/// `GET /studio/hubs/{hub}/texts`
pub(in super::super) async fn show_texts(
    State(app): State<App>,
    at: AtHub,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    show(&app, &at, &Part::Texts, &query).await
}

/// `POST /studio/hubs/{hub}/cards/{card}`
pub(in super::super) async fn save_card(
    State(app): State<App>,
    at: AtHub,
    Path((_, card)): Path<(String, String)>,
    sent: form::Sent,
) -> Answer {
    save(&app, &at, &Part::Card(card), &sent).await
}

/// `POST /studio/hubs/{hub}/look`
pub(in super::super) async fn save_look(
    State(app): State<App>,
    at: AtHub,
    sent: form::Sent,
) -> Answer {
    save(&app, &at, &Part::Look, &sent).await
}

/// `POST /studio/hubs/{hub}/texts`
pub(in super::super) async fn save_texts(
    State(app): State<App>,
    at: AtHub,
    sent: form::Sent,
) -> Answer {
    save(&app, &at, &Part::Texts, &sent).await
}

async fn show(app: &App, at: &AtHub, part: &Part, query: &[(String, String)]) -> Answer {
    let draft = Draft::of(&at.hub)?;
    part.place(&draft.doc).ok_or(StudioProblem::NotFound)?;
    let get = |name: &str| {
        let found = query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let view = View {
        lang: get("lang"),
        touched: get("at"),
        ..View::default()
    };
    let around = drafts::around(app, &draft.hub).await?;
    whole(at, part, &draft, &around, &view, StatusCode::OK, query)
}

async fn save(app: &App, at: &AtHub, part: &Part, sent: &form::Sent) -> Answer {
    for _ in 0..drafts::TRIES {
        let draft = Draft::read(app, at).await?;
        let place = part.place(&draft.doc).ok_or(StudioProblem::NotFound)?;
        let mut view = View {
            lang: sent.text("lang").to_owned(),
            how: sent
                .raw("act")
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned(),
            ..View::default()
        };
        let work = work(part, &draft, &place, &view.lang, sent);
        let stale = part.seen(&draft.json, &place) != sent.text("seen");
        if stale && !sent.has("over") {
            let around = drafts::around(app, &draft.hub).await?;
            view.meanwhile = around.last.as_ref().map_or_else(
                || "Somebody has changed this".to_owned(),
                |(name, moment)| format!("{name} changed this {}", ago(*moment)),
            );
            view.typed = Some(work.json);
            return conflict(at, part, &draft, &around, &view, sent);
        }
        view.refused = work.saved.refused;
        view.touched = work.touched;
        let done = match HubDoc::from_value(work.json.clone()) {
            Ok(doc) if doc == draft.doc => true,
            Ok(doc) => {
                let title = part.title(&draft.doc);
                let words = work.act.clone().map_or_else(
                    || changed_words(&title, &work.saved.changed),
                    |act| format!("{act} ({title})"),
                );
                let joins = work.act.is_none();
                drafts::save(app, at, &draft, Step { doc, words, joins }).await?
            }
            Err(error) => {
                let path = error.path.strip_prefix(&place).unwrap_or(&error.path);
                let path = path.trim_start_matches('.').to_owned();
                view.refused
                    .push((path, super::draw::sentence(&error.message, &error.remedy)));
                view.typed = Some(work.json);
                true
            }
        };
        if done {
            let whole = work.act.is_some() || sent.has("over");
            return answer(app, at, part, &view, whole, sent).await;
        }
    }
    Err(StudioProblem::Unavailable)
}

/// The document with what was sent.
struct Work {
    json: Json,
    saved: Saved,
    act: Option<String>,
    touched: String,
}

fn work(part: &Part, draft: &Draft, place: &str, lang: &str, sent: &form::Sent) -> Work {
    let mut json = draft.json.clone();
    let mut saved = Saved::default();
    let (mut act, mut touched) = (None, String::new());
    let locale = save::language(lang, &draft.doc.hub.locales);
    let groups: Vec<Group> = part.groups(&draft.doc, locale);
    let pairs = save::Sent::of(&sent.pairs);
    with_desk(draft, lang, |desk| {
        let Some(inside) = values::get_mut(&mut json, place) else {
            return;
        };
        for group in &groups {
            save::values(&group.controls, inside, "", &pairs, &desk, &mut saved);
        }
        let button = sent.raw("act");
        let done = match button {
            "" => None,
            "form-on" if matches!(part, Part::Card(_)) => Some(add_form(inside, &desk)),
            "form-off" if matches!(part, Part::Card(_)) => {
                values::put(inside, "form", None);
                values::put(inside, "entries", None);
                Some(("Remove the form".to_owned(), String::new()))
            }
            button => {
                let all: Vec<_> = groups.iter().flat_map(|it| it.controls.clone()).collect();
                save::act(&all, inside, button, &pairs, &desk)
            }
        };
        if let Some((words, item)) = done {
            (act, touched) = (Some(words), item);
        }
    });
    Work {
        json,
        saved,
        act,
        touched,
    }
}

fn add_form(card: &mut Json, desk: &Desk<'_>) -> (String, String) {
    let form = CardForm {
        position: FormPosition::End,
        ..CardForm::default()
    };
    let mut form = serde_json::to_value(form).unwrap_or_default();
    values::put(
        &mut form,
        "fields",
        Some(json!([fields::new("email", &[], desk)])),
    );
    values::put(card, "form", Some(form));
    ("Add a form".to_owned(), "form.fields[0]".to_owned())
}

fn changed_words(title: &str, changed: &[String]) -> String {
    match changed {
        [] => format!("Change {title}"),
        [one] => format!("Change {} ({title})", one.to_lowercase()),
        [one, more @ ..] => format!(
            "Change {} and {} more ({title})",
            one.to_lowercase(),
            more.len()
        ),
    }
}

fn conflict(
    at: &AtHub,
    part: &Part,
    draft: &Draft,
    around: &Around,
    view: &View,
    sent: &form::Sent,
) -> Answer {
    if !sent.partial() {
        return whole(at, part, draft, around, view, StatusCode::CONFLICT, &[]);
    }
    again(at, part, draft, around, view, StatusCode::CONFLICT)
}

async fn answer(
    app: &App,
    at: &AtHub,
    part: &Part,
    view: &View,
    whole_form: bool,
    sent: &form::Sent,
) -> Answer {
    let draft = Draft::read(app, at).await?;
    let around = drafts::around(app, &draft.hub).await?;
    let fine = view.refused.is_empty();
    if !sent.partial() {
        if !fine {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return whole(at, part, &draft, &around, view, status, &[]);
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("lang", &view.lang);
        let mut anchor = String::new();
        if !view.touched.is_empty() {
            query.append_pair("at", &view.touched);
            anchor = format!("#{}", super::draw::id(&view.touched));
        }
        let base = hub_path(&at.hub.slug);
        let address = format!("{base}{}?{}{anchor}", part.path(), query.finish());
        return Ok(Redirect::to(&address).into_response());
    }
    if whole_form {
        return again(at, part, &draft, &around, view, StatusCode::OK);
    }
    saved_part(at, part, &draft, &around, view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_named_after_what_was_changed() {
        let words = |changed: &[&str]| {
            let changed: Vec<String> = changed.iter().map(ToString::to_string).collect();
            changed_words("Quiz", &changed)
        };
        assert_eq!(words(&["Title"]), "Change title (Quiz)");
        assert_eq!(
            words(&["Title", "Button"]),
            "Change title and 1 more (Quiz)"
        );
    }
}
