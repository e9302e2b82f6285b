//! `compare`: two workflows side by side, with the place where they part.

use serde_json::Value;

use super::path;
use super::show::cost;
use crate::cli::Exit;
use crate::cli::args::Compare;
use crate::cli::client::segment;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::Out;
use crate::cli::table::{cut, rows};

/// How much of a value is shown.
const WIDTH: usize = 90;

pub(in crate::cli) async fn compare(context: &Context, wanted: &Compare, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let place = format!("{}/compare/{}", path(&wanted.a), segment(&wanted.b));
    let found: Value = client.get(&place, &[]).await?;
    if context.is_json {
        out.json(&found)?;
        return Ok(Exit::Done);
    }
    out.line(drawn(&found))?;
    Ok(Exit::Done)
}

fn drawn(found: &Value) -> String {
    let mut parts = vec![heads(found), parting(found)];
    let steps: Vec<_> = found["steps"].as_array().into_iter().flatten().flat_map(lines).collect();
    if !steps.is_empty() {
        parts.push(format!("steps\n{}", rows(&steps)));
    }
    let channels = found["channels"].as_object().into_iter().flatten();
    let channels: Vec<_> = channels.map(|(name, change)| channel(name, change)).collect();
    if !channels.is_empty() {
        parts.push(format!("state at the end\n{}", channels.join("\n")));
    }
    parts.join("\n\n")
}

fn heads(found: &Value) -> String {
    let row = |side: &str| {
        let of = &found[side];
        let text = |name: &str| of[name].as_str().unwrap_or_default().to_owned();
        let steps = format!("{} steps", of["totals"]["steps"]);
        vec![side.to_owned(), text("id"), text("type"), text("status"), steps, cost(&of["totals"])]
    };
    rows(&[row("a"), row("b")])
}

/// Where they part, in words.
fn parting(found: &Value) -> String {
    let at = &found["parts_at"];
    let shared = found["shared_checkpoint"].as_u64();
    let shared = shared.map(|number| format!("they share checkpoint {number}; "));
    let shared = shared.unwrap_or_default();
    let node = at["node"].as_str().unwrap_or_default();
    let node = match at["index"].as_u64() {
        Some(index) => format!("{node}[{index}]"),
        None => node.to_owned(),
    };
    let sides = || format!("\n  a  {}\n  b  {}", value(&at["a"]), value(&at["b"]));
    let step = at["step"].as_u64().unwrap_or_default();
    let what = match at["what"].as_str() {
        None => return format!("{shared}nothing differs"),
        Some("input") => format!("their inputs differ{}", sides()),
        Some("state") => {
            let channels = at["channels"].as_object().into_iter().flatten();
            let lines: Vec<_> = channels.map(|(name, change)| channel(name, change)).collect();
            format!("their states differ at checkpoint {step}\n{}", lines.join("\n"))
        }
        Some("steps") => format!("only one of them has a step {step}"),
        Some("nodes") => format!("only one of them has {node} in step {step}"),
        Some("writes") => format!("step {step} wrote something else{}", sides()),
        Some(_) => format!("they part in step {step}: {node}{}", sides()),
    };
    format!("{shared}{what}")
}

/// A step's nodes on both sides.
fn lines(step: &Value) -> Vec<Vec<String>> {
    let side = |name: &str| -> Vec<&Value> {
        step[name]["nodes"].as_array().into_iter().flatten().collect()
    };
    let (a, b) = (side("a"), side("b"));
    let mut names: Vec<&str> =
        a.iter().chain(&b).filter_map(|node| node["node"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |nodes: &[&Value], name: &str| {
        let node = nodes.iter().find(|node| node["node"] == name);
        node.map_or_else(|| "–".to_owned(), |node| standing(node))
    };
    let mark = if step["differs"] == true { "≠" } else { "=" };
    let row = |name: &str| {
        vec![
            format!("  {}", step["step"]),
            mark.into(),
            name.to_owned(),
            of(&a, name),
            of(&b, name),
        ]
    };
    names.into_iter().map(row).collect()
}

fn standing(node: &Value) -> String {
    let status = node["status"].as_str().unwrap_or_default();
    match &node["spent"] {
        spent if spent["turns"].as_u64().unwrap_or_default() > 0 => {
            format!("{status}, {}", cost(spent))
        }
        _ if node["adopted"].as_u64().unwrap_or_default() > 0 => format!("{status}, taken over"),
        _ => status.to_owned(),
    }
}

fn channel(name: &str, change: &Value) -> String {
    match change.get("appended") {
        Some(added) => format!("  {name}\n    b has more: {}", value(added)),
        None => {
            format!("  {name}\n    a  {}\n    b  {}", value(&change["old"]), value(&change["new"]))
        }
    }
}

fn value(value: &Value) -> String {
    cut(&value.as_str().map_or_else(|| value.to_string(), str::to_owned), WIDTH)
}
