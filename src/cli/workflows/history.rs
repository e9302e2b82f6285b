//! `workflows history`: step by step, the oldest first.

use serde_json::{Value, json};

use super::path;
use super::show::cost;
use crate::cli::Exit;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::Out;
use crate::cli::table::cut;

/// How much of a value is shown.
const WIDTH: usize = 90;

pub(super) async fn history(
    context: &Context,
    client: &Client,
    id: &str,
    out: &mut Out,
) -> Outcome {
    let place = format!("{}/history", path(id));
    let (mut items, mut before) = (Vec::new(), None);
    let runs = loop {
        let mut query = vec![("limit", "200".to_owned())];
        query.extend(before.map(|before: u64| ("before", before.to_string())));
        let page: Value = client.get(&place, &query).await?;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        before = page["next"].as_u64();
        if before.is_none() {
            break page["runs"].clone();
        }
    };
    items.reverse();
    if context.is_json {
        out.json(&json!(items))?;
        return Ok(Exit::Done);
    }
    items.iter().flat_map(|step| lines(step, &runs)).try_for_each(|line| out.line(line))?;
    Ok(Exit::Done)
}

/// Where a step stands that came to nothing so far.
fn open(step: &Value, runs: &Value) -> &'static str {
    let mut runs = runs.as_array().into_iter().flatten();
    let run = runs.find(|run| run["run"] == step["run"]);
    match run.and_then(|run| run["status"].as_str()) {
        Some("completed" | "failed" | "cancelled") => "not finished",
        _ => "under way",
    }
}

fn lines(step: &Value, runs: &Value) -> Vec<String> {
    let source = &step["forked_from"];
    let what = match () {
        () if source.is_object() => "fork",
        () if step["is_input"] == true => "input",
        () => "step",
    };
    let at = step["committed_at"].as_str().unwrap_or(open(step, runs));
    let undoes = &step["undoes"]["item"];
    let undoes = undoes["node"].as_str().map_or_else(String::new, |node| {
        let index = undoes["index"].as_u64().map(|index| format!("[{index}]")).unwrap_or_default();
        let inside = if step["undoes"]["is_inside"] == true { "inside of " } else { "" };
        format!("  undoes {inside}{node}{index} of step {}", undoes["step"])
    });
    let mut lines = vec![format!("{what} {}  run {}  {at}{undoes}", step["step"], step["run"])];
    if let Some(of) = source["workflow_id"].as_str() {
        lines.push(format!("  of {of} at checkpoint {}", source["checkpoint"]));
    }
    for node in step["nodes"].as_array().into_iter().flatten() {
        let text = |name: &str| node[name].as_str().unwrap_or_default();
        let took = if node["spent"]["turns"] == 0 { String::new() } else { cost(&node["spent"]) };
        let remark = node["error"].as_str().map_or(took, |error| cut(error, WIDTH));
        lines.push(format!("  {}  {}  {remark}", text("node"), text("status")).trim_end().into());
    }
    for write in step["writes"].as_array().into_iter().flatten() {
        let channel = write["channel"].as_str().unwrap_or_default();
        let value = &write["value"];
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        lines.push(format!("    {channel} ← {}", cut(&value, WIDTH)));
    }
    lines
}
