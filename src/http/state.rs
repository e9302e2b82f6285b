//! `/state/{key}`: large shared state, one JSON document a key, changed under `If-Match`.

use super::conditions::{allow_change, is_known};
use super::{pages, query};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::journal::StateRow;
use callboard_actors::shared;
use callboard_actors::vocabulary::{DEEPEST, Name, is_deeper_than};
use serde::Deserialize;

/// Which keys are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    after: Option<String>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /state`: the keys, by name.
pub(super) async fn list(app: web::Data<App>, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let limit = query::limit(page.limit)?;
    let after = page.after.clone().unwrap_or_default();
    let items = app.parts().journal.reader().states(after, limit).await?;
    Ok(pages::page(&items, limit, |row| row.key.clone()))
}

/// `GET /state/{key}`
pub(super) async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    key: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let key = query::name(&key)?;
    let Some((row, content)) = shared::read(&app.parts().journal, &key).await? else {
        return Err(Problem::not_found(format!("nothing is kept under {key}")));
    };
    let etag = etag(&row.hash);
    if is_known(request.headers(), &etag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag))
        .content_type("application/json")
        .body(content))
}

/// `PUT /state/{key}`
pub(super) async fn put(
    app: web::Data<App>,
    request: HttpRequest,
    key: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let key = query::name(&key)?;
    let limit = app.defaults().max_body_bytes;
    let body = payload
        .to_bytes_limited(limit)
        .await
        .map_err(|_| Problem::too_large(format!("a document may have at most {limit} bytes")))?;
    let body = body.map_err(Problem::bad_request)?;
    serde_json::from_slice::<serde_json::Value>(&body)
        .map_err(|error| Problem::unprocessable(format!("the state is not JSON: {error}")))?;
    if is_deeper_than(DEEPEST, &body) {
        let text = format!("the state is nested more than {DEEPEST} levels deep");
        return Err(Problem::unprocessable(text));
    }
    let (headers, app) = (request.headers().clone(), app.get_ref().clone());
    // A task of its own: a client that goes away takes nothing back half way.
    let put = actix_rt::spawn(async move {
        let _turn = app.turns().take(&shared::turn_of(&key)).await;
        let before = allowed(&app, &headers, &key).await?;
        let row = shared::write(&app.parts().journal, &key, body.to_vec()).await?;
        Ok::<_, Problem>((before.is_none(), row))
    });
    let (is_new, row) = put.await.map_err(|error| Problem::unavailable(error).ask_again())??;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).insert_header((ETAG, etag(&row.hash))).json(row))
}

/// `DELETE /state/{key}`
pub(super) async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    key: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let key = query::name(&key)?;
    let (headers, app) = (request.headers().clone(), app.get_ref().clone());
    let removed = actix_rt::spawn(async move {
        let _turn = app.turns().take(&shared::turn_of(&key)).await;
        if allowed(&app, &headers, &key).await?.is_none() {
            return Err(Problem::not_found(format!("nothing is kept under {key}")));
        }
        shared::remove(&app.parts().journal, &key).await.map_err(Problem::from)
    });
    removed.await.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(HttpResponse::NoContent().finish())
}

/// What the key holds, if the request may change that: 412 if it expected something else.
async fn allowed(app: &App, headers: &HeaderMap, key: &Name) -> Result<Option<StateRow>, Problem> {
    let row = app.parts().journal.reader().state(key.clone()).await?;
    let now = row.as_ref().map(|row| etag(&row.hash));
    allow_change(headers, key.as_str(), now.as_deref())?;
    Ok(row)
}

fn etag(hash: &str) -> String {
    format!("\"{hash}\"")
}
