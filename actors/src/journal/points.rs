//! Points of time series, and totals, as they are asked for and given.

use super::store::{definitions, points, read_only, settings};
use super::{DefinitionRow, Fault, OpenError, Performance, Reader, SettingRow, Summed};
use crate::vocabulary::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One point of a time series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The series.
    pub name: String,
    /// The value.
    pub value: f64,
    /// What it is about.
    pub tags: Map<String, Value>,
    /// The beginning of the hour that it sums up.
    pub timestamp: Timestamp,
}

/// Which points are wanted.
#[derive(Debug, Clone)]
pub struct PointFilter {
    /// A series, or the beginning of the names of several, up to a dot.
    pub name: Option<String>,
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub until: Timestamp,
    /// Tags that a point has to have.
    pub tags: Vec<(String, String)>,
    /// How many at most.
    pub limit: usize,
}

/// What totals are by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalBy {
    /// On whose behalf; the empty key is nobody.
    Agent,
    /// The model that was ordered.
    Model,
    /// The runtime.
    Runtime,
    /// The day of the end, UTC.
    Day,
}

/// What everything with one key came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The agent, model, runtime or day.
    pub key: String,
    /// What it came to.
    pub performance: Performance,
}

impl TotalBy {
    /// The key that a sum goes to.
    pub(super) fn of(self, sum: &Summed) -> String {
        match self {
            Self::Agent => sum.agent_id.clone(),
            Self::Model => sum.model.clone(),
            Self::Runtime => sum.runtime.clone(),
            Self::Day => sum.hour.rfc3339().chars().take(10).collect(),
        }
    }
}

impl Reader {
    /// Settings that were made while a server ran, by key.
    pub async fn settings(&self) -> Result<BTreeMap<String, SettingRow>, Fault> {
        self.query(settings::all).await
    }

    /// Definitions that were registered while a server ran, by name.
    pub async fn definitions(&self) -> Result<BTreeMap<String, DefinitionRow>, Fault> {
        self.query(definitions::all).await
    }

    /// Up to which moment everything that ended has been summed up, and when the first thing behind
    /// that ended.
    pub async fn summed(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
        self.query(points::standing).await
    }

    /// What ended from `from` up to, and without, `until`, by hour, runtime, model and agent.
    pub async fn ended(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Summed>, Fault> {
        self.query(move |c| points::ended(c, from, until)).await
    }

    /// Points, oldest first.
    pub async fn points(&self, filter: PointFilter) -> Result<Vec<Point>, Fault> {
        self.query(move |c| points::points(c, &filter)).await
    }

    /// What everything came to, by one of its sides; from and until are days' beginnings.
    pub async fn totals(
        &self,
        by: TotalBy,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Total>, Fault> {
        self.query(move |c| points::totals(c, by, from, until)).await
    }

    /// How many processes are at work or wait, by runtime and status.
    pub async fn open_processes(&self) -> Result<Vec<(String, String, i64)>, Fault> {
        self.query(points::open_processes).await
    }
}

/// The settings in a database that nobody has opened yet; none where there is no database.
pub fn stored_settings(
    database: &std::path::Path,
) -> Result<BTreeMap<String, SettingRow>, OpenError> {
    unopened(database, settings::all)
}

/// The definitions in a database that nobody has opened yet; none where there is no database.
pub fn stored_definitions(
    database: &std::path::Path,
) -> Result<BTreeMap<String, DefinitionRow>, OpenError> {
    unopened(database, definitions::all)
}

fn unopened<T: Default>(
    database: &std::path::Path,
    read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> Result<T, OpenError> {
    if !database.is_file() {
        return Ok(T::default());
    }
    let sql = |source| OpenError::Sql { path: database.to_owned(), source };
    read(&read_only(database)?).map_err(sql)
}
