//! `/actors`: the tree, live, and the operator's verbs.

use super::query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpResponse, web};
use callboard_actors::supervision::{Branch, RootHandle, Verb};
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
    depth: web::Query<Depth>,
) -> Result<HttpResponse, Problem> {
    show_at(&app, "", &depth).await
}

/// `GET /actors/{path}`
pub(super) async fn show(
    app: web::Data<App>,
    path: web::Path<String>,
    depth: web::Query<Depth>,
) -> Result<HttpResponse, Problem> {
    show_at(&app, &path, &depth).await
}

async fn show_at(app: &App, path: &str, depth: &Depth) -> Result<HttpResponse, Problem> {
    let shown = root(app)?.show(segments(path), query::limit(depth.limit)?).await;
    match shown {
        Some(info) => Ok(HttpResponse::Ok().json(info)),
        None => Err(Problem::not_found(format!(
            "there is no actor /{path}: `GET /actors` shows what there is"
        ))),
    }
}

/// `POST /actors/{path}/{verb}`
pub(super) async fn operate(
    app: web::Data<App>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut path = segments(&path);
    let verb: Verb = path.pop().unwrap_or_default().parse().map_err(Problem::not_found)?;
    let name = format!("/{}", path.join("/"));
    root(&app)?.operate(path, verb, "api".into()).await?;
    Ok(HttpResponse::Accepted().json(json!({ "path": name, "verb": verb, "status": "accepted" })))
}
