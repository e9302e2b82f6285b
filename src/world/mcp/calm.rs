//! [`Calm`]: a transport that hears of notifications what matters (that the list of tools has changed), keeps the rest to
//! itself, and takes its time with a server that says too much: it is read more slowly, and has to wait itself.

use rmcp::RoleClient;
use rmcp::model::{JsonRpcMessage, ServerNotification};
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

/// The transport of somebody who may say too much.
pub(super) struct Calm<T> {
    inner: T,
    changed: Arc<Notify>,
    span: Instant,
    heard: u32,
}

impl<T> Calm<T> {
    /// `changed` is told when the list of tools has changed.
    pub(super) fn new(inner: T, changed: Arc<Notify>) -> Self {
        Self { inner, changed, span: Instant::now(), heard: 0 }
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
                message => return Some(message),
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
