//! Idempotency keys: what a client may bring along so that a request happens once.

pub(super) use crate::wire::PRINCIPAL;
use crate::wire::Problem;
use actix_web::HttpRequest;
use callboard_actors::vocabulary::MessageId;

/// The request's `Idempotency-Key`.
pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if (1..=255).contains(&text.len()) {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::bad_request("Idempotency-Key has to be 1 to 255 visible ASCII characters"))
}

/// The id of a command to `target`: one that follows from the request's key, else a fresh one.
pub(super) fn message_id(
    request: &HttpRequest,
    verb: &str,
    target: &str,
) -> Result<MessageId, Problem> {
    let key = idempotency_key(request)?;
    Ok(match key {
        Some(key) => MessageId::derived(&[PRINCIPAL, verb, target, &key]),
        None => MessageId::fresh(),
    })
}
