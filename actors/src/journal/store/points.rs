//! Reading what was done: sums of what ended, points of time series, totals.

use super::aside::summed_until;
use crate::journal::{Performance, Point, PointFilter, Summed, Total, TotalBy};
use crate::vocabulary::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params, params_from_iter};
use std::fmt::Write;

/// Up to which moment everything has been summed up, and when the first thing behind that ended.
pub(crate) fn standing(
    connection: &Connection,
) -> rusqlite::Result<(Option<Timestamp>, Option<Timestamp>)> {
    let until = summed_until(connection)?;
    let sql = "SELECT min(completed_at) FROM processes INDEXED BY processes_ended
               WHERE completed_at IS NOT NULL AND completed_at >= ?";
    let from = until.map_or(i64::MIN, |moment| moment.0);
    let next: Option<i64> = connection.prepare_cached(sql)?.query_row([from], |row| row.get(0))?;
    Ok((until, next.map(Timestamp)))
}

/// What ended from `from` up to, and without, `until`, by hour, runtime, model and agent.
pub(crate) fn ended(
    connection: &Connection,
    from: Timestamp,
    until: Timestamp,
) -> rusqlite::Result<Vec<Summed>> {
    let sql = "SELECT completed_at - completed_at % 3600000 AS hour, runtime, model,
                   coalesce(agent_id, ''), count(*), sum(status <> 'COMPLETED'), count(metrics),
                   coalesce(sum(metrics ->> 'duration_ms'), 0),
                   coalesce(sum(metrics ->> 'tokens_in'), 0),
                   coalesce(sum(metrics ->> 'tokens_out'), 0),
                   coalesce(sum(metrics ->> 'cost_usd'), 0.0)
               FROM processes INDEXED BY processes_ended
               WHERE completed_at IS NOT NULL AND completed_at >= ?1 AND completed_at < ?2
                   AND status IN ('COMPLETED', 'DEAD', 'FAILED')
               GROUP BY hour, runtime, model, coalesce(agent_id, '')";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![from.0, until.0], |row| {
        Ok(Summed {
            hour: Timestamp(row.get(0)?),
            runtime: row.get(1)?,
            model: row.get(2)?,
            agent_id: row.get(3)?,
            performance: performance(row, 4)?,
        })
    })?;
    rows.collect()
}

/// Seven columns from `first` on.
fn performance(row: &Row<'_>, first: usize) -> rusqlite::Result<Performance> {
    Ok(Performance {
        count: row.get(first)?,
        failures: row.get(first + 1)?,
        answers: row.get(first + 2)?,
        duration_ms: row.get(first + 3)?,
        tokens_in: row.get(first + 4)?,
        tokens_out: row.get(first + 5)?,
        cost_usd: row.get(first + 6)?,
    })
}

/// Points, oldest first.
pub(crate) fn points(
    connection: &Connection,
    filter: &PointFilter,
) -> rusqlite::Result<Vec<Point>> {
    let mut sql = String::from(
        "SELECT metric_name, metric_value, tags, timestamp FROM metrics
         WHERE timestamp >= ? AND timestamp < ?",
    );
    let mut values = vec![Sql::Integer(filter.from.0), Sql::Integer(filter.until.0)];
    if let Some(name) = &filter.name {
        sql.push_str(" AND (metric_name = ? OR substr(metric_name, 1, length(?) + 1) = ? || '.')");
        values.extend([(); 3].map(|()| Sql::Text(name.clone())));
    }
    for (tag, value) in &filter.tags {
        // A tag is a parameter too: what stands in a request is no SQL.
        let _ = write!(sql, " AND (SELECT value FROM json_each(tags) WHERE key = ?) = ?");
        values.extend([Sql::Text(tag.clone()), Sql::Text(value.clone())]);
    }
    sql.push_str(" ORDER BY timestamp, metric_name, tags LIMIT ?");
    values.push(Sql::Integer(i64::try_from(filter.limit).unwrap_or(i64::MAX)));
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map(params_from_iter(values), |row| {
        let tags: String = row.get(2)?;
        Ok(Point {
            name: row.get(0)?,
            value: row.get(1)?,
            tags: serde_json::from_str(&tags).unwrap_or_default(),
            timestamp: Timestamp(row.get(3)?),
        })
    })?;
    rows.collect()
}

/// What everything came to, up to now, by one of its sides, from a day on and before another.
pub(crate) fn totals(
    connection: &Connection,
    by: TotalBy,
    from: Timestamp,
    until: Timestamp,
) -> rusqlite::Result<Vec<Total>> {
    let key = match by {
        TotalBy::Agent => "agent_id",
        TotalBy::Model => "model",
        TotalBy::Runtime => "runtime",
        TotalBy::Day => "strftime('%Y-%m-%d', day / 1000, 'unixepoch')",
    };
    let sql = format!(
        "SELECT {key} AS key, sum(count), sum(failures), sum(answers), sum(duration_ms),
             sum(tokens_in), sum(tokens_out), sum(cost_usd)
         FROM totals WHERE day >= ?1 AND day < ?2 GROUP BY key ORDER BY key"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map([from.0, until.0], |row| {
        Ok(Total { key: row.get(0)?, performance: performance(row, 1)? })
    })?;
    let mut totals = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // What ended since the last full hour stands in the processes alone.
    let tail = summed_until(connection)?.unwrap_or(Timestamp(0)).max(from);
    for sum in ended(connection, tail, until)? {
        add(&mut totals, by.of(&sum), &sum.performance);
    }
    totals.sort_by(|left, right| left.key.cmp(&right.key));
    Ok(totals)
}

fn add(totals: &mut Vec<Total>, key: String, performance: &Performance) {
    match totals.iter_mut().find(|total| total.key == key) {
        Some(total) => total.performance.add(performance),
        None => totals.push(Total { key, performance: *performance }),
    }
}

/// How many processes are at work or wait, by runtime and status.
pub(crate) fn open_processes(
    connection: &Connection,
) -> rusqlite::Result<Vec<(String, String, i64)>> {
    let sql = "SELECT runtime, status, count(*) FROM processes INDEXED BY processes_open
               WHERE status IN ('PENDING', 'RETRY', 'STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING')
               GROUP BY runtime, status";
    let mut select = connection.prepare_cached(sql)?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}
