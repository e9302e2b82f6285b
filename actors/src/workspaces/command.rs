//! What a workspace is asked, and why it may refuse.

use crate::vocabulary::{Durable, Hash, MessageId, Position, Reference, WorkflowId, Workplace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a workspace is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being.
    Open(Order),
    /// Change files.
    Change(Box<Change>),
    /// Take changes back.
    Undo(Box<Undo>),
    /// A change has come to something.
    ReportChange {
        /// Which.
        number: u32,
        /// To what.
        settled: Settled,
    },
    /// The files of a fork are there.
    ReportFilled {
        /// How many.
        files: u64,
        /// How many bytes they have.
        bytes: u64,
    },
    /// The files of a fork could not be brought there.
    ReportUnfilled {
        /// Why not.
        why: String,
    },
}

/// A workspace to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its folder: absolute, without links in it.
    pub folder: String,
    /// Whose files it begins with, where it is a fork's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Whose files a workspace begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Whose.
    pub place: Workplace,
    /// As of which position of the journal.
    pub position: Position,
}

/// A change of files: all of its files, or none, but for what others do meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The files.
    pub touches: Vec<Touch>,
    /// Folders that have to be made first, the upper before the lower.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub make: Vec<String>,
    /// Folders that go afterwards, if nothing is in them, the lower before the upper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Who wants it.
    pub by: By,
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// Where it lies, from the workspace's folder on; without links in it.
    pub path: String,
    /// What was there; `None`: nothing.
    pub before: Option<FileState>,
    /// What is to be there; `None`: nothing.
    pub after: Option<FileState>,
}

/// What is to be known of a file to bring it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// What it holds.
    pub content: Durable<Reference>,
    /// Who may do what with it, as bits.
    pub mode: u32,
}

impl FileState {
    /// Its content's hash.
    pub fn hash(&self) -> &Hash {
        &self.content.hash
    }
}

/// Who wants a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Within which workflow of the lineage.
    pub workflow_id: WorkflowId,
    /// At which place there, for people; or by which door.
    pub path: String,
    /// By which tool; `undo`: it takes changes back.
    pub tool: String,
    /// Which call.
    pub call: MessageId,
}

/// Changes to be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// So many changes stay.
    pub keep: u32,
    /// So many there were when somebody looked.
    pub of: u32,
    /// What was found in files that are not as the last change left them: it is kept, and replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, Option<FileState>>,
    /// Files that stay as they are: something is in their place that cannot be kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub leave: BTreeSet<String>,
    /// Who wants it.
    pub by: By,
}

/// What a change has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Settled {
    /// It is done.
    Done,
    /// Something was in its way.
    Conflict {
        /// At which file.
        path: String,
        /// What.
        why: String,
        /// The files that were changed all the same, by their number in the change.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<usize>,
    },
}

/// Why a workspace refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is not there.
    #[error("there is no such workspace")]
    Unknown,
    /// It is another folder.
    #[error("the workspace is {0}, and stays that")]
    Elsewhere(String),
    /// Something else is under way.
    #[error("another change of this workspace is under way: ask again in a moment")]
    Busy,
    /// Its files are not there.
    #[error("the workspace has no files: {0}")]
    Unfilled(String),
    /// Something was changed since somebody looked.
    #[error(
        "something was changed in the workspace since it was looked at: look again, then ask again"
    )]
    MovedOn,
    /// A change that changes nothing.
    #[error("this changes nothing")]
    Nothing,
    /// The report is about something else.
    #[error("change {0} is not under way")]
    NotUnderWay(u32),
}
