//! Programs as runtimes: Claude Code, and any other by a template.
//!
//! ```text
//! Work ──► Call (program, arguments, environment, stdin) ──► the program, held at the desk
//!                                                              │ stdout, line by line, as it comes
//!                                                              ▼
//!            Executed or ExecuteError ◄── what was heard ◄── Listener ──► words, for who follows
//! ```
//!
//! A program writes into the attempt's folder by itself; it is read from there. So every byte of it is
//! kept, and nothing is asked again because somebody was not listening.

mod call;
mod claude;
mod cli;
mod environment;
mod past;
mod select;
mod spec;
mod tail;
mod template;

pub use claude::{Claude, ClaudeSpec};
pub use cli::Cli;
pub use environment::inherited;
pub use spec::CliSpec;
