#![doc = include_str!("../README.md")]

mod answer;
mod dates;
mod endpoint;
mod export;
mod faults;
mod limiter;
mod page;
mod profiles;
mod records;
mod sandbox;
mod serve;
mod settings;
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
