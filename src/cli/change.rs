//! `cancel`, `retry`, `restart` and `operate`: orders that are accepted, not awaited.

use serde_json::Value;

use super::args::Verb;
use super::client::segment;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::{Exit, show};

/// Cancels a process, or tries a dead one again.
pub(super) async fn process(context: &Context, id: &str, verb: &str, out: &mut Out) -> Outcome {
    let path = format!("{}/{verb}", show::process_path(id)?);
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
    let target = format!("{}/{}", actor_path(path)?, verb.word());
    let client = context.client().await?;
    let answer: Value = client.post(&target, None, None).await?;
    if context.is_json {
        out.json(&answer)?;
    } else {
        out.line(format!("{path}  {} accepted", verb.word()))?;
    }
    Ok(Exit::Done)
}

/// Where the API has an actor below the root.
fn actor_path(path: &str) -> Result<String, Failure> {
    let target = super::tree::api_path(path);
    if target == "/actors" {
        let text = "the root takes no orders: name an actor below it, as `callboard tree` shows it";
        return Err(Failure::new(Exit::Refused, text));
    }
    Ok(target)
}

/// The segments of an actor's path, made fit for a URL.
pub(super) fn segments(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(segment).collect();
    if parts.is_empty() { String::new() } else { format!("/{}", parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_takes_no_orders() {
        for path in ["/", "", "//"] {
            assert_eq!(actor_path(path).unwrap_err().exit, Exit::Refused);
        }
        assert_eq!(actor_path("/processes/a b/").unwrap(), "/actors/processes/a%20b");
    }
}
