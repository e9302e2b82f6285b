//! MCP servers: tools of others, called like our own.
//!
//! ```text
//! settings ──► Servers ◄── Gate: list, call                    (a handle; clones share it)
//!                 │ wanted, changed
//!                 ▼
//!   /services/mcp: Keeper ── one Connection each, restarted with backoff ──► state and list, in the Server
//!                                 │
//!                                 ├─ a program: `callboard attend` ── the program ─ stdio, stderr into a log
//!                                 └─ an address: streamable HTTP
//! ```
//!
//! The protocol is spoken by the official SDK (`rmcp`), over transports that bound what comes in. What a server says is
//! untrusted: its descriptions are made plain and cut, schemas that cannot be used are left out, answers are bounded, a
//! flood is slowed down. Whether a tool may be called, the rules say before anything gets here; a call that was under way
//! when its server went is lost, and what follows, the tool's `repeat` says.
//!
//! Not here: a server of ours for others' clients, prompts, resources, sampling, elicitation, OAuth.

mod address;
mod answer;
mod attended;
mod calling;
mod calm;
mod connection;
mod keeper;
mod kept;
mod listing;
mod log;
mod pipes;
mod plain;
mod server;
mod servers;
mod shown;
mod spec;

pub use keeper::keeper;
pub use servers::Servers;
pub use spec::{Hidden, Program, Reach, ServerSpec};
