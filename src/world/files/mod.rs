//! Looking into a workspace: pieces of files, lists of files, and searching in them. What may be reached at all is decided
//! by the core's `Root`; here it is bounded, since a model has to read all that it is given.

mod lines;
mod search;
mod tour;

pub(super) use lines::{Piece, piece};
pub(super) use search::{Search, search};
pub(super) use tour::{Picked, Tour};
