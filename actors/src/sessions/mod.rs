//! Sessions: one conversation with a model, one JSONL file, one line a turn.
//!
//! The committed length is the truth. A turn's line is written at that length, after cutting off
//! whatever lies beyond it, and counts once the commit that records it has happened.
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | any | `AppendTurn` | `TurnQueued` | `line/n` of the oldest queued turn |
//! | nothing queued | `Branch`, before anything was said | `Branched` | nothing |
//! | a turn queued | `ReportLine` (outcome of `line/n`) | `TurnAppended` | the next turn's line |
//! | a turn queued | `ReportDamage` (outcome of `line/n`) | refused: the session is parked | |
//! | a turn queued | `SkipTurn` (an operator skipped that outcome) | `TurnSkipped` | the next turn's line |

mod command;
mod effect;
mod event;
mod perform;
mod row;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, Refusal};
pub use effect::{Effect, WriteLine};
pub use event::{Branched, Event, TurnAppended, TurnQueued, TurnSkipped};
pub use perform::Scribe;
pub use state::Session;
