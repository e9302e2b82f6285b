//! A subscriber as small as can be: it asks for everything, and hears it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

use serde_json::Value;

use super::Client;

/// A whole text frame, as servers send it.
const TEXT: u8 = 0x81;

/// Follows all topics until the server goes.
pub(crate) fn listen(client: &Client) -> io::Result<()> {
    let mut stream = TcpStream::connect(client.address)?;
    let Client { address, token } = client;
    write!(
        stream,
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 101");
    let wish = br#"{"op":"subscribe","id":1,"topics":["claude.>"],"after":0}"#;
    let length = u8::try_from(wish.len()).unwrap();
    // What clients say has to be masked; with zeros it stays as it is.
    stream.write_all(&[&[TEXT, 0x80 | length, 0, 0, 0, 0], wish.as_slice()].concat())?;
    thread::spawn(move || io::copy(&mut stream, &mut io::sink()));
    Ok(())
}

/// The messages in what a server sent to a subscriber.
pub(crate) fn heard(mut sent: &[u8]) -> Vec<Value> {
    let mut messages = Vec::new();
    while let Some((frame, rest)) = frame(sent) {
        let frame: Value = serde_json::from_slice(frame).unwrap_or_default();
        if frame["op"] == "message" {
            messages.push(frame["message"].clone());
        }
        sent = rest;
    }
    messages
}

/// The first frame's content, and what comes behind it.
fn frame(sent: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, content) = match sent {
        [TEXT, 126, high, low, content @ ..] => (u16::from_be_bytes([*high, *low]), content),
        [TEXT, length @ 0..126, content @ ..] => (u16::from(*length), content),
        _ => return None,
    };
    content.split_at_checked(usize::from(length))
}

#[test]
fn frames_are_told_apart() {
    let long = format!(r#"{{"op":"message","message":"{}"}}"#, "x".repeat(200));
    let [high, low] = u16::try_from(long.len()).unwrap().to_be_bytes();
    let short = br#"{"op":"pong"}"#;
    let mut sent = vec![TEXT, 13];
    sent.extend(short);
    sent.extend([TEXT, 126, high, low]);
    sent.extend(long.as_bytes());
    assert_eq!(heard(&sent), ["x".repeat(200)]);
    assert_eq!(heard(b"HTTP/1.1 200 OK"), [""; 0]);
}
