//! A read model's row, as a machine shows it: a table, and columns with plain values.

/// One row of a read model; its key is the stream itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The table.
    pub table: &'static str,
    /// Every column the machine fills, always in the same order.
    pub columns: Vec<(&'static str, Field)>,
}

/// What happens to a stream's row.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The whole row is put in place.
    Put(Row),
    /// Only these columns change, if there is a row.
    Patch(Row),
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Nothing.
    Null,
    /// A number; moments are milliseconds since 1970.
    Int(i64),
    /// Text, or JSON.
    Text(String),
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Field {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Field {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Field {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Field>> From<Option<T>> for Field {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<crate::vocabulary::Timestamp> for Field {
    fn from(value: crate::vocabulary::Timestamp) -> Self {
        Self::Int(value.0)
    }
}
