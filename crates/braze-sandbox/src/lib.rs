#![doc = include_str!("../README.md")]

mod answer;
mod dates;
mod design;
mod email;
mod endpoint;
mod export;
mod faults;
mod identity;
mod limiter;
mod messaging;
mod page;
mod profiles;
mod query;
mod records;
mod sandbox;
mod serve;
mod settings;
mod state_file;
mod subscription;
mod track;
mod transport;
mod world;

pub use faults::{Fault, FaultKind, FaultSpec};
pub use profiles::{Alias, Count, Happening, Profile};
pub use records::{Outcome, Record, Totals};
pub use sandbox::{Clock, Sandbox};
pub use settings::{
    ApiKey, BatchMode, Campaign, Dialect, LimitGroup, RateLimit, Scenario, ScenarioError, Settings,
    SubscriptionGroup,
};
pub use world::{Accepted, Array};
