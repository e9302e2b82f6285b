//! [`Body`]: what follows the head of a request, and where it ends: the next request begins there.

use super::refusal::No;
use httparse::Header;
use std::io::{self, BufRead, Read, Write};

/// The longest line between two pieces.
const LONGEST_LINE: u64 = 8 << 10;

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes.
    Bytes(u64),
    /// Pieces, each with its length before it; an empty one ends it.
    Pieces,
}

impl Body {
    /// As these lines say. Who says it in two ways means one thing to us and another to the host.
    pub(super) fn of(lines: &[Header<'_>]) -> Result<Self, No> {
        let unclear = || No::unclear("where the request ends is not clear");
        let pieces: Vec<_> = named(lines, "transfer-encoding").collect();
        let mut lengths: Vec<_> = named(lines, "content-length").collect();
        lengths.dedup();
        match (pieces.as_slice(), lengths.as_slice()) {
            ([], []) => Ok(Self::Bytes(0)),
            ([], [length]) => {
                let is_number = length.iter().all(u8::is_ascii_digit);
                let length = std::str::from_utf8(length).ok().filter(|_| is_number);
                let length = length.and_then(|length| length.parse().ok());
                length.map(Self::Bytes).ok_or_else(unclear)
            }
            ([one], []) if one.eq_ignore_ascii_case(b"chunked") => Ok(Self::Pieces),
            _ => Err(unclear()),
        }
    }

    /// Passes all of it on, and nothing behind it.
    pub(super) fn pass(self, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
        let Self::Bytes(bytes) = self else { return pieces(from, to) };
        exactly(bytes, from, to)
    }
}

/// What is said under a name.
pub(super) fn named<'a>(lines: &'a [Header<'_>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let meant = lines.iter().filter(move |line| line.name.eq_ignore_ascii_case(name));
    meant.map(|line| line.value.trim_ascii())
}

fn exactly(bytes: u64, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let passed = io::copy(&mut from.take(bytes), to)?;
    if passed == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn pieces(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    loop {
        let line = line(from)?;
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(size).ok();
        let size = size.and_then(|size| u64::from_str_radix(size, 16).ok());
        let size = size.filter(|size| *size < u64::MAX - 2).ok_or(io::ErrorKind::InvalidData)?;
        to.write_all(&line)?;
        if size == 0 {
            break;
        }
        // Behind a piece its line ends.
        exactly(size + 2, from, to)?;
    }
    loop {
        let line = line(from)?;
        to.write_all(&line)?;
        if line == b"\r\n" {
            return Ok(());
        }
    }
}

fn line(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.ends_with(b"\r\n") { Ok(line) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(lines: &[(&str, &str)]) -> Result<Body, No> {
        let lines = lines.iter().map(|(name, value)| Header { name, value: value.as_bytes() });
        Body::of(&lines.collect::<Vec<_>>())
    }

    #[test]
    fn where_it_ends_is_said_in_one_way() {
        assert_eq!(body(&[]), Ok(Body::Bytes(0)));
        assert_eq!(body(&[("Content-Length", " 12 ")]), Ok(Body::Bytes(12)));
        assert_eq!(body(&[("transfer-encoding", "Chunked")]), Ok(Body::Pieces));
        for lines in [
            [("Content-Length", "1"), ("Content-Length", "2")],
            [("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
            [("Transfer-Encoding", "gzip, chunked"), ("X", "y")],
            [("Content-Length", "+1"), ("X", "y")],
            [("Content-Length", "0x1"), ("X", "y")],
        ] {
            assert!(body(&lines).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn what_is_behind_it_stays_where_it_is() {
        let passed = |body: Body, said: &str| {
            let (mut from, mut to) = (said.as_bytes(), Vec::new());
            let is_whole = body.pass(&mut from, &mut to).is_ok();
            is_whole.then(|| [to, from.to_vec()].map(|text| String::from_utf8(text).unwrap()))
        };
        let both = |one: &str, other: &str| Some([one.to_owned(), other.to_owned()]);
        assert_eq!(passed(Body::Bytes(3), "abcGET"), both("abc", "GET"));
        assert_eq!(passed(Body::Bytes(3), "ab"), None);
        let pieces = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        assert_eq!(passed(Body::Pieces, &format!("{pieces}GET")), both(pieces, "GET"));
        for wrong in ["x\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nab", "ffffffffffffffff\r\na", "0\r\n"] {
            assert_eq!(passed(Body::Pieces, wrong), None, "{wrong:?}");
        }
    }
}
