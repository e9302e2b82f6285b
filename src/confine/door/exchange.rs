//! [`exchange`]: one request and its answer. The connection to the host ends with it; that of the visitor need not, and some
//! clients speak on whatever they are told.

use super::body::named;
use super::head::Request;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The longest head of an answer.
const LONGEST: usize = 64 << 10;

/// How often it is looked whether an answer has come that is waited for.
const LOOK: Duration = Duration::from_millis(100);

/// Passes the request's body on, and the answer back; the head was sent already. Whether the visitor can speak on behind it.
pub(super) fn exchange(
    request: &Request,
    visitor: &mut BufReader<TcpStream>,
    host: &TcpStream,
) -> io::Result<bool> {
    let (back, end) = (visitor.get_ref().try_clone()?, visitor.get_ref().try_clone()?);
    let (asked, is_asked) = channel();
    let is_over = AtomicBool::new(false);
    let mut to = host;
    thread::scope(|scope| {
        scope.spawn(|| {
            let is_whole = request.body.pass(visitor, &mut to).is_ok();
            let _ = asked.send(is_whole);
            if is_whole && has_gone(visitor, &is_over) {
                let _ = host.shutdown(Shutdown::Both);
            }
        });
        let answered = Answer::new(request.wants_a_head()).pass(host, &back);
        is_over.store(true, Ordering::Release);
        // A host may answer before it has heard all: then what comes next cannot be told apart.
        if is_asked.recv_timeout(LOOK) != Ok(true) || answered.is_err() {
            let _ = end.shutdown(Shutdown::Both);
            return Ok(false);
        }
        answered
    })
}

/// Waits until somebody goes before he has his answer: nobody is to work for him any more.
fn has_gone(visitor: &BufReader<TcpStream>, is_over: &AtomicBool) -> bool {
    let stream = visitor.get_ref();
    if !visitor.buffer().is_empty() || stream.set_read_timeout(Some(LOOK)).is_err() {
        return false;
    }
    while !is_over.load(Ordering::Acquire) {
        match stream.peek(&mut [0]) {
            Ok(0) => return true,
            Ok(_) => return false,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return true,
        }
    }
    false
}

/// An answer on its way.
struct Answer {
    head: Vec<u8>,
    is_head_alone: bool,
    /// Whether it says where it ends; known when its head is.
    is_bounded: Option<bool>,
}

impl Answer {
    fn new(is_head_alone: bool) -> Self {
        Self { head: Vec::new(), is_head_alone, is_bounded: None }
    }

    /// All of it, as it comes; whether it has said where it ends.
    fn pass(mut self, mut host: &TcpStream, mut visitor: &TcpStream) -> io::Result<bool> {
        let mut piece = vec![0; 16 << 10];
        loop {
            match host.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) => return Ok(self.is_bounded.unwrap_or(false)),
                read => {
                    let read = &piece[..read?];
                    visitor.write_all(read)?;
                    self.look(read);
                }
            }
        }
    }

    fn look(&mut self, piece: &[u8]) {
        if self.is_bounded.is_some() {
            return;
        }
        self.head.extend(piece);
        while let Some((length, code, is_bounded)) = parsed(&self.head) {
            if (100..200).contains(&code) {
                // Another one follows.
                self.head.drain(..length);
                continue;
            }
            let has_none = self.is_head_alone || code == 204 || code == 304;
            self.is_bounded = Some(is_bounded || has_none);
            return;
        }
        if self.head.len() > LONGEST {
            self.is_bounded = Some(false);
        }
    }
}

/// How long a head is, its code, and whether what follows is bounded; `None`: it is not whole.
fn parsed(head: &[u8]) -> Option<(usize, u16, bool)> {
    let mut lines = [httparse::EMPTY_HEADER; 200];
    let mut answer = httparse::Response::new(&mut lines);
    let Ok(httparse::Status::Complete(length)) = answer.parse(head) else { return None };
    let in_pieces = named(answer.headers, "transfer-encoding").next().is_some();
    let is_bounded = in_pieces || named(answer.headers, "content-length").next().is_some();
    Some((length, answer.code?, is_bounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_bounded(said: &[&str]) -> Option<bool> {
        let mut answer = Answer::new(false);
        for piece in said {
            answer.look(piece.as_bytes());
        }
        answer.is_bounded
    }

    #[test]
    fn an_answer_that_does_not_say_where_it_ends_ends_with_its_connection() {
        assert_eq!(is_bounded(&["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 2\r\n\r\nhi"]), Some(true));
        assert_eq!(
            is_bounded(&["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
            Some(true)
        );
        assert_eq!(is_bounded(&["HTTP/1.1 200 OK\r\n\r\nhi"]), Some(false));
        assert_eq!(is_bounded(&["HTTP/1.1 204 No\r\n\r\n"]), Some(true));
        let twice = ["HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200", " OK\r\n\r\n"];
        assert_eq!(is_bounded(&twice), Some(false));
        assert_eq!(is_bounded(&["HTTP/1.1 200 OK\r\n"]), None);
    }
}
