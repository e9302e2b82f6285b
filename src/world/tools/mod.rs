//! The tools that models, and nodes of workflows, may call: one file each, and the registry that holds them.
//!
//! | tool | what it does | after a crash |
//! |---|---|---|
//! | `current_time` | says what time it is | again |
//! | `read_file`, `list_files`, `search_text` | look into the workspace | again |
//! | `write_file`, `edit_file`, `delete_file`, `move_file` | change files there | again: the record knows the call, and it is made once |
//! | `check_rules` | looks at the whole workspace by the rules as they are now | again |
//! | `run_command` | runs a program in a copy of the workspace, confined, and takes over what it changed there | an operator is asked |
//! | `get_state`, `set_state` | read and change a document of the shared state | again: the same content twice is once |
//! | `publish` | says something on a topic | again: the call's id makes it once |
//! | `read_messages` | reads what was said on topics, from a position on | again |
//! | `send_message` | writes to an agent | again: the call's id makes it once |
//! | `parse_code`, `validate_syntax`, `find_issues`, `analyze_codebase` | understand code | again |
//! | `memory_store`, `learn_from_success`, `learn_from_failure` | remember and learn | again: the call's id makes it once |
//! | `memory_search`, `suggest_approach`, `suggest_patterns` | tell what is remembered and learned | again |
//! | `fetch_documentation`, `perplexity_search` | look outside | again |
//! | `generate_mermaid_diagram`, `generate_graphviz_diagram` | draw | again |
//! | `write_adr`, `write_api_docs` | write documents into the workspace | again: the record knows the call, and it is made once |
//!
//! The first six do what the door of their kind does over HTTP, by the same functions of the core; `docs/TOOLS.md` tells
//! all of each.

mod act;
mod bounded;
mod check_rules;
mod code;
mod current_time;
mod delete_file;
mod drawing;
mod edit_file;
mod get_state;
mod list_files;
mod memory;
mod move_file;
mod needs;
mod outside;
mod permit;
mod place;
mod publish;
mod read_file;
mod read_messages;
mod registry;
mod run_command;
mod search_text;
mod send_message;
mod set_state;
mod web;
mod workshop;
mod write_file;
mod writing;

pub use memory::{Embedder, FindEmbedder, Made};
pub use outside::Outside;
pub use permit::Permit;
pub use registry::{Registry, schemas};
pub use web::{FindResearcher, Researched, Researcher, Source};
