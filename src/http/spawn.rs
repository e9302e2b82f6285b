//! `POST /spawn`: where a process comes into being.

use super::body::{Body, read};
use super::keys::{self, PRINCIPAL};
use super::{agents, model, templates};
use crate::wire::{App, Problem};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::agents::Profile;
use callboard_actors::entity::TellError;
use callboard_actors::journal::home;
use callboard_actors::machine::{Machine as _, tagged};
use callboard_actors::processes::{
    Command, Order, Pinned, Process, Refusal, RuntimeDefaults, Terms, Wishes,
};
use callboard_actors::vocabulary::{
    AgentId, Durable, Fallback, Hash, MessageId, Name, ProcessId, Reference, SessionId, StreamId,
    WorkflowId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What a client asks for.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    prompt: Option<String>,
    template: Option<String>,
    params: Option<Map<String, Value>>,
    system: Option<String>,
    model: Option<String>,
    runtime: Option<String>,
    agent_id: Option<String>,
    session_id: Option<String>,
    workflow_id: Option<String>,
    workdir: Option<PathBuf>,
    timeout_s: Option<u32>,
    max_retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallbacks: Option<Vec<Fallback>>,
    priority: Option<i32>,
}

/// Queues a process and answers when that is durable.
pub(super) async fn spawn(
    app: web::Data<App>,
    request: HttpRequest,
    Body(order): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(&request)?;
    order_and_answer(&app, key, order).await
}

/// The same, ordered by a message on `claude.spawn.request`.
pub(super) async fn order_by_message(
    app: &App,
    key: Option<String>,
    data: Value,
) -> Result<HttpResponse, Problem> {
    let request: Request = read(data)?;
    order_and_answer(app, key, request).await
}

/// The same, ordered by a schedule, under the name that it gives: told again, it is the same process.
pub(super) async fn order_as(app: App, name: Name, data: Value) -> Result<ProcessId, Problem> {
    let request: Request = read(data)?;
    accept(app, name, false, request).await
}

/// Whether such an order would be taken now. Nothing is stored.
pub(super) async fn check(app: &App, data: Value) -> Result<(), Problem> {
    let request: Request = read(data)?;
    let asked = asked(&request)?;
    prompt(app, &request).await?;
    let profile = profile(app, request.agent_id.as_deref()).await?.unwrap_or_default();
    order(app, profile, request, asked).map(drop)
}

async fn order_and_answer(
    app: &App,
    key: Option<String>,
    request: Request,
) -> Result<HttpResponse, Problem> {
    let is_fresh = key.is_none();
    let name = key.map_or_else(Name::fresh, |key| Name::derived(&[PRINCIPAL, &key]));
    let accepted = accept(app.clone(), name, is_fresh, request);
    // A task of its own: a client that goes away takes nothing back half way.
    let accepted = actix_rt::spawn(accepted).await;
    let process_id = accepted.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, format!("/processes/{process_id}")))
        .json(json!({ "process_id": process_id, "status": "queued" })))
}

/// The profile of a registered agent: it says what its processes get that say nothing themselves.
async fn profile(app: &App, agent: Option<&str>) -> Result<Option<Profile>, Problem> {
    let Some(Ok(name)) = agent.map(str::parse::<Name>) else { return Ok(None) };
    let row = agents::row(app, &name).await?;
    let profile = row.as_ref().and_then(|row| row.get("profile")?.as_str());
    Ok(profile.and_then(|profile| app.defaults().profiles.get(profile).cloned()))
}

/// Takes the request as a new one, or finds that it was taken before.
async fn accept(
    app: App,
    name: Name,
    is_fresh: bool,
    request: Request,
) -> Result<ProcessId, Problem> {
    let _turn = app.turns().take(&name).await;
    let process_id = ProcessId(name);
    let asked = asked(&request)?;
    match if is_fresh { None } else { asked_before(&app, &process_id).await? } {
        Some(before) if before == asked => return Ok(process_id),
        Some(_) => {
            let text = "this Idempotency-Key was used before for another request: use a new one";
            return Err(Problem::unprocessable(text));
        }
        None => {}
    }
    // Before anything is stored for it: it could only be refused.
    if let Some(held) = app.parts().processes.held() {
        return Err(TellError::<Refusal>::Parked(held).into());
    }
    let prompt = prompt(&app, &request).await?;
    let profile = profile(&app, request.agent_id.as_deref()).await?.unwrap_or_default();
    let system = system(request.system.as_deref(), &profile);
    let order = order(&app, profile, request, asked)?;
    let content = store(&app, &process_id, prompt, system).await?;
    queue(&app, &process_id, is_fresh, order(content)).await?;
    Ok(process_id)
}

/// What has to be the same when a request comes again: what the client said, and not what the server
/// made of it, for defaults and templates may have changed meanwhile.
fn asked(request: &Request) -> Result<Hash, Problem> {
    let text = serde_json::to_vec(request).map_err(Problem::internal)?;
    Ok(Hash::of(&text))
}

/// What the client of this process asked for, if it exists.
async fn asked_before(app: &App, process_id: &ProcessId) -> Result<Option<Hash>, Problem> {
    let stream = StreamId { kind: Process::KIND, name: process_id.0.clone() };
    let loaded = app.parts().journal.load(stream, 0).await?;
    let Some(first) = loaded.messages.first() else { return Ok(None) };
    let command = tagged::join(&first.event_type, first.data.get()).map_err(Problem::internal)?;
    match command {
        Command::Spawn(order) => Ok(Some(order.asked)),
        _ => Err(Problem::internal("a process begins with another command than SPAWN")),
    }
}

/// The instructions that were said, else those of the profile; those that say nothing are none.
fn system(said: Option<&str>, profile: &Profile) -> Option<String> {
    let system = said.or(profile.system_prompt.as_deref())?;
    (!system.trim().is_empty()).then(|| system.to_owned())
}

/// What the model is asked, on disk.
struct Content {
    prompt: Durable<Reference>,
    pinned: Pinned,
}

/// Makes all that the model is asked durable, before anything names it.
async fn store(
    app: &App,
    process_id: &ProcessId,
    prompt: String,
    system: Option<String>,
) -> Result<Content, Problem> {
    let file = home::queued_prompt(process_id);
    let stored = app.parts().journal.files().run(move |files| {
        let system = system.map(|text| files.publish_by_hash(text.as_bytes())).transpose()?;
        let prompt = files.publish(&file, prompt.as_bytes())?;
        Ok(Content { prompt, pinned: Pinned { system, ..Pinned::default() } })
    });
    let stored = stored.await;
    stored.map_err(|error| Problem::unavailable(format!("failed to store the prompt: {error}")))
}

async fn queue(
    app: &App,
    process_id: &ProcessId,
    is_fresh: bool,
    order: Order,
) -> Result<(), Problem> {
    let command = Command::Spawn(Box::new(order));
    let name = &process_id.0;
    let id = MessageId::derived(&["spawn", name.as_str()]);
    let processes = &app.parts().processes;
    if is_fresh {
        processes.tell_fresh(name, id, command).await?;
    } else {
        processes.tell(name, id, command).await?;
    }
    Ok(())
}

async fn prompt(app: &App, request: &Request) -> Result<String, Problem> {
    let no_params = Map::new();
    let prompt = match (&request.prompt, &request.template) {
        (Some(prompt), None) if request.params.is_none() => prompt.clone(),
        (Some(_), None) => return Err(Problem::unprocessable("params belong to a template")),
        (None, Some(template)) => {
            let params = request.params.as_ref().unwrap_or(&no_params);
            templates::render(&app.defaults().templates, template, params).await?
        }
        _ => return Err(Problem::unprocessable("give either a prompt or a template")),
    };
    if prompt.trim().is_empty() {
        return Err(Problem::unprocessable("the prompt is empty"));
    }
    Ok(prompt)
}

/// All of the order but its content, which is put away only when the rest is right.
fn order(
    app: &App,
    profile: Profile,
    request: Request,
    asked: Hash,
) -> Result<impl FnOnce(Content) -> Order + 'static, Problem> {
    if let Some(model) = &request.model {
        model::check(model)?;
    }
    let wishes = Wishes {
        runtime: request.runtime.or(profile.runtime),
        model: request.model.or(profile.model),
        timeout_s: request.timeout_s,
        max_retries: request.max_retries,
        fallbacks: request.fallbacks.unwrap_or(profile.fallbacks),
    };
    let orders = app.parts().tuner.orders();
    let terms = orders.terms(wishes).map_err(Problem::unprocessable)?;
    let Terms { runtime, model, timeout_s, retry, on_lost, fallbacks } = terms;
    let workdir = workdir(request.workdir, &runtime, orders.runtimes.get(&runtime))?;
    let agent_id = id("agent_id", request.agent_id)?.map(AgentId);
    let session_id = id("session_id", request.session_id)?.map(session).transpose()?;
    let workflow_id = id("workflow_id", request.workflow_id)?.map(WorkflowId);
    let priority = request.priority.unwrap_or(0);
    let profile = Some(profile.name).filter(|name| !name.is_empty());
    Ok(move |Content { prompt, pinned }| Order {
        prompt,
        pinned,
        asked,
        runtime,
        model,
        agent_id,
        profile,
        session_id,
        workflow_id,
        workdir,
        site: None,
        priority,
        timeout_s,
        retry,
        on_lost,
        needs_room: false,
        fallbacks,
    })
}

/// The folder that a program is to work in. It has to be there now, and will have to be with every attempt.
fn workdir(
    wanted: Option<PathBuf>,
    runtime: &str,
    of_runtime: Option<&RuntimeDefaults>,
) -> Result<Option<PathBuf>, Problem> {
    let Some(folder) = wanted else { return Ok(None) };
    let runs_a_program = of_runtime.is_some_and(|defaults| defaults.runs_a_program);
    let why = if !runs_a_program {
        format!("the runtime {runtime} runs no program: leave it out, or choose one that does")
    } else if !folder.is_absolute() {
        format!("{} is not absolute: begin it with /", folder.display())
    } else if !folder.is_dir() {
        format!("{} is no folder on the server's machine: make it first", folder.display())
    } else {
        return Ok(Some(folder));
    };
    Err(Problem::unprocessable(format!("workdir: {why}")))
}

fn id(what: &str, text: Option<String>) -> Result<Option<Name>, Problem> {
    let name = text.map(|text| text.parse::<Name>()).transpose();
    name.map_err(|error| Problem::unprocessable(format!("{what}: {error}")))
}

/// The session's file gets its name: one is taken already.
fn session(name: Name) -> Result<SessionId, Problem> {
    let session = SessionId(name);
    if home::is_reserved(&session) {
        let text = "session_id: latest is the link to the newest session: choose another id";
        return Err(Problem::unprocessable(text));
    }
    Ok(session)
}
