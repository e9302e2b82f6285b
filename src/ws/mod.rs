//! The WebSocket door: topics followed from any position, output followed from any offset.
//!
//! Every connection is a session actor, supervised by its own response: when the socket goes, it goes.
//! The socket pulls: an actor is only driven while its socket takes bytes, and only then asks its
//! subscriptions for more. So a slow client falls behind without costing memory, and misses nothing.

mod assembler;
mod connection;
mod echo;
mod origin;
mod protocol;
mod streams;

use crate::wire::App;
use actix_web::web;

/// Adds the WebSocket routes.
pub fn routes(app: &App, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(app.clone()))
        .route("/ws", web::get().to(connection::open))
        .route("/ws/echo", web::get().to(echo::open));
}
