//! `GET /tools`: what models, and nodes of workflows, may call.

use crate::wire::App;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /tools`: by name, each with the schema of its arguments.
pub(super) async fn list(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "items": app.parts().tools.list() }))
}
