//! Workspaces: folders in which the agents of a workflow read and write files. Every change of a file is a fact: which
//! path, what was there before and what is there after (by hash), who wanted it. So every change can be undone.
//!
//! ```text
//! a tool ─► Workspaces ─► look at the file ─► put before and after away, durably ─► Change ─► change/n ─► the folder
//!                              │                                                                 │
//!                              └─ Root: the folder, and nothing beside it              Changed, or Conflicted
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new | `Open` | `Opened` | `fill/1` of a fork, else nothing |
//! | filling | `ReportFilled` | `Filled` | nothing |
//! | filling | `ReportUnfilled` | `Unfilled` | nothing |
//! | open | `Open` | none | nothing |
//! | open | `Change` | `Ordered` | `change/n` |
//! | changing | `ReportChange` | `Changed`, or `Conflicted` | `change/n` of the next |
//! | open | `Undo` | `Ordered`, one a file | `change/n` of the first |
//!
//! A change is brought about by comparing: a file that is as it is to be is done; one that is as it was is replaced, by
//! a new file that is renamed into its place; anything else is somebody else's work, and a conflict. So whoever makes
//! the same change again after a crash does no harm. An undo is changes, and is undone like them.
//!
//! Not kept: who owns a file beyond trying, extended attributes, and what others change without asking us.

mod command;
mod effect;
mod event;
mod state;

mod row;

mod net;

mod bounds;
mod guard;
mod path;
mod root;
mod walk;

mod apply;
mod copy;
mod leftover;
mod perform;

mod planned;
mod record;

mod trouble;

#[cfg(test)]
mod tests;

pub use bounds::{Bounds, Limit};
pub use command::{By, Change, Command, FileState, Order, Origin, Refusal, Settled, Touch, Undo};
pub use effect::Effect;
pub use event::Event;
pub use guard::Guard;
pub use net::{Net, net};
pub use path::FilePath;
pub use perform::Clerk;
pub use planned::{Found, Planned, Wanted};
pub use record::{Moment, Record, Undone, Workspaces};
pub use root::{File, MOST_BYTES, Root};
pub use state::{Entry, Workspace};
pub use trouble::Trouble;
pub use walk::{Kind, Spot};
