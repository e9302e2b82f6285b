//! [`Tail`]: reads what a program writes, line by line, while it writes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

/// Hears a program's lines.
pub(super) trait Listener {
    /// A line, without its end.
    fn line(&mut self, line: &[u8]);
}

/// A file that grows. What is read of it ends at a line's end.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    offset: u64,
    begun: Vec<u8>,
}

/// At most so much of one line is looked at; what is longer is in the file.
const LONGEST: usize = 16 << 20;
/// So much is read at once.
const PIECE: usize = 64 << 10;

impl Tail {
    /// From what is there now.
    pub(super) fn from_here(path: PathBuf) -> Self {
        let offset = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        Self { path, offset, begun: Vec::new() }
    }

    /// Tells lines that are there and have not been told; true if there may be more of them. One piece at a
    /// time: a program that writes faster than its lines are heard would hold everything up for ever, its own
    /// deadline among it.
    pub(super) fn read(&mut self, listener: &mut dyn Listener) -> io::Result<bool> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece)?;
        self.offset += read as u64;
        self.take(&piece[..read], listener);
        Ok(read == PIECE)
    }

    fn take(&mut self, mut piece: &[u8], listener: &mut dyn Listener) {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            self.begin(&piece[..end]);
            listener.line(&self.begun);
            self.begun.clear();
            piece = &piece[end + 1..];
        }
        self.begin(piece);
    }

    fn begin(&mut self, part: &[u8]) {
        let room = LONGEST.saturating_sub(self.begun.len());
        self.begun.extend_from_slice(&part[..part.len().min(room)]);
    }

    /// Tells the rest, also a last line that was not ended.
    pub(super) fn finish(mut self, listener: &mut dyn Listener) -> io::Result<()> {
        while self.read(listener)? {}
        if !self.begun.is_empty() {
            listener.line(&self.begun);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[derive(Default)]
    struct Heard(Vec<String>);

    impl Listener for Heard {
        fn line(&mut self, line: &[u8]) {
            self.0.push(String::from_utf8_lossy(line).into_owned());
        }
    }

    #[test]
    fn lines_are_told_once_whole_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stdout");
        let (mut tail, mut heard) = (Tail::from_here(path.clone()), Heard::default());
        tail.read(&mut heard).unwrap();
        let mut file = File::create(&path).unwrap();
        for (part, told) in [("a", 0), ("b\nc", 1), ("\n\nd\ne", 4)] {
            file.write_all(part.as_bytes()).unwrap();
            tail.read(&mut heard).unwrap();
            assert_eq!(heard.0.len(), told, "{:?}", heard.0);
        }
        tail.finish(&mut heard).unwrap();
        assert_eq!(heard.0, ["ab", "c", "", "d", "e"]);
    }

    #[test]
    fn whoever_writes_faster_than_he_is_heard_does_not_hold_up_the_reader() {
        struct Chatterbox(File, usize);
        impl Listener for Chatterbox {
            fn line(&mut self, _: &[u8]) {
                self.1 += 1;
                self.0.write_all(b"one\nmore\n").unwrap();
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stdout");
        std::fs::write(&path, "a line\n".repeat(PIECE)).unwrap();
        let mut heard = Chatterbox(File::options().append(true).open(&path).unwrap(), 0);
        let mut tail = Tail { path, offset: 0, begun: Vec::new() };
        assert!(tail.read(&mut heard).unwrap(), "there is more");
        assert_eq!(heard.1, PIECE / 7);
    }
}
