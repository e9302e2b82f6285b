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

mod duration;
mod filling;
mod language;
mod reducer;
mod schema;

mod advance;
mod begin;
mod edges;
mod edit;
mod fill;
mod reduce;
mod structured;
mod undo;
mod workspace;

mod abilities;
mod check;
mod fitting;
mod library;
mod reading;

#[cfg(test)]
mod tests;

pub use abilities::Abilities;
pub use advance::{advance, step, writes};
pub use begin::{Begun, begin};
pub use bundle::{Bundle, Pinned};
pub use definition::{AtLimit, Channel, Definition, Edge, Limits, OneOrMany, Reducer};
pub use duration::duration;
pub use edit::edit;
pub use fill::{items, matches, output, work};
pub use library::{Library, bundle};
pub use node::{AgentNode, InterruptNode, Kind, Node, RetryNode, SubgraphNode, ToolNode, WaitNode};
pub use reading::{Problem, Written, read};
pub use reduce::{initial, reduce};
pub use schema::{check_schema, check_value};
pub use scope::{Scope, Trouble};
pub use step::{Entry, Failed, Finished, Frontier, Step, Write};
pub use structured::structured;
pub use undo::undo;
pub use work::{Agent, Question, Wait, Work};
pub use workspace::{workspace, workspace_inputs};

/// Whether a template from anywhere may be compiled; why not.
pub fn check_template(text: &str) -> Result<(), String> {
    language::guard(text, language::Form::Template)
}
