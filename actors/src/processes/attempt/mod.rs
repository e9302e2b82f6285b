//! An attempt: its folder, the one road through it, and the two places where that road is walked.
//!
//! ```text
//! processes/{id}/{n}/claim     who executes it; made exclusively. That it was begun the journal knows
//!                    child     the program that a shim holds
//!                    stdout    what was said, as it was said; followed by offset
//!                    stderr    what the program said there
//!                    shim.log  what the shim itself had to complain of, if anything
//!                    words     the model's words, where stdout is another format; followed instead of it
//!                    outcome   the session's line to be, durable before it is told
//!                    exit      how it ended, durable: from here on the attempt is never repeated
//! ```
//!
//! Performing an attempt is adopting it: a folder with an `exit` gives that, a claim that lives is
//! watched, one that is dead is lost, and only a folder that nobody has claimed is worked in: by this
//! process, or by a [`shim`] that outlives it. Both walk the same [`road`].

mod claim;
mod desk;
mod execute;
mod exit;
mod family;
mod folder;
mod grip;
mod heir;
mod keeper;
mod line;
mod patience;
mod prepare;
mod road;
mod room;
mod settle;
pub mod shim;
mod writer;

pub use desk::{Desk, Guest};
pub use execute::{Execute, ExecuteError, Executed, Past, Place, Work};
pub use exit::ChildEnd;
pub use family::Family;
pub use heir::{inherit, take_away};
pub(super) use keeper::Keeper;
pub use keeper::stop_shims;
pub(super) use patience::patiently;
pub use writer::Writer;
