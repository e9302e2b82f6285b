//! One document from the web: redirects are followed by hand, so that each is looked at like the first.

use super::guard::Guard;
use crate::world::http;
use callboard_actors::tools::ToolError;
use futures::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Response, Url};
use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;

/// How often one is sent elsewhere at most.
const MOST_REDIRECTS: usize = 5;
/// What is read of a document.
const MOST_BYTES: usize = 2 << 20;
/// How long all of it may take.
const TIME: Duration = Duration::from_secs(30);
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// A document as it came.
#[derive(Debug)]
pub(super) struct Document {
    /// Where it was found in the end.
    pub(super) url: Url,
    /// What it says it is; empty where it says nothing.
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// Whether there was more of it.
    pub(super) is_cut: bool,
}

/// Fetches a document.
///
/// # Errors
/// If it is not to be fetched, is not there, or does not come in time.
pub(super) async fn fetch(guard: &Guard, url: Url) -> Result<Document, ToolError> {
    let first = url.clone();
    tokio::time::timeout(TIME, follow(guard, url)).await.unwrap_or_else(|_| {
        Err(ToolError::new(format!(
            "{first} took longer than {} s and was given up",
            TIME.as_secs()
        )))
    })
}

async fn follow(guard: &Guard, mut url: Url) -> Result<Document, ToolError> {
    for _ in 0..=MOST_REDIRECTS {
        let addresses = guard.admit(&url).await?;
        let response = get(&url, &addresses).await?;
        match elsewhere(&url, &response)? {
            Some(next) => url = next,
            None => return read(url, response).await,
        }
    }
    Err(ToolError::new(format!(
        "{url} was the {MOST_REDIRECTS}th redirect, and leads on: fetch where it should lead"
    )))
}

async fn get(url: &Url, addresses: &[SocketAddr]) -> Result<Response, ToolError> {
    let client = client(url, addresses).map_err(ToolError::new)?;
    let accept = "text/html, text/markdown, text/plain, application/json, */*;q=0.1";
    client.get(url.clone()).header(ACCEPT, accept).send().await.map_err(|error| failed(url, &error))
}

/// A client that knows one host, by addresses that were looked at, and no proxy that would look them up itself.
fn client(url: &Url, addresses: &[SocketAddr]) -> Result<Client, String> {
    let client = http::client(CONNECT_TIME)?.no_proxy();
    http::build(client.resolve_to_addrs(url.host_str().unwrap_or_default(), addresses))
}

/// What went wrong, down to the reason: reqwest's own words end before it.
fn failed(url: &Url, error: &reqwest::Error) -> ToolError {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    let reason = if error.source().is_none() { String::new() } else { format!(": {reason}") };
    let what = if error.is_connect() { "connect to" } else { "fetch" };
    ToolError::new(format!("failed to {what} {url}{reason}"))
}

/// Where a response sends to, if it does; that something is not there is an error.
fn elsewhere(url: &Url, response: &Response) -> Result<Option<Url>, ToolError> {
    let status = response.status();
    if status.is_success() {
        return Ok(None);
    }
    let location = header(response.headers(), &LOCATION);
    if !status.is_redirection() || location.is_empty() {
        return Err(ToolError::new(format!("{url} answered {status}")));
    }
    let next = url.join(&location);
    next.map(Some).map_err(|error| {
        ToolError::new(format!("{url} sends to {location:?}, which is no URL: {error}"))
    })
}

async fn read(url: Url, response: Response) -> Result<Document, ToolError> {
    let encoding = header(response.headers(), &CONTENT_ENCODING);
    if !matches!(encoding.as_str(), "" | "identity") {
        return Err(ToolError::new(format!(
            "{url} came packed as {encoding}, which was not asked for"
        )));
    }
    let content_type = header(response.headers(), &CONTENT_TYPE);
    let (mut body, mut chunks) = (Vec::new(), response.bytes_stream());
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(|error| failed(&url, &error))?);
        if body.len() > MOST_BYTES {
            break;
        }
    }
    let is_cut = body.len() > MOST_BYTES;
    body.truncate(MOST_BYTES);
    Ok(Document { url, content_type, body, is_cut })
}

fn header(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim().to_owned()
}
