//! Rows of approaches.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// What was tried, for which task, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApproachRow {
    /// The id of the item that makes its task findable.
    pub(crate) item: String,
    pub(crate) kind: String,
    pub(crate) task: String,
    pub(crate) language: Option<String>,
    pub(crate) workspace: Option<String>,
    pub(crate) approach: String,
}

/// The number of an approach, which is made if it is not there.
pub(crate) fn ensure(connection: &Connection, row: &ApproachRow) -> Result<i64> {
    let sql = "INSERT INTO approaches (item, kind, task, language, workspace, approach)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (item) DO NOTHING";
    let values = params![row.item, row.kind, row.task, row.language, row.workspace, row.approach];
    connection.prepare_cached(sql)?.execute(values)?;
    let sql = "SELECT number FROM approaches WHERE item = ?1";
    connection.prepare_cached(sql)?.query_row([&row.item], |row| row.get(0))
}

/// The approach that an item stands for, with its number.
pub(crate) fn by_item(connection: &Connection, item: &str) -> Result<Option<(i64, ApproachRow)>> {
    let sql = "SELECT number, item, kind, task, language, workspace, approach FROM approaches WHERE item = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        let found = ApproachRow {
            item: row.get(1)?,
            kind: row.get(2)?,
            task: row.get(3)?,
            language: row.get(4)?,
            workspace: row.get(5)?,
            approach: row.get(6)?,
        };
        Ok((row.get(0)?, found))
    };
    connection.prepare_cached(sql)?.query_row([item], read).optional()
}
