//! All that can be asked over HTTP.

use super::{
    actors, agents, audit, config, definitions, health, letters, memory, messages, metrics,
    outputs, parameters, processes, publish, rules, schedules, sessions, spawn, state,
    subscriptions, tools, why, workflows,
};
use crate::wire::App;
use crate::wire::Problem;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::error::{InternalError, PathError};
use actix_web::middleware::from_fn;
use actix_web::web::{delete, get, patch, post, put};
use actix_web::{HttpRequest, HttpResponse, Resource, ResponseError, web};

/// Adds every route.
pub fn routes(app: &App, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(app.clone()))
        .app_data(web::PayloadConfig::new(app.defaults().max_body_bytes))
        .app_data(web::PathConfig::default().error_handler(bad_path))
        .service(only("POST", "/spawn").route(post().to(spawn::spawn)))
        .service(asking("GET, HEAD", "/processes").route(get().to(processes::list)))
        .service(only("GET, HEAD", "/processes/{id}").route(get().to(processes::show)))
        .service(only("GET, HEAD", "/processes/{id}/response").route(get().to(processes::response)))
        .service(asking("GET, HEAD", "/processes/{id}/output").route(get().to(processes::output)))
        .service(only("POST", "/processes/{id}/cancel").route(post().to(processes::cancel)))
        .service(only("POST", "/processes/{id}/retry").route(post().to(processes::retry)))
        .service(only("POST", "/processes/{id}/fail").route(post().to(processes::fail)))
        .service(asking("GET, HEAD", "/sessions").route(get().to(sessions::list)))
        .service(asking("GET, HEAD", "/sessions/{id}").route(get().to(sessions::show)))
        .configure(flows)
        .configure(timetable)
        .configure(registry)
        .configure(bus)
        .configure(shared_state)
        .service(
            asking("GET, HEAD, POST", "/messages")
                .route(get().to(messages::list))
                .route(post().to(publish::publish)),
        )
        .service(only("POST", "/memory").route(post().to(memory::store)))
        .service(only("POST", "/memory/search").route(post().to(memory::search)))
        .service(only("GET, HEAD", "/tools").route(get().to(tools::list)))
        .service(only("GET, HEAD", "/rules").route(get().to(rules::show)))
        .service(asking("GET, HEAD", "/rules/explain").route(get().to(rules::explain)))
        .service(asking("GET, HEAD", "/audit").route(get().to(audit::list)))
        .service(only("GET, HEAD", "/outputs/{call}/{stream}").route(get().to(outputs::show)))
        .service(asking("GET, HEAD", "/actors").route(get().to(actors::show_root)))
        .service(
            asking("GET, HEAD, POST", "/actors/{path:.*}")
                .route(get().to(actors::show))
                .route(post().to(actors::operate)),
        )
        .service(only("GET, HEAD", "/why/{id:.*}").route(get().to(why::why)))
        .service(only("GET, HEAD", "/config").route(get().to(config::list)))
        .service(only("POST", "/config/rotate-key").route(post().to(config::rotate_key)))
        .service(
            only("GET, HEAD, PUT, DELETE", "/config/{key}")
                .route(get().to(config::show))
                .route(put().to(config::set))
                .route(delete().to(config::unset)),
        )
        .service(asking("GET, HEAD", "/metrics").route(get().to(metrics::points)))
        .service(asking("GET, HEAD", "/metrics/totals").route(get().to(metrics::totals)))
        .service(only("GET, HEAD", "/metrics/prometheus").route(get().to(metrics::prometheus)))
        .service(only("GET, HEAD", "/health").route(get().to(health::health)))
        .service(only("GET, HEAD", "/info").route(get().to(health::info)));
}

/// The routes of workflows, and of what they are started from.
fn flows(config: &mut web::ServiceConfig) {
    config
        .service(
            asking("GET, POST", "/workflows")
                .route(get().to(workflows::list))
                .route(post().to(workflows::start)),
        )
        .service(only("GET, HEAD", "/workflows/{id}").route(get().to(workflows::show)))
        .service(asking("GET, HEAD", "/workflows/{id}/history").route(get().to(workflows::history)))
        .service(
            only("GET, HEAD", "/workflows/{id}/checkpoints/{n}")
                .route(get().to(workflows::checkpoint)),
        )
        .service(asking("GET, HEAD", "/workflows/{id}/diff").route(get().to(workflows::diff)))
        .service(asking("GET, HEAD", "/workflows/{id}/graph").route(get().to(workflows::graph)))
        .service(only("POST", "/workflows/{id}/runs").route(post().to(workflows::run)))
        .service(
            only("POST", "/workflows/{id}/interrupts/{interrupt}/answer")
                .route(post().to(workflows::answer)),
        )
        .service(only("POST", "/workflows/{id}/pause").route(post().to(workflows::pause)))
        .service(only("POST", "/workflows/{id}/resume").route(post().to(workflows::resume)))
        .service(only("POST", "/workflows/{id}/cancel").route(post().to(workflows::cancel)))
        .service(only("POST", "/workflows/{id}/retry").route(post().to(workflows::retry)))
        .service(only("POST", "/workflows/{id}/rollback").route(post().to(workflows::rollback)))
        .service(only("POST", "/workflows/{id}/fork").route(post().to(workflows::fork)))
        .service(only("POST", "/workflows/{id}/replay").route(post().to(workflows::replay)))
        .service(
            only("GET, HEAD", "/workflows/{id}/compare/{other}")
                .route(get().to(workflows::compare)),
        )
        .service(asking("GET, HEAD", "/workflows/{id}/files").route(get().to(workflows::files)))
        .service(only("POST", "/workflows/{id}/undo").route(post().to(workflows::undo)))
        .service(only("GET, HEAD", "/definitions").route(get().to(definitions::list)))
        .service(
            only("GET, PUT, DELETE", "/definitions/{name}")
                .route(get().to(definitions::show))
                .route(put().to(definitions::put))
                .route(delete().to(definitions::remove)),
        )
        .service(
            asking("GET, HEAD", "/definitions/{name}/graph").route(get().to(definitions::graph)),
        );
}

/// The routes of schedules.
fn timetable(config: &mut web::ServiceConfig) {
    config
        .service(
            asking("GET, HEAD, POST", "/schedules")
                .route(get().to(schedules::list))
                .route(post().to(schedules::create)),
        )
        .service(
            only("GET, HEAD, PUT, DELETE", "/schedules/{id}")
                .route(get().to(schedules::show))
                .route(put().to(schedules::change))
                .route(delete().to(schedules::remove)),
        )
        .service(only("POST", "/schedules/{id}/pause").route(post().to(schedules::pause)))
        .service(only("POST", "/schedules/{id}/resume").route(post().to(schedules::resume)))
        .service(only("POST", "/schedules/{id}/run").route(post().to(schedules::run)));
}

/// The routes of agents.
fn registry(config: &mut web::ServiceConfig) {
    config
        .service(
            asking("GET, HEAD, POST", "/agents")
                .route(get().to(agents::list))
                .route(post().to(agents::register)),
        )
        .service(
            only("GET, HEAD, PATCH, DELETE", "/agents/{id}")
                .route(get().to(agents::show))
                .route(patch().to(agents::update))
                .route(delete().to(agents::unregister)),
        )
        .service(
            asking("GET, HEAD, POST", "/agents/{id}/messages")
                .route(get().to(letters::list))
                .route(post().to(letters::send)),
        );
}

/// The routes of the bus.
fn bus(config: &mut web::ServiceConfig) {
    config
        .service(asking("GET, HEAD", "/messages/dead").route(get().to(subscriptions::dead)))
        .service(
            resource("POST", "/messages/{position}/retry").route(post().to(subscriptions::redrive)),
        )
        .service(
            asking("GET, HEAD, POST", "/subscriptions")
                .route(get().to(subscriptions::list))
                .route(post().to(subscriptions::open)),
        )
        .service(
            only("GET, HEAD, DELETE", "/subscriptions/{id}")
                .route(get().to(subscriptions::show))
                .route(delete().to(subscriptions::close)),
        )
        .service(
            asking("GET", "/subscriptions/{id}/messages").route(get().to(subscriptions::consume)),
        )
        .service(
            only("POST", "/subscriptions/{id}/ack").route(post().to(subscriptions::acknowledge)),
        )
        .service(only("POST", "/subscriptions/{id}/nack").route(post().to(subscriptions::refuse)))
        .service(only("POST", "/subscriptions/{id}/pause").route(post().to(subscriptions::pause)))
        .service(
            only("POST", "/subscriptions/{id}/resume").route(post().to(subscriptions::resume)),
        );
}

/// The routes of large shared state.
fn shared_state(config: &mut web::ServiceConfig) {
    config.service(asking("GET, HEAD", "/state").route(get().to(state::list))).service(
        only("GET, HEAD, PUT, DELETE", "/state/{key}")
            .route(get().to(state::show))
            .route(put().to(state::put))
            .route(delete().to(state::remove)),
    );
}

/// A resource without parameters.
fn only(methods: &'static str, path: &str) -> Resource<impl Served> {
    resource(methods, path).wrap(from_fn(parameters::none))
}

/// One that is looked at with parameters.
fn asking(methods: &'static str, path: &str) -> Resource<impl Served> {
    resource(methods, path).wrap(from_fn(parameters::of_get))
}

/// What answers a resource's requests.
trait Served:
    ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    > + 'static
{
}

impl<T> Served for T where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        > + 'static
{
}

/// A resource that says which methods it has to whoever tries another.
fn resource(methods: &'static str, path: &str) -> Resource {
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

fn bad_path(error: PathError, _: &HttpRequest) -> actix_web::Error {
    let problem = Problem::bad_request(parameters::in_path(&error.to_string()));
    wrap(error, problem)
}

#[expect(clippy::needless_pass_by_value, reason = "the response is made of it")]
fn wrap<E: std::fmt::Debug + std::fmt::Display + 'static>(
    error: E,
    problem: Problem,
) -> actix_web::Error {
    InternalError::from_response(error, problem.error_response()).into()
}
