//! Reading settings that were made while a server ran.

use crate::journal::SettingRow;
use crate::vocabulary::Timestamp;
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

/// All of them, by key; none where the database is older than they are.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<BTreeMap<String, SettingRow>> {
    if !connection.table_exists(None, "config")? {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT key, value, description, secret, updated_at, position FROM config";
    connection.prepare_cached(sql)?.query_map([], setting)?.collect()
}

fn setting(row: &Row<'_>) -> rusqlite::Result<(String, SettingRow)> {
    let setting = SettingRow {
        value: row.get(1)?,
        description: row.get(2)?,
        is_secret: row.get(3)?,
        updated_at: Timestamp(row.get(4)?),
        position: row.get(5)?,
    };
    Ok((row.get(0)?, setting))
}
