//! Which workflows an old workspace has checkpoints of.

use crate::database::foreign;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A LangGraph thread in `cache/workflow_checkpoints_v6.db`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldThread {
    /// Its id.
    pub thread_id: String,
    /// How many checkpoints it has.
    pub checkpoints: u64,
    /// The id of the newest; LangGraph's ids sort by time.
    pub newest: String,
}

/// All threads of a workspace; none, if it has no such file.
pub(super) fn threads(folder: &Path) -> Result<Vec<OldThread>> {
    let path = folder.join("cache/workflow_checkpoints_v6.db");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let refused =
        |error: rusqlite::Error| Error::Foreign { path: path.clone(), what: error.to_string() };
    let connection = foreign(&path)?;
    let sql = "SELECT thread_id, count(*), max(checkpoint_id) FROM checkpoints GROUP BY thread_id ORDER BY thread_id";
    let mut statement = connection.prepare(sql).map_err(refused)?;
    let read = |row: &rusqlite::Row<'_>| {
        let checkpoints = row.get::<_, i64>(1)?.unsigned_abs();
        Ok(OldThread { thread_id: row.get(0)?, checkpoints, newest: row.get(2)? })
    };
    statement.query_map([], read).map_err(refused)?.collect::<Result<_, _>>().map_err(refused)
}
