//! Where a caller works: its workspace, and the files there, as text.

use super::workshop::{look, place};
use callboard_actors::tools::{Caller, ToolError};
use callboard_actors::workspaces::{FilePath, Kind, Root, Trouble, Workspaces};
use callboard_code::decode;
use std::path::PathBuf;

/// The folder of the caller's workspace, if it has one.
pub(super) fn workspace_of(caller: &Caller) -> Option<PathBuf> {
    caller.workplace.as_ref().map(|place| place.path().into())
}

/// A text file of the workspace, whole.
pub(super) async fn read_text(
    workspaces: &Workspaces,
    caller: &Caller,
    path: &str,
    most: usize,
) -> Result<String, ToolError> {
    let path = path.to_owned();
    look(workspaces, caller, move |root| {
        let spot = root.find(&FilePath::of_file(&path)?)?;
        let file = root.read(&spot, 0, most as u64)?;
        if file.bytes > most as u64 {
            let text = format!("{path} has {} bytes: at most {most} are looked at", file.bytes);
            return Err(Trouble::refused(text));
        }
        let text = decode(&file.content);
        text.map(str::to_owned).map_err(|error| Trouble::refused(format!("{path}: {error}")))
    })
    .await
}

/// A folder of the workspace, as the system knows it, with the path by which it was found. Whoever works in it follows
/// no links.
pub(super) async fn folder(
    workspaces: &Workspaces,
    caller: &Caller,
    path: &str,
) -> Result<PathBuf, ToolError> {
    let (named, top) = (path.to_owned(), PathBuf::from(place(caller)?.path()));
    let find =
        move |root: &Root| root.find(&FilePath::read(&named)?).map(|spot| (spot.kind, spot.path()));
    let (kind, found) = look(workspaces, caller, find).await?;
    match kind {
        Kind::Folder => Ok(top.join(found)),
        Kind::Nothing => Err(ToolError::new(format!(
            "there is no folder {path}: list_files shows what is there"
        ))),
        _ => Err(ToolError::new(format!("{path} is no folder: use parse_code for a file"))),
    }
}
