//! A client as small as can be: one request, one connection, one answer.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Talks to one server.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Client {
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Spawns a process; the same key spawns the same one.
    pub(crate) fn spawn(&self, key: Option<&str>, order: &Value) -> io::Result<Answer> {
        let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        self.ask("POST", "/spawn", &key, &order.to_string())
    }

    pub(crate) fn post(&self, path: &str) -> io::Result<Answer> {
        self.ask("POST", path, "", "")
    }

    pub(crate) fn get(&self, path: &str) -> io::Result<Answer> {
        self.ask("GET", path, "", "")
    }

    /// Asks anything. An answer without a body ends with `UnexpectedEof`.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Self::PATIENCE))?;
        let (address, token, length) = (self.address, &self.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        parse(&answer).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Reads a whole answer; `None`: it was cut off.
pub(crate) fn parse(answer: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Answer { status, body: serde_json::from_str(body).ok()? })
}
