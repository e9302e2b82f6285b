//! Vectors in memory, and the exact search among them.
//!
//! All rows lie one behind the other, so a search is one pass at the speed of memory: 100,000 vectors of
//! 384 numbers take about as long as FAISS's flat index (`docs/BENCHMARKS.md` has the ratio).

mod distance;
mod matrix;
mod top;

pub(crate) use distance::squared;
pub(crate) use matrix::Matrix;
pub(crate) use top::{Near, Top};
