//! `/definitions`: what workflows are started from.

use super::conditions::{allow_change, is_known};
use super::workflows::{Drawing, Wanted, entry};
use crate::definitions::{Entry, RegisterError};
use crate::http::parameters::Query;
use crate::wire::{App, Problem};
use actix_web::http::header::{ETAG, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::graph::workspace_inputs;
use callboard_actors::vocabulary::Name;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `GET /definitions`
pub(super) async fn list(app: web::Data<App>) -> HttpResponse {
    let items: Vec<Value> = app.definitions().list().iter().map(summary).collect();
    HttpResponse::Ok().json(json!({ "items": items }))
}

/// `GET /definitions/{name}`: all of it, and its text.
pub(super) async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let entry = find(&app, &name)?;
    if is_known(request.headers(), &etag(&entry)) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag(&entry))).finish());
    }
    let mut told = summary(&entry);
    told["definition"] = json!(entry.written.definition);
    told["text"] = entry.text.as_str().into();
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(&entry))).json(told))
}

/// `GET /definitions/{name}/graph?format=json|mermaid|dot`
pub(super) async fn graph(
    app: web::Data<App>,
    name: web::Path<String>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let entry = find(&app, &name)?;
    Ok(Drawing::of(&entry.written.definition, BTreeMap::new()).answer(wanted.format))
}

/// `PUT /definitions/{name}`: the body is its text, YAML or JSON. With `If-Match` only where it is still the one that the
/// client has seen, with `If-None-Match: *` only where there is none.
pub(super) async fn put(
    app: web::Data<App>,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let name: Name = name.parse().map_err(Problem::unprocessable)?;
    let limit = app.defaults().max_body_bytes;
    let body = payload
        .to_bytes_limited(limit)
        .await
        .map_err(|_| Problem::too_large(format!("a definition may have at most {limit} bytes")))?;
    let body = body.map_err(Problem::bad_request)?;
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| Problem::unprocessable("the definition is no UTF-8 text"))?;
    let (headers, app) = (request.headers().clone(), app.get_ref().clone());
    // A task of its own: a client that goes away takes nothing back half way.
    let put = actix_rt::spawn(async move {
        let _turn = app.turns().take(&turn_of(name.as_str())).await;
        allowed(&app, &headers, name.as_str())?;
        let (journal, profiles) = (&app.parts().journal, &app.defaults().profiles);
        let uses = (profiles, app.abilities());
        let entry = app.definitions().register(journal, uses, name.as_str(), text).await?;
        app.definitions().report(&app.parts().warnings);
        Ok::<_, Problem>(entry)
    });
    let entry = put.await.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(&entry))).json(summary(&entry)))
}

/// `DELETE /definitions/{name}`: what the file of its name says holds again.
pub(super) async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (headers, app) = (request.headers().clone(), app.get_ref().clone());
    let removed = actix_rt::spawn(async move {
        let _turn = app.turns().take(&turn_of(&name)).await;
        allowed(&app, &headers, &name)?;
        app.definitions().unregister(&app.parts().journal, &name).await?;
        app.definitions().report(&app.parts().warnings);
        Ok::<_, Problem>(())
    });
    removed.await.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(HttpResponse::NoContent().finish())
}

/// Two that change it at once do so one after the other.
fn turn_of(definition: &str) -> Name {
    Name::derived(&["definition", definition])
}

/// Whether the request may change it as it is now.
fn allowed(app: &App, headers: &HeaderMap, name: &str) -> Result<(), Problem> {
    let now = app.definitions().find(name).map(|entry| etag(&entry));
    allow_change(headers, &format!("definition {name}"), now.as_deref())
}

fn find(app: &App, name: &str) -> Result<Entry, Problem> {
    let definitions = app.definitions();
    if definitions.find(name).is_some() || definitions.broken(name).is_some() {
        return entry(app, name);
    }
    Err(Problem::not_found(format!("there is no definition {name}")))
}

fn summary(entry: &Entry) -> Value {
    let definition = &entry.written.definition;
    let mut told = json!(entry.origin);
    told["name"] = json!(definition.name);
    told["description"] = json!(definition.description);
    told["hash"] = json!(entry.hash);
    told["input"] = json!(definition.input);
    told["workspace_inputs"] = json!(workspace_inputs(definition));
    told["nodes"] = json!(definition.nodes.len());
    told
}

fn etag(entry: &Entry) -> String {
    format!("\"{}\"", &entry.hash.as_str()[..16])
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Wrong(problems) => Self::wrong_definition(problems),
            RegisterError::Unknown(_) => Self::not_found(error),
            RegisterError::Fault(fault) => fault.into(),
        }
    }
}
