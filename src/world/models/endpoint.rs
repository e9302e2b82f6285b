//! [`Endpoint`]: the HTTP side of asking any provider: one request, and what came of it as events, as JSON, or as a
//! [`Failure`]. There is no retry in here; that belongs to the caller.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response};

use super::complaint::shorten;
use super::failure::{Failure, FailureKind};
use super::refusal;
use super::secret::Secret;
use super::sse;
use super::vendor::Vendor;
use crate::world::http;

/// The longest error body that is read, in bytes; what is shown of it is far shorter.
const ERROR_BODY: usize = 64 * 1024;

/// The longest body that is read whole, in bytes: a batch of vectors has some megabytes.
const WHOLE_BODY: usize = 64 << 20;

/// How long a provider may be waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The longest silence before and within an answer.
    pub(super) read: Duration,
    /// The longest wait for a connection.
    pub(super) connect: Duration,
}

/// Where a provider is asked. Its connections are kept and shared by concurrent calls.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) vendor: Vendor,
    base_url: String,
    patience: Patience,
    http: Client,
}

impl Endpoint {
    /// Prepares a client; nothing is sent yet. Fails as [`FailureKind::Rejected`] when TLS cannot
    /// be set up, as on a machine without root certificates.
    pub(super) fn new(vendor: Vendor, base_url: &str, patience: Patience) -> Result<Self, Failure> {
        let http = http::client(patience.connect).and_then(http::build);
        let http = http.map_err(|message| Failure::new(FailureKind::Rejected, message))?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { vendor, base_url, patience, http })
    }

    /// A request for this path below the address.
    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base_url))
    }

    /// A header's value that shows itself nowhere.
    pub(super) fn header(&self, text: &str) -> Result<HeaderValue, Failure> {
        let mut header = HeaderValue::from_str(text).map_err(|_| self.unfit_key())?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// Sends it, and gives the data of the events that answer it.
    pub(super) async fn events(
        &self,
        request: RequestBuilder,
    ) -> Result<impl Stream<Item = Result<String, Failure>> + use<>, Failure> {
        let response = self.answered(request).await?;
        self.expect(&response, "text/event-stream")?;
        Ok(sse::events(chunks(response), self.patience.read))
    }

    /// Sends it, and gives the whole body that answers it.
    pub(super) async fn body(&self, request: RequestBuilder) -> Result<Vec<u8>, Failure> {
        let response = self.answered(request).await?;
        self.expect(&response, "application/json")?;
        let limit = self.patience.read;
        let mut body = Vec::new();
        let mut chunks = chunks(response);
        loop {
            let chunk = tokio::time::timeout(limit, chunks.next()).await;
            let Some(chunk) = chunk.map_err(|_| sse::stalled("the answer stalled", limit))? else {
                return Ok(body);
            };
            body.extend_from_slice(&chunk?);
            if body.len() > WHOLE_BODY {
                let message = format!("the answer is longer than {WHOLE_BODY} bytes");
                return Err(Failure::new(FailureKind::Malformed, message));
            }
        }
    }

    /// The failure of a call, its key masked wherever the server repeats it.
    pub(super) fn hide(key: Option<&Secret>, failure: Failure) -> Failure {
        match key {
            Some(key) => Failure { message: key.redact(&failure.message), ..failure },
            None => failure,
        }
    }

    async fn answered(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = self.send(request).await?;
        if response.status() == 200 {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = tokio::time::timeout(self.patience.read, beginning(response)).await;
        Err(refusal::from_status(&self.vendor, status, &headers, &body.unwrap_or_default()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let limit = self.patience.connect.saturating_add(self.patience.read);
        let sent = tokio::time::timeout(limit, request.send()).await;
        let silent = || sse::stalled(&format!("{} did not answer", self.vendor.name), limit);
        let sent = sent.map_err(|_| silent())?;
        sent.map_err(|error| refusal::from_send(&self.vendor, &error.without_url(), &self.base_url))
    }

    /// A 200 of another kind comes from something else than the API: a proxy, a login page.
    fn expect(&self, response: &Response, wanted: &str) -> Result<(), Failure> {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or("nothing");
        if kind.starts_with(wanted) {
            return Ok(());
        }
        let (kind, base_url) = (shorten(kind), &self.vendor.base_url);
        let message = format!("expected {wanted}, got {kind}: check {base_url}");
        Err(Failure::new(FailureKind::Malformed, message))
    }

    fn unfit_key(&self) -> Failure {
        let Vendor { name, set_key, .. } = &self.vendor;
        let message =
            format!("the API key of {name} has characters that no header can carry: {set_key}");
        Failure::new(FailureKind::Unauthorized, message)
    }
}

fn chunks(response: Response) -> impl Stream<Item = Result<Bytes, Failure>> + Unpin {
    response.bytes_stream().map(|chunk| chunk.map_err(|error| refusal::from_body(&error)))
}

/// The beginning of an error's body; what cannot be read of it is left out.
async fn beginning(response: Response) -> String {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk);
        if body.len() > ERROR_BODY {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}
