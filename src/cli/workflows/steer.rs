//! `workflows pause|resume|cancel|retry`, and `workflows graph`.

use serde_json::Value;

use super::path;
use crate::cli::Exit;
use crate::cli::args::GraphFormat;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::Out;

pub(super) async fn steer(
    context: &Context,
    client: &Client,
    id: &str,
    verb: &str,
    out: &mut Out,
) -> Outcome {
    let workflow: Value = client.post(&format!("{}/{verb}", path(id)), None, None).await?;
    print(context, id, &workflow, out)
}

/// One workflow in a line, or as it came.
pub(super) fn print(context: &Context, id: &str, workflow: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(workflow)?;
    } else {
        let status = workflow["status"].as_str().unwrap_or("accepted");
        out.line(format!("{id}  {status}"))?;
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
