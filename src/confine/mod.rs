//! Confinement: a program that is run for somebody sees its copy of the workspace, a folder of its own and what the system
//! has for all; nothing else of the disk, no network, nobody else's processes. The kernel holds it there.
//!
//! ```text
//! server ── a line over stdin ──► callboard command       holds it: its time, its output, its end; ends it when the server goes
//!                                   └─► callboard confine    leaves the machine's namespaces; stays outside, to say how it ended
//!                                         └─► … once more       the first process inside: makes the root, gives up all rights,
//!                                               │               restricts itself (Landlock, seccomp, limits)
//!                                               └─► the program
//! ```
//!
//! A program that asks a model has a door (see `door`): a process more, which stays in the machine's network, and lets it
//! through to the hosts that it may reach.
//!
//! Where the kernel refuses namespaces, `callboard confine` restricts itself and becomes the program. Then Landlock and
//! seccomp are all that holds it; neither knows a rule for modes and times of files. What the kernel cannot hold is
//! checked, not enforced: [`held`] says what that is.
//!
//! Nothing here is unsafe: whoever is to be restricted is this program once more, which restricts itself.

mod confinement;
mod held;
mod hold;
mod output;

mod begin;
mod door;
mod inherited;
mod inside;
mod outside;

mod mounts;
mod reach;
mod root;

mod restrict;
mod sockets;

pub use begin::{confine, confine_inside};
pub use confinement::{Confinement, Ended, Job, Network, Text};
pub use door::{Door, Named};
pub use held::{Held, Hold, held, probe};
pub use hold::hold;
pub use outside::STATUS;
