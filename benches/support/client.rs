//! A client of a few lines: HTTP/1.1 over one connection that stays open, and the raw socket behind it.
//! It costs next to nothing beside the server it asks.

use anyhow::Context as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    socket: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, token: token.to_owned(), buffer: Vec::new() })
    }

    /// `GET`: the status and the body.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<(u16, String)> {
        self.ask("GET", path, "", "").await
    }

    /// `POST` with a JSON body: the status and the body.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> anyhow::Result<(u16, String)> {
        self.ask("POST", path, "Content-Type: application/json\r\n", body).await
    }

    /// Asks for the WebSocket protocol. From then on the socket speaks it; what came behind the answer
    /// already is given with it.
    pub(crate) async fn upgrade(mut self, path: &str) -> anyhow::Result<(TcpStream, Vec<u8>)> {
        let headers = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        self.send("GET", path, headers, "").await?;
        let head = timeout(PATIENCE, self.head()).await??;
        anyhow::ensure!(head.starts_with("HTTP/1.1 101"), "no upgrade: {head}");
        Ok((self.socket, self.buffer))
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> anyhow::Result<(u16, String)> {
        self.send(method, path, headers, body).await?;
        timeout(PATIENCE, self.answer()).await.context("no answer came")?
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> anyhow::Result<()> {
        let (token, length) = (&self.token, body.len());
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             {headers}Content-Length: {length}\r\n\r\n{body}"
        );
        Ok(self.socket.write_all(text.as_bytes()).await?)
    }

    async fn answer(&mut self) -> anyhow::Result<(u16, String)> {
        let head = self.head().await?;
        let status = head.get(9..12).and_then(|text| text.parse().ok()).context("no status")?;
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("the answer has no length")?.trim().parse()?;
        while self.buffer.len() < length {
            self.read().await?;
        }
        let body = self.buffer.drain(..length).collect();
        Ok((status, String::from_utf8(body)?))
    }

    async fn head(&mut self) -> anyhow::Result<String> {
        loop {
            let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.buffer.drain(..end + 4).collect();
                return Ok(String::from_utf8(head)?);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let count = self.socket.read_buf(&mut self.buffer).await?;
        anyhow::ensure!(count > 0, "the server hung up");
        Ok(())
    }
}
