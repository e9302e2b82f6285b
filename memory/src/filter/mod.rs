//! Which items are looked at at all: conditions on metadata, applied before the best are picked.

mod condition;
mod number;
mod scalar;

pub use condition::{Filter, Range};
pub use number::Number;
pub use scalar::Scalar;
