//! Conditions of a request (RFC 9110, section 13): it is done only where what it is about still has the entity tag that
//! the client has seen.

use crate::wire::Problem;
use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};

/// Whether the client has seen this one already.
pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    names(headers, IF_NONE_MATCH.as_str(), Some(etag)) == Some(true)
}

/// Whether something may be changed that has this tag, or is not there: 412 if the client expected something else.
pub(super) fn allow_change(
    headers: &HeaderMap,
    what: &str,
    now: Option<&str>,
) -> Result<(), Problem> {
    let has_changed = names(headers, IF_MATCH.as_str(), now) == Some(false);
    let is_there = names(headers, IF_NONE_MATCH.as_str(), now) == Some(true);
    if has_changed || is_there {
        let now = now.unwrap_or("nothing");
        return Err(Problem::precondition_failed(format!(
            "{what} holds {now}: read it again, and decide anew"
        )));
    }
    Ok(())
}

/// Whether a header names this entity tag (`*`: any); `None`: there is no such header.
fn names(headers: &HeaderMap, header: &str, etag: Option<&str>) -> Option<bool> {
    let mut values = headers.get_all(header).peekable();
    values.peek()?;
    let tags = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut tags = tags.map(|tag| tag.trim().trim_start_matches("W/"));
    Some(tags.any(|tag| etag.is_some_and(|etag| tag == "*" || tag == etag)))
}
