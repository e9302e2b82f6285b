//! `workflows pause|resume|cancel|retry|rollback`, and `workflows graph`.

use serde_json::{Value, json};

use super::path;
use crate::cli::Exit;
use crate::cli::args::{GraphFormat, WorkflowsCommand as Wanted};
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::{Out, remark};

/// What is asked of the API: the verb, and what goes with it. Only what was said.
pub(super) fn words(wanted: &Wanted) -> (&'static str, Option<Value>) {
    match wanted {
        Wanted::Pause { .. } => ("pause", None),
        Wanted::Resume { checkpoint, .. } => {
            ("resume", checkpoint.map(|checkpoint| json!({ "checkpoint": checkpoint })))
        }
        Wanted::Cancel { undo, .. } => ("cancel", undo.then(|| json!({ "undo": true }))),
        Wanted::Retry { step, undo, .. } => {
            ("retry", step.map(|step| json!({ "step": step, "undo": undo })))
        }
        Wanted::Rollback { checkpoint, .. } => {
            ("rollback", Some(json!({ "checkpoint": checkpoint })))
        }
        _ => unreachable!("these steer nothing"),
    }
}

pub(super) async fn steer(
    context: &Context,
    client: &Client,
    id: &str,
    verb: &str,
    body: Option<Value>,
    out: &mut Out,
) -> Outcome {
    let place = format!("{}/{verb}", path(id));
    let workflow: Value = client.post(&place, body.as_ref(), None).await?;
    print(context, id, &workflow, out)
}

/// One workflow in a line, or as it came.
pub(super) fn print(context: &Context, id: &str, workflow: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(workflow)?;
    } else {
        let status = workflow["status"].as_str().unwrap_or("accepted");
        out.line(format!("{id}  {status}"))?;
        let warnings = workflow["warnings"].as_array().into_iter().flatten();
        warnings.filter_map(Value::as_str).for_each(|text| remark(format!("warning: {text}")));
    }
    Ok(Exit::Done)
}

pub(super) async fn graph(
    context: &Context,
    client: &Client,
    id: &str,
    format: GraphFormat,
    out: &mut Out,
) -> Outcome {
    let place = format!("{}/graph", path(id));
    let format = match format {
        GraphFormat::Json => None,
        _ if context.is_json => None,
        GraphFormat::Mermaid => Some("mermaid"),
        GraphFormat::Dot => Some("dot"),
    };
    match format {
        None => out.json(&client.get::<Value>(&place, &[]).await?)?,
        Some(format) => {
            let text = client.text(&place, &[("format", format.to_owned())]).await?;
            out.line(text.trim_end())?;
        }
    }
    Ok(Exit::Done)
}
