//! `/health` and `/info`: how the house is, and what it is.

use crate::wire::App;
use actix_web::{HttpResponse, web};
use callboard_actors::supervision::{ActorInfo, Branch, Status};
use serde::Serialize;
use serde_json::{Value, json};

/// Below this many free bytes the disk counts as full.
const LEAST_FREE: u64 = 64 << 20;

/// More warnings than these help nobody.
const MOST_WARNINGS: usize = 20;

#[derive(Serialize)]
struct Check {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl From<Result<(), String>> for Check {
    fn from(result: Result<(), String>) -> Self {
        Self { ok: result.is_ok(), detail: result.err() }
    }
}

/// `GET /health`: 200 when everything works, 503 when something does not. Open to all.
pub(super) async fn health(app: web::Data<App>) -> HttpResponse {
    let checks = [
        ("database", Check::from(database(&app).await)),
        ("disk_space", Check::from(disk_space(&app))),
        ("message_queue", Check::from(message_queue(&app))),
        ("actors", Check::from(actors(&app).await)),
    ];
    let is_well = checks.iter().all(|(_, check)| check.ok);
    let status = if is_well { "healthy" } else { "unhealthy" };
    let checks: serde_json::Map<String, Value> =
        checks.into_iter().map(|(name, check)| (name.to_owned(), json!(check))).collect();
    let mut response =
        if is_well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let warnings = app.parts().warnings.list();
    let mut body = json!({ "status": status, "checks": checks });
    if !warnings.is_empty() {
        body["warnings"] = json!(&warnings[..warnings.len().min(MOST_WARNINGS)]);
    }
    response.json(body)
}

async fn database(app: &App) -> Result<(), String> {
    let journal = &app.parts().journal;
    journal.health().check()?;
    journal.reader().check().await.map_err(|fault| fault.to_string())
}

fn disk_space(app: &App) -> Result<(), String> {
    let home = app.parts().journal.home().root();
    let found = rustix::fs::statvfs(home).map_err(|error| error.to_string())?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free >= LEAST_FREE {
        return Ok(());
    }
    Err(format!("only {free} bytes are free where the home lies: make room"))
}

fn message_queue(app: &App) -> Result<(), String> {
    let (writes, bytes, limit) = app.parts().journal.queue_depth();
    // Three quarters full: callers will soon be turned away.
    if bytes / 3 < limit / 4 {
        return Ok(());
    }
    Err(format!("{writes} writes ({bytes} of {limit} bytes) wait for the disk"))
}

async fn actors(app: &App) -> Result<(), String> {
    let Some(root) = app.root() else { return Err("the tree is being started".into()) };
    let Some(tree) = root.show(Vec::new(), 100).await else {
        return Err("the tree does not answer".into());
    };
    let mut ill = Vec::new();
    collect(&tree, &mut ill);
    if ill.is_empty() { Ok(()) } else { Err(ill.join("; ")) }
}

/// Services that do not run; entities that an accident, not an operator, has parked.
fn collect(info: &ActorInfo, ill: &mut Vec<String>) {
    if !matches!(info.status, Status::Running | Status::Asleep) {
        let why = info.detail.pointer("/parked/why").or(info.detail.pointer("/held/why"));
        let why = why.and_then(Value::as_str).map(|why| format!(": {why}")).unwrap_or_default();
        ill.push(format!(
            "{} is {}{why}",
            info.path,
            json!(info.status).as_str().unwrap_or_default()
        ));
    }
    for child in &info.children {
        collect(child, ill);
    }
}

/// `GET /info`
pub(super) async fn info(app: web::Data<App>) -> HttpResponse {
    let journal = &app.parts().journal;
    let mut info = json!(*app.description());
    info["epoch"] = journal.epoch().into();
    info["head"] = journal.feed().head().into();
    info["topic_root"] = journal.topic_root().into();
    HttpResponse::Ok().json(info)
}
