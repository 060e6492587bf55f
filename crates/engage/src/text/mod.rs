//! Texts: what authors write (`LocalText`), which language a participant reads (`Locale`, `negotiate`), and what the
//! product itself says (`texts`). Promises that a text is never missing: it falls back instead.
//! Leaves Markdown and escaping to the pages.

pub mod dates;
mod local;
mod locale;
pub mod markdown;
pub mod texts;

pub use local::LocalText;
pub use locale::{Locale, NotALocale, negotiate};
