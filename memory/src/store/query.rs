//! What is looked for, and what is found.

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::item::Item;
use crate::model::Embedding;
use serde::{Deserialize, Serialize};

/// The most hits that one search gives.
const MOST_HITS: usize = 10_000;

/// By what to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By whatever the query has: words, a vector, or both.
    #[default]
    Auto,
    /// By the vector alone.
    Vector,
    /// By the words alone.
    Keywords,
    /// By both, fused; a query without a vector is searched by its words.
    Hybrid,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Words, any of which may occur.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the store's model made of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Embedding>,
    /// Only items that meet this are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// How many hits at most.
    #[serde(default = "five")]
    pub k: usize,
    /// By what.
    #[serde(default)]
    pub mode: Mode,
}

/// The original's default.
fn five() -> usize {
    5
}

impl Query {
    /// The five that fit these words best.
    pub fn text(text: impl Into<String>) -> Self {
        let text = Some(text.into());
        Self { text, vector: None, filter: None, k: five(), mode: Mode::Auto }
    }

    /// The five nearest to this vector.
    pub fn vector(vector: Embedding) -> Self {
        Self { text: None, vector: Some(vector), filter: None, k: five(), mode: Mode::Auto }
    }

    /// The same with a vector of the words.
    pub fn with_vector(self, vector: Embedding) -> Self {
        Self { vector: Some(vector), ..self }
    }

    /// The same among the items that meet a filter.
    pub fn among(self, filter: Filter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// The same with at most so many hits.
    pub fn at_most(self, k: usize) -> Self {
        Self { k, ..self }
    }

    /// The same in another mode.
    pub fn by(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// Refuses what cannot be searched; says what is used of it.
    pub(super) fn parts(&self) -> Result<Parts<'_>> {
        let refuse = |what: &str| Err(Error::Query(what.to_owned()));
        if self.k == 0 || self.k > MOST_HITS {
            return Err(Error::Query(format!(
                "{} hits were asked for, 1 to {MOST_HITS} can be",
                self.k
            )));
        }
        self.filter.as_ref().map_or(Ok(()), Filter::check)?;
        let (text, vector) = (self.text.as_deref(), self.vector.as_ref());
        match self.mode {
            Mode::Vector if vector.is_none() => refuse("it is by vector, and has none"),
            Mode::Keywords | Mode::Hybrid if text.is_none() => {
                refuse("it is by words, and has none")
            }
            Mode::Auto if text.is_none() && vector.is_none() => {
                refuse("it has neither words nor a vector")
            }
            Mode::Vector => Ok(Parts { text: None, vector }),
            Mode::Keywords => Ok(Parts { text, vector: None }),
            Mode::Auto | Mode::Hybrid => Ok(Parts { text, vector }),
        }
    }
}

/// What of a query is searched by.
pub(super) struct Parts<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) vector: Option<&'a Embedding>,
}

/// Where a hit stands in each list, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ranks {
    /// By distance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<usize>,
    /// By words (BM25).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<usize>,
}

/// An item that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// It.
    pub item: Item,
    /// How near it is to the query's vector: 1 / (1 + L2), from 1 (the same) down to 0. Known where both have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// The Euclidean distance itself (L2; what FAISS tells is its square).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// Where it stands in the lists that were fused.
    pub ranks: Ranks,
    /// What hits are sorted by: the sum of 1 / (60 + rank) over the lists.
    pub score: f64,
    /// Why it is among the hits, in words.
    pub why: String,
}

/// How vectors were searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Not at all.
    Not,
    /// Every allowed one, in memory.
    Exact,
    /// Every allowed one, from the file: there are too many for the memory that is allowed.
    ExactFromDisk,
    /// Through the index: a few per cent of the nearest may be missing. What is newer than the index was looked at.
    Index,
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// How vectors were searched.
    pub vectors: How,
}
