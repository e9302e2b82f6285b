//! Which model made a vector, and what has to be true of a vector.
//!
//! Vectors of different models cannot be compared, even where they are equally long; so a vector
//! never goes without the name of its model, and a store is pinned to one.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The longest vector that is taken: twice what any provider offers today.
const LONGEST: usize = 8_192;

/// A model and how many numbers its vectors have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The model's name, such as `text-embedding-3-small`.
    pub model: String,
    /// How many numbers a vector of it has, such as 1,536.
    pub dimension: usize,
}

impl Pinned {
    /// A model with its dimension.
    pub fn new(model: impl Into<String>, dimension: usize) -> Self {
        Self { model: model.into(), dimension }
    }

    /// Whether there can be such a model.
    pub(crate) fn check(&self) -> Result<()> {
        if self.model.is_empty() {
            return Err(Error::Vector("its model has no name".to_owned()));
        }
        if self.dimension == 0 || self.dimension > LONGEST {
            return Err(Error::Vector(format!(
                "{} of {} numbers: between 1 and {LONGEST} are possible",
                self.model, self.dimension
            )));
        }
        Ok(())
    }
}

/// A text as a model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// The model that made it.
    pub model: String,
    /// The vector.
    pub values: Vec<f32>,
}

impl Embedding {
    /// What a model made of a text.
    pub fn new(model: impl Into<String>, values: Vec<f32>) -> Self {
        Self { model: model.into(), values }
    }
}

/// Refuses a vector of another length, or with numbers that have no distance to anything.
pub(crate) fn check_values(values: &[f32], pinned: &Pinned) -> Result<()> {
    if values.len() != pinned.dimension {
        return Err(Error::Vector(format!(
            "it has {} numbers, {} makes {}",
            values.len(),
            pinned.model,
            pinned.dimension
        )));
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(Error::Vector(format!("its number {at} is {}, not finite", values[at]))),
        None => Ok(()),
    }
}
