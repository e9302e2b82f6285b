//! [`Socket`]: a WebSocket client that speaks JSON.

use super::Client;
use super::client::PATIENCE;
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A connection.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with the token in the query.
    pub(crate) async fn open(client: &Client) -> Self {
        Self::try_open(client, &format!("/ws?token={}", client.token), None).await.unwrap()
    }

    /// Connects; the error is the status and the body of the refusal.
    pub(crate) async fn try_open(
        client: &Client,
        path: &str,
        origin: Option<&str>,
    ) -> Result<Self, (u16, String)> {
        let url = format!("ws://{}{path}", client.address);
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8(body).unwrap()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn say(&mut self, value: Value) {
        self.send(Message::text(value.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next thing the server says, as JSON; pings are passed over.
    pub(crate) async fn hear(&mut self) -> Value {
        // One deadline for all of it: pings are no news.
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.0.next()).await.expect("silence");
            match next.expect("the end").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a text: {other:?}"),
            }
        }
    }

    /// The next thing that is no `progress`.
    pub(crate) async fn hear_news(&mut self) -> Value {
        loop {
            let heard = self.hear().await;
            if heard["op"] != "progress" {
                return heard;
            }
        }
    }

    /// How the server ends the connection; whatever it says before is passed over.
    pub(crate) async fn end(&mut self) -> Option<CloseFrame> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("no end") {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}
