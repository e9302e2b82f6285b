//! The tools that write documents: `write_adr` (a decision, numbered), `write_api_docs` (what the code declares, in words).
//!
//! They write as `write_file` does: on the workspace's record, so that it can be had back; and once, however often the
//! same call is made.

mod adr;
mod api_docs;
mod markdown;
mod write_adr;
mod write_api_docs;

pub(super) use write_adr::{WriteAdr, tool as write_adr};
pub(super) use write_api_docs::{WriteApiDocs, tool as write_api_docs};
