//! `/rules`: who may do what, where; and what would come of a call.

use crate::confine;
use crate::http::parameters::Query;
use crate::rules::{Ancestor, Asked, Decision, Who};
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::Used;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /rules`: as they are said, and which of them the kernel holds.
pub(super) async fn show(app: web::Data<App>) -> HttpResponse {
    let rules = app.rules().rules();
    HttpResponse::Ok().json(json!({ "rules": rules.said(), "kernel": confine::held() }))
}

/// Which call it is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A profile; or a type of workflow, if a node of it calls.
    profile: Option<String>,
    node_of: Option<String>,
    /// Types of workflows in which it is called.
    within: Option<String>,
    tool: String,
    /// JSON.
    arguments: Option<String>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /rules/explain`
pub(super) async fn explain(
    app: web::Data<App>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let wanted = wanted.into_inner();
    let who = match (&wanted.profile, &wanted.node_of) {
        (Some(profile), None) => Who::Agent(profile.clone()),
        (None, Some(workflow)) => Who::Node(workflow.clone()),
        _ => return Err(Problem::bad_request("say who calls: either profile, or node_of")),
    };
    let tool = app.parts().tools.list().into_iter().find(|tool| tool.name == wanted.tool);
    let none =
        || Problem::not_found(format!("there is no tool {:?}: GET /tools lists them", wanted.tool));
    let tool = tool.ok_or_else(none)?;
    let arguments = wanted.arguments.as_deref().map_or(Ok(Value::Null), serde_json::from_str);
    let arguments = arguments.map_err(Problem::bad_request)?;
    let above: Vec<_> = wanted
        .node_of
        .iter()
        .map(String::as_str)
        .chain(wanted.within.iter().flat_map(|types| types.split(',')))
        .map(|name| Ancestor::Workflow(name.to_owned()))
        .collect();
    let rules = app.rules().rules();
    let asked = Asked { tool: &tool, arguments: &arguments, within: "", used: Used::default() };
    let told = match rules.standing(&who, &above).decide(&asked) {
        Decision::Allowed { rule } => json!({ "allowed": true, "rule": rule, "needs": tool.needs }),
        Decision::Refused(refused) => json!({
            "allowed": false, "rule": refused.rule, "why": refused.why,
            "instead": refused.instead, "needs": tool.needs,
        }),
    };
    Ok(HttpResponse::Ok().json(told))
}
