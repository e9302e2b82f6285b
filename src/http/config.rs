//! `/config`: the settings in force, and how they are changed while everything runs.

use super::body::Body;
use crate::live::{ChangeError, Given, GivenValue, Live, Shown};
use crate::settings::Key;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who all clients are: there is one token.
const BY: &str = "api";
/// The longest description.
const LONGEST_DESCRIPTION: usize = 1_000;

/// What a setting is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    value: Option<Value>,
    text: Option<String>,
    description: Option<String>,
}

fn live(app: &App) -> Result<Live, Problem> {
    app.live().cloned().ok_or_else(|| Problem::unavailable("the settings cannot be changed here"))
}

fn key(text: &str) -> Result<Key, Problem> {
    Key::parse(text).map_err(Problem::bad_request)
}

/// `GET /config`
pub(super) async fn list(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let items = live(&app)?.list();
    Ok(HttpResponse::Ok().json(json!({ "items": items })))
}

/// `GET /config/{key}`
pub(super) async fn show(
    app: web::Data<App>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(answer(&live(&app)?.find(&key(&path)?)?))
}

/// `PUT /config/{key}`
pub(super) async fn set(
    app: web::Data<App>,
    path: web::Path<String>,
    request: HttpRequest,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let (live, key, expected) = (live(&app)?, key(&path)?, expected(&request)?);
    let given = given(body)?;
    // A task of its own: a client that goes away takes nothing back half way.
    let set = actix_rt::spawn(async move { live.set(key, given, expected, BY).await });
    Ok(answer(&set.await.map_err(Problem::unavailable)??))
}

/// `DELETE /config/{key}`
pub(super) async fn unset(
    app: web::Data<App>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (live, key, expected) = (live(&app)?, key(&path)?, expected(&request)?);
    let unset = actix_rt::spawn(async move { live.unset(key, expected, BY).await });
    Ok(answer(&unset.await.map_err(Problem::unavailable)??))
}

/// `POST /config/rotate-key`
pub(super) async fn rotate_key(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let live = live(&app)?;
    let rotated = actix_rt::spawn(async move { live.rotate_key(BY).await });
    let secrets = rotated.await.map_err(Problem::unavailable)??;
    Ok(HttpResponse::Ok().json(json!({ "secrets": secrets })))
}

fn answer(shown: &Shown) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, shown.etag())).json(shown)
}

fn expected(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let header = request.headers().get(IF_MATCH).map(|value| value.to_str().map(str::to_owned));
    header.transpose().map_err(|_| Problem::bad_request("If-Match has to be an ETag"))
}

fn given(request: Request) -> Result<Given, Problem> {
    let Request { value, text, description } = request;
    let value = match (value, text) {
        (Some(value), None) => GivenValue::Json(value),
        (None, Some(text)) => GivenValue::Text(text),
        _ => {
            let text = "give either a value, or a text that is read as one; to unset, delete";
            return Err(Problem::unprocessable(text));
        }
    };
    if description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        let text = format!("description has to be at most {LONGEST_DESCRIPTION} characters");
        return Err(Problem::unprocessable(text));
    }
    Ok(Given { value, description })
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Wrong(_) | ChangeError::Impossible(_) => Self::unprocessable(error),
            ChangeError::Unknown(_) | ChangeError::NotStored(_) => Self::not_found(error),
            ChangeError::Stale { .. } => Self::precondition_failed(error),
            ChangeError::Unreadable(..) => Self::conflict(error),
            ChangeError::Keyring(_) | ChangeError::Fault(_) => Self::unavailable(error),
        }
    }
}
