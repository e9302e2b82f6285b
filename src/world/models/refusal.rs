//! Turns what a provider or the network says when it does not answer into a [`Failure`].
//!
//! Statuses are those of <https://platform.claude.com/docs/en/api/errors> and of
//! <https://platform.openai.com/docs/guides/error-codes>; where a complaint names what it is about, that counts before
//! a status that may mean several things.

use std::error::Error;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::complaint::{Complaint, shorten};
use super::failure::{Failure, FailureKind};
use super::retry_after::retry_after;
use super::vendor::Vendor;

/// Under which names a provider gives its own name of a request.
const REQUEST_IDS: [&str; 2] = ["request-id", "x-request-id"];

/// There is no key to send.
pub(super) fn no_key(vendor: &Vendor, name: &str) -> Failure {
    let Vendor { set_key, .. } = vendor;
    Failure::new(FailureKind::Unauthorized, format!("no API key for {name}: {set_key}"))
}

/// The failure that a status other than 200 stands for.
pub(super) fn from_status(
    vendor: &Vendor,
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
) -> Failure {
    let complaint = Complaint::of_body(body);
    let kind = kind_of_status(status, complaint.as_ref());
    let said = described(complaint.as_ref(), body);
    let request = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let request = request.map(|id| format!(", request {id}")).unwrap_or_default();
    let mut message = format!("{} answered {}{request}{said}", vendor.name, status.as_u16());
    if kind == FailureKind::Unauthorized {
        message = format!("{message}; to use another key, {}", vendor.set_key);
    }
    if status.is_redirection() {
        message = format!("{message}; redirects are not followed, correct {}", vendor.base_url);
    }
    let is_limited = status == StatusCode::TOO_MANY_REQUESTS;
    Failure { retry_after: retry_after(headers, is_limited), ..Failure::new(kind, message) }
}

/// 429 may also mean that there is no money left, and 400 and 403 that there is no such model.
fn kind_of_status(status: StatusCode, complaint: Option<&Complaint>) -> FailureKind {
    let named = complaint.and_then(Complaint::kind);
    match (status.as_u16(), named) {
        (400 | 403 | 429, Some(kind @ (FailureKind::Unauthorized | FailureKind::Unable))) => kind,
        (401 | 403, _) => FailureKind::Unauthorized,
        (404, _) => FailureKind::Unable,
        (429, _) => FailureKind::RateLimited,
        (503 | 529, _) => FailureKind::Overloaded,
        (408 | 409 | 500.., _) => FailureKind::ServerError,
        _ => FailureKind::Rejected,
    }
}

/// The failure that an error in the middle of a stream stands for.
pub(super) fn from_event(vendor: &str, error: &Value) -> Failure {
    let complaint = Complaint::of(error).unwrap_or_default();
    let kind = complaint.kind().unwrap_or(FailureKind::ServerError);
    Failure::new(kind, format!("{vendor} broke off the answer: {}", complaint.shown()))
}

/// The failure of a request that got no response.
pub(super) fn from_send(vendor: &Vendor, error: &reqwest::Error, url: &str) -> Failure {
    let cause = innermost(error);
    if error.is_connect() || error.is_timeout() {
        Failure::new(FailureKind::Unreachable, format!("failed to connect to {url}: {cause}"))
    } else if error.is_builder() {
        let message =
            format!("failed to ask {url}: {cause}; check {} and the key", vendor.base_url);
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

/// What came is not what was to come: `what` says how, `data` shows it.
pub(super) fn malformed(what: &str, data: &str) -> Failure {
    Failure::new(FailureKind::Malformed, format!("{what}: {}", shorten(data)))
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
fn described(complaint: Option<&Complaint>, body: &str) -> String {
    match complaint {
        Some(complaint) => format!(" ({})", complaint.shown()),
        None if body.trim().is_empty() => String::new(),
        None => format!(" ({})", shorten(body)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn vendor() -> Vendor {
        Vendor::new("anthropic", Some("ANTHROPIC_API_KEY"), "anthropic")
    }

    fn failure(status: u16, body: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        from_status(&vendor(), status, &HeaderMap::new(), body)
    }

    #[test]
    fn every_status_has_its_kind() {
        let kinds = [
            (400, FailureKind::Rejected),
            (401, FailureKind::Unauthorized),
            (403, FailureKind::Unauthorized),
            (404, FailureKind::Unable),
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
    fn a_limit_that_no_waiting_mends_is_none_of_rate() {
        let body = json!({ "error": { "code": "insufficient_quota", "message": "no money" } });
        assert_eq!(failure(429, &body.to_string()).kind, FailureKind::Unauthorized);
        let body = json!({ "error": { "code": "rate_limit_exceeded", "message": "slow" } });
        assert_eq!(failure(429, &body.to_string()).kind, FailureKind::RateLimited);
        let body = json!({ "error": { "code": "model_not_found", "message": "no model" } });
        assert_eq!(failure(400, &body.to_string()).kind, FailureKind::Unable);
        let body = json!({ "error": { "code": "invalid_api_key", "message": "?" } });
        assert_eq!(failure(500, &body.to_string()).kind, FailureKind::ServerError);
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
        assert!(no_key(&vendor(), "Anthropic").message.contains("ANTHROPIC_API_KEY"));
    }

    #[test]
    fn the_wait_and_the_request_id_come_from_the_headers() {
        for name in REQUEST_IDS {
            let headers = [("retry-after", "7"), (name, "req_1")]
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let headers = HeaderMap::from_iter(headers);
            let failure = from_status(&vendor(), StatusCode::TOO_MANY_REQUESTS, &headers, "");
            assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
            assert_eq!(failure.message, "anthropic answered 429, request req_1");
        }
    }

    #[test]
    fn errors_within_a_stream_have_kinds_too() {
        let kind = |kind: &str| from_event("anthropic", &json!({ "type": kind })).kind;
        assert_eq!(kind("overloaded_error"), FailureKind::Overloaded);
        assert_eq!(kind("rate_limit_error"), FailureKind::RateLimited);
        assert_eq!(kind("invalid_request_error"), FailureKind::Rejected);
        assert_eq!(kind("permission_error"), FailureKind::Unauthorized);
        assert_eq!(kind("api_error"), FailureKind::ServerError);
        assert_eq!(kind("something_new"), FailureKind::ServerError);
    }
}
