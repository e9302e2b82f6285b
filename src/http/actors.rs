//! `/actors`: the tree, live, and the operator's verbs.

use super::{keys, query};
use crate::confine;
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::journal::Entry;
use callboard_actors::supervision::{Branch, RootHandle, Verb};
use callboard_actors::vocabulary::{Hash, Name};
use serde::Deserialize;
use serde_json::json;

/// How much is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Depth {
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

fn root(app: &App) -> Result<&RootHandle, Problem> {
    app.root().ok_or_else(|| Problem::unavailable("the tree is being started"))
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `GET /actors`
pub(super) async fn show_root(
    app: web::Data<App>,
    depth: Query<Depth>,
) -> Result<HttpResponse, Problem> {
    show_at(&app, "", &depth).await
}

/// `GET /actors/{path}`
pub(super) async fn show(
    app: web::Data<App>,
    path: web::Path<String>,
    depth: Query<Depth>,
) -> Result<HttpResponse, Problem> {
    show_at(&app, &path, &depth).await
}

async fn show_at(app: &App, path: &str, depth: &Depth) -> Result<HttpResponse, Problem> {
    let shown = root(app)?.show(segments(path), query::limit(depth.limit)?).await;
    match shown {
        Some(info) => {
            let mut shown = json!(info);
            if segments(path).is_empty() {
                // Who holds what those below have run.
                shown["kernel"] = json!(confine::held());
            }
            Ok(HttpResponse::Ok().json(shown))
        }
        None => Err(Problem::not_found(format!(
            "there is no actor /{path}: `GET /actors` shows what there is"
        ))),
    }
}

/// `POST /actors/{path}/{verb}`
pub(super) async fn operate(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut path = segments(&path);
    let verb: Verb = path.pop().unwrap_or_default().parse().map_err(Problem::not_found)?;
    let name = format!("/{}", path.join("/"));
    let answer = json!({ "path": name, "verb": verb, "status": "accepted" });
    match keys::idempotency_key(&request)? {
        None => root(&app)?.operate(path, verb, "api".into()).await?,
        Some(key) => {
            // A task of its own: a client that goes away leaves nothing half done.
            let once = actix_rt::spawn(once(app.get_ref().clone(), key, path, verb));
            once.await.map_err(Problem::unavailable)??;
        }
    }
    Ok(HttpResponse::Accepted().json(answer))
}

/// Gives an order unless it was accepted under this key before. What was accepted is not yet done, and a server
/// that falls forgets it: so the order comes first, and the key after.
async fn once(app: App, key: String, path: Vec<String>, verb: Verb) -> Result<(), Problem> {
    let key = format!("operate:{}:{key}", keys::PRINCIPAL);
    let _turn = app.turns().take(&Name::derived(&[&key])).await;
    let body = Hash::of(json!([path, verb]).to_string().as_bytes());
    let journal = &app.parts().journal;
    match journal.reader().remembered(key.clone()).await? {
        Some(known) if known == body => return Ok(()),
        Some(_) => {
            let text = "this Idempotency-Key was used before for another order: use a new one";
            return Err(Problem::unprocessable(text));
        }
        None => root(&app)?.operate(path, verb, "api".into()).await?,
    }
    if let Err(fault) = journal.enter(Entry::Remember { key, body }).await {
        tracing::warn!(%fault, "an order was accepted, but its key could not be noted");
    }
    Ok(())
}
