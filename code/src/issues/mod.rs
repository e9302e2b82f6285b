//! What a reviewer should look at: patterns of a syntax tree, and sizes above thresholds.
//!
//! A pattern shows what is written, not what runs: an issue is a reason to look, and no issue no proof. What macros
//! contain, in Rust, is a row of tokens to the grammar and is not looked at.

mod catalogue;
mod issue;
mod measured;
mod queries;
mod rule;
mod search;

pub use catalogue::rules;
pub use issue::{Issue, Issues};
pub use rule::{Category, Rule, Severity};
pub use search::issues;

pub(crate) use search::found;
