//! [`Workplace`]: the folder in which the agents of a workflow work, and in whose record their changes stand.

use super::WorkflowId;
use serde::{Deserialize, Serialize};

/// Where the agents of a workflow work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workplace {
    /// The workflow at the beginning of the lineage: in its record every change stands.
    pub record: WorkflowId,
    /// The folder that the record is about: absolute, without links in it.
    pub folder: String,
    /// The folder below it that this very workflow may work in; empty: all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
}

impl Workplace {
    /// The folder that this workflow may work in, absolute.
    pub fn path(&self) -> String {
        if self.within.is_empty() {
            return self.folder.clone();
        }
        format!("{}/{}", self.folder.trim_end_matches('/'), self.within)
    }

    /// A path below the workflow's own folder, as the record has it.
    pub fn recorded(&self, path: &str) -> String {
        if self.within.is_empty() { path.to_owned() } else { format!("{}/{path}", self.within) }
    }

    /// A path of the record, as this workflow sees it; `None`: it lies beside its folder.
    pub fn seen<'a>(&self, recorded: &'a str) -> Option<&'a str> {
        if self.within.is_empty() {
            return Some(recorded);
        }
        recorded.strip_prefix(&self.within)?.strip_prefix('/')
    }
}
