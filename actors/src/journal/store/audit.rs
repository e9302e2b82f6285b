//! The audit's SQL.

use super::ledger::Desk;
use crate::journal::{AuditFilter, AuditRow, Entered, Used};
use crate::vocabulary::{MessageId, Name, Timestamp, WorkflowId};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, Row, params, params_from_iter};
use std::str::FromStr;

/// Writes a decision, unless it stands there.
pub(super) fn write(desk: Desk<'_>, row: &AuditRow) -> rusqlite::Result<Entered> {
    let sql = "INSERT INTO audit (at, call_id, actor, workflow_id, run, place, tool, target,
                   allowed, rule, why, bytes, millis)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (call_id, allowed, target) DO NOTHING";
    let values = params![
        row.at.0,
        row.call_id.to_string(),
        row.actor,
        row.workflow_id.0.as_str(),
        row.run,
        row.place,
        row.tool,
        row.target,
        row.allowed,
        row.rule,
        row.why,
        integer(row.bytes),
        integer(row.millis)
    ];
    let changed = desk.connection.prepare_cached(sql)?.execute(values)?;
    Ok(if changed > 0 { Entered::Done } else { Entered::Already })
}

/// Corrects how long a program ran.
pub(super) fn settle(desk: Desk<'_>, call_id: MessageId, millis: u64) -> rusqlite::Result<Entered> {
    let sql = "UPDATE audit SET millis = ?2 WHERE call_id = ?1 AND allowed";
    let values = params![call_id.to_string(), integer(millis)];
    let changed = desk.connection.prepare_cached(sql)?.execute(values)?;
    Ok(if changed > 0 { Entered::Done } else { Entered::Missing })
}

/// Removes decisions.
pub(super) fn drop_rows(desk: Desk<'_>, rows: &[i64]) -> rusqlite::Result<Entered> {
    let mut delete = desk.connection.prepare_cached("DELETE FROM audit WHERE id = ?")?;
    let mut removed = 0;
    for row in rows {
        removed += delete.execute([row])?;
    }
    Ok(if removed > 0 { Entered::Done } else { Entered::Missing })
}

/// The oldest decisions from before a moment, but for those of workflows that are still at work: what they may is counted
/// from them.
pub(crate) fn old(
    connection: &Connection,
    before: Timestamp,
    most: usize,
) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT id FROM audit
               WHERE at < ?1 AND workflow_id NOT IN (
                   SELECT id FROM workflows
                   WHERE status IN ('running', 'interrupted', 'paused', 'cancelling'))
               ORDER BY id LIMIT ?2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(sql)?;
    select.query_map(params![before.0, most], |row| row.get(0))?.collect()
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Decisions, the newest first.
pub(crate) fn rows(
    connection: &Connection,
    filter: &AuditFilter,
) -> rusqlite::Result<Vec<AuditRow>> {
    let mut sql = String::from(
        "SELECT id, at, call_id, actor, workflow_id, run, place, tool, target, allowed, rule, why,
             bytes, millis
         FROM audit WHERE true",
    );
    let mut values = Vec::new();
    let texts = [
        (" AND call_id = ?", &filter.call_id),
        (" AND actor = ?", &filter.actor),
        (" AND workflow_id = ?", &filter.workflow_id),
        (" AND tool = ?", &filter.tool),
    ];
    for (test, value) in texts {
        if let Some(value) = value {
            sql.push_str(test);
            values.push(Value::Text(value.clone()));
        }
    }
    if let Some(rule) = &filter.rule {
        sql.push_str(" AND (rule = ? OR substr(rule, 1, length(?) + 1) = ? || '.')");
        values.extend([(); 3].map(|()| Value::Text(rule.clone())));
    }
    if let Some(allowed) = filter.allowed {
        sql.push_str(" AND allowed = ?");
        values.push(Value::Integer(allowed.into()));
    }
    if let Some(before) = filter.before {
        sql.push_str(" AND id < ?");
        values.push(Value::Integer(before));
    }
    sql.push_str(" ORDER BY id DESC LIMIT ?");
    values.push(Value::Integer(i64::try_from(filter.limit).unwrap_or(i64::MAX)));
    let mut select = connection.prepare_cached(&sql)?;
    select.query_map(params_from_iter(values), row)?.collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        id: row.get(0)?,
        at: Timestamp(row.get(1)?),
        call_id: MessageId(parsed::<uuid::Uuid>(row, 2)?),
        actor: row.get(3)?,
        workflow_id: WorkflowId(parsed::<Name>(row, 4)?),
        run: row.get(5)?,
        place: row.get(6)?,
        tool: row.get(7)?,
        target: row.get(8)?,
        allowed: row.get(9)?,
        rule: row.get(10)?,
        why: row.get(11)?,
        bytes: number(row, 12)?,
        millis: number(row, 13)?,
    })
}

fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(index)?.try_into().unwrap_or(0))
}

fn parsed<T: FromStr>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(index)?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
    })
}

/// What the one of this decision has done in its run, this call apart.
pub(crate) fn used(connection: &Connection, of: &AuditRow) -> rusqlite::Result<Used> {
    let sql =
        "SELECT coalesce(sum(tool = ?4), 0), coalesce(sum(bytes), 0), coalesce(sum(millis), 0)
               FROM audit
               WHERE workflow_id = ?1 AND run = ?2 AND actor = ?3 AND allowed AND call_id <> ?5";
    let values =
        params![of.workflow_id.0.as_str(), of.run, of.actor, of.tool, of.call_id.to_string()];
    connection.prepare_cached(sql)?.query_row(values, |row| {
        Ok(Used { calls: number(row, 0)?, bytes: number(row, 1)?, millis: number(row, 2)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_forgotten_in_time_but_not_while_their_workflow_is_at_work() {
        let connection = Connection::open_in_memory().unwrap();
        let audit = include_str!("../../../../migrations/0013_audit.sql");
        connection.execute_batch(audit).unwrap();
        let rows = "CREATE TABLE workflows (id TEXT, status TEXT);
            INSERT INTO workflows VALUES ('open', 'interrupted'), ('ended', 'completed');
            INSERT INTO audit (at, call_id, actor, workflow_id, run, place, tool, target, allowed, rule) VALUES
                (1, 'a', '', 'open', 1, '', '', '', 1, ''), (1, 'b', '', 'ended', 1, '', '', '', 1, ''),
                (1, 'c', '', 'gone', 1, '', '', '', 1, ''), (9, 'd', '', 'ended', 1, '', '', '', 1, '');";
        connection.execute_batch(rows).unwrap();
        let found = old(&connection, Timestamp(5), 10).unwrap();
        assert_eq!(found, [2, 3]);
        assert_eq!(old(&connection, Timestamp(5), 1).unwrap(), [2]);
        let desk = Desk { connection: &connection, now: Timestamp(10) };
        assert!(matches!(drop_rows(desk, &found).unwrap(), Entered::Done));
        assert!(old(&connection, Timestamp(5), 10).unwrap().is_empty());
        let left: i64 =
            connection.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 2);
    }
}
