//! [`Socket`]: a WebSocket that speaks JSON texts, opened by the HTTP client, with its token and its TLS.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use reqwest::Upgraded;
use serde_json::Value;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::cli::Exit;
use crate::cli::client::Client;
use crate::cli::failure::Failure;

/// Where a talk is had.
const PATH: &str = "/ws/chat";

/// A server asks a silent client every 20 seconds whether it is there: longer it is not silent itself.
const GIVE_UP: Duration = Duration::from_secs(75);

/// The longest frame that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// A connection.
pub(super) struct Socket(WebSocketStream<Upgraded>);

impl Socket {
    /// Connects.
    pub(super) async fn open(client: &Client) -> Result<Self, Failure> {
        let upgraded = client.upgrade(PATH).await?;
        let limits = WebSocketConfig::default().max_message_size(Some(LONGEST));
        Ok(Self(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(limits)).await))
    }

    /// Says something.
    pub(super) async fn say(&mut self, frame: &Value) -> Result<(), Failure> {
        self.0.send(Message::text(frame.to_string())).await.map_err(|error| lost(&error))
    }

    /// Hears what is said next.
    pub(super) async fn hear(&mut self) -> Result<Value, Failure> {
        loop {
            let next = tokio::time::timeout(GIVE_UP, self.0.next()).await;
            match next.map_err(|_| gone("it has fallen silent"))? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map_err(|error| gone(&error.to_string()));
                }
                Some(Ok(Message::Close(reason))) => {
                    let why = reason.map(|reason| reason.reason.to_string()).unwrap_or_default();
                    return Err(gone(if why.is_empty() { "it has ended" } else { &why }));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(lost(&error)),
                None => return Err(gone("it has ended")),
            }
        }
    }

    /// Ends it.
    pub(super) async fn close(mut self) {
        // The other side may have gone.
        let _ = self.0.close(None).await;
    }
}

fn lost(error: &Error) -> Failure {
    gone(&error.to_string())
}

fn gone(why: &str) -> Failure {
    Failure::new(Exit::Unreachable, format!("the connection is lost: {why}"))
}
