//! The settings in force while a server runs, and how they change: by a request, or because a file did.
//!
//! ```text
//!  PUT /config/KEY ─┐                   ┌─► prepare: can the house work with them?  (no: refused, all stays)
//!                   ├─► load and check ─┤
//!  a file changed ──┘                   └─► write and publish, in one transaction ─► put in force
//! ```
//!
//! One change at a time. What is set by request lies in the table `config`, over the file and under the
//! environment; secrets lie there sealed with the key in `<home>/secret.key`.

mod change;
mod kept;
mod keyring;
#[expect(clippy::module_inception, reason = "the folder is about them, the file is the handle")]
mod live;
mod watcher;

pub use change::{ChangeError, Given, GivenValue, Shown};
pub use kept::Kept;
pub use keyring::{Keyring, KeyringError};
pub use live::{Commit, Engine, Left, Live, Parts};
pub use watcher::watcher;
