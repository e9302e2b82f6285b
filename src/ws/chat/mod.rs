//! `/ws/chat`: a talk with one workflow, its *thread*: what is said begins runs, and all that becomes of it is heard, in
//! one order, from any position. The protocol, for those who write clients: `docs/CHAT.md`.
//!
//! ```text
//! client ──► session ──► request ──► deeds ──► threads (as HTTP) ──► a command
//!              ▲ frames, pulled by the socket
//!           following ◄── journal's feed ──► family (whose is it?) ──► telling (message ──► frame)
//!              └──────── words (what models say, from their attempts' files)
//! ```
//!
//! **A message of the journal is one frame, or none**, and a frame depends on nothing but its message and on what never
//! changes about its lineage. So a frame's position is a cursor: whoever comes back with it hears what he would have heard.
//!
//! Deliberately absent: a memory of clients. A session holds a cursor and the turns under way, and nothing outlives it;
//! a workflow does not know whether anybody listens.

mod changes;
mod deeds;
mod event;
mod family;
mod following;
mod frame;
mod opening;
mod request;
mod runs;
mod session;
mod short;
mod telling;
mod words;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;

pub(super) use session::open;

/// The JSON Schema of all frames.
const SCHEMA: &str = include_str!("../../../config/chat.schema.json");

/// `GET /ws/chat/schema`
pub(super) async fn schema() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(SCHEMA)
}
