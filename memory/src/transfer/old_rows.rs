//! The rows of an old `metadata.db`.

use crate::database::foreign;
use crate::error::{Error, Result};
use crate::item::{Item, Metadata, short_hash};
use rusqlite::Row;
use serde_json::{Value, json};
use std::path::Path;

/// A row of `memory_items`.
#[derive(Debug)]
pub(super) struct OldRow {
    pub(super) vector_id: i64,
    pub(super) item: Item,
}

/// All rows, the oldest first.
pub(super) fn read(path: &Path) -> Result<Vec<OldRow>> {
    let refused =
        |error: rusqlite::Error| Error::Foreign { path: path.to_owned(), what: error.to_string() };
    let connection = foreign(path)?;
    let sql = "SELECT id, vector_id, content, metadata, timestamp FROM memory_items ORDER BY id";
    let mut statement = connection.prepare(sql).map_err(refused)?;
    let rows = statement.query_map([], row).map_err(refused)?;
    rows.collect::<Result<_, _>>().map_err(refused)
}

fn row(row: &Row<'_>) -> rusqlite::Result<OldRow> {
    let (number, vector_id): (i64, i64) = (row.get(0)?, row.get(1)?);
    let (text, metadata, timestamp): (String, String, String) =
        (row.get(2)?, row.get(3)?, row.get(4)?);
    // The same row gives the same item, however often and wherever it is imported.
    let id = short_hash(&json!([number, text, metadata, timestamp]));
    let mut fields = fields_of(&metadata);
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let origin = json!({ "from": "ki_autoagent", "row": number, "vector_id": vector_id, "timestamp": timestamp });
    fields.insert("imported".to_owned(), origin);
    let created_at = milliseconds(&timestamp).unwrap_or_default();
    let item = Item { id: format!("ki_autoagent/{id}"), kind, text, metadata: fields, created_at };
    Ok(OldRow { vector_id, item })
}

/// Metadata is an object in all that was ever written; what is none is kept as it stands.
fn fields_of(metadata: &str) -> Metadata {
    match serde_json::from_str(metadata) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => Metadata::from_iter([("metadata".to_owned(), other)]),
        Err(_) => Metadata::from_iter([("metadata".to_owned(), metadata.into())]),
    }
}

/// Milliseconds since 1970 of `2025-10-08T12:34:56.789`. It was a local time of which nobody wrote down where, so
/// it is read as UTC; the text itself stays in the metadata.
fn milliseconds(timestamp: &str) -> Option<i64> {
    let number = |from: usize, to: usize| timestamp.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_time = (1..=12).contains(&month) && (1..=31).contains(&day);
    let fraction = timestamp.get(19..).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
    let digits: String =
        fraction.chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    is_time.then(|| seconds * 1_000 + digits.parse().unwrap_or(0))
}

/// Days since 1970 in the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_python_are_read() {
        assert_eq!(milliseconds("1970-01-01T00:00:00"), Some(0));
        assert_eq!(milliseconds("2025-10-08T12:34:56.789123"), Some(1_759_926_896_789));
        assert_eq!(milliseconds("2024-02-29 23:59:59.5"), Some(1_709_251_199_500));
        assert_eq!(milliseconds("yesterday"), None);
        assert_eq!(milliseconds("2024-13-01T00:00:00"), None);
    }
}
