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
            if let Some(text) = self.one_row() {
                return text;
            }
            let rows = self
                .columns
                .iter()
                .enumerate()
                .map(|(i, (name, _))| format!("${} AS {name}", i + 1));
            let table = format!("(SELECT {}) AS r", rows.collect::<Vec<_>>().join(", "));
            numbered(&self.text.replace("{rows}", &table))
        })
    }

    /// `INSERT ... SELECT r.a FROM {rows}` and `UPDATE ... SET a = r.a FROM {rows} WHERE` as statements about one row, without
    /// the table: inserting from a table, SQLite first keeps a copy of every page that it changes, because it may have to
    /// take back several rows; updating from one, it makes a temporary table.
    fn one_row(&self) -> Option<String> {
        let (head, tail) = self.text.split_once(" FROM {rows}")?;
        let tail = tail.strip_prefix(" WHERE true").unwrap_or(tail);
        let text = if self.text.starts_with("INSERT INTO ") {
            let (into, values) = head.split_once(") SELECT ")?;
            format!("{into}) VALUES ({values}){tail}")
        } else if self.text.starts_with("UPDATE ") {
            format!("{head}{tail}")
        } else {
            return None;
        };
        let mut columns: Vec<(usize, &str)> =
            self.columns.iter().map(|it| it.0).enumerate().collect();
        // The longest names first: `r.card` must not be taken for the beginning of `r.card_id`.
        columns.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
        let text = columns.iter().fold(text, |text, (place, name)| {
            text.replace(&format!("r.{name}"), &format!("?{}", place + 1))
        });
        Some(text)
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

    static UPSERT: Sql = Sql::new(
        "UPSERT",
        "INSERT INTO t (a, ab, c) SELECT r.a, r.ab, '{}' FROM {rows} WHERE true ON CONFLICT (a) DO UPDATE SET ab = excluded.ab",
        &[("a", Column::Uuid), ("ab", Column::Text)],
    );

    static UPDATE: Sql = Sql::new(
        "UPDATE",
        "UPDATE t SET ab = r.ab FROM {rows} WHERE t.a = r.a",
        &[("a", Column::Uuid), ("ab", Column::Text)],
    );

    static FIND: Sql = Sql::new(
        "FIND",
        "SELECT t.ab FROM {rows} JOIN t ON t.a = r.a",
        &[("a", Column::Uuid)],
    );

    #[test]
    fn one_text_becomes_a_row_at_a_time_on_sqlite_and_an_unnest_on_postgresql() {
        assert_eq!(MANY.sqlite(), "INSERT INTO t (a, b) VALUES (?1, ?2)");
        assert_eq!(
            UPSERT.sqlite(),
            "INSERT INTO t (a, ab, c) VALUES (?1, ?2, '{}') ON CONFLICT (a) DO UPDATE SET ab = excluded.ab"
        );
        assert_eq!(UPDATE.sqlite(), "UPDATE t SET ab = ?2 WHERE t.a = ?1");
        assert_eq!(
            FIND.sqlite(),
            "SELECT t.ab FROM (SELECT ?1 AS a) AS r JOIN t ON t.a = r.a"
        );
        assert_eq!(
            MANY.postgres(),
            "INSERT INTO t (a, b) SELECT r.a, r.b FROM UNNEST($1::uuid[], $2::text[]) AS r(a, b) WHERE true"
        );
    }
}
