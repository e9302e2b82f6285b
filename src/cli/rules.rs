//! `rules`: who may do what, where; and what would come of a call.

use std::path::Path;

use serde_json::{Value, json};

use crate::rules::{SCHEMA, read_file};

use super::Exit;
use super::args::Rules;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::table::list;

/// Prints the schema.
pub(super) fn schema(out: &mut Out) -> Outcome {
    out.piece(SCHEMA)?;
    Ok(Exit::Done)
}

/// Says what is wrong with a file, if anything is.
pub(super) fn check(context: &Context, file: &Path, out: &mut Out) -> Outcome {
    if !file.exists() {
        let text = format!("there is no file {}", file.display());
        return Err(Failure::new(Exit::Usage, text));
    }
    let error = read_file(file).err().map(|error| error.to_string());
    if context.is_json {
        out.json(&json!({ "ok": error.is_none(), "error": error }))?;
    } else {
        out.line(error.as_deref().unwrap_or("all is well"))?;
    }
    Ok(if error.is_none() { Exit::Done } else { Exit::Failed })
}

pub(super) async fn run(context: &Context, wanted: &Rules, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let Rules::Explain { who, tool, arguments, within } = wanted else {
        let rules: Value = client.get("/rules", &[]).await?;
        out.json(&rules)?;
        return Ok(Exit::Done);
    };
    let who = match who.strip_prefix("nodes:") {
        Some(workflow) => ("node_of", workflow.to_owned()),
        None => ("profile", who.clone()),
    };
    let mut query = vec![who, ("tool", tool.clone())];
    query.extend(arguments.iter().map(|arguments| ("arguments", arguments.clone())));
    if !within.is_empty() {
        query.push(("within", within.join(",")));
    }
    let told: Value = client.get("/rules/explain", &query).await?;
    if context.is_json {
        out.json(&told)?;
    } else {
        out.line(drawn(&told))?;
    }
    let is_allowed = told["allowed"] == true;
    Ok(if is_allowed { Exit::Done } else { Exit::Failed })
}

fn drawn(told: &Value) -> String {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let came = if told["allowed"] == true { "allowed" } else { "refused" };
    let pairs = [
        ("it is", came.to_owned()),
        ("by", text("rule")),
        ("needs", text("needs")),
        ("why", text("why")),
        ("instead", text("instead")),
    ];
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    list(&pairs)
}
