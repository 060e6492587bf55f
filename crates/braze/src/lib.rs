#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod batch;
mod classify;
mod endpoint;
mod rate;
mod text;

pub mod limits;

pub use address::{Reason, address_allowed};
pub use answer::{Answer, ErrorCode, ItemError, NotSentWhy, UnknownWhy};
pub use batch::{Array, BatchMode, UnknownBatchMode};
pub use classify::classify;
pub use endpoint::{Endpoint, EndpointError, HostKind, INSTANCES, Instance, PlainHttp};
pub use rate::Budget;
