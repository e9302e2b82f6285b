//! Turns what the API or the network says when it does not answer into a [`Failure`].
//!
//! Statuses and error types are those of <https://platform.claude.com/docs/en/api/errors>.

use std::error::Error;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::retry_after::retry_after;
use super::wire::{ErrorBody, ErrorEnvelope};
use crate::world::models::failure::{Failure, FailureKind};

/// How many characters of a server's message are shown.
const SHOWN: usize = 300;

/// What a person can do about a refused key.
const SET_KEY: &str = "set ANTHROPIC_API_KEY or runtimes.anthropic.api_key";

/// There is no key to send.
pub(super) fn no_key() -> Failure {
    Failure::new(FailureKind::Unauthorized, format!("no API key for Anthropic: {SET_KEY}"))
}

/// The failure that a status other than 200 stands for.
pub(super) fn from_status(status: StatusCode, headers: &HeaderMap, body: &str) -> Failure {
    let kind = kind_of_status(status);
    let said = described(body);
    let request = headers.get("request-id").and_then(|id| id.to_str().ok());
    let request = request.map(|id| format!(", request {id}")).unwrap_or_default();
    let mut message = format!("anthropic answered {}{request}{said}", status.as_u16());
    if kind == FailureKind::Unauthorized {
        message = format!("{message}; to use another key, {SET_KEY}");
    }
    if status.is_redirection() {
        message =
            format!("{message}; redirects are not followed, correct models.anthropic.base_url");
    }
    Failure { retry_after: retry_after(headers), ..Failure::new(kind, message) }
}

fn kind_of_status(status: StatusCode) -> FailureKind {
    match status.as_u16() {
        401 | 403 => FailureKind::Unauthorized,
        429 => FailureKind::RateLimited,
        503 | 529 => FailureKind::Overloaded,
        408 | 409 | 500.. => FailureKind::ServerError,
        _ => FailureKind::Rejected,
    }
}

/// The failure that an `error` event in the middle of a stream stands for.
pub(super) fn from_event(error: &ErrorBody) -> Failure {
    let kind = match error.kind.as_str() {
        "overloaded_error" => FailureKind::Overloaded,
        "rate_limit_error" => FailureKind::RateLimited,
        "authentication_error" | "permission_error" => FailureKind::Unauthorized,
        "invalid_request_error" | "not_found_error" | "request_too_large" | "billing_error" => {
            FailureKind::Rejected
        }
        _ => FailureKind::ServerError,
    };
    let message =
        format!("anthropic broke off the answer: {}: {}", error.kind, shorten(&error.message));
    Failure::new(kind, message)
}

/// The failure of a request that got no response.
pub(super) fn from_send(error: &reqwest::Error, url: &str) -> Failure {
    let cause = innermost(error);
    if error.is_connect() || error.is_timeout() {
        Failure::new(FailureKind::Unreachable, format!("failed to connect to {url}: {cause}"))
    } else if error.is_builder() {
        let message =
            format!("failed to ask {url}: {cause}; check models.anthropic.base_url and the key");
        Failure::new(FailureKind::Rejected, message)
    } else {
        Failure::new(FailureKind::Cut, format!("{url} hung up before it answered: {cause}"))
    }
}

/// The failure of a connection that broke within the answer.
pub(super) fn from_body(error: &reqwest::Error) -> Failure {
    let message = format!("the connection broke within the answer: {}", innermost(error));
    Failure::new(FailureKind::Cut, message)
}

/// The cause at the end of the chain: the ones before it only say that there is one.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// ` (type: message)` from an error body, or the beginning of whatever else came.
fn described(body: &str) -> String {
    match serde_json::from_str::<ErrorEnvelope>(body) {
        Ok(ErrorEnvelope { error }) => format!(" ({}: {})", error.kind, shorten(&error.message)),
        Err(_) if body.trim().is_empty() => String::new(),
        Err(_) => format!(" ({})", shorten(body)),
    }
}

/// `text` on one line and no longer than [`SHOWN`] characters.
pub(super) fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn failure(status: u16, body: &str) -> Failure {
        from_status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body)
    }

    #[test]
    fn every_status_has_its_kind() {
        let kinds = [
            (400, FailureKind::Rejected),
            (401, FailureKind::Unauthorized),
            (403, FailureKind::Unauthorized),
            (404, FailureKind::Rejected),
            (307, FailureKind::Rejected),
            (408, FailureKind::ServerError),
            (409, FailureKind::ServerError),
            (413, FailureKind::Rejected),
            (429, FailureKind::RateLimited),
            (500, FailureKind::ServerError),
            (502, FailureKind::ServerError),
            (503, FailureKind::Overloaded),
            (529, FailureKind::Overloaded),
        ];
        for (status, kind) in kinds {
            assert_eq!(failure(status, "").kind, kind, "{status}");
        }
    }

    #[test]
    fn the_servers_words_are_shown() {
        let body = r#"{"type":"error","error":{"type":"not_found_error","message":"model: opux"}}"#;
        assert_eq!(
            failure(404, body).message,
            "anthropic answered 404 (not_found_error: model: opux)"
        );
    }

    #[test]
    fn a_body_that_is_no_json_is_shown_on_one_short_line() {
        let page = format!("<html>\n  <b>Bad Gateway</b>{}", "x".repeat(1000));
        let message = failure(502, &page).message;
        assert!(
            message.starts_with("anthropic answered 502 (<html> <b>Bad Gateway</b>x"),
            "{message}"
        );
        assert!(message.ends_with("…)") && message.chars().count() < 400, "{message}");
    }

    #[test]
    fn a_refused_key_says_where_keys_are_set() {
        let message = failure(401, "").message;
        assert!(
            message.ends_with("set ANTHROPIC_API_KEY or runtimes.anthropic.api_key"),
            "{message}"
        );
        assert!(no_key().message.contains("ANTHROPIC_API_KEY"));
    }

    #[test]
    fn the_wait_and_the_request_id_come_from_the_headers() {
        let headers = [("retry-after", "7"), ("request-id", "req_1")]
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let headers = HeaderMap::from_iter(headers);
        let failure = from_status(StatusCode::TOO_MANY_REQUESTS, &headers, "");
        assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(failure.message, "anthropic answered 429, request req_1");
    }

    #[test]
    fn errors_within_a_stream_have_kinds_too() {
        let kind =
            |kind: &str| from_event(&ErrorBody { kind: kind.into(), message: String::new() }).kind;
        assert_eq!(kind("overloaded_error"), FailureKind::Overloaded);
        assert_eq!(kind("rate_limit_error"), FailureKind::RateLimited);
        assert_eq!(kind("invalid_request_error"), FailureKind::Rejected);
        assert_eq!(kind("permission_error"), FailureKind::Unauthorized);
        assert_eq!(kind("api_error"), FailureKind::ServerError);
    }
}
