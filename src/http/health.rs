//! `/health` and `/info`: how the house is, and what it is.

use super::schedules;
use crate::confine;
use crate::wire::App;
use actix_web::{HttpResponse, web};
use callboard_actors::journal::Parked;
use callboard_actors::processes::adoption;
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
    /// Of rules: by thing, whether the kernel holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<&'static confine::Held>,
}

impl From<Result<(), String>> for Check {
    fn from(result: Result<(), String>) -> Self {
        Self { ok: result.is_ok(), detail: result.err(), kernel: None }
    }
}

/// `GET /health`: 200 when everything works, 503 when something does not. Open to all.
pub(super) async fn health(app: web::Data<App>) -> HttpResponse {
    let kernel = confine::held();
    let checks = [
        ("database", Check::from(database(&app).await)),
        ("disk_space", Check::from(disk_space(&app))),
        ("message_queue", Check::from(message_queue(&app))),
        ("actors", actors(&app).await),
        // How the house is built is no illness; whoever looks should know it.
        ("adoption", Check { ok: true, detail: adoption().err(), kernel: None }),
        ("rules", Check { ok: true, detail: kernel.lacking(), kernel: Some(kernel) }),
        // They are not ours: that one of them is not up makes nobody ill here.
        ("mcp", Check { ok: true, detail: servers_down(&app), kernel: None }),
    ];
    let is_well = checks.iter().all(|(_, check)| check.ok);
    let status = if is_well { "healthy" } else { "unhealthy" };
    let checks: serde_json::Map<String, Value> =
        checks.into_iter().map(|(name, check)| (name.to_owned(), json!(check))).collect();
    let mut response =
        if is_well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let mut warnings = app.parts().warnings.list();
    warnings.extend(schedules::warnings(&app).await);
    let instance = &app.description().instance;
    let mut body = json!({ "status": status, "instance": instance, "checks": checks });
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

fn servers_down(app: &App) -> Option<String> {
    let sources = app.parts().tools.sources().into_iter();
    let down = sources.filter(|source| !source.is_up);
    let told: Vec<_> = down.map(|source| format!("{}: {}", source.name, source.state)).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What an operator has suspended is said, but is no illness.
async fn actors(app: &App) -> Check {
    let Some(root) = app.root() else { return ill("the tree is being started") };
    let Some(tree) = root.show(Vec::new(), 100).await else {
        return ill("the tree does not answer");
    };
    let mut found = Found::default();
    found.collect(&tree);
    let ok = found.ill.is_empty();
    let said: Vec<_> = found.ill.into_iter().chain(found.suspended).collect();
    Check { ok, detail: (!said.is_empty()).then(|| said.join("; ")), kernel: None }
}

fn ill(why: &str) -> Check {
    Check { ok: false, detail: Some(why.into()), kernel: None }
}

/// What is not at work.
#[derive(Default)]
struct Found {
    /// Services that do not run, whoever stopped them; entities that an accident has parked.
    ill: Vec<String>,
    /// Entities that an operator keeps from acting, or has ended.
    suspended: Vec<String>,
}

impl Found {
    fn collect(&mut self, info: &ActorInfo) {
        if info.kind == "mcp_server" {
            return;
        }
        if !matches!(info.status, Status::Running | Status::Asleep) {
            let told = |what: &str| {
                let told = ["parked", "held"].map(|of| format!("/{of}/{what}"));
                let found = told.iter().find_map(|path| info.detail.pointer(path)?.as_str());
                found.map(ToOwned::to_owned)
            };
            let is_decided = told("by").is_some_and(|by| !Parked::is_by_accident(&by));
            let why = told("why").map(|why| format!(": {why}")).unwrap_or_default();
            let status = json!(info.status);
            let line = format!("{} is {}{why}", info.path, status.as_str().unwrap_or_default());
            if is_decided { &mut self.suspended } else { &mut self.ill }.push(line);
        }
        info.children.iter().for_each(|child| self.collect(child));
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
