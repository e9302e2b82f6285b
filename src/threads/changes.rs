//! [`diff`]: what was changed in a file of a workspace, as text.

use crate::wire::Problem;
use callboard_actors::journal::Journal;
use callboard_actors::vocabulary::Reference;
use callboard_actors::workspaces::{FileState, Touch};
use similar::TextDiff;

/// So much of a file is compared, in bytes.
pub const DIFF_BYTES: u64 = 1 << 20;

/// What was changed in a file, as `diff -u` shows it; `None`: it is no text, or has more than `most` bytes.
pub async fn diff(journal: &Journal, touch: &Touch, most: u64) -> Result<Option<String>, Problem> {
    let before = content(journal, touch.before.as_ref(), most).await?;
    let after = content(journal, touch.after.as_ref(), most).await?;
    let (Some(before), Some(after)) = (before, after) else { return Ok(None) };
    let path = &touch.path;
    let diff = TextDiff::from_lines(&before, &after);
    Ok(Some(diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()))
}

/// The text of a file; `None`: it is none.
async fn content(
    journal: &Journal,
    state: Option<&FileState>,
    most: u64,
) -> Result<Option<String>, Problem> {
    let Some(state) = state else { return Ok(Some(String::new())) };
    let reference: &Reference = &state.content;
    if reference.bytes > most {
        return Ok(None);
    }
    Ok(String::from_utf8(journal.content(reference.clone()).await?).ok())
}
