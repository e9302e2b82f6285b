//! Time travel: a workflow that begins where another one stood, and goes its own way (a **fork**), or the same way with
//! recorded answers (a **replay**).
//!
//! ```text
//! checkpoint ─► Cut: a position of the journal ─► Standing: how the source stood there, folded from what stood before it
//!                                                   │  + Change: another state, other nodes
//!                                                   ▼
//!                       Order with an Origin: all that the new workflow needs to know, in its first event
//!                                                   │ its open subgraphs, named by stream and version
//!                                                   ▼
//!                       child: where their items are carried out, those are forked in their turn
//! ```
//!
//! Nothing here writes to a source, or is read by one.

mod begin;
mod child;
mod conversation;
mod course;
mod cut;
mod manner;
mod order;
mod origin;
mod record;
mod replay;
mod standing;

pub(super) use child::NO_RECORDING;
pub use course::Course;
pub use cut::Cut;
pub use manner::{Manner, Recording};
pub use order::{ForkError, Wanted, fork, replay};
pub use origin::{Adopted, Change, Child, Origin, Purpose, Source};
pub(super) use record::Records;
pub use record::{Record, Recorded, Spot};
