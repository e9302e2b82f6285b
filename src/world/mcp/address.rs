//! A server at an address: streamable HTTP, by the SDK over our own client. Redirects are not followed: they would carry
//! the headers elsewhere.

use super::spec::Hidden;
use crate::world::http;
use reqwest::Client;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::common::client_side_sse::FixedInterval;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransportConfig, StreamableHttpError,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest message, in bytes.
const LONGEST: usize = super::pipes::LONGEST;

/// What can go wrong there.
pub(super) type Trouble = StreamableHttpError<reqwest::Error>;

/// The way to an address. Nothing is sent yet.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn transport(
    url: &str,
    headers: &Hidden,
) -> Result<StreamableHttpClientTransport<Client>, String> {
    let client = http::client(CONNECT).and_then(http::build)?;
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(sensitive(headers)?)
        .max_sse_event_size(LONGEST);
    // A stream that broke off is gone on with, but not for ever: who waits for its answer is told that it is lost.
    let mut again = FixedInterval::default();
    (again.max_times, again.duration) = (Some(3), Duration::from_millis(500));
    config.retry_config = Arc::new(again);
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

fn sensitive(headers: &Hidden) -> Result<HashMap<HeaderName, HeaderValue>, String> {
    let header = |(name, text): (&String, &String)| {
        let unfit = || format!("the header {name}, or what it says, cannot be sent");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
        let mut value = HeaderValue::from_str(text).map_err(|_| unfit())?;
        value.set_sensitive(true);
        Ok((name, value))
    };
    headers.0.iter().map(header).collect()
}

/// What went wrong, in words that show no address; and whether nothing can have been done.
pub(super) fn told(trouble: &Trouble) -> (String, bool) {
    match trouble {
        Trouble::Client(error) if error.is_connect() => ("it cannot be reached".into(), true),
        Trouble::Client(error) if error.is_timeout() => ("it took too long".into(), false),
        Trouble::Client(error) => match error.status() {
            Some(status) => (format!("it answered {status}"), status.is_client_error()),
            None => ("the connection broke".into(), false),
        },
        Trouble::AuthRequired(_) | Trouble::InsufficientScope(_) => {
            ("it wants to know who asks: set `headers`".into(), true)
        }
        Trouble::SessionExpired => ("it has forgotten who asks".into(), true),
        Trouble::HttpStatus(status) => (format!("it answered {}", status.status), false),
        other => (super::plain::line(&other.to_string(), 300), false),
    }
}
