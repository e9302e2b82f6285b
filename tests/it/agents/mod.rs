//! Agents from outside: the registry, mailboxes, presence, and what processes make of them.

mod mailboxes;
mod processes;
mod registry;
mod systems;
