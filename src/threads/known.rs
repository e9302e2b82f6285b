//! A workflow's row in the read model, for all who need to know whether there is one, and how it stands.

use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::vocabulary::WorkflowId;
use callboard_actors::workflows::{PastError, Workflow};
use serde_json::{Map, Value};

/// The read model's table.
pub const TABLE: &str = "workflows";

/// Who all clients are: there is one token.
pub const BY: &str = "api";

/// A workflow's row.
pub type Row = Map<String, Value>;

/// A workflow's row; `None`: there is no such workflow.
pub async fn row(app: &App, workflow: &WorkflowId) -> Result<Option<Row>, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    Ok(app.parts().journal.reader().row(TABLE, stream).await?)
}

/// A workflow that is there.
pub async fn existing(app: &App, id: &str) -> Result<(WorkflowId, Row), Problem> {
    let workflow = WorkflowId(id.parse()?);
    match row(app, &workflow).await? {
        Some(row) => Ok((workflow, row)),
        None => Err(Problem::not_found(format!("there is no workflow {id}"))),
    }
}

/// A text of a row.
pub fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
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
