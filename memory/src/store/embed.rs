//! Giving items their vectors, and moving a store to another model behind its back.
//!
//! Whoever embeds asks what waits ([`Store::pending`]), has it embedded (here, or by a provider far away), and
//! brings it back ([`Store::embedded`]). Each batch is a commit, so a crash costs one batch. When nothing waits
//! any more, the vectors of the new model serve, in the very commit that brought the last; until
//! then the old ones do.

use super::Store;
use super::held::Change;
use super::write::put_vector;
use crate::database::spaces::{self, Role, Space};
use crate::database::vectors::bytes_of;
use crate::database::{Fault, items, vectors};
use crate::error::{Error, Result};
use crate::model::{Pinned, check_values};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// How many retired vectors a step clears away.
const CLEARED_A_STEP: i64 = 5_000;

/// Something that embeds texts where it is called.
pub trait Embed {
    /// Its model.
    fn model(&self) -> &Pinned;

    /// A vector for each text, in their order, or why there can be none for it (it will not be asked again).
    ///
    /// # Errors
    /// Why nothing could be embedded now.
    fn embed(&mut self, texts: &[&str]) -> Result<Vec<Result<Vec<f32>, String>>, String>;
}

/// An item that waits for a vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The item's id.
    pub id: String,
    /// What is to be embedded.
    pub text: String,
    /// Which item it was then: one that changed meanwhile has another.
    number: i64,
}

/// What came of embedding an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedded {
    /// Who waited.
    pub pending: Pending,
    /// Its vector, or why there will be none.
    pub outcome: Result<Vec<f32>, String>,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How many items got a vector.
    pub embedded: usize,
    /// How many the model would not embed.
    pub refused: usize,
    /// Whether nothing waits any more, and nothing is left to clear away.
    pub is_done: bool,
}

impl Store {
    /// The model that is being filled, and at most so many items that wait for a vector of it, the oldest first.
    pub fn pending(&mut self, most: usize) -> Result<Option<(Pinned, Vec<Pending>)>> {
        let Some(space) = self.filled().cloned() else { return Ok(None) };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let behind = self.embedded_up_to;
        let waiting = self
            .database
            .read(|connection| vectors::waiting(connection, space.number, behind, most))?;
        if let Some(first) = waiting.first() {
            self.embedded_up_to = first.number - 1;
        }
        let pending = waiting.into_iter().map(|waiting| Pending {
            id: waiting.id,
            text: waiting.text,
            number: waiting.number,
        });
        Ok(Some((space.pinned, pending.collect())))
    }

    /// Takes in what a model made of items that waited. What changed or went meanwhile is passed over. If nothing
    /// waits any more, the model serves from now on.
    ///
    /// # Errors
    /// `Vector`, if the model is not the one that is being filled, or a vector is not one of its; nothing is taken then.
    pub fn embedded(&mut self, model: &str, results: &[Embedded]) -> Result<Step> {
        let space = self.filled().filter(|space| space.pinned.model == model).cloned();
        let Some(space) = space else {
            return Err(Error::Vector(format!("no vectors of {model:?} are waited for")));
        };
        for values in results.iter().filter_map(|result| result.outcome.as_ref().ok()) {
            check_values(values, &space.pinned)?;
        }
        let (growing, behind) = (self.growing.is_some(), self.embedded_up_to);
        let (step, changes) = self.database.write(|transaction| {
            let (mut step, changes) = take(transaction, &space, results)?;
            step.is_done = vectors::waiting(transaction, space.number, behind, 1)?.is_empty();
            if growing && step.is_done {
                serve(transaction, space.number)?;
            }
            Ok((step, changes))
        })?;
        self.follow(&changes);
        if growing && step.is_done {
            self.look_up_spaces()?;
        }
        Ok(step)
    }

    /// Embeds at most so many items that wait, with an embedder at hand; then clears away some of what no model
    /// serves any more. Call it until it is done, with pauses as one likes.
    pub fn reembed_step(&mut self, embedder: &mut dyn Embed, most: usize) -> Result<Step> {
        let model = embedder.model().clone();
        if self.filled().map(|space| &space.pinned) != Some(&model) {
            self.pin(&model)?;
        }
        let pending = self.pending(most)?.map(|(_, pending)| pending).unwrap_or_default();
        let texts: Vec<&str> = pending.iter().map(|pending| pending.text.as_str()).collect();
        let failed = |reason| Error::Embedder { model: model.model.clone(), reason };
        let made =
            if texts.is_empty() { Vec::new() } else { embedder.embed(&texts).map_err(failed)? };
        if made.len() != pending.len() {
            let reason = format!("it gave {} vectors for {} texts", made.len(), pending.len());
            return Err(failed(reason));
        }
        let results = pending.into_iter().zip(made);
        let results: Vec<_> =
            results.map(|(pending, outcome)| Embedded { pending, outcome }).collect();
        let step = self.embedded(&model.model, &results)?;
        let is_clear = self.tidy_step()?;
        Ok(Step { is_done: step.is_done && is_clear, ..step })
    }

    /// Clears away some vectors of models that serve no more; says whether none is left.
    pub fn tidy_step(&mut self) -> Result<bool> {
        self.database.write(|transaction| {
            let Some(retired) = spaces::with_role(transaction, Role::Retired)? else {
                return Ok(true);
            };
            spaces::clear(transaction, retired.number, CLEARED_A_STEP)?;
            Ok(false)
        })
    }
}

fn take(
    connection: &Connection,
    space: &Space,
    results: &[Embedded],
) -> Result<(Step, Vec<Change>), Fault> {
    let mut step = Step { embedded: 0, refused: 0, is_done: false };
    let mut changes = Vec::new();
    for Embedded { pending, outcome } in results {
        if items::by_number(connection, pending.number)?.is_none() {
            continue;
        }
        match outcome {
            Ok(values) => {
                let vector = Some((space.number, bytes_of(values)));
                put_vector(connection, pending.number, vector, &mut changes)?;
                step.embedded += 1;
            }
            Err(reason) => {
                vectors::refuse(connection, pending.number, space.number, reason)?;
                step.refused += 1;
            }
        }
    }
    Ok((step, changes))
}

/// The space that was growing serves, and what served is retired.
fn serve(connection: &Connection, space: i64) -> Result<(), Fault> {
    if let Some(old) = spaces::with_role(connection, Role::Serving)? {
        spaces::set_role(connection, old.number, Role::Retired)?;
    }
    Ok(spaces::set_role(connection, space, Role::Serving)?)
}
