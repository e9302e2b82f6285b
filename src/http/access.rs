//! Who may come in, and what is written down about it.
//!
//! The token is looked at before anything else of a request. Query strings are never logged: a token
//! may stand in them.

use super::host;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue, UPGRADE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use std::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

/// Says which request a log line belongs to.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets only those in who mean us and have the token; `/health` needs none.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = request.app_data::<web::Data<App>>().expect("every route has the state");
    if !host::is_ours(request.headers(), &app.defaults().allowed_origins) {
        let problem = Problem::misdirected(
            "this server goes by another name: call it by its address or as localhost, or add an origin of this host to http.allowed_origins",
        );
        return Ok(request.into_response(problem.error_response()).map_into_right_body());
    }
    let is_open = request.path() == "/health";
    if is_open || token(&request).is_some_and(|token| app.token().is(&token)) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let problem = Problem::unauthorized(
        "send the home's token as `Authorization: Bearer …`, or as `?token=…` where no header can be set",
    );
    let response = request.into_response(problem.error_response());
    Ok(response.map_into_right_body())
}

fn token(request: &ServiceRequest) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Query {
        token: String,
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.split_once(' '));
    match bearer {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Some(token.trim().to_owned())
        }
        _ => web::Query::<Query>::from_query(request.query_string())
            .ok()
            .map(|q| q.into_inner().token),
    }
}

/// Whether a GET of this takes something from others: messages, and the seat of whoever consumed them.
fn takes(path: &str) -> bool {
    let rest = path.strip_prefix("/subscriptions/");
    rest.is_some_and(|rest| rest.trim_end_matches('/').ends_with("/messages"))
}

/// Whoever asks only for the head of what a GET gives asks for it so, and gets no body: the server leaves that
/// out by itself. A handshake is none.
pub(super) async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_handshake = request.headers().contains_key(UPGRADE);
    if request.method() == Method::HEAD && !is_handshake && !takes(request.path()) {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// Gives every request an id and a line in the log.
pub(super) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = Uuid::now_v7();
    request.extensions_mut().insert(id);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let span = tracing::info_span!("request", %id, %method, path);
    let began = Instant::now();
    let result = next.call(request).instrument(span.clone()).await;
    let status = match &result {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), took_ms, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), took_ms, "answered");
        }
    });
    result.map(|mut response| {
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    })
}
