//! Rows of vectors, and what waits for one.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// A vector as it is stored.
pub(crate) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The numbers of a stored vector.
pub(crate) fn floats_of(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Adds the vector of an item that has none in this space.
pub(crate) fn insert(connection: &Connection, item: i64, space: i64, vector: &[u8]) -> Result<()> {
    let sql = "INSERT INTO vectors (item, space, vector) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![item, space, vector]).map(|_| ())
}

/// Takes an item's vector, or the note that there will be none, out of a space.
pub(crate) fn delete(connection: &Connection, item: i64, space: i64) -> Result<()> {
    for table in ["vectors", "refused"] {
        let sql = format!("DELETE FROM {table} WHERE item = ?1 AND space = ?2");
        connection.prepare_cached(&sql)?.execute([item, space])?;
    }
    Ok(())
}

/// The vector of an item in a space.
pub(crate) fn of(connection: &Connection, item: i64, space: i64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT vector FROM vectors WHERE item = ?1 AND space = ?2";
    connection.prepare_cached(sql)?.query_row([item, space], |row| row.get(0)).optional()
}

/// All vectors of an item, with their spaces.
pub(crate) fn all_of(connection: &Connection, item: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "SELECT space, vector FROM vectors WHERE item = ?1 ORDER BY space";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map([item], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Shows every vector of a space in the order in which they came: its item, and its bytes.
pub(crate) fn each(
    connection: &Connection,
    space: i64,
    mut show: impl FnMut(i64, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT item, vector FROM vectors WHERE space = ?1 ORDER BY number")?;
    let mut rows = statement.query([space])?;
    while let Some(row) = rows.next()? {
        show(row.get(0)?, row.get_ref(1)?.as_blob()?)?;
    }
    Ok(())
}

/// Vectors of a space with their items' numbers, in the order of these, behind a number.
pub(crate) fn behind(
    connection: &Connection,
    space: i64,
    number: i64,
    most: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "SELECT item, vector FROM vectors INDEXED BY sqlite_autoindex_vectors_1
               WHERE space = ?1 AND item > ?2 ORDER BY item LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space, number, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// How many vectors a space has.
pub(crate) fn count(connection: &Connection, space: i64) -> Result<u64> {
    connection.query_row("SELECT count(*) FROM vectors WHERE space = ?1", [space], |row| {
        row.get::<_, i64>(0).map(i64::unsigned_abs)
    })
}

/// An item that waits for its vector.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) number: i64,
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Items behind a number that have neither a vector in a space nor were refused one.
pub(crate) fn waiting(
    connection: &Connection,
    space: i64,
    behind: i64,
    most: i64,
) -> Result<Vec<Waiting>> {
    let sql = "SELECT number, id, text FROM items
               WHERE number > ?2
                 AND NOT EXISTS (SELECT 1 FROM vectors WHERE item = items.number AND space = ?1)
                 AND NOT EXISTS (SELECT 1 FROM refused WHERE item = items.number AND space = ?1)
               ORDER BY number LIMIT ?3";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Waiting { number: row.get(0)?, id: row.get(1)?, text: row.get(2)? })
    };
    connection.prepare_cached(sql)?.query_map([space, behind, most], read)?.collect()
}

/// Notes that a model will not embed an item.
pub(crate) fn refuse(connection: &Connection, item: i64, space: i64, reason: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO refused (item, space, reason) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![item, space, reason]).map(|_| ())
}

/// How many items were refused a vector in a space.
pub(crate) fn refused(connection: &Connection, space: i64) -> Result<u64> {
    connection.query_row("SELECT count(*) FROM refused WHERE space = ?1", [space], |row| {
        row.get::<_, i64>(0).map(i64::unsigned_abs)
    })
}
