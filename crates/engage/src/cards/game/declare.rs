//! What a kind with prizes declares: its setup with the settings that all of them have, and itself.
//! Promises the same settings in the same order, and texts in every language.
//! Leaves its own settings and rules to the kind.

/// Declares the setup of a kind with the settings that all of them have, in their order.
macro_rules! setup {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $of:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_about])* pub $field: $of,)*
            /// What can be won.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub prizes: Vec<crate::cards::Prize>,
            /// How many prizes of this card one person may win.
            #[serde(default = "crate::cards::game::one")]
            pub most_per_person: u32,
            /// What is read by who wins nothing.
            pub lose_title: crate::text::LocalText,
            /// The words below it; Markdown.
            #[serde(default, skip_serializing_if = "crate::text::LocalText::is_empty")]
            pub lose_text: crate::text::LocalText,
        }

        impl crate::cards::game::Prized for $name {
            fn stored(&self) -> serde_json::Map<String, serde_json::Value> {
                crate::cards::kind::write(self)
            }

            fn winnings(&self) -> crate::cards::game::Winnings<'_> {
                crate::cards::game::Winnings {
                    prizes: &self.prizes,
                    most_per_person: self.most_per_person,
                    lose_title: &self.lose_title,
                    lose_text: &self.lose_text,
                }
            }
        }
    };
}
pub(in crate::cards) use setup;

pub(in crate::cards) const fn one() -> u32 {
    1
}

/// A kind whose setup was declared with [`setup`] and whose folder has its texts in every language.
macro_rules! kind {
    ($name:literal, $engine:literal, $setup:ty, example: $example:expr, island: $island:expr, style: $style:expr, texts: [$($more:expr,)*]) => {
        crate::cards::Kind {
            name: $name,
            engine: $engine,
            title: concat!($name, "-title"),
            setup_version: 1,
            open: |setup, shell| Ok(crate::cards::game::open(crate::cards::kind::read::<$setup>(setup)?, shell)),
            upgrade: |_, setup| setup,
            sample,
            example: $example,
            schema: || schemars::schema_for!($setup).to_value(),
            island: $island,
            style: $style,
            texts: &[
                ("en", include_str!("texts.en.ftl")),
                ("de", include_str!("texts.de.ftl")),
                ("fr", include_str!("texts.fr.ftl")),
                ("es", include_str!("texts.es.ftl")),
                ("ja", include_str!("texts.ja.ftl")),
                $($more,)*
            ],
        }
    };
}
pub(in crate::cards) use kind;
