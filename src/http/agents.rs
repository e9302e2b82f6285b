//! `/agents`: the registry of agents.

use super::body::Body;
use super::{keys, pages, query};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::agents::{Agent, Changes, Command, Profile, Registration};
use callboard_actors::entity::Directory;
use callboard_actors::journal::RowFilter;
use callboard_actors::vocabulary::{AgentId, Name};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const TABLE: &str = "agents";

/// What an agent can be.
const STATUSES: [&str; 4] = ["inactive", "active", "busy", "unregistered"];

/// Who is to be registered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    id: Option<String>,
    profile: String,
    display_name: Option<String>,
    capabilities: Option<Vec<String>>,
    permissions: Option<Map<String, Value>>,
}

/// `POST /agents`
pub(super) async fn register(
    app: web::Data<App>,
    request: HttpRequest,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(&request)?;
    let profile = profile(&app, &body.profile)?;
    let name = match (body.id, &key) {
        (Some(id), _) => id.parse::<Name>().map_err(Problem::unprocessable)?,
        (None, Some(key)) => Name::derived(&[keys::PRINCIPAL, "agent", key]),
        (None, None) => Name::fresh(),
    };
    let command = Command::Register(Registration {
        profile: body.profile,
        display_name: display_name(body.display_name.unwrap_or_else(|| name.to_string()))?,
        capabilities: capabilities(body.capabilities.unwrap_or(profile.capabilities))?,
        permissions: body.permissions.unwrap_or(profile.permissions),
    });
    let id = keys::message_id(&request, "register", name.as_str())?;
    app.parts().agents.tell(&name, id, command).await?;
    let (_, row) = existing(&app, name.as_str()).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, format!("/agents/{name}"))).json(row))
}

fn profile(app: &App, name: &str) -> Result<Profile, Problem> {
    let profiles = &app.defaults().profiles;
    profiles.get(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
        let text = format!(
            "there is no profile {name:?}: choose one of {}, or add config/agents/{name}.yaml",
            known.join(", ")
        );
        Problem::unprocessable(text)
    })
}

fn display_name(name: String) -> Result<String, Problem> {
    if (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(Problem::unprocessable("display_name has to be 1 to 200 characters"))
}

fn capabilities(words: Vec<String>) -> Result<Vec<String>, Problem> {
    let is_fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    let is_word = |word: &String| (1..=64).contains(&word.len()) && word.bytes().all(is_fine);
    match words.iter().find(|word| !is_word(word)) {
        None if words.len() <= 100 => Ok(words),
        None => Err(Problem::unprocessable("an agent has at most 100 capabilities")),
        Some(word) => Err(Problem::unprocessable(format!(
            "{word:?} is no capability: use 1 to 64 small letters, digits, - and _"
        ))),
    }
}

/// Which agents are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    capability: Option<String>,
    status: Option<String>,
    profile: Option<String>,
    limit: Option<usize>,
    before: Option<i64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /agents`, newest first.
pub(super) async fn list(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let Filter { capability, status, profile, limit, before, .. } = filter.into_inner();
    let status = status.map(|status| known(&status)).transpose()?;
    let filters = [
        capability.map(|word| RowFilter::holds("capabilities", word)),
        status.map(|status| RowFilter::is("status", status)),
        profile.map(|profile| RowFilter::is("profile", profile)),
    ];
    pages::rows(&app, TABLE, filters, before, limit).await
}

fn known(status: &str) -> Result<String, Problem> {
    let status = status.to_lowercase();
    if STATUSES.contains(&status.as_str()) {
        return Ok(status);
    }
    let text = format!("{status:?} is no status: use one of {}", STATUSES.join(", "));
    Err(Problem::bad_request(text))
}

/// An agent's row; `None`: there never was one.
pub(super) async fn row(app: &App, name: &Name) -> Result<Option<Map<String, Value>>, Problem> {
    let stream = Directory::<Agent>::stream(name);
    Ok(app.parts().journal.reader().row(TABLE, stream).await?)
}

/// An agent that is or was there.
pub(super) async fn existing(
    app: &App,
    id: &str,
) -> Result<(AgentId, Map<String, Value>), Problem> {
    let name = query::name(id)?;
    match row(app, &name).await? {
        Some(row) => Ok((AgentId(name), row)),
        None => Err(Problem::not_found(format!("there is no agent {id}"))),
    }
}

/// `GET /agents/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (agent, mut row) = existing(&app, &id).await?;
    let stream = Directory::<Agent>::stream(&agent.0);
    if let Some(parked) = app.parts().journal.reader().parked_stream(stream).await? {
        let parked = json!({ "by": parked.by, "why": parked.why, "since": parked.since });
        row.insert("parked".into(), parked);
    }
    Ok(HttpResponse::Ok().json(row))
}

/// What is to be otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    profile: Option<String>,
    display_name: Option<String>,
    capabilities: Option<Vec<String>>,
    permissions: Option<Map<String, Value>>,
}

/// `PATCH /agents/{id}`
pub(super) async fn update(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(body): Body<Patch>,
) -> Result<HttpResponse, Problem> {
    let (agent, _) = existing(&app, &id).await?;
    let Patch { profile: wanted, display_name: name, capabilities: words, permissions } = body;
    if let Some(wanted) = &wanted {
        profile(&app, wanted)?;
    }
    let command = Command::Update(Changes {
        profile: wanted,
        display_name: name.map(display_name).transpose()?,
        capabilities: words.map(capabilities).transpose()?,
        permissions,
    });
    tell(&app, &request, agent, "update", command).await
}

/// `DELETE /agents/{id}`: it is unregistered; what it did stays known.
pub(super) async fn unregister(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (agent, _) = existing(&app, &id).await?;
    tell(&app, &request, agent, "unregister", Command::Unregister { by: "api".into() }).await
}

async fn tell(
    app: &App,
    request: &HttpRequest,
    agent: AgentId,
    verb: &str,
    command: Command,
) -> Result<HttpResponse, Problem> {
    let id = keys::message_id(request, verb, agent.0.as_str())?;
    app.parts().agents.tell(&agent.0, id, command).await?;
    let (_, row) = existing(app, agent.0.as_str()).await?;
    Ok(HttpResponse::Ok().json(row))
}
