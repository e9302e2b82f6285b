//! `GET /tools`: what models, and nodes of workflows, may call.

use crate::wire::App;
use actix_web::{HttpResponse, web};
use callboard_actors::tools::{Source, Tool};
use serde_json::{Value, json};

/// `GET /tools`: by name, each with the schema of its arguments; those of MCP servers with the server, which `servers` tells
/// of.
pub(super) async fn list(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(page(&app))
}

fn page(app: &App) -> Value {
    let tools = &app.parts().tools;
    let servers = tools.sources();
    let items: Vec<_> = tools.list().iter().map(|tool| shown(tool, &servers)).collect();
    json!({ "items": items, "servers": servers })
}

fn shown(tool: &Tool, servers: &[Source]) -> Value {
    let mut shown = json!(tool);
    if let Some(server) = servers.iter().find(|server| server.would_have(&tool.name)) {
        shown["server"] =
            json!({ "name": server.name, "is_up": server.is_up, "state": server.state });
    }
    shown
}
