//! [`Complaint`]: an error in a provider's words, as it stands in a body or in an event.
//!
//! All speak about the same form, and each takes liberties: the type may be missing or null, the code a number, the
//! error a mere text. Only what is used is read.

use serde_json::Value;

use super::failure::FailureKind;

/// How many characters of a server's message are shown.
const SHOWN: usize = 300;

/// An error in a provider's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The most telling of its names: its code where that is a word, else its type.
    pub(super) name: String,
    /// Its type.
    r#type: String,
    /// What it says.
    pub(super) message: String,
}

impl Complaint {
    /// Reads a body: `{"error": {…}}`, `{"error": "…"}`, or the error itself; `None`: it is nothing of that.
    pub(super) fn of_body(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        Self::of(body.get("error").filter(|error| !error.is_null()).unwrap_or(&body))
    }

    /// Reads an error; `None`: it says nothing.
    pub(super) fn of(error: &Value) -> Option<Self> {
        if let Value::String(message) = error {
            return Some(Self { message: message.clone(), ..Self::default() });
        }
        let word = |name| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (r#type, code) = (word("type"), word("code"));
        let name = if code.is_empty() { r#type.clone() } else { code };
        let message = [word("message"), word("detail")].into_iter().find(|text| !text.is_empty());
        let complaint = Self { name, r#type, message: message.unwrap_or_default() };
        (!complaint.message.is_empty() || !complaint.name.is_empty()).then_some(complaint)
    }

    /// What it means; `None`: its names are not known.
    pub(super) fn kind(&self) -> Option<FailureKind> {
        kind_of(&self.name).or_else(|| kind_of(&self.r#type))
    }

    /// `type: message`, on one short line.
    pub(super) fn shown(&self) -> String {
        match (self.name.as_str(), self.message.as_str()) {
            ("", message) => shorten(message),
            (name, "") => shorten(name),
            (name, message) => format!("{}: {}", shorten(name), shorten(message)),
        }
    }
}

/// After the lists of <https://platform.claude.com/docs/en/api/errors> and
/// <https://platform.openai.com/docs/guides/error-codes>.
fn kind_of(name: &str) -> Option<FailureKind> {
    Some(match name {
        "overloaded_error" | "overloaded" | "slow_down" | "engine_overloaded" => {
            FailureKind::Overloaded
        }
        "rate_limit_error" | "rate_limit_exceeded" | "too_many_requests" => {
            FailureKind::RateLimited
        }
        "authentication_error"
        | "permission_error"
        | "invalid_api_key"
        | "insufficient_quota"
        | "billing_error"
        | "billing_hard_limit_reached"
        | "account_deactivated" => FailureKind::Unauthorized,
        "not_found_error" | "model_not_found" | "NotFoundError" => FailureKind::Unable,
        "invalid_request_error"
        | "invalid_prompt"
        | "request_too_large"
        | "content_filter"
        | "content_policy_violation"
        | "context_length_exceeded" => FailureKind::Rejected,
        "server_error" | "api_error" | "internal_error" | "internal_server_error" => {
            FailureKind::ServerError
        }
        _ => return None,
    })
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
    use super::*;

    #[test]
    fn a_complaint_is_read_however_it_is_put() {
        let shown = |body: &str| Complaint::of_body(body).map(|complaint| complaint.shown());
        let said = |text: &str| Some(text.to_owned());
        let anthropic = r#"{"type":"error","error":{"type":"api_error","message":"no"}}"#;
        assert_eq!(shown(anthropic), said("api_error: no"));
        let openai = r#"{"error":{"message":"no","type":"t","param":null,"code":"the_code"}}"#;
        assert_eq!(shown(openai), said("the_code: no"));
        let vllm = r#"{"object":"error","message":"no","type":"NotFoundError","code":404}"#;
        assert_eq!(shown(vllm), said("NotFoundError: no"));
        assert_eq!(shown(r#"{"error":"model 'x' not found"}"#), said("model 'x' not found"));
        assert_eq!(shown(r#"{"detail":"no"}"#), said("no"));
        assert_eq!(shown("[]"), None);
        assert_eq!(shown("<html>"), None);
    }

    #[test]
    fn a_code_counts_before_a_type_and_unknown_names_mean_nothing() {
        let kind = |name: &str, kind: &str| {
            let error = serde_json::json!({ "code": name, "type": kind, "message": "m" });
            Complaint::of(&error).unwrap().kind()
        };
        let invalid = "invalid_request_error";
        assert_eq!(kind("invalid_api_key", invalid), Some(FailureKind::Unauthorized));
        assert_eq!(kind("insufficient_quota", "x"), Some(FailureKind::Unauthorized));
        assert_eq!(kind("model_not_found", invalid), Some(FailureKind::Unable));
        assert_eq!(kind("something_new", invalid), Some(FailureKind::Rejected));
        assert_eq!(kind("", "overloaded_error"), Some(FailureKind::Overloaded));
        assert_eq!(kind("something_new", "of its own"), None);
    }
}
