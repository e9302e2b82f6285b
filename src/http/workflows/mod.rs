//! `/workflows`: how they are started, looked at, steered and answered.

mod compare;
mod drawing;
mod files;
mod fork;
mod graph;
mod launch;
mod lineage;
mod list;
mod past;
mod rewind;
mod scheduled;
mod show;
mod start;
mod verbs;
mod workspace;

pub(super) use compare::compare;
pub(super) use drawing::Drawing;
pub(super) use files::{files, undo};
pub(super) use fork::{fork, replay};
pub(super) use graph::{Wanted, graph};
pub(super) use launch::entry;
pub(super) use list::list;
pub(super) use past::{checkpoint, diff, history};
pub(super) use rewind::{cancel, resume, retry, rollback};
pub(super) use scheduled::{check, check_run, run_as, start_as};
pub(super) use show::show;
pub(super) use start::{run, start};
pub(super) use verbs::{answer, pause};

use super::query;
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::vocabulary::WorkflowId;
use callboard_actors::workflows::{ForkError, PastError, Workflow};
use serde_json::{Map, Value};

/// The read model's table.
const TABLE: &str = "workflows";

/// Who all clients are: there is one token.
const BY: &str = "api";

/// A workflow's row.
type WorkflowRow = Map<String, Value>;

/// A workflow's row; `None`: there is no such workflow.
async fn row(app: &App, workflow: &WorkflowId) -> Result<Option<WorkflowRow>, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    Ok(app.parts().journal.reader().row(TABLE, stream).await?)
}

/// A workflow that is there.
async fn existing(app: &App, id: &str) -> Result<(WorkflowId, WorkflowRow), Problem> {
    let workflow = WorkflowId(query::name(id)?);
    match row(app, &workflow).await? {
        Some(row) => Ok((workflow, row)),
        None => Err(Problem::not_found(format!("there is no workflow {id}"))),
    }
}

/// A text of a row.
fn text<'a>(row: &'a WorkflowRow, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

impl From<ForkError> for Problem {
    fn from(error: ForkError) -> Self {
        match error {
            ForkError::Past(error) => error.into(),
            ForkError::Unfit(_) => Self::unprocessable(error),
            ForkError::Left { .. } => Self::conflict(error),
            ForkError::Disk(_) => Self::unavailable(error),
        }
    }
}

impl From<PastError> for Problem {
    fn from(error: PastError) -> Self {
        match error {
            PastError::NoWorkflow(_) | PastError::NoCheckpoint(_) => Self::not_found(error),
            PastError::Content(error) => error.into(),
            PastError::Fault(fault) => fault.into(),
            PastError::Senseless(_) => Self::internal(error),
        }
    }
}
