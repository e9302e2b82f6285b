//! What a workflow, or another run of one, is begun with.

use super::command::Input;
use super::item::Failure;
use super::planning::next;
use crate::graph::{self, Begun, Bundle, Definition, Scope};
use crate::journal::Journal;
use crate::vocabulary::{Durable, Payload, Reference, WorkflowId};
use serde_json::{Value, json};
use std::io;

/// Puts away what a workflow is pinned to.
pub async fn pin(journal: &Journal, bundle: &Bundle) -> io::Result<Durable<Reference>> {
    journal.put(json!(bundle).to_string().into_bytes()).await
}

/// A workflow's first run, on the state at first.
pub async fn first_run(
    journal: &Journal,
    bundle: &Bundle,
    definition: &Definition,
    input: &Value,
    workflow: &WorkflowId,
) -> Result<Input, Failure> {
    let begun = graph::begin(definition, input)?;
    let mut state = graph::initial(definition);
    graph::reduce(definition, &mut state, &begun.writes)?;
    let scope = Scope {
        input: &begun.input,
        state: &state,
        workflow: workflow.0.as_str(),
        run: 1,
        // Its input is the first checkpoint, so its first nodes run in the second step.
        step: 2,
        item: None,
        error: None,
        output: None,
    };
    let next = next(bundle, definition, &begun.frontier, &scope)?;
    let run = put_away(journal, begun).await?;
    Ok(Input { next: Some(next), ..run })
}

/// Another run, on a state that will be known when it begins.
pub async fn next_run(
    journal: &Journal,
    definition: &Definition,
    input: &Value,
) -> Result<Input, Failure> {
    put_away(journal, graph::begin(definition, input)?).await
}

async fn put_away(journal: &Journal, begun: Begun) -> Result<Input, Failure> {
    let writes = json!(begun.writes);
    let bytes = writes.to_string().len() as u64;
    let (input, writes) = (payload(journal, begun.input).await?, payload(journal, writes).await?);
    Ok(Input { input, writes, bytes, next: None })
}

async fn payload(journal: &Journal, value: Value) -> Result<Payload, Failure> {
    let stored = journal.payload(value).await;
    stored.map_err(|error| Failure::new("disk", format!("failed to store the input: {error}")))
}
