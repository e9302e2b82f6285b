//! The WebSocket door: topics followed from any position, output followed from any offset; and talks with a workflow
//! (`chat`).
//!
//! Every connection is a session actor, supervised by its own response: when the socket goes, it goes.
//! The socket pulls: an actor is only driven while its socket takes bytes, and only then asks its
//! subscriptions for more. So a slow client falls behind without costing memory, and misses nothing.

mod alive;
mod assembler;
mod chat;
mod connection;
mod deliveries;
mod echo;
mod ending;
mod handshake;
mod hearing;
mod limited;
mod origin;
mod protocol;
mod streams;

use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, Resource, web};

/// Adds the WebSocket routes.
pub fn routes(app: &App, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(app.clone()))
        .service(only_get("/ws").route(web::get().to(connection::open)))
        .service(only_get("/ws/chat").route(web::get().to(chat::open)))
        .service(only_get("/ws/chat/schema").route(web::get().to(chat::schema)))
        .service(only_get("/ws/echo").route(web::get().to(echo::open)));
}

fn only_get(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async |request: HttpRequest| {
        let (method, path) = (request.method(), request.path());
        Err::<HttpResponse, _>(Problem::method_not_allowed(method, path, "GET"))
    }))
}
