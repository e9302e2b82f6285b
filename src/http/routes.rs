//! All that can be asked over HTTP.

use super::problem::Problem;
use super::{actors, health, messages, processes, sessions, spawn};
use crate::wire::App;
use actix_web::error::{InternalError, JsonPayloadError, PathError, QueryPayloadError};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

/// Adds every route.
pub fn routes(app: &App, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(app.clone()))
        .app_data(json_settings(app.defaults().max_body_bytes))
        .app_data(web::QueryConfig::default().error_handler(bad_query))
        .app_data(web::PathConfig::default().error_handler(bad_path))
        .route("/spawn", web::post().to(spawn::spawn))
        .route("/processes", web::get().to(processes::list))
        .route("/processes/{id}", web::get().to(processes::show))
        .route("/processes/{id}/response", web::get().to(processes::response))
        .route("/processes/{id}/output", web::get().to(processes::output))
        .route("/processes/{id}/cancel", web::post().to(processes::cancel))
        .route("/processes/{id}/retry", web::post().to(processes::retry))
        .route("/sessions", web::get().to(sessions::list))
        .route("/sessions/{id}", web::get().to(sessions::show))
        .route("/messages", web::get().to(messages::list))
        .route("/actors", web::get().to(actors::show_root))
        .route("/actors/{path:.*}", web::get().to(actors::show))
        .route("/actors/{path:.*}", web::post().to(actors::operate))
        .route("/health", web::get().to(health::health))
        .route("/info", web::get().to(health::info));
}

/// What no route answers.
pub(super) async fn not_found(request: HttpRequest) -> HttpResponse {
    let (method, path) = (request.method(), request.path());
    let text =
        format!("nothing answers {method} {path}: look the path and the method up in the README");
    Problem::not_found(text).error_response()
}

fn json_settings(limit: usize) -> web::JsonConfig {
    web::JsonConfig::default().limit(limit).content_type_required(false).error_handler(
        move |error, _| {
            let problem = match &error {
                JsonPayloadError::Overflow { .. }
                | JsonPayloadError::OverflowKnownLength { .. } => {
                    Problem::too_large(format!("a body may have at most {limit} bytes"))
                }
                JsonPayloadError::Deserialize(cause) if cause.is_data() => {
                    Problem::unprocessable(cause)
                }
                JsonPayloadError::Deserialize(cause) => Problem::bad_request(cause),
                _ => Problem::bad_request(&error),
            };
            wrap(error, problem)
        },
    )
}

fn bad_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let problem = Problem::bad_request(&error);
    wrap(error, problem)
}

fn bad_path(error: PathError, _: &HttpRequest) -> actix_web::Error {
    let problem = Problem::bad_request(&error);
    wrap(error, problem)
}

#[expect(clippy::needless_pass_by_value, reason = "the response is made of it")]
fn wrap<E: std::fmt::Debug + std::fmt::Display + 'static>(
    error: E,
    problem: Problem,
) -> actix_web::Error {
    InternalError::from_response(error, problem.error_response()).into()
}
