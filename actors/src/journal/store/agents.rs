//! Reading what concerns agents: who is connected, and what became of their processes.

use crate::journal::AgentNews;
use crate::vocabulary::{Name, Position};
use rusqlite::{Connection, Row, params};

/// The agents that are connected by a connection whose name does not begin like this, and that name.
pub(crate) fn connected_but(
    connection: &Connection,
    prefix: &str,
) -> rusqlite::Result<Vec<(Name, String)>> {
    let sql = "SELECT id, connection FROM agents INDEXED BY agents_connected
               WHERE connection IS NOT NULL AND substr(connection, 1, length(?1)) <> ?1";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map([prefix], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let named = rows.filter_map(|row| match row {
        Ok((id, connection)) => Some(Ok((id.parse().ok()?, connection))),
        Err(error) => Some(Err(error)),
    });
    named.collect()
}

/// What happened to processes of registered agents between two positions. The joins are crossed so that
/// the messages come first, whatever the planner thinks of it: there may be millions of processes.
pub(crate) fn news(
    connection: &Connection,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<AgentNews>> {
    let sql = "SELECT m.id, m.event_type, p.id, p.agent_id, p.session_id, p.metrics
               FROM messages m CROSS JOIN processes p ON p.stream = m.stream
               CROSS JOIN streams s ON s.kind = 'agent' AND s.name = p.agent_id
               WHERE m.id > ?1 AND m.id <= ?2 AND m.kind IN ('event', 'fact')
                 AND m.event_type IN ('SPAWN_ADMITTED', 'SPAWN_RETRY', 'SPAWN_COMPLETE',
                                      'SPAWN_DEAD', 'SPAWN_CANCELLED', 'SPAWN_INDETERMINATE',
                                      'ENTITY_FAILED')
               ORDER BY m.id";
    let mut select = connection.prepare_cached(sql)?;
    let found = select.query_map(params![after, upto], one)?;
    found.filter_map(Result::transpose).collect()
}

/// `None`: a row that no program of ours has written.
fn one(row: &Row<'_>) -> rusqlite::Result<Option<AgentNews>> {
    let text = |index: usize| row.get::<_, String>(index).map(|text| text.parse::<Name>());
    let (Ok(process), Ok(agent), Ok(session)) = (text(2)?, text(3)?, text(4)?) else {
        return Ok(None);
    };
    let (position, event_type, metrics) = (row.get(0)?, row.get(1)?, row.get(5)?);
    Ok(Some(AgentNews { position, event_type, process, agent, session, metrics }))
}
