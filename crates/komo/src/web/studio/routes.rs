//! Every route of the studio on one page: method, path, who, handler. Acts are resources: pausing is `POST .../pause`.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::{MethodRouter, get, post},
};
use http::{HeaderValue, Method, header};
use store::accounts::Role::{Admin, Analyst, Editor};

use super::{
    access::{
        self, Who,
        Who::{Anyone, At, Member},
    },
    account, backfills, connect, connection, deliveries,
    editor::{cards, edit, preview, publish, starts},
    enter, hub, mapping, members, sessions, workspace,
};
use crate::app::App;

/// One route.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    handler: fn() -> MethodRouter<App>,
}

macro_rules! routes {
    ($($method:ident $path:literal $who:expr => $handler:expr;)*) => {
        /// All routes, for the router and for the test that tries each of them as everybody.
        pub static ROUTES: &[Route] = &[$(Route {
            method: routes!(@method $method),
            path: $path,
            who: $who,
            handler: || $method($handler),
        }),*];
    };
    (@method get) => { Method::GET };
    (@method post) => { Method::POST };
}

routes! {
    // coming in
    get  "/studio" Anyone => enter::start;
    get  "/studio/welcome" Anyone => enter::welcome;
    post "/studio/welcome" Anyone => enter::found_workspace;
    get  "/studio/sign-in" Anyone => enter::sign_in;
    post "/studio/session" Anyone => enter::begin;
    post "/studio/session/end" Anyone => enter::end;
    get  "/studio/invitations/{token}" Anyone => enter::invitation;
    post "/studio/invitations/{token}" Anyone => enter::join;
    // one's own account
    get  "/studio/account" Member => account::show;
    post "/studio/account/name" Member => account::rename;
    post "/studio/account/password" Member => account::change_password;
    post "/studio/account/sessions/{session}/end" Member => account::end_session;
    // a workspace
    get  "/studio/w/{workspace}" At(Analyst) => workspace::show_hubs;
    post "/studio/w/{workspace}/hubs" At(Editor) => starts::make;
    get  "/studio/w/{workspace}/new-hub" At(Editor) => starts::choose;
    get  "/studio/w/{workspace}/apps" At(Analyst) => workspace::show_apps;
    get  "/studio/w/{workspace}/settings" At(Analyst) => workspace::show_settings;
    post "/studio/w/{workspace}/settings" At(Admin) => workspace::save_settings;
    get  "/studio/w/{workspace}/log" At(Admin) => workspace::show_log;
    get  "/studio/w/{workspace}/members" At(Analyst) => members::show;
    post "/studio/w/{workspace}/invitations" At(Admin) => members::invite;
    post "/studio/w/{workspace}/invitations/{invitation}/end" At(Admin) => members::withdraw;
    post "/studio/w/{workspace}/members/{member}" At(Admin) => members::change;
    // a hub
    get  "/studio/hubs/{hub}" At(Analyst) => cards::show;
    post "/studio/hubs/{hub}/copy" At(Editor) => starts::copy;
    post "/studio/hubs/{hub}/archive" At(Editor) => cards::archive;
    post "/studio/hubs/{hub}/archive/end" At(Editor) => cards::restore;
    get  "/studio/hubs/{hub}/settings" At(Analyst) => hub::show_settings;
    get  "/studio/hubs/{hub}/settings/integrations" At(Analyst) => hub::show_integrations;
    get  "/studio/hubs/{hub}/settings/integrations/braze" At(Analyst) => connect::show_braze;
    get  "/studio/hubs/{hub}/settings/integrations/braze/connect" At(Editor) => connect::show;
    post "/studio/hubs/{hub}/settings/integrations/braze/check" At(Editor) => connect::check;
    post "/studio/hubs/{hub}/settings/integrations/braze/connections" At(Editor) => connect::make;
    // a hub's draft
    get  "/studio/hubs/{hub}/new-card" At(Editor) => cards::choose;
    post "/studio/hubs/{hub}/cards" At(Editor) => cards::add;
    post "/studio/hubs/{hub}/order" At(Editor) => cards::arrange;
    post "/studio/hubs/{hub}/undo" At(Editor) => cards::undo;
    post "/studio/hubs/{hub}/redo" At(Editor) => cards::redo;
    get  "/studio/hubs/{hub}/cards/{card}" At(Analyst) => edit::show_card;
    post "/studio/hubs/{hub}/cards/{card}" At(Editor) => edit::save_card;
    get  "/studio/hubs/{hub}/look" At(Analyst) => edit::show_look;
    post "/studio/hubs/{hub}/look" At(Editor) => edit::save_look;
    get  "/studio/hubs/{hub}/texts" At(Analyst) => edit::show_texts;
    post "/studio/hubs/{hub}/texts" At(Editor) => edit::save_texts;
    get  "/studio/hubs/{hub}/publish" At(Analyst) => publish::show;
    post "/studio/hubs/{hub}/publish" At(Editor) => publish::publish;
    post "/studio/hubs/{hub}/publish/end" At(Editor) => publish::end;
    post "/studio/hubs/{hub}/publications/{version}/live" At(Editor) => publish::go_back;
    get  "/studio/hubs/{hub}/preview" At(Analyst) => preview::start;
    get  "/studio/hubs/{hub}/preview/{page}" At(Analyst) => preview::page;
    get  "/studio/hubs/{hub}/preview/terms/{terms}" At(Analyst) => preview::terms;
    get  "/studio/hubs/{hub}/preview/c/{card}" At(Analyst) => preview::card;
    post "/studio/hubs/{hub}/preview/c/{card}/plays" At(Analyst) => preview::play;
    post "/studio/hubs/{hub}/preview/c/{card}/entries" At(Analyst) => preview::enter;
    // a connection
    get  "/studio/connections/{connection}" At(Analyst) => deliveries::show;
    get  "/studio/connections/{connection}/live" At(Analyst) => deliveries::live_part;
    get  "/studio/connections/{connection}/deliveries/{delivery}" At(Analyst) => deliveries::one;
    post "/studio/connections/{connection}/replays" At(Editor) => deliveries::send_again;
    post "/studio/connections/{connection}/backfills" At(Editor) => backfills::start;
    post "/studio/connections/{connection}/backfills/{backfill}" At(Editor) => backfills::change;
    get  "/studio/connections/{connection}/mapping" At(Analyst) => mapping::show;
    post "/studio/connections/{connection}/mapping/look" At(Analyst) => mapping::look;
    post "/studio/connections/{connection}/mapping" At(Editor) => mapping::save;
    post "/studio/connections/{connection}/test" At(Editor) => mapping::test;
    get  "/studio/connections/{connection}/settings" At(Analyst) => connection::show;
    post "/studio/connections/{connection}/settings" At(Editor) => connection::save;
    post "/studio/connections/{connection}/key" At(Editor) => connection::set_key;
    post "/studio/connections/{connection}/check" At(Editor) => connection::check;
    post "/studio/connections/{connection}/pause" At(Editor) => connection::pause;
    post "/studio/connections/{connection}/pause/end" At(Editor) => connection::resume;
    post "/studio/connections/{connection}/resend" At(Editor) => connection::resend;
    post "/studio/connections/{connection}/removal" At(Editor) => connection::remove;
}

/// The studio's routes, each behind its guard.
pub(in crate::web) fn router(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in ROUTES {
        let guard = middleware::from_fn_with_state((app.clone(), route.who), access::guard);
        router = router.route(route.path, (route.handler)().route_layer(guard));
    }
    router
        .layer(sessions::layer(app.store.clone(), app.studio.secure))
        .layer(middleware::from_fn(never_kept))
}

/// Pages of the studio are for one person: no cache keeps them.
async fn never_kept(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    response
}
