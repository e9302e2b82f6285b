//! Origins: a browser says which page opens a connection, and only pages of our own, or of the
//! configured origins, may. Programs that are no browsers send none.

use crate::wire::App;
use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};

/// Whether the page that opens this connection may.
pub(super) fn is_allowed(app: &App, request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let Some(origin) = header(ORIGIN) else { return true };
    let own = header(HOST).map(|host| format!("http://{host}"));
    let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(origin));
    is_own
        || app.defaults().allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
}
