//! The types of form fields, one file each, and their registry.
//! Promises that adding a type touches its own file and one line here.
//! Leaves the order of fields, consents and whole submissions to `form`.

mod doc;
mod field_type;
mod input;
#[cfg(test)]
mod testing;

pub use doc::FieldDoc;
pub(crate) use field_type::line;
pub use field_type::{Asked, FieldProblem, FieldType, SettingProblem};
pub use input::{ControlShape, InputOption, InputSpec};

macro_rules! field_types {
    ($($module:ident :: $settings:ident,)*) => {
        $(pub mod $module;)*

        /// The type of a field with its settings, tagged by `type`.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum FieldKind {
            $(
                #[doc = concat!("`", stringify!($module), "`")]
                $settings($module::$settings),
            )*
        }

        impl FieldKind {
            /// The names of all types, in the order the studio offers them.
            pub const NAMES: &[&str] = &[$(stringify!($module)),*];

            /// What this type knows how to do.
            pub fn field_type(&self) -> &dyn FieldType {
                match self {
                    $(Self::$settings(settings) => settings,)*
                }
            }

            /// The name of this type, as in `type = "email"`.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$settings(_) => stringify!($module),)*
                }
            }
        }
    };
}

field_types! {
    email::Email,
    short_text::ShortText,
    phone::Phone,
    single_choice::SingleChoice,
    country::Country,
    birthday::Birthday,
    number::Number,
    yes_no::YesNo,
    consent::Consent,
    terms::Terms,
    hidden::Hidden,
}
