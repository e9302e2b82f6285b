//! What worked and what failed, and what is therefore to be advised.
//!
//! An outcome is a fact: for this task, this approach worked, or did not. Advice is arithmetic on facts, and comes
//! with its parts:
//!
//! ```text
//! recency    = 0.5 ^ (age in days / half-life)              90 days, unless said otherwise
//! weight     = similarity of its task × recency             of each outcome of an approach
//! worked     = the sum of the weights of outcomes that worked, failed = of those that did not
//! success    = (worked + 1) / (worked + failed + 2)         between failure and success as long as nothing is known
//! score      = similarity of the most similar task × success
//! ```
//!
//! Similarity is 1 / (1 + L2) where both tasks have a vector, else the share of words that they have in common (twice
//! the common ones, of all: Dice).

mod advice;
mod keep;
mod outcome;
mod suggest;
mod words;

pub use advice::{Approach, Suggestion};
pub use keep::{HALF_LIFE_DAYS, Learning, Recorded};
pub use outcome::{Outcome, TaskKind};
pub use suggest::{Scope, Task};
