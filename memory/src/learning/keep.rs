//! Keeping outcomes: rows beside the items that make their tasks findable.

use super::Outcome;
use crate::database::outcomes::{self, OutcomeRow};
use crate::database::{Fault, approaches};
use crate::error::{Error, Result};
use crate::model::{Embedding, Pinned};
use crate::store::{Entry, Store};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// After how many days an outcome counts half: a quarter of a year, in which tools and models change.
pub const HALF_LIFE_DAYS: f64 = 90.0;

/// What recording came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recorded {
    /// It counts from now on.
    New,
    /// It was recorded already, word for word.
    Same,
}

/// What was learned: a folder of its own, with a store for the tasks.
#[derive(Debug)]
pub struct Learning {
    pub(super) store: Store,
    pub(super) half_life_days: f64,
}

impl Learning {
    /// Opens what was learned, as [`Store::open`] does.
    pub fn open(folder: &Path, model: Option<&Pinned>) -> Result<Self> {
        Ok(Self { store: Store::open(folder, model)?, half_life_days: HALF_LIFE_DAYS })
    }

    /// The same with another half-life.
    pub fn with_half_life(self, days: f64) -> Self {
        Self { half_life_days: days, ..self }
    }

    /// The tasks, for those who embed them ([`Store::pending`]), list them, or look at their numbers.
    pub fn tasks(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Records how something went; `embedding` is its task's, if it is at hand. When this returns it is on the disk.
    ///
    /// # Errors
    /// `Outcome` for what cannot be learned from, and for another outcome under an id that was used: what happened does
    /// not change.
    pub fn record(&mut self, outcome: &Outcome, embedding: Option<&Embedding>) -> Result<Recorded> {
        outcome.check()?;
        let row = outcome.approach_row();
        // When a task was first seen is its item's time; later outcomes leave the item as it is.
        let entry = Entry { item: outcome.item(row.item.clone()), embedding: embedding.cloned() };
        let (_, recorded) = self.store.write_all(&[entry], |transaction| {
            let approach = approaches::ensure(transaction, &row)?;
            add(transaction, approach, outcome)
        })?;
        Ok(recorded)
    }
}

fn add(connection: &Connection, approach: i64, outcome: &Outcome) -> Result<Recorded, Fault> {
    let evidence = serde_json::to_string(&outcome.evidence).expect("a map with text keys is JSON");
    let row = OutcomeRow {
        id: outcome.id.clone(),
        approach,
        worked: outcome.worked,
        evidence,
        agent: outcome.agent.clone(),
        at: outcome.at,
    };
    match outcomes::by_id(connection, &outcome.id)? {
        None => {
            outcomes::insert(connection, &row)?;
            Ok(Recorded::New)
        }
        Some(there) if there.says_the_same(&row) => Ok(Recorded::Same),
        Some(_) => {
            let what =
                "another one was recorded under this id: give it an id of its own".to_owned();
            Err(Error::Outcome { id: outcome.id.clone(), what }.into())
        }
    }
}
