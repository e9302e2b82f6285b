//! Claude Code as a runtime: `claude -p --output-format stream-json --verbose`.
//!
//! What it says at its end is judged by `is_error`, the API's status, the denials and the exit code,
//! never by `subtype`, which says "success" of refused keys. The prompt goes over stdin: arguments are
//! short, and everybody on the machine can read them.

mod heard;
mod runtime;
mod spec;
mod verdict;

pub use runtime::Claude;
pub use spec::ClaudeSpec;
