//! Errors as clients see them: problem details (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use callboard_actors::bus;
use callboard_actors::entity::TellError;
use callboard_actors::graph;
use callboard_actors::journal::{Fault, ReadError};
use callboard_actors::supervision::OperateError;
use callboard_actors::vocabulary::{InvalidName, InvalidTopic};
use serde_json::{Value, json};
use std::fmt;

/// What went wrong, in words a client can act on.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    retry_after_s: Option<u32>,
    allow: Option<&'static str>,
    problems: Vec<graph::Problem>,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl fmt::Display) -> Self {
        let (detail, problems) = (detail.to_string(), Vec::new());
        Self { status, title, detail, retry_after_s: None, allow: None, problems }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The request cannot be understood", detail)
    }

    /// 401: the token is missing or wrong.
    pub fn unauthorized(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "A token is needed", detail)
    }

    /// 403: whoever you are, not from there.
    pub fn forbidden(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not from there", detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// 405: the thing is there, but not to be asked like this.
    pub fn method_not_allowed(
        method: impl fmt::Display,
        path: &str,
        methods: &'static str,
    ) -> Self {
        let detail = format!("{path} does not answer {method}: use {methods}");
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail);
        Self { allow: Some(methods), ..problem }
    }

    /// 409: its state does not allow it.
    pub fn conflict(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, "Not possible in this state", detail)
    }

    /// 410: it is gone.
    pub fn gone(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::GONE, "Gone", detail)
    }

    /// 412: it is not what the request expected.
    pub fn precondition_failed(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "It has changed", detail)
    }

    /// 413: too long.
    pub fn too_large(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail)
    }

    /// 421: somebody else is meant.
    pub fn misdirected(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "Somebody else is meant", detail)
    }

    /// 422: understood, but it makes no sense.
    pub fn unprocessable(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "The request makes no sense", detail)
    }

    /// 500: ours to mend.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Our fault", detail)
    }

    /// 503: not now.
    pub fn unavailable(detail: impl fmt::Display) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not now", detail);
        Self { retry_after_s: Some(1), ..problem }
    }

    /// 422: a definition is wrong, at these places.
    pub fn wrong_definition(problems: Vec<graph::Problem>) -> Self {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let problem = Self::unprocessable(told.join("; "));
        Self { title: "The definition is wrong", problems, ..problem }
    }

    /// What went wrong, and what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether the same may be possible in a moment.
    pub fn may_pass(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// The document that tells it (RFC 9457).
    pub fn document(&self) -> Value {
        let (title, status, detail) = (self.title, self.status.as_u16(), &self.detail);
        let mut body =
            json!({ "type": "about:blank", "title": title, "status": status, "detail": detail });
        if !self.problems.is_empty() {
            body["problems"] = json!(self.problems);
        }
        body
    }

    /// The same, with a hint when to ask again.
    pub fn ask_again(self) -> Self {
        Self { retry_after_s: Some(1), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(methods) = self.allow {
            response.insert_header((ALLOW, methods));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        response.content_type("application/problem+json").body(self.document().to_string())
    }
}

impl<R: fmt::Display> From<TellError<R>> for Problem {
    fn from(error: TellError<R>) -> Self {
        match &error {
            TellError::DifferentBody => Self::unprocessable(error),
            TellError::Parked(parked) if parked.by == "start-up" => Self::unavailable(error),
            TellError::Refused(_) | TellError::Skipped(_) | TellError::Parked(_) => {
                Self::conflict(error)
            }
            TellError::Overloaded | TellError::Unattended | TellError::Fault(_) => {
                Self::unavailable(error)
            }
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::unavailable(fault)
    }
}

impl From<bus::Error> for Problem {
    fn from(error: bus::Error) -> Self {
        match error {
            bus::Error::Unknown(_) => Self::not_found(error),
            bus::Error::Gone(_) => Self::gone(error),
            bus::Error::NotUnderWay { .. } => Self::conflict(error),
            bus::Error::Ahead { .. } | bus::Error::Topic(_) => Self::unprocessable(error),
            bus::Error::Fault(fault) => fault.into(),
        }
    }
}

impl From<bus::BadTerms> for Problem {
    fn from(error: bus::BadTerms) -> Self {
        Self::unprocessable(error)
    }
}

impl From<InvalidName> for Problem {
    fn from(error: InvalidName) -> Self {
        Self::bad_request(error)
    }
}

impl From<InvalidTopic> for Problem {
    fn from(error: InvalidTopic) -> Self {
        Self::bad_request(error)
    }
}

impl From<OperateError> for Problem {
    fn from(error: OperateError) -> Self {
        match error {
            OperateError::NotFound => Self::not_found(error),
            OperateError::NotNow(_) => Self::conflict(error),
            OperateError::NotHere(_) => Self::unprocessable(error),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Expired(_) => Self::gone(error),
            ReadError::Missing(_) => Self::not_found(error),
            _ => Self::unavailable(error),
        }
    }
}
