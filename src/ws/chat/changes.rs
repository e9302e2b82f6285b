//! What is told of changes of files, with their differences.

use super::event::event;
use super::family::Family;
use super::frame::{File, What};
use crate::threads;
use crate::wire::{App, Problem};
use callboard_actors::journal::Message;
use callboard_actors::workspaces;

/// So much of a file is compared, in bytes.
const COMPARED: u64 = 256 << 10;
/// So much of all differences is in one frame, in bytes.
const DIFFS: usize = 64 << 10;
/// So many files are in one frame.
const FILES: usize = 200;

/// What a message of a workspace says.
pub(super) async fn workspace(
    app: &App,
    family: &mut Family,
    message: &Message,
) -> Result<Option<What>, Problem> {
    if message.event_type != "WORKSPACE_CHANGED" {
        return Ok(None);
    }
    let Some(workspaces::Event::Changed { workspace_id, number, by, files, .. }) = event(message)
    else {
        return Ok(None);
    };
    let Some(path) = family.place(&by.workflow_id.0, &by.path).await? else { return Ok(None) };
    let more = files.len().saturating_sub(FILES);
    let touches = app.parts().workspaces.look(&workspace_id, |known| {
        let mut entries = known.entries().filter(|(entry, _)| entry.number == number);
        entries.next().map(|(entry, _)| entry.change.touches.clone())
    });
    let touches = touches.await?.unwrap_or_default();
    let (mut told, mut room) = (Vec::new(), DIFFS);
    for file in files.into_iter().take(FILES) {
        let touch = touches.iter().find(|touch| touch.path == file.path);
        let diff = match touch {
            Some(touch) if room > 0 => difference(app, touch).await?,
            _ => None,
        };
        let diff = diff.filter(|diff| diff.len() <= room);
        room -= diff.as_ref().map_or(0, String::len);
        told.push(File { path: file.path, before: file.before, after: file.after, diff });
    }
    Ok(Some(What::FileChange { path, tool: by.tool, number, files: told, more }))
}

/// What was changed in a file; `None` also where its content has expired.
async fn difference(app: &App, touch: &workspaces::Touch) -> Result<Option<String>, Problem> {
    match threads::diff(&app.parts().journal, touch, COMPARED).await {
        Err(problem) if problem.may_pass() => Err(problem),
        found => Ok(found.unwrap_or_default()),
    }
}
