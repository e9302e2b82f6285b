//! Agents: registered identities, with a profile, capabilities, a mailbox, and what their processes took.
//!
//! An agent does nothing by itself: it wants nothing of the world. It is told what happens to it, by
//! clients (registered, messaged), by connections, and by [`Follower`], which follows the journal for the
//! processes that run on its behalf.
//!
//! | state | command | events |
//! |---|---|---|
//! | new, unregistered | `Register` | `Registered`, `StateChanged` |
//! | inactive, active, busy | `Update` | `Updated` |
//! | inactive | `Unregister` | `Unregistered`, `StateChanged` |
//! | active, busy | `Unregister` | `Disconnected`, `Unregistered`, `StateChanged` |
//! | inactive | `Connect` | `Connected`, `StateChanged` |
//! | active, busy | `Connect` | `Disconnected`, `Connected`, `StateChanged` |
//! | active, busy | `Disconnect` | `Disconnected`, `StateChanged` |
//! | inactive, active, busy, unregistered | `BeginProcess` | `ProcessBegun`, `StateChanged` |
//! | inactive, active, busy, unregistered | `EndProcess` | `ProcessEnded`, `StateChanged` |
//! | inactive, active, busy | `Receive` | `Messaged` |
//!
//! `StateChanged` only where the status changes. The status is derived: `busy` while a process runs, else
//! `active` while it is connected, else `inactive`. Its mailbox is the `Messaged` events of its stream
//! behind the cursor of a durable subscription ([`mailbox`]). A process that waits for an operator runs not:
//! it keeps nobody busy.

mod arrears;
mod command;
mod decide;
mod effect;
mod event;
mod follower;
mod letter;
mod mailbox;
mod metrics;
mod presence;
mod profile;
mod row;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Changes, Command, Letter, Outcome, Refusal, Registration};
pub use effect::{Effect, Idle};
pub use event::Event;
pub use follower::Follower;
pub use letter::is_known;
pub use mailbox::{letters, mailbox, mailbox_id};
pub use metrics::Metrics;
pub use presence::{Life, Presence};
pub use profile::{Profile, Profiles};
pub use state::{Agent, Status};
