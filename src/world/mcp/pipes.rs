//! [`Lines`]: messages as lines over a program's stdin and stdout. What is no message is left aside and counted, an answer
//! that is too long is refused in its place, and nothing that is read grows without bound.
//!
//! The SDK has such a transport, too; it drops what is too long or cannot be read without a word, so that whoever has
//! called waits until his time is up.

use super::attended::Pipes;
use super::plain::line;
use rmcp::RoleClient;
use rmcp::model::{
    ClientNotification, ErrorCode, ErrorData, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

/// The longest message, in bytes.
pub(super) const LONGEST: usize = 16 << 20;

/// What stands in place of an answer that could not be read is an error with this code, of ours.
pub(super) const UNREADABLE: ErrorCode = ErrorCode(-32_097);

/// At both ends of a message that is too long so many bytes are looked at for whose answer it is.
const ENDS: usize = 300;

/// More requests than these are not looked after: they have been given up long ago.
const MOST_OPEN: usize = 10_000;

/// What was written that is no message. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Complaints(Arc<Mutex<(u64, String)>>);

impl Complaints {
    fn add(&self, what: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        kept.1 = line(&String::from_utf8_lossy(&what[..what.len().min(ENDS)]), 100);
    }

    /// How much of it there was, in words.
    pub(super) fn told(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = &*kept;
        (*count > 0)
            .then(|| format!("it wrote {count} lines that are no messages, the last: {last}"))
    }
}

/// Messages over a program's pipes.
pub(super) struct Lines {
    output: BufReader<ChildStdout>,
    input: Arc<tokio::sync::Mutex<Option<ChildStdin>>>,
    /// What has been read of the line that is being read.
    line: Vec<u8>,
    /// Of a line that is too long: how it ended, as far as it was read.
    end: Option<Vec<u8>>,
    /// What was asked and not answered, by its id as it stands in a message.
    open: BTreeMap<String, RequestId>,
    complaints: Complaints,
}

/// A line, or the two ends of one that was too long.
enum Read {
    Line(Vec<u8>),
    TooLong { beginning: Vec<u8>, end: Vec<u8> },
}

impl Lines {
    pub(super) fn new(pipes: Pipes, complaints: Complaints) -> Self {
        Self {
            output: BufReader::new(pipes.output),
            input: Arc::new(tokio::sync::Mutex::new(Some(pipes.input))),
            line: Vec::new(),
            end: None,
            open: BTreeMap::new(),
            complaints,
        }
    }

    /// The next line; `None`: there are no more. Whoever drops the future loses nothing.
    async fn next(&mut self) -> Option<Read> {
        loop {
            let available = self.output.fill_buf().await.ok().filter(|read| !read.is_empty())?;
            let newline = available.iter().position(|byte| *byte == b'\n');
            let taken = newline.map_or(available.len(), |at| at + 1);
            let piece = &available[..newline.unwrap_or(taken)];
            match &mut self.end {
                Some(end) => keep_end(end, piece),
                None if self.line.len() + piece.len() > LONGEST => {
                    let mut end = Vec::new();
                    keep_end(&mut end, &self.line[self.line.len().saturating_sub(ENDS)..]);
                    keep_end(&mut end, piece);
                    self.line.truncate(ENDS);
                    self.end = Some(end);
                }
                None => self.line.extend_from_slice(piece),
            }
            self.output.consume(taken);
            if newline.is_some() {
                let line = std::mem::take(&mut self.line);
                return Some(match self.end.take() {
                    Some(end) => Read::TooLong { beginning: line, end },
                    None => Read::Line(line),
                });
            }
        }
    }

    /// The message in a line; `None`: there is none for us.
    fn message(&mut self, line: &[u8]) -> Option<ServerJsonRpcMessage> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        let error = match serde_json::from_slice::<ServerJsonRpcMessage>(line) {
            Ok(message) => {
                self.settle(&message);
                return Some(message);
            }
            Err(error) => error,
        };
        self.complaints.add(line);
        let said: Value = serde_json::from_slice(line).ok()?;
        let id = said.get("id").filter(|_| said.get("method").is_none())?;
        let id = self.open.remove(&id.to_string())?;
        Some(refusal(
            id,
            format!("its answer is none: {}", super::plain::line(&error.to_string(), 200)),
        ))
    }

    fn settle(&mut self, message: &ServerJsonRpcMessage) {
        let id = match message {
            JsonRpcMessage::Response(response) => Some(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        if let Some(id) = id {
            self.open.remove(&written(id));
        }
    }

    /// Whose answer it was that was too long: the only one's that is waited for, or the one's that is named at an end.
    fn refuse(&mut self, beginning: &[u8], end: &[u8]) -> Option<ServerJsonRpcMessage> {
        self.complaints.add(beginning);
        let ends = [beginning, end].map(|bytes| String::from_utf8_lossy(bytes).replace(' ', ""));
        let is_named = |id: &String| {
            let names = [format!("\"id\":{id},"), format!("\"id\":{id}}}")];
            names.iter().any(|name| ends.iter().any(|end| end.contains(name)))
        };
        let mut named = self.open.keys().filter(|id| self.open.len() == 1 || is_named(id));
        let id = named.next().filter(|_| named.next().is_none())?.clone();
        let id = self.open.remove(&id)?;
        Some(refusal(id, format!("its answer has more than {LONGEST} bytes, and was not read")))
    }

    fn note(&mut self, item: &TxJsonRpcMessage<RoleClient>) {
        match item {
            JsonRpcMessage::Request(request) => {
                if self.open.len() >= MOST_OPEN {
                    self.open.clear();
                }
                self.open.insert(written(&request.id), request.id.clone());
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.open.remove(&written(id));
                }
            }
            _ => {}
        }
    }
}

fn keep_end(end: &mut Vec<u8>, piece: &[u8]) {
    end.extend_from_slice(&piece[piece.len().saturating_sub(ENDS)..]);
    let surplus = end.len().saturating_sub(ENDS);
    end.drain(..surplus);
}

/// An id as it stands in a message.
fn written(id: &RequestId) -> String {
    serde_json::to_string(id).unwrap_or_default()
}

/// What stands in place of an answer that is none.
fn refusal(id: RequestId, why: String) -> ServerJsonRpcMessage {
    JsonRpcMessage::error(ErrorData::new(UNREADABLE, why, None), Some(id))
}

impl Transport<RoleClient> for Lines {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        self.note(&item);
        let input = Arc::clone(&self.input);
        async move {
            let mut line = serde_json::to_vec(&item)?;
            line.push(b'\n');
            let mut input = input.lock().await;
            let closed = || io::Error::new(io::ErrorKind::NotConnected, "its stdin is closed");
            let pipe = input.as_mut().ok_or_else(closed)?;
            pipe.write_all(&line).await?;
            pipe.flush().await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let message = match self.next().await? {
                Read::Line(line) => self.message(&line),
                Read::TooLong { beginning, end } => self.refuse(&beginning, &end),
            };
            if message.is_some() {
                return message;
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // Whoever writes just now to a program that does not read holds it for ever: then the pipe closes with us.
        if let Ok(mut input) = self.input.try_lock() {
            input.take();
        }
        Ok(())
    }
}
