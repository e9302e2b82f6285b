//! `/memory`: what agents remember, for people: the home's memory, by the very tools that agents call.

use super::body::Body;
use super::keys;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::tools::{Caller, Meter, ToolError};
use callboard_actors::vocabulary::WorkflowId;
use serde_json::Value;

/// `POST /memory`: remembers a text; the body is what `memory_store` takes.
pub(super) async fn store(
    app: web::Data<App>,
    request: HttpRequest,
    Body(body): Body<Value>,
) -> Result<HttpResponse, Problem> {
    let stored = call(&app, &request, "memory_store", body).await?;
    Ok(HttpResponse::Created().json(stored))
}

/// `POST /memory/search`: the body is what `memory_search` takes.
pub(super) async fn search(
    app: web::Data<App>,
    request: HttpRequest,
    Body(body): Body<Value>,
) -> Result<HttpResponse, Problem> {
    let found = call(&app, &request, "memory_search", body).await?;
    Ok(HttpResponse::Ok().json(found))
}

async fn call(
    app: &App,
    request: &HttpRequest,
    tool: &str,
    arguments: Value,
) -> Result<Value, Problem> {
    let caller = Caller {
        id: keys::message_id(request, "tool", tool)?,
        workflow_id: WorkflowId(Caller::BY_HAND.parse().map_err(Problem::internal)?),
        path: "over HTTP".to_owned(),
        profile: None,
        workplace: None,
        meter: Meter::default(),
    };
    let tools = &app.parts().tools;
    let tool = tools.find(tool, &[tool.to_owned()]).map_err(problem)?;
    tools.call(&tool, arguments, caller).await.map_err(problem)
}

fn problem(error: ToolError) -> Problem {
    if error.is_passing { Problem::unavailable(error) } else { Problem::unprocessable(error) }
}
