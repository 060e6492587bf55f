//! The numbers of the contract: how much fits into one request, one identifier, one name.
//! Promises that each constant names the section it comes from, so that a change at Braze is one line here.
//! Leaves applying them to the caller; the checks that need more than a comparison are in `names` and `batch`.

use std::time::Duration;

/// Largest request body Braze takes, in bytes: 4 MB (contract 1.5).
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Where a sender cuts a batch, in bytes of serialised body: 3.5 MB, so that nothing ever comes near the limit (contract 1.5, own choice).
pub const BATCH_BODY_BYTES: usize = 3_584 * 1024;

/// Longest `external_id`, in bytes, not characters (contract 4.2).
pub const MAX_EXTERNAL_ID_BYTES: usize = 987;

/// Longest name of an event, an event property or a custom attribute, in characters (contract 5.4.1, 5.5).
pub const MAX_NAME_CHARS: usize = 255;

/// Longest string value of a custom attribute or an event property, in characters.
/// A longer one is accepted and silently not stored (contract 5.4.1), so senders must cut it themselves.
pub const MAX_STRING_CHARS: usize = 255;

/// Most elements an array attribute keeps; older accounts allow 25 to 100 (contract 5.4.2).
pub const MAX_ARRAY_ELEMENTS: usize = 500;

/// Largest nested object or array of objects, in bytes: 100 KB (contract 5.4.1).
pub const MAX_NESTED_BYTES: usize = 100 * 1024;

/// Largest `properties` of one event when it holds arrays or objects, in bytes: 100 KB (contract 5.5).
pub const MAX_EVENT_PROPERTIES_BYTES: usize = 100 * 1024;

/// Most properties of one event; of more, only the first 256 are kept (contract 5.5).
pub const MAX_EVENT_PROPERTIES: usize = 256;

/// Longest `product_id` of a purchase, in characters (contract 5.7).
pub const MAX_PRODUCT_ID_CHARS: usize = 255;

/// Largest `quantity` of a purchase; the smallest is 1 (contract 5.7).
pub const MAX_QUANTITY: u32 = 100;

/// Most identifiers in one `/users/export/ids` request (contract 9).
pub const MAX_EXPORT_IDS: usize = 50;

/// Requests of the `/users/track` burst limit on contracts with data points (contract 3.1); the window is [`TRACK_BURST_WINDOW`].
pub const TRACK_BURST_REQUESTS: u32 = 3_000;

/// Window of the `/users/track` burst limit: 3 seconds (contract 3.1).
pub const TRACK_BURST_WINDOW: Duration = Duration::from_secs(3);

/// Share of a limit that a sender uses, in percent, so that others of the same account keep head-room (contract 3.4).
pub const RATE_SHARE_PERCENT: u32 = 80;

/// Longest single wait after a 429, before jitter: one hour, the longest window (contract 3.4).
pub const MAX_WAIT: Duration = Duration::from_hours(1);

/// Largest part of an answer that the client reads, in bytes: 1 MiB. Braze's answers to `/users/track` are a few hundred bytes.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Largest answer to `/users/export/ids`, in bytes: 50 profiles of some size (own choice: 8 MiB).
pub const MAX_EXPORT_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// How much of an answer's text is kept for the ledger, in bytes: 64 KiB.
pub const MAX_KEPT_TEXT_BYTES: usize = 64 * 1024;
