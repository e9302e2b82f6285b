//! `POST /spawn`: where a process comes into being.

use super::templates;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::journal::home;
use callboard_actors::processes::{Command, Order, RetryPolicy};
use callboard_actors::vocabulary::{
    AgentId, Durable, Hash, MessageId, Name, ProcessId, Reference, SessionId, WorkflowId,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    prompt: Option<String>,
    template: Option<String>,
    params: Option<Map<String, Value>>,
    model: Option<String>,
    runtime: Option<String>,
    agent_id: Option<String>,
    session_id: Option<String>,
    workflow_id: Option<String>,
    timeout_s: Option<u32>,
    max_retries: Option<u32>,
    priority: Option<i32>,
}

/// Who all clients are: there is one token.
const PRINCIPAL: &str = "token";
/// The longest time an attempt may be given.
const LONGEST_TIMEOUT_S: u32 = 86_400;
/// The most retries that may be asked for.
const MOST_RETRIES: u32 = 100;

/// Queues a process and answers when that is durable.
pub(super) async fn spawn(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Request>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(&request)?;
    let prompt = prompt(&app, &body).await?;
    let order = order(&app, body.into_inner())?;
    let accepted = accept(app.get_ref().clone(), key, prompt, order);
    // A task of its own: a client that goes away takes nothing back half way.
    let accepted = actix_rt::spawn(accepted).await;
    let process_id = accepted.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, format!("/processes/{process_id}")))
        .json(json!({ "process_id": process_id, "status": "queued" })))
}

/// Makes the prompt and the order durable, in this order.
async fn accept(
    app: App,
    key: Option<String>,
    prompt: String,
    order: impl FnOnce(Durable<Reference>) -> Order,
) -> Result<ProcessId, Problem> {
    let name = match &key {
        Some(key) => Name::derived(&[PRINCIPAL, key]),
        None => Name::fresh(),
    };
    let _turn = app.turns().take(&name).await;
    let process_id = ProcessId(name.clone());
    let prompt = place(&app, &process_id, key.is_some(), prompt).await?;
    let command = Command::Spawn(order(prompt));
    let id = MessageId::derived(&["spawn", name.as_str()]);
    let processes = &app.parts().processes;
    match key {
        Some(_) => processes.tell(&name, id, command).await?,
        None => processes.tell_fresh(&name, id, command).await?,
    };
    Ok(process_id)
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if (1..=255).contains(&text.len()) {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::bad_request("Idempotency-Key has to be 1 to 255 visible ASCII characters"))
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

/// Puts the prompt into the queue, durably. A request that comes again must not touch the file of the
/// first: it is compared by its hash.
async fn place(
    app: &App,
    process_id: &ProcessId,
    may_be_a_retry: bool,
    prompt: String,
) -> Result<Durable<Reference>, Problem> {
    let journal = &app.parts().journal;
    let file = home::queued_prompt(process_id);
    if may_be_a_retry && row(app, process_id).await?.is_some() {
        let hash = Hash::of(prompt.as_bytes());
        let reference = Reference { hash, bytes: prompt.len() as u64, file, line: None };
        return journal.recorded(reference).await?.ok_or_else(|| {
            Problem::unprocessable(
                "this Idempotency-Key was used before for another request: use a new one",
            )
        });
    }
    let publish = journal.files().run(move |files| files.publish(&file, prompt.as_bytes())).await;
    publish.map_err(|error| Problem::unavailable(format!("failed to store the prompt: {error}")))
}

async fn row(app: &App, process_id: &ProcessId) -> Result<Option<Map<String, Value>>, Problem> {
    super::processes::row(app, &process_id.0).await
}

/// All of the order but the prompt, which is put away only when the rest is right.
fn order(
    app: &App,
    request: Request,
) -> Result<impl FnOnce(Durable<Reference>) -> Order + 'static, Problem> {
    let defaults = app.defaults();
    let runtime = runtime(app, request.runtime)?;
    let of_runtime = defaults.runtimes.get(&runtime);
    let on_lost = of_runtime.map(|defaults| defaults.on_lost).unwrap_or_default();
    let default = of_runtime.and_then(|defaults| defaults.model.as_ref());
    let model = model(request.model, default.unwrap_or(&defaults.model))?;
    let agent_id = id("agent_id", request.agent_id)?.map(AgentId);
    let session_id = id("session_id", request.session_id)?.map(session).transpose()?;
    let workflow_id = id("workflow_id", request.workflow_id)?.map(WorkflowId);
    let priority = request.priority.unwrap_or(0);
    let timeout_s = request.timeout_s.unwrap_or(defaults.timeout_s);
    let timeout_s = within("timeout_s", timeout_s, 1, LONGEST_TIMEOUT_S)?;
    let max_retries = request.max_retries.unwrap_or(defaults.retry.max_retries);
    let max_retries = within("max_retries", max_retries, 0, MOST_RETRIES)?;
    let retry = RetryPolicy { max_retries, ..defaults.retry.clone() };
    Ok(move |prompt| Order {
        prompt,
        runtime,
        model,
        agent_id,
        session_id,
        workflow_id,
        priority,
        timeout_s,
        retry,
        on_lost,
    })
}

fn runtime(app: &App, wanted: Option<String>) -> Result<String, Problem> {
    let runtime = wanted.unwrap_or_else(|| app.defaults().runtime.clone());
    let known = &app.description().runtimes;
    if known.contains(&runtime) {
        return Ok(runtime);
    }
    let text = format!("there is no runtime {runtime:?}: choose one of {}", known.join(", "));
    Err(Problem::unprocessable(text))
}

fn id(what: &str, text: Option<String>) -> Result<Option<Name>, Problem> {
    let name = text.map(|text| text.parse::<Name>()).transpose();
    name.map_err(|error| Problem::unprocessable(format!("{what}: {error}")))
}

/// The session's file gets its name: one is taken already.
fn session(name: Name) -> Result<SessionId, Problem> {
    if name.as_str() == "latest" {
        let text = "session_id: latest is the link to the newest session: choose another id";
        return Err(Problem::unprocessable(text));
    }
    Ok(SessionId(name))
}

fn model(wanted: Option<String>, default: &str) -> Result<String, Problem> {
    let model = wanted.unwrap_or_else(|| default.to_owned());
    if (1..=200).contains(&model.len()) && !model.chars().any(char::is_control) {
        return Ok(model);
    }
    Err(Problem::unprocessable("model has to be 1 to 200 characters"))
}

fn within(what: &str, value: u32, least: u32, most: u32) -> Result<u32, Problem> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Problem::unprocessable(format!("{what} is {value}, but has to be {least} to {most}")))
}
