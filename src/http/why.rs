//! `GET /why/{id}`: why a process, a session, an actor or a message is as it is, and what can be done.

use crate::why::{House, Served, Unanswered, ask};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /why/{id}`; the id may be a path: `/why//services/admission`.
pub(super) async fn why(
    app: web::Data<App>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tree = app.root().ok_or_else(|| Problem::unavailable("the tree is being started"))?;
    let (parts, journal) = (app.parts(), &app.parts().journal);
    let house = House {
        reader: journal.reader().clone(),
        folder: journal.home().root().to_owned(),
        // As the client wrote it: what it is told to send has to come here again.
        address: request.connection_info().host().to_owned(),
        topic_root: journal.topic_root().to_owned(),
        limits: parts.tuner.get().limits,
        served: Some(Served { tree: tree.clone(), hub: parts.hub.clone() }),
        now: journal.clock().now(),
    };
    match ask(&house, &id).await {
        Ok(answer) => Ok(HttpResponse::Ok().json(answer)),
        Err(Unanswered::Unknown(text)) => Err(Problem::not_found(text)),
        Err(Unanswered::Fault(fault)) => Err(fault.into()),
    }
}
