//! `cancel`, `retry`, `restart` and `operate`: orders that are accepted, not awaited.

use serde_json::Value;

use super::args::Verb;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::{Exit, place};

/// Cancels a process, or tries a dead one again.
pub(super) async fn process(context: &Context, id: &str, verb: &str, out: &mut Out) -> Outcome {
    let path = format!("{}/{verb}", place::process(id)?);
    let client = context.client().await?;
    let process: Value = client.post(&path, None, None).await?;
    if context.is_json {
        out.json(&process)?;
    } else {
        let status = process["status"].as_str().unwrap_or("accepted");
        out.line(format!("{id}  {status}"))?;
    }
    Ok(Exit::Done)
}

/// Gives an actor an order.
pub(super) async fn actor(context: &Context, path: &str, verb: Verb, out: &mut Out) -> Outcome {
    let target = format!("{}/{}", place::ordered(path)?, verb.word());
    let client = context.client().await?;
    let answer: Value = client.post(&target, None, None).await?;
    if context.is_json {
        out.json(&answer)?;
    } else {
        out.line(format!("{path}  {} accepted", verb.word()))?;
    }
    Ok(Exit::Done)
}
