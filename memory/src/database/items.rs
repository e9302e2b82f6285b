//! Rows of items.

use crate::item::Item;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

const COLUMNS: &str = "number, id, kind, text, metadata, created_at";

/// An item with its number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbered {
    pub(crate) number: i64,
    pub(crate) item: Item,
}

fn read(row: &Row<'_>) -> Result<Numbered> {
    let metadata = row.get_ref(4)?.as_str()?;
    let metadata = serde_json::from_str(metadata)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, Type::Text, error.into()))?;
    let item = Item {
        id: row.get(1)?,
        kind: row.get(2)?,
        text: row.get(3)?,
        metadata,
        created_at: row.get(5)?,
    };
    Ok(Numbered { number: row.get(0)?, item })
}

/// The item with an id.
pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<Numbered>> {
    let sql = format!("SELECT {COLUMNS} FROM items WHERE id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], read).optional()
}

/// The item with a number.
pub(crate) fn by_number(connection: &Connection, number: i64) -> Result<Option<Numbered>> {
    let sql = format!("SELECT {COLUMNS} FROM items WHERE number = ?1");
    connection.prepare_cached(&sql)?.query_row([number], read).optional()
}

/// Items behind a number, in order.
pub(crate) fn behind(connection: &Connection, number: i64, most: i64) -> Result<Vec<Numbered>> {
    let sql = format!("SELECT {COLUMNS} FROM items WHERE number > ?1 ORDER BY number LIMIT ?2");
    connection.prepare_cached(&sql)?.query_map([number, most], read)?.collect()
}

/// Shows every item in the order of their numbers, without its text.
pub(crate) fn each(connection: &Connection, mut show: impl FnMut(Numbered)) -> Result<()> {
    let sql = "SELECT number, id, kind, '', metadata, created_at FROM items ORDER BY number";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        show(read(row)?);
    }
    Ok(())
}

/// How many there are.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    connection.query_row("SELECT count(*) FROM items", [], |row| {
        row.get::<_, i64>(0).map(i64::unsigned_abs)
    })
}

/// Adds an item; says its number.
pub(crate) fn insert(connection: &Connection, item: &Item) -> Result<i64> {
    let sql =
        "INSERT INTO items (id, kind, text, metadata, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![item.id, item.kind, item.text, item.metadata_text(), item.created_at];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(connection.last_insert_rowid())
}

/// Takes an item away, with its vectors and words.
pub(crate) fn delete(connection: &Connection, number: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM items WHERE number = ?1")?.execute([number]).map(|_| ())
}
