//! The bus: durable subscriptions, delivered at least once and in order, until they are acknowledged.
//!
//! ```text
//!                    cursor (a row)          sent            head
//! journal  ───────────────┼───────────────────┼────────────────┼──►
//!            acknowledged │  in flight, leased │  still to come │
//! ```
//!
//! A [`Consumer`] takes the seat of a subscription, one at a time: the newest, because its predecessor may
//! be a connection that nobody has found dead yet. It gives out what lies behind the cursor, at most
//! so much unacknowledged. An acknowledgement moves the cursor (one row, in the journal's batches).
//!
//! The oldest unacknowledged message has a lease. When it runs out, everything behind the cursor is
//! delivered again, and the message has used up one of its deliveries; when none is left it is dead: it
//! gets a row, the cursor passes it, and an operator may have it delivered once more. Connections that
//! break, and servers that are killed, use up no delivery: only time does.
//!
//! A consumer that cannot handle a message refuses it ([`Hub::refuse`]): that uses a delivery up at once, and
//! keeps its words. Until the message comes again nothing behind it does, for the order is kept. A paused
//! subscription ([`Hub::activate`]) delivers nothing, and no lease runs.
//!
//! Nothing is retained in memory that a restart needs: what is lost with a process is who was listening.

mod consumer;
mod error;
mod hub;
mod lease;
mod publication;
mod reason;
mod seat;
mod source;
mod standing;
mod terms;

pub use consumer::{Consumer, Delivered, News};
pub use error::Error;
pub use hub::{Acknowledged, Hub, Refused};
pub use publication::{MOST_DATA, Publication, PublishError, Unfit, small};
pub use reason::{BadReason, Reason};
pub use standing::{Manner, Open, Sitter, Standing};
pub use terms::{BadTerms, Terms};
