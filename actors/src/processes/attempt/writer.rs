//! [`Writer`]: where the model's words go as they come.
//!
//! A disk that is full takes no words, and is no reason to give up an answer that is being paid for:
//! what could not be written is kept and written once there is room.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Where the model's words go as they come. Clones write to the same file.
#[derive(Debug, Clone)]
pub struct Writer(Rc<RefCell<Words>>);

/// A file, and what has still to be written to it.
#[derive(Debug)]
struct Words {
    path: PathBuf,
    file: Option<File>,
    waiting: Vec<u8>,
}

impl Writer {
    /// A writer that adds to this file, which is made with the first word.
    pub fn at(path: PathBuf) -> Self {
        Self(Rc::new(RefCell::new(Words { path, file: None, waiting: Vec::new() })))
    }

    /// Adds to what was said. What the disk does not take now is kept until it does.
    pub fn write(&self, text: &str) {
        let words = &mut *self.0.borrow_mut();
        words.waiting.extend_from_slice(text.as_bytes());
        // Tried again with the next words, and at the end for as long as it takes.
        let _not_yet = words.flush();
    }

    /// Writes what still waits.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

impl Words {
    fn flush(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(appending(&self.path)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        while !self.waiting.is_empty() {
            match file.write(&self.waiting) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A file of an attempt that is only ever added to, for its owner alone.
pub(super) fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_the_disk_does_not_take_are_kept_in_order_until_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attempt/stdout");
        let writer = Writer::at(path.clone());
        writer.write("first ");
        writer.write("second ");
        assert!(writer.flush().is_err(), "the folder is missing");
        std::fs::create_dir(folder.path().join("attempt")).unwrap();
        writer.write("third");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first second third");
    }
}
