//! Rows of outcomes.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

/// The most outcomes of one approach that are looked at: the newest.
const MOST: i64 = 1_000;

/// How an approach went, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutcomeRow {
    pub(crate) id: String,
    pub(crate) approach: i64,
    pub(crate) worked: bool,
    pub(crate) evidence: String,
    pub(crate) agent: String,
    pub(crate) at: i64,
}

impl OutcomeRow {
    /// Whether both tell the same; an honest retry may tell it later.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}

fn read(row: &Row<'_>) -> Result<OutcomeRow> {
    Ok(OutcomeRow {
        id: row.get(0)?,
        approach: row.get(1)?,
        worked: row.get(2)?,
        evidence: row.get(3)?,
        agent: row.get(4)?,
        at: row.get(5)?,
    })
}

/// The outcome with an id.
pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<OutcomeRow>> {
    let sql = "SELECT id, approach, worked, evidence, agent, at FROM outcomes WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], read).optional()
}

/// The newest outcomes of an approach.
pub(crate) fn of(connection: &Connection, approach: i64) -> Result<Vec<OutcomeRow>> {
    let sql = "SELECT id, approach, worked, evidence, agent, at FROM outcomes WHERE approach = ?1
               ORDER BY at DESC LIMIT ?2";
    connection.prepare_cached(sql)?.query_map([approach, MOST], read)?.collect()
}

/// Adds one.
pub(crate) fn insert(connection: &Connection, row: &OutcomeRow) -> Result<()> {
    let sql = "INSERT INTO outcomes (id, approach, worked, evidence, agent, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![row.id, row.approach, row.worked, row.evidence, row.agent, row.at];
    connection.prepare_cached(sql)?.execute(values).map(|_| ())
}
