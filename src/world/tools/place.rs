//! Where a caller works: its workspace, and the files there.

use callboard_actors::tools::{Caller, ToolError};
use std::path::PathBuf;

/// The folder of the caller's workspace, if it has one.
pub(super) fn workspace_of(_: &Caller) -> Option<PathBuf> {
    None
}

fn none() -> ToolError {
    ToolError::new(
        "this workflow has no workspace: give the content itself, or start it with a workspace",
    )
}

pub(super) async fn read_text(_: &Caller, _: &str, _: usize) -> Result<String, ToolError> {
    Err(none())
}

pub(super) fn folder(_: &Caller, _: &str) -> Result<PathBuf, ToolError> {
    Err(none())
}
