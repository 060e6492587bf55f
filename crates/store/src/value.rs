//! Values on their way into and out of both engines.
//! Promises: five kinds only, the same on both engines (UUIDs are 16 bytes on SQLite and `uuid` on PostgreSQL).
//! Leaves to others: JSON, which is kept as text and parsed by who needs it.

use std::error::Error;

use bytes::BytesMut;
use engage::{ids::Id, time::Millis};
use postgres_types::{FromSql, IsNull, ToSql, Type};
use uuid::Uuid;

use crate::error::{Result, StoreError};

/// One value of a row or a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `BIGINT` / `INTEGER`; also booleans as 0 and 1, and times as UTC milliseconds.
    Int(i64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA` / `BLOB`.
    Bytes(Vec<u8>),
    /// `UUID` / 16 bytes of `BLOB`.
    Uuid(Uuid),
}

/// The kinds of column a multi-row statement can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 64-bit integer.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// UUID.
    Uuid,
}

impl Column {
    /// PostgreSQL's name of an array of this kind.
    pub(crate) fn array_type(self) -> &'static str {
        match self {
            Self::Int => "bigint[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
            Self::Uuid => "uuid[]",
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Uuid(uuid) => ValueRef::Blob(uuid.as_bytes()),
        }))
    }
}

impl Value {
    pub(crate) fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<Self> {
        use rusqlite::types::ValueRef;
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Text(text) => Self::Text(
                String::from_utf8(text.to_vec())
                    .map_err(|_| StoreError::Corrupt("text is not UTF-8".into()))?,
            ),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => return Err(StoreError::Corrupt("a floating point column".into())),
        })
    }
}

type Boxed = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => match *ty {
                Type::INT8 => number.to_sql(ty, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
                _ => Err(format!("an integer was given for a parameter of type {ty}").into()),
            },
            Self::Text(text) => text.as_str().to_sql(ty, out),
            Self::Bytes(bytes) => bytes.as_slice().to_sql(ty, out),
            Self::Uuid(uuid) => uuid.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres_types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> std::result::Result<Self, Boxed> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Self::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::BOOL => Self::Int(i64::from(bool::from_sql(ty, raw)?)),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            Type::UUID => Self::Uuid(Uuid::from_sql(ty, raw)?),
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Boxed> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::BOOL
                | Type::BYTEA
                | Type::UUID
                | Type::TEXT
                | Type::VARCHAR
                | Type::NAME
        )
    }
}

macro_rules! into_value {
    ($($from:ty => |$it:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($it: $from) -> Self { $to }
        }
    )*};
}
into_value! {
    i64 => |it| Self::Int(it);
    i32 => |it| Self::Int(i64::from(it));
    u32 => |it| Self::Int(i64::from(it));
    u16 => |it| Self::Int(i64::from(it));
    usize => |it| Self::Int(i64::try_from(it).unwrap_or(i64::MAX));
    bool => |it| Self::Int(i64::from(it));
    String => |it| Self::Text(it);
    &str => |it| Self::Text(it.to_owned());
    Vec<u8> => |it| Self::Bytes(it);
    &[u8] => |it| Self::Bytes(it.to_vec());
    Uuid => |it| Self::Uuid(it);
    Millis => |it| Self::Int(it.0);
}
impl<K> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        Self::Uuid(id.uuid())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value; says what was found instead when it does not fit.
    fn from_value(value: Value) -> std::result::Result<Self, Value>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        if let Value::Int(number) = value {
            Ok(number)
        } else {
            Err(value)
        }
    }
}
impl FromValue for u32 {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        i64::from_value(value).and_then(|n| Self::try_from(n).map_err(|_| Value::Int(n)))
    }
}
impl FromValue for u16 {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        i64::from_value(value).and_then(|n| Self::try_from(n).map_err(|_| Value::Int(n)))
    }
}
impl FromValue for bool {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        i64::from_value(value).map(|number| number != 0)
    }
}
impl FromValue for Millis {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        i64::from_value(value).map(Self)
    }
}
impl FromValue for String {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        if let Value::Text(text) = value {
            Ok(text)
        } else {
            Err(value)
        }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        if let Value::Bytes(bytes) = value {
            Ok(bytes)
        } else {
            Err(value)
        }
    }
}
impl FromValue for Uuid {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Uuid(uuid) => Ok(uuid),
            Value::Bytes(ref bytes) => Self::from_slice(bytes).map_err(|_| value),
            other => Err(other),
        }
    }
}
impl<K> FromValue for Id<K> {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        Uuid::from_value(value).map(Self::from_uuid)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        if value == Value::Null {
            Ok(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

/// One row of an answer; columns are taken by position, each once.
#[derive(Debug)]
pub struct Row(Vec<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// Takes column `index` (0-based) as a `T`.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T> {
        let value = self
            .0
            .get_mut(index)
            .map(|slot| std::mem::replace(slot, Value::Null))
            .ok_or_else(|| StoreError::Corrupt(format!("no column {index}")))?;
        T::from_value(value).map_err(|found| {
            let kind = match found {
                Value::Null => "NULL",
                Value::Int(_) => "an integer",
                Value::Text(_) => "text",
                Value::Bytes(_) => "bytes",
                Value::Uuid(_) => "a UUID",
            };
            StoreError::Corrupt(format!(
                "column {index} holds {kind}, not {}",
                std::any::type_name::<T>()
            ))
        })
    }
}

/// Builds a parameter list: `params![id, name, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] as &[$crate::value::Value] };
}

/// Builds one row of a multi-row statement: `row![id, name, now]`.
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
