//! [`tell`]: a workflow that is there is told something; [`answer`]: its question, or one of its subgraphs', is answered.

use super::known::existing;
use super::lineage;
use crate::wire::{App, Problem};
use callboard_actors::entity::TellError;
use callboard_actors::vocabulary::{MessageId, Name, WorkflowId};
use callboard_actors::workflows::{Command, Refusal};
use serde_json::Value;

/// The longest name of somebody who answers, in letters: everybody who listens is told it.
const LONGEST_NAME: usize = 256;

/// Tells a workflow something; answers when it is durable.
pub async fn tell(
    app: &App,
    workflow: &WorkflowId,
    told: MessageId,
    command: Command,
) -> Result<(), Problem> {
    let (app, workflow) = (app.clone(), workflow.clone());
    // A task of its own: a client that goes away takes nothing back half way.
    let told = actix_rt::spawn(async move {
        app.parts().workflows.tell(&workflow.0, told, command).await.map(drop)
    });
    let told = told.await.map_err(|error| Problem::unavailable(error).ask_again())?;
    told.map_err(|error| match error {
        // Nothing is in the way but what was said.
        TellError::Refused(Refusal::BadAnswer(_)) => Problem::unprocessable(error),
        error => error.into(),
    })
}

/// Answers a question of a workflow, or of one of its subgraphs.
pub async fn answer(
    app: &App,
    id: &str,
    told: MessageId,
    interrupt_id: Name,
    answer: Value,
    by: String,
) -> Result<(), Problem> {
    if by.chars().count() > LONGEST_NAME {
        let text = format!("by is longer than {LONGEST_NAME} letters: say shorter who answers");
        return Err(Problem::unprocessable(text));
    }
    let (workflow, row) = existing(app, id).await?;
    let asker = lineage::asker(app, &workflow, &row, &interrupt_id).await?;
    tell(app, &asker, told, Command::Answer { interrupt_id, answer, by }).await
}
