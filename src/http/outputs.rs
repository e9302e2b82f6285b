//! `/outputs/{call}/{stream}`: all that the program of a call has said, where that was too long to be told.

use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::Stream;
use callboard_actors::vocabulary::MessageId;

/// `GET /outputs/{call}/{stream}`: as it was said.
pub(super) async fn show(
    app: web::Data<App>,
    of: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (call, stream) = of.into_inner();
    let stream = Stream::named(&stream).ok_or_else(|| {
        Problem::not_found(format!("there is no output {stream:?}: ask for stdout or stderr"))
    })?;
    let none = || {
        let name = stream.name();
        Problem::not_found(format!(
            "nothing is kept of the {name} of the call {call}: it was short, so that all of it stands in the call's result, \
             or its time is over (cleanup.archive_days)"
        ))
    };
    let id: uuid::Uuid = call.parse().map_err(|_| none())?;
    let files = app.parts().journal.files();
    let said = files.run(move |files| files.output(MessageId(id), stream)).await;
    let said = said.map_err(Problem::unavailable)?.ok_or_else(none)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(said))
}
