//! What filters look at, held in memory: which items there are, and which have which values.
//!
//! A filter becomes a set of bits, one for each item, before anything is searched; so "the best ten of
//! those" never means "those among the best ten". It holds as much memory as the metadata has text, and
//! some 60 bytes for each different value.

mod bits;
mod fields;
mod held;
mod postings;

pub(crate) use bits::Bits;
pub(crate) use held::Catalogue;
