//! From YAML to a [`Definition`](super::Definition) that remembers where everything was written: every problem names
//! its file, line and column, and all of them are told at once.

mod places;
mod pointer;
mod problem;
mod scalar;
mod shape;
mod written;
mod yaml;

pub(super) use places::Spot;
pub(super) use pointer::Pointer;
pub(super) use problem::Findings;
pub use problem::Problem;
pub use written::{Written, read};
