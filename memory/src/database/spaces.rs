//! Rows of spaces: which models there are vectors of, and what for.

use crate::model::Pinned;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// What a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is searched.
    Serving,
    /// It is being filled, to serve next.
    Growing,
    /// It is being cleared away.
    Retired,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Growing => "growing",
            Self::Retired => "retired",
        }
    }
}

/// A model's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Space {
    pub(crate) number: i64,
    pub(crate) pinned: Pinned,
}

/// The space with a role; of retired ones, the oldest.
pub(crate) fn with_role(connection: &Connection, role: Role) -> Result<Option<Space>> {
    let sql = "SELECT number, model, dimension FROM spaces WHERE role = ?1 ORDER BY number LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| {
        let dimension = row.get::<_, u32>(2)? as usize;
        Ok(Space { number: row.get(0)?, pinned: Pinned { model: row.get(1)?, dimension } })
    };
    connection.prepare_cached(sql)?.query_row([role.name()], read).optional()
}

/// Makes a space.
pub(crate) fn insert(connection: &Connection, pinned: &Pinned, role: Role) -> Result<()> {
    let sql = "INSERT INTO spaces (model, dimension, role) VALUES (?1, ?2, ?3)";
    let dimension = i64::try_from(pinned.dimension).unwrap_or(i64::MAX);
    connection.execute(sql, params![pinned.model, dimension, role.name()]).map(|_| ())
}

/// Gives a space another role.
pub(crate) fn set_role(connection: &Connection, number: i64, role: Role) -> Result<()> {
    let sql = "UPDATE spaces SET role = ?2 WHERE number = ?1";
    connection.execute(sql, params![number, role.name()]).map(|_| ())
}

/// Clears away at most so many vectors of a space, and the space with the last; says how many.
pub(crate) fn clear(connection: &Connection, number: i64, most: i64) -> Result<usize> {
    let sql = "DELETE FROM vectors WHERE number IN (SELECT number FROM vectors WHERE space = ?1 LIMIT ?2)";
    let cleared = connection.execute(sql, [number, most])?;
    if cleared == 0 {
        connection.execute("DELETE FROM refused WHERE space = ?1", [number])?;
        connection.execute("DELETE FROM spaces WHERE number = ?1", [number])?;
    }
    Ok(cleared)
}
