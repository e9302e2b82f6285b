//! Puts fragmented messages together (RFC 6455, section 5.4), within a limit.

use super::limited::TOO_LONG;
use actix_http::ws::{CloseCode, CloseReason, Item, Message, ProtocolError};
use actix_web::web::{Bytes, BytesMut};

/// What a frame amounts to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A whole text.
    Text(String),
    /// Whole bytes.
    Binary(Bytes),
    /// An answer is due.
    Ping(Bytes),
    /// Nothing to do, or not yet.
    Nothing,
    /// The other side is going.
    Close(Option<CloseReason>),
    /// The connection has to end, for this reason.
    Fail(CloseReason),
}

/// A message that is being put together.
#[derive(Debug)]
pub(super) struct Assembler {
    limit: usize,
    parts: Option<Parts>,
}

#[derive(Debug)]
struct Parts {
    is_text: bool,
    bytes: BytesMut,
}

impl Assembler {
    /// Messages may have at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, parts: None }
    }

    /// Takes a frame in.
    pub(super) fn hear(&mut self, frame: Result<Message, ProtocolError>) -> Heard {
        match frame {
            Ok(Message::Text(text)) if self.parts.is_none() => Heard::Text(text.into()),
            Ok(Message::Binary(bytes)) if self.parts.is_none() => Heard::Binary(bytes),
            Ok(Message::Text(_) | Message::Binary(_)) => {
                fail(CloseCode::Protocol, "a new message began before the last was whole")
            }
            Ok(Message::Continuation(item)) => self.continued(item),
            Ok(Message::Ping(bytes)) => Heard::Ping(bytes),
            Ok(Message::Pong(_) | Message::Nop) => Heard::Nothing,
            Ok(Message::Close(reason)) => Heard::Close(reason),
            Err(ProtocolError::Overflow) => fail(CloseCode::Size, TOO_LONG),
            Err(ProtocolError::Io(error)) if error.to_string().contains(TOO_LONG) => {
                fail(CloseCode::Size, TOO_LONG)
            }
            // The codec reports bad UTF-8 as an I/O error.
            Err(ProtocolError::Io(error)) if error.to_string().contains("utf-8") => {
                fail(CloseCode::Invalid, "a text has to be UTF-8")
            }
            Err(error) => fail(CloseCode::Protocol, &error.to_string()),
        }
    }

    fn continued(&mut self, item: Item) -> Heard {
        let (bytes, is_last) = match item {
            Item::FirstText(_) | Item::FirstBinary(_) if self.parts.is_some() => {
                return fail(CloseCode::Protocol, "a new message began before the last was whole");
            }
            Item::FirstText(bytes) => (self.begin(true, bytes), false),
            Item::FirstBinary(bytes) => (self.begin(false, bytes), false),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(parts) = &mut self.parts else {
            return fail(CloseCode::Protocol, "there is nothing to continue");
        };
        if parts.bytes.len() + bytes.len() > self.limit {
            return fail(CloseCode::Size, TOO_LONG);
        }
        parts.bytes.extend_from_slice(&bytes);
        if is_last { self.whole() } else { self.check_text() }
    }

    fn begin(&mut self, is_text: bool, bytes: Bytes) -> Bytes {
        self.parts = Some(Parts { is_text, bytes: BytesMut::new() });
        bytes
    }

    /// What can no longer become a text is refused at once.
    fn check_text(&self) -> Heard {
        let Some(Parts { is_text: true, bytes }) = &self.parts else { return Heard::Nothing };
        match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_some() => {
                fail(CloseCode::Invalid, "a text has to be UTF-8")
            }
            _ => Heard::Nothing,
        }
    }

    fn whole(&mut self) -> Heard {
        let Some(Parts { is_text, bytes }) = self.parts.take() else { return Heard::Nothing };
        if !is_text {
            return Heard::Binary(bytes.freeze());
        }
        match String::from_utf8(bytes.into()) {
            Ok(text) => Heard::Text(text),
            Err(_) => fail(CloseCode::Invalid, "a text has to be UTF-8"),
        }
    }
}

fn fail(code: CloseCode, text: &str) -> Heard {
    Heard::Fail(CloseReason { code, description: Some(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(item: Item) -> Message {
        Message::Continuation(item)
    }

    #[test]
    fn fragments_become_one_message_with_pings_in_between() {
        let mut assembler = Assembler::new(100);
        assert_eq!(assembler.hear(Ok(part(Item::FirstText("hel".into())))), Heard::Nothing);
        assert_eq!(assembler.hear(Ok(Message::Ping("?".into()))), Heard::Ping("?".into()));
        assert_eq!(assembler.hear(Ok(part(Item::Last("lo".into())))), Heard::Text("hello".into()));
    }

    #[test]
    fn too_much_and_out_of_order_end_the_connection() {
        let mut assembler = Assembler::new(4);
        assert!(matches!(assembler.hear(Ok(part(Item::Last("x".into())))), Heard::Fail(_)));
        assembler.hear(Ok(part(Item::FirstBinary("abc".into()))));
        assert!(matches!(assembler.hear(Ok(Message::Text("x".into()))), Heard::Fail(_)));
        assert!(matches!(assembler.hear(Ok(part(Item::Last("de".into())))), Heard::Fail(_)));
    }
}
