//! The state of the imitated workspace: profiles, and what is on its way to them.
//! Promises that data which is due is applied before anyone looks, so that no background work is needed.
//! Leaves what the data may be to the checks of `track`.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::design::Piece;
use crate::profiles::Profiles;
use crate::profiles::apply::Origin;
use crate::profiles::attributes::Target;
use crate::profiles::events::Taken;
use crate::settings::Settings;

/// The three arrays of `/users/track`, in the order in which they are processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Array {
    /// Attributes objects.
    Attributes,
    /// Events.
    Events,
    /// Purchases.
    Purchases,
}

impl Array {
    pub(crate) const ALL: [Self; 3] = [Self::Attributes, Self::Events, Self::Purchases];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Events => "events",
            Self::Purchases => "purchases",
        }
    }
}

/// An object that passed its checks.
#[derive(Debug, Clone)]
pub(crate) enum Checked {
    Attributes(Target, Arc<Map<String, Value>>),
    Happening(Taken, bool, Arc<Map<String, Value>>),
}

/// An object as it was accepted, kept for assertions.
#[derive(Debug, Clone, Serialize)]
pub struct Accepted {
    /// Number of the request that brought it.
    pub request: u64,
    /// When the request arrived, UTC milliseconds.
    pub arrived_at: i64,
    /// The array it was in.
    pub array: Array,
    /// `braze_id` of the profile it went to; `None` when it found none.
    pub braze_id: Option<String>,
    /// The object itself.
    pub object: Arc<Map<String, Value>>,
}

#[derive(Debug)]
struct Job {
    origin: Origin,
    objects: Vec<Checked>,
    bytes: usize,
}

/// Text bytes of accepted objects that are kept; parsed they take several times as much.
const OBJECT_BYTES: usize = 4 * 1024 * 1024;

/// Most milliseconds that shuffling adds to a request's lag.
const SHUFFLE_MS: i64 = 50;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) profiles: Profiles,
    pub(crate) accepted: VecDeque<(Accepted, usize)>,
    /// Messages that would have been sent.
    pub(crate) mails: VecDeque<Map<String, Value>>,
    /// First answers by `external_send_id`, with the time of the send.
    pub(crate) send_ids: HashMap<String, (i64, Value)>,
    pub(crate) templates: Vec<Piece>,
    pub(crate) blocks: Vec<Piece>,
    /// Addresses that bounced, with the time.
    pub(crate) bounces: BTreeMap<String, i64>,
    /// Addresses on the blocklist.
    pub(crate) blocked: BTreeSet<String>,
    accepted_bytes: usize,
    pending: BTreeMap<(i64, u64), Job>,
    dice: StdRng,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            profiles: Profiles::new(seed),
            accepted: VecDeque::new(),
            mails: VecDeque::new(),
            send_ids: HashMap::new(),
            templates: Vec::new(),
            blocks: Vec::new(),
            bounces: BTreeMap::new(),
            blocked: BTreeSet::new(),
            accepted_bytes: 0,
            pending: BTreeMap::new(),
            dice: StdRng::seed_from_u64(seed),
        }
    }

    /// Takes accepted objects in; they show at once unless the settings ask for lag or shuffling.
    pub(crate) fn enqueue(
        &mut self,
        settings: &Settings,
        origin: Origin,
        objects: Vec<Checked>,
        bytes: usize,
    ) {
        let job = Job {
            origin,
            objects,
            bytes,
        };
        if settings.lag_ms == 0 && !settings.shuffle {
            self.apply(settings, job);
            return;
        }
        let jitter = if settings.shuffle {
            self.dice.random_range(0..=SHUFFLE_MS)
        } else {
            0
        };
        let due = origin.now.saturating_add_unsigned(settings.lag_ms) + jitter;
        self.pending.insert((due, origin.request), job);
    }

    /// 32 hexadecimal characters, as dispatch ids have.
    pub(crate) fn hex(&mut self) -> String {
        format!("{:032x}", self.dice.random::<u128>())
    }

    /// An id in the form of a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex();
        let mut id = String::with_capacity(36);
        for (at, digit) in hex.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                id.push('-');
            }
            id.push(digit);
        }
        id
    }

    /// Applies what is due at `now`.
    pub(crate) fn settle(&mut self, settings: &Settings, now: i64) {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let job = entry.remove();
            self.apply(settings, job);
        }
    }

    fn apply(&mut self, settings: &Settings, job: Job) {
        let share = job.bytes / job.objects.len().max(1);
        for object in job.objects {
            let (array, key, object) = match object {
                Checked::Attributes(target, object) => {
                    let key = self
                        .profiles
                        .apply_attributes(settings, &target, &object, job.origin);
                    (Array::Attributes, key, object)
                }
                Checked::Happening(taken, purchase, object) => {
                    let kept = Arc::clone(&object);
                    let key = self
                        .profiles
                        .apply_happening(settings, &taken, purchase, kept, job.origin);
                    (
                        if purchase {
                            Array::Purchases
                        } else {
                            Array::Events
                        },
                        key,
                        object,
                    )
                }
            };
            if settings.keep_objects == 0 {
                continue;
            }
            let braze_id = key
                .and_then(|key| self.profiles.get(key))
                .map(|profile| profile.braze_id.clone());
            let accepted = Accepted {
                request: job.origin.request,
                arrived_at: job.origin.now,
                array,
                braze_id,
                object,
            };
            self.accepted_bytes += share;
            self.accepted.push_back((accepted, share));
            while self.accepted.len() > settings.keep_objects || self.accepted_bytes > OBJECT_BYTES
            {
                let Some((_, share)) = self.accepted.pop_front() else {
                    break;
                };
                self.accepted_bytes -= share;
            }
        }
    }

    /// Objects that were accepted and do not show yet.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.values().map(|job| job.objects.len()).sum()
    }
}
