//! [`Limited`]: refuses a frame that is too long by its header, before a byte of it is kept.
//!
//! The codec has a limit too, but looks at it only when the whole frame lies in memory.

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures::Stream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What the error says, by which it is known again behind the codec.
pub(super) const TOO_LONG: &str = "the message is too long";

/// The bytes of a connection, up to the first frame that is too long.
pub(super) struct Limited<S> {
    bytes: S,
    headers: Headers,
}

impl<S> Limited<S> {
    /// Frames may have at most `longest` bytes.
    pub(super) fn new(bytes: S, longest: usize) -> Self {
        Self { bytes, headers: Headers { longest: longest as u64, ..Headers::default() } }
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Limited<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = Pin::new(&mut self.bytes).poll_next(cx);
        let is_fine = match &read {
            Poll::Ready(Some(Ok(bytes))) => self.headers.are_fine_in(bytes),
            _ => true,
        };
        if is_fine {
            return read;
        }
        Poll::Ready(Some(Err(PayloadError::Io(io::Error::other(TOO_LONG)))))
    }
}

/// Where the next frame begins, seen from the bytes that have passed.
#[derive(Default)]
struct Headers {
    longest: u64,
    /// The begun header: two bytes, the length, the mask.
    header: Vec<u8>,
    /// How much of the current frame's payload is still to come.
    payload: u64,
}

impl Headers {
    /// Reads on. False: a frame is longer than it may be.
    fn are_fine_in(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let passing = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
            self.payload -= passing as u64;
            bytes = &bytes[passing..];
            let Some((first, rest)) = bytes.split_first() else { return true };
            self.header.push(*first);
            bytes = rest;
            if let Some(length) = length(&self.header) {
                if length > self.longest {
                    return false;
                }
                self.payload = length;
                self.header.clear();
            }
        }
        true
    }
}

/// The payload's length, once the header is whole (RFC 6455, section 5.2).
fn length(header: &[u8]) -> Option<u64> {
    let second = *header.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (length, end) = match second & 0x7F {
        126 => (u64::from(u16::from_be_bytes(header.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(header.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    (header.len() == end + mask).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(longest: u64) -> Headers {
        Headers { longest, ..Headers::default() }
    }

    /// A masked text frame's header and as many bytes.
    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(0x80 + u8::try_from(length).unwrap()),
            126..=65_535 => {
                frame.push(0x80 + 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0x80 + 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.extend(std::iter::repeat_n(b'x', length));
        frame
    }

    #[test]
    fn frames_of_every_length_pass_however_they_are_cut() {
        let frames: Vec<u8> = [0, 5, 125, 126, 70_000, 0, 1].into_iter().flat_map(frame).collect();
        for step in [1, 2, 3, 7, 1_000, frames.len()] {
            let mut headers = headers(70_000);
            assert!(frames.chunks(step).all(|chunk| headers.are_fine_in(chunk)), "{step}");
            assert!(headers.header.is_empty() && headers.payload == 0, "{step}");
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_found_by_its_header_alone() {
        let mut headers = headers(1_000);
        assert!(headers.are_fine_in(&frame(1_000)));
        assert!(!headers.are_fine_in(&frame(1_001)[..8]));
    }
}
