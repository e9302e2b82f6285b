//! Rows that cannot be read: each of them by its table and key, so that what is lost has a name.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// Tables, and the column that names their rows.
const TABLES: [(&str, &str); 9] = [
    ("messages", "id"),
    ("streams", "id"),
    ("files", "path"),
    ("sessions", "id"),
    ("processes", "id"),
    ("nodes", "id"),
    ("schedules", "id"),
    ("workspaces", "id"),
    ("meta", "key"),
];

/// Columns that hold JSON or nothing.
const JSON: [(&str, &str); 3] =
    [("messages", "data"), ("messages", "error"), ("streams", "parked")];

/// Every row that cannot be read, and why. A table that breaks off is named with the row before.
pub(crate) fn unreadable(connection: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    for (table, key) in TABLES {
        let mut last = "its beginning".to_owned();
        if let Err(error) = look(connection, table, key, &mut last, &mut found) {
            found.push(format!("{table} cannot be read behind {last}: {error}"));
        }
    }
    found
}

fn look(
    connection: &Connection,
    table: &str,
    key: &str,
    last: &mut String,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    // In the order in which they lie there: that needs no index, which may be what is broken.
    let mut select = connection.prepare(&format!("SELECT * FROM {table} NOT INDEXED"))?;
    let columns: Vec<String> = select.column_names().into_iter().map(str::to_owned).collect();
    let at = columns.iter().position(|column| column == key).unwrap_or_default();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        *last = format!("{key} {}", shown(row.get_ref(at)?));
        let wrong = columns.iter().enumerate().filter_map(|(index, column)| {
            let why = wrong(row, index, table, column)?;
            Some(format!("{table} {last}: {column} {why}"))
        });
        found.extend(wrong);
    }
    Ok(())
}

fn wrong(row: &Row<'_>, index: usize, table: &str, column: &str) -> Option<String> {
    let value = match row.get_ref(index) {
        Ok(ValueRef::Text(value)) => value,
        Ok(_) => return None,
        Err(error) => return Some(error.to_string()),
    };
    let text = match std::str::from_utf8(value) {
        Ok(text) => text,
        Err(error) => return Some(format!("is no text ({error})")),
    };
    let is_json = JSON.contains(&(table, column));
    let parsed = is_json.then(|| serde_json::from_str::<serde::de::IgnoredAny>(text));
    parsed.and_then(Result::err).map(|error| format!("is no JSON ({error})"))
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => "?".into(),
    }
}
