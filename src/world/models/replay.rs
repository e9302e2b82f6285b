//! Answers from files: scripted by hand or recorded from a model.
//!
//! A folder of `*.yaml` files is read in the order of their names, and the first answer that
//! matches a call wins. One file:
//!
//! ```yaml
//! name: two refusals, then an answer
//! unmatched: refuse            # or generic: an answer that says it is none
//! fallback: true               # looked at after all files that are none
//! answers:
//!   - match: { role: reviewer }          # all that is named has to fit; {} fits every call
//!     error: { kind: rate_limited, retry_after_ms: 500 }
//!     times: 2                           # then it is passed over
//!     per: process                       # counted for each process; else for the server's life
//!   - match: { prompt_contains: review } # or prompt_equals, prompt_sha256; also model
//!     answer: It reads well.
//!     delay_ms: 200                      # before the first character
//!     chunk_chars: 24
//!     chunk_delay_ms: 20
//!     usage: { tokens_in: 12, tokens_out: 4 }
//!   - match: { prompt_begins: "Review of {what}:" }
//!     template: Of {{ what }} I have read nothing.
//!   - match: { prompt_contains: weather, has_tool_results: false }
//!     tool_calls: [{ name: look_up, arguments: { place: here } }]   # or, for each, a template
//!   - match: { prompt_contains: weather, has_tool_results: true }   # also tool_rounds: 1, 2 …
//!     template: "It is {{ results[0].content }}."
//! ```
//!
//! Every answer carries a label that says it came from no model. Nothing here touches the
//! network, and no time passes that a script does not ask for.

mod counts;
mod error;
mod folder;
mod matcher;
mod pattern;
mod play;
mod replayer;
mod script;
mod template;

pub use error::ScriptError;
pub(super) use matcher::{Matcher, sha256};
pub use replayer::{CountedReplay, Replay};
pub(super) use script::{ErrorKind, Item, ScriptedCall, ScriptedError};
