//! Writing rows outside any stream: settings, and sums of what was done.

use super::definitions;
use crate::journal::{AsideRows, Fault, SettingRow, Summed};
use crate::vocabulary::{Position, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// Up to which moment everything has been summed up, in `meta`.
pub(super) const SUMMED_UNTIL: &str = "summed_until";

/// What the series of the processes' hours is called.
const SERIES: &str = "process.performance";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Whether the rows are as whoever writes believes they are.
pub(super) fn expect(
    connection: &Connection,
    rows: &AsideRows,
) -> rusqlite::Result<Result<(), Fault>> {
    let (expected, found) = match rows {
        AsideRows::Setting { key, expected, .. } => (*expected, position(connection, key)?),
        AsideRows::Definition { name, expected, .. } => {
            (*expected, definitions::position(connection, name)?)
        }
        AsideRows::Hours { expected, .. } => {
            let found = summed_until(connection)?;
            (expected.map_or(0, |moment| moment.0), found.map_or(0, |moment| moment.0))
        }
        AsideRows::Sealed(_) => return Ok(Ok(())),
    };
    Ok(if expected == found { Ok(()) } else { Err(Fault::Conflict { expected, found }) })
}

fn position(connection: &Connection, key: &str) -> rusqlite::Result<Position> {
    let sql = "SELECT position FROM config WHERE key = ?";
    let found = connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

/// Up to which moment everything has been summed up; `None`: nothing has.
pub(super) fn summed_until(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT value FROM meta WHERE key = ?";
    let mut select = connection.prepare_cached(sql)?;
    let text: Option<String> = select.query_row([SUMMED_UNTIL], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| text.parse().ok()).map(Timestamp))
}

/// Writes the rows. `first` is the position of the first message that tells of them.
pub(super) fn write(
    connection: &Connection,
    rows: &AsideRows,
    first: Position,
    now: Timestamp,
) -> rusqlite::Result<()> {
    match rows {
        AsideRows::Setting { key, value: Some(row), .. } => put(connection, key, row, first, now),
        AsideRows::Setting { key, value: None, .. } => {
            connection.prepare_cached("DELETE FROM config WHERE key = ?")?.execute([key]).map(drop)
        }
        AsideRows::Definition { name, value: Some(row), .. } => {
            definitions::put(connection, name, row, first, now)
        }
        AsideRows::Definition { name, value: None, .. } => definitions::remove(connection, name),
        AsideRows::Sealed(rows) => rows.iter().try_for_each(|(key, value)| {
            let sql = "UPDATE config SET value = ?2 WHERE key = ?1 AND secret = 1";
            connection.prepare_cached(sql)?.execute([key, value]).map(drop)
        }),
        AsideRows::Hours { until, sums, forget_before, .. } => {
            add_points(connection, sums)?;
            sums.iter().try_for_each(|sum| add_total(connection, sum))?;
            let sql = "DELETE FROM metrics WHERE timestamp < ?";
            connection.prepare_cached(sql)?.execute([forget_before.0])?;
            let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            let until = until.0.to_string();
            connection.prepare_cached(sql)?.execute([SUMMED_UNTIL, until.as_str()]).map(drop)
        }
    }
}

fn put(
    connection: &Connection,
    key: &str,
    row: &SettingRow,
    position: Position,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO config (key, value, description, secret, updated_at, position)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, position = excluded.position,
                   description = excluded.description, secret = excluded.secret,
                   updated_at = excluded.updated_at";
    let values = params![key, row.value, row.description, row.is_secret, now.0, position];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

/// Points are by runtime and model: the agents of an hour are one.
fn add_points(connection: &Connection, sums: &[Summed]) -> rusqlite::Result<()> {
    let mut buckets = BTreeMap::new();
    for Summed { hour, runtime, model, performance, .. } in sums {
        let tags = serde_json::json!({ "model": model, "runtime": runtime }).to_string();
        let bucket: &mut crate::journal::Performance = buckets.entry((*hour, tags)).or_default();
        bucket.add(performance);
    }
    let sql = "INSERT INTO metrics (metric_name, metric_value, tags, timestamp)
               VALUES (?1, ?2, ?3, ?4)";
    let mut insert = connection.prepare_cached(sql)?;
    for ((hour, tags), performance) in buckets {
        for (name, value) in performance.points() {
            insert.execute(params![format!("{SERIES}.{name}"), value, tags, hour.0])?;
        }
    }
    Ok(())
}

fn add_total(connection: &Connection, sum: &Summed) -> rusqlite::Result<()> {
    let sql = "INSERT INTO totals (day, runtime, model, agent_id, count, failures, answers,
                   duration_ms, tokens_in, tokens_out, cost_usd)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
               ON CONFLICT DO UPDATE SET count = count + excluded.count,
                   failures = failures + excluded.failures, answers = answers + excluded.answers,
                   duration_ms = duration_ms + excluded.duration_ms,
                   tokens_in = tokens_in + excluded.tokens_in,
                   tokens_out = tokens_out + excluded.tokens_out,
                   cost_usd = cost_usd + excluded.cost_usd";
    let day = sum.hour.0 - sum.hour.0.rem_euclid(DAY_MS);
    let Summed { runtime, model, agent_id, performance: sums, .. } = sum;
    let values = params![
        day,
        runtime,
        model,
        agent_id,
        sums.count,
        sums.failures,
        sums.answers,
        sums.duration_ms,
        sums.tokens_in,
        sums.tokens_out,
        sums.cost_usd,
    ];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}
