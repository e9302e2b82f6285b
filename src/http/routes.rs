//! All that can be asked over HTTP.

use super::{actors, config, health, messages, metrics, processes, sessions, spawn};
use crate::wire::App;
use crate::wire::Problem;
use actix_web::error::{InternalError, JsonPayloadError, PathError, QueryPayloadError};
use actix_web::web::{delete, get, post, put};
use actix_web::{HttpRequest, HttpResponse, Resource, ResponseError, web};

/// Adds every route.
pub fn routes(app: &App, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(app.clone()))
        .app_data(json_settings(app.defaults().max_body_bytes))
        .app_data(web::QueryConfig::default().error_handler(bad_query))
        .app_data(web::PathConfig::default().error_handler(bad_path))
        .service(only("POST", "/spawn").route(post().to(spawn::spawn)))
        .service(only("GET", "/processes").route(get().to(processes::list)))
        .service(only("GET", "/processes/{id}").route(get().to(processes::show)))
        .service(only("GET", "/processes/{id}/response").route(get().to(processes::response)))
        .service(only("GET", "/processes/{id}/output").route(get().to(processes::output)))
        .service(only("POST", "/processes/{id}/cancel").route(post().to(processes::cancel)))
        .service(only("POST", "/processes/{id}/retry").route(post().to(processes::retry)))
        .service(only("GET", "/sessions").route(get().to(sessions::list)))
        .service(only("GET", "/sessions/{id}").route(get().to(sessions::show)))
        .service(only("GET", "/messages").route(get().to(messages::list)))
        .service(only("GET", "/actors").route(get().to(actors::show_root)))
        .service(
            only("GET, POST", "/actors/{path:.*}")
                .route(get().to(actors::show))
                .route(post().to(actors::operate)),
        )
        .service(only("GET", "/config").route(get().to(config::list)))
        .service(only("POST", "/config/rotate-key").route(post().to(config::rotate_key)))
        .service(
            only("GET, PUT, DELETE", "/config/{key}")
                .route(get().to(config::show))
                .route(put().to(config::set))
                .route(delete().to(config::unset)),
        )
        .service(only("GET", "/metrics").route(get().to(metrics::points)))
        .service(only("GET", "/metrics/totals").route(get().to(metrics::totals)))
        .service(only("GET", "/metrics/prometheus").route(get().to(metrics::prometheus)))
        .service(only("GET", "/health").route(get().to(health::health)))
        .service(only("GET", "/info").route(get().to(health::info)));
}

/// A resource that says which methods it has to whoever tries another.
fn only(methods: &'static str, path: &str) -> Resource {
    let refuse = move |request: HttpRequest| async move {
        let (method, path) = (request.method(), request.path());
        Err::<HttpResponse, _>(Problem::method_not_allowed(method, path, methods))
    };
    web::resource(path).default_service(web::to(refuse))
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
