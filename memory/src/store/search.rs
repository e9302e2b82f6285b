//! Searching: filter first, then by vector and by words, then both joined.

use super::fuse::{Fused, fuse};
use super::query::Parts;
use super::{Found, Hit, How, Query, Store};
use crate::catalogue::Bits;
use crate::database::vectors::floats_of;
use crate::database::{items, vectors, words};
use crate::error::{Error, Result};
use crate::model::{Embedding, check_values};
use crate::vectors::{Near, squared};

impl Store {
    /// The items that fit a query best.
    ///
    /// The filter is applied before the best are picked: whoever asks for ten gets ten, if so many meet it. By vector and by
    /// words, each list is followed to four times `k`, at least 100, before they are joined.
    ///
    /// # Errors
    /// `Query` for what means nothing, `Vector` for a vector of another model.
    pub fn search(&mut self, query: &Query) -> Result<Found> {
        let parts = query.parts()?;
        parts.vector.map_or(Ok(()), |vector| self.check_query(vector))?;
        let allowed = match &query.filter {
            Some(filter) => Some(self.hold()?.catalogue.allowed(filter)),
            None => None,
        };
        let is_joined = parts.text.is_some() && parts.vector.is_some();
        let depth = if is_joined { (query.k * 4).max(100) } else { query.k };
        let (near, how) = match parts.vector {
            Some(vector) => self.nearest(&vector.values, depth, allowed.as_ref())?,
            None => (Vec::new(), How::Not),
        };
        let by_words = match parts.text {
            Some(text) => self.by_words(text, depth, allowed.as_ref())?,
            None => Vec::new(),
        };
        let by_vector: Vec<i64> = near.iter().map(|near| near.who).collect();
        let mut joined = fuse(&by_vector, &by_words);
        joined.truncate(query.k);
        let hits = joined.into_iter().map(|fused| self.hit(fused, &near, &parts));
        let hits = hits.filter_map(Result::transpose).collect::<Result<_>>()?;
        Ok(Found { hits, vectors: how })
    }

    fn check_query(&self, vector: &Embedding) -> Result<()> {
        let Some(pinned) = self.serving() else {
            return Err(Error::Vector("the store has no model, so it holds no vectors".to_owned()));
        };
        if vector.model != pinned.model {
            return Err(Error::Vector(format!(
                "it was made by {:?}, the store is searched by {:?}",
                vector.model, pinned.model
            )));
        }
        check_values(&vector.values, pinned)
    }

    fn by_words(&mut self, text: &str, depth: usize, allowed: Option<&Bits>) -> Result<Vec<i64>> {
        let held = self.held.as_ref();
        let is_allowed = |number| match (allowed, held) {
            (Some(bits), Some(held)) => {
                held.catalogue.slot(number).is_some_and(|slot| bits.contains(slot as usize))
            }
            _ => true,
        };
        self.database.read(|connection| words::search(connection, text, depth, is_allowed))
    }

    fn hit(&mut self, fused: Fused, near: &[Near], parts: &Parts<'_>) -> Result<Option<Hit>> {
        let Some(numbered) =
            self.database.read(|connection| items::by_number(connection, fused.number))?
        else {
            return Ok(None);
        };
        let squared = match (fused.ranks.vector, parts.vector) {
            (Some(rank), _) => Some(near[rank - 1].squared),
            (None, Some(vector)) => self.distance(fused.number, &vector.values)?,
            (None, None) => None,
        };
        let distance = squared.map(|squared| f64::from(squared).sqrt());
        let similarity = distance.map(|distance| 1.0 / (1.0 + distance));
        let why = why(&fused, distance);
        let (ranks, score) = (fused.ranks, fused.score);
        Ok(Some(Hit { item: numbered.item, similarity, distance, ranks, score, why }))
    }

    /// How far an item that was found by words alone is from the query, if it has a vector.
    fn distance(&mut self, number: i64, query: &[f32]) -> Result<Option<f32>> {
        let Some(space) = self.serving.as_ref().map(|space| space.number) else { return Ok(None) };
        let bytes = self.database.read(|connection| vectors::of(connection, number, space))?;
        Ok(bytes.map(|bytes| squared(query, &floats_of(&bytes).collect::<Vec<_>>())))
    }
}

fn why(fused: &Fused, distance: Option<f64>) -> String {
    let by_vector = fused.ranks.vector.zip(distance);
    let by_vector = by_vector
        .map(|(rank, distance)| format!("number {rank} by meaning (distance {distance:.3})"));
    let by_words = fused.ranks.keywords.map(|rank| format!("number {rank} by words"));
    by_vector.into_iter().chain(by_words).collect::<Vec<_>>().join(", ")
}
