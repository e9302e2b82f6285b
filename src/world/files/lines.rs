//! [`piece`]: some lines of a file, wherever in it they are.

use std::io::{self, BufRead, BufReader, Read};

/// So many bytes of a file at most.
const MOST_BYTES: usize = 50_000;

/// So many bytes are looked at to tell text from anything else.
const SAMPLE: usize = 8_192;

/// Some lines of a file.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::world) enum Piece {
    /// It is no text.
    Binary,
    /// These lines.
    Text {
        /// As they are; what is no UTF-8 has signs in its place.
        content: String,
        /// How many they are.
        lines: usize,
        /// There are more behind them.
        more: bool,
        /// The last of them is longer than it is shown.
        is_cut: bool,
    },
}

/// At most `limit` lines, from the line with the number `from` on.
pub(in crate::world) fn piece(file: impl Read, from: usize, limit: usize) -> io::Result<Piece> {
    let mut file = BufReader::with_capacity(SAMPLE, file);
    if file.fill_buf()?.contains(&0) {
        return Ok(Piece::Binary);
    }
    for _ in 1..from {
        if file.skip_until(b'\n')? == 0 {
            return Ok(Piece::Text {
                content: String::new(),
                lines: 0,
                more: false,
                is_cut: false,
            });
        }
    }
    let (mut content, mut lines, mut is_cut) = (Vec::new(), 0, false);
    while lines < limit && content.len() < MOST_BYTES && !is_cut {
        let left = MOST_BYTES - content.len();
        let read = (&mut file).take(left as u64).read_until(b'\n', &mut content)?;
        if read == 0 {
            break;
        }
        lines += 1;
        is_cut = read == left && !content.ends_with(b"\n");
    }
    if content.contains(&0) {
        return Ok(Piece::Binary);
    }
    let more = !file.fill_buf()?.is_empty();
    let content = String::from_utf8_lossy(&content).into_owned();
    Ok(Piece::Text { content, lines, more, is_cut: is_cut && more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str, from: usize, limit: usize) -> (String, usize, bool) {
        match piece(content.as_bytes(), from, limit).unwrap() {
            Piece::Text { content, lines, more, .. } => (content, lines, more),
            Piece::Binary => panic!("it is text"),
        }
    }

    #[test]
    fn any_lines_of_a_file_can_be_had_and_no_more_than_can_be_read() {
        assert_eq!(text("a\nb\nc", 1, 2), ("a\nb\n".into(), 2, true));
        assert_eq!(text("a\nb\nc", 3, 2), ("c".into(), 1, false));
        assert_eq!(text("a\n", 5, 2), (String::new(), 0, false));
        let (content, lines, more) = text(&"0123456789\n".repeat(10_000), 1, 100_000);
        assert!(content.len() <= MOST_BYTES && more && lines < 5_000, "{lines}");
        let long = piece("x".repeat(60_000).as_bytes(), 1, 10).unwrap();
        assert!(matches!(long, Piece::Text { is_cut: true, lines: 1, .. }));
        assert_eq!(piece(&b"GIF\0x"[..], 1, 1).unwrap(), Piece::Binary);
    }
}
