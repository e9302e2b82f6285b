//! Whether everything that the database holds agrees.

use rusqlite::{Connection, Result};

/// What does not agree, in words; empty if all is well.
pub(crate) fn problems(connection: &Connection) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines =
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>()?;
    found.extend(lines.into_iter().filter(|line| line != "ok"));
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let orphans =
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>()?;
    found.extend(orphans.into_iter().map(|table| format!("a row of {table} belongs to nothing")));
    found.extend(lengths(connection)?);
    // With rank 1 the words are compared with the texts that they were made of.
    if let Err(error) =
        connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)", [])
    {
        found.push(format!("the words do not agree with the texts: {error}"));
    }
    Ok(found)
}

fn lengths(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT items.id, length(vector), 4 * dimension FROM vectors
               JOIN spaces ON spaces.number = space JOIN items ON items.number = item
               WHERE length(vector) <> 4 * dimension LIMIT 20";
    let read = |row: &rusqlite::Row<'_>| {
        let (id, found, due): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("the vector of {id:?} has {found} bytes in place of {due}"))
    };
    connection.prepare(sql)?.query_map([], read)?.collect()
}
