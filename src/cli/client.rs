//! The HTTP client: what the server answers, as JSON; what goes wrong, as a [`Failure`] that says what to do.

use std::time::Duration;

use reqwest::header::{
    CONNECTION, HeaderMap, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Upgraded, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::Exit;
use super::failure::Failure;
use crate::settings::Secret;

/// How long an answer may take beyond what it was asked to wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to find out whether a server is there.
const GLANCE: Duration = Duration::from_secs(3);

/// The largest part of an error's body that is shown.
const EXCERPT: usize = 200;

/// Speaks to one server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<Secret>,
}

/// The body of an error, RFC 9457.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
}

impl Client {
    /// A client of the server at `base`. Nothing is sent yet.
    pub(super) fn new(base: &str, token: Option<Secret>) -> Result<Self, Failure> {
        // The second time it is there already, which is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(GLANCE)
            // A redirect would carry the token to another host.
            .redirect(redirect::Policy::none());
        let is_plain = base.starts_with("http://");
        // Without TLS no certificates are needed, and a machine without any can still do this.
        let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
        let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| {
            Failure::new(Exit::Unreachable, format!("failed to set up TLS: {error}"))
        })?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// Where the server is.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether this very server answers there, healthy or not. It is asked without the token: somebody else
    /// may listen there by now.
    pub(super) async fn is(&self, instance: &str) -> bool {
        let asked = self.http.get(format!("{}/health", self.base)).timeout(GLANCE).send().await;
        let Ok(answer) = asked else { return false };
        let body: Value = answer.json().await.unwrap_or_default();
        body["instance"] == instance
    }

    /// What stands at a path.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        self.get_within(path, query, Duration::ZERO).await
    }

    /// What stands at a path, as text.
    pub(super) async fn text(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<String, Failure> {
        let request = self.request(Method::GET, path).query(query).timeout(PATIENCE);
        let answer = self.send(request).await?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.unreachable(&error))?;
        if status.is_success() { Ok(text) } else { Err(self.refused(status, &text)) }
    }

    /// The same, where the server may wait until there is something to say.
    pub(super) async fn get_within<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        wait: Duration,
    ) -> Result<T, Failure> {
        let request = self.request(Method::GET, path).query(query);
        self.accepted(request.timeout(wait + PATIENCE)).await
    }

    /// Orders something. `key`: the same key again gives the same answer and no second deed.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<T, Failure> {
        let mut request = self.request(Method::POST, path).timeout(PATIENCE);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.accepted(request).await
    }

    /// Puts something in its place.
    pub(super) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        self.accepted(self.request(Method::PUT, path).timeout(PATIENCE).json(body)).await
    }

    /// Puts a text in its place.
    pub(super) async fn put_text<T: DeserializeOwned>(
        &self,
        path: &str,
        text: String,
    ) -> Result<T, Failure> {
        self.accepted(self.request(Method::PUT, path).timeout(PATIENCE).body(text)).await
    }

    /// Takes something away.
    pub(super) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.accepted(self.request(Method::DELETE, path).timeout(PATIENCE)).await
    }

    /// Status and body, whatever they are: of `/health`, whose bad news is an answer too.
    pub(super) async fn look(&self, path: &str) -> Result<(StatusCode, Value), Failure> {
        let answer = self.send(self.request(Method::GET, path).timeout(PATIENCE)).await?;
        Ok((answer.status(), self.body(answer).await?))
    }

    /// A WebSocket at a path (RFC 6455, section 4.1).
    pub(super) async fn upgrade(&self, path: &str) -> Result<Upgraded, Failure> {
        let key = generate_key();
        let request = self.request(Method::GET, path).headers(HeaderMap::from_iter([
            (CONNECTION, HeaderValue::from_static("Upgrade")),
            (UPGRADE, HeaderValue::from_static("websocket")),
            (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
        ]));
        let request = request.header(SEC_WEBSOCKET_KEY, &key);
        let answer = tokio::time::timeout(PATIENCE, self.send(request)).await;
        let answer = answer.unwrap_or_else(|_| Err(self.silent()))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = answer.status();
            return Err(self.refused(status, &answer.text().await.unwrap_or_default()));
        }
        let accept = derive_accept_key(key.as_bytes());
        if answer.headers().get(SEC_WEBSOCKET_ACCEPT).is_none_or(|said| *said != accept) {
            let text = format!("{} answered what is no WebSocket of Callboard's", self.base);
            return Err(Failure::new(Exit::Failed, text));
        }
        answer.upgrade().await.map_err(|error| self.unreachable(&error))
    }

    fn silent(&self) -> Failure {
        let text =
            format!("failed to reach the server at {}: it did not answer in time", self.base);
        Failure::new(Exit::Unreachable, text)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    async fn accepted<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let answer = self.send(request).await?;
        if answer.status().is_success() {
            return self.body(answer).await;
        }
        let (status, may_pass) = (answer.status(), answer.headers().contains_key(RETRY_AFTER));
        let body = answer.text().await.unwrap_or_default();
        let failure = self.refused(status, &body);
        // Whoever says when to ask again has not refused for good, whatever the status.
        Err(if may_pass { Failure { exit: Exit::TryAgain, ..failure } } else { failure })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    async fn body<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Failure> {
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        // 204: there is nothing to say.
        let said = if bytes.is_empty() { &b"null"[..] } else { &bytes };
        serde_json::from_slice(said).map_err(|error| {
            let base = &self.base;
            let text = format!("{base} answered what is no answer of Callboard's: {error}");
            Failure::new(Exit::Unreachable, text)
        })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() { "it did not answer in time".into() } else { root(error) };
        let text = format!("failed to reach the server at {}: {why}", self.base);
        Failure::new(Exit::Unreachable, text)
    }

    fn refused(&self, status: StatusCode, body: &str) -> Failure {
        let exit = Exit::of_status(status.as_u16());
        let problem: Problem = serde_json::from_str(body).unwrap_or_default();
        let said = [problem.detail, problem.title, excerpt(body)];
        let said = said.into_iter().find(|text| !text.is_empty());
        let said = said.unwrap_or_else(|| status.to_string());
        let message = match status.as_u16() {
            401 | 403 if self.token.is_none() => format!(
                "the server at {} wants a token: give --token or CALLBOARD_TOKEN, or the --home it runs on",
                self.base
            ),
            401 => format!(
                "the server at {} does not accept the token: look into the file `token` of its home",
                self.base
            ),
            429 | 502..=504 => format!("{said}; try again later"),
            _ => said,
        };
        Failure::new(exit, message)
    }
}

/// An id or another word from outside, as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
    let encoded = text.bytes().map(|byte| match byte {
        byte if is_plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

fn is_loopback(base: &str) -> bool {
    let host = reqwest::Url::parse(base).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// The beginning of a body that is no problem document, in one line.
fn excerpt(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(EXCERPT).collect()
}

/// The innermost cause: what the system said.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(token: Option<&str>) -> Client {
        Client::new("http://127.0.0.1:1/", token.map(Secret::new)).unwrap()
    }

    fn refused(status: u16, body: &str) -> Failure {
        client(Some("t")).refused(StatusCode::from_u16(status).unwrap(), body)
    }

    #[test]
    fn a_problem_becomes_its_detail_and_the_number_of_its_status() {
        let body = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"the process is DEAD"}"#;
        assert_eq!(refused(409, body), Failure::new(Exit::Refused, "the process is DEAD"));
        let untold = r#"{"title":"Not Found","status":404}"#;
        assert_eq!(refused(404, untold), Failure::new(Exit::NotFound, "Not Found"));
    }

    #[test]
    fn what_is_no_problem_is_shown_in_one_line() {
        assert_eq!(refused(500, "a\n  b").message, "a b");
        assert_eq!(refused(500, "").message, "500 Internal Server Error");
    }

    #[test]
    fn a_token_that_is_missing_or_wrong_says_where_to_get_one() {
        let missing = client(None).refused(StatusCode::UNAUTHORIZED, "{}");
        assert!(missing.message.contains("--token"), "{}", missing.message);
        let wrong = refused(401, "{}");
        assert!(wrong.exit == Exit::Unreachable && wrong.message.contains("`token`"));
    }

    #[test]
    fn a_word_from_outside_stays_one_segment() {
        assert_eq!(segment("a/../b?c d"), "a%2F..%2Fb%3Fc%20d");
    }

    #[test]
    fn a_loopback_address_is_one_in_any_notation() {
        for base in ["http://127.0.0.1:8", "http://localhost", "http://[::1]:9/"] {
            assert!(is_loopback(base), "{base}");
        }
        assert!(!is_loopback("http://10.0.0.1"));
    }

    #[tokio::test]
    async fn where_nobody_listens_the_message_names_the_address() {
        let failure = client(None).get::<Value>("/info", &[]).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Unreachable);
        assert!(failure.message.contains("http://127.0.0.1:1"), "{}", failure.message);
    }
}
