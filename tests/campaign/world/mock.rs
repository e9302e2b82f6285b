//! The Messages API as far as a server asks it, and a count of every call.
//!
//! Whether it answers depends on the prompt and on how often it was asked that, so that a test can go on counting where
//! a server that died had got; what it answers on what it is asked alone: the prompt, and what tools have come to.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::asked::Asked;
use super::sse::events;

/// How often each was asked, by its key.
pub(crate) type Counts = HashMap<String, usize>;

/// A server of the Messages API on a free port. It lives as long as the test program.
#[derive(Debug, Clone)]
pub(crate) struct Mock {
    pub(crate) address: SocketAddr,
    board: Arc<Mutex<Board>>,
}

#[derive(Debug, Default)]
struct Board {
    counts: Counts,
    /// Which server is asking, as far as [`Mock::next_life`] was told.
    life: usize,
    /// Calls of that server that are being answered.
    under_way: usize,
}

/// What the prompt's first word asks for.
enum Wish {
    /// An answer after this time.
    Answer(Duration),
    /// This status and kind of error.
    Error(u16, &'static str),
}

/// `steady` is answered, `slow` is answered late, `flaky` twice not, `hopeless` is refused the first
/// time it is asked.
fn wish(prompt: &str, asked: usize) -> Wish {
    match (prompt.split_whitespace().next(), asked) {
        (Some("flaky"), 1 | 2) => Wish::Error(529, "overloaded_error"),
        (Some("hopeless"), 1) => Wish::Error(400, "invalid_request_error"),
        (Some("slow"), _) => Wish::Answer(Duration::from_secs(1)),
        (Some("pausing"), _) => Wish::Answer(Duration::from_millis(pause(prompt))),
        _ => Wish::Answer(Duration::from_millis(10)),
    }
}

/// 50 to 300 ms, another for each prompt.
fn pause(prompt: &str) -> u64 {
    50 + prompt.bytes().map(|byte| u64::from(byte) * 37).sum::<u64>() % 250
}

impl Board {
    /// How often that was asked by now, and in which life.
    fn begin(&mut self, key: String) -> (usize, usize) {
        self.under_way += 1;
        let count = self.counts.entry(key).or_default();
        *count += 1;
        (*count, self.life)
    }

    fn end(&mut self, life: usize) {
        self.under_way -= usize::from(life == self.life);
    }
}

impl Mock {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let mock = Self { address, board: Arc::default() };
        let serving = mock.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mock = serving.clone();
                thread::spawn(move || mock.serve(&stream));
            }
        });
        mock
    }

    /// Goes on from these counts.
    pub(crate) fn begin(&self, counts: Counts) {
        self.board.lock().unwrap().counts = counts;
    }

    /// How often each was asked.
    pub(crate) fn counts(&self) -> Counts {
        self.board.lock().unwrap().counts.clone()
    }

    /// How many calls are being answered; and what is asked from now on is asked by another server.
    pub(crate) fn next_life(&self) -> usize {
        let mut board = self.board.lock().unwrap();
        board.life += 1;
        std::mem::take(&mut board.under_way)
    }

    fn serve(&self, stream: &TcpStream) {
        let Some(asked) = read_call(stream) else { return };
        let (times, life) = self.board.lock().unwrap().begin(asked.key());
        // A server that was killed does not hear the answer.
        let _told = tell(stream, &asked, times);
        self.board.lock().unwrap().end(life);
    }
}

fn read_call(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Asked::read(std::str::from_utf8(&body).ok()?)
}

fn tell(mut stream: &TcpStream, asked: &Asked, times: usize) -> io::Result<()> {
    match wish(asked.question(), times) {
        Wish::Error(status, kind) => {
            let body = json!({"type": "error", "error": {"type": kind, "message": "as ordered"}});
            let body = body.to_string();
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} No\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        }
        Wish::Answer(wait) => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
            )?;
            let events = events(&asked.reply());
            let (first, second) = events.split_at(events.len() / 2);
            first.iter().try_for_each(|data| event(stream, data))?;
            thread::sleep(wait);
            second.iter().try_for_each(|data| event(stream, data))
        }
    }
}

fn event(mut stream: &TcpStream, data: &Value) -> io::Result<()> {
    write!(stream, "event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}
