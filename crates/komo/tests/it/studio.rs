//! The studio from outside: who gets in, who may do what, what another site's page can't do.
//! Promises that every route is tried as everybody there is, and that a new route without an expectation fails.
//! Leaves looks and clicks to the browser tests.

use std::sync::Mutex;

use engage::ids::{InvitationId, MemberId, WorkspaceId};
use http::Method;
use komo::web::studio::{Who, passwords::Passwords, routes::ROUTES};
use secrecy::SecretString;
use store::{
    Store,
    accounts::{self, Invitation, Member, Role},
    testing::TestDatabase,
};

use crate::{
    harness::{Place, connections},
    http::{Http, Reply},
};

pub(crate) const PASSWORD: &str = "four lemons on a tram";

/// A browser: keeps its cookie, and says from which page a form comes.
pub(crate) struct Browser {
    http: Http,
    cookie: Mutex<String>,
}

impl Browser {
    pub(crate) fn new(place: &Place) -> Self {
        Self {
            http: place.http(),
            cookie: Mutex::default(),
        }
    }

    fn cookie(&self) -> String {
        self.cookie.lock().unwrap().clone()
    }

    async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Reply {
        let cookie = self.cookie();
        let mut headers = vec![
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookie.as_str()),
        ];
        headers.extend(more);
        let reply = self
            .http
            .send(method, path, &headers, body.to_owned())
            .await;
        if let Some(set) = reply.headers.get("set-cookie") {
            let text = set.to_str().unwrap();
            let pair = text.split(';').next().unwrap();
            *self.cookie.lock().unwrap() = pair.to_owned();
        }
        reply
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[("sec-fetch-site", "same-origin")], body)
            .await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Reply {
        let body = form(&[("email", email), ("password", password)]);
        self.post("/studio/session", &body).await
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

async fn hash() -> String {
    let secret = SecretString::from(PASSWORD.to_owned());
    Passwords::default().hash(secret).await.unwrap()
}

/// A member with a role in a workspace.
pub(crate) async fn member(
    store: &Store,
    workspace: WorkspaceId,
    role: Role,
    word: &str,
) -> MemberId {
    let member = Member {
        id: komo::clock::new_id(),
        email: format!("{word}@example.com"),
        name: format!("The {word}"),
        password: Some(hash().await),
    };
    let id = member.id;
    let now = komo::clock::now();
    store
        .write(move |tx| {
            Box::pin(async move {
                assert!(accounts::make_member(tx, &member, now).await?);
                accounts::join(tx, workspace, id, role, now).await
            })
        })
        .await
        .unwrap();
    id
}

/// Another workspace with an owner of its own.
async fn strangers(store: &Store) -> WorkspaceId {
    let member = Member {
        id: komo::clock::new_id(),
        email: "stranger@example.com".into(),
        name: "The stranger".into(),
        password: Some(hash().await),
    };
    let workspace = komo::clock::new_id();
    let now = komo::clock::now();
    store
        .write(move |tx| {
            Box::pin(async move {
                accounts::make_member(tx, &member, now).await?;
                accounts::make_workspace(tx, workspace, "Elsewhere", member.id, now).await
            })
        })
        .await
        .unwrap();
    workspace
}

const ROLES: [(&str, Role); 4] = [
    ("analyst", Role::Analyst),
    ("editor", Role::Editor),
    ("admin", Role::Admin),
    ("owner", Role::Owner),
];

/// Whom each route lets in, written down once more and on purpose not taken from the routes.
const EXPECTED: &[(&str, &str, Expected)] = &[
    ("GET", "/studio", Expected::Anyone),
    ("GET", "/studio/welcome", Expected::Anyone),
    ("POST", "/studio/welcome", Expected::Anyone),
    ("GET", "/studio/sign-in", Expected::Anyone),
    ("POST", "/studio/session", Expected::Anyone),
    ("POST", "/studio/session/end", Expected::Anyone),
    ("GET", "/studio/invitations/{token}", Expected::Anyone),
    ("POST", "/studio/invitations/{token}", Expected::Anyone),
    ("GET", "/studio/account", Expected::SignedIn),
    ("POST", "/studio/account/name", Expected::SignedIn),
    ("POST", "/studio/account/password", Expected::SignedIn),
    (
        "POST",
        "/studio/account/sessions/{session}/end",
        Expected::SignedIn,
    ),
    (
        "GET",
        "/studio/w/{workspace}",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/w/{workspace}/hubs",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/w/{workspace}/apps",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/w/{workspace}/settings",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/w/{workspace}/settings",
        Expected::From(Role::Admin),
    ),
    (
        "GET",
        "/studio/w/{workspace}/log",
        Expected::From(Role::Admin),
    ),
    (
        "GET",
        "/studio/w/{workspace}/members",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/w/{workspace}/invitations",
        Expected::From(Role::Admin),
    ),
    (
        "POST",
        "/studio/w/{workspace}/invitations/{invitation}/end",
        Expected::From(Role::Admin),
    ),
    (
        "POST",
        "/studio/w/{workspace}/members/{member}",
        Expected::From(Role::Admin),
    ),
    ("GET", "/studio/hubs/{hub}", Expected::From(Role::Analyst)),
    (
        "GET",
        "/studio/hubs/{hub}/settings",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/settings/integrations",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/settings/integrations/braze",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/settings/integrations/braze/connect",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/settings/integrations/braze/check",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/settings/integrations/braze/connections",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/w/{workspace}/new-hub",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/copy",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/archive",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/archive/end",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/new-card",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/cards",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/order",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/undo",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/redo",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/cards/{card}",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/cards/{card}",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/look",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/look",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/texts",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/texts",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/publish",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/publish",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/publish/end",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/publications/{version}/live",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/preview",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/preview/{page}",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/preview/terms/{terms}",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/hubs/{hub}/preview/c/{card}",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/preview/c/{card}/plays",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/hubs/{hub}/preview/c/{card}/entries",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/connections/{connection}",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/connections/{connection}/live",
        Expected::From(Role::Analyst),
    ),
    (
        "GET",
        "/studio/connections/{connection}/deliveries/{delivery}",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/connections/{connection}/replays",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/connections/{connection}/mapping",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/connections/{connection}/mapping/look",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/connections/{connection}/mapping",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/test",
        Expected::From(Role::Editor),
    ),
    (
        "GET",
        "/studio/connections/{connection}/settings",
        Expected::From(Role::Analyst),
    ),
    (
        "POST",
        "/studio/connections/{connection}/settings",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/key",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/check",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/pause",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/pause/end",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/backfills",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/backfills/{backfill}",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/resend",
        Expected::From(Role::Editor),
    ),
    (
        "POST",
        "/studio/connections/{connection}/removal",
        Expected::From(Role::Editor),
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Anyone,
    SignedIn,
    From(Role),
}

fn expected(method: &Method, path: &str) -> Expected {
    EXPECTED
        .iter()
        .find(|(it, at, _)| *it == method.as_str() && *at == path)
        .unwrap_or_else(|| {
            panic!("who may call {method} {path}? Write it into the list of this test")
        })
        .2
}

/// Handlers answer 404 for a made-up child of something that was found; whether the guard let the request through shows then in
/// the other roles.
fn may_be_missing(path: &str) -> bool {
    [
        "{session}",
        "{invitation}",
        "{member}",
        "{delivery}",
        "{backfill}",
        "{card}",
        "{page}",
        "{terms}",
        "{version}",
    ]
    .iter()
    .any(|it| path.contains(it))
}

async fn every_route_as_everybody(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let connection = connections(&store).await.remove(0);
    let workspace = connection.workspace;
    strangers(&store).await;
    let nobody = Browser::new(&place);
    let stranger = Browser::new(&place);
    assert_eq!(
        stranger
            .sign_in("stranger@example.com", PASSWORD)
            .await
            .status,
        303
    );
    let mut insiders = Vec::new();
    for (word, role) in ROLES {
        member(&store, workspace, role, word).await;
        let browser = Browser::new(&place);
        let reply = browser
            .sign_in(&format!("{word}@example.com"), PASSWORD)
            .await;
        assert_eq!((reply.status, reply.header("location")), (303, "/studio"));
        insiders.push((word, role, browser));
    }
    let fill = |path: &str| {
        path.replace("{workspace}", &workspace.to_string())
            .replace("{hub}", "test")
            .replace("{connection}", &connection.id.to_string())
            .replace("{session}", &uuid::Uuid::now_v7().to_string())
            .replace("{invitation}", &uuid::Uuid::now_v7().to_string())
            .replace("{member}", &uuid::Uuid::now_v7().to_string())
            .replace("{backfill}", &uuid::Uuid::now_v7().to_string())
            .replace("{delivery}", "999999")
            .replace("{token}", "made-up")
            .replace("{card}", "made-up")
            .replace("{page}", "made-up")
            .replace("{terms}", "made-up")
            .replace("{version}", "999999")
    };
    for route in ROUTES {
        let expected = expected(&route.method, route.path);
        let same = match route.who {
            Who::Anyone => Expected::Anyone,
            Who::Member => Expected::SignedIn,
            Who::At(role) => Expected::From(role),
        };
        assert_eq!(same, expected, "{} {}", route.method, route.path);
        let path = fill(route.path);
        let name = format!("{} {}", route.method, route.path);
        let call = async |browser: &Browser, site: &str| {
            browser
                .send(
                    route.method.as_str(),
                    &path,
                    &[("sec-fetch-site", site)],
                    "",
                )
                .await
        };
        if expected != Expected::Anyone {
            let reply = call(&nobody, "same-origin").await;
            assert_eq!(reply.status, 303, "{name} as nobody");
            assert!(
                reply
                    .header("location")
                    .starts_with("/studio/sign-in?next="),
                "{name}: {}",
                reply.header("location")
            );
        }
        if let Expected::From(needed) = expected {
            let reply = call(&stranger, "same-origin").await;
            assert_eq!(reply.status, 404, "{name} as a stranger");
            assert!(!reply.text().contains("Braze (sandbox)"), "{name}");
            for (word, role, browser) in &insiders {
                let reply = call(browser, "same-origin").await;
                if *role < needed {
                    assert_eq!(reply.status, 403, "{name} as {word}");
                } else {
                    let fine = matches!(reply.status, 200 | 303 | 409 | 422)
                        || (reply.status == 404 && may_be_missing(route.path));
                    assert!(fine, "{name} as {word}: {}\n{}", reply.status, reply.text());
                    assert_eq!(reply.header("cache-control"), "no-store", "{name}");
                    assert!(
                        !reply.header("location").contains("sign-in"),
                        "{name} as {word}"
                    );
                }
            }
        }
        if route.method == Method::POST {
            for (word, _, browser) in &insiders {
                for site in ["cross-site", "same-site"] {
                    assert_eq!(
                        call(browser, site).await.status,
                        403,
                        "{name} from another site as {word}"
                    );
                }
                let silent = browser.send("POST", &path, &[], "").await;
                assert_eq!(
                    silent.status, 403,
                    "{name} from a program with {word}'s cookie"
                );
                let forged = [("origin", "https://evil.example")];
                assert_eq!(
                    browser.send("POST", &path, &forged, "").await.status,
                    403,
                    "{name}"
                );
            }
        }
    }
    assert_eq!(
        EXPECTED.len(),
        ROUTES.len(),
        "the list names a route that is gone"
    );
    // One of the routes has taken the hub offline.
    let left = store
        .read(move |tx| Box::pin(async move { store::hubs::connections(tx, connection.hub).await }))
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "the connection stands");
}
both!(access, every_route_as_everybody);

async fn known_and_unknown_addresses_get_the_same_answer_and_the_same_limit(
    database: TestDatabase,
) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let workspace = connections(&store).await[0].workspace;
    member(&store, workspace, Role::Owner, "known").await;
    let browser = Browser::new(&place);
    let mut answers = Vec::new();
    for email in ["known@example.com", "other@example.com"] {
        let mut statuses = Vec::new();
        let mut first = String::new();
        for attempt in 0..10 {
            let reply = browser.sign_in(email, "not the password at all").await;
            if attempt == 0 {
                first = reply.text().replace(email, "X");
            }
            if reply.status == 429 {
                assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
            }
            statuses.push(reply.status);
        }
        answers.push((statuses, first));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0[..8], [422; 8]);
    assert_eq!(answers[0].0[8..], [429; 2]);
    assert!(
        answers[0].1.contains("do not belong together"),
        "{}",
        answers[0].1
    );
    assert_eq!(
        browser.sign_in("known@example.com", PASSWORD).await.status,
        429,
        "the right password does not help while the limit holds"
    );
}
both!(
    enumeration,
    known_and_unknown_addresses_get_the_same_answer_and_the_same_limit
);

async fn sessions_are_new_at_sign_in_and_end_when_told(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let workspace = connections(&store).await[0].workspace;
    member(&store, workspace, Role::Editor, "ann").await;
    let (first, second) = (Browser::new(&place), Browser::new(&place));
    let planted = "komo-studio=AAAAAAAAAAAAAAAAAAAAAA";
    *first.cookie.lock().unwrap() = planted.to_owned();
    let reply = first.sign_in("ann@example.com", PASSWORD).await;
    let set = reply.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    assert_ne!(
        first.cookie(),
        planted,
        "the token of before is worth nothing"
    );
    second.sign_in("ann@example.com", PASSWORD).await;
    let list = first.get("/studio/account").await.text();
    assert_eq!(
        list.matches("Another program").count(),
        3,
        "two rows, and the words of one button: {list}"
    );

    let action = list
        .split("action=\"")
        .filter_map(|it| it.split('"').next())
        .find(|it| it.contains("/sessions/"))
        .unwrap();
    assert_eq!(first.post(action, "").await.status, 303);
    assert_eq!(
        second.get("/studio/account").await.status,
        303,
        "ended from the other one"
    );
    assert_eq!(first.get("/studio/account").await.status, 200);

    second.sign_in("ann@example.com", PASSWORD).await;
    let old = first.cookie();
    let wrong = form(&[
        ("old", "something else entirely"),
        ("password", "seven green tractors"),
    ]);
    assert_eq!(
        first.post("/studio/account/password", &wrong).await.status,
        422
    );
    let right = form(&[("old", PASSWORD), ("password", "seven green tractors")]);
    assert_eq!(
        first.post("/studio/account/password", &right).await.status,
        303
    );
    assert_eq!(
        second.get("/studio/account").await.status,
        303,
        "a new password ends all other sessions"
    );
    assert_ne!(first.cookie(), old);
    assert_eq!(first.get("/studio/account").await.status, 200);

    let kept = first.cookie();
    assert_eq!(first.post("/studio/session/end", "").await.status, 303);
    *first.cookie.lock().unwrap() = kept;
    assert_eq!(
        first.get("/studio/account").await.status,
        303,
        "a token that was signed out is dead"
    );
}
both!(sessions, sessions_are_new_at_sign_in_and_end_when_told);

async fn the_first_run_needs_the_code_and_happens_once(database: TestDatabase) {
    let place = Place::on(database).await;
    let code = place
        .server
        .first_run
        .clone()
        .and_then(|path| path.split_once("code=").map(|(_, code)| code.to_owned()))
        .unwrap();
    let browser = Browser::new(&place);
    let to = |reply: &Reply| reply.header("location").to_owned();
    assert_eq!(to(&browser.get("/studio").await), "/studio/welcome");
    let filled = |code: &str, password: &str| {
        form(&[
            ("code", code),
            ("workspace", "Nonna Sole"),
            ("name", "Ann"),
            ("email", "Ann@Example.com"),
            ("password", password),
        ])
    };
    let reply = browser
        .post("/studio/welcome", &filled("wrong", PASSWORD))
        .await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.text().contains("not the start code"),
        "{}",
        reply.text()
    );
    let reply = browser
        .post("/studio/welcome", &filled(&code, "password1234"))
        .await;
    assert!(reply.text().contains("easy to guess") && reply.text().contains("Nonna Sole"));
    assert!(
        !reply.text().contains("password1234"),
        "a password never comes back"
    );
    let reply = browser
        .post("/studio/welcome", &filled(&code, PASSWORD))
        .await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let hubs = browser.get(&to(&reply)).await.text();
    assert!(
        hubs.contains("/studio/hubs/test"),
        "the hubs that were there before are theirs: {hubs}"
    );

    let late = Browser::new(&place);
    let reply = late.post("/studio/welcome", &filled(&code, PASSWORD)).await;
    assert_eq!(to(&reply), "/studio/sign-in", "there is an owner already");
    assert_eq!(late.sign_in("ann@example.com", PASSWORD).await.status, 303);
}
both!(first_run, the_first_run_needs_the_code_and_happens_once);

async fn an_invitation_is_good_once_and_the_last_owner_stays(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let workspace = connections(&store).await[0].workspace;
    let owner_id = member(&store, workspace, Role::Owner, "owner").await;
    member(&store, workspace, Role::Admin, "admin").await;
    let (owner, admin) = (Browser::new(&place), Browser::new(&place));
    owner.sign_in("owner@example.com", PASSWORD).await;
    admin.sign_in("admin@example.com", PASSWORD).await;
    let base = format!("/studio/w/{workspace}");
    let invite = |role: &'static str| form(&[("email", "Bob@example.com"), ("role", role)]);
    assert_eq!(
        admin
            .post(&format!("{base}/invitations"), &invite("owner"))
            .await
            .status,
        422,
        "nobody gives more than they have"
    );
    let reply = admin
        .post(&format!("{base}/invitations"), &invite("editor"))
        .await
        .text();
    let link = reply
        .split("value=\"")
        .filter_map(|it| it.split('"').next())
        .find(|it| it.contains("/studio/invitations/"))
        .unwrap_or_else(|| panic!("{reply}"));
    let path = link
        .split_once("/studio")
        .map(|(_, rest)| format!("/studio{rest}"))
        .unwrap();
    let bob = Browser::new(&place);
    assert!(bob.get(&path).await.text().contains("bob@example.com"));
    let body = form(&[("name", "Bob"), ("password", "eleven quiet harbours")]);
    assert_eq!(bob.post(&path, &body).await.status, 303);
    assert_eq!(bob.get(&base).await.status, 200);
    assert_eq!(Browser::new(&place).get(&path).await.status, 404, "used");

    let owners = form(&[("role", "none")]);
    let reply = admin
        .post(&format!("{base}/members/{owner_id}"), &owners)
        .await;
    assert_eq!(reply.status, 403, "an admin can't remove an owner");
    let reply = owner
        .post(&format!("{base}/members/{owner_id}"), &owners)
        .await;
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("needs an owner"), "{}", reply.text());
    let log = owner.get(&format!("{base}/log")).await.text();
    assert!(
        log.contains("joined as") && log.contains("bob@example.com"),
        "{log}"
    );

    let invitation = Invitation {
        id: InvitationId::from_uuid(uuid::Uuid::now_v7()),
        workspace,
        workspace_name: String::new(),
        email: "late@example.com".into(),
        role: Role::Editor,
        expires_at: engage::time::Millis(1),
    };
    let (hash, by, now) = (vec![7; 32], owner_id, komo::clock::now());
    store
        .write(move |tx| {
            Box::pin(async move { accounts::invite(tx, &hash, &invitation, by, now).await })
        })
        .await
        .unwrap();
    assert!(
        !owner
            .get(&format!("{base}/members"))
            .await
            .text()
            .contains("late@example.com"),
        "run out"
    );
}
both!(
    invitations,
    an_invitation_is_good_once_and_the_last_owner_stays
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_stored_is_on_no_page_and_in_no_row() {
    let place = Place::on(TestDatabase::sqlite()).await;
    let store = place.store().clone();
    let connection = connections(&store).await.remove(0);
    member(&store, connection.workspace, Role::Owner, "owner").await;
    let browser = Browser::new(&place);
    browser.sign_in("owner@example.com", PASSWORD).await;
    let base = format!("/studio/connections/{}", connection.id);
    let reply = browser
        .post(&format!("{base}/key"), &form(&[("key", "canary-key-4711")]))
        .await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let hub = "/studio/hubs/test/settings/integrations/braze/check";
    let typed = form(&[
        ("key", "canary-key-4711"),
        ("instance", "other"),
        ("endpoint", &place.braze.endpoint()),
    ]);
    let checked = browser.post(hub, &typed).await;
    assert!(
        checked.text().contains("another instance"),
        "{}",
        checked.text()
    );
    let mut seen = checked.text();
    for page in ["", "/settings", "/mapping"] {
        seen.push_str(&browser.get(&format!("{base}{page}")).await.text());
    }
    assert!(!seen.contains("canary-key"));
    let row = connections(&store).await.remove(0);
    assert!(
        !row.document.contains("canary")
            && row
                .sealed_key
                .is_some_and(|it| !it.windows(6).any(|part| part == b"canary"))
    );
}
