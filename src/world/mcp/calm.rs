//! [`Calm`]: a transport that hears of notifications what matters (that the list of tools has changed), keeps the rest to
//! itself, and takes its time with a server that says too much: it is read more slowly, and has to wait itself.
//!
//! A server that does not take a request may say so without saying which: one at an address that has forgotten who asks,
//! say. The SDK leaves that aside, and whoever asked waits for ever; here it is told to the only one who asks.

use rmcp::RoleClient;
use rmcp::model::{
    ClientNotification, ErrorCode, JsonRpcError, JsonRpcMessage, RequestId, ServerNotification,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// So many notifications are read in a span.
const MOST: u32 = 500;

/// How long a span is.
const SPAN: Duration = Duration::from_secs(1);

/// A request was not taken: what a server says without saying to whom gets this code, which is ours.
pub(super) const NOT_TAKEN: ErrorCode = ErrorCode(-32_098);

/// The transport of somebody who may say too much.
pub(super) struct Calm<T> {
    inner: T,
    changed: Arc<Notify>,
    span: Instant,
    heard: u32,
    /// What was asked and not answered.
    open: Vec<RequestId>,
}

impl<T> Calm<T> {
    /// `changed` is told when the list of tools has changed.
    pub(super) fn new(inner: T, changed: Arc<Notify>) -> Self {
        Self { inner, changed, span: Instant::now(), heard: 0, open: Vec::new() }
    }

    fn note(&mut self, item: &TxJsonRpcMessage<RoleClient>) {
        match item {
            JsonRpcMessage::Request(request) => self.open.push(request.id.clone()),
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                {
                    self.settle(cancelled.params.request_id.as_ref());
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, id: Option<&RequestId>) {
        self.open.retain(|open| Some(open) != id);
    }

    /// An error that was said to nobody is for the only one who asks; `None`: there are others, too.
    fn addressed(&mut self, mut error: JsonRpcError) -> Option<JsonRpcError> {
        if error.id.is_none() {
            let [only] = self.open.as_slice() else { return None };
            (error.id, error.error.code) = (Some(only.clone()), NOT_TAKEN);
        }
        self.settle(error.id.as_ref());
        Some(error)
    }

    fn hear(&mut self, notification: &ServerNotification) {
        if self.span.elapsed() >= SPAN {
            (self.span, self.heard) = (Instant::now(), 0);
        }
        self.heard += 1;
        if let ServerNotification::ToolListChangedNotification(_) = notification {
            self.changed.notify_one();
        }
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Calm<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.note(&item);
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            if self.heard >= MOST {
                sleep_until(self.span + SPAN).await;
                self.heard = 0;
            }
            match self.inner.receive().await? {
                JsonRpcMessage::Notification(heard) => match &heard.notification {
                    // Somebody may wait for what it was about.
                    ServerNotification::CancelledNotification(_) => {
                        return Some(JsonRpcMessage::Notification(heard));
                    }
                    notification => self.hear(notification),
                },
                JsonRpcMessage::Error(error) => {
                    if let Some(error) = self.addressed(error) {
                        return Some(JsonRpcMessage::Error(error));
                    }
                }
                JsonRpcMessage::Response(response) => {
                    self.settle(Some(&response.id));
                    return Some(JsonRpcMessage::Response(response));
                }
                request @ JsonRpcMessage::Request(_) => return Some(request),
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
