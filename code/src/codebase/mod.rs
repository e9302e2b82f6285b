//! A folder of code as a whole: what is in it, how large, how involved, who imports whom.
//!
//! One walk lists the files in an order that is always the same, threads read them, and what they found is put
//! together in that order: the result does not depend on how many there are.

mod analyze;
mod cache;
mod gather;
mod graph;
mod options;
mod read;
mod result;
mod skipped;
mod totals;

pub use analyze::analyze;
pub use cache::{Cache, CacheKey, MemoryCache, NoCache};
pub use graph::{Edge, ImportGraph};
pub use options::{CouldNotAnalyze, Options};
pub use result::{Codebase, SourceFile};
pub use skipped::{SkipReason, Skipped};
pub use totals::{FunctionAt, LanguageTotals, OtherFiles};
