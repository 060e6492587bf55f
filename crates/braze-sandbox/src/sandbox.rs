//! The sandbox as a whole: its state, its router, and what tests read from it.
//! Promises that a clone is the same sandbox, and that reading never shows half-applied requests.
//! Leaves HTTP to `transport` and `serve`, and looks to `page`.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::Router;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::faults::{Fault, FaultSpec, Faults};
use crate::limiter::Limiter;
use crate::profiles::{Alias, Profile};
use crate::records::{Record, Records, Totals};
use crate::settings::{Scenario, Settings};
use crate::world::{Accepted, World};
use crate::{page, state_file, transport};

/// Gives the time, UTC milliseconds since the epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

pub(crate) struct Inner {
    settings: RwLock<Arc<Settings>>,
    clock: Clock,
    world: Mutex<World>,
    records: Mutex<Records>,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Faults,
    changes: watch::Sender<u64>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The workspace, with everything applied that is due at `now`.
    pub(crate) fn with_world<T>(&self, now: i64, work: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.settle(&self.settings(), now);
        work(&mut world)
    }

    /// Tells the pages that there is something new.
    pub(crate) fn changed(&self) {
        self.changes
            .send_modify(|version| *version = version.wrapping_add(1));
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn clear(&self) {
        let seed = self.settings().seed;
        *self.world.lock().unwrap_or_else(PoisonError::into_inner) = World::new(seed);
        self.records().clear();
        self.limiter.clear();
        self.changed();
    }
}

/// A local Braze. Cheap to clone; all clones share one state.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

impl Sandbox {
    /// A sandbox on the system's clock.
    pub fn new(settings: Settings) -> Self {
        Self::with_clock(
            settings,
            Arc::new(|| jiff::Timestamp::now().as_millisecond()),
        )
    }

    /// A sandbox whose time is told by a test.
    pub fn with_clock(settings: Settings, clock: Clock) -> Self {
        let mut world = World::new(settings.seed);
        if let Some(path) = &settings.state_file
            && let Err(error) = state_file::read(path, &mut world)
        {
            let aside = state_file::set_aside(path);
            tracing::warn!(%error, path = %path.display(), aside = ?aside, "the sandbox begins empty: its state file cannot be read");
        }
        let inner = Inner {
            settings: RwLock::new(Arc::new(settings)),
            clock,
            world: Mutex::new(world),
            records: Mutex::new(Records::default()),
            limiter: Limiter::default(),
            faults: Faults::default(),
            changes: watch::Sender::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A sandbox as a scenario describes it, its faults included.
    pub fn from_scenario(scenario: Scenario) -> Self {
        let sandbox = Self::new(scenario.settings);
        sandbox.add_faults(scenario.faults);
        sandbox
    }

    /// Braze's paths and the sandbox's own. Faults that close a connection work fully only under [`Sandbox::serve`].
    pub fn router(&self) -> Router {
        page::routes()
            .fallback(transport::braze)
            .with_state(self.clone())
    }

    /// Changes the settings while it runs.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = Settings::clone(&self.inner.settings());
        change(&mut settings);
        self.inner.change_settings(settings);
    }

    /// Orders faults.
    pub fn add_faults(&self, faults: Vec<FaultSpec>) -> Vec<Fault> {
        self.inner.faults.add(faults, self.inner.now())
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.inner.faults.clear();
    }

    /// The faults and what they have done.
    pub fn faults(&self) -> Vec<Fault> {
        self.inner.faults.all()
    }

    /// Forgets profiles, requests and counters; settings and faults stay.
    pub fn clear(&self) {
        self.inner.clear();
    }

    /// Writes the state file now, if the settings name one.
    pub fn save(&self) -> std::io::Result<()> {
        let Some(path) = self.inner.settings().state_file.clone() else {
            return Ok(());
        };
        let bytes = self.read(state_file::bytes);
        state_file::write(&path, &bytes)
    }

    fn read<T>(&self, work: impl FnOnce(&World) -> T) -> T {
        self.inner.with_world(self.inner.now(), |world| work(world))
    }

    /// All profiles, the last changed first.
    pub fn profiles(&self) -> Vec<Profile> {
        self.read(|world| {
            world
                .profiles
                .recent(None)
                .map(|(_, profile)| profile.clone())
                .collect()
        })
    }

    /// How many profiles there are.
    pub fn profile_count(&self) -> usize {
        self.read(|world| world.profiles.len())
    }

    /// The profile with this external id.
    pub fn profile(&self, external_id: &str) -> Option<Profile> {
        self.read(|world| {
            world
                .profiles
                .get(world.profiles.by_external(external_id)?)
                .cloned()
        })
    }

    /// The profile with this alias.
    pub fn profile_by_alias(&self, label: &str, name: &str) -> Option<Profile> {
        let alias = Alias {
            alias_name: name.to_owned(),
            alias_label: label.to_owned(),
        };
        self.read(|world| {
            world
                .profiles
                .get(world.profiles.by_alias(&alias)?)
                .cloned()
        })
    }

    /// All profiles with this e-mail address.
    pub fn profiles_by_email(&self, email: &str) -> Vec<Profile> {
        self.read(|world| {
            world
                .profiles
                .by_email(email)
                .into_iter()
                .filter_map(|key| world.profiles.get(key).cloned())
                .collect()
        })
    }

    /// The kept accepted objects, oldest first.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.read(|world| {
            world
                .accepted
                .iter()
                .map(|(accepted, _)| accepted.clone())
                .collect()
        })
    }

    /// Accepted objects that do not show yet because of lag.
    pub fn waiting(&self) -> usize {
        self.read(World::waiting)
    }

    /// The kept requests, oldest first.
    pub fn requests(&self) -> Vec<Record> {
        self.inner.records().list.iter().cloned().collect()
    }

    /// Sums since the start or the last clearing.
    pub fn totals(&self) -> Totals {
        self.inner.records().totals.clone()
    }

    /// The messages that would have been sent, oldest first: `at`, `channel`, `source`, `to`, `braze_id`, `properties`.
    pub fn mails(&self) -> Vec<Map<String, Value>> {
        self.read(|world| world.mails.iter().cloned().collect())
    }

    /// How many messages are kept.
    pub fn mail_count(&self) -> usize {
        self.read(|world| world.mails.len())
    }

    /// Everything known of all profiles as JSON, the last changed first.
    pub fn profiles_json(&self) -> Vec<Value> {
        self.read(|world| {
            world
                .profiles
                .recent(None)
                .map(|(_, profile)| profile.to_json())
                .collect()
        })
    }
}
