//! `audit`: who was allowed or refused what, the newest first.

use serde_json::Value;

use super::api::Page;
use super::args::Audit;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::{cut, table};
use super::{Exit, read};

/// So much of what a call is about is shown.
const WIDTH: usize = 60;

pub(super) async fn run(context: &Context, wanted: &Audit, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let page: Value = client.get("/audit", &query(wanted)).await?;
    if context.is_json {
        out.json(&page["items"])?;
        return Ok(Exit::Done);
    }
    let page: Page<Value> = read(page)?;
    let rows: Vec<_> = page.items.iter().map(row).collect();
    out.line(table(&["AT", "WHO", "TOOL", "ON", "CAME", "BY"], &rows))?;
    Ok(Exit::Done)
}

fn query(wanted: &Audit) -> Vec<(&'static str, String)> {
    let texts = [
        ("actor", &wanted.actor),
        ("workflow_id", &wanted.workflow),
        ("tool", &wanted.tool),
        ("rule", &wanted.rule),
    ];
    let texts = texts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    let mut query: Vec<_> = texts.collect();
    query.extend(wanted.refused.then(|| ("allowed", "false".to_owned())));
    query.extend(wanted.limit.map(|limit| ("limit", limit.to_string())));
    query
}

fn row(decision: &Value) -> Vec<String> {
    let text = |name: &str| decision[name].as_str().unwrap_or_default().to_owned();
    let came = if decision["allowed"] == true { "allowed" } else { "refused" };
    vec![
        text("at"),
        text("actor"),
        text("tool"),
        cut(&text("target"), WIDTH),
        came.to_owned(),
        text("rule"),
    ]
}
