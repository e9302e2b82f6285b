//! Texts become trees; trees are walked without recursion; what does not parse is told with its exact place.

mod check;
mod error;
mod exact;
mod lenient;
mod source;
mod walk;

pub use check::{Validation, validate};
pub use error::{SyntaxError, SyntaxErrorKind};

pub(crate) use check::validation;
pub(crate) use source::Source;
pub(crate) use walk::{At, Visit, walk};
