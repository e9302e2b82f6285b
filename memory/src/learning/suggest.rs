//! Ranking what is known by what is to be done.

use super::advice::{Suggestion, Tally, recency};
use super::words::likeness;
use super::{Learning, TaskKind};
use crate::database::approaches::{self, ApproachRow};
use crate::database::outcomes;
use crate::error::{Error, Result};
use crate::filter::{Filter, Scalar};
use crate::item::Item;
use crate::model::Embedding;
use crate::store::Query;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many similar tasks are looked at.
const TASKS: usize = 200;

/// How many patterns are looked at where no task says which are similar.
const PATTERNS: usize = 10_000;

/// Whose experience counts. What was learned for no particular language or workspace counts for each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Only tasks of this sort.
    #[serde(default)]
    pub kind: Option<TaskKind>,
    /// Only in this language.
    #[serde(default)]
    pub language: Option<String>,
    /// Only in this workspace.
    #[serde(default)]
    pub workspace: Option<String>,
}

impl Scope {
    fn filter(&self) -> Filter {
        let kind = self.kind.map(|kind| Filter::equals("$kind", kind.name()));
        let places = [("language", &self.language), ("workspace", &self.workspace)];
        let places = places.into_iter().filter_map(|(field, value)| {
            let value = Scalar::from(value.as_deref()?);
            let elsewhere = Filter::Exists { field: field.to_owned() };
            Some(Filter::Or(vec![Filter::equals(field, value), Filter::Not(Box::new(elsewhere))]))
        });
        Filter::And(kind.into_iter().chain(places).collect())
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// In words.
    pub text: String,
    /// What the store's model made of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Embedding>,
}

impl Task {
    /// A task in words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), vector: None }
    }
}

impl Learning {
    /// The approaches that did best for tasks like this, the best first; `now` is in milliseconds since 1970.
    pub fn suggest_approach(
        &mut self,
        task: &Task,
        scope: &Scope,
        most: usize,
        now: i64,
    ) -> Result<Vec<Suggestion>> {
        let mut query = Query::text(&task.text).among(scope.filter()).at_most(TASKS);
        query.vector.clone_from(&task.vector);
        let hits = self.store.search(&query)?.hits;
        let similar = hits.into_iter().map(|hit| {
            let by_words = || likeness(&task.text, &hit.item.text);
            (hit.similarity.unwrap_or_else(by_words), hit.item)
        });
        let similar: Vec<_> = similar.collect();
        self.rank(&similar, most, now)
    }

    /// The patterns that did best, for a task or (without one) for any: then each counts as similar.
    pub fn suggest_patterns(
        &mut self,
        task: Option<&Task>,
        scope: &Scope,
        most: usize,
        now: i64,
    ) -> Result<Vec<Suggestion>> {
        let scope = Scope { kind: Some(TaskKind::Pattern), ..scope.clone() };
        if let Some(task) = task {
            return self.suggest_approach(task, &scope, most, now);
        }
        let (filter, mut patterns, mut behind) = (scope.filter(), Vec::new(), Some(0));
        while let Some(from) = behind.filter(|_| patterns.len() < PATTERNS) {
            let page = self.store.list(Some(&filter), from, 1_000)?;
            patterns.extend(page.items.into_iter().map(|item| (1.0, item)));
            behind = page.next;
        }
        self.rank(&patterns, most, now)
    }

    fn rank(&mut self, similar: &[(f64, Item)], most: usize, now: i64) -> Result<Vec<Suggestion>> {
        let mut tallies: BTreeMap<(TaskKind, String), Tally> = BTreeMap::new();
        for (similarity, item) in similar {
            let found =
                self.store.database.read(|connection| approaches::by_item(connection, &item.id))?;
            if let Some((number, row)) = found {
                self.count(&mut tallies, number, &row, *similarity, now)?;
            }
        }
        let mut ranked: Vec<Suggestion> = tallies.into_values().map(Tally::finish).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.last.at.cmp(&a.last.at)));
        ranked.truncate(most);
        Ok(ranked)
    }

    fn count(
        &mut self,
        tallies: &mut BTreeMap<(TaskKind, String), Tally>,
        number: i64,
        row: &ApproachRow,
        similarity: f64,
        now: i64,
    ) -> Result<()> {
        let kind = kind_of(row)?;
        let outcomes = self.store.database.read(|connection| outcomes::of(connection, number))?;
        for outcome in &outcomes {
            let key = (kind, row.approach.clone());
            let tally = tallies.entry(key).or_insert_with(|| Tally::of(kind, row, outcome));
            tally.count(row, outcome, similarity, recency(now, outcome.at, self.half_life_days));
        }
        Ok(())
    }
}

fn kind_of(row: &ApproachRow) -> Result<TaskKind> {
    let read = serde_json::from_value(row.kind.as_str().into());
    read.map_err(|error| Error::Outcome { id: row.item.clone(), what: error.to_string() })
}
