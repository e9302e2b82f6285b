//! The Messages API as far as a server asks it, and a count of every call.
//!
//! What it answers depends on the prompt and on how often it was asked that, so that a test can go
//! on counting where a server that died had got.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use callboard::world::models::{Call, Model, Replay};
use serde_json::{Value, json};

/// How often each prompt was asked.
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

/// What a prompt is answered: those of workflows that ship by the scripts that ship with them.
pub(crate) fn answer_to(prompt: &str) -> String {
    let known = ["Debate,", "Analysis,", "Collaboration,", "Teaching,"];
    if known.iter().any(|begin| prompt.starts_with(begin)) {
        return scripted(prompt);
    }
    format!("this is the answer to: {prompt}")
}

fn scripted(prompt: &str) -> String {
    static KNOWN: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
    if let Some(known) = KNOWN.lock().unwrap().get(prompt) {
        return known.clone();
    }
    let call = Call { prompt: prompt.to_owned(), model: "opus".to_owned(), ..Call::default() };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // A script's pauses are jumped over.
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let answer = Replay::shipped().unwrap();
    let answer = runtime.block_on(answer.call(call, &mut String::new())).unwrap();
    let label = answer.label.unwrap_or_default();
    assert!(label.starts_with("replayed from "), "no script knows this: {prompt}");
    KNOWN.lock().unwrap().insert(prompt.to_owned(), answer.text.clone());
    answer.text
}

/// Whether these bytes, sent by a server, begin a call; if so the prompt.
pub(crate) fn prompt_of(sent: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(sent);
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.starts_with("POST /v1/messages").then(|| last_prompt(body)).flatten()
}

fn last_prompt(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let content = &body["messages"].as_array()?.last()?["content"];
    content.as_str().or_else(|| content[0]["text"].as_str()).map(str::to_owned)
}

impl Board {
    /// How often the prompt was asked by now, and in which life.
    fn begin(&mut self, prompt: &str) -> (usize, usize) {
        self.under_way += 1;
        let count = self.counts.entry(prompt.to_owned()).or_default();
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

    /// How often each prompt was asked.
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
        let Some(prompt) = read_call(stream) else { return };
        let (asked, life) = self.board.lock().unwrap().begin(&prompt);
        // A server that was killed does not hear the answer.
        let _told = tell(stream, &prompt, asked);
        self.board.lock().unwrap().end(life);
    }
}

fn read_call(stream: &TcpStream) -> Option<String> {
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
    last_prompt(std::str::from_utf8(&body).ok()?)
}

fn tell(mut stream: &TcpStream, prompt: &str, asked: usize) -> io::Result<()> {
    match wish(prompt, asked) {
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
            let answer = answer_to(prompt);
            let (first, second) = answer.split_at(answer.floor_char_boundary(8));
            event(stream, &start())?;
            event(stream, &delta(first))?;
            thread::sleep(wait);
            event(stream, &delta(second))?;
            event(stream, &end())?;
            event(stream, &json!({"type": "message_stop"}))
        }
    }
}

fn event(mut stream: &TcpStream, data: &Value) -> io::Result<()> {
    write!(stream, "event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

fn start() -> Value {
    json!({"type": "message_start", "message": {
        "model": "mock-1", "usage": {"input_tokens": 3, "output_tokens": 1}}})
}

fn delta(text: &str) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
}

fn end() -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 9}})
}
