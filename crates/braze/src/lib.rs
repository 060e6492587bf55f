#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod batch;
pub mod calls;
mod check;
mod classify;
#[cfg(feature = "client")]
mod client;
mod endpoint;
mod explain;
mod fields;
mod names;
mod rate;
mod text;

pub mod limits;

pub use address::{Reason, address_allowed};
pub use answer::{Answer, ErrorCode, ItemError, NotSentWhy, UnknownWhy};
pub use batch::{Array, BatchMode, UnknownBatchMode};
pub use calls::UserAlias;
pub use check::{CHECK_BODY, Check, CheckVerdict};
pub use classify::classify;
#[cfg(feature = "client")]
pub use client::{
    BlockInfo, BlockListed, Call, Client, ClientError, EmailTemplate, Export, ExportRequest,
    NewBlock, Options, TemplateInfo, TemplateListed, Timeouts,
};
pub use endpoint::{Endpoint, EndpointError, HostKind, INSTANCES, Instance, PlainHttp};
pub use explain::Explanation;
pub use fields::{
    Attribute, CONTROL_FIELDS, FieldKind, GENDERS, PROFILE_FIELDS, ProfileField,
    SUBSCRIPTION_GROUP_STATES, SUBSCRIPTION_STATES, Shape, WITHDRAWN_FIELDS, attribute,
    profile_field, standard,
};
pub use names::{
    DENIED_EXTERNAL_IDS, IdentifierError, NameError, RECOMMENDED_EVENT_PREFIX, RESERVED_PROPERTIES,
    check_alias, check_event_name, check_external_id, check_external_id_with, check_property_name,
};
pub use rate::Budget;
/// The types of [`Client`]'s arguments, so that callers need not match versions.
#[cfg(feature = "client")]
pub use {bytes::Bytes, secrecy::SecretString};
