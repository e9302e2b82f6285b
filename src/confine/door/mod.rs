//! The door: a program of a runtime has a network of its own, in which there is nobody but a doorman; through him it reaches
//! the hosts that it may, and none besides.
//!
//! ```text
//! the machine's network                         │ the program's own network: loopback, and nothing else
//!                                               │
//!   callboard confine: the doorman ◄─ listeners ┼─ the first process inside: brings loopback up, listens, hands them out
//!     │   │                                     │      then gives up all rights
//!     │   └── looks, resolves, dials ◄──────────┼── 127.0.0.1:3128   HTTP proxy: CONNECT, and whole addresses
//!     └────── dials as it is named ◄────────────┼── 127.0.0.1:4010   a near address that its settings name
//!     └─► callboard confine: leaves the other namespaces, and stays outside of them (see [`super::outside`])
//! ```
//!
//! A socket belongs to the network in which it was made: what the doorman accepts is the program's, what he dials the
//! machine's. He is the parent of all others: if he goes, they are ended with him. What he cannot see is what is said
//! within TLS: a host that serves others, too, may lead on to them.

mod body;
mod doorman;
mod exchange;
mod handover;
mod head;
mod loopback;
mod named;
mod plan;
mod refusal;
mod relay;
mod upstream;
mod visit;

pub(super) use doorman::keep;
pub(super) use handover::{DOOR, handed, taken};
pub(super) use loopback::open;
pub use named::Named;
pub use plan::Door;
