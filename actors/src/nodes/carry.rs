//! How others have a node carried out: told, told again after a crash, and waited for.

use super::command::{Command, FailureKind, Order, Outcome, Refusal};
use super::event::Event;
use super::metrics::Metrics;
use super::pause::Pause;
use super::state::Node;
use crate::entity::{Directory, Receipt, TellError};
use crate::vocabulary::{MessageId, Name, Position, WorkflowId};

/// The name of the node at this path of a workflow: derived, so that whoever starts it again gets the same.
pub fn name_of(workflow: &WorkflowId, path: &str) -> Name {
    Name::derived(&["node", workflow.0.as_str(), path])
}

/// Starts a node, unless it was started before, and waits for its end. May be dropped at any await, and called
/// again: the model is not asked again.
pub async fn carry_out(directory: &Directory<Node>, name: &Name, order: Order) -> Outcome {
    let id = MessageId::derived(&["node", name.as_str(), "start"]);
    match tell(directory, name, id, Command::Start(Box::new(order))).await {
        Ok(receipt) => end_of(directory, name, receipt.position).await,
        // It is there, or an operator has ended it, perhaps after its own end.
        Err(TellError::Refused(Refusal::Exists) | TellError::Parked(_)) => {
            end_of(directory, name, 0).await
        }
        Err(TellError::DifferentBody) => {
            failed(format!("node {name} was started before, with another order"))
        }
        Err(error) => failed(error.to_string()),
    }
}

/// Has a node stop, and waits for its end; `None`: it never came into being.
pub async fn stop(directory: &Directory<Node>, name: &Name, by: &str) -> Option<Outcome> {
    let id = MessageId::derived(&["node", name.as_str(), "stop"]);
    let command = Command::Cancel { by: by.to_owned() };
    match tell(directory, name, id, command).await {
        Err(TellError::Refused(Refusal::Unknown)) => None,
        // It stops, was told to by somebody else, or has ended.
        _ => Some(end_of(directory, name, 0).await),
    }
}

type Told = Result<Receipt, TellError<Refusal>>;

/// Tells a node something until that can bring nothing new any more.
async fn tell(directory: &Directory<Node>, name: &Name, id: MessageId, command: Command) -> Told {
    let mut pause = Pause::new();
    loop {
        match directory.tell(name, id, command.clone()).await {
            Err(error) if error.is_passing() => {
                tracing::warn!(node = %name, %error, "failed to tell a node: trying again");
            }
            settled => return settled,
        }
        pause.rest().await;
    }
}

async fn end_of(directory: &Directory<Node>, name: &Name, after: Position) -> Outcome {
    let mut pause = Pause::new();
    loop {
        match directory.find_event(name, after, end).await {
            Ok(outcome) => return outcome,
            Err(error) if error.is_passing() => {
                tracing::warn!(node = %name, %error, "failed to wait for a node: trying again");
            }
            Err(error) => return failed(error.to_string()),
        }
        pause.rest().await;
    }
}

fn end(event: &Event) -> Option<Outcome> {
    match event {
        Event::Completed { output, metrics, .. } => {
            Some(Outcome::Completed { output: output.clone(), metrics: *metrics })
        }
        Event::Failed { kind, error, metrics, .. } => {
            Some(Outcome::Failed { kind: *kind, error: error.clone(), metrics: *metrics })
        }
        Event::Cancelled { by, metrics, .. } => {
            let (kind, error) = (FailureKind::Cancelled, format!("it was cancelled by {by}"));
            Some(Outcome::Failed { kind, error, metrics: *metrics })
        }
        _ => None,
    }
}

/// What is known of its turns is lost with it.
fn failed(error: String) -> Outcome {
    Outcome::Failed { kind: FailureKind::ProcessFailed, error, metrics: Metrics::default() }
}
