//! Confinement: a program that is run for somebody sees its copy of the workspace, a folder of its own and what the system
//! has for all; nothing else of the disk, no network, nobody else's processes. The kernel holds it there.
//!
//! ```text
//! server ── a line over stdin ──► callboard command      holds it: its time, its output, its end; ends it when the server goes
//!                                   └─► callboard confine   restricts itself (Landlock, seccomp, limits), then becomes
//!                                         └─► the program
//! ```
//!
//! Restricting oneself and then becoming another program needs nothing that is unsafe. Where the kernel cannot hold a
//! rule it is checked, not enforced: [`held`] says which.

mod confinement;
mod held;
mod hold;
mod output;
mod restrict;
mod sockets;

pub use confinement::{Confinement, Ended, Job, Text};
pub use held::{Held, Hold, held};
pub use hold::hold;
pub use restrict::become_program;
