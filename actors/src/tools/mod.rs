//! Tools: what models, and nodes of workflows, may call. What a tool is, what a call of one is, and the seam behind which
//! they are carried out; what each of them does is the world's.
//!
//! ```text
//! nodes, workflows ──► Toolset ──► find ─ is there one? ─ do its arguments fit? ──► Toolbox::call ──► the world
//!                         └──◄── a value; or words that a model can read and learn from
//! ```
//!
//! A call has an id that derives from its place: who makes it again after a crash makes the same call, and a tool that
//! keeps ids does nothing twice. What such a repetition would do elsewhere, a tool says itself: [`Repeat`].
//!
//! What a call may cost where it asks others who are paid, a toolbox says before; what it did cost, the caller's [`Meter`]
//! says after. Whoever calls under limits reserves the one and settles by the other.
//!
//! Who may call what is not decided here: a tool names the [`Permission`] that it needs, and a toolbox knows the
//! [`Caller`], and refuses in words.

mod asked;
mod caller;
mod error;
mod meter;
mod permission;
mod source;
mod tool;
mod toolset;

pub use asked::{ToolCall, ToolResult, shortened};
pub use caller::Caller;
pub use error::ToolError;
pub use meter::{Asking, Meter, Spent};
pub use permission::Permission;
pub use source::Source;
pub use tool::{Repeat, Tool};
pub use toolset::{Toolbox, Toolset};
