//! How something went.

use crate::database::approaches::ApproachRow;
use crate::error::{Error, Result};
use crate::item::{Item, Metadata, short_hash};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What sort of work it was: each agent of a team has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Something was looked up; the approach is the query.
    Query,
    /// Something was designed; the approach is the pattern.
    Pattern,
    /// Something was written.
    Implementation,
    /// Something was looked through.
    Review,
    /// Something was mended.
    Fix,
}

impl TaskKind {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Pattern => "pattern",
            Self::Implementation => "implementation",
            Self::Review => "review",
            Self::Fix => "fix",
        }
    }
}

/// How an approach to a task went, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Its name, from the caller: recorded twice it counts once.
    pub id: String,
    /// What sort of task it was.
    pub kind: TaskKind,
    /// The task, in words, such as `create a React component`.
    pub task: String,
    /// The programming language, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The workspace, if it was learned for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What was done, such as `vite_react_typescript`: equal texts are the same approach.
    pub approach: String,
    /// Whether it worked.
    pub worked: bool,
    /// What says so: a score, a test's output, a reference.
    #[serde(default)]
    pub evidence: Metadata,
    /// Who did it.
    pub agent: String,
    /// When, in milliseconds since 1970, from the caller.
    pub at: i64,
}

impl Outcome {
    /// Refuses what nobody could learn from.
    pub(super) fn check(&self) -> Result<()> {
        let refuse =
            |what: &str| Err(Error::Outcome { id: self.id.clone(), what: what.to_owned() });
        match self {
            Self { id, .. } if id.is_empty() => refuse("it has no id"),
            Self { task, .. } if task.trim().is_empty() => refuse("it names no task"),
            Self { approach, .. } if approach.trim().is_empty() => refuse("it names no approach"),
            _ => Ok(()),
        }
    }

    /// The approach that it belongs to: the same for the same task, place and text.
    pub(super) fn approach_row(&self) -> ApproachRow {
        let parts = json!([self.kind, self.task, self.language, self.workspace, self.approach]);
        let hash = short_hash(&parts);
        ApproachRow {
            item: format!("approach/{hash}"),
            kind: self.kind.name().to_owned(),
            task: self.task.clone(),
            language: self.language.clone(),
            workspace: self.workspace.clone(),
            approach: self.approach.clone(),
        }
    }

    /// What of it is searched: its task.
    pub(super) fn item(&self, id: String) -> Item {
        let mut metadata = Metadata::new();
        let places = [("language", &self.language), ("workspace", &self.workspace)];
        for (name, value) in places {
            if let Some(value) = value {
                metadata.insert(name.to_owned(), value.as_str().into());
            }
        }
        let kind = self.kind.name().to_owned();
        Item { id, kind, text: self.task.clone(), metadata, created_at: self.at }
    }
}
