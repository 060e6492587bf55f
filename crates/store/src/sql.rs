//! Statements as named constants: one text for both engines.
//! Promises: every statement is registered, so one test prepares all of them on both databases.
//! Leaves to others: running them (`seam`).

use std::sync::OnceLock;

use crate::value::Column;

/// One statement. Parameters are written `$1`, `$2`, ... A statement with `columns` works on many rows at once:
/// it reads them from `{rows}`, which stands for a table `r` with those columns. SQLite runs the statement once a row,
/// PostgreSQL once for all rows by `UNNEST`.
#[derive(Debug)]
pub struct Sql {
    /// The constant's name, for logs and for the test that prepares all statements.
    pub name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) columns: &'static [(&'static str, Column)],
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    /// Declares a statement; use the `statements!` macro, which also registers it.
    pub const fn new(
        name: &'static str,
        text: &'static str,
        columns: &'static [(&'static str, Column)],
    ) -> Self {
        Self {
            name,
            text,
            columns,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// SQLite's form: `?1` instead of `$1` (SQLite numbers `$1` by its first place, not by its digit).
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| {
            let rows = self
                .columns
                .iter()
                .enumerate()
                .map(|(i, (name, _))| format!("${} AS {name}", i + 1));
            let table = format!("(SELECT {}) AS r", rows.collect::<Vec<_>>().join(", "));
            numbered(&self.text.replace("{rows}", &table))
        })
    }

    /// PostgreSQL's form: `{rows}` becomes an `UNNEST` of one array a column.
    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            let arrays = self
                .columns
                .iter()
                .enumerate()
                .map(|(i, (_, kind))| format!("${}::{}", i + 1, kind.array_type()));
            let names = self
                .columns
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(", ");
            let table = format!(
                "UNNEST({}) AS r({names})",
                arrays.collect::<Vec<_>>().join(", ")
            );
            self.text.replace("{rows}", &table)
        })
    }
}

/// `$12` becomes `?12`; a dollar that no digit follows stays.
fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '$' && chars.peek().is_some_and(char::is_ascii_digit) {
            out.push('?');
        } else {
            out.push(c);
        }
    }
    out
}

/// Declares statements and the module's list of them.
///
/// ```ignore
/// statements! {
///     FIND_HUB = "SELECT id FROM hubs WHERE slug = $1";
///     INSERT_HUBS (id: Uuid, slug: Text) = "INSERT INTO hubs (id, slug) SELECT r.id, r.slug FROM {rows}";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($name:ident $(($($column:ident : $kind:ident),* $(,)?))? = $text:expr;)*) => {
        $(static $name: $crate::sql::Sql = $crate::sql::Sql::new(
            stringify!($name),
            $text,
            &[$($((stringify!($column), $crate::value::Column::$kind)),*)?],
        );)*
        /// All statements of this module, for the test that prepares them on both databases.
        pub(crate) static STATEMENTS: &[&$crate::sql::Sql] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    static MANY: Sql = Sql::new(
        "MANY",
        "INSERT INTO t (a, b) SELECT r.a, r.b FROM {rows} WHERE true",
        &[("a", Column::Uuid), ("b", Column::Text)],
    );

    #[test]
    fn one_text_becomes_a_row_at_a_time_on_sqlite_and_an_unnest_on_postgresql() {
        assert_eq!(
            MANY.sqlite(),
            "INSERT INTO t (a, b) SELECT r.a, r.b FROM (SELECT ?1 AS a, ?2 AS b) AS r WHERE true"
        );
        assert_eq!(
            MANY.postgres(),
            "INSERT INTO t (a, b) SELECT r.a, r.b FROM UNNEST($1::uuid[], $2::text[]) AS r(a, b) WHERE true"
        );
    }
}
