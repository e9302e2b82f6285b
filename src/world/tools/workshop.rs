//! What all tools that work with files have in common: whose folder it is, who calls, and what is told.

use callboard_actors::tools::{Caller, ToolError};
use callboard_actors::vocabulary::Workplace;
use callboard_actors::workspaces::{By, Entry, Planned, Root, Touch, Trouble, Workspaces};
use serde_json::{Value, json};

/// Where the caller may work.
pub(super) fn place(caller: &Caller) -> Result<&Workplace, ToolError> {
    caller.workplace.as_ref().ok_or_else(|| {
        ToolError::new(
            "this workflow has no workspace, so there are no files to work with: go on without, and say so in your answer \
             (its definition would have to name a folder with workspace:)",
        )
    })
}

/// Reads in the caller's folder.
pub(super) async fn look<T: Send + 'static>(
    workspaces: &Workspaces,
    caller: &Caller,
    work: impl FnOnce(&Root) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, ToolError> {
    workspaces.read(place(caller)?, work).await.map_err(trouble)
}

/// Changes files in the caller's folder; the same call again does it once. `None`: they were so already.
pub(super) async fn change(
    workspaces: &Workspaces,
    caller: &Caller,
    tool: &str,
    plan: impl FnOnce(&Root) -> Result<Planned, Trouble> + Send + 'static,
) -> Result<Option<Entry>, ToolError> {
    change_within(workspaces, caller, place(caller)?, tool, plan).await
}

/// The same in a folder that was looked up before.
pub(super) async fn change_within(
    workspaces: &Workspaces,
    caller: &Caller,
    place: &Workplace,
    tool: &str,
    plan: impl FnOnce(&Root) -> Result<Planned, Trouble> + Send + 'static,
) -> Result<Option<Entry>, ToolError> {
    let by = By {
        workflow_id: caller.workflow_id.clone(),
        path: caller.path.clone(),
        tool: tool.to_owned(),
        call: caller.id,
    };
    workspaces.change(place, by, plan).await.map_err(trouble)
}

/// What became of a file, for the model.
pub(super) fn told(place: &Workplace, path: &str, entry: Option<&Entry>) -> Value {
    let Some(entry) = entry else { return json!({ "path": path, "changed": false }) };
    let files = entry.change.touches.iter().map(|touch| file(place, touch));
    match &files.collect::<Vec<_>>()[..] {
        [only] => only.clone(),
        all => json!({ "files": all }),
    }
}

fn file(place: &Workplace, touch: &Touch) -> Value {
    let path = place.seen(&touch.path).unwrap_or(&touch.path);
    match (&touch.before, &touch.after) {
        (_, None) => json!({ "path": path, "deleted": true }),
        (before, Some(after)) => {
            let bytes = after.content.bytes;
            json!({ "path": path, "changed": true, "created": before.is_none(), "bytes": bytes })
        }
    }
}

/// What went wrong, for whoever called.
pub(super) fn trouble(trouble: Trouble) -> ToolError {
    match trouble {
        Trouble::Refused(text) => ToolError::new(text),
        Trouble::Passing(text) => ToolError::passing(text),
    }
}
