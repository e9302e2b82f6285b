//! [`Kept`]: of what a program writes, the beginning and the end; and all of it, in a file.

use super::confinement::Text;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of what a program writes, the beginning and the end.
#[derive(Debug)]
pub(super) struct Kept {
    most: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    bytes: u64,
    /// Where all of it is put.
    whole: Option<PathBuf>,
    file: Option<File>,
}

impl Kept {
    /// Half of it the beginning, half of it the end.
    pub(super) fn new(most: usize) -> Self {
        let (head, tail) = (Vec::new(), VecDeque::new());
        Self { most: most / 2, head, tail, bytes: 0, whole: None, file: None }
    }

    /// The same, with all of it in a file; not if the disk does not take it.
    pub(super) fn with(self, whole: Option<PathBuf>) -> Self {
        let file = whole.as_ref().and_then(|path| File::create(path).ok());
        Self { whole, file, ..self }
    }

    fn put(&mut self, piece: &[u8]) {
        let written = self.file.as_mut().map(|file| file.write_all(piece));
        if let (Some(Err(_)), Some(path)) = (written, &self.whole) {
            // Half of it would be taken for all.
            self.file = None;
            let _ = fs::remove_file(path);
        }
    }

    /// Reads until there is no more; `count` says meanwhile how much it was.
    pub(super) fn read(mut self, mut from: impl Read, count: &AtomicU64) -> Text {
        let mut piece = vec![0; 64 << 10];
        loop {
            match from.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return self.text(),
                Ok(read) => {
                    self.take(&piece[..read]);
                    count.fetch_add(read as u64, Ordering::Relaxed);
                }
            }
        }
    }

    fn take(&mut self, piece: &[u8]) {
        self.put(piece);
        self.bytes += piece.len() as u64;
        let room = self.most - self.head.len();
        let (head, rest) = piece.split_at(room.min(piece.len()));
        self.head.extend(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.most);
        self.tail.drain(..over);
    }

    fn text(mut self) -> Text {
        let left_out = self.bytes - (self.head.len() + self.tail.len()) as u64;
        let mut text = Vec::new();
        text.append(&mut self.head);
        if left_out > 0 {
            text.extend(format!("\n[… {left_out} bytes are left out …]\n").bytes());
        }
        text.extend(self.tail);
        Text { text: String::from_utf8_lossy(&text).into_owned(), bytes: self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        let kept = |text: &str| Kept::new(8).read(text.as_bytes(), &AtomicU64::new(0));
        assert_eq!(kept("12345678"), Text { text: "12345678".into(), bytes: 8 });
        let long = kept("1234xxxxx5678");
        assert_eq!(long.text, "1234\n[… 5 bytes are left out …]\n5678");
        assert_eq!(long.bytes, 13);
    }
}
