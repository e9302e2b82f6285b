//! Graphs as data: what a workflow's definition says, and the pure arithmetic of running it. Nothing here reads a
//! file of the home, asks a model or knows a journal; whoever runs a graph does.
//!
//! ```text
//! YAML ► Definition (read, checked) ► Bundle (with all it uses, pinned by hash)
//!                                        │
//!        input ► begin ► state ──────────┤
//!                          ▲             ▼
//!                          │      items, work: what a node has to do, with its templates filled in
//!                          │             │ outputs
//!                          └── reduce ◄── step: what the outputs write, and which nodes come next
//! ```

mod bundle;
mod definition;
mod node;
mod scope;
mod step;
mod work;

pub use bundle::{Bundle, Pinned};
pub use definition::{Channel, Definition, Edge, Limits, OneOrMany, Reducer};
pub use node::{AgentNode, InterruptNode, Kind, Node, RetryNode, SubgraphNode, ToolNode, WaitNode};
pub use scope::{Scope, Trouble};
pub use step::{Entry, Finished, Frontier, Step, Write};
pub use work::{Agent, Question, Wait, Work};
