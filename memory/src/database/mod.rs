//! All SQL: one connection that reads and writes, in a folder that is locked against others.

pub(crate) mod approaches;
mod connection;
mod folder;
mod hold;
pub(crate) mod items;
pub(crate) mod outcomes;
pub(crate) mod spaces;
pub(crate) mod vectors;
pub(crate) mod verify;
pub(crate) mod words;

pub(crate) use connection::foreign;
pub(crate) use folder::durable_file;
pub(crate) use hold::{Database, Fault};
